"""Photos at the door: judged by their bytes, shown without place and device, and only to who may see them."""

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import ExifTags, Image
from werkzeug.test import TestResponse

from tests.builders import ELSEWHERE, a_body, a_key
from tests.county import County, Phone
from tests.mobile_api.problems import nothing_changes, problem

MB = 1024 * 1024


def a_jpeg(colour: str = "red", size: tuple[int, int] = (800, 600)) -> bytes:
    """A phone's photo with its maker and its place inside."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "SecretPhoneMaker"
    exif[ExifTags.IFD.GPSInfo] = {
        ExifTags.GPS.GPSLatitudeRef: "N",
        ExifTags.GPS.GPSLatitude: (40.0, 37.0, 30.0),
        ExifTags.GPS.GPSLongitudeRef: "E",
        ExifTags.GPS.GPSLongitude: (122.0, 30.0, 0.0),
    }
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", exif=exif, comment=b"secret comment")
    return out.getvalue()


def a_bomb(side: int) -> bytes:
    """A PNG of some hundred bytes that declares a picture of side by side pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 10_000))
        + chunk(b"IEND", b"")
    )


def upload(
    phone: Phone, data: bytes, filename: str = "photo.jpg", kind: str = "image/jpeg", field: str = "file"
) -> Any:
    return phone.app.test_client().post(
        "/api/v1/attachments",
        data={field: (io.BytesIO(data), filename, kind)},
        content_type="multipart/form-data",
        headers=phone.headers,
    )


def uploaded(phone: Phone, data: bytes | None = None) -> str:
    answer: TestResponse = upload(phone, data or a_jpeg())
    assert answer.status_code == 201, answer.text
    assert answer.json is not None
    return str(answer.json["id"])


NOT_PHOTOS = {
    "nothing": (b"", "not-a-photo"),
    "text": (b"not a photo", "not-a-photo"),
    "SVG with a script": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "not-a-photo"),
    "HTML that says it is a JPEG": (b"\xff\xd8\xff<html><script>alert(1)</script>", "not-a-photo"),
    "a PDF": (b"%PDF-1.7\n1 0 obj\n", "not-a-photo"),
    "a program": (b"\x7fELF" + bytes(500), "not-a-photo"),
    "an archive": (b"PK\x03\x04" + bytes(500), "not-a-photo"),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n", "not-a-photo"),
    "an image cut in half": (a_jpeg()[: len(a_jpeg()) // 2], "not-a-photo"),
    "only the first bytes": (a_jpeg()[:30], "not-a-photo"),
    "a decompression bomb": (a_bomb(30_000), "photo-too-many-pixels"),
    "the largest bomb of all": (a_bomb(2**31 - 1), "photo-too-many-pixels"),
}


@pytest.mark.parametrize("name", NOT_PHOTOS)
@pytest.mark.parametrize("filename", ["photo.jpg"])
def test_what_is_no_photo_is_refused(door: County, name: str, filename: str) -> None:
    data, code = NOT_PHOTOS[name]
    phone = door.phone("grid")
    with nothing_changes(door):
        told = problem(upload(phone, data, filename), 422, code, "file")
    assert "?" not in told["title"] + told["title_en"]


@pytest.mark.parametrize("size", [20 * MB + 1, 50 * MB, 130 * MB])
def test_a_photo_beyond_the_limit_is_too_large(door: County, size: int) -> None:
    phone = door.phone("grid")
    with nothing_changes(door):
        told = problem(upload(phone, bytes(size)), 413, "photo-too-large", "file")
    assert "20 MB" in told["title"] and "20 MB" in told["title_en"]


def test_an_upload_without_a_file_is_refused(door: County) -> None:
    phone = door.phone("grid")
    with nothing_changes(door):
        problem(upload(phone, a_jpeg(), field="picture"), 422, "not-a-photo", "file")
        problem(phone.post("attachments", {"file": "photo.jpg"}), 422, "not-a-photo", "file")
        problem(phone.post("attachments", data=b"--x\r\nbroken"), 422, "not-a-photo", "file")


def test_nobody_uploads_without_signing_in(door: County) -> None:
    with nothing_changes(door):
        problem(upload(door.phone(None), a_jpeg()), 401, "not-signed-in")


def test_the_public_copy_holds_no_place_and_no_device(door: County) -> None:
    phone = door.phone("grid")
    assert b"SecretPhoneMaker" in a_jpeg()
    for size in ("", "thumbnail"):
        copy = phone.get(f"attachments/{uploaded(phone)}", size=size)
        assert copy.status_code == 200 and copy.content_type == "image/jpeg"
        assert b"Secret" not in copy.data and b"secret" not in copy.data
        with Image.open(io.BytesIO(copy.data)) as picture:
            assert not picture.getexif()
            assert max(picture.size) == (320 if size else 800)
        assert copy.headers["Cache-Control"] == "private, max-age=86400"
        assert copy.headers["X-Content-Type-Options"] == "nosniff"


def test_a_hostile_file_name_counts_for_nothing(door: County) -> None:
    phone = door.phone("grid")
    answer = upload(phone, a_jpeg("green"), "../../../etc/<script>.php\x00.svg", "image/svg+xml")
    assert answer.status_code == 201
    assert phone.get(f"attachments/{answer.json['id']}").content_type == "image/jpeg"
    written = {path.suffix for path in (door.settings.home / "attachments").rglob("*") if path.is_file()}
    assert written == {".jpg"}


def test_a_report_s_photo_is_for_those_who_see_the_ticket(door: County) -> None:
    photo = uploaded(door.phone("grid"))
    assert door.phone("grid").get(f"attachments/{photo}").status_code == 200, "who took it sees it at once"
    problem(door.phone("village").get(f"attachments/{photo}"), 404, "attachment-not-found")
    told = door.phone("grid").report(a_body(door, photos=[photo])).json
    assert told is not None
    assert [shown["id"] for shown in told["photos"]] == [photo]
    for name, status in {"village": 200, "leader": 200, "department": 404, f"t{ELSEWHERE}": 404}.items():
        assert door.phone(name).get(f"attachments/{photo}").status_code == status, name
    problem(door.phone(None).get(f"attachments/{photo}"), 401, "not-signed-in")


def test_a_photo_goes_with_one_report_only(door: County) -> None:
    phone = door.phone("grid")
    photo = uploaded(phone)
    body, key = a_body(door, photos=[photo]), a_key()
    assert phone.report(body, key=key).status_code == 201
    assert phone.report(body, key=key).status_code == 200, "sent again, it is the same report"
    with nothing_changes(door):
        problem(phone.report(body), 422, "unknown-attachment", "photos")


def test_someone_else_s_photo_is_refused(door: County) -> None:
    photo = uploaded(door.phone("town"))
    with nothing_changes(door):
        problem(door.phone("grid").report(a_body(door, photos=[photo])), 422, "unknown-attachment", "photos")


def test_a_photo_goes_with_an_action(door: County) -> None:
    number = door.phone("grid").report(a_body(door)).json["number"]  # type: ignore[index]
    photo = uploaded(door.phone("village"))
    answer = door.phone("village").act(number, "accept", photos=[photo])
    assert answer.status_code == 200 and answer.json is not None
    assert [(shown["id"], shown["kind"]) for shown in answer.json["photos"]] == [(photo, "action")]
