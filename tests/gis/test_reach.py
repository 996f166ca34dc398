"""How far one gets: against networks small enough to compute by hand, and by what must hold for any network."""

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.metres import EARTH
from gis.reach import Ground, Travel, along_roads, circle, state_of
from gis.roads import BACKWARD, BOTH, FORWARD, network
from tests.gis.test_roads import EAST, LAT, LON, NORTH, at, road

TRAVEL = Travel(kmh=36, detour=1.25, off_road_kmh=3.6, beside_m=50, fill_m2=0)


def metres(shape: shapely.Geometry) -> shapely.Geometry:
    """A shape in metres east and north of the middle."""
    return shapely.transform(shape, lambda xy: (xy - [LON, LAT]) * [EAST, NORTH])


def holds(area: shapely.Geometry, x: float, y: float) -> bool:
    return bool(shapely.intersects(area, shapely.Point(at(x, y))))


def test_the_circles_radius_is_the_way_divided_by_the_detour() -> None:
    ring = shapely.get_coordinates(circle(LON, LAT, 10, TRAVEL).area)
    away = EARTH.inv(*np.broadcast_arrays(LON, LAT, ring[:, 0], ring[:, 1]))[2]
    assert away == pytest.approx(10 * 600 / 1.25, abs=0.01)


def test_five_minutes_at_ten_metres_a_second_lead_three_kilometres_along_a_road() -> None:
    made = network([road((0, 0), (10_000, 0), kmh=36)])
    reached = along_roads(made, *at(0, 0), 5, TRAVEL)
    east = metres(reached.area).bounds[2]
    # Three kilometres, and what lies beside the end of it.
    assert east == pytest.approx(3000 + TRAVEL.beside_m, abs=15)
    assert reached.off_road_m == pytest.approx(0, abs=0.5)


def test_the_rest_of_the_time_is_driven_at_the_next_roads_speed() -> None:
    """100 s for the first kilometre, then 200 s at 5 m/s: one more kilometre, and not a step more."""
    made = network([road((0, 0), (1000, 0), kmh=36), road((1000, 0), (9000, 0), kmh=18)])
    assert metres(along_roads(made, *at(0, 0), 5, TRAVEL).area).bounds[2] == pytest.approx(2050, abs=15)


def test_a_crossing_leads_into_all_its_roads() -> None:
    roads = [road((0, 0), (1000, 0)), road((1000, 0), (1000, 5000)), road((1000, 0), (1000, -5000))]
    area = along_roads(network(roads), *at(0, 0), 5, TRAVEL).area
    assert holds(area, 1000, 1990) and holds(area, 1000, -1990)
    assert not holds(area, 1000, 2100) and not holds(area, 1000, -2100)


def test_the_quicker_way_round_counts() -> None:
    """Straight: 2 km at 2 m/s. Round: 4 km at 20 m/s, 200 s; so the straight road is reached from behind, too."""
    slow = road((0, 0), (2000, 0), kmh=7.2)
    fast = road((0, 0), (0, 1000), (2000, 1000), (2000, 0), kmh=72)
    area = along_roads(network([slow, fast]), *at(0, 0), 5, TRAVEL).area
    assert holds(area, 590, 0) and holds(area, 1820, 0)
    assert not holds(area, 1000, 0)


def test_a_one_way_road_is_not_driven_against() -> None:
    for way, reached in ((FORWARD, True), (BACKWARD, False), (BOTH, True)):
        area = along_roads(network([road((0, 0), (5000, 0), way=way)]), *at(0, 0), 5, TRAVEL).area
        assert holds(area, 2500, 0) is reached


def test_from_the_middle_of_a_road_both_ways_are_reached() -> None:
    area = metres(along_roads(network([road(*((x, 0) for x in range(-9000, 9001, 500)))]), *at(0, 0), 5, TRAVEL).area)
    assert (area.bounds[0], area.bounds[2]) == (pytest.approx(-3050, abs=15), pytest.approx(3050, abs=15))


def test_the_way_to_the_nearest_road_costs_its_time() -> None:
    """100 m at 1 m/s: of 300 s are 200 left, 2 km."""
    reached = along_roads(network([road(*((x, 100) for x in range(-9000, 9001, 500)))]), *at(0, 0), 5, TRAVEL)
    assert reached.off_road_m == pytest.approx(100, abs=0.5)
    assert metres(reached.area).bounds[2] == pytest.approx(2050, abs=15)


