"""What must hold of the whole map, whoever drew it: one owner for each point, parts that make up the whole,
simplification without cracks, datums that come back; and all of it in a county of ten times the size."""

import math
from collections import defaultdict
from time import perf_counter

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.boundaries import Boundary, faults
from gis.datum import DATUMS, from_wgs84, to_wgs84
from gis.grid_index import GridIndex
from gis.layers import simplified
from gis.metres import local_projection
from gis.raster import covering
from tests.gis.big_county import PIECES, tenfold

METRES_PER_DEGREE = 111_320.0
ABOVE = {"village": 12, "town": 9, "county": 6}
"""How much of a grid's code names the region above it."""
TOWN = "210882004"
PLACED_WITHIN_US = 200.0
"""Far above what it takes, and far below what searching all grids would take, on a machine that does other things."""


def base_of(boundaries: list[Boundary]) -> list[Boundary]:
    return [b for b in boundaries if b.kind == "urban_rural"]


def scattered(outline: shapely.Geometry, count: int, seed: int) -> np.ndarray:
    """Points inside the outline, shape (n, 2)."""
    west, south, east, north = outline.bounds
    xy = np.random.default_rng(seed).uniform((west, south), (east, north), (count * 3, 2))
    return xy[shapely.contains_xy(outline, xy[:, 0], xy[:, 1])][:count]


@pytest.fixture(scope="module")
def big_boundaries(county_boundaries: list[Boundary]) -> list[Boundary]:
    return tenfold(county_boundaries)


@pytest.fixture(scope="module")
def big_grids(big_boundaries: list[Boundary]) -> GridIndex:
    return GridIndex.of(big_boundaries)


@pytest.mark.parametrize("seed", range(3))
def test_every_point_of_the_county_lies_in_exactly_one_urban_rural_grid(county_boundaries, county_grids, seed):
    base = base_of(county_boundaries)
    shapes = np.array([b.geometry for b in base], dtype=object)
    shapely.prepare(shapes)
    xy = scattered(county_boundaries[0].geometry, 40_000, seed)
    point, polygon = covering(shapes, *xy.T)
    claims = np.bincount(point, minlength=len(xy))
    lowest = np.full(len(xy), len(base))
    np.minimum.at(lowest, point, polygon)
    assert claims.min() == 1
    # Two may claim only a point on their border, and then the lowest code has it.
    both = claims > 1
    assert shapely.intersects_xy(shapely.boundary(shapes)[lowest[both]], *xy[both].T).all()
    found = county_grids.place_many(*xy.T)
    owner = np.where(found.base_grid == "", found.grid, found.base_grid)
    assert (owner == np.array([b.code for b in base], object)[lowest]).all()


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_place_has_the_same_owner_alone_in_a_crowd_and_asked_again(county_boundaries, county_grids, data):
    """On vertices, on lines between them, and a hair's breadth beside."""
    grid = data.draw(st.sampled_from([b for b in county_boundaries if b.level == "grid"]))
    ring = shapely.get_coordinates(grid.geometry)
    n = data.draw(st.integers(0, len(ring) - 2))
    lon, lat = (ring[n] + data.draw(st.floats(0, 1)) * (ring[n + 1] - ring[n])).tolist()
    lon, lat = lon + data.draw(st.floats(-1e-9, 1e-9)), lat + data.draw(st.floats(-1e-9, 1e-9))
    alone, crowd = county_grids.place(lon, lat), county_grids.place_many([lon] * 3, [lat] * 3)
    assert alone == county_grids.place(lon, lat)
    assert set(crowd.grid) == {alone.grid} and set(crowd.placed) == {alone.placed}
    assert (alone.village, alone.town, alone.county) == (
        alone.grid[:12],
        alone.grid[:9] + "000",
        alone.grid[:6] + "000000",
    )


