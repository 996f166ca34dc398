"""Reading outlines, and telling every fault of an edition in one run."""

import json

import pytest
import shapely

from gis.boundaries import Boundary, faults, level_of, parent_code, read_geojson, require_sound
from gis.errors import BadBoundaries

VILLAGE = "210882004004"


def a_grid(number: int, shape: shapely.Polygon, name: str = "网格") -> Boundary:
    return Boundary(f"{VILLAGE}1{number:03d}", name, "grid", "urban_rural", VILLAGE, shape, True)


def an_edition(*grids: Boundary) -> list[Boundary]:
    area = shapely.box(122, 40, 124, 41)
    above = [("210882000000", "county"), ("210882004000", "town"), (VILLAGE, "village")]
    return [*(Boundary(code, code, level, None, parent_code(code), area, True) for code, level in above), *grids]


def test_a_sound_edition_has_no_faults():
    assert faults(an_edition(a_grid(1, shapely.box(122, 40, 123, 41)), a_grid(2, shapely.box(123, 40, 124, 41)))) == []


def test_overlapping_grids_are_both_named():
    found = faults(an_edition(a_grid(1, shapely.box(122, 40, 123.1, 41)), a_grid(2, shapely.box(123, 40, 124, 41))))
    assert [fault[:16] for fault in found] == [VILLAGE + "1001", VILLAGE + "1002"]


def test_a_grid_that_touches_itself_is_named():
    bow = shapely.Polygon([(122, 40), (123, 41), (123, 40), (122, 41)])
    assert any("Self-intersection" in fault for fault in faults(an_edition(a_grid(1, bow))))


def test_a_missing_parent_a_repeated_code_and_an_empty_name_are_all_told_at_once():
    shape = shapely.box(122, 40, 123, 41)
    found = faults([a_grid(1, shape, name=" "), a_grid(1, shape)])
    assert any("appears 2 times" in fault for fault in found)
    assert any("is missing" in fault for fault in found)
    assert any("no name" in fault for fault in found)


def test_require_sound_raises_with_every_fault():
    with pytest.raises(BadBoundaries) as refused:
        require_sound([a_grid(1, shapely.Polygon(), name="")])
    assert len(refused.value.faults) == 3


@pytest.mark.parametrize(
    ("code", "level", "parent"),
    [
        ("210882000000", "county", None),
        ("210882004000", "town", "210882000000"),
        ("210882004004", "village", "210882004000"),
        ("2108820040041001", "grid", "210882004004"),
    ],
)
def test_a_code_tells_its_level_and_its_parent(code, level, parent):
    assert (level_of(code), parent_code(code)) == (level, parent)


@pytest.mark.parametrize("code", ["", "210882", "2108820040044001", "210882004004100１", "210882004004\n", "x" * 12])
def test_what_is_no_code_is_refused(code):
    with pytest.raises(BadBoundaries):
        level_of(code)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"features": [{}]}', '{"features": [{"properties": {}, "geometry": null}]}']
)
def test_a_file_that_holds_no_outlines_is_refused(tmp_path, text):
    path = tmp_path / "grids.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadBoundaries):
        read_geojson(path)


def test_what_is_not_marked_synthetic_is_not_synthetic(tmp_path):
    path = tmp_path / "grids.geojson"
    geometry = shapely.geometry.mapping(shapely.box(122, 40, 123, 41))
    feature = {"type": "Feature", "properties": {"code": VILLAGE + "1001", "name": "一"}, "geometry": geometry}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    assert not read_geojson(path)[0].synthetic
