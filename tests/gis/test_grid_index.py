"""Placing a point: special grids, borders, drift, distance; one point and many give the same."""

import math
import threading

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import BadBoundaries, BadCoordinates, OutsideCounty
from gis.grid_index import GridIndex
from gis.metres import local_projection

VILLAGE = "210882004004"
EARTH = pyproj.Geod(ellps="WGS84")
WEST, SOUTH, SIDE = 122.5, 40.6, 0.01


def square(column: int, row: int = 0, size: float = SIDE) -> shapely.Polygon:
    west, south = WEST + column * SIDE, SOUTH + row * SIDE
    return shapely.box(west, south, west + size, south + size)


def a_small_county() -> GridIndex:
    """Two urban-rural grids side by side, numbered from east to west, and a school in the western one."""
    school = shapely.box(WEST + 0.002, SOUTH + 0.002, WEST + 0.004, SOUTH + 0.004)
    return GridIndex(
        [
            (VILLAGE + "1002", "urban_rural", square(0)),
            (VILLAGE + "1001", "urban_rural", shapely.to_wkb(square(1))),
            (VILLAGE + "2001", "school", school),
        ]
    )


@pytest.fixture(scope="module")
def small() -> GridIndex:
    return a_small_county()


@pytest.fixture(scope="module")
def land(county_boundaries):
    """The county's outline, prepared."""
    outline = county_boundaries[0].geometry
    shapely.prepare(outline)
    return outline


@pytest.fixture(scope="module")
def base_grids(county_boundaries):
    grids = [b for b in county_boundaries if b.kind == "urban_rural"]
    shapely.prepare([b.geometry for b in grids])
    return grids


