"""Which zones reach a point, on a day: an area or a line, the metres around it, and its season.

A point on the outline, or exactly as far away as the zone reaches, is inside. Distances are measured in the local
projection; edges are straight in degrees, as they were drawn and are stored.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Self

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.metres import local_projection

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_VERTICES = 20_000
FARTHEST_M = 10_000.0
"""No zone reaches farther around its outline."""
STEP_DEGREES = 0.005
"""A straight edge in degrees is bent in metres: in pieces of half a kilometre it is off by millimetres."""
ROUND_CORNER = 16
"""Segments of a quarter of a circle, where a zone with what is around it is drawn."""
PIECE = 64
"""Vertices of an outline that are buffered at once: the work grows with how often they cross each other's reach."""
_SPARE_M = 1.0

ShapeFault = Literal["type", "empty", "numbers", "vertices", "unsound", "line"]
AREAS, LINES = ("Polygon", "MultiPolygon"), ("LineString", "MultiLineString")


@dataclass(frozen=True, slots=True)
class Season:
    """From a day of the year to another, both included, across New Year where the first comes after the last."""

    first: tuple[int, int]
    last: tuple[int, int]

    @classmethod
    def read(cls, first: str, last: str) -> Self:
        """Read two days spelt `MM-DD`; 02-29 is one. Raises: ValueError."""
        return cls(_month_day(first), _month_day(last))

    def spelt(self) -> tuple[str, str]:
        """Both days as `MM-DD`."""
        return "{:02d}-{:02d}".format(*self.first), "{:02d}-{:02d}".format(*self.last)

    def holds(self, on: date) -> bool:
        """Whether a day lies in the season."""
        day = (on.month, on.day)
        if self.first <= self.last:
            return self.first <= day <= self.last
        return day >= self.first or day <= self.last


def _month_day(text: str) -> tuple[int, int]:
    if len(text) != 5 or text[2] != "-" or not (text[:2] + text[3:]).isdecimal() or not text.isascii():
        raise ValueError(f"{text[:10]!r} is not MM-DD")
    month, day = int(text[:2]), int(text[3:])
    date(2000, month, day)
    return month, day


@dataclass(frozen=True, slots=True)
class Zone:
    """What is looked at of a zone. `shape`: degrees, WGS 84; `buffer_m`: metres around it; no season: all year."""

    shape: shapely.Geometry
    buffer_m: float = 0.0
    season: Season | None = None


class ZoneIndex:
    """Zones, ready to be asked. Never changes after it is built, so any number of threads may ask at once.

    `box`: west, south, east and north, degrees; outside it no zone reaches. None without zones.
    """

    def __init__(self, zones: Sequence[Zone]) -> None:
        self._seasons = [zone.season for zone in zones]
        self.box: tuple[float, float, float, float] | None = None
        if not zones:
            return
        shapes = np.array([zone.shape for zone in zones], dtype=object)
        self._buffers = np.array([zone.buffer_m for zone in zones], dtype=np.float64)
        self._metric = local_projection(shapes)
        self._flat = flattened(shapes, self._metric)
        reach = (self._buffers + _SPARE_M)[:, None] * np.array([-1.0, -1.0, 1.0, 1.0])
        boxes = shapely.box(*(shapely.bounds(self._flat) + reach).T)
        self._tree = shapely.STRtree(boxes)
        shapely.prepare(self._flat)
        degrees = shapely.transform(boxes, _backwards(self._metric), interleaved=False)
        west, south, east, north = (float(end) for end in shapely.total_bounds(degrees))
        # A box in metres is no box in degrees: a little more of it, so that what is left out is surely outside.
        self.box = west - 0.01, south - 0.01, east + 0.01, north + 0.01

    def __len__(self) -> int:
        return len(self._seasons)

    def hits(self, lon: float, lat: float, on: date) -> list[int]:
        """The numbers of the zones that reach this point on this day, ascending. lon, lat: degrees, WGS 84."""
        if self.box is None or not self._near(lon, lat):
            return []
        point = shapely.Point(self._metric.transform(lon, lat))
        found = self._tree.query(point)
        if not len(found):
            return []
        found = found[shapely.dwithin(self._flat[found], point, self._buffers[found])]
        return sorted(int(n) for n in found if self._in_season(int(n), on))

    def hits_many(self, lons: ArrayLike, lats: ArrayLike) -> tuple[Ints, Ints]:
        """All pairs (point number, zone number), by point, then zone, whatever the season. What is no place hits none.

        lons, lats: degrees, WGS 84, arrays of shape (n,).
        """
        x, y = (np.asarray(values, dtype=np.float64) for values in (lons, lats))
        if self.box is None or not len(x):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        west, south, east, north = self.box
        near = np.flatnonzero((x >= west) & (x <= east) & (y >= south) & (y <= north))
        points = shapely.points(*self._metric.transform(x[near], y[near]))
        point, zone = self._tree.query(points)
        inside = shapely.dwithin(self._flat[zone], points[point], self._buffers[zone])
        point, zone = near[point[inside]], zone[inside]
        order = np.lexsort((zone, point))
        return point[order].astype(np.int64), zone[order].astype(np.int64)

    def _near(self, lon: float, lat: float) -> bool:
        assert self.box is not None
        west, south, east, north = self.box
        return west <= lon <= east and south <= lat <= north

    def _in_season(self, number: int, on: date) -> bool:
        season = self._seasons[number]
        return season is None or season.holds(on)


