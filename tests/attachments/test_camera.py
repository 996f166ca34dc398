"""What is taken from a camera's EXIF, and what harm it cannot do."""

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from command_center.attachments.camera import CameraPlace, camera_place
from command_center.attachments.photos import read_photo
from gis.datum import from_wgs84

GPS = ExifTags.GPS
PLACE: dict[int, Any] = {
    GPS.GPSLatitudeRef: "N",
    GPS.GPSLatitude: (40.0, 37.0, 30.0),
    GPS.GPSLongitudeRef: "E",
    GPS.GPSLongitude: (122.0, 30.0, 0.0),
}


def place(**changes: Any) -> CameraPlace | None:
    gps = PLACE | {getattr(GPS, name): value for name, value in changes.items()}
    return camera_place({ExifTags.IFD.GPSInfo: gps})


def dms(degrees: float) -> tuple[float, float, float]:
    return (float(int(degrees)), 0.0, (degrees - int(degrees)) * 3600)


@pytest.mark.parametrize("named", ["WGS-84", "WGS84", "wgs 84", "WGS-84\0", "CGCS2000", b"WGS-84\0"])
def test_a_named_datum_equal_to_wgs84_changes_nothing(named: str) -> None:
    found = place(GPSMapDatum=named)
    assert found is not None and (found.lon, found.lat) == (122.5, 40.625)


@pytest.mark.parametrize(("named", "datum"), [("GCJ-02", "gcj02"), ("gcj02", "gcj02"), ("BD-09", "bd09")])
def test_a_chinese_datum_that_is_named_is_converted(named: str, datum: str) -> None:
    lon, lat = from_wgs84(122.5, 40.625, datum)
    found = place(GPSMapDatum=named, GPSLongitude=dms(lon), GPSLatitude=dms(lat))
    assert found is not None and found.datum == named
    assert (found.lon, found.lat) == (pytest.approx(122.5, abs=1e-8), pytest.approx(40.625, abs=1e-8))


def test_a_datum_nobody_here_knows_leaves_no_place_but_its_name() -> None:
    found = place(GPSMapDatum="TOKYO", GPSDateStamp="2026:11:20", GPSTimeStamp=(0.0, 15.0, 30.0))
    assert found is not None and (found.lon, found.lat, found.datum) == (None, None, "TOKYO")


def test_the_satellites_time_and_the_camera_s_own_estimate_are_read() -> None:
    found = place(GPSDateStamp="2026:11:20", GPSTimeStamp=(0.0, 15.0, 30.0), GPSHPositioningError=IFDRational(9, 2))
    assert found is not None and (found.fixed_at, found.accuracy_m) == ("2026-11-20T00:15:30+00:00", 4.5)


@pytest.mark.parametrize("said", ["0000:00:00 00:00:00", "2026:13:45 27:61:61", "2026:02:30 08:00:00"])
def test_a_time_that_no_clock_shows_is_none(said: str) -> None:
    assert camera_place({ExifTags.IFD.Exif: {ExifTags.Base.DateTimeOriginal: said}}) is None


def test_a_fix_that_the_receiver_calls_void_is_none() -> None:
    assert place(GPSStatus="V") is None


HOSTILE = [
    IFDRational(1, 0),
    IFDRational(0, 0),
    float("nan"),
    float("inf"),
    -1.0,
    1e300,
    10**400,
    "40",
    b"\xff" * 40,
    None,
    (1.0, 2.0),
]


@pytest.mark.parametrize("part", HOSTILE)
@pytest.mark.parametrize("where", range(3))
def test_numbers_made_to_do_harm_are_no_place(part: object, where: int) -> None:
    parts: list[Any] = [40.0, 37.0, 30.0]
    parts[where] = part
    found = place(GPSLatitude=tuple(parts))
    # "40" is forty to a lenient reader; a minute of -1 is still somewhere near. Nothing else says anything.
    assert found is None or (found.lat is not None and 38 < found.lat < 42)


@pytest.mark.parametrize("parts", [(), (1.0,), tuple([1.0] * 100_000), "4" * 100_000, b"", 7, {}, None])
def test_parts_of_the_wrong_number_are_no_place(parts: object) -> None:
    assert place(GPSLatitude=parts) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"GPSMapDatum": "W" * 1_000_000},
        {"GPSMapDatum": "\x1b[31m\u202e"},
        {"GPSDateStamp": "9999:99:99", "GPSTimeStamp": (0.0, 0.0, 0.0)},
        {"GPSDateStamp": "0000:00:00", "GPSTimeStamp": (IFDRational(1, 0),) * 3},
        {"GPSTimeStamp": (1e9, 0.0, 0.0), "GPSDateStamp": "2026:11:20"},
        {"GPSHPositioningError": IFDRational(1, 0)},
        {"GPSHPositioningError": 1e300},
        {"GPSHPositioningError": "near"},
        {"GPSLongitudeRef": b"E" * 100_000},
        {"GPSLatitudeRef": 7},
    ],
)
def test_other_tags_made_to_do_harm_change_nothing_else(changes: dict[str, Any]) -> None:
    found = place(**changes)
    assert found is None or (found.accuracy_m is None and found.fixed_at is None and len(found.datum or "") <= 32)
    assert found is None or (found.datum or "").isprintable()


ANY = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.binary(max_size=20),
    st.floats(),
    st.integers(),
    st.lists(st.one_of(st.floats(), st.integers(), st.text(max_size=3)), max_size=4).map(tuple),
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(list(GPS)), ANY), st.dictionaries(st.sampled_from(list(ExifTags.Base)), ANY))
def test_whatever_stands_in_the_tags_a_place_is_a_place(gps: dict[int, Any], tags: dict[int, Any]) -> None:
    found = camera_place({ExifTags.IFD.GPSInfo: gps, ExifTags.IFD.Exif: tags})
    if found is not None and found.lon is not None and found.lat is not None:
        assert -180 <= found.lon <= 180 and -90 <= found.lat <= 90


def test_a_real_file_with_a_denominator_of_zero_is_a_photo_without_place() -> None:
    exif = Image.Exif()
    exif[ExifTags.IFD.GPSInfo] = PLACE | {GPS.GPSLatitude: (IFDRational(40, 0), IFDRational(0, 0), IFDRational(1, 0))}
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG", exif=exif)
    assert read_photo(out.getvalue()).exif is None
