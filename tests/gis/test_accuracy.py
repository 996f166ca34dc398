"""Which grids an inexact point may mean, and how the answer says how a point was placed."""

import math

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.accuracy import MOST_CANDIDATES, WIDEST_M
from gis.errors import OutsideCounty
from gis.grid_index import GridIndex

VILLAGE = "210882004004"
EARTH = pyproj.Geod(ellps="WGS84")
WEST, SOUTH, SIDE = 122.5, 40.6, 0.01
WESTERN, EASTERN, SCHOOL = VILLAGE + "1002", VILLAGE + "1001", VILLAGE + "2001"


@pytest.fixture(scope="module")
def small() -> GridIndex:
    """Two urban-rural grids side by side, numbered from east to west, and a school in the western one."""
    return GridIndex(
        [
            (WESTERN, "urban_rural", shapely.box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)),
            (EASTERN, "urban_rural", shapely.box(WEST + SIDE, SOUTH, WEST + 2 * SIDE, SOUTH + SIDE)),
            (SCHOOL, "school", shapely.box(WEST + 0.002, SOUTH + 0.002, WEST + 0.004, SOUTH + 0.004)),
        ]
    )


def beside(metres: float, bearing: float, lon: float = WEST + SIDE, lat: float = SOUTH + 0.005) -> tuple[float, float]:
    """A place so far from another, by default from the middle of the line between the two grids."""
    there_lon, there_lat, _ = EARTH.fwd(lon, lat, bearing, metres)
    return there_lon, there_lat


def codes(index: GridIndex, lon: float, lat: float, accuracy_m: float) -> list[str]:
    return [candidate.grid for candidate in index.candidates(lon, lat, accuracy_m)]


def test_a_point_on_a_border_names_the_grid_that_lost_to_the_lower_code(small):
    placed = small.place(WEST + SIDE, SOUTH + 0.005)
    assert (placed.placed, placed.grid, placed.also) == ("border", EASTERN, (WESTERN,))


def test_a_point_inside_names_no_other_grid(small):
    assert small.place(WEST + 0.008, SOUTH + 0.008).also == ()


def test_the_ordinary_grid_under_a_school_has_no_equal_claim(small):
    placed = small.place(WEST + 0.003, SOUTH + 0.003)
    assert (placed.base_grid, placed.also) == (WESTERN, ())


def test_of_two_grids_as_near_the_other_is_named(small):
    placed = small.place(WEST + SIDE, SOUTH - 0.0005)
    assert (placed.placed, placed.grid, placed.also) == ("nearest", EASTERN, (WESTERN,))


def test_an_exact_point_has_one_candidate(small):
    (only,) = small.candidates(WEST + 0.008, SOUTH + 0.008, 0)
    assert (only.grid, only.distance_m, only.share) == (WESTERN, 0.0, 1.0)


def test_an_exact_point_on_a_border_has_both_sides(small):
    assert codes(small, WEST + SIDE, SOUTH + 0.005, 0) == [EASTERN, WESTERN]


def test_a_circle_within_one_grid_leaves_no_choice(small):
    (only,) = small.candidates(*beside(60, 270), 50)
    assert (only.grid, only.share) == (WESTERN, pytest.approx(1.0))


def test_a_circle_over_a_border_gives_both_with_distance_and_share(small):
    here, there = small.candidates(*beside(20, 270), 40)
    assert (here.grid, here.distance_m) == (WESTERN, 0.0)
    assert (there.grid, there.distance_m) == (EASTERN, pytest.approx(20, abs=0.02))
    # The segment of a circle cut off at half its radius.
    cut_off = (math.acos(0.5) - 0.5 * math.sqrt(0.75)) / math.pi
    assert there.share == pytest.approx(cut_off, abs=0.002)
    assert here.share == pytest.approx(1 - cut_off, abs=0.002)


def test_what_lies_in_the_school_is_the_school_s_part_and_the_grid_beneath_gets_the_rest(small):
    school, around = small.candidates(WEST + 0.004, SOUTH + 0.003, 30)
    assert (school.grid, school.base_grid, school.share) == (SCHOOL, WESTERN, pytest.approx(0.5, abs=0.005))
    assert (around.grid, around.base_grid, around.share) == (WESTERN, None, pytest.approx(0.5, abs=0.005))


def test_the_grid_wholly_beneath_a_special_one_is_no_candidate(small):
    assert codes(small, WEST + 0.003, SOUTH + 0.003, 20) == [SCHOOL]


def test_the_part_of_a_circle_outside_the_county_is_nobody_s(small):
    (only,) = small.candidates(WEST + 0.005, SOUTH, 30)
    assert only.share == pytest.approx(0.5, abs=0.005)


def test_a_point_outside_is_taken_when_its_circle_reaches_the_county(small):
    lon, lat = beside(400, 180, lat=SOUTH)
    with pytest.raises(OutsideCounty):
        small.place(lon, lat, 300)
    assert small.place(lon, lat, 450).placed == "nearest"
    assert codes(small, lon, lat, 450) == [EASTERN, WESTERN]


def test_an_accuracy_beyond_the_widest_circle_does_not_reach_farther(small):
    lon, lat = beside(WIDEST_M + 50, 180, lat=SOUTH)
    with pytest.raises(OutsideCounty):
        small.place(lon, lat, 100_000)


@pytest.mark.parametrize("accuracy", [math.nan, math.inf, -5.0])
def test_an_accuracy_that_is_none_counts_as_exact(small, accuracy):
    assert codes(small, *beside(2, 270), accuracy) == [WESTERN]


def test_of_many_grids_the_nearest_are_listed_and_the_others_counted():
    index = GridIndex(
        [
            (f"{VILLAGE}1{n:03d}", "urban_rural", shapely.box(west, SOUTH, west + 0.0005, SOUTH + SIDE))
            for n, west in enumerate((WEST + 0.0005 * np.arange(20)).tolist(), 1)
        ]
    )
    circle = index.circle(WEST + 0.00025, SOUTH + 0.005, 100_000)
    assert circle.radius_m == WIDEST_M
    assert [c.grid[-3:] for c in circle.candidates] == [f"{n:03d}" for n in range(1, MOST_CANDIDATES + 1)]
    assert circle.left_out == 20 - MOST_CANDIDATES


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_point_s_own_grid_comes_first_and_the_shares_add_up(county_grids, county_boundaries, data):
    """Near vertices and elsewhere, whatever the circle."""
    grid = data.draw(st.sampled_from([b for b in county_boundaries if b.level == "grid"]))
    lon, lat = data.draw(st.sampled_from(shapely.get_coordinates(grid.geometry).tolist()))
    lon, lat = beside(data.draw(st.floats(0, 80)), data.draw(st.floats(0, 360)), lon, lat)
    radius = data.draw(st.sampled_from([0.0, 0.5, 8.0, 65.0, 900.0]))
    circle = county_grids.circle(lon, lat, radius)
    placed = county_grids.place(lon, lat, radius)
    first, *others = circle.candidates
    assert (first.grid, first.base_grid, first.distance_m) == (placed.grid, placed.base_grid, placed.distance_m)
    assert set(placed.also) <= {c.grid for c in others} or circle.left_out
    assert [c.distance_m for c in others] == sorted(c.distance_m for c in others)
    assert all(0.0 <= c.share <= 1.0 for c in circle.candidates)
    assert sum(c.share for c in circle.candidates) <= 1.0 + 1e-9
    assert circle == county_grids.circle(lon, lat, radius)