def test_who_lives_too_far_from_any_road_gets_as_far_as_on_foot() -> None:
    reached = along_roads(network([road((-9000, 400), (9000, 400))]), *at(0, 0), 5, TRAVEL)
    foot = metres(reached.area)
    assert foot.area == pytest.approx(math.pi * 300**2, rel=0.01)


def lattice(kmh: float, gone: frozenset[int]) -> list:
    """Streets every 500 m, some of them missing."""
    along = [road((-2000, y), (2000, y), kmh=kmh) for y in range(-2000, 2001, 500)]
    across = [road((x, -2000), (x, 2000), kmh=kmh) for x in range(-2000, 2001, 500)]
    streets = []
    for n, one in enumerate([*along, *across]):
        if n not in gone or n == 4:
            xy = shapely.get_coordinates(one.geometry)
            vertices = [xy[0] + (xy[1] - xy[0]) * part for part in np.linspace(0, 1, 9)]
            streets.append(type(one)(shapely.LineString(vertices), one.kmh, one.way))
    return streets


@settings(max_examples=15, deadline=None)
@given(
    st.floats(1, 12),
    st.floats(0, 8),
    st.frozensets(st.integers(0, 17), max_size=8),
    st.tuples(st.floats(-1500, 1500), st.floats(-1500, 1500)),
)
def test_more_minutes_reach_all_that_fewer_do(
    minutes: float, more: float, gone: frozenset[int], start: tuple[float, float]
) -> None:
    made = network(lattice(20, gone))
    few, many = (along_roads(made, *at(*start), m, TRAVEL).area for m in (minutes, minutes + more))
    # An end's round cap has its corners elsewhere than the strip that goes on: off by a metre at 50 m.
    assert metres(few).difference(metres(many).buffer(1.5)).area == pytest.approx(0, abs=1)


@settings(max_examples=15, deadline=None)
@given(st.frozensets(st.integers(0, 17), max_size=8), st.floats(2, 8))
def test_another_road_takes_nothing_away(gone: frozenset[int], minutes: float) -> None:
    few = along_roads(network(lattice(20, gone)), *at(0, 0), minutes, TRAVEL).area
    many = along_roads(network(lattice(20, frozenset())), *at(0, 0), minutes, TRAVEL).area
    assert metres(few).difference(metres(many).buffer(1.5)).area == pytest.approx(0, abs=1)


def test_land_that_reached_roads_enclose_is_reached_up_to_a_size() -> None:
    block = network([road((0, 0), (500, 0), (500, 500), (0, 500), (0, 0))])
    for size, reached in ((400 * 400 - 2000, False), (400 * 400 + 2000, True)):
        area = along_roads(block, *at(0, 0), 5, replace(TRAVEL, fill_m2=size)).area
        assert holds(area, 250, 350) is reached


@pytest.mark.parametrize("fill_m2", [0, 130_000])
def test_a_longer_way_never_opens_a_hole(fill_m2: float) -> None:
    made, travel = network(lattice(20, frozenset({2, 7}))), replace(TRAVEL, fill_m2=fill_m2)
    few, many = (along_roads(made, *at(30, 40), m, travel).area for m in (4, 6))
    assert metres(few).difference(metres(many).buffer(1.5)).area == pytest.approx(0, abs=1)


def test_the_same_question_has_the_same_answer_and_leaves_the_network_as_it_was() -> None:
    made = network(lattice(20, frozenset()))
    edges = made.graph.number_of_edges()
    one, other = (along_roads(made, *at(70, 30), 6, TRAVEL).area.wkb for _ in range(2))
    assert one == other and made.graph.number_of_edges() == edges


def test_shares_and_points_of_grids_are_those_of_their_areas() -> None:
    squares = [shapely.box(*at(x, 0), *at(x + 1000, 1000)) for x in (0, 1000, 2000, 5000)]
    half = shapely.box(*at(-500, -500), *at(1250, 1500))
    found = Ground(squares).covered(half)
    assert found.keys() == {0, 1}
    assert found[0].share == 1 and found[0].point and found[0].state == "inside"
    assert found[1].share == pytest.approx(0.25, abs=1e-4) and not found[1].point and found[1].state == "partly"


@pytest.mark.parametrize(
    ("share", "state"), [(0, "outside"), (0.01, "outside"), (0.011, "partly"), (0.989, "partly"), (0.99, "inside")]
)
def test_the_three_states_have_one_definition(share: float, state: str) -> None:
    assert state_of(share) == state
