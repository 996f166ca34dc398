"""Datums: known values, round trips, and what is refused."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.datum import DATUMS, check_coordinates, from_wgs84, to_wgs84
from gis.errors import BadCoordinates, UnknownDatum

METRES_PER_DEGREE = 111_320.0
LONS = st.floats(74.0, 136.0)
LATS = st.floats(2.0, 54.0)


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    east = (a[0] - b[0]) * METRES_PER_DEGREE * math.cos(math.radians(a[1]))
    return math.hypot(east, (a[1] - b[1]) * METRES_PER_DEGREE)


@given(LONS, LATS, st.sampled_from(DATUMS))
def test_going_to_any_datum_and_back_ends_within_a_tenth_of_a_millimetre(lon, lat, datum):
    assert metres(to_wgs84(*from_wgs84(lon, lat, datum), datum), (lon, lat)) < 1e-4


@given(st.lists(st.tuples(LONS, LATS), min_size=1, max_size=20), st.sampled_from(DATUMS))
def test_arrays_and_single_points_agree(points, datum):
    lons, lats = np.array(points).T
    together = np.column_stack(to_wgs84(lons, lats, datum))
    alone = np.array([to_wgs84(lon, lat, datum) for lon, lat in points])
    np.testing.assert_allclose(together, alone, atol=1e-9)


def test_gcj02_is_off_by_439_to_508_metres_in_this_county():
    lons, lats = (axis.ravel() for axis in np.meshgrid(np.linspace(122.1, 123.0, 30), np.linspace(40.32, 40.94, 30)))
    shifted = np.column_stack(from_wgs84(lons, lats, "gcj02"))
    off = [metres(tuple(a), b) for a, b in zip(shifted, zip(lons, lats, strict=True), strict=True)]
    assert min(off) > 425 and max(off) < 520


def test_gcj02_of_tiananmen_is_the_published_one():
    assert metres(from_wgs84(116.391305, 39.905548, "gcj02"), (116.397547, 39.906952)) < 2.0


def test_bd09_lies_beyond_gcj02_by_the_known_constant_offset():
    gcj, bd = from_wgs84(122.5, 40.6, "gcj02"), from_wgs84(122.5, 40.6, "bd09")
    assert bd[0] - gcj[0] == pytest.approx(0.0065, abs=4e-4)
    assert bd[1] - gcj[1] == pytest.approx(0.006, abs=4e-4)


def test_cgcs2000_is_taken_as_wgs84():
    assert to_wgs84(122.5, 40.6, "cgcs2000") == (122.5, 40.6)


@pytest.mark.parametrize("datum", ["mars", "", "WGS84", "wgs84\x00", None, 7])
def test_a_datum_that_does_not_exist_is_refused(datum):
    with pytest.raises(UnknownDatum):
        to_wgs84(122.5, 40.6, datum)


@pytest.mark.parametrize(
    ("lon", "lat", "reason"),
    [
        (math.nan, 40.6, "not-finite"),
        (122.5, math.inf, "not-finite"),
        (10**400, 40.6, "not-finite"),
        (40.6, 122.5, "swapped"),
        (40.6, 85.0, "swapped"),
        (400.0, 40.6, "out-of-range"),
        (122.5, -91.0, "out-of-range"),
        (0.0, 0.0, "far-from-china"),
        (-73.9, 40.7, "far-from-china"),
        ("122.5", 40.6, "not-a-number"),
        (True, 40.6, "not-a-number"),
        (None, 40.6, "not-a-number"),
    ],
)
def test_what_cannot_be_a_place_is_refused_with_its_reason(lon, lat, reason):
    with pytest.raises(BadCoordinates) as refused:
        check_coordinates(lon, lat)
    assert refused.value.reason == reason


def test_one_bad_pair_in_an_array_is_refused():
    with pytest.raises(BadCoordinates) as refused:
        to_wgs84([122.5, math.nan], [40.6, 40.6], "gcj02")
    assert refused.value.reason == "not-finite"


def test_empty_arrays_stay_empty():
    lons, lats = to_wgs84([], [], "bd09")
    assert len(lons) == len(lats) == 0
