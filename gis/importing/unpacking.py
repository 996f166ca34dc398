"""A file as it came: what kind it is by its content, and its parts laid out safely in a folder of our own.

GDAL opens whatever it is handed, by any driver, and follows what it finds there. So it is handed only files whose
content was recognised here, under names of our own choosing.
"""

import re
import shutil
import sqlite3
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Literal
from xml.parsers import expat

from gis.importing.refusals import unreadable

Format = Literal["shapefile", "geopackage", "geojson", "kml", "filegdb", "xlsx", "csv"]

MOST_BYTES = 512 * 1024 * 1024
MOST_BYTES_OF_SHEETS = 256 * 1024 * 1024
"""openpyxl holds a sheet's texts in memory, several times their size."""
MOST_MEMBERS = 4_000
DEEPEST = 100
_CHUNK = 1 << 20
_HEAD = 8_192
_PARTS_OF_SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_TEXT_SUFFIXES = (".csv", ".txt", ".tsv")
_INNER = (".gpkg", ".geojson", ".json", ".kml", ".xlsx", *_TEXT_SUFFIXES)
_GBK_DECLARED = re.compile(rb"""encoding\s*=\s*["'](gb2312|gbk|gb18030|cp936)["']""", re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    """One file to read. name: as people know it, without its ending; path: where it lies now, safe for GDAL."""

    name: str
    path: Path
    format: Format


def lay_out(path: Path, room: Path) -> list[Part]:
    """Recognise a file and lay its parts out in the empty folder `room`. Raises: Unreadable."""
    if path.is_dir():
        return [_geodatabase(path, room)]
    if not path.is_file():
        raise unreadable("missing")
    size = path.stat().st_size
    if size == 0:
        raise unreadable("empty")
    if size > MOST_BYTES:
        raise unreadable("too-large", limit=MOST_BYTES >> 20)
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _unzipped(path, room)
    if head.startswith(b"\x00\x00\x27\x0a"):
        return [_shapefile(path, room)]
    return [_single(path, head, room, path.stem)]


def _single(path: Path, head: bytes, room: Path, name: str) -> Part:
    """One file that is all there is, known by its first bytes."""
    if head.startswith(b"SQLite format 3\x00"):
        _require_plain_tables(path)
        return Part(name, _taken(path, room / "0.gpkg"), "geopackage")
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise unreadable("old-excel")
    start = _text_start(head)
    if start.startswith("<"):
        return Part(name, _plain_kml(path, room / "0.kml"), "kml")
    if start.startswith(("{", "[")) and path.suffix.lower() not in _TEXT_SUFFIXES:
        if not re.search(r'"(features|geometry|coordinates)"\s*:', start) and '"Feature' not in start:
            raise unreadable("unknown-format")
        return Part(name, _taken(path, room / "0.geojson"), "geojson")
    if path.suffix.lower() in _TEXT_SUFFIXES and (_utf16(head) or b"\x00" not in head):
        return Part(name, _taken(path, room / "0.csv"), "csv")
    raise unreadable("unknown-format")


def _utf16(head: bytes) -> bool:
    return head.startswith((b"\xff\xfe", b"\xfe\xff"))


def _text_start(head: bytes) -> str:
    encoding = "utf-16" if _utf16(head) else "utf-8-sig"
    return head.decode(encoding, "replace").lstrip()


def _taken(path: Path, to: Path) -> Path:
    """A copy under a name of ours: nothing beside the original is read by accident, and nothing is written there."""
    if path != to:
        shutil.copyfile(path, to)
    return to


# Archives


def _unzipped(path: Path, room: Path) -> list[Part]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = _sound_members(archive)
            names = {name.lower() for name in members}
            if "xl/workbook.xml" in names:
                _require_plain_sheets(archive, members)
                return [Part(path.stem, _taken(path, room / "0.xlsx"), "xlsx")]
            return _inner_parts(archive, members, room, path.stem)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise unreadable("damaged", detail=type(error).__name__) from error


def _inner_parts(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], room: Path, stem: str) -> list[Part]:
    budget = _Budget(MOST_BYTES)
    tables = [name for name in members if name.lower().endswith(".gdbtable") and _gdb_folder(name)]
    if tables:
        folders = sorted(set(map(_gdb_folder, tables)))
        return [
            _unzipped_geodatabase(archive, members, folder, room / f"{n}.gdb", budget)
            for n, folder in enumerate(folders)
        ]
    shapes = sorted(name for name in members if name.lower().endswith(".shp"))
    if shapes:
        return [_unzipped_shapefile(archive, members, name, room / str(n), budget) for n, name in enumerate(shapes)]
    inner = sorted(name for name in members if name.lower().endswith(_INNER))
    if not inner:
        raise unreadable("unknown-format")
    # A KMZ's document is its first; of other archives each file is read.
    found = []
    for n, name in enumerate(inner):
        own = room / str(n)
        own.mkdir()
        suffix = PurePosixPath(name).suffix.lower()
        unpacked = own / f"unpacked{suffix}"
        _unpack(archive, members[name], unpacked, budget)
        if suffix == ".xlsx":
            found += lay_out(unpacked, own)
            continue
        with unpacked.open("rb") as file:
            head = file.read(_HEAD)
        found.append(_single(unpacked, head, own, PurePosixPath(name).stem if len(inner) > 1 else stem))
    return found