def flattened(shapes: NDArray[np.object_], metric: pyproj.Transformer) -> NDArray[np.object_]:
    """Shapes in metres, their edges as straight as they are in degrees."""
    return shapely.transform(shapely.segmentize(shapes, STEP_DEGREES), metric.transform, interleaved=False)


def with_buffer(shape: shapely.Geometry, buffer_m: float) -> shapely.Geometry:
    """A zone with what is around it, as an outline to draw and to hand on: to a hundredth of the metres around it.

    Degrees, WGS 84.
    """
    if not buffer_m:
        return shape
    metric = local_projection(np.array([shape], dtype=object))
    flat = flattened(np.array([shape], dtype=object), metric)[0]
    finest = max(0.05, buffer_m / 400)
    edge = shapely.simplify(_pieces(_edge(flat)), finest, preserve_topology=False)
    around = shapely.buffer(edge, buffer_m, quad_segs=ROUND_CORNER)
    whole = shapely.union_all(np.append(around, shapely.buffer(flat, 0)) if shape.geom_type in AREAS else around)
    return shapely.transform(shapely.simplify(whole, finest), _backwards(metric), interleaved=False)


def _edge(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.boundary(shape) if shape.geom_type in AREAS else shape


def _pieces(lines: shapely.Geometry) -> NDArray[np.object_]:
    """Lines, cut into short ones that meet end to end."""
    found = [
        xy[start : start + PIECE + 1]
        for xy in map(shapely.get_coordinates, shapely.get_parts(lines))
        for start in range(0, len(xy) - 1, PIECE)
    ]
    pieces = np.repeat(np.arange(len(found)), [len(xy) for xy in found])
    return np.asarray(shapely.linestrings(np.concatenate(found), indices=pieces), dtype=object)


def reaches(shape: shapely.Geometry, buffer_m: float, other: shapely.Geometry) -> bool:
    """Whether a zone with what is around it comes to another shape. Degrees, WGS 84."""
    if shapely.intersects(shape, other):
        return True
    # Neither lies in the other: what is between them is between their edges, which are quicker to bend and to measure.
    both = np.array([_edge(other), _edge(shape)], dtype=object)
    there, here = flattened(both, local_projection(both))
    shapely.prepare(there)
    return bool(shapely.dwithin(there, here, buffer_m))


def _backwards(metric: pyproj.Transformer) -> Callable[[Floats, Floats], tuple[Floats, Floats]]:
    return lambda x, y: metric.transform(x, y, direction="INVERSE")


def area_m2(shape: shapely.Geometry) -> float:
    """The area of a shape in square metres; 0 for a line."""
    shapes = np.array([shape], dtype=object)
    return float(shapely.area(flattened(shapes, local_projection(shapes))[0]))


def fault_of(shape: shapely.Geometry | None, buffer_m: float) -> ShapeFault | None:
    """What is wrong with a shape as a zone: areas as they are, lines with metres around them."""
    if shape is None or shape.geom_type not in (*AREAS, *LINES):
        return "type"
    if shape.is_empty:
        return "empty"
    coordinates = shapely.get_coordinates(shape)
    if not bool(np.isfinite(coordinates).all()) or not _degrees(coordinates):
        return "numbers"
    if len(coordinates) > MOST_VERTICES:
        return "vertices"
    if not shape.is_valid:
        return "unsound"
    if shape.geom_type in LINES and not buffer_m > 0:
        return "line"
    return None


def _degrees(coordinates: Floats) -> bool:
    return bool((np.abs(coordinates[:, 0]) <= 180).all() and (np.abs(coordinates[:, 1]) < 90).all())


def sound_buffer(buffer_m: float) -> bool:
    """Whether a zone may reach so far."""
    return math.isfinite(buffer_m) and 0 <= buffer_m <= FARTHEST_M
