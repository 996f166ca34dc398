"""Outlines as TopoJSON: a line that two neighbours share is sent once, and therefore cannot tear.

Lines are cut where outlines begin or cease to run together, rounded to a raster and written as steps. Source of the
format: https://github.com/topojson/topojson-specification.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Ints = NDArray[np.int64]
_ROW = 2**32


@dataclass(frozen=True, slots=True)
class Raster:
    """Where coordinates are rounded to: `origin` in degrees, and the decimals that are kept.

    Outlines written on the same raster fit each other to the last digit, whichever document they come in.
    """

    origin: tuple[float, float]
    decimals: int

    def steps(self, lonlat: NDArray[np.float64]) -> Ints:
        """lonlat: degrees, shape (n, 2)."""
        return np.round((lonlat - np.array(self.origin)) * 10.0**self.decimals).astype(np.int64)

    def transform(self) -> dict[str, Any]:
        """Tell how degrees are read off the steps."""
        return {"scale": [round(0.1**self.decimals, self.decimals)] * 2, "translate": list(self.origin)}


@dataclass(frozen=True, slots=True)
class Shape:
    """One outline with what is said about it. `geometry`: polygon or multipolygon, WGS 84 degrees."""

    id: str
    properties: Mapping[str, Any]
    geometry: shapely.Geometry


def topology(objects: Mapping[str, Sequence[Shape]], raster: Raster, more: Mapping[str, Any]) -> bytes:
    """Write named collections of outlines as one TopoJSON document; `more`: further members of it."""
    shapes = [shape for collection in objects.values() for shape in collection]
    parts, shape_of = shapely.get_parts([shape.geometry for shape in shapes], return_index=True)
    rings, part_of = shapely.get_rings(parts, return_index=True)
    lines, numbers = _arcs(*_on_raster(rings, raster))
    polygons: dict[int, list[list[int]]] = defaultdict(list)
    for part, ring in zip(part_of.tolist(), numbers, strict=True):
        # An outer ring comes first, and its holes go with it when the raster leaves nothing of it.
        if ring or not polygons[part]:
            polygons[part].append(ring)
    arcs: dict[int, list[list[list[int]]]] = defaultdict(list)
    for part, shape_number in enumerate(shape_of.tolist()):
        if polygons[part][0]:
            arcs[shape_number].append(polygons[part])
    written = iter(_geometry(shape, arcs[number]) for number, shape in enumerate(shapes))
    document = {
        "type": "Topology",
        **more,
        "transform": raster.transform(),
        "objects": {
            name: {"type": "GeometryCollection", "geometries": [next(written) for _ in collection]}
            for name, collection in objects.items()
        },
        "arcs": [_as_steps(line) for line in lines],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _on_raster(rings: NDArray[np.object_], raster: Raster) -> tuple[Ints, list[Ints]]:
    """The raster's points, and for each ring the numbers of its vertices; none where it shrank to a line."""
    lonlat, ring_of = shapely.get_coordinates(rings, return_index=True)
    steps = raster.steps(lonlat)
    keys, vertex = np.unique(steps[:, 0] * _ROW + steps[:, 1] + _ROW // 2, return_inverse=True)
    points = np.column_stack([keys // _ROW, keys % _ROW - _ROW // 2])
    ends = np.cumsum(np.bincount(ring_of, minlength=len(rings)))
    # Without the closing vertex, and without what the rounding made one.
    found = [_distinct(part) for part in np.split(vertex, ends[:-1])]
    return points, [ring if len(ring) > 2 else ring[:0] for ring in found]


def _distinct(ring: Ints) -> Ints:
    return ring[ring != np.roll(ring, 1)]


def _arcs(points: Ints, rings: Sequence[Ints]) -> tuple[list[Ints], list[list[int]]]:
    """Cut rings into lines that occur once. Returns the lines, and the numbers of each ring's; ~n is n backwards."""
    ends = _junctions(len(points), rings)
    lines: list[Ints] = []
    known: dict[tuple[int, int], int] = {}
    named: list[list[int]] = []
    for ring in rings:
        numbers: list[int] = []
        for line in _cut(ring, ends):
            # Between two ends a line is told by its first step, seen from either end.
            first, last = (int(line[0]), int(line[1])), (int(line[-1]), int(line[-2]))
            if first not in known:
                known.setdefault(last, ~len(lines))
                known[first] = len(lines)
                lines.append(points[line])
            numbers.append(known[first])
        named.append(numbers)
    return lines, named


def _junctions(count: int, rings: Sequence[Ints]) -> NDArray[np.bool_]:
    """Mark the vertices from which outlines go on in different ways."""
    here = np.concatenate(rings)
    before = np.concatenate([np.roll(ring, 1) for ring in rings])
    after = np.concatenate([np.roll(ring, -1) for ring in rings])
    ways = np.unique(np.column_stack([here, np.minimum(before, after), np.maximum(before, after)]), axis=0)
    return np.bincount(ways[:, 0], minlength=count) > 1


def _cut(ring: Ints, ends: NDArray[np.bool_]) -> list[Ints]:
    """Split a ring at its ends; one without any starts at its lowest vertex, so that its twin starts there, too."""
    at = np.flatnonzero(ends[ring])
    if not len(ring):
        return []
    turned = np.roll(ring, -(at[0] if len(at) else int(np.argmin(ring))))
    closed = np.append(turned, turned[0])
    cuts = [*np.flatnonzero(ends[turned]), len(turned)] if len(at) else [0, len(turned)]
    return [closed[a : b + 1] for a, b in pairwise(cuts)]


def _geometry(shape: Shape, polygons: Sequence[list[list[int]]]) -> dict[str, Any]:
    """Write one outline by the numbers of its lines; its type is null when the raster leaves nothing of it."""
    said = {"id": shape.id, "properties": dict(shape.properties)}
    if not polygons:
        return {"type": None, **said}
    if len(polygons) == 1:
        return {"type": "Polygon", **said, "arcs": polygons[0]}
    return {"type": "MultiPolygon", **said, "arcs": polygons}


def _as_steps(line: Ints) -> list[list[int]]:
    steps: list[list[int]] = np.diff(line, axis=0, prepend=0).tolist()
    return steps
