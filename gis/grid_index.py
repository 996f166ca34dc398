"""Which grid is this point in: the whole rule, for one point and for many.

1. A school or enterprise grid beats the urban-rural grid under it; that one is remembered as `base_grid`.
2. Outlines belong to their grid. Where several of the same rank claim a point, the lowest code wins, so a
   point on a border has one owner, always the same.
3. A point outside every grid, but within DRIFT_M, is taken for GPS drift and goes to the nearest grid;
   ties as in 2.
4. Farther: OutsideCounty, with the distance. Unless the point itself is known no better: then the nearest grid
   within its accuracy, up to WIDEST_M.
"""

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Self

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.accuracy import MOST_CANDIDATES, WIDEST_M, base_under, shares
from gis.boundaries import Boundary
from gis.bulk import DRIFT_M, Bulk
from gis.datum import check_coordinates
from gis.errors import BadBoundaries, BadCoordinates, OutsideCounty
from gis.metres import EARTH, local_projection
from gis.placement import Candidate, Circle, Placed, Placement, Placements
from gis.raster import build_raster

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_JUST_BESIDE_M = 0.01
"""What a grid that does not hold the point is away at least, whatever the projection rounds."""
GridRecord = tuple[str, str, "shapely.Geometry | bytes"]
"""(code, kind, outline in WGS 84 degrees or its WKB)."""


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
        self._bulk = Bulk(self._codes, self._first_base, self._shapes, self._raster, self._tree, self._metric)
        self._warm()

    @classmethod
    def of(cls, boundaries: Iterable[Boundary]) -> Self:
        """Build from loaded outlines; all but grids are ignored."""
        return cls((b.code, b.kind, b.geometry) for b in boundaries if b.kind is not None)

    def __len__(self) -> int:
        return len(self._codes)

    def place(self, lon: float, lat: float, accuracy_m: float = 0.0) -> Placement:
        """The grid of one point. lon, lat: degrees, WGS 84; accuracy_m: radius within which it may lie.

        A point outside every grid goes to the nearest when that lies within its accuracy, up to WIDEST_M.
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
        return self._nearest(float(lon), float(lat), max(DRIFT_M, looked_at_m(accuracy_m)))

    def _among(self, known: int, lon: float, lat: float) -> Placement | None:
        """The exact test against the few grids that this raster cell allows."""
        shapes, ids = self._candidates[known]
        hits = [number for number, hit in zip(ids, shapely.intersects_xy(shapes, lon, lat), strict=True) if hit]
        if not hits:
            return None
        placed: Placed = "inside" if shapely.contains_xy(self._shapes[hits[0]], lon, lat) else "border"
        return self._placement(hits, placed, 0.0)

    def _nearest(self, lon: float, lat: float, farthest_m: float) -> Placement:
        point = shapely.Point(self._metric.transform(lon, lat))
        near, away = self._tree.query_nearest(point, all_matches=True, return_distance=True)
        distance = float(away[0])
        if distance > farthest_m:
            raise OutsideCounty(self._on_the_ground(lon, lat, point, int(near.min())))
        return self._placement(sorted(map(int, near)), "nearest", distance)

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
        also = tuple([self._codes[number] for number in hits[1:] if self._codes[number] != base])
        return Placement(code, base, code[:12], code[:9] + "000", code[:6] + "000000", placed, distance_m, also)

    def candidates(self, lon: float, lat: float, accuracy_m: float) -> list[Candidate]:
        """The grids that a point may mean. Arguments, errors and order as in `circle`."""
        return list(self.circle(lon, lat, accuracy_m).candidates)

    def circle(self, lon: float, lat: float, accuracy_m: float) -> Circle:
        """The grids that the circle of accuracy touches, the point's own first, then by distance and code.

        lon, lat: degrees, WGS 84; accuracy_m: radius in metres, 0 for an exact point, which may still lie on a
        border. Raises: OutsideCounty, BadCoordinates.
        """
        placed = self.place(lon, lat, accuracy_m)
        radius = looked_at_m(accuracy_m)
        point = shapely.Point(self._metric.transform(lon, lat))
        near = np.sort(self._tree.query(point, predicate="dwithin", distance=radius)) if radius else np.zeros(0, int)
        if not len(near):
            claims = (placed.grid, *placed.also)
            found = [Candidate(code, None, placed.distance_m, float(n == 0)) for n, code in enumerate(claims)]
            found[0] = replace(found[0], base_grid=placed.base_grid)
        else:
            found = self._shared_out(placed, point, radius, near)
        return Circle(placed, radius, tuple(found[:MOST_CANDIDATES]), max(0, len(found) - MOST_CANDIDATES))

    def _shared_out(self, placed: Placement, point: shapely.Point, radius: float, near: Ints) -> list[Candidate]:
        """The grids `near`, ascending numbers, without those that get nothing of the circle and claim nothing."""
        special, base = near[near < self._first_base], near[near >= self._first_base]
        share = shares(point, radius, self._flat[special], self._flat[base])
        away = shapely.distance(self._flat[near], point)
        claims = {code: n for n, code in enumerate((placed.grid, *placed.also))}
        rows = []
        for number, part, distance in zip(near.tolist(), share.tolist(), away.tolist(), strict=True):
            code = self._codes[number]
            under = placed.base_grid if code == placed.grid else None
            if code in claims:
                distance = placed.distance_m
            elif part <= 0:
                continue  # Only touched, or wholly beneath a special grid.
            elif code != placed.base_grid:
                distance = max(distance, _JUST_BESIDE_M)
            if under is None and number < self._first_base:
                under = base_under(self._flat[number], self._flat[base], [self._codes[n] for n in base])
            candidate = Candidate(code, under, distance, min(part, 1.0))
            rows.append((claims.get(code, len(claims)), distance, number, candidate))
        return [row[-1] for row in sorted(rows, key=lambda row: row[:3])]

    def place_many(self, lons: ArrayLike, lats: ArrayLike, farthest_m: float = DRIFT_M) -> Placements:
        """The grids of many points by the same rule, never raising. lons, lats: WGS 84, shape (n,).

        farthest_m: how far outside a point still goes to the nearest grid.
        """
        lon, lat = np.broadcast_arrays(np.asarray(lons, np.float64), np.asarray(lats, np.float64))
        return self._bulk.place(lon, lat, farthest_m)

    def _warm(self) -> None:
        """Make GEOS build now what it else builds at the first question: two threads at once must not."""
        inner = shapely.get_coordinates(shapely.point_on_surface(self._shapes))
        shapely.intersects_xy(self._shapes, inner[:, 0], inner[:, 1])
        shapely.contains_xy(self._shapes, inner[:, 0], inner[:, 1])
        self._tree.query_nearest(shapely.point_on_surface(self._flat[0]))


def looked_at_m(accuracy_m: float) -> float:
    """The radius that counts of an accuracy in metres; of one that is no number or negative, nothing."""
    return min(accuracy_m, WIDEST_M) if math.isfinite(accuracy_m) and accuracy_m > 0 else 0.0


def _shape(code: str, outline: shapely.Geometry | bytes) -> shapely.Geometry:
    try:
        # A copy: preparing marks the geometry itself, which is the caller's.
        shape = shapely.from_wkb(outline if isinstance(outline, bytes) else shapely.to_wkb(outline))
    except (shapely.errors.GEOSException, TypeError) as error:
        raise BadBoundaries([f"{code}: {error}"]) from error
    if shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
        raise BadBoundaries([f"{code}: has no area"])
    return shape
