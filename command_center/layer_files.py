"""Layers of the map as files for other programs, made once for each edition and kept in HOME/downloads.

An edition never changes, so neither does its file; the folder may be emptied at any time.
"""

import hashlib
import uuid
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from command_center.aside import Ended, NoSeat, Room, draw_aside
from command_center.database import Sessions
from command_center.errors import EditionNotFound, LayerFileBusy, LayerFileFailed
from command_center.regions import editions
from command_center.regions.models import RegionVersion
from gis.export import Form, Request, Row

LAYERS = {"county": "county", "towns": "town", "villages": "village", "grids": "grid"}
NAMES = {"county": "县界", "towns": "乡镇街道", "villages": "村社区", "grids": "网格"}
AT_ONCE = 2
MOST_WAITING = 8
PATIENCE = 60.0
LIMIT = 300.0
_room = Room(AT_ONCE, MOST_WAITING)


@dataclass(frozen=True)
class Wanted:
    """Which file. `crs`: 4326 or 4490; `encoding`: of a Shapefile's table, utf-8 or gbk."""

    layer: str
    form: Form
    crs: str = "4326"
    encoding: str = "utf-8"


@dataclass(frozen=True)
class Held:
    """What an edition holds of a layer. `county`: six digits, the beginning of each of its codes."""

    count: int
    synthetic: bool
    county: str


def held(session: Session, version: int) -> dict[str, Held]:
    """What an edition holds, by layer; nothing of one that is not there."""
    made_up = func.max(case((RegionVersion.synthetic, 1), else_=0))
    until = RegionVersion.until
    rows = session.execute(
        select(RegionVersion.level, func.count(), made_up, func.min(RegionVersion.code))
        .where(RegionVersion.since <= version, or_(until.is_(None), until > version))
        .group_by(RegionVersion.level)
    )
    layers = {level: layer for layer, level in LAYERS.items()}
    return {layers[level]: Held(count, bool(marked), code[:6]) for level, count, marked, code in rows}


def file_of(sessions: Sessions, home: Path, wanted: Wanted, version: int | None = None) -> Path:
    """Find the file, or make it in a process of its own. `version`: of the map; None: the one in force.

    Raises: EditionNotFound, LayerFileBusy, LayerFileFailed.
    """
    with sessions.read() as session:
        version = version or editions.version_in_force(session)
        path = place_of(session, home, wanted, version)
    if path.exists():
        return path
    try:
        with _room.seat(path, PATIENCE):
            if not path.exists():
                _make(sessions, wanted, version, path)
    except NoSeat as full:
        raise LayerFileBusy from full
    except Ended as failed:
        raise LayerFileFailed from failed
    return path


def place_of(session: Session, home: Path, wanted: Wanted, version: int) -> Path:
    """Where the file is kept. A number may come to mean another edition, after a restored backup: its time does not.

    Raises: EditionNotFound.
    """
    stored = editions.edition(session, version).created_at
    mark = hashlib.sha256(stored.isoformat().encode()).hexdigest()[:12]
    return home / "downloads" / mark / file_name(session, wanted, version)


def _make(sessions: Sessions, wanted: Wanted, version: int, path: Path) -> None:
    with sessions.read() as session:
        request = request_of(session, wanted, version)
    made = draw_aside("gis.export", given=request.spelt(), limit=LIMIT)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Whole or not at all, whichever other server makes the same file just now.
    unfinished = path.with_name(f".{uuid.uuid4().hex}")
    unfinished.write_bytes(made)
    unfinished.replace(path)


def request_of(session: Session, wanted: Wanted, version: int) -> Request:
    """Read what belongs into the file. Raises: EditionNotFound."""
    name = _name(session, wanted.layer, version)
    rows = [
        Row(
            row.code,
            row.name,
            row.level,
            row.kind,
            row.parent_code,
            row.source_code,
            row.synthetic,
            row.wkb.hex(),
        )
        for row in editions.boundaries(session, version)
        if row.level == LAYERS[wanted.layer]
    ]
    return Request(wanted.form, wanted.crs, wanted.encoding, name, NAMES[wanted.layer], version, rows)


def file_name(session: Session, wanted: Wanted, version: int) -> str:
    """The name of a layer's file; it says which edition it is, and whether it is synthetic. Raises: EditionNotFound."""
    encoding = f"_{wanted.encoding}" if wanted.form == "shp.zip" else ""
    return f"{_name(session, wanted.layer, version)}_epsg{wanted.crs}{encoding}.{wanted.form}"


def _name(session: Session, layer: str, version: int) -> str:
    found = held(session, version).get(layer)
    if found is None:
        raise EditionNotFound(version=version, field="edition")
    return f"{found.county}_{layer}_edition_{version}" + ("_synthetic" if found.synthetic else "")
