"""Which zones reach a point on a day: seasons, edges, metres, and the bulk answer against the single one."""

from datetime import date

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.metres import EARTH, local_projection
from gis.zones import (
    FARTHEST_M,
    Season,
    Zone,
    ZoneIndex,
    area_m2,
    fault_of,
    flattened,
    reaches,
    sound_buffer,
    with_buffer,
)

SQUARE = shapely.box(122.50, 40.60, 122.52, 40.62)
WINTER = Season.read("11-01", "05-31")
LINE = shapely.LineString([(122.40, 40.60), (122.45, 40.65)])
JULY, JANUARY = date(2026, 7, 1), date(2026, 1, 1)


@pytest.mark.parametrize(
    ("first", "last", "on", "inside"),
    [
        ("11-01", "05-31", date(2026, 11, 1), True),  # the first day
        ("11-01", "05-31", date(2027, 5, 31), True),  # the last day
        ("11-01", "05-31", date(2026, 10, 31), False),
        ("11-01", "05-31", date(2026, 6, 1), False),
        ("11-01", "05-31", date(2026, 12, 31), True),  # across New Year
        ("11-01", "05-31", date(2027, 1, 1), True),
        ("06-01", "08-31", date(2026, 7, 15), True),
        ("06-01", "08-31", date(2026, 9, 1), False),
        ("03-01", "03-01", date(2026, 3, 1), True),  # a single day
        ("03-01", "03-01", date(2026, 3, 2), False),
        ("03-02", "03-01", date(2026, 8, 1), True),  # all the year, told in a roundabout way
        ("02-29", "03-15", date(2027, 3, 1), True),  # a year without that day
        ("01-01", "02-29", date(2027, 3, 1), False),
    ],
)
def test_a_season_holds_from_its_first_to_its_last_day(first: str, last: str, on: date, inside: bool) -> None:
    assert Season.read(first, last).holds(on) is inside


@pytest.mark.parametrize("text", ["", "1-1", "13-01", "02-30", "00-10", "11/01", "11-01 ", "११-०१", "2026-11-01"])
def test_what_is_no_day_of_a_year_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Season.read(text, "05-31")


def test_a_season_is_spelt_as_it_was_read() -> None:
    assert WINTER.spelt() == ("11-01", "05-31")


def test_a_point_in_the_zone_is_hit_in_season_only() -> None:
    index = ZoneIndex([Zone(SQUARE, 0, WINTER), Zone(SQUARE)])
    assert index.hits(122.51, 40.61, JANUARY) == [0, 1]
    assert index.hits(122.51, 40.61, JULY) == [1]


def test_the_outline_belongs_to_the_zone() -> None:
    index = ZoneIndex([Zone(SQUARE)])
    assert index.hits(122.50, 40.61, JULY) == index.hits(122.52, 40.62, JULY) == [0]


@pytest.mark.parametrize("bearing", [0, 45, 90, 180, 271])
def test_the_metres_around_a_zone_are_metres_on_the_ground(bearing: float) -> None:
    point = shapely.Point(122.51, 40.61).buffer(1e-7)
    index = ZoneIndex([Zone(point, 500.0)])
    near, far = (EARTH.fwd(122.51, 40.61, bearing, metres) for metres in (499.9, 500.2))
    assert index.hits(near[0], near[1], JULY) == [0]
    assert index.hits(far[0], far[1], JULY) == []


def test_a_long_edge_is_straight_in_degrees_as_it_was_drawn() -> None:
    """Projected end to end, an edge of 60 km would bend by half a hundred metres."""
    long = shapely.box(122.1, 40.5, 122.8, 40.6)
    index = ZoneIndex([Zone(long)])
    assert index.hits(122.45, 40.6 - 1e-7, JULY) == [0]
    assert index.hits(122.45, 40.6 + 1e-7, JULY) == []


def test_a_line_is_a_zone_by_the_metres_around_it() -> None:
    index = ZoneIndex([Zone(LINE, 50)])
    assert index.hits(122.425, 40.625, JULY) == [0]
    assert index.hits(122.427, 40.625, JULY) == []


@pytest.mark.parametrize("lon, lat", [(float("nan"), 40.6), (float("inf"), 40.6), (0.0, 0.0), (1e300, -1e300)])
def test_what_is_no_place_here_hits_nothing(lon: float, lat: float) -> None:
    index = ZoneIndex([Zone(SQUARE, 500)])
    assert index.hits(lon, lat, JULY) == []
    assert len(index.hits_many([lon], [lat])[0]) == 0


def test_no_zones_hit_nothing() -> None:
    index = ZoneIndex([])
    assert (len(index), index.hits(122.5, 40.6, JULY)) == (0, [])
    assert [len(found) for found in index.hits_many([122.5], [40.6])] == [0, 0]


MANY = ZoneIndex([Zone(SQUARE, 300), Zone(LINE, 80), Zone(SQUARE.buffer(-0.004), 0), Zone(LINE.buffer(0.01), 1000)])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(122.3, 122.6), st.floats(40.5, 40.7)), max_size=40))
def test_many_points_are_answered_as_each_alone(places: list[tuple[float, float]]) -> None:
    points, zones = MANY.hits_many([lon for lon, _ in places], [lat for _, lat in places])
    alone = [(n, zone) for n, (lon, lat) in enumerate(places) for zone in MANY.hits(lon, lat, JULY)]
    assert list(zip(points.tolist(), zones.tolist(), strict=True)) == alone


