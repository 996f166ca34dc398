"""Datums met in China, and the way to WGS 84.

`wgs84` and `cgcs2000` (EPSG:4490; equal within centimetres), `gcj02` (what phones and most Chinese web maps
give: shifted by some hundred metres) and `bd09` (Baidu: GCJ-02 shifted once more).
The two shifts are defined forwards only; backwards they are solved by fixed-point steps to below 0.1 mm.

Source: the GCJ-02 and BD-09 formulas as they are publicly known; neither is officially published.
"""

import math
from collections.abc import Callable
from typing import Any, Protocol, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import BadCoordinates, CoordinateFault, UnknownDatum

Floats = NDArray[np.float64]
DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")

CHINA_LON, CHINA_LAT = (72.004, 137.8347), (0.8293, 55.8271)
"""The box in which GCJ-02 shifts at all; also what we hold to be near China."""
_AXIS = 6_378_245.0  # Krasovsky 1940, as the formula has it.
_FLATNESS = 0.00669342162296594323
_BAIDU = math.pi * 3000.0 / 180.0
_CLOSE_DEGREES = 2e-10  # 0.02 mm
_MOST_STEPS = 12


class _Maths(Protocol):
    """What `math` (for one point) and `numpy` (for many) have in common."""

    sin: Any
    cos: Any
    sqrt: Any
    fabs: Any


def check_coordinates(lon: object, lat: object) -> None:
    """Refuse what cannot be a place in or near China.

    Raises: BadCoordinates with reason `not-a-number`, `not-finite`, `swapped`, `out-of-range`,
    `far-from-china`.
    """
    if (
        isinstance(lon, bool)
        or isinstance(lat, bool)
        or not (isinstance(lon, (int, float, np.number)) and isinstance(lat, (int, float, np.number)))
    ):
        raise BadCoordinates("not-a-number", lon, lat)
    fault = _fault(lon, lat)
    if fault:
        raise BadCoordinates(fault, lon, lat)


def _fault(lon: Any, lat: Any) -> CoordinateFault | None:
    try:
        finite = math.isfinite(lon) and math.isfinite(lat)
    except OverflowError:  # An integer too large for a float.
        finite = False
    if not finite:
        return "not-finite"
    if _near_china(lon, lat):
        return None
    if _near_china(lat, lon):
        return "swapped"
    if not (-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):
        return "out-of-range"
    return "far-from-china"


def _near_china(lon: float, lat: float) -> bool:
    return CHINA_LON[0] <= lon <= CHINA_LON[1] and CHINA_LAT[0] <= lat <= CHINA_LAT[1]


@overload
def to_wgs84(lon: float, lat: float, datum: str) -> tuple[float, float]: ...
@overload
def to_wgs84(lon: ArrayLike, lat: ArrayLike, datum: str) -> tuple[Floats, Floats]: ...
def to_wgs84(lon: Any, lat: Any, datum: str) -> tuple[Any, Any]:
    """Convert one point or many.

    lon, lat: degrees in `datum`, two numbers or two arrays of one shape. Returns the same in WGS 84.
    Raises: UnknownDatum; BadCoordinates (in arrays: of the first bad pair).
    """
    return _convert(lon, lat, _inverse, datum)


@overload
def from_wgs84(lon: float, lat: float, datum: str) -> tuple[float, float]: ...
@overload
def from_wgs84(lon: ArrayLike, lat: ArrayLike, datum: str) -> tuple[Floats, Floats]: ...
def from_wgs84(lon: Any, lat: Any, datum: str) -> tuple[Any, Any]:
    """Convert one WGS 84 point or many into `datum`. Shapes and errors as in `to_wgs84`."""
    return _convert(lon, lat, _forward, datum)


