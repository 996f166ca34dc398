"""Excel and CSV: sheets with a column of outlines, as well-known text or as a list of coordinates."""

import csv
import io
import json
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import ParseError

import numpy as np
import openpyxl
import shapely

from gis.importing.refusals import unreadable
from gis.importing.tables import MOST_COLUMNS, MOST_ROWS, Table, fitting_encoding, shapes_of_wkt
from gis.importing.unpacking import Part

_LONGEST_CELL = 20_000_000
_MOST_CELLS = 20_000_000
_HEADER_WITHIN = 10
_SURE_DIGITS = 15
"""Excel keeps fifteen digits of a number; what follows is lost."""
_SHAPE_WORDS = (
    "wkt",
    "geometry",
    "geom",
    "shape",
    "the_geom",
    "边界",
    "坐标",
    "范围",
    "图形",
    "polygon",
    "coordinates",
)
_WKT = re.compile(r"\s*(SRID=(?P<srid>\d{4,6});)?\s*(MULTI)?(POLYGON|POINT|LINESTRING)|\s*GEOMETRYCOLLECTION", re.I)
_NUMBER = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_PAIRS = re.compile(rf"\s*{_NUMBER}\s*[,\s]\s*{_NUMBER}(\s*[;|,\s]\s*{_NUMBER}\s*[,\s]\s*{_NUMBER}){{2,}}")
Cells = list[list[Any]]


def read_sheets(part: Part, encoding: str | None, fields: Mapping[str, str] | None) -> Iterator[Table]:
    """Every sheet that has a header and a column of outlines. Raises: Unreadable."""
    asked = (fields or {}).get("wkt") or None
    sheets = _workbook(part) if part.format == "xlsx" else _csv(part, encoding)
    for name, cells, used in sheets:
        table = _as_table(name, cells, asked)
        if table is not None:
            table.encoding = used
            yield table


# Cells


def _workbook(part: Part) -> Iterator[tuple[str, Cells, str | None]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(part.path, read_only=True, data_only=True, keep_links=False)
            try:
                for sheet in book.worksheets:
                    sheet.reset_dimensions()  # What a sheet says of its size may be anything.
                    yield sheet.title, _rows(sheet.iter_rows(values_only=True)), None
            finally:
                book.close()
    except (
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        ParseError,
        OSError,
    ) as error:
        raise unreadable("damaged", detail=f"Excel: {type(error).__name__}") from error


def _csv(part: Part, chosen: str | None) -> Iterator[tuple[str, Cells, str | None]]:
    content = part.path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        used = "UTF-16"
    elif content.startswith(b"\xef\xbb\xbf"):
        used = "UTF-8-SIG"
    else:
        used = chosen or fitting_encoding(content.splitlines())
    text = content.decode(used, "replace")
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",\t;|", key=lambda mark: first.count(mark))
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        yield part.name, _rows(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)), used
    except csv.Error as error:
        raise unreadable("damaged", detail=f"CSV: {error}") from error
    finally:
        csv.field_size_limit(before)


def _rows(rows: Iterator[Sequence[Any]]) -> Cells:
    found: Cells = []
    blank = total = 0
    for row in rows:
        total += len(row)
        if total > _MOST_CELLS:
            raise unreadable("too-many-columns", limit=MOST_COLUMNS)
        if any(value is not None for value in row[MOST_COLUMNS:]):
            raise unreadable("too-many-columns", limit=MOST_COLUMNS)
        cells = [_cell(value) for value in row[:MOST_COLUMNS]]
        while cells and cells[-1] is None:
            cells.pop()
        # A sheet may claim a million empty lines at its end.
        blank = 0 if cells else blank + 1
        if blank > 1_000:
            break
        if len(found) > MOST_ROWS:
            raise unreadable("too-many-rows", limit=MOST_ROWS)
        found.append(cells)
    return found


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, float):
        if not np.isfinite(value):
            return None
        return int(value) if value.is_integer() else value
    return value


# Tables


def _as_table(name: str, cells: Cells, asked: str | None) -> Table | None:
    top = _header(cells)
    if top is None:
        return None
    names = _unique([str(value) if value is not None else "" for value in cells[top]])
    lines = [(n + 1, row) for n, row in enumerate(cells) if n > top and row]
    if not lines:
        return None
    columns = {title: [row[n] if n < len(row) else None for _, row in lines] for n, title in enumerate(names) if title}
    column = asked if asked in columns else _shape_column(columns)
    texts = [_text(value) for value in (columns.pop(column) if column else [None] * len(lines))]
    table = _with_shapes(name, columns, texts, [number for number, _ in lines])
    table.numbers_cut = {
        (title, n)
        for title, values in columns.items()
        for n, value in enumerate(values)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**_SURE_DIGITS
    }
    return table


def _header(cells: Cells) -> int | None:
    """The first line with at least two texts: a title above it has one."""
    for n, row in enumerate(cells[:_HEADER_WITHIN]):
        if sum(isinstance(value, str) for value in row) >= 2:
            return n
    return None


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 or not name else f"{name}_{seen[name]}")
    return found


