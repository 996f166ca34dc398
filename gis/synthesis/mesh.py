"""A fine irregular mesh over the county: open land in the country, street blocks in the towns.

Towns, villages and grids are later grown from these cells, so every border is a chain of the same few edges
and neighbours share it by construction.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.synthesis.plane import Floats, Noise, to_plane

RURAL_SPACING_M = 190.0
RURAL_JITTER = 0.42
MARGIN_M = 500.0
"""The mesh reaches this far beyond the county, so that bent borders still meet the outline."""
SHORTEST_SHARED_EDGE_M = 12.0


@dataclass(frozen=True)
class Settlement:
    """A built-up place laid out in blocks along straight streets."""

    lon: float
    lat: float
    radius_m: float
    street_angle_deg: float
    block_m: tuple[float, float]


@dataclass(frozen=True)
class Mesh:
    """Cells of the plan.

    `corner`: vertices in centimetres, shape (k, 2); `rings`: for each cell the vertex numbers, anticlockwise;
    `centre`: shape (n, 2) metres; `area`: m² inside the county; `near`: for each cell (neighbour, metres
    apart); `urban`: 1 inside settlements, 0 in the country, shape (n,); `inside`: the cell lies at least
    partly in the county.
    """

    corner: NDArray[np.int64]
    rings: list[list[int]]
    centre: Floats
    area: Floats
    near: list[list[tuple[int, float]]]
    urban: Floats
    inside: NDArray[np.bool_]


def urbanity(xy: Floats, settlements: list[Settlement], noise: Noise, fade_m: float) -> Floats:
    """How built-up each point is: 1 inside a settlement, falling to 0 over `fade_m` metres outside it."""
    most = np.zeros(len(xy))
    ragged = 1.0 + 0.28 * noise.fractal(xy, 2_400.0, 3)
    for place in settlements:
        centre = to_plane(np.array([[place.lon, place.lat]]))[0]
        reach = place.radius_m * ragged - np.hypot(*(xy - centre).T)
        most = np.maximum(most, np.clip(1.0 + reach / fade_m, 0.0, 1.0))
    return most


def build_mesh(county: shapely.Polygon, settlements: list[Settlement], rng: np.random.Generator, noise: Noise) -> Mesh:
    """Lay the mesh over `county` (in metres of the plane)."""
    shapely.prepare(county)
    points = _country_points(county, settlements, rng, noise)
    blocks = [_block_points(place, settlements, rng, noise) for place in settlements]
    points = np.vstack([points, *blocks])
    points = points[shapely.dwithin(county, shapely.points(points), MARGIN_M)]
    points = np.round(points, 3)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=county.buffer(MARGIN_M), ordered=True)
    )
    cells = shapely.orient_polygons(cells)
    corner, rings = _shared_corners(cells)
    inside = shapely.intersects(cells, county)
    area = shapely.area(cells) * inside
    cut = inside & ~shapely.contains_properly(county, cells)
    area[cut] = shapely.area(shapely.intersection(cells[cut], county))
    return Mesh(
        corner,
        rings,
        points,
        area,
        _neighbours(corner, rings, points),
        urbanity(points, settlements, noise, 300.0),
        inside & (area > 200.0),
    )


def _country_points(
    county: shapely.Polygon, settlements: list[Settlement], rng: np.random.Generator, noise: Noise
) -> Floats:
    west, south, east, north = county.buffer(MARGIN_M).bounds
    rows = np.arange(south, north, RURAL_SPACING_M * 0.866)
    columns = np.arange(west, east, RURAL_SPACING_M)
    x, y = np.meshgrid(columns, rows)
    x[1::2] += RURAL_SPACING_M / 2
    xy = np.column_stack([x.ravel(), y.ravel()])
    xy += rng.uniform(-RURAL_JITTER, RURAL_JITTER, xy.shape) * RURAL_SPACING_M
    return xy[urbanity(xy, settlements, noise, 60.0) <= 0.0]


def _block_points(place: Settlement, settlements: list[Settlement], rng: np.random.Generator, noise: Noise) -> Floats:
    """Centres of blocks between streets of uneven distance, turned by the settlement's street angle."""
    reach = place.radius_m * 1.6
    along = _uneven_steps(reach, place.block_m[0], rng)
    across = _uneven_steps(reach, place.block_m[1], rng)
    x, y = (axis.ravel() for axis in np.meshgrid(along, across))
    turn = np.deg2rad(place.street_angle_deg)
    xy = np.round(np.column_stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)]), 4)
    xy += to_plane(np.array([[place.lon, place.lat]]))[0]
    mine = urbanity(xy, [place], noise, 60.0) > 0.35
    others = urbanity(xy, [other for other in settlements if other is not place], noise, 60.0) > 0.0
    return xy[mine & ~others]


def _uneven_steps(reach: float, step: float, rng: np.random.Generator) -> Floats:
    steps = np.cumsum(rng.uniform(0.75, 1.3, int(2 * reach / step) + 2) * step)
    centred: Floats = steps - steps.mean()
    return centred


def _shared_corners(cells: NDArray[np.object_]) -> tuple[NDArray[np.int64], list[list[int]]]:
    """Number the vertices, equal ones once. Centimetres make equal what differs only by rounding noise."""
    coordinates, cell_of = shapely.get_coordinates(cells, return_index=True)
    centimetres = np.round(coordinates * 100.0).astype(np.int64)
    corner, number = np.unique(centimetres, axis=0, return_inverse=True)
    rings: list[list[int]] = [[] for _ in cells]
    for cell, vertex in zip(cell_of.tolist(), number.ravel().tolist(), strict=True):
        ring = rings[cell]
        if not ring or ring[-1] != vertex:
            ring.append(vertex)
    for ring in rings:
        ring.pop()  # The last vertex of a ring repeats the first.
    return corner, rings


def _neighbours(corner: NDArray[np.int64], rings: list[list[int]], centre: Floats) -> list[list[tuple[int, float]]]:
    owner: dict[tuple[int, int], int] = {}
    near: list[list[tuple[int, float]]] = [[] for _ in rings]
    for cell, ring in enumerate(rings):
        for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
            other = owner.pop((b, a), None)
            if other is None:
                owner[a, b] = cell
                continue
            # Blocks that meet at a crossing touch by an edge of no length; they are not neighbours.
            if np.hypot(*(corner[a] - corner[b])) < SHORTEST_SHARED_EDGE_M * 100:
                continue
            apart = float(np.hypot(*(centre[cell] - centre[other])))
            near[cell].append((other, apart))
            near[other].append((cell, apart))
    return near
