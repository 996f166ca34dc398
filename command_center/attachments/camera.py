"""Where and when a camera says it took a photo, read from the original's EXIF before the public copy is drawn.

A claim, not a proof: anybody can write EXIF. Each value is taken only if it can be one; whatever is broken, missing or
made to do harm says nothing, and the photo is a photo all the same.

Source: Exif 2.32 (CIPA DC-008), GPS Attribute Information.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from PIL import ExifTags

from gis.datum import to_wgs84
from gis.errors import GisError

LONGEST_DATUM = 32
WORST_ERROR_M = 100_000.0
_TIME = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)")
_DAY = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d)")
_OFFSET = re.compile(r"[+-]\d\d:\d\d")
# What cameras write into GPSMapDatum, letters and digits only; without the tag EXIF means WGS 84.
_DATUMS = {
    "": "wgs84",
    "WGS84": "wgs84",
    "WGS1984": "wgs84",
    "CGCS2000": "cgcs2000",
    "GCJ02": "gcj02",
    "BD09": "bd09",
    "BD09LL": "bd09",
}


@dataclass(frozen=True, slots=True)
class CameraPlace:
    """What the camera wrote.

    `lon, lat`: degrees, WGS 84, both or neither; neither, too, when `datum`, as the camera names it, is one we cannot
    convert. `accuracy_m`: the camera's own estimate. `taken_at`: ISO 8601 by the camera's clock, with an offset only if
    the camera gave one; `fixed_at`: ISO 8601 in UTC, by the satellites' clock.
    """

    lon: float | None
    lat: float | None
    taken_at: str | None
    datum: str | None = None
    accuracy_m: float | None = None
    fixed_at: str | None = None


def camera_place(exif: Mapping[int, Any]) -> CameraPlace | None:
    """Read the tags, sub-directories under their own numbers; None when they say nothing of place or time."""
    gps = exif.get(ExifTags.IFD.GPSInfo, {})
    taken_at = _taken_at(exif.get(ExifTags.IFD.Exif, {}))
    datum = _text(gps.get(ExifTags.GPS.GPSMapDatum))[:LONGEST_DATUM] or None
    place = _place(gps, datum)
    fixed_at = _fixed_at(gps)
    if place is None and taken_at is None and fixed_at is None:
        return None
    lon, lat = place or (None, None)
    return CameraPlace(lon, lat, taken_at, datum, _error_m(gps), fixed_at)


def _place(gps: Mapping[int, Any], datum: str | None) -> tuple[float, float] | None:
    lon = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), "W", 180)
    lat = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), "S", 90)
    # Null Island: cameras write zeros when they have no fix. A fix that is void ("V") is none.
    if lon is None or lat is None or (lon == 0 and lat == 0) or _text(gps.get(ExifTags.GPS.GPSStatus)) == "V":
        return None
    known = _DATUMS.get(re.sub(r"[^A-Z0-9]", "", (datum or "").upper()))
    if known is None:
        return None
    if known in ("wgs84", "cgcs2000"):
        return lon, lat
    try:
        return to_wgs84(lon, lat, known)
    except GisError:
        return None


def _degrees(parts: Any, side: Any, negative: str, limit: int) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value) or not 0 <= value <= limit:
        return None
    return -value if _text(side) == negative else value


def _error_m(gps: Mapping[int, Any]) -> float | None:
    try:
        error = float(gps[ExifTags.GPS.GPSHPositioningError])
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return error if math.isfinite(error) and 0 <= error <= WORST_ERROR_M else None


def _fixed_at(gps: Mapping[int, Any]) -> str | None:
    day = _DAY.fullmatch(_text(gps.get(ExifTags.GPS.GPSDateStamp)))
    try:
        hours, minutes, seconds = (float(part) for part in gps[ExifTags.GPS.GPSTimeStamp])
        if day is None or not 0 <= hours * 3600 + minutes * 60 + seconds < 86_401:
            return None
        year, month, date = map(int, day.groups())
        start = datetime(year, month, date, tzinfo=UTC)
        return (start + timedelta(hours=hours, minutes=minutes, seconds=round(seconds))).isoformat()
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None


def _taken_at(tags: Mapping[int, Any]) -> str | None:
    found = _TIME.fullmatch(_text(tags.get(ExifTags.Base.DateTimeOriginal)))
    if not found:
        return None
    year, month, day, hour, minute, second = found.groups()
    offset = _text(tags.get(ExifTags.Base.OffsetTimeOriginal))
    said = f"{year}-{month}-{day}T{hour}:{minute}:{second}" + (offset if _OFFSET.fullmatch(offset) else "")
    try:
        return datetime.fromisoformat(said).isoformat()
    except ValueError:  # the zeros of a clock never set, a thirteenth month
        return None


def _text(value: Any) -> str:
    """What a tag says as plain printable text; nothing for what is no text, or longer than any tag of ours."""
    if isinstance(value, bytes):
        value = value[:256].decode("ascii", "ignore")
    if not isinstance(value, str):
        return ""
    return "".join(c for c in value[:256] if c.isascii() and c.isprintable()).strip()
