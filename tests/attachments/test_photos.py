"""Photos as phones and attackers send them; every picture is drawn here, none is stored."""

import io
import struct
import warnings
import zlib

import pytest
from PIL import ExifTags, Image, PngImagePlugin

from command_center.attachments.camera import CameraPlace
from command_center.attachments.errors import DecompressionBomb, NotAPhoto, PhotoTooLarge
from command_center.attachments.photos import LONG_SIDE, MAX_BYTES, read_photo

RED, BLUE = (220, 20, 20), (20, 20, 220)


def a_picture(width: int = 400, height: int = 300) -> Image.Image:
    """Red above, blue below, so that a test sees which way is up."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(BLUE, (0, height // 2, width, height))
    return picture


def encoded(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def camera_exif(orientation: int = 1) -> Image.Exif:
    """What a phone writes: its maker, its place (122.5°E 40.625°N), the time."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "SecretPhoneMaker"
    exif[ExifTags.IFD.Exif] = {
        ExifTags.Base.DateTimeOriginal: "2026:11:20 08:15:30",
        ExifTags.Base.OffsetTimeOriginal: "+08:00",
    }
    exif[ExifTags.IFD.GPSInfo] = {
        ExifTags.GPS.GPSLatitudeRef: "N",
        ExifTags.GPS.GPSLatitude: (40.0, 37.0, 30.0),
        ExifTags.GPS.GPSLongitudeRef: "E",
        ExifTags.GPS.GPSLongitude: (122.0, 30.0, 0.0),
    }
    return exif


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def is_red(colour: object) -> bool:
    assert isinstance(colour, tuple)
    return colour[0] > 150 > colour[2]