def _convert(lon: Any, lat: Any, way: Callable[..., tuple[Any, Any]], datum: str) -> tuple[Any, Any]:
    if datum not in DATUMS:
        raise UnknownDatum(datum)
    if np.ndim(lon) == 0 and np.ndim(lat) == 0:
        check_coordinates(lon, lat)
        return way(float(lon), float(lat), datum, math)
    lons, lats = np.broadcast_arrays(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
    with np.errstate(invalid="ignore"):
        good = (lons >= CHINA_LON[0]) & (lons <= CHINA_LON[1]) & (lats >= CHINA_LAT[0]) & (lats <= CHINA_LAT[1])
    if not good.all():
        first = int(np.argmin(good))
        check_coordinates(float(lons.flat[first]), float(lats.flat[first]))
    return way(lons, lats, datum, np)


def _forward(lon: Any, lat: Any, datum: str, m: _Maths) -> tuple[Any, Any]:
    if datum in ("wgs84", "cgcs2000"):
        return lon, lat
    lon, lat = _to_gcj02(lon, lat, m)
    return (lon, lat) if datum == "gcj02" else _gcj02_to_bd09(lon, lat, m)


def _inverse(lon: Any, lat: Any, datum: str, m: _Maths) -> tuple[Any, Any]:
    """Guess, see where the guess lands, and correct by the miss, until the miss is nothing."""
    if datum in ("wgs84", "cgcs2000"):
        return lon, lat
    guess_lon, guess_lat = lon, lat
    for _ in range(_MOST_STEPS):
        there_lon, there_lat = _forward(guess_lon, guess_lat, datum, m)
        miss_lon, miss_lat = lon - there_lon, lat - there_lat
        guess_lon, guess_lat = guess_lon + miss_lon, guess_lat + miss_lat
        if _all_close(m.fabs(miss_lon) + m.fabs(miss_lat)):
            break
    return guess_lon, guess_lat


def _all_close(miss: Any) -> bool:
    if isinstance(miss, float):
        return miss < _CLOSE_DEGREES
    return bool((miss < _CLOSE_DEGREES).all())


def _to_gcj02(lon: Any, lat: Any, m: _Maths) -> tuple[Any, Any]:
    x, y = lon - 105.0, lat - 35.0
    ripple = 20.0 * m.sin(6.0 * math.pi * x) + 20.0 * m.sin(2.0 * math.pi * x)
    root = m.sqrt(m.fabs(x))
    north = (
        -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * root
        + (
            ripple
            + 20.0 * m.sin(math.pi * y)
            + 40.0 * m.sin(math.pi / 3.0 * y)
            + 160.0 * m.sin(math.pi / 12.0 * y)
            + 320.0 * m.sin(math.pi / 30.0 * y)
        )
        * 2.0
        / 3.0
    )
    east = (
        300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * root
        + (
            ripple
            + 20.0 * m.sin(math.pi * x)
            + 40.0 * m.sin(math.pi / 3.0 * x)
            + 150.0 * m.sin(math.pi / 12.0 * x)
            + 300.0 * m.sin(math.pi / 30.0 * x)
        )
        * 2.0
        / 3.0
    )
    sine = m.sin(lat * math.pi / 180.0)
    bulge = 1.0 - _FLATNESS * sine * sine
    metres_lat = _AXIS * (1.0 - _FLATNESS) / (bulge * m.sqrt(bulge)) * math.pi / 180.0
    metres_lon = _AXIS / m.sqrt(bulge) * m.cos(lat * math.pi / 180.0) * math.pi / 180.0
    return lon + east / metres_lon, lat + north / metres_lat


def _gcj02_to_bd09(lon: Any, lat: Any, m: _Maths) -> tuple[Any, Any]:
    length = m.sqrt(lon * lon + lat * lat)
    longer = (length + 0.00002 * m.sin(lat * _BAIDU)) / length
    turn = 0.000003 * m.cos(lon * _BAIDU)
    cosine, sine = m.cos(turn), m.sin(turn)
    return ((lon * cosine - lat * sine) * longer + 0.0065, (lat * cosine + lon * sine) * longer + 0.006)
