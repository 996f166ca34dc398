"""A fine raster that tells at once which polygons can be hit from a cell.

Most cells lie wholly inside the same polygons: there the answer is certain. The few that a border crosses
name the polygons that are possible, and the exact test is left to the caller.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

CELLS = 4_096
"""Cells along the longer side; about 18 m in a county."""
_TOUCH = 1e-6
"""In cells. A border this near to a cell counts as touching it, so that rounding cannot hide a candidate."""


@dataclass(frozen=True)
class Raster:
    """`cells[row, column]`: 0 no polygon; k > 0: surely `sets[k]`; -k < 0: possibly some of `sets[k]`.

    `sets[0]` is empty; each set is ascending polygon numbers.
    """

    west: float
    south: float
    columns_per_degree: float
    rows_per_degree: float
    cells: NDArray[np.signedinteger[Any]]
    sets: list[tuple[int, ...]]


def build_raster(shapes: NDArray[np.object_], size: int = CELLS) -> Raster:
    """Lay a raster over prepared polygons in degrees, numbered as they come."""
    west, south, east, north = shapely.total_bounds(shapes)
    # Cells about as wide as high on the ground; one spare cell on each side.
    squeeze = float(np.cos(np.deg2rad((south + north) / 2)))
    side = max((east - west) * squeeze, north - south, 1e-6) / (size - 2)
    per_lon, per_lat = squeeze / side, 1.0 / side
    west, south = west - 0.7131 / per_lon, south - 0.6577 / per_lat
    columns, rows = int((east - west) * per_lon) + 2, int((north - south) * per_lat) + 2
    cell, polygon = _touched(shapes, west, south, per_lon, per_lat, columns)
    border = np.zeros(rows * columns, np.bool_)
    border[cell] = True
    border_cells = np.flatnonzero(border)
    starts = ~border
    starts[1:] &= border[:-1]
    starts.reshape(rows, columns)[:, 0] = ~border.reshape(rows, columns)[:, 0]
    run_starts = np.flatnonzero(starts)
    probes = np.concatenate([border_cells, run_starts])
    probe, covered_by = covering(
        shapes, west + (probes % columns + 0.5) / per_lon, south + (probes // columns + 0.5) / per_lat
    )
    of = np.concatenate([np.searchsorted(border_cells, cell), probe])
    number, sets = _distinct_sets(of, np.concatenate([polygon, covered_by]), len(probes))
    dtype: type[np.signedinteger[Any]] = np.int16 if len(sets) < 32_000 else np.int32
    cells = np.zeros(rows * columns, dtype)
    cells[border_cells] = -number[: len(border_cells)]
    run = np.cumsum(starts, dtype=np.int32) - 1
    cells[~border] = number[len(border_cells) :].astype(dtype)[run[~border]]
    cells.flags.writeable = False
    return Raster(west, south, per_lon, per_lat, cells.reshape(rows, columns), sets)


def covering(shapes: NDArray[np.object_], lons: Floats, lats: Floats) -> tuple[Ints, Ints]:
    """All pairs (point number, polygon number) where the point lies in or on the polygon."""
    order = np.argsort(lons, kind="stable")
    x, y = lons[order], lats[order]
    bounds = shapely.bounds(shapes)
    first, last = np.searchsorted(x, bounds[:, 0], "left"), np.searchsorted(x, bounds[:, 2], "right")
    points, polygons = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for number, shape in enumerate(shapes):
        near = slice(first[number], last[number])
        rows = np.flatnonzero((y[near] >= bounds[number, 1]) & (y[near] <= bounds[number, 3])) + first[number]
        rows = rows[shapely.intersects_xy(shape, x[rows], y[rows])]
        points.append(order[rows])
        polygons.append(np.full(len(rows), number, np.int64))
    return np.concatenate(points), np.concatenate(polygons)


def _touched(
    shapes: NDArray[np.object_], west: float, south: float, per_lon: float, per_lat: float, columns: int
) -> tuple[Ints, Ints]:
    """All distinct pairs (cell, polygon) where the polygon's border touches the cell.

    Whatever cell a border enters, it enters through a vertex or across a raster line: it is enough to mark
    the cells around those points.
    """
    rings, polygon_of = shapely.get_rings(shapes, return_index=True)
    xy, ring_of = shapely.get_coordinates(rings, return_index=True)
    u, v, polygon = (xy[:, 0] - west) * per_lon, (xy[:, 1] - south) * per_lat, polygon_of[ring_of]
    same_ring = ring_of[1:] == ring_of[:-1]
    a, b = np.flatnonzero(same_ring), np.flatnonzero(same_ring) + 1
    cross_u = _crossings(u, v, a, b)
    cross_v = _crossings(v, u, a, b)
    all_u = np.concatenate([u, cross_u[0], cross_v[1]])
    all_v = np.concatenate([v, cross_u[1], cross_v[0]])
    owner = np.concatenate([polygon, polygon[cross_u[2]], polygon[cross_v[2]]])
    keys = [
        (
            (np.floor(all_v + dv).astype(np.int64) * columns + np.floor(all_u + du).astype(np.int64)) * len(shapes)
            + owner
        )
        for du in (-_TOUCH, _TOUCH)
        for dv in (-_TOUCH, _TOUCH)
    ]
    pairs = np.unique(np.concatenate(keys))
    return pairs // len(shapes), pairs % len(shapes)


def _crossings(along: Floats, across: Floats, a: Ints, b: Ints) -> tuple[Floats, Floats, Ints]:
    """Where segments a-b cross whole values of `along`: (along, across, a's number) for each crossing."""
    low, high = np.minimum(along[a], along[b]), np.maximum(along[a], along[b])
    first = np.ceil(low)
    count = np.maximum(0, np.floor(high) - first + 1).astype(np.int64)
    segment = np.repeat(np.arange(len(a)), count)
    line = first[segment] + (np.arange(len(segment)) - np.repeat(np.cumsum(count) - count, count))
    start, end = a[segment], b[segment]
    run = along[end] - along[start]
    share = np.divide(line - along[start], run, out=np.zeros(len(segment)), where=run != 0)
    return line, across[start] + share * (across[end] - across[start]), start


def _distinct_sets(of: Ints, member: Ints, count: int) -> tuple[Ints, list[tuple[int, ...]]]:
    """Number the different sets of members: (number of each of the `count` sets, the sets); 0 is the empty
    one."""
    order = np.lexsort((member, of))
    of, member = of[order], member[order]
    fresh = np.ones(len(of), np.bool_)
    fresh[1:] = (of[1:] != of[:-1]) | (member[1:] != member[:-1])
    of, member = of[fresh], member[fresh]
    size = np.bincount(of, minlength=count)
    place = np.arange(len(of)) - np.repeat(np.cumsum(size) - size, size)
    table = np.full((count, max(int(size.max(initial=0)), 1)), -1, np.int32)
    table[of, place] = member
    different, number = np.unique(table, axis=0, return_inverse=True)
    sets = [tuple(int(n) for n in row if n >= 0) for row in different]
    if not sets or sets[0]:
        return number.ravel() + 1, [(), *sets]
    return number.ravel(), sets