def png_declaring(width: int, height: int) -> bytes:
    """A few hundred bytes that promise a huge picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 10_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_photo_of_each_kind_becomes_jpeg(kind: str) -> None:
    photo = read_photo(encoded(a_picture(), kind))
    copy = opened(photo.jpeg)
    assert (copy.format, copy.size) == ("JPEG", (400, 300))
    assert (photo.width, photo.height) == (400, 300)
    assert is_red(copy.getpixel((10, 10))) and not is_red(copy.getpixel((10, 290)))


def test_the_camera_s_place_and_time_are_read() -> None:
    photo = read_photo(encoded(a_picture(), exif=camera_exif()))
    assert photo.exif == CameraPlace(lon=122.5, lat=40.625, taken_at="2026-11-20T08:15:30+08:00")


def test_a_heic_photo_s_place_is_read_too() -> None:
    photo = read_photo(encoded(a_picture(), "HEIF", exif=camera_exif().tobytes()))
    assert photo.exif is not None and photo.exif.lon == 122.5


def test_south_and_west_are_negative() -> None:
    exif = camera_exif()
    exif[ExifTags.IFD.GPSInfo] |= {ExifTags.GPS.GPSLatitudeRef: "S", ExifTags.GPS.GPSLongitudeRef: "W"}
    photo = read_photo(encoded(a_picture(), exif=exif))
    assert photo.exif is not None and (photo.exif.lon, photo.exif.lat) == (-122.5, -40.625)


@pytest.mark.parametrize(
    "gps",
    [
        {},  # nothing
        {ExifTags.GPS.GPSLatitude: (40.0, 37.0, 30.0)},  # one of two
        {ExifTags.GPS.GPSLatitude: (0.0, 0.0, 0.0), ExifTags.GPS.GPSLongitude: (0.0, 0.0, 0.0)},  # no fix
        {
            ExifTags.GPS.GPSLatitude: (95.0, 0.0, 0.0),
            ExifTags.GPS.GPSLongitude: (122.0, 0.0, 0.0),
        },  # no place
        {ExifTags.GPS.GPSLatitude: (40.0,), ExifTags.GPS.GPSLongitude: (122.0,)},  # cut short
    ],
)
def test_an_impossible_place_is_no_place(gps: dict[int, object]) -> None:
    exif = camera_exif()
    exif[ExifTags.IFD.GPSInfo] = gps
    photo = read_photo(encoded(a_picture(), exif=exif))
    assert photo.exif == CameraPlace(None, None, "2026-11-20T08:15:30+08:00")


def test_a_photo_without_exif_claims_nothing() -> None:
    assert read_photo(encoded(a_picture())).exif is None


def test_a_photo_with_broken_exif_is_still_a_photo() -> None:
    assert read_photo(encoded(a_picture(), exif=b"Exif\0\0garbage" * 20)).exif is None


def test_nothing_of_the_camera_survives_in_the_copies() -> None:
    photo = read_photo(encoded(a_picture(), exif=camera_exif(), comment=b"SecretComment", icc_profile=b"SecretProfile"))
    for copy in (photo.jpeg, photo.thumbnail):
        assert b"Secret" not in copy and b"Exif" not in copy
        assert not opened(copy).getexif() and "comment" not in opened(copy).info


def test_a_png_s_texts_do_not_survive() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "SecretPerson")
    assert b"Secret" not in read_photo(encoded(a_picture(), "PNG", pnginfo=notes)).jpeg


def test_what_hides_behind_the_picture_does_not_survive() -> None:
    # Real phones append a film; attackers append a script or an archive.
    photo = read_photo(encoded(a_picture()) + b"PK\x03\x04<script>alert(1)</script>")
    assert b"script" not in photo.jpeg


@pytest.mark.parametrize(
    ("orientation", "stored_turn"),
    [
        (1, None),
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (4, Image.Transpose.FLIP_TOP_BOTTOM),
        (5, Image.Transpose.TRANSPOSE),
        (6, Image.Transpose.ROTATE_90),
        (7, Image.Transpose.TRANSVERSE),
        (8, Image.Transpose.ROTATE_270),
    ],
)
def test_a_photo_is_turned_upright(orientation: int, stored_turn: Image.Transpose | None) -> None:
    upright = a_picture()
    # A green corner top left, so that a mirrored picture is noticed.
    upright.paste((0, 200, 0), (0, 0, 60, 60))
    stored = upright if stored_turn is None else upright.transpose(stored_turn)
    photo = read_photo(encoded(stored, exif=camera_exif(orientation)))
    assert (photo.width, photo.height) == (400, 300)
    copy = opened(photo.jpeg)
    corner = copy.getpixel((20, 20))
    assert isinstance(corner, tuple) and corner[1] > 150
    assert is_red(copy.getpixel((380, 20))) and not is_red(copy.getpixel((380, 280)))


def test_an_absurd_orientation_is_ignored() -> None:
    assert read_photo(encoded(a_picture(), exif=camera_exif(99))).width == 400


def test_a_large_photo_is_shrunk() -> None:
    photo = read_photo(encoded(a_picture(5000, 2500)))
    assert (photo.width, photo.height) == (LONG_SIDE, LONG_SIDE // 2)
    assert opened(photo.thumbnail).size == (320, 160)


def test_a_small_photo_is_not_enlarged() -> None:
    photo = read_photo(encoded(a_picture(40, 30)))
    assert opened(photo.jpeg).size == opened(photo.thumbnail).size == (40, 30)


def test_what_is_transparent_becomes_white() -> None:
    photo = read_photo(encoded(Image.new("RGBA", (50, 50), (255, 0, 0, 0)), "PNG"))
    assert opened(photo.jpeg).getpixel((25, 25)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA", "CMYK", "I;16"])
def test_unusual_colour_modes_are_taken(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    picture = Image.new("I;16", (50, 50)) if mode == "I;16" else a_picture(50, 50).convert(mode)
    assert opened(read_photo(encoded(picture, kind)).jpeg).mode == "RGB"


def test_a_jpeg_with_a_second_picture_is_an_ordinary_phone_photo() -> None:
    several = encoded(a_picture(), "MPO", save_all=True, append_images=[a_picture(100, 75)])
    assert read_photo(several).width == 400


def test_the_same_photo_has_the_same_name() -> None:
    data = encoded(a_picture())
    assert read_photo(data).sha256 == read_photo(data).sha256
    assert read_photo(encoded(a_picture(60, 60))).sha256 != read_photo(data).sha256


@pytest.mark.parametrize(
    "data",
    [
        b"",  # empty
        b"This is a text, renamed to photo.jpg",
        b"\xff\xd8\xff\xe0",  # only the beginning of a JPEG
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"%PDF-1.7\n" + encoded(a_picture()),  # another kind of file around a photo
        b"<html><script>alert(1)</script>" + encoded(a_picture()),
        encoded(a_picture(), "GIF"),
        encoded(a_picture(), "BMP"),
        encoded(a_picture(), "TIFF"),
        b"\0" * 5_000,
        png_declaring(100, 100)[:40],
        png_declaring(0, 0),
        png_declaring(1000, 1000),  # promises more than it holds
    ],
)
def test_what_is_no_photo_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPhoto):
        read_photo(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_truncated_photo_is_refused(kind: str, part: float) -> None:
    noise = Image.effect_noise((400, 300), 80).convert("RGB")
    data = encoded(noise, kind)
    with pytest.raises(NotAPhoto):
        read_photo(data[: int(len(data) * part)])


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_animation_is_refused(kind: str) -> None:
    data = encoded(a_picture(), kind, save_all=True, append_images=[Image.new("RGB", (400, 300))])
    with pytest.raises(NotAPhoto):
        read_photo(data)


@pytest.mark.parametrize(
    ("width", "height"),
    [
        (10_000, 6_001),  # just above our own limit
        (12_000, 9_000),  # where Pillow only warns
        (50_000, 50_000),  # where Pillow refuses
        (2**31 - 1, 2**31 - 1),
    ],
)
def test_a_decompression_bomb_is_refused_by_what_it_declares(width: int, height: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(DecompressionBomb):
            read_photo(png_declaring(width, height))


def test_a_bomb_is_refused_also_where_warnings_are_errors() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(DecompressionBomb):
            read_photo(png_declaring(12_000, 9_000))


def test_too_many_bytes_are_refused_unread() -> None:
    with pytest.raises(PhotoTooLarge):
        read_photo(b"\xff\xd8" + b"\0" * MAX_BYTES)


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (NotAPhoto, "not-a-photo", 422),
        (DecompressionBomb, "photo-too-many-pixels", 422),
        (PhotoTooLarge, "photo-too-large", 413),
    ],
)
def test_a_refusal_has_a_stable_code(error: type[NotAPhoto], code: str, status: int) -> None:
    assert (error.code, error.status) == (code, status)
