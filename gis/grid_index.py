"""Which grid is this point in: the whole rule, for one point and for many.

1. A school or enterprise grid beats the urban-rural grid under it; that one is remembered as `base_grid`.
2. Outlines belong to their grid. Where several of the same rank claim a point, the lowest code wins, so a
   point on a border has one owner, always the same.
3. A point outside every grid, but within DRIFT_M, is taken for GPS drift and goes to the nearest grid;
   ties as in 2.
4. Farther: OutsideCounty, with the distance.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.boundaries import Boundary
from gis.datum import check_coordinates
from gis.errors import BadBoundaries, BadCoordinates, OutsideCounty
from gis.metres import EARTH, local_projection
from gis.raster import build_raster

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DRIFT_M = 100.0
NONE = -1
_OUTCOMES = np.array(["inside", "border", "nearest", "outside"], dtype=object)
Placed = Literal["inside", "border", "nearest"]
GridRecord = tuple[str, str, "shapely.Geometry | bytes"]
"""(code, kind, outline in WGS 84 degrees or its WKB)."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a point belongs. All codes; `base_grid`: the urban-rural grid under a school's or enterprise's,
    else None.

    `placed`: `inside`, on the `border` of its grid, or outside all and given to the `nearest`, `distance_m`
    away.
    """

    grid: str
    base_grid: str | None
    village: str
    town: str
    county: str
    placed: Placed
    distance_m: float


@dataclass(frozen=True, slots=True)
class Placements:
    """Many placements as arrays of shape (n,).

    `grid`, `base_grid`: codes, "" for none; `placed`: as in Placement, or "outside" (farther than DRIFT_M,
    or no coordinates at all); `distance_m`: in the local projection, 0 inside, NaN where there is no point.
    """

    grid: NDArray[np.object_]
    base_grid: NDArray[np.object_]
    placed: NDArray[np.object_]
    distance_m: NDArray[np.float64]


class GridIndex:
    """Grids, ready to be asked. Never changes after it is built, so any number of threads may ask at once."""

    def __init__(self, records: Iterable[GridRecord]) -> None:
        """Raises: BadBoundaries when there are no grids, a code repeats, or an outline is none."""
        # Special grids first, then by code: the first of several candidates is always the right one.
        rows = sorted(
            ((kind == "urban_rural", code, outline) for code, kind, outline in records),
            key=lambda row: row[:2],
        )
        self._codes = [code for _, code, _ in rows]
        if not rows or len(set(self._codes)) != len(rows):
            raise BadBoundaries(["no grids, or a code twice"])
        self._first_base = sum(1 for base, _, _ in rows if not base)
        self._shapes = np.array([_shape(code, outline) for _, code, outline in rows], dtype=object)
        self._metric = local_projection(self._shapes)
        self._flat = shapely.transform(self._shapes, self._metric.transform, interleaved=False)
        self._tree = shapely.STRtree(self._flat)
        shapely.prepare(self._shapes)
        self._raster = build_raster(self._shapes)
        self._certain = [self._inside(ids) for ids in self._raster.sets]
        self._candidates = [(self._shapes[list(ids)], ids) for ids in self._raster.sets]
        self._code_array = np.array([*self._codes, ""], dtype=object)
        self._allowed, self._certain_pairs = self._as_tables()
        self._warm()

    @classmethod
    def of(cls, boundaries: Iterable[Boundary]) -> Self:
        """Build from loaded outlines; all but grids are ignored."""
        return cls((b.code, b.kind, b.geometry) for b in boundaries if b.kind is not None)

    def __len__(self) -> int:
        return len(self._codes)

    def place(self, lon: float, lat: float) -> Placement:
        """The grid of one point. lon, lat: degrees, WGS 84.

        Raises: OutsideCounty, BadCoordinates.
        """
        raster = self._raster
        try:
            column = int((lon - raster.west) * raster.columns_per_degree)
            row = int((lat - raster.south) * raster.rows_per_degree)
            # Not `item` alone: a negative number would count from the other side.
            known = raster.cells.item(row, column) if row >= 0 and column >= 0 else 0
        except (IndexError, ValueError, TypeError, OverflowError):
            known = 0
        if known > 0:
            return self._certain[known]  # type: ignore[return-value]  # None only where nothing is certain
        if known < 0:
            found = self._among(-known, lon, lat)
            if found is not None:
                return found
        try:
            check_coordinates(lon, lat)
        except BadCoordinates as fault:
            if fault.reason != "far-from-china":
                raise
            raise OutsideCounty(self._across_the_earth(lon, lat)) from fault
        return self._nearest(float(lon), float(lat))

    def _among(self, known: int, lon: float, lat: float) -> Placement | None:
        """The exact test against the few grids that this raster cell allows."""
        shapes, ids = self._candidates[known]
        hits = [number for number, hit in zip(ids, shapely.intersects_xy(shapes, lon, lat), strict=True) if hit]
        if not hits:
            return None
        placed: Placed = "inside" if shapely.contains_xy(self._shapes[hits[0]], lon, lat) else "border"
        return self._placement(hits, placed, 0.0)

    def _nearest(self, lon: float, lat: float) -> Placement:
        point = shapely.Point(self._metric.transform(lon, lat))
        near, away = self._tree.query_nearest(point, all_matches=True, return_distance=True)
        distance = float(away[0])
        if distance > DRIFT_M:
            raise OutsideCounty(self._on_the_ground(lon, lat, point, int(near.min())))
        return self._placement([int(near.min())], "nearest", distance)

    def _on_the_ground(self, lon: float, lat: float, point: shapely.Point, number: int) -> float:
        """Metres on the ellipsoid from a point to a grid: far away, the local projection stretches."""
        there = shapely.get_coordinates(shapely.shortest_line(self._flat[number], point))[0]
        there_lon, there_lat = self._metric.transform(there[0], there[1], direction="INVERSE")
        return float(EARTH.inv(lon, lat, there_lon, there_lat)[2])

    def _across_the_earth(self, lon: float, lat: float) -> float:
        """Metres to somewhere in the county, where the local projection no longer reaches."""
        there = shapely.get_coordinates(self._shapes[0])[0]
        return float(EARTH.inv(lon, lat, there[0], there[1])[2])

    def _inside(self, ids: tuple[int, ...]) -> Placement | None:
        return self._placement(list(ids), "inside", 0.0) if ids else None

    def _placement(self, hits: list[int], placed: Placed, distance_m: float) -> Placement:
        """From grids that all claim the point, ascending."""
        code = self._codes[hits[0]]
        base = None
        if hits[0] < self._first_base:
            base = next((self._codes[number] for number in hits if number >= self._first_base), None)
        return Placement(code, base, code[:12], code[:9] + "000", code[:6] + "000000", placed, distance_m)

    def _as_tables(self) -> tuple[Ints, Ints]:
        """The raster's sets for bulk work: members, filled up with NONE; (grid, base) where all is
        certain."""
        sets = self._raster.sets
        allowed = np.full((len(sets), max(map(len, sets))), NONE)
        certain = np.full((len(sets), 2), NONE)
        for number, ids in enumerate(sets):
            allowed[number, : len(ids)] = ids
            bases = [n for n in ids if n >= self._first_base]
            certain[number] = (
                ids[0] if ids else NONE,
                bases[0] if bases and ids[0] < self._first_base else NONE,
            )
        return allowed, certain

    def place_many(self, lons: ArrayLike, lats: ArrayLike) -> Placements:
        """The grids of many points by the same rule, never raising. lons, lats: WGS 84, shape (n,)."""
        lon, lat = np.broadcast_arrays(np.asarray(lons, np.float64), np.asarray(lats, np.float64))
        raster = self._raster
        rows, columns = raster.cells.shape
        with np.errstate(invalid="ignore"):
            column = (lon - raster.west) * raster.columns_per_degree
            row = (lat - raster.south) * raster.rows_per_degree
            on = (column >= 0) & (row >= 0) & (column < columns) & (row < rows)
        column, row = np.where(on, column, 0.0).astype(np.int32), np.where(on, row, 0.0).astype(np.int32)
        known = np.where(on, raster.cells[row, column], 0)
        grid, base = self._certain_pairs[np.maximum(known, 0)].T
        grid, base = grid.copy(), base.copy()
        outcome = np.zeros(len(lon), np.int8)
        distance = np.zeros(len(lon))
        doubtful = np.flatnonzero(known < 0)
        grid[doubtful], base[doubtful], outcome[doubtful] = self._among_many(
            -known[doubtful], lon[doubtful], lat[doubtful]
        )
        lost = np.flatnonzero(grid < 0)
        grid[lost], outcome[lost], distance[lost] = self._nearest_many(lon[lost], lat[lost])
        return Placements(self._code_array[grid], self._code_array[base], _OUTCOMES[outcome], distance)

    def _among_many(self, known: Ints, lon: Floats, lat: Floats) -> tuple[Ints, Ints, Ints]:
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
        outcome = np.zeros(len(lon), np.int64)
        outcome[found] = ~shapely.contains_xy(self._shapes[grid[found]], lon[found], lat[found])
        return grid, base, outcome

    def _nearest_many(self, lon: Floats, lat: Floats) -> tuple[Ints, Ints, Floats]:
        grid, outcome = np.full(len(lon), NONE), np.full(len(lon), 3)
        distance = np.full(len(lon), np.nan)
        with np.errstate(invalid="ignore"):
            sound = np.flatnonzero((np.abs(lon) <= 180) & (np.abs(lat) <= 90))
        points = shapely.points(*self._metric.transform(lon[sound], lat[sound]))
        (point, shape), away = self._tree.query_nearest(points, all_matches=True, return_distance=True)
        order = np.lexsort((-shape, point))  # Written last is the lowest again.
        point, shape, away = point[order], shape[order], away[order]
        distance[sound[point]] = away
        near = away <= DRIFT_M
        grid[sound[point[near]]] = shape[near]
        outcome[sound[point[near]]] = 2
        return grid, outcome, distance

    def _warm(self) -> None:
        """Make GEOS build now what it else builds at the first question: two threads at once must not."""
        inner = shapely.get_coordinates(shapely.point_on_surface(self._shapes))
        shapely.intersects_xy(self._shapes, inner[:, 0], inner[:, 1])
        shapely.contains_xy(self._shapes, inner[:, 0], inner[:, 1])
        self._tree.query_nearest(shapely.point_on_surface(self._flat[0]))


def _shape(code: str, outline: shapely.Geometry | bytes) -> shapely.Geometry:
    try:
        # A copy: preparing marks the geometry itself, which is the caller's.
        shape = shapely.from_wkb(outline if isinstance(outline, bytes) else shapely.to_wkb(outline))
    except (shapely.errors.GEOSException, TypeError) as error:
        raise BadBoundaries([f"{code}: {error}"]) from error
    if shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
        raise BadBoundaries([f"{code}: has no area"])
    return shape
