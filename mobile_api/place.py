"""Coordinates at the door: checked, converted to WGS 84, faults translated."""

from command_center.errors import (
    CommandCenterError,
    CoordinatesNotFinite,
    CoordinatesOutOfRange,
    CoordinatesSwapped,
    UnknownDatum,
)
from gis import datum as datums
from gis import errors as gis_errors

REASONS: dict[str, type[CommandCenterError]] = {
    "not-finite": CoordinatesNotFinite,
    "swapped": CoordinatesSwapped,
}


def to_wgs84(lon: float, lat: float, datum: str) -> tuple[float, float]:
    """Convert one pair. lon, lat: degrees in `datum`; returns degrees, WGS 84.

    Raises: UnknownDatum, CoordinatesNotFinite, CoordinatesOutOfRange, CoordinatesSwapped.
    """
    try:
        x, y = datums.to_wgs84(lon, lat, datum)
    except gis_errors.UnknownDatum as wrong:
        raise UnknownDatum(field="datum", datum=datum[:32]) from wrong
    except gis_errors.BadCoordinates as wrong:
        if wrong.reason == "far-from-china":
            return lon, lat  # a sound place, and there the datums agree: the map will say how far away it is
        raise REASONS.get(wrong.reason, CoordinatesOutOfRange)(field="lon") from wrong
    return float(x), float(y)