def _shape_column(columns: Mapping[str, list[Any]]) -> str | None:
    """The column that looks like outlines; among several, the one whose name says so."""
    looking = [name for name, values in columns.items() if _looks_like_shapes(values)]
    by_name = [name for name in columns if any(word in name.lower() for word in _SHAPE_WORDS)]
    return (
        next((name for name in by_name if name in looking), None)
        or next(iter(looking), None)
        or next(iter(by_name), None)
    )


def _looks_like_shapes(values: Sequence[Any]) -> bool:
    texts = [text for text in map(_text, values) if text][:20]
    return bool(texts) and sum(_kind_of(text) is not None for text in texts) * 2 >= len(texts)


def _text(value: Any) -> str | None:
    return value.replace("，", ",").replace("；", ";").replace("、", ",").strip() if isinstance(value, str) else None


def _kind_of(text: str) -> str | None:
    start = text[:400]
    if _WKT.match(start):
        return "wkt"
    if start.startswith(("[", "{")):
        return "json"
    return "pairs" if _PAIRS.match(start) else None


def _with_shapes(name: str, columns: dict[str, list[Any]], texts: list[str | None], rows: list[int]) -> Table:
    count = len(rows)
    kinds = [_kind_of(text) if text else None for text in texts]
    wkt, srids = _without_srid([text if kind == "wkt" else None for text, kind in zip(texts, kinds, strict=True)])
    shapes, unread, opened = shapes_of_wkt(wkt)
    for n, (text, kind) in enumerate(zip(texts, kinds, strict=True)):
        if text and kind != "wkt":
            shapes[n] = _of_json(text) if kind == "json" else _of_pairs(text) if kind == "pairs" else None
            unread[n] = shapes[n] is None
    crs = f"EPSG:{srids.pop()}" if len(srids) == 1 else None
    return Table(name, columns, shapes.reshape(count), rows, unread, opened, crs)


def _without_srid(texts: list[str | None]) -> tuple[list[str | None], set[str]]:
    """Well-known text without PostGIS's prefix, and the numbers that were in it."""
    found: list[str | None] = []
    srids: set[str] = set()
    for text in texts:
        match = _WKT.match(text) if text else None
        if text and match and match.group("srid"):
            srids.add(match.group("srid"))
            text = text.split(";", 1)[1]
        found.append(text)
    return found, srids


def _of_pairs(text: str) -> shapely.Geometry | None:
    """`lon,lat;lon,lat;…`, also `lon lat,lon lat`, `lon,lat lon,lat`, or all numbers in a row."""
    numbers = re.findall(_NUMBER, text)
    if len(numbers) % 2 or re.sub(_NUMBER, "", text).strip(" ,;|\t\r\n"):
        return None
    return _polygon(np.array(numbers, dtype=float).reshape(-1, 2))


def _of_json(text: str) -> shapely.Geometry | None:
    """A GeoJSON geometry; a ring `[[lon, lat], …]`, a polygon's rings, a multipolygon's; or objects with lon, lat."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    try:
        if isinstance(value, dict):
            value = value.get("geometry") or value
            if value.get("type") == "MultiPolygon":
                return _multi(value["coordinates"])
            return _rings(value["coordinates"]) if value.get("type") == "Polygon" else None
        if isinstance(value[0], dict):
            return _polygon(np.array([_lon_lat(point) for point in value], dtype=float))
        depth = _depth(value)
        if depth == 4:
            return _multi(value)
        return _rings({2: [value], 3: value}[depth])
    except (KeyError, ValueError, TypeError, IndexError, AttributeError, shapely.errors.GEOSException):
        return None


def _lon_lat(point: Mapping[str, Any]) -> tuple[float, float]:
    lower = {key.lower(): value for key, value in point.items()}
    lon = next(lower[key] for key in ("lon", "lng", "longitude", "x") if key in lower)
    lat = next(lower[key] for key in ("lat", "latitude", "y") if key in lower)
    return float(lon), float(lat)


def _depth(value: Any) -> int:
    depth = 0
    while isinstance(value, list) and depth < 5:
        value, depth = value[0], depth + 1
    return depth


def _multi(polygons: Any) -> shapely.Geometry:
    return shapely.MultiPolygon([_rings(rings) for rings in polygons])


def _rings(rings: Any) -> shapely.Geometry | None:
    found = [np.array(ring, dtype=float)[:, :2] for ring in rings]
    return shapely.Polygon(_closed(found[0]), [_closed(ring) for ring in found[1:]])


def _polygon(points: np.ndarray) -> shapely.Geometry | None:
    return shapely.Polygon(_closed(points)) if len(points) >= 3 else None


def _closed(points: np.ndarray) -> np.ndarray:
    """A list of corners closes by itself."""
    return points if (points[0] == points[-1]).all() else np.vstack([points, points[:1]])
