"""The phone makes its pictures small and keeps where and when they were taken, and nothing else of the camera."""

import base64
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image
from playwright.sync_api import Browser, Page

from command_center.attachments.camera import CameraPlace
from command_center.attachments.photos import read_photo

STATIC = Path(__file__).resolve().parents[2] / "mobile_api" / "static"


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """A page that has the phone's own script for it, without a server."""
    script = "".join((STATIC / name).read_text("utf-8") for name in ("exif.js", "pictures.js"))
    plain = re.sub(r"^import .*$|^export ", "", script, flags=re.M)
    opened = browser.new_page()
    opened.add_script_tag(content=f"{plain}\nwindow.smaller = smaller;")
    yield opened
    opened.close()


def made_small(page: Page, photo: bytes) -> bytes:
    text = page.evaluate(
        """async (text) => {
          const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
          const small = await window.smaller(new Blob([bytes], { type: "image/jpeg" }));
          return btoa(String.fromCharCode(...new Uint8Array(await small.arrayBuffer())));
        }""",
        base64.b64encode(photo).decode(),
    )
    return base64.b64decode(text)


def a_photo(endian: str = ">", **gps: Any) -> bytes:
    exif = Image.Exif()
    exif.endian = endian
    exif[ExifTags.Base.Make] = "SecretPhoneMaker"
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.IFD.Exif] = {
        ExifTags.Base.DateTimeOriginal: "2026:11:20 08:15:30",
        ExifTags.Base.OffsetTimeOriginal: "+08:00",
        ExifTags.Base.MakerNote: b"SecretNote" * 100,
    }
    exif[ExifTags.IFD.GPSInfo] = {
        ExifTags.GPS.GPSLatitudeRef: "N",
        ExifTags.GPS.GPSLatitude: (40.0, 37.0, 30.0),
        ExifTags.GPS.GPSLongitudeRef: "E",
        ExifTags.GPS.GPSLongitude: (122.0, 30.0, 0.0),
    } | {getattr(ExifTags.GPS, name): value for name, value in gps.items()}
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "red").save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.mark.chromium
@pytest.mark.parametrize("endian", [">", "<"])
def test_place_and_time_survive_and_the_camera_does_not(page: Page, endian: str) -> None:
    small = made_small(page, a_photo(endian, GPSMapDatum="WGS-84", GPSHPositioningError=6.0))
    assert b"Secret" not in small
    photo = read_photo(small)
    assert photo.exif == CameraPlace(122.5, 40.625, "2026-11-20T08:15:30+08:00", "WGS-84", 6.0)
    # The browser turned it upright already: it must not be turned again.
    assert (photo.width, photo.height) == (300, 400)


@pytest.mark.chromium
@pytest.mark.parametrize(
    "photo",
    [
        a_photo().replace(b"Exif\0\0MM\0*\0\0\0\x08", b"Exif\0\0MM\0*\xff\xff\xff\xf0"),
        a_photo().replace(b"Exif\0\0MM", b"Exif\0\0XX"),
        a_photo()[:60] + b"\xff" * 60 + a_photo()[120:],
    ],
    ids=["points far away", "no byte order", "overwritten"],
)
def test_broken_exif_leaves_a_picture_without_place(page: Page, photo: bytes) -> None:
    small = made_small(page, photo)
    found = read_photo(small).exif
    assert found is None or found.lon is None
