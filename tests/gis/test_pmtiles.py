"""What a PMTiles file says about itself, and which files are refused with what reason."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gis.errors import BadBaseMap
from gis.pmtiles import read
from tests.gis import tiles


def test_a_file_of_pictures_tells_its_zooms_and_area(tmp_path: Path) -> None:
    archive = read(tiles.pictures(tmp_path / "a.pmtiles", deepest=9))
    assert (archive.vector, archive.min_zoom, archive.max_zoom) == (False, 0, 9)
    assert archive.bounds == (tiles.WEST, tiles.SOUTH, tiles.EAST, tiles.NORTH)


def test_a_file_of_vectors_tells_its_layers_and_its_source_without_links(tmp_path: Path) -> None:
    archive = read(tiles.vectors(tmp_path / "a.pmtiles"))
    assert archive.vector and archive.is_protomaps
    assert archive.layers == ("earth", "water", "roads", "places")
    assert archive.attribution == "© 测绘院"


def test_layers_of_other_names_are_no_protomaps_map(tmp_path: Path) -> None:
    names = ("land", "river", "道路", "地名")
    archive = read(tiles.vectors(tmp_path / "a.pmtiles", names=names))
    assert not archive.is_protomaps and archive.layers == names


def changed(at: int, value: int) -> Callable[[bytes], bytes]:
    return lambda content: content[:at] + bytes([value]) + content[at + 1 :]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda content: b"", "not-pmtiles"),
        (lambda content: b"GIF89a" + content, "not-pmtiles"),
        (lambda content: content[:126], "not-pmtiles"),
        (changed(7, 2), "other-version"),
        (lambda content: content[:-1], "cut-off"),
        (lambda content: content[:200], "cut-off"),
        (changed(97, 4), "unknown-compression"),
        (changed(98, 3), "unknown-compression"),
        (changed(99, 0), "unknown-tiles"),
        (changed(99, 6), "unknown-tiles"),
        (lambda content: content[:102] + content[110:118] + content[110:], "no-area"),
    ],
)
def test_a_file_that_cannot_be_drawn_is_refused_with_its_reason(
    change: Callable[[bytes], bytes], reason: str, tmp_path: Path
) -> None:
    path = tiles.pictures(tmp_path / "a.pmtiles", deepest=3)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(BadBaseMap) as refused:
        read(path)
    assert refused.value.reason == reason


def test_a_missing_file_or_a_folder_is_not_readable(tmp_path: Path) -> None:
    for path in (tmp_path / "none.pmtiles", tmp_path):
        with pytest.raises(BadBaseMap) as refused:
            read(path)
        assert refused.value.reason == "not-readable"


def test_metadata_that_is_no_json_costs_only_the_attribution(tmp_path: Path) -> None:
    path = tiles.write(tmp_path / "a.pmtiles", {(0, 0, 0): b"x"}, tiles.PNG, 0, {"attribution": 7, "vector_layers": 3})
    assert (read(path).attribution, read(path).layers) == ("", ())
