"""Do the urban-rural grids tile the county: overlaps and gaps, measured in metres, and mended where they are narrow.

All shapes here are sound and lie in a plane (`Plane`): degrees, stretched to metres. A projection would bend the
straight edges that are stored in degrees, and tear neighbours apart of which one has a corner on the other's edge.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.importing.tables import Shapes

SETTLE_M = 0.01
"""Up to this width neighbours differ by their numbers' last digits only: a corner on the other's straight edge."""
_NEAR_M = 0.05
_NOTHING_M2 = 1e-4
_HALVINGS, _MANY = 7, 1_000
_WIDEST_TO_MEAN = 1.5


class Plane:
    """Degrees as metres around a middle; lengths are true to some thousandths within a county."""

    def __init__(self, degrees: Shapes) -> None:
        west, south, east, north = shapely.total_bounds(degrees)
        self._origin = np.array([(west + east) / 2, (south + north) / 2])
        latitude = np.radians(self._origin[1])
        a_degree_of = (
            111_412.9 * np.cos(latitude) - 93.5 * np.cos(3 * latitude),
            111_132.95 - 559.8 * np.cos(2 * latitude),
        )
        self._scale = np.array(a_degree_of)

    def flat(self, degrees: Shapes) -> Shapes:
        """Shapes in metres."""
        return np.asarray(shapely.transform(degrees, lambda c: (c - self._origin) * self._scale), dtype=object)

    def back(self, flat: Shapes) -> Shapes:
        """Shapes in degrees."""
        return np.asarray(shapely.transform(flat, lambda c: c / self._scale + self._origin), dtype=object)


@dataclass(frozen=True)
class Overlap:
    """What two grids both claim. first, second: their places in the array."""

    first: int
    second: int
    shape: shapely.Geometry
    width_m: float


@dataclass(frozen=True)
class Gap:
    """What no grid claims. beside: places in the array of those around it, the longest border first."""

    beside: tuple[int, ...]
    shape: shapely.Geometry
    width_m: float


def overlaps(flat: Shapes, skip: set[tuple[int, int]] | None = None) -> tuple[list[Overlap], int]:
    """All overlaps wider than SETTLE_M by pair, and how many pieces are narrower. Only torn edges are looked at."""
    torn = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(flat)))
    if not len(torn):
        return [], 0
    own, other = shapely.STRtree(flat).query(flat[torn], predicate="intersects")
    first, second = np.sort(np.column_stack([torn[own], other]), axis=1).T
    pairs = np.unique(np.column_stack([first, second])[first != second], axis=0)
    if skip:
        pairs = np.array([pair for pair in pairs.tolist() if tuple(pair) not in skip], dtype=int).reshape(-1, 2)
    parts, of = _areas(shapely.intersection(flat[pairs[:, 0]], flat[pairs[:, 1]]))
    wide = wider(parts, SETTLE_M)
    narrow = _narrow(parts, wide)
    parts, of = parts[wide], of[wide]
    if not len(parts):
        return [], narrow
    starts = np.flatnonzero(np.diff(of, prepend=-1))
    pieces = [parts[start:end] for start, end in zip(starts, [*starts[1:], len(of)], strict=True)]
    greatest = widths(np.array([widest(own) for own in pieces], dtype=object))
    return [
        Overlap(int(a), int(b), own[0] if len(own) == 1 else shapely.MultiPolygon(list(own)), float(width))
        for own, (a, b), width in zip(pieces, pairs[of[starts]], greatest, strict=True)
    ], narrow


def widest(parts: Shapes) -> shapely.Geometry:
    """The part with the greatest mean width."""
    return parts[int(np.argmax(shapely.area(parts) / shapely.length(parts)))]


def _narrow(parts: Shapes, wide: NDArray[np.bool_]) -> int:
    """How many narrow pieces are more than the last digit of a double."""
    return int((shapely.area(parts[~wide]) > _NOTHING_M2).sum())


def union(flat: Shapes, tight: bool) -> shapely.Geometry:
    """What the grids cover together. tight: they share their vertices, so it is quick."""
    return shapely.coverage_union_all(flat) if tight else shapely.union_all(flat)


def filled(shape: shapely.Geometry) -> shapely.Geometry:
    """A shape without its holes."""
    return shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(shape)])


def gaps(
    flat: Shapes, covered: shapely.Geometry, outer: shapely.Geometry, least_m: float = SETTLE_M
) -> tuple[list[Gap], int]:
    """What of `outer` is not covered, wider than least_m, and how many pieces are narrower."""
    parts, _ = _areas(np.array([shapely.difference(outer, covered)], dtype=object))
    if not len(parts):
        return [], 0
    wide = wider(parts, least_m)
    narrow = _narrow(parts, wide)
    parts = parts[wide]
    if not len(parts):
        return [], narrow
    part, near = shapely.STRtree(flat).query(parts, predicate="dwithin", distance=_NEAR_M)
    around = shapely.buffer(parts, _NEAR_M, quad_segs=2)
    borders = shapely.length(shapely.intersection(around[part], shapely.boundary(flat[near])))
    order = np.lexsort((near, -borders, part))
    beside: list[list[int]] = [[] for _ in parts]
    for n in order.tolist():
        beside[part[n]].append(int(near[n]))
    return [
        Gap(tuple(own), shape, float(width)) for own, shape, width in zip(beside, parts, widths(parts), strict=True)
    ], narrow


def _areas(shapes: Shapes) -> tuple[Shapes, NDArray[np.int64]]:
    """All polygons of shapes, and which shape each is of."""
    parts, of = shapely.get_parts(shapes, return_index=True)
    inner, inner_of = shapely.get_parts(parts, return_index=True)
    good = shapely.get_type_id(inner) == 3
    return inner[good], of[inner_of][good]


def wider(parts: Shapes, width_m: float) -> NDArray[np.bool_]:
    """Which areas are anywhere wider than this: something of them is left when they shrink by half of it."""
    areas, lengths = shapely.area(parts), shapely.length(parts)
    answer = 2 * areas > width_m * lengths  # The mean width is never more than the greatest.
    unsure = ~answer & (areas > np.pi / 4 * width_m**2)
    answer[unsure] = ~shapely.is_empty(shapely.buffer(parts[unsure], -width_m / 2, quad_segs=2))
    return answer


def widths(parts: Shapes) -> NDArray[np.float64]:
    """The greatest width of each area, that is of a circle inside it, to some hundredths. Metres.

    Sought between the mean width and that of a disc of the same area: a piece vanishes when it shrinks by half its
    width. The widest inscribed circle itself takes GEOS milliseconds for each thin piece. Of very many the mean width
    has to do, and half as much again.
    """
    areas, lengths = shapely.area(parts), shapely.length(parts)
    low = np.log(2 * areas / lengths)
    if len(parts) > _MANY:
        return np.asarray(np.exp(low) * _WIDEST_TO_MEAN)
    high = np.log(2 * np.sqrt(areas / np.pi)) + 1e-9
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        left = ~shapely.is_empty(shapely.buffer(parts, -np.exp(middle) / 2, quad_segs=2))
        low, high = np.where(left, middle, low), np.where(left, high, middle)
    return np.asarray(np.exp((low + high) / 2))


def protruding(shapes: Shapes, frames: Shapes) -> Shapes:
    """What of each shape lies outside its frame."""
    inside = shapely.covered_by(shapes, frames)
    found = np.full(len(shapes), None, dtype=object)
    found[~inside] = shapely.difference(shapes[~inside], frames[~inside])
    return found


def follows(outline: shapely.Geometry, other: shapely.Geometry, within_m: float = 0.5) -> bool:
    """Whether at least half of an outline runs along the other: it was made from it."""
    line = shapely.boundary(outline)
    along = shapely.length(shapely.intersection(line, shapely.buffer(shapely.boundary(other), within_m, quad_segs=2)))
    return bool(along >= shapely.length(line) / 2)


def mended(flat: Shapes, gap_m: float) -> Shapes:
    """Neighbours that share their vertices: overlaps given to one of them, enclosed gaps up to gap_m closed."""
    return np.asarray(shapely.coverage_clean(flat, gap_width=gap_m, snapping_distance=SETTLE_M), dtype=object)


def is_tight(shapes: Sequence[shapely.Geometry] | Shapes) -> bool:
    """Whether sound shapes touch only along shared vertices, in whatever projection they are."""
    array = np.asarray(shapes, dtype=object)
    return bool(shapely.is_valid(array).all() and shapely.coverage_is_valid(array))
