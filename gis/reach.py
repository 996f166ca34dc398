"""How far one gets from a center in so many minutes, and which grids lie within.

Along roads: from the center straight to the nearest road, off the roads at a slow speed, then by the quickest way
along the network; whatever lies beside a reached stretch is reached as well. Without roads: a circle, its radius the
way that the speed allows divided by the detour factor, because no road runs straight.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import networkx as nx
import numpy as np
import pyproj
import shapely
import shapely.ops
from numpy.typing import NDArray

from gis.metres import EARTH, local_projection
from gis.roads import BACKWARD, FORWARD, Network

State = Literal["inside", "partly", "outside"]
WHOLE, NOTHING = 0.99, 0.01
"""The one definition: a grid is inside when at least 99 % of its area are, outside when at most 1 % is."""
_CORNERS = 72
_QUARTER = 8
_ENTRY = -1


@dataclass(frozen=True, slots=True)
class Travel:
    """How one moves. km/h, metres, m²; `detour`: the way by road divided by the straight one.

    beside_m: so near to a reached stretch is reached; fill_m2: so is land up to this size that reached roads enclose.
    """

    kmh: float
    detour: float
    off_road_kmh: float
    beside_m: float
    fill_m2: float


@dataclass(frozen=True, slots=True)
class Reached:
    """What is reached: its outline, lon/lat, and how far the center lies off the network (None: no network)."""

    area: shapely.Polygon | shapely.MultiPolygon
    off_road_m: float | None


@dataclass(frozen=True, slots=True)
class Covered:
    """How much of a grid lies within: the share of its area, and whether the point that stands for it does."""

    share: float
    point: bool

    @property
    def state(self) -> State:
        return state_of(self.share)


def state_of(share: float) -> State:
    """Say of a share of a grid's area which of the three it is."""
    return "inside" if share >= WHOLE else "outside" if share <= NOTHING else "partly"


def circle(lon: float, lat: float, minutes: float, travel: Travel) -> Reached:
    """Draw the circle that stands for the reach where no roads are known."""
    return Reached(_round(lon, lat, travel.kmh / 3.6 * minutes * 60 / travel.detour), None)


def _round(lon: float, lat: float, radius_m: float) -> shapely.Polygon:
    """A circle on the ellipsoid; its corners lie on it."""
    turns = np.linspace(0, 360, _CORNERS, endpoint=False)
    many = np.full(_CORNERS, 1.0)
    lons, lats, _ = EARTH.fwd(lon * many, lat * many, turns, radius_m * many)
    return shapely.Polygon(np.stack([lons, lats], axis=1))


def along_roads(network: Network, lon: float, lat: float, minutes: float, travel: Travel) -> Reached:
    """Find what is reached from the center along the network."""
    limit = minutes * 60
    x, y = network.projection.transform(lon, lat)
    center = shapely.Point(x, y)
    stretch = int(np.min(network.tree.query_nearest(center)))
    off = float(center.distance(network.lines[stretch]))
    on_foot = _round(lon, lat, travel.off_road_kmh / 3.6 * limit)
    begin = off / (travel.off_road_kmh / 3.6)
    pieces = list(_reached(network, center, stretch, begin, limit)) if begin < limit else []
    if not pieces:
        return Reached(on_foot, off)
    strip = shapely.union_all(shapely.buffer(np.array(pieces, dtype=object), travel.beside_m, quad_segs=_QUARTER))
    area = shapely.union(_turned(_filled(strip, travel.fill_m2), network.projection, "INVERSE"), on_foot)
    return Reached(area, off)


def _filled(strip: shapely.Geometry, most_m2: float) -> shapely.Geometry:
    """Without its holes up to this size. More roads only make holes smaller, so they never take anything away."""
    polygons = []
    for part in shapely.get_parts(strip):
        holes = [ring for ring in part.interiors if shapely.Polygon(ring).area > most_m2]
        polygons.append(shapely.Polygon(part.exterior, holes))
    return shapely.union_all(polygons)


