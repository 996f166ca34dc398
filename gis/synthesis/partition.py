"""Sharing out the mesh: cells to towns, a town's cells to its villages, a village's cells to its grids."""

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.synthesis import county_plan
from gis.synthesis.growth import OUTSIDE, cut_along_streets, grow, in_one_piece, scatter, settle, tour
from gis.synthesis.mesh import Mesh, Settlement
from gis.synthesis.plane import Noise, to_plane

Labels = NDArray[np.int64]


def roughness(mesh: Mesh, noise: Noise, rng: np.random.Generator) -> list[float]:
    """What it costs to spread through each cell: ridges and ditches in the country, even streets in towns."""
    ridges = np.exp(1.15 * noise.fractal(mesh.centre, 2_600.0, 3)) * rng.uniform(0.75, 1.35, len(mesh.centre))
    rough: list[float] = (ridges * (1 - mesh.urban) + 0.8 * mesh.urban).tolist()
    return rough


def towns(mesh: Mesh, rough: list[float], codes: list[str], wished: dict[str, float]) -> Labels:
    """Number in `codes` of each cell's town."""
    seats = to_plane(np.array([[county_plan.TOWNS[code].lon, county_plan.TOWNS[code].lat] for code in codes]))
    inside = np.flatnonzero(mesh.inside)
    seeds = [int(inside[np.argmin(((mesh.centre[inside] - seat) ** 2).sum(axis=1))]) for seat in seats]
    target = np.array([wished[code] for code in codes])
    return settle(mesh, rough, inside, seeds, target, rounds=30, recentre=False)


def villages(
    mesh: Mesh,
    rough: list[float],
    mine: Labels,
    codes: list[str],
    names: dict[str, str],
    wished: dict[str, float],
    rng: np.random.Generator,
) -> Labels:
    """Number in `codes` (all of one town, ascending) of each cell's village."""
    communities = [n for n, code in enumerate(codes) if county_plan.is_community(code)]
    country = [n for n in range(len(codes)) if n not in communities]
    label = _communities(mesh, rough, mine, communities, sum(wished[codes[n]] for n in communities))
    land = mine[label[mine] == OUTSIDE]
    town = county_plan.TOWNS[codes[0][:9]]
    seat = _nearest(mesh, land, town.lon, town.lat)
    stem = names[codes[0][:9] + "000"][:2]
    head = next((n for n in country if names[codes[n]].lstrip("大前东").startswith(stem)), None)
    first = {} if head is None else {head: seat}
    rest = [n for n in country if n not in first]
    spots = scatter(mesh, land, len(rest), rng, taken=list(first.values()))
    first.update(zip(rest, tour(mesh, spots, seat), strict=True))
    target = np.array([wished[codes[n]] for n in country])
    hold = frozenset() if head is None else frozenset([country.index(head)])
    grown = settle(mesh, rough, land, [first[n] for n in country], target, rounds=14, recentre=True, hold=hold)
    found: Labels = np.where(grown >= 0, np.array(country)[grown], label)

    return found


def _communities(mesh: Mesh, rough: list[float], mine: Labels, communities: list[int], km2: float) -> Labels:
    """The town's innermost blocks, cut along the streets into as many communities."""
    label = np.full(len(mesh.rings), OUTSIDE, np.int64)
    if not communities:
        return label
    place = nearest_settlement(mesh, mine)
    blocks = mine[mesh.urban[mine] > 0.99]
    centre = _nearest(mesh, blocks, place.lon, place.lat)
    # Spreading from the middle keeps the blocks together; the outermost are left to the villages around.
    away = ((mesh.centre[blocks] - mesh.centre[centre]) ** 2).sum(axis=1)
    blocks = blocks[np.argsort(away, kind="stable")]
    blocks = blocks[: int(np.searchsorted(np.cumsum(mesh.area[blocks]), km2 * 1e6)) + 1]
    together = np.flatnonzero(grow(mesh, rough, blocks, [centre], np.ones(1)) >= 0)
    parts = cut_along_streets(mesh, together, len(communities), place.street_angle_deg)
    for number, part in zip(communities, parts, strict=True):
        label[part] = number
    return label


def nearest_settlement(mesh: Mesh, cells: Labels) -> Settlement:
    """The settlement whose streets these cells follow."""
    built = cells[mesh.urban[cells] > 0.9]
    middle = mesh.centre[built if len(built) else cells].mean(axis=0)
    places = county_plan.settlements()
    spots = to_plane(np.array([[place.lon, place.lat] for place in places]))
    return places[int(np.argmin(((spots - middle) ** 2).sum(axis=1)))]


def _nearest(mesh: Mesh, cells: Labels, lon: float, lat: float) -> int:
    spot = to_plane(np.array([[lon, lat]]))[0]
    return int(cells[np.argmin(((mesh.centre[cells] - spot) ** 2).sum(axis=1))])


def grids(mesh: Mesh, rough: list[float], mine: Labels, count: int, rng: np.random.Generator) -> Labels:
    """Number (0 to count - 1) of each cell's grid in one village: street blocks in town, grown in the
    country."""
    if (mesh.urban[mine] > 0.9).mean() > 0.6:
        parts = cut_along_streets(mesh, mine, count, nearest_settlement(mesh, mine).street_angle_deg)
        if all(in_one_piece(mesh, part) for part in parts):
            label = np.full(len(mesh.rings), OUTSIDE, np.int64)
            for number, part in enumerate(parts):
                label[part] = number
            return label
    target = np.exp(rng.normal(0.0, 0.25, count))
    return settle(mesh, rough, mine, scatter(mesh, mine, count, rng), target, rounds=8, recentre=True)


def reach_out(mesh: Mesh, label: Labels) -> Labels:
    """Give the cells outside the county to the nearest region, so that every border reaches the outline."""
    borders = np.flatnonzero(label >= 0)
    seeds = [int(cell) for cell in borders]
    nearest = grow(mesh, [1.0] * len(label), np.arange(len(label)), seeds, np.ones(len(seeds)))
    return np.where(label >= 0, label, np.where(nearest >= 0, label[borders[nearest]], OUTSIDE))


def share_out(mesh: Mesh, names: dict[str, str], rng: np.random.Generator, noise: Noise) -> tuple[Labels, list[str]]:
    """The whole county: number of each cell's grid, and the village code of each grid number."""
    rough = roughness(mesh, noise, rng)
    town_codes = sorted(county_plan.TOWNS)
    village_codes = sorted(code for code in names if not code.endswith("000"))
    wished = {code: county_plan.wished_area(code, rng) for code in village_codes}
    for town in town_codes:
        wished[town] = sum(wished[code] for code in village_codes if code.startswith(town))
    count = county_plan.grids_per_village(village_codes, rng)
    town_of = towns(mesh, rough, town_codes, wished)
    grid_of = np.full(len(mesh.rings), OUTSIDE, np.int64)
    owner: list[str] = []
    for number, town in enumerate(town_codes):
        codes = [code for code in village_codes if code.startswith(town)]
        village_of = villages(mesh, rough, np.flatnonzero(town_of == number), codes, names, wished, rng)
        for n, code in enumerate(codes):
            cells = np.flatnonzero(village_of == n)
            grid = grids(mesh, rough, cells, count[code], rng)
            grid_of[cells] = grid[cells] + len(owner)
            owner += [code] * count[code]
    return reach_out(mesh, grid_of), owner


def county_in_plane(outline: shapely.Polygon) -> shapely.Polygon:
    """The county's outline in metres of the plane."""
    return shapely.transform(outline, to_plane)
