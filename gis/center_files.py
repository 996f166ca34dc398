"""Service centers out of a table or a file of points: a region's code or name, and where its center stands."""

import csv
import io
import math
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import openpyxl
import pyogrio
import pyogrio.errors
import pyproj

from gis.datum import to_wgs84
from gis.errors import BadCoordinates, BadRoads, UnknownDatum
from gis.importing.refusals import unreadable
from gis.importing.tables import fitting_encoding
from gis.importing.unpacking import Part, lay_out

MOST_ROWS = 20_000
WORDS: dict[str, tuple[str, ...]] = {
    "code": ("code", "region", "编码", "代码", "区划代码", "区域代码", "行政区划代码"),
    "name": ("name", "region_name", "区域", "区域名称", "村", "村（社区）", "村名", "乡镇", "名称"),
    "town": ("town", "所属乡镇", "乡镇（街道）", "乡镇街道"),
    "center": ("center", "中心", "中心名称", "服务中心", "便民服务中心"),
    "lon": ("lon", "lng", "longitude", "经度", "x"),
    "lat": ("lat", "latitude", "纬度", "y"),
}


@dataclass(frozen=True, slots=True)
class CenterRow:
    """One row as it was read. lon, lat: WGS 84; None where the numbers are none or lie outside China."""

    row: int
    code: str
    name: str
    town: str
    center: str
    lon: float | None
    lat: float | None


def read_centers(path: Path, datum: str = "wgs84") -> list[CenterRow]:
    """Read a CSV, a workbook, or points of a GeoJSON, GeoPackage or Shapefile; points bring their own reference.

    Raises: Unreadable, BadRoads (`no-columns`, `crs-missing`), UnknownDatum.
    """
    to_wgs84(120.0, 40.0, datum)  # an unknown datum is refused before the file is looked at
    with tempfile.TemporaryDirectory() as room:
        part = lay_out(path, Path(room))[0]
        if part.format in ("csv", "xlsx"):
            return list(_of_table(_cells(part), datum))
        return list(_of_points(part, datum))


def _cells(part: Part) -> Iterator[Sequence[Any]]:
    if part.format == "csv":
        content = part.path.read_bytes()
        text = content.decode(fitting_encoding(content.splitlines()), "replace").lstrip("\ufeff")
        yield from csv.reader(io.StringIO(text, newline=""))
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(part.path, read_only=True, data_only=True, keep_links=False)
            yield from book.worksheets[0].iter_rows(values_only=True)
            book.close()
        except (KeyError, ValueError, TypeError, IndexError, OSError) as error:
            raise unreadable("damaged", detail=f"Excel: {type(error).__name__}") from error


def _of_table(cells: Iterator[Sequence[Any]], datum: str) -> Iterator[CenterRow]:
    where: dict[str, int] | None = None
    for number, row in enumerate(cells, 1):
        if number > MOST_ROWS:
            raise unreadable("too-many-rows", limit=MOST_ROWS)
        if not any(_text(cell) for cell in row):
            continue
        if where is None:
            where = _header([_text(cell) for cell in row])
            continue
        values = {ours: row[at] if at < len(row) else None for ours, at in where.items()}
        yield _row(number, values, _number(values.get("lon")), _number(values.get("lat")), datum)
    if where is None:
        raise BadRoads("no-columns")


def _header(titles: list[str]) -> dict[str, int]:
    found = {
        ours: at
        for ours, words in WORDS.items()
        for at in [next((titles.index(title) for title in titles if title.lower() in words), None)]
        if at is not None
    }
    if not {"lon", "lat"} <= found.keys() or not {"code", "name"} & found.keys():
        raise BadRoads("no-columns")
    return found


def _of_points(part: Part, datum: str) -> Iterator[CenterRow]:
    try:
        frame = pyogrio.read_dataframe(part.path, max_features=MOST_ROWS, on_invalid="ignore")
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as broken:
        raise unreadable("damaged", detail=str(broken)[:80]) from broken
    if not isinstance(frame, geopandas.GeoDataFrame):
        raise BadRoads("no-columns")
    if frame.crs is None and datum == "wgs84":
        raise BadRoads("crs-missing")
    flat = frame if frame.crs is None or frame.crs.to_epsg() in (4326, 4490) else _to_degrees(frame)
    titles = {ours: next((c for c in frame.columns if c.lower() in words), None) for ours, words in WORDS.items()}
    if titles["code"] is None and titles["name"] is None:
        raise BadRoads("no-columns")
    for number, (shape, (_, record)) in enumerate(zip(flat.geometry, frame.iterrows(), strict=True), 1):
        values = {ours: record[title] for ours, title in titles.items() if title is not None}
        sound = shape is not None and not shape.is_empty
        middle = shape.representative_point() if sound else None
        yield _row(number, values, middle.x if middle else None, middle.y if middle else None, datum)


def _to_degrees(frame: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    try:
        return frame.to_crs(4326)
    except (pyproj.exceptions.ProjError, ValueError) as wrong:
        raise BadRoads("unknown-crs") from wrong


def _row(number: int, values: Mapping[str, Any], lon: float | None, lat: float | None, datum: str) -> CenterRow:
    words = {name: _text(values.get(name)) for name in ("code", "name", "town", "center")}
    try:
        if lon is not None and lat is not None:
            lon, lat = to_wgs84(lon, lat, datum)
    except (BadCoordinates, UnknownDatum):
        lon = lat = None
    return CenterRow(number, **words, lon=lon, lat=lat)


def _text(value: Any) -> str:
    """A cell as text; Excel makes numbers of codes, and empty cells of other tools are NaN."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()[:100]


def _number(value: Any) -> float | None:
    try:
        return float(_text(value))
    except ValueError:
        return None