def test_what_is_drawn_is_what_is_hit_to_within_a_metre() -> None:
    drawn = with_buffer(SQUARE, 500)
    index = ZoneIndex([Zone(SQUARE, 500)])
    rng = np.random.default_rng(7)
    lons, lats = rng.uniform(122.48, 122.54, 4000), rng.uniform(40.58, 40.64, 4000)
    hit = np.zeros(4000, bool)
    hit[index.hits_many(lons, lats)[0]] = True
    sure = ~shapely.dwithin(shapely.boundary(drawn), shapely.points(lons, lats), 2e-5)
    assert (hit == shapely.intersects_xy(drawn, lons, lats))[sure].all()
    assert with_buffer(SQUARE, 0) is SQUARE


def a_river(vertices: int) -> shapely.LineString:
    """A line that winds from the south-west to the north-east, a vertex every five metres."""
    rng = np.random.default_rng(4)
    heading = np.pi / 4 + 1.3 * np.sin(np.cumsum(rng.normal(0, 0.05, vertices)))
    steps = np.column_stack([np.cos(heading) / 85_000, np.sin(heading) / 111_000]) * 5
    return shapely.LineString(np.array([122.40, 40.40]) + np.cumsum(steps, axis=0))


def across_a_river() -> shapely.Polygon:
    """An area of many vertices with a hole that what is around it fills in part."""
    hole = shapely.Point(122.5, 40.5).buffer(0.02, quad_segs=200)
    return shapely.Point(122.5, 40.5).buffer(0.05, quad_segs=1000).difference(hole)


@pytest.mark.parametrize("shape", [a_river(5000), across_a_river()], ids=["line", "area"])
@pytest.mark.parametrize("buffer_m", [50.0, 500.0])
def test_what_is_drawn_around_many_vertices_is_nearly_exact_and_has_few(
    shape: shapely.Geometry, buffer_m: float
) -> None:
    shapes = np.array([shape], dtype=object)
    metric = local_projection(shapes)
    exact = shapely.buffer(flattened(shapes, metric)[0], buffer_m, quad_segs=32)
    outline = with_buffer(shape, buffer_m)
    drawn = flattened(np.array([outline], dtype=object), metric)[0]
    assert outline.is_valid
    assert shapely.symmetric_difference(exact, drawn).area < 0.01 * exact.area
    assert shapely.hausdorff_distance(shapely.boundary(exact), shapely.boundary(drawn)) < 0.01 * buffer_m + 0.5
    assert shapely.get_num_coordinates(outline) < shapely.get_num_coordinates(shape)


def test_a_line_that_crosses_itself_again_and_again_is_drawn() -> None:
    angle = np.linspace(0, 200 * np.pi, 20_000)
    line = shapely.LineString(np.column_stack([122.5 + 0.01 * np.cos(angle * 1.01), 40.5 + 0.01 * np.sin(angle)]))
    outline = with_buffer(line, 500)
    assert outline.is_valid and shapely.get_num_coordinates(outline) < 1000


def test_a_zone_reaches_what_lies_within_its_metres() -> None:
    east = EARTH.fwd(122.52, 40.61, 90, 400)[0]
    beside = shapely.box(east, 40.60, east + 0.01, 40.62)
    assert reaches(SQUARE, 401, beside) and not reaches(SQUARE, 399, beside)
    assert reaches(SQUARE, 0, SQUARE.buffer(-0.001))


def test_an_area_is_told_in_square_metres() -> None:
    around = with_buffer(shapely.Point(122.51, 40.61).buffer(1e-7), 1000)
    assert area_m2(around) == pytest.approx(np.pi * 1e6, rel=0.005)


@pytest.mark.parametrize(
    ("shape", "buffer_m", "fault"),
    [
        (SQUARE, 0, None),
        (LINE, 50, None),
        (LINE, 0, "line"),
        (shapely.Point(122.5, 40.6), 50, "type"),
        (None, 0, "type"),
        (shapely.GeometryCollection([SQUARE]), 0, "type"),
        (shapely.Polygon(), 0, "empty"),
        (shapely.Polygon([(122, 40), (123, 41), (123, 40), (122, 41)]), 0, "unsound"),
        (shapely.Polygon([(500, 40), (501, 40), (501, 41)]), 0, "numbers"),
        (shapely.Polygon([(122, 40), (float("inf"), 40), (122, 41)]), 0, "numbers"),
        (shapely.Point(122.5, 40.6).buffer(0.1, quad_segs=6000), 0, "vertices"),
    ],
)
def test_a_shape_that_cannot_be_a_zone_is_named(shape: shapely.Geometry, buffer_m: float, fault: str | None) -> None:
    assert fault_of(shape, buffer_m) == fault


@pytest.mark.parametrize("metres", [-1, float("nan"), float("inf"), FARTHEST_M + 1])
def test_a_zone_does_not_reach_just_anywhere(metres: float) -> None:
    assert not sound_buffer(metres)
    assert sound_buffer(0) and sound_buffer(FARTHEST_M)
