"""Photos on disk: once each, whole or not at all, and never outside their folder."""

import os
from pathlib import Path

import pytest

from command_center.attachments.photos import Photo
from command_center.attachments.storage import path, save

NAME = "ab" + "0" * 62


def a_photo(jpeg: bytes = b"picture") -> Photo:
    return Photo(jpeg=jpeg, thumbnail=b"small", sha256=NAME, width=4, height=3, exif=None)


def test_a_photo_and_its_thumbnail_are_kept(tmp_path: Path) -> None:
    name = save(tmp_path, a_photo())
    assert path(tmp_path, name).read_bytes() == b"picture"
    assert path(tmp_path, name, thumbnail=True).read_bytes() == b"small"


def test_the_folder_is_made_when_it_is_not_there(tmp_path: Path) -> None:
    save(tmp_path / "not" / "yet", a_photo())
    assert path(tmp_path / "not" / "yet", NAME).is_file()


def test_saving_again_changes_nothing(tmp_path: Path) -> None:
    save(tmp_path, a_photo())
    before = path(tmp_path, NAME).stat()
    save(tmp_path, a_photo())
    assert path(tmp_path, NAME).stat() == before


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def disk_full(_: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(OSError, match="no space"):
        save(tmp_path, a_photo())
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


@pytest.mark.parametrize("name", ["", "../../etc/passwd", NAME.upper(), NAME + "\n", NAME[:-1], "g" * 64])
def test_a_name_that_is_no_hash_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        path(tmp_path, name)
