"""Each row's shape by itself: is it an area, where does it lie, is its outline sound."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from gis.importing.records import Choices, Fault
from gis.importing.references import Ground, Reference
from gis.importing.rows import Row
from gis.importing.tables import Shapes
from gis.importing.words import TYPE_NAMES, area_text, fault, place_text
from gis.metres import EARTH

DECIMALS = 8
"""About a millimetre."""
_POLYGON, _MULTIPOLYGON, _COLLECTION = 3, 6, 7
_REASON = re.compile(r"(?P<what>[^\[]+)\[(?P<x>\S+) (?P<y>\S+)\]")
_CROSSING = ("Self-intersection", "Ring Self-intersection")
_TOO_FEW = "Too few points in geometry component"
_DETAILS = {
    "Hole lies outside shell": "内环在外环之外",
    "Holes are nested": "内环套内环",
    "Nested shells": "外环套外环",
    "Interior is disconnected": "内部被割断",
    "Duplicate Rings": "环重复",
}


@dataclass(frozen=True)
class Way:
    """From the file's numbers to WGS 84."""

    reference: Reference
    swapped: bool = False

    def __call__(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        return self.reference.to_wgs84(y, x) if self.swapped else self.reference.to_wgs84(x, y)


def placed(rows: Sequence[Row], way: Way, ground: Ground, choices: Choices) -> tuple[Shapes, list[Fault]]:
    """The rows' areas in WGS 84, None where there is none to go on with, and what is wrong with them.

    An outline that is not sound is gone on with as if it were mended, so that its other faults show, too.
    """
    faults: list[Fault] = []
    shapes = np.array([row.shape for row in rows], dtype=object)
    _only_areas(rows, shapes, faults, choices.repair)
    _flattened(shapes, faults)
    _only_numbers(rows, shapes, faults)
    shapes = _in_degrees(rows, shapes, way, ground, faults, choices.repair)
    for n, row in enumerate(rows):
        if row.opened and shapes[n] is not None:
            faults.append(row.found("ring-open", _start(shapes[n]), repairable=True, repaired=choices.repair))
    _sound(rows, shapes, faults, choices.repair)
    return shapes, faults


def _there(shapes: Shapes) -> NDArray[np.int64]:
    return np.flatnonzero([shape is not None for shape in shapes])


def _only_areas(rows: Sequence[Row], shapes: Shapes, faults: list[Fault], repair: bool) -> None:
    kinds = shapely.get_type_id(shapes)
    empty = shapely.is_empty(shapes)
    for n, row in enumerate(rows):
        if row.unread:
            faults.append(row.found("geometry-unreadable"))
        elif shapes[n] is None or empty[n]:
            faults.append(row.found("geometry-missing"))
            shapes[n] = None
        elif kinds[n] not in (_POLYGON, _MULTIPOLYGON):
            areas = areas_of(shapes[n])
            only = kinds[n] == _COLLECTION and all(shapely.get_type_id(shapely.get_parts(shapes[n])) == _POLYGON)
            if not only:
                found = shapes[n].geom_type
                faults.append(
                    row.found(
                        "geometry-type",
                        repairable=areas is not None,
                        repaired=repair and areas is not None,
                        found=TYPE_NAMES.get(found, found),
                        found_en=found,
                    )
                )
            shapes[n] = areas


def areas_of(shape: shapely.Geometry) -> shapely.Geometry | None:
    """Only the areas of a shape, as one; None when it has none."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    areas = [part for part in parts if part.geom_type == "Polygon" and not part.is_empty]
    if not areas:
        return None
    return areas[0] if len(areas) == 1 else shapely.MultiPolygon(areas)


def _flattened(shapes: Shapes, faults: list[Fault]) -> None:
    high = shapely.has_z(shapes) | shapely.has_m(shapes)
    if high.any():
        faults.append(fault("z-dropped", count=int(high.sum())))
        shapes[high] = shapely.force_2d(shapes[high])


def _only_numbers(rows: Sequence[Row], shapes: Shapes, faults: list[Fault]) -> None:
    numbers, of = shapely.get_coordinates(shapes, return_index=True)
    for n in np.unique(of[~np.isfinite(numbers).all(axis=1)]):
        faults.append(rows[n].found("coordinates-bad"))
        shapes[n] = None


def _in_degrees(
    rows: Sequence[Row], shapes: Shapes, way: Way, ground: Ground, faults: list[Fault], repair: bool
) -> Shapes:
    """Convert, and single out what lies elsewhere, or would lie right with its two numbers the other way round."""
    degrees = shapely.transform(shapes, way, interleaved=False)
    lon, lat = _middles(degrees)
    there = _there(shapes)
    lost = there[~ground.holds(lon[there], lat[there])]
    if not len(lost):
        return _stored(degrees, way)
    turned = shapely.transform(shapes[lost], Way(way.reference, not way.swapped), interleaved=False)
    right = ground.holds(*_middles(turned))
    for n, other, ok in zip(lost, turned, right, strict=True):
        if ok:
            faults.append(rows[n].found("axes-swapped", other, repairable=True, repaired=repair))
            degrees[n] = other
            continue
        point = shapely.Point(lon[n], lat[n]) if np.isfinite(lon[n]) else None
        place = place_text(point) if point is not None else "?"
        faults.append(rows[n].found("far-away", point, place=place, km=_kilometres(point, ground)))
        degrees[n] = None
    return _stored(degrees, way)


def _middles(shapes: Shapes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    west, south, east, north = shapely.bounds(shapes).T
    with np.errstate(invalid="ignore"):
        return (west + east) / 2, (south + north) / 2


def _kilometres(point: shapely.Geometry | None, ground: Ground) -> str:
    if point is None or ground.outline is None:
        return "?"
    line = shapely.shortest_line(ground.outline, point)
    (x1, y1), (x2, y2) = shapely.get_coordinates(line)
    if not (abs(x2) <= 360 and abs(y2) <= 90):
        return "?"
    return f"{EARTH.inv(x1, y1, x2, y2)[2] / 1000:,.0f}"


def _stored(shapes: Shapes, way: Way) -> Shapes:
    """What was computed has digits without meaning; what the file has in degrees keeps its own."""
    if way.reference.code in ("wgs84", "cgcs2000"):
        return shapes
    return np.asarray(shapely.transform(shapes, rounded), dtype=object)


def rounded(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Degrees as we store them."""
    return np.round(lonlat, DECIMALS)


def _start(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.Point(shapely.get_coordinates(shape)[0])


def _sound(rows: Sequence[Row], shapes: Shapes, faults: list[Fault], repair: bool) -> None:
    """Outlines that cross themselves and the like. All of a row's own parts are mended at once."""
    there = _there(shapes)
    for n in there[~shapely.is_valid(shapes[there])]:
        told = _REASON.match(shapely.is_valid_reason(shapes[n]))
        what = told["what"].strip() if told else ""
        point = shapely.Point(float(told["x"]), float(told["y"])) if told else None
        mended = areas_of(shapely.make_valid(shapes[n], method="structure", keep_collapsed=False))
        kind = (
            "ring-points"
            if what == _TOO_FEW or mended is None
            else ("self-intersection" if what in _CROSSING else "ring-invalid")
        )
        able = mended is not None
        faults.append(
            rows[n].found(
                kind,
                point,
                repairable=able,
                repaired=able and repair,
                place=place_text(point) if point is not None else "?",
                detail=_DETAILS.get(what, what) if what else "?",
            )
        )
        shapes[n] = mended
    # Sound, but only in name: all corners on one line.
    for n in _there(shapes):
        if shapely.area(shapes[n]) == 0:
            faults.append(rows[n].found("ring-points"))
            shapes[n] = None


# Sizes and repetitions, of what is left


def sizes(rows: Sequence[Row], shapes: Shapes, metric: pyproj.Transformer, choices: Choices) -> list[Fault]:
    """Slivers and grids of several parts."""
    faults = []
    grids = np.array([n for n in _there(shapes) if rows[n].level == "grid"], dtype=int)
    if not len(grids):
        return []
    parts, of = shapely.get_parts(shapes[grids], return_index=True)
    flat = shapely.transform(parts, metric.transform, interleaved=False)
    areas, lengths = shapely.area(flat), shapely.length(flat)
    small = areas < choices.sliver_m2
    thin = ~small & (2 * areas < choices.gap_m * lengths)
    thin[thin] = shapely.is_empty(shapely.buffer(flat[thin], -choices.gap_m / 2))
    for n in np.flatnonzero(small | thin):
        row = rows[grids[of[n]]]
        faults.append(row.found("sliver", parts[n], area=area_text(float(areas[n])), width=f"{choices.gap_m:g}"))
    counts = np.bincount(of, minlength=len(grids))
    for n in np.flatnonzero(counts > 1):
        faults.append(rows[grids[n]].found("multi-part", shapes[grids[n]], count=int(counts[n])))
    return faults


def repeated(rows: Sequence[Row], shapes: Shapes) -> tuple[list[Fault], set[tuple[int, int]]]:
    """Grids of one kind with the very same outline, however it is written; and which pairs they are."""
    faults = []
    pairs = set()
    there = _there(shapes)
    keys = shapely.to_wkb(shapely.normalize(shapes[there])) if len(there) else []
    first: dict[tuple[str, str, bytes], int] = {}
    for n, key in zip(there, keys, strict=True):
        row = rows[n]
        other = first.setdefault((row.level, row.kind or "", key), int(n))
        if other != n:
            pairs.add((other, int(n)))
            faults.append(row.found("geometry-duplicate", shapes[n], other=rows[other].number))
    return faults, pairs
