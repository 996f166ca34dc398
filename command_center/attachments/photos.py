"""A photo as it comes in, and the two copies that may be shown.

What a file is called or claims to be does not count, only its bytes. Both copies are drawn anew, so that
nothing of the original file survives in them: no place, no device, no comment, nothing hidden behind the
picture (phones append short films there, attackers programs).
"""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pillow_heif
from PIL import ExifTags, Image

from command_center.attachments.camera import CameraPlace, camera_place
from command_center.attachments.errors import DecompressionBomb, NotAPhoto, PhotoTooLarge

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 60_000_000
LONG_SIDE = 2048
THUMBNAIL_SIDE = 320

pillow_heif.register_heif_opener(thumbnails=False)

_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
_ANIMATED_FORMATS = ("PNG", "WEBP")
# How to turn a picture upright, by EXIF orientation.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Photo:
    """A checked photo. `sha256`, `width` and `height` are those of `jpeg`, the copy that is shown."""

    jpeg: bytes = field(repr=False)
    thumbnail: bytes = field(repr=False)
    sha256: str
    width: int
    height: int
    exif: CameraPlace | None


def read_photo(data: bytes) -> Photo:
    """Check a photo by its content and draw its public copies.

    Raises: PhotoTooLarge, DecompressionBomb, NotAPhoto.
    """
    if len(data) > MAX_BYTES:
        raise PhotoTooLarge(limit=MAX_BYTES, limit_mb=MAX_BYTES // 1024 // 1024)
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as original:
            _refuse_bomb(*original.size)
            _refuse_animation(original)
            exif = _exif(original)
            picture = _upright(_shrunk(original), exif)
    except (DecompressionBomb, NotAPhoto):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise _bomb("?", "?") from bomb
    # Hostile bytes make a decoder fail in any way it can; each of them means the same to the sender.
    except Exception as broken:
        raise NotAPhoto() from broken
    jpeg = _jpeg(picture, quality=85)
    small = picture.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    return Photo(
        jpeg=jpeg,
        thumbnail=_jpeg(small, quality=80),
        sha256=hashlib.sha256(jpeg).hexdigest(),
        width=picture.width,
        height=picture.height,
        exif=camera_place(exif),
    )


def _refuse_bomb(width: int, height: int) -> None:
    """Judge by the declared size: opening has read the header only, nothing is decoded yet."""
    if width * height > MAX_PIXELS:
        raise _bomb(width, height)


def _bomb(width: int | str, height: int | str) -> DecompressionBomb:
    return DecompressionBomb(width=width, height=height, limit_megapixels=MAX_PIXELS // 1_000_000)


def _refuse_animation(image: Image.Image) -> None:
    # A JPEG or HEIC with several pictures is an ordinary phone photo with a depth map or a bright copy.
    if image.format in _ANIMATED_FORMATS and getattr(image, "n_frames", 1) > 1:
        raise NotAPhoto()


def _shrunk(image: Image.Image) -> Image.Image:
    """Decode, at most `LONG_SIDE` long, in RGB on white."""
    if image.mode not in ("RGB", "L", "CMYK", "YCbCr"):
        # Palettes cannot be resized, and what is transparent would turn black.
        image = image.convert("RGBA")
    image.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if image.mode == "RGBA":
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")


def _upright(picture: Image.Image, exif: Mapping[int, Any]) -> Image.Image:
    turn = _UPRIGHT.get(exif.get(ExifTags.Base.Orientation, 1))
    return picture if turn is None else picture.transpose(turn)


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    # A new image, because Pillow writes a comment that it found in the old one.
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()


def _exif(image: Image.Image) -> dict[int, Any]:
    """Read the tags of interest into one dictionary, sub-directories under their own numbers.

    A photo whose EXIF is broken is still a photo: it only says nothing.
    """
    try:
        exif = image.getexif()
        tags: dict[int, Any] = dict(exif)
        for directory in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
            tags[directory] = dict(exif.get_ifd(directory))
        hash(tags.get(ExifTags.Base.Orientation))
    except Exception:
        return {}
    return tags
