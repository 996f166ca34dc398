"""Outlines as plain records: read from GeoJSON, checked, and sorted by code."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import shapely

from gis.errors import BadBoundaries

Level = Literal["county", "town", "village", "grid"]
Kind = Literal["urban_rural", "school", "enterprise"]

LEVELS: tuple[Level, ...] = ("county", "town", "village", "grid")
KIND_DIGITS: dict[str, Kind] = {"1": "urban_rural", "2": "school", "3": "enterprise"}
"""The digit after the village's code in a grid's code."""
_FILES = (
    "geometry/county.geojson",
    "geometry/towns.geojson",
    "geometry/villages.geojson",
    "geometry/grids.geojson",
)
_SOUND_CODE = {
    "county": re.compile(r"[0-9]{6}000000"),
    "town": re.compile(r"[0-9]{6}(?!000)[0-9]{3}000"),
    "village": re.compile(r"[0-9]{9}(?!000)[0-9]{3}"),
    "grid": re.compile(r"[0-9]{12}[123][0-9]{3}"),
}


@dataclass(frozen=True, slots=True)
class Boundary:
    """One region's outline. `geometry`: WGS 84 degrees; `kind`: of grids only; `synthetic`: made up, not
    surveyed; `source_code`: the code it had in the county's own file, where it came from one."""

    code: str
    name: str
    level: Level
    kind: Kind | None
    parent_code: str | None
    geometry: shapely.Polygon | shapely.MultiPolygon
    synthetic: bool
    source_code: str | None = None


@dataclass(frozen=True, slots=True)
class RegionName:
    """One row of `regions.csv`: a real code and a real name."""

    code: str
    name: str
    level: Level
    parent_code: str | None


def load(data: Path) -> list[Boundary]:
    """All outlines under the folder `data`, from the county down, each level by code.

    Raises: BadBoundaries when a file cannot be read as outlines. Soundness is `faults`' to judge.
    """
    return [boundary for name in _FILES for boundary in read_geojson(data / name)]


def load_names(data: Path) -> list[RegionName]:
    """County, towns and villages with their names, by level, then code."""
    with (data / "regions" / "regions.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            RegionName(row["code"], row["name"], _level(row["level"]), row["parent_code"] or None)
            for row in csv.DictReader(file)
        ]
    return sorted(rows, key=lambda row: (LEVELS.index(row.level), row.code))


def read_geojson(path: Path) -> list[Boundary]:
    """Read a FeatureCollection whose features have at least `code` and `name`; sorted by code."""
    try:
        collection = json.loads(path.read_text(encoding="utf-8"))
        features = collection["features"]
        shapes = shapely.from_geojson([json.dumps(feature["geometry"]) for feature in features])
        marked = bool(collection.get("synthetic", False))
        found = [
            _boundary(feature["properties"], shape, marked) for feature, shape in zip(features, shapes, strict=True)
        ]
    except (ValueError, KeyError, TypeError, AttributeError, OSError, shapely.errors.GEOSException) as error:
        raise BadBoundaries([f"{path.name}: {type(error).__name__}: {error}"]) from error
    return sorted(found, key=lambda boundary: boundary.code)


def _boundary(properties: dict[str, object], shape: shapely.Polygon, marked: bool) -> Boundary:
    code = str(properties["code"])
    level = level_of(code)
    return Boundary(
        code,
        str(properties["name"]),
        level,
        KIND_DIGITS[code[12]] if level == "grid" else None,
        parent_code(code),
        shape,
        bool(properties.get("synthetic", marked)),
    )


def _level(text: str) -> Level:
    for level in LEVELS:
        if level == text:
            return level
    raise BadBoundaries([f"unknown level {text!r}"])


def level_of(code: str) -> Level:
    """The level that a code's form tells. Raises: BadBoundaries."""
    for level in LEVELS:
        if _SOUND_CODE[level].fullmatch(code):
            return level
    raise BadBoundaries([f"{code!r} is no region's code"])


def parent_code(code: str) -> str | None:
    """The code one level up, which is a prefix of each code; None for a county."""
    level = level_of(code)
    if level == "county":
        return None
    return {"town": code[:6] + "000000", "village": code[:9] + "000", "grid": code[:12]}[level]


def faults(boundaries: Sequence[Boundary]) -> list[str]:
    """Everything wrong with a whole edition of outlines; an empty list is a sound one."""
    found = [f"{code}: appears {n} times" for code, n in Counter(b.code for b in boundaries).items() if n > 1]
    codes = {boundary.code for boundary in boundaries}
    for boundary in boundaries:
        found += _faults_of(boundary, codes)
    for level in LEVELS:
        found += _tiling_faults(level, [b for b in boundaries if b.level == level and b.kind in (None, "urban_rural")])
    return found


def require_sound(boundaries: Sequence[Boundary]) -> None:
    """Raises: BadBoundaries with every fault."""
    found = faults(boundaries)
    if found:
        raise BadBoundaries(found)


def _faults_of(boundary: Boundary, codes: set[str]) -> Iterable[str]:
    if boundary.parent_code is not None and boundary.parent_code not in codes:
        yield f"{boundary.code}: its parent {boundary.parent_code} is missing"
    if not boundary.name.strip():
        yield f"{boundary.code}: has no name"
    if boundary.geometry.geom_type not in ("Polygon", "MultiPolygon") or boundary.geometry.is_empty:
        yield f"{boundary.code}: has no area"
    elif not boundary.geometry.is_valid:
        yield f"{boundary.code}: {shapely.is_valid_reason(boundary.geometry)}"


def _tiling_faults(level: Level, boundaries: Sequence[Boundary]) -> Iterable[str]:
    shapes = [boundary.geometry for boundary in boundaries]
    if not shapes or not all(shapely.is_valid(shapes)) or shapely.coverage_is_valid(shapes):
        return
    torn = shapely.coverage_invalid_edges(shapes)
    for boundary, edges in zip(boundaries, torn, strict=True):
        if not edges.is_empty:
            yield f"{boundary.code}: this {level} overlaps a neighbour or does not share its vertices"
