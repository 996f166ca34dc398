"""A job's folder, HOME/imports/<id>/: the file that came in, and what is too long for a row of the database.

Readable by this installation's own user only: names and telephone numbers lie in it. Whoever works on a job holds
its lock; a lock that is free says that nobody does, whatever the database still says.
"""

import base64
import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

import shapely

from command_center.regions.editions import OutlineRow
from gis.boundaries import Boundary

_ID = re.compile(r"[A-Za-z0-9_-]{16,32}")
# GDAL tells a file by what it ends in; anything else is no help to it.
_SUFFIX = re.compile(r"(?:\.gdb|\.shp|\.gpkg|\.kml)?\.[a-z0-9]{1,8}$")
CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Folder:
    """Where one job keeps its files."""

    path: Path

    @classmethod
    def of(cls, home: Path, job_id: str) -> "Folder":
        """Raises: ValueError for anything that is no job's id."""
        if not _ID.fullmatch(job_id):
            raise ValueError("no id of an import")
        return cls(home.resolve() / "imports" / job_id)

    @property
    def report(self) -> Path:
        return self.path / "report"

    @property
    def source(self) -> Path:
        """The file as it came in. Raises: FileNotFoundError."""
        found = next(self.path.glob("source*"), None)
        if found is None:
            raise FileNotFoundError(self.path / "source")
        return found

    def make(self) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.mkdir(mode=0o700)

    def take_in(self, file: IO[bytes], name: str) -> tuple[int, str]:
        """Keep the file that came in; returns its size in bytes and its SHA-256."""
        suffix = _SUFFIX.search(name.lower())
        digest, size = hashlib.sha256(), 0
        target = self.path / f"source{suffix[0] if suffix else ''}"
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as kept:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                size += kept.write(chunk)
        return size, digest.hexdigest()

    def fresh_report(self) -> None:
        """Begin a report: the last one's files go."""
        shutil.rmtree(self.report, ignore_errors=True)
        (self.report / "pictures").mkdir(mode=0o700, parents=True)

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def lock(self) -> int | None:
        """Take the job's lock; None when somebody holds it. A process that inherits the number holds it, too."""
        handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        return handle

    def is_worked_on(self) -> bool:
        with suppress(FileNotFoundError):
            handle = self.lock()
            if handle is None:
                return True
            os.close(handle)
        return False


def write_lines(path: Path, lines: Iterable[Any]) -> int:
    """Write one JSON document a line; returns how many."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for count, line in enumerate(lines, start=1):  # noqa: B007
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
    return count


def read_lines(path: Path, start: int = 0, most: int | None = None) -> list[Any]:
    """Read lines of JSON documents, `most` of them from number `start` on. Raises: FileNotFoundError."""
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in islice(file, start, None if most is None else start + most)]


def write_map(path: Path, boundaries: Iterable[Boundary | OutlineRow]) -> None:
    """Write regions with their outlines for the other process. Plain text: what the reader wrote is not trusted."""
    write_lines(path, (_spelt(one) for one in boundaries))


def _spelt(one: Boundary | OutlineRow) -> list[Any]:
    wkb = one.wkb if isinstance(one, OutlineRow) else shapely.to_wkb(one.geometry)
    shape = base64.b64encode(wkb).decode("ascii")
    return [one.code, one.name, one.level, one.kind, one.parent_code, one.synthetic, one.source_code, shape]


def read_map(path: Path) -> list[Boundary]:
    """Read what `write_map` wrote. Raises: FileNotFoundError, ValueError."""
    return list(_boundaries(path))


def _boundaries(path: Path) -> Iterator[Boundary]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            code, name, level, kind, parent, synthetic, source_code, shape = json.loads(line)
            geometry = shapely.from_wkb(base64.b64decode(shape, validate=True))
            yield Boundary(code, name, level, kind, parent, geometry, bool(synthetic), source_code)