def _gdb_folder(name: str) -> str:
    parts = PurePosixPath(name).parts
    return next(("/".join(parts[: n + 1]) for n, part in enumerate(parts) if part.lower().endswith(".gdb")), "")


def _sound_members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Files by their names, Chinese ones read right. Refused: ways out of the archive, links, passwords, bombs."""
    infos = archive.infolist()
    if len(infos) > MOST_MEMBERS:
        raise unreadable("too-many-members", limit=MOST_MEMBERS)
    if sum(info.file_size for info in infos) > MOST_BYTES:
        raise unreadable("too-large", limit=MOST_BYTES >> 20)
    members = {}
    for info in infos:
        name = _member_name(info)
        parts = re.split(r"[/\\]", name)
        linked = stat.S_ISLNK(info.external_attr >> 16)
        if linked or ".." in parts or name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name) or "\x00" in name:
            raise unreadable("unsafe-path", detail=name)
        if info.flag_bits & 0x1:
            raise unreadable("encrypted")
        if not info.is_dir() and not name.startswith("__MACOSX/"):
            members[name.replace("\\", "/")] = info
    return members


def _member_name(info: zipfile.ZipInfo) -> str:
    """Chinese Windows writes names in GBK and does not say so; zipfile then reads them as code page 437."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


class _Budget:
    """Bytes that may still be unpacked: what an archive says of its own sizes is not to be trusted."""

    def __init__(self, most: int) -> None:
        self._most = self._left = most

    def take(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise unreadable("too-large", limit=self._most >> 20)


def _chunks(file: IO[bytes], budget: _Budget) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        budget.take(len(chunk))
        yield chunk


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, to: Path, budget: _Budget) -> None:
    with archive.open(info) as packed, to.open("wb") as file:
        for chunk in _chunks(packed, budget):
            file.write(chunk)


def _unzipped_shapefile(
    archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], name: str, own: Path, budget: _Budget
) -> Part:
    own.mkdir()
    stem = name[: -len(".shp")].lower()
    for other, info in members.items():
        if other[:-4].lower() == stem and other[-4:].lower() in _PARTS_OF_SHAPEFILE:
            _unpack(archive, info, own / f"0{other[-4:].lower()}", budget)
    return Part(PurePosixPath(name).stem, _checked_shapefile(own / "0.shp"), "shapefile")


def _unzipped_geodatabase(
    archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], folder: str, own: Path, budget: _Budget
) -> Part:
    own.mkdir()
    for name, info in members.items():
        inner = name[len(folder) + 1 :]
        if name.startswith(folder + "/") and re.fullmatch(r"[A-Za-z0-9_.]+", inner):
            _unpack(archive, info, own / inner, budget)
    return Part(PurePosixPath(folder).stem, own, "filegdb")


# Folders and single files


