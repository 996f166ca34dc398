"""Many points at once, by the same rule as one: see `gis.grid_index`."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from gis.placement import Placements
from gis.raster import Raster

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DRIFT_M = 100.0
NONE = -1
_OUTCOMES = np.array(["inside", "border", "nearest", "outside"], dtype=object)


class Bulk:
    """Tables made from an index, for arrays. Never changes after it is built.

    Polygons are numbered special ones first, then by code, so that of several the lowest number is right;
    `first_base`: the number of the first urban-rural one.
    """

    def __init__(
        self,
        codes: Sequence[str],
        first_base: int,
        shapes: NDArray[np.object_],
        raster: Raster,
        tree: shapely.STRtree,
        metric: pyproj.Transformer,
    ) -> None:
        """shapes: prepared, in degrees; tree: of the same in metres."""
        self._first_base = first_base
        self._shapes = shapes
        self._raster = raster
        self._tree = tree
        self._metric = metric
        self._code_array = np.array([*codes, ""], dtype=object)
        self._allowed, self._certain_grid, self._certain_base = self._as_tables()

    def _as_tables(self) -> tuple[NDArray[np.signedinteger[Any]], Ints, Ints]:
        """The raster's sets for bulk work: members, filled up with NONE; grid and base where all is certain.

        The last two are asked by the raster's own number, and one that is negative, counting from the end, finds NONE.
        """
        sets = self._raster.sets
        # Sorting numbers of 16 bits takes a sixteenth of the time.
        dtype: type[np.signedinteger[Any]] = np.int16 if len(self._shapes) < 32_000 else np.int32
        allowed = np.full((len(sets), max(map(len, sets))), NONE, dtype)
        grid, base = np.full(2 * len(sets), NONE), np.full(2 * len(sets), NONE)
        for number, ids in enumerate(sets):
            allowed[number, : len(ids)] = ids
            bases = [n for n in ids if n >= self._first_base]
            if ids:
                grid[number] = ids[0]
            if bases and ids[0] < self._first_base:
                base[number] = bases[0]
        return allowed, grid, base

    def place(self, lon: Floats, lat: Floats, farthest_m: float) -> Placements:
        """lon, lat: degrees, WGS 84, shape (n,); farthest_m: how far outside a point goes to the nearest grid."""
        raster = self._raster
        rows, columns = raster.cells.shape
        with np.errstate(invalid="ignore"):
            column = (lon - raster.west) * raster.columns_per_degree
            row = (lat - raster.south) * raster.rows_per_degree
            on = (column >= 0) & (row >= 0) & (column < columns) & (row < rows)
        # Whatever is off the raster is looked up in its first cell, where nothing lies.
        cell = np.where(on, row, 0.0).astype(np.int64) * columns + np.where(on, column, 0.0).astype(np.int64)
        known = raster.cells.ravel().take(cell)
        grid, base = self._certain_grid.take(known, mode="wrap"), self._certain_base.take(known, mode="wrap")
        outcome = np.zeros(len(lon), np.int8)
        distance = np.zeros(len(lon))
        doubtful = np.flatnonzero(known < 0)
        if len(doubtful):
            grid[doubtful], base[doubtful], outcome[doubtful] = self._among_many(
                -known[doubtful], lon[doubtful], lat[doubtful]
            )
        lost = np.flatnonzero(grid < 0)
        if len(lost):
            grid[lost], outcome[lost], distance[lost] = self._nearest_many(lon[lost], lat[lost], farthest_m)
        return Placements(self._code_array[grid], self._code_array[base], _OUTCOMES[outcome], distance)

    def _among_many(
        self, known: NDArray[np.signedinteger[Any]], lon: Floats, lat: Floats
    ) -> tuple[Ints, Ints, NDArray[np.bool_]]:
        allowed = self._allowed[known]
        point, slot = np.nonzero(allowed >= 0)
        shape = allowed[point, slot]
        order = np.argsort(shape, kind="stable")  # One polygon after the other: its index stays in the cache.
        hit = np.zeros(len(point), np.bool_)
        hit[order] = shapely.intersects_xy(self._shapes[shape[order]], lon[point[order]], lat[point[order]])
        point, shape = point[hit], shape[hit]
        grid, base = np.full(len(lon), NONE), np.full(len(lon), NONE)
        # Candidates ascend within a point, so what is written last, going backwards, is the lowest.
        grid[point[::-1]] = shape[::-1]
        under = shape >= self._first_base
        base[point[under][::-1]] = shape[under][::-1]
        base[grid >= self._first_base] = NONE
        found = np.flatnonzero(grid >= 0)
        found = found[np.argsort(grid[found].astype(allowed.dtype), kind="stable")]
        border = np.zeros(len(lon), np.bool_)
        border[found] = ~shapely.contains_xy(self._shapes[grid[found]], lon[found], lat[found])
        return grid, base, border

    def _nearest_many(self, lon: Floats, lat: Floats, farthest_m: float) -> tuple[Ints, Ints, Floats]:
        grid, outcome = np.full(len(lon), NONE), np.full(len(lon), 3)
        distance = np.full(len(lon), np.nan)
        with np.errstate(invalid="ignore"):
            sound = np.flatnonzero((np.abs(lon) <= 180) & (np.abs(lat) <= 90))
        points = shapely.points(*self._metric.transform(lon[sound], lat[sound]))
        (point, shape), away = self._tree.query_nearest(points, all_matches=True, return_distance=True)
        order = np.lexsort((-shape, point))  # Written last is the lowest again.
        point, shape, away = point[order], shape[order], away[order]
        distance[sound[point]] = away
        near = away <= farthest_m
        grid[sound[point[near]]] = shape[near]
        outcome[sound[point[near]]] = 2
        return grid, outcome, distance