def points_in(land: shapely.Polygon, count: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    west, south, east, north = land.bounds
    xy = rng.uniform((west, south), (east, north), (count * 4, 2))
    return xy[shapely.contains_xy(land, xy[:, 0], xy[:, 1])][:count]


def test_a_point_inside_one_grid_is_placed_there_with_all_its_parents(small):
    placed = small.place(WEST + 0.008, SOUTH + 0.008)
    assert (placed.grid, placed.base_grid) == (VILLAGE + "1002", None)
    assert (placed.village, placed.town, placed.county) == (VILLAGE, "210882004000", "210882000000")
    assert (placed.placed, placed.distance_m) == ("inside", 0.0)


def test_a_school_beats_the_urban_rural_grid_which_is_remembered(small):
    placed = small.place(WEST + 0.003, SOUTH + 0.003)
    assert (placed.grid, placed.base_grid, placed.placed) == (VILLAGE + "2001", VILLAGE + "1002", "inside")


def test_the_outline_of_a_school_belongs_to_the_school(small):
    placed = small.place(WEST + 0.002, SOUTH + 0.003)
    assert (placed.grid, placed.base_grid, placed.placed) == (VILLAGE + "2001", VILLAGE + "1002", "border")


def test_on_a_border_the_lowest_code_wins(small):
    placed = small.place(WEST + SIDE, SOUTH + 0.005)
    assert (placed.grid, placed.placed) == (VILLAGE + "1001", "border")


def test_a_point_just_outside_goes_to_the_nearest_grid_and_is_marked(small):
    placed = small.place(WEST - 0.001, SOUTH + 0.005)
    ground = EARTH.inv(WEST - 0.001, SOUTH + 0.005, WEST, SOUTH + 0.005)[2]
    assert (placed.grid, placed.placed) == (VILLAGE + "1002", "nearest")
    assert placed.distance_m == pytest.approx(ground, abs=0.02)


@pytest.mark.parametrize(("metres", "is_drift"), [(99.0, True), (101.0, False)])
def test_drift_ends_at_a_hundred_metres_on_the_ground_whatever_the_direction(small, metres, is_drift):
    for start, bearing in (((WEST, SOUTH + 0.005), 270.0), ((WEST + 0.005, SOUTH), 180.0), ((WEST, SOUTH), 225.0)):
        lon, lat, _ = EARTH.fwd(*start, bearing, metres)
        if is_drift:
            assert small.place(lon, lat).placed == "nearest"
        else:
            with pytest.raises(OutsideCounty) as refused:
                small.place(lon, lat)
            assert refused.value.distance_m == pytest.approx(metres, abs=0.1)


def test_a_point_as_near_to_two_grids_goes_to_the_lowest_code(small):
    assert small.place(WEST + SIDE, SOUTH - 0.0005).grid == VILLAGE + "1001"


def test_far_away_the_distance_is_told_on_the_ellipsoid(small):
    with pytest.raises(OutsideCounty) as refused:
        small.place(116.4, 39.9)  # Beijing
    assert refused.value.distance_m == pytest.approx(EARTH.inv(116.4, 39.9, WEST, SOUTH)[2], rel=1e-3)


def test_a_place_on_the_other_side_of_the_earth_is_outside_the_county_like_any_other(small):
    with pytest.raises(OutsideCounty) as refused:
        small.place(2.35, 48.86)  # Paris
    assert refused.value.distance_m == pytest.approx(EARTH.inv(2.35, 48.86, WEST, SOUTH)[2], rel=1e-3)


@pytest.mark.parametrize(
    ("lon", "lat", "reason"),
    [
        (math.nan, SOUTH, "not-finite"),
        (WEST, math.inf, "not-finite"),
        (SOUTH, WEST, "swapped"),
        (1e300, SOUTH, "out-of-range"),
        (-1e300, SOUTH, "out-of-range"),
        ("122.5", SOUTH, "not-a-number"),
        (None, None, "not-a-number"),
    ],
)
def test_coordinates_that_are_none_are_refused_with_the_reason(small, lon, lat, reason):
    with pytest.raises(BadCoordinates) as refused:
        small.place(lon, lat)
    assert refused.value.reason == reason


def test_many_points_never_raise_and_mark_the_hopeless(small):
    many = small.place_many([math.nan, 0.0, 116.4, math.inf, 1e300], [SOUTH, 0.0, 39.9, 0.0, 1e300])
    assert many.placed.tolist() == ["outside"] * 5
    assert many.grid.tolist() == [""] * 5


def test_no_points_give_no_placements(small):
    assert len(small.place_many([], []).grid) == 0


def test_an_empty_index_is_refused():
    with pytest.raises(BadBoundaries):
        GridIndex([])


def test_a_code_twice_is_refused():
    with pytest.raises(BadBoundaries):
        GridIndex([(VILLAGE + "1001", "urban_rural", square(0)), (VILLAGE + "1001", "urban_rural", square(1))])


def test_an_outline_that_is_none_is_refused():
    with pytest.raises(BadBoundaries):
        GridIndex([(VILLAGE + "1001", "urban_rural", b"no outline")])


def test_a_special_grid_beyond_every_urban_rural_one_has_no_base():
    index = GridIndex([(VILLAGE + "1001", "urban_rural", square(0)), (VILLAGE + "3001", "enterprise", square(2))])
    assert index.place(WEST + 2.5 * SIDE, SOUTH + 0.005).base_grid is None


def test_the_order_of_the_records_does_not_matter(county_boundaries, county_grids, land):
    turned = GridIndex.of(reversed(county_boundaries))
    xy = points_in(land, 20_000, seed=3)
    assert (turned.place_many(*xy.T).grid == county_grids.place_many(*xy.T).grid).all()


@settings(max_examples=300, deadline=None)
@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_every_point_of_the_county_lies_in_exactly_one_urban_rural_grid(county_grids, base_grids, land, u, v):
    west, south, east, north = land.bounds
    lon, lat = west + u * (east - west), south + v * (north - south)
    claiming = [b.code for b in base_grids if shapely.intersects_xy(b.geometry, lon, lat)]
    if not claiming:
        assert not shapely.contains_xy(land, lon, lat)
        return
    placed = county_grids.place(lon, lat)
    assert (placed.base_grid or placed.grid) == min(claiming)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_point_on_a_border_always_has_the_same_lowest_owner(county_grids, base_grids, data):
    """Vertices and points between them, of which several grids may or may not hold the rounded one."""
    grid = data.draw(st.sampled_from(base_grids))
    ring = shapely.get_coordinates(grid.geometry)
    n = data.draw(st.integers(0, len(ring) - 2))
    share = data.draw(st.sampled_from([0.0, 0.5, 0.25, 1 / 3]))
    lon, lat = (ring[n] + share * (ring[n + 1] - ring[n])).tolist()
    claiming = [b.code for b in base_grids if shapely.intersects_xy(b.geometry, lon, lat)]
    if claiming:
        placed = county_grids.place(lon, lat)
        assert (placed.base_grid or placed.grid) == min(claiming)
        assert county_grids.place(lon, lat) == placed
    if share == 0.0:
        assert county_grids.place(lon, lat).placed == "border"


def test_each_vertex_of_the_county_s_grids_is_on_a_border_and_has_the_lowest_owner(county_grids, base_grids):
    shapes = [b.geometry for b in base_grids]
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    vertex, number = np.unique(xy, axis=0, return_inverse=True)
    lowest = np.full(len(vertex), len(shapes))
    np.minimum.at(lowest, number.ravel(), owner)
    many = county_grids.place_many(*vertex.T)
    assert set(many.placed) == {"border"}
    assert (many.grid == np.array([b.code for b in base_grids], object)[lowest]).all()


def test_one_by_one_and_in_bulk_give_the_same(county_grids, land):
    inner = points_in(land, 3_000, seed=5)
    outline = shapely.get_coordinates(shapely.line_interpolate_point(land.exterior, np.linspace(0, 4, 1_500)))
    drifted = outline + np.random.default_rng(6).normal(0, 0.0006, outline.shape)
    xy = np.vstack([inner, outline, drifted])
    many = county_grids.place_many(*xy.T)
    for n, (lon, lat) in enumerate(xy.tolist()):
        try:
            one = county_grids.place(lon, lat)
        except OutsideCounty as outside:
            assert many.placed[n] == "outside"
            assert outside.distance_m == pytest.approx(many.distance_m[n], rel=1e-3)
            continue
        assert (one.grid, one.base_grid or "", one.placed) == (many.grid[n], many.base_grid[n], many.placed[n])
        assert one.distance_m == pytest.approx(many.distance_m[n], abs=1e-6)


def test_every_special_grid_holds_its_own_inner_point(county_grids, county_boundaries):
    for b in county_boundaries:
        if b.kind in ("school", "enterprise"):
            inner = b.geometry.representative_point()
            placed = county_grids.place(inner.x, inner.y)
            assert placed.grid == b.code
            assert placed.base_grid is not None and placed.base_grid[:13] == b.code[:12] + "1"


def test_nearest_is_nearest_in_metres_not_in_degrees():
    """North-south a degree is longer than east-west: at 40.6° N by a third."""
    index = GridIndex([(VILLAGE + "1001", "urban_rural", square(0)), (VILLAGE + "1002", "urban_rural", square(1, 1))])
    lon, lat = WEST + SIDE + 0.0007, SOUTH + SIDE - 0.0006
    flat = local_projection(np.array([square(0), square(1, 1)])).transform
    here = shapely.Point(flat(lon, lat))
    away = [shapely.distance(shapely.transform(square(*at), flat, interleaved=False), here) for at in ((0, 0), (1, 1))]
    assert index.place(lon, lat).grid == VILLAGE + ("1001" if away[0] < away[1] else "1002")
    assert away[0] < away[1]


def test_threads_may_ask_a_new_index_at_once():
    index, found = a_small_county(), []

    def ask() -> None:
        xy = np.random.default_rng(1).uniform((WEST, SOUTH), (WEST + 2 * SIDE, SOUTH + SIDE), (500, 2)).tolist()
        found.append([index.place(lon, lat).grid for lon, lat in xy])

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and all(answers == found[0] for answers in found)