def _geodatabase(path: Path, room: Path) -> Part:
    inside = [entry for entry in path.iterdir() if entry.is_file() and not entry.is_symlink()]
    if not any(entry.suffix == ".gdbtable" for entry in inside):
        raise unreadable("unknown-format")
    if len(inside) > MOST_MEMBERS:
        raise unreadable("too-many-members", limit=MOST_MEMBERS)
    if sum(entry.stat().st_size for entry in inside) > MOST_BYTES:
        raise unreadable("too-large", limit=MOST_BYTES >> 20)
    own = room / "0.gdb"
    own.mkdir()
    for entry in inside:
        if re.fullmatch(r"[A-Za-z0-9_.]+", entry.name):
            shutil.copyfile(entry, own / entry.name)
    return Part(path.stem, own, "filegdb")


def _shapefile(path: Path, room: Path) -> Part:
    """A plain Shapefile with what lies beside it."""
    for beside in path.parent.iterdir():
        if beside.stem == path.stem and beside.suffix.lower() in _PARTS_OF_SHAPEFILE and beside.is_file():
            if beside.stat().st_size > MOST_BYTES:
                raise unreadable("too-large", limit=MOST_BYTES >> 20)
            shutil.copyfile(beside, room / f"0{beside.suffix.lower()}")
    if not (room / "0.shp").exists():
        shutil.copyfile(path, room / "0.shp")
    return Part(path.stem, _checked_shapefile(room / "0.shp"), "shapefile")


def _checked_shapefile(path: Path) -> Path:
    with path.open("rb") as file:
        if not file.read(4) == b"\x00\x00\x27\x0a":
            raise unreadable("damaged", detail=".shp")
    return path


# What must not be in a file of a sound kind


def _plain_kml(path: Path, to: Path) -> Path:
    """KML without a document type, and no deeper than a person would nest it. In UTF-8, whatever it was in."""
    content = path.read_bytes()
    declared = _GBK_DECLARED.search(content[:200])
    if declared:
        text = content.decode("gb18030", "replace")
        content = re.sub(r"<\?xml[^>]*\?>", "", text, count=1).encode()
    _require_plain_xml(content, "kml")
    to.write_bytes(content)
    return to


def _require_plain_xml(content: bytes, root: str) -> None:
    parser = expat.ParserCreate()
    depth = 0

    def opened(name: str, _: object) -> None:
        nonlocal depth
        if depth == 0 and name.rpartition(":")[2].lower() != root:
            raise unreadable("unknown-format")
        depth += 1
        if depth > DEEPEST:
            raise unreadable("damaged", detail="XML")

    def closed(_: str) -> None:
        nonlocal depth
        depth -= 1

    def declared(*_: object) -> None:
        raise unreadable("entities")

    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    parser.StartDoctypeDeclHandler = declared
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise unreadable("damaged", detail=f"XML: {error}") from error


def _require_plain_sheets(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> None:
    """No document types in a workbook's XML, and no more than openpyxl can hold."""
    budget = _Budget(MOST_BYTES_OF_SHEETS)
    for name, info in members.items():
        last = b""
        with archive.open(info) as file:
            for chunk in _chunks(file, budget):
                if not last and chunk.startswith((b"\xff\xfe", b"\xfe\xff")) and name.endswith((".xml", ".rels")):
                    raise unreadable("entities")
                seen = last + chunk
                if name.lower().endswith((".xml", ".rels")) and (b"<!DOCTYPE" in seen or b"<!ENTITY" in seen):
                    raise unreadable("entities")
                last = chunk[-16:]


def _require_plain_tables(path: Path) -> None:
    """A GeoPackage's own tables are tables: a view in their place could run for ever."""
    try:
        database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            rows = database.execute("SELECT type, name, COALESCE(sql, '') FROM sqlite_master").fetchall()
        finally:
            database.close()
    except sqlite3.Error as error:
        raise unreadable("damaged", detail=f"SQLite: {error}") from error
    for kind, name, statement in rows:
        virtual = re.match(r"\s*CREATE\s+VIRTUAL", statement, re.IGNORECASE)
        if (kind == "view" and str(name).lower().startswith(("gpkg_", "rtree_"))) or (
            virtual and not re.search(r"\bUSING\s+[\"`\[]?rtree\b", statement, re.IGNORECASE)
        ):
            raise unreadable("unsafe-database", detail=name)
    if "gpkg_contents" not in {str(name).lower() for _, name, _ in rows}:
        raise unreadable("unknown-format")
