"""Photos as files named by their content, so that the same photo is kept once and none is overwritten."""

import os
import re
import tempfile
from pathlib import Path

from command_center.attachments.photos import Photo

_SHA256 = re.compile(r"[0-9a-f]{64}")


def save(folder: Path, photo: Photo) -> str:
    """Write a photo and its thumbnail below a folder, durably; saving it again changes nothing.

    Returns its SHA-256. Raises: OSError when the disk does not take it.
    """
    _write(path(folder, photo.sha256, thumbnail=True), photo.thumbnail)
    # The photo comes last: where it stands, its thumbnail stands too.
    _write(path(folder, photo.sha256), photo.jpeg)
    return photo.sha256


def path(folder: Path, sha256: str, thumbnail: bool = False) -> Path:
    """Tell where a photo stands, whether or not it is there.

    Raises: ValueError for anything that is no SHA-256 in lower-case hexadecimal digits.
    """
    if not _SHA256.fullmatch(sha256):
        raise ValueError("a photo is named by its SHA-256")
    # 256 folders, because a folder of a million files is slow to back up and to list.
    return folder / sha256[:2] / (f"{sha256}.thumbnail.jpg" if thumbnail else f"{sha256}.jpg")


def _write(target: Path, content: bytes) -> None:
    """Make the file appear whole or not at all, whenever the power fails."""
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".incoming-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    # The new name is durable only once the folder itself is written.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