@pytest.mark.parametrize("level", ABOVE)
def test_every_region_is_the_union_of_its_grids(county_boundaries, level):
    base = base_of(county_boundaries)
    above = [b for b in county_boundaries if b.level == level]
    parts = defaultdict(list)
    for b in base:
        parts[b.code[: ABOVE[level]].ljust(12, "0")].append(b.geometry)
    joined = np.array([shapely.coverage_union_all(parts[b.code]) for b in above], dtype=object)
    outlines = np.array([b.geometry for b in above], dtype=object)
    to_metres = local_projection(outlines).transform
    differing = shapely.transform(shapely.symmetric_difference(joined, outlines), to_metres, interleaved=False)
    assert shapely.area(differing).max() < 1.0
    assert set(parts) == {b.code for b in above}


@settings(max_examples=8, deadline=None)
@given(tolerance=st.floats(1.0, 400.0))
def test_simplification_keeps_neighbours_together(county_boundaries, tolerance):
    town = [b for b in county_boundaries if b.code.startswith(TOWN)]
    base = base_of(town)
    simple = simplified(town, tolerance)
    before, after = [b.geometry for b in base], [simple[b.code] for b in base]
    assert shapely.coverage_is_valid(after)
    assert shapely.is_valid(after).all() and not shapely.is_empty(after).any()
    assert neighbours(after) == neighbours(before)


def neighbours(shapes: list[shapely.Geometry]) -> set[tuple[int, int]]:
    """Pairs that share a line, not just a corner."""
    a, b = shapely.STRtree(shapes).query(shapes, "intersects")
    pairs = [(i, j) for i, j in zip(a.tolist(), b.tolist(), strict=True) if i < j]
    shared = shapely.length(shapely.intersection([shapes[i] for i, _ in pairs], [shapes[j] for _, j in pairs]))
    return {pair for pair, length in zip(pairs, shared.tolist(), strict=True) if length > 0}


PLACES = st.one_of(
    st.tuples(st.floats(122.1, 123.0), st.floats(40.32, 40.94)), st.tuples(st.floats(74.0, 136.0), st.floats(2.0, 54.0))
)


@given(places=st.lists(PLACES, min_size=1, max_size=30), datum=st.sampled_from(DATUMS))
def test_every_datum_comes_back_within_a_millimetre_one_by_one_and_in_arrays(places, datum):
    lons, lats = np.array(places).T
    there = from_wgs84(lons, lats, datum)
    back = to_wgs84(*there, datum)
    off = np.hypot(
        (back[0] - lons) * METRES_PER_DEGREE * np.cos(np.deg2rad(lats)), (back[1] - lats) * METRES_PER_DEGREE
    )
    assert off.max() < 0.001
    for n, (lon, lat) in enumerate(places):
        one = from_wgs84(lon, lat, datum)
        assert math.dist(one, (there[0][n], there[1][n])) < 1e-12
        assert math.dist(to_wgs84(*one, datum), (back[0][n], back[1][n])) < 1e-8


def test_a_county_of_ten_times_the_size_has_no_fault(big_boundaries):
    assert sum(b.level == "grid" for b in big_boundaries) == 17_980
    assert faults(big_boundaries) == []


def test_each_piece_lies_in_the_grid_it_was_cut_from(big_grids, county_grids, county_boundaries):
    xy = scattered(county_boundaries[0].geometry, 20_000, seed=9)
    big, small = big_grids.place_many(*xy.T), county_grids.place_many(*xy.T)
    assert [whole(code) for code in big.grid] == small.grid.tolist()
    assert [whole(code) for code in big.base_grid] == small.base_grid.tolist()


def whole(piece: str) -> str:
    return piece and f"{piece[:13]}{(int(piece[13:]) - 1) // PIECES + 1:03d}"


def test_a_county_of_ten_times_the_size_places_in_microseconds(big_grids, county_boundaries):
    xy = scattered(county_boundaries[0].geometry, 5_000, seed=10).tolist()
    took = []
    for lon, lat in xy:
        started = perf_counter()
        big_grids.place(lon, lat)
        took.append(perf_counter() - started)
    assert np.median(took) * 1e6 < PLACED_WITHIN_US