def _reached(
    network: Network, center: shapely.Point, stretch: int, begin: float, limit: float
) -> Iterator[shapely.LineString]:
    """Yield the stretches, or the parts of them, that are reached within `limit` seconds."""
    line, cost, way = network.lines[stretch], network.seconds[stretch], network.ways[stretch]
    length = line.length
    at = shapely.line_locate_point(line, center) / length
    left = (limit - begin) / cost
    ahead = min(1.0, at + left) if way != BACKWARD else at
    behind = max(0.0, at - left) if way != FORWARD else at
    if ahead > behind:
        yield shapely.ops.substring(line, behind, ahead, normalized=True)
    times = _times(network, stretch, at, begin, limit)
    forward = np.where(network.ways != BACKWARD, (limit - times[network.tails]) / network.seconds, -1.0)
    backward = np.where(network.ways != FORWARD, (limit - times[network.heads]) / network.seconds, -1.0)
    whole = (forward >= 1) | (backward >= 1) | ((forward > 0) & (backward > 0) & (forward + backward >= 1))
    yield from network.lines[whole]
    for part in np.flatnonzero(~whole & (forward > 0)):
        yield shapely.ops.substring(network.lines[part], 0, forward[part], normalized=True)
    for part in np.flatnonzero(~whole & (backward > 0)):
        yield shapely.ops.substring(network.lines[part], 1 - backward[part], 1, normalized=True)


def _times(network: Network, stretch: int, at: float, begin: float, limit: float) -> NDArray[np.float64]:
    """Seconds from the center to each crossing; infinite beyond the limit."""
    cost, way = float(network.seconds[stretch]), network.ways[stretch]
    graph = network.graph
    entered = []
    if way != BACKWARD:
        entered.append((int(network.heads[stretch]), begin + (1 - at) * cost))
    if way != FORWARD:
        entered.append((int(network.tails[stretch]), begin + at * cost))
    try:
        for crossing, seconds in sorted(entered, key=lambda one: -one[1]):
            graph.add_edge(_ENTRY, crossing, seconds=seconds)  # the quicker one last: both may be one crossing
        found = nx.single_source_dijkstra_path_length(graph, _ENTRY, cutoff=limit, weight="seconds")
    finally:
        graph.remove_node(_ENTRY)
    times = np.full(len(network.points), np.inf)
    for crossing, seconds in found.items():
        if crossing != _ENTRY:
            times[crossing] = seconds
    return times


def _turned(shape: shapely.Geometry, projection: pyproj.Transformer, direction: str) -> shapely.Geometry:
    """To metres (FORWARD) or back to degrees (INVERSE)."""
    return shapely.transform(shape, lambda x, y: projection.transform(x, y, direction=direction), interleaved=False)


class Ground:
    """The grids' outlines in metres, to be held against what is reached."""

    def __init__(self, outlines: Sequence[shapely.Geometry]) -> None:
        """outlines: lon/lat, WGS 84."""
        shapes = np.array(outlines, dtype=object)
        self.projection = local_projection(shapes)
        self._flat = _turned(shapes, self.projection, "FORWARD")
        self._areas = shapely.area(self._flat)
        # In degrees, as everywhere: the point that stands for a region is the same on every page.
        self._points = _turned(shapely.point_on_surface(shapes), self.projection, "FORWARD")
        self._tree = shapely.STRtree(self._flat)

    def covered(self, area: shapely.Geometry) -> dict[int, Covered]:
        """Say of each grid that the area touches, by its number, how much of it lies within."""
        flat = _turned(area, self.projection, "FORWARD")
        shapely.prepare(flat)
        touched = np.sort(self._tree.query(flat, "intersects"))
        inside = shapely.contains_properly(flat, self._flat[touched])
        shares = np.ones(len(touched))
        across = touched[~inside]
        shares[~inside] = shapely.area(shapely.intersection(self._flat[across], flat)) / self._areas[across]
        points = shapely.intersects(flat, self._points[touched])
        return {
            int(number): Covered(min(1.0, float(share)), bool(point))
            for number, share, point in zip(touched, shares, points, strict=True)
        }
