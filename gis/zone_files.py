"""Zones out of a file that somebody brings: GeoJSON, GeoPackage, or a zipped Shapefile, as features in WGS 84.

A stranger's file is opened by GDAL: in a process of its own, `python -m gis.zone_files FILE [ENCODING]`, which has
limits, answers on stdout, and takes nothing else along when it fails.
"""

import json
import resource
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import Any, Literal

import pyogrio
import pyproj
import shapely

Unread = Literal["kind", "broken", "crs", "many", "empty", "slow"]
MOST_FEATURES = 1_000
MOST_BYTES = 20 * 1024 * 1024
PARTS = {".shp", ".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj", ".xml"}
CPU_SECONDS, MEMORY_BYTES, PATIENCE_S = 20, 2 * 1024**3, 40.0
ROOT = Path(__file__).resolve().parents[1]
Feature = dict[str, Any]


class Unreadable(Exception):
    """The file is none of these, or too much; `reason` is stable."""

    def __init__(self, reason: Unread) -> None:
        super().__init__(reason)
        self.reason: Unread = reason


def read(path: Path, encoding: str | None = None) -> list[Feature]:
    """The features of a file, each `{row, geometry, properties}`, beside the calling process. Raises: Unreadable."""
    command = [sys.executable, "-m", "gis.zone_files", str(path), *([encoding] if encoding else [])]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=PATIENCE_S, cwd=ROOT, env={"LANG": "C.UTF-8"}, check=False
        )
        answer: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {"unreadable": "broken"}
    except subprocess.TimeoutExpired as late:
        raise Unreadable("slow") from late
    except ValueError as wrong:
        raise Unreadable("broken") from wrong
    if "unreadable" in answer:
        raise Unreadable(answer["unreadable"])
    found: list[Feature] = answer["features"]
    return found


def open_here(path: Path, encoding: str | None = None) -> list[Feature]:
    """The same in this process. Raises: Unreadable."""
    with tempfile.TemporaryDirectory(prefix="zones-") as room:
        return _features(_source(path, Path(room)), encoding)


def _features(source: Path, encoding: str | None) -> list[Feature]:
    try:
        meta, _, wkb, columns = pyogrio.raw.read(source, encoding=encoding, max_features=MOST_FEATURES + 1)
        shapes = shapely.force_2d(shapely.from_wkb(wkb))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, shapely.errors.GEOSException) as wrong:
        raise Unreadable("broken") from wrong
    except (ValueError, TypeError, UnicodeError) as wrong:
        raise Unreadable("broken") from wrong
    if len(shapes) > MOST_FEATURES:
        raise Unreadable("many")
    if not len(shapes):
        raise Unreadable("empty")
    shapes = _to_degrees(shapes, meta["crs"])
    names = [str(name) for name in meta["fields"]]
    rows = []
    for n, shape in enumerate(shapes):
        own = {name: _plain(column[n]) for name, column in zip(names, columns, strict=True)}
        geometry = json.loads(shapely.to_geojson(shape)) if shape is not None else None
        rows.append({"row": n + 1, "geometry": geometry, "properties": own})
    return rows


def _source(path: Path, room: Path) -> Path:
    """What GDAL is to open, judged by the content: nothing that refers to another file or address."""
    if path.stat().st_size > MOST_BYTES:
        raise Unreadable("many")
    with path.open("rb") as file:
        head = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"{") and path.suffix.lower() in (".geojson", ".json"):
        return path
    if head.startswith(b"SQLite format 3\x00") and path.suffix.lower() == ".gpkg":
        return path
    if head.startswith(b"PK") and path.suffix.lower() == ".zip":
        return _unpacked(path, room)
    raise Unreadable("kind")


def _unpacked(path: Path, room: Path) -> Path:
    """The one Shapefile of a zip, laid out under names of our own."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
            endings = [Path(one.filename).suffix.lower() for one in members]
            if endings.count(".shp") != 1 or len(set(endings)) != len(endings) or not PARTS.issuperset(endings):
                raise Unreadable("kind")
            if sum(one.file_size for one in members) > 10 * MOST_BYTES:
                raise Unreadable("many")
            for one, ending in zip(members, endings, strict=True):
                (room / f"zones{ending}").write_bytes(archive.read(one))
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError) as wrong:
        raise Unreadable("broken") from wrong
    return room / "zones.shp"


def _to_degrees(shapes: Any, crs: str | None) -> Any:
    """Into WGS 84; a file that does not say its coordinate reference is taken at its word only if it holds degrees."""
    west, south, east, north = shapely.total_bounds(shapes)
    if crs is None:
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            raise Unreadable("crs")
        return shapes
    try:
        change = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    except pyproj.exceptions.CRSError as wrong:
        raise Unreadable("crs") from wrong
    return shapely.transform(shapes, change.transform, interleaved=False)


def _plain(value: Any) -> Any:
    """A value as JSON has it: NumPy's numbers as numbers, what is no number as none, dates as text."""
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, float):
        return None if plain != plain else int(plain) if plain.is_integer() else plain
    return plain if plain is None or isinstance(plain, bool | int | str | list) else str(plain)


def main() -> None:
    """Read the file named on the command line, with limits, and print what it holds."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    try:
        answer: dict[str, Any] = {"features": open_here(Path(sys.argv[1]), *sys.argv[2:3])}
    except Unreadable as refused:
        answer = {"unreadable": refused.reason}
    sys.stdout.write(json.dumps(answer, default=str))


if __name__ == "__main__":
    main()
