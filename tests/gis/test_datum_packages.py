"""Our datums beside three independent packages: the forward shift is the published one, and going back is finer.

Forwards coord-convert and prcoords give the very same numbers; eviltransform takes the earth's radius for the axis of
the formula's ellipsoid, a centimetre of difference. Backwards each package stops at a precision of its own.
"""

import math
from collections.abc import Callable

import eviltransform
import prcoords
import pytest
from coord_convert import transform as coord_convert
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.datum import from_wgs84, to_wgs84

Pair = tuple[float, float]
METRES_PER_DEGREE = 111_320.0
# Inland, away from the edges of the box in which the packages shift at all.
CHINA = st.tuples(st.floats(74.0, 134.0), st.floats(18.0, 53.0))
COUNTY = st.tuples(st.floats(122.1, 123.0), st.floats(40.32, 40.94))
PLACES = st.one_of(CHINA, COUNTY)


def metres(a: Pair, b: Pair) -> float:
    east = (a[0] - b[0]) * METRES_PER_DEGREE * math.cos(math.radians(a[1]))
    return math.hypot(east, (a[1] - b[1]) * METRES_PER_DEGREE)


def turned(convert: Callable[[float, float], Pair]) -> Callable[[float, float], Pair]:
    """Of a package that takes and gives latitude first."""

    def with_longitude_first(lon: float, lat: float) -> Pair:
        there = convert(lat, lon)
        return there[1], there[0]

    return with_longitude_first


def coords(convert: Callable[[prcoords.Coords], Pair]) -> Callable[[float, float], Pair]:
    return turned(lambda lat, lon: convert(prcoords.Coords(lat, lon)))


FORWARD = [
    ("gcj02", coord_convert.wgs2gcj, 1e-6),
    ("gcj02", coords(prcoords.wgs_gcj), 1e-6),
    ("gcj02", turned(eviltransform.wgs2gcj), 0.02),
    ("bd09", coord_convert.wgs2bd, 1e-6),
    ("bd09", coords(prcoords.wgs_bd), 1e-6),
    ("bd09", turned(eviltransform.wgs2bd), 0.02),
]
BACKWARD = [
    ("gcj02", coord_convert.gcj2wgs, 0.001),
    ("gcj02", coords(prcoords.gcj_wgs_bored), 0.01),
    ("gcj02", turned(eviltransform.gcj2wgs_exact), 0.3),
    ("bd09", coords(prcoords.bd_wgs_bored), 0.05),
]


@pytest.mark.parametrize(("datum", "theirs", "within_m"), FORWARD)
@settings(max_examples=60, deadline=None)
@given(place=PLACES)
def test_the_shift_is_the_one_the_packages_make(datum, theirs, within_m, place):
    assert metres(from_wgs84(*place, datum), theirs(*place)) < within_m


@pytest.mark.parametrize(("datum", "theirs", "within_m"), BACKWARD)
@settings(max_examples=60, deadline=None)
@given(place=PLACES)
def test_the_way_back_ends_where_the_packages_end_as_exactly_as_they_are(datum, theirs, within_m, place):
    shifted = from_wgs84(*place, datum)
    back = to_wgs84(*shifted, datum)
    assert metres(back, theirs(*shifted)) < within_m
    assert metres(back, place) < 1e-4
