"""The committed outlines: complete, coded as agreed, tiling at every level, and made by the committed
script."""

import json
import re
from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
import pytest
import shapely

from gis.boundaries import faults, load_names, read_geojson
from gis.metres import local_projection
from gis.synthesize import DATA, synthesize

STORY_VILLAGE = "210882004004"
LEVELS_ABOVE = ["county", "town", "village"]


@pytest.fixture(scope="module")
def flat(county_boundaries):
    """Outlines in metres, by code."""
    shapes = np.array([b.geometry for b in county_boundaries])
    project = local_projection(shapes).transform
    return dict(
        zip((b.code for b in county_boundaries), shapely.transform(shapes, project, interleaved=False), strict=True)
    )


@pytest.fixture(scope="module")
def base_grids(county_boundaries):
    return [b for b in county_boundaries if b.kind == "urban_rural"]


@pytest.fixture(scope="module")
def special_grids(county_boundaries):
    return [b for b in county_boundaries if b.kind in ("school", "enterprise")]


def test_the_whole_edition_has_no_fault(county_boundaries):
    assert faults(county_boundaries) == []


def test_there_are_as_many_regions_of_each_level_as_reported(county_boundaries):
    assert Counter(b.level for b in county_boundaries) == {"county": 1, "town": 17, "village": 283, "grid": 1_798}


def test_there_are_as_many_grids_of_each_kind_as_reported(county_boundaries):
    kinds = Counter(b.kind for b in county_boundaries if b.kind)
    assert kinds == {"urban_rural": 1_480, "school": 69, "enterprise": 249}


def test_towns_and_villages_have_the_published_codes_and_names(county_boundaries):
    drawn = {(b.code, b.name) for b in county_boundaries if b.level != "grid"}
    assert drawn == {(row.code, row.name) for row in load_names(DATA)}


def test_grid_codes_count_up_from_one_within_village_and_kind(county_boundaries):
    numbers = defaultdict(list)
    for b in county_boundaries:
        if b.level == "grid":
            numbers[b.code[:13]].append(int(b.code[13:]))
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())


def test_grid_numbers_run_from_west_to_east(county_boundaries):
    grids = [b for b in county_boundaries if b.level == "grid"]
    for a, b in pairwise(grids):
        if a.code[:13] == b.code[:13]:
            assert round(a.geometry.centroid.x, 5) <= round(b.geometry.centroid.x, 5)


def test_each_village_has_two_to_twelve_urban_rural_grids(base_grids):
    counts = Counter(b.parent_code for b in base_grids)
    assert len(counts) == 283
    assert min(counts.values()) >= 2 and max(counts.values()) <= 12


@pytest.mark.parametrize("level", LEVELS_ABOVE)
def test_every_region_is_the_union_of_what_it_consists_of(county_boundaries, flat, level):
    parts = defaultdict(list)
    for b in county_boundaries:
        if b.kind in (None, "urban_rural") and b.parent_code:
            parts[b.parent_code].append(flat[b.code])
    for b in county_boundaries:
        if b.level == level:
            difference = shapely.symmetric_difference(flat[b.code], shapely.union_all(parts[b.code]))
            assert difference.area < 1.0, b.code


@pytest.mark.parametrize("level", ["town", "village", "grid"])
def test_outlines_of_a_level_fit_without_gap_or_overlap(county_boundaries, level):
    shapes = [b.geometry for b in county_boundaries if b.level == level and b.kind in (None, "urban_rural")]
    assert shapely.coverage_is_valid(shapes)
    assert shapely.coverage_is_valid(shapes, gap_width=1e-5)


def test_the_county_is_the_published_outline(county_boundaries):
    published = read_geojson(DATA / "regions" / "county.geojson")[0].geometry
    assert shapely.symmetric_difference(county_boundaries[0].geometry, published).area == 0.0


def test_urban_rural_grids_are_single_pieces(base_grids):
    assert {b.geometry.geom_type for b in base_grids} == {"Polygon"}


def test_each_special_grid_lies_strictly_inside_one_urban_rural_grid_of_its_village(base_grids, special_grids):
    tree = shapely.STRtree([b.geometry for b in base_grids])
    for special in special_grids:
        under = tree.query(special.geometry, "intersects").tolist()
        assert [base_grids[n].parent_code for n in under] == [special.parent_code]
        assert shapely.contains_properly(base_grids[under[0]].geometry, special.geometry)


def test_special_grids_do_not_touch_each_other(special_grids):
    tree = shapely.STRtree([b.geometry for b in special_grids])
    pairs = tree.query([b.geometry for b in special_grids], "intersects")
    assert (pairs[0] == pairs[1]).all()


def test_the_story_village_has_a_grid_without_school_or_firm(base_grids, special_grids):
    mine = [b.geometry for b in base_grids if b.parent_code == STORY_VILLAGE]
    special = shapely.union_all([b.geometry for b in special_grids])
    assert len(mine) >= 3
    assert not shapely.intersects(mine, special).all()


def test_the_four_subdistricts_are_one_area_around_the_city(flat, county_boundaries):
    core = shapely.union_all([flat[f"21088200{n}000"] for n in (3, 4, 5, 6)])
    shape = shapely.union_all(
        [b.geometry for b in county_boundaries if re.fullmatch(r"210882003000|21088200[456]000", b.code)]
    )
    assert core.geom_type == "Polygon"
    assert shapely.contains_xy(shape, 122.51, 40.64)


def test_communities_are_smaller_than_villages(flat):
    villages = {code: shape.area for code, shape in flat.items() if len(code) == 12 and code[9:] != "000"}
    communities = [area for code, area in villages.items() if code[9:] < "200"]
    others = [area for code, area in villages.items() if code[9:] >= "200"]
    assert max(communities) < np.percentile(others, 5)
    assert np.median(communities) < np.median(others) / 5


def test_borders_are_bent_like_land(base_grids, flat):
    """A straight-edged mosaic has four to eight corners a cell, and is as round as a honeycomb."""
    country = [flat[b.code] for b in base_grids if b.code[9:12] >= "200"]
    assert 45 <= np.median(shapely.get_num_coordinates(country)) <= 120
    roundness = 4 * np.pi * shapely.area(country) / shapely.length(country) ** 2
    assert 0.3 < np.median(roundness) < 0.75


def test_names_of_special_grids_do_not_repeat(special_grids):
    assert len({b.name for b in special_grids}) == len(special_grids)


def test_everything_inside_the_county_is_marked_synthetic(county_boundaries):
    assert {b.synthetic for b in county_boundaries if b.level != "county"} == {True}
    assert not next(b for b in county_boundaries if b.level == "county").synthetic


@pytest.mark.parametrize("name", ["towns", "villages", "grids"])
def test_each_file_says_that_it_is_synthetic(name):
    collection = json.loads((DATA / "geometry" / f"{name}.geojson").read_text(encoding="utf-8"))
    assert collection["synthetic"] is True
    assert all(feature["properties"]["synthetic"] is True for feature in collection["features"])


def test_the_files_stay_modest():
    assert sum(path.stat().st_size for path in (DATA / "geometry").iterdir()) < 8_000_000


def test_the_script_makes_the_committed_files_byte_for_byte():
    """With other versions of NumPy or Shapely the shapes may differ; then the files are still the ones in
    use."""
    made_with = json.loads((DATA / "geometry" / "towns.geojson").read_text(encoding="utf-8"))["made_with"]
    here = {"numpy": np.__version__, "shapely": shapely.__version__, "geos": shapely.geos_version_string}
    if made_with != here:
        pytest.skip(f"the files were made with {made_with}, here is {here}")
    for name, content in synthesize().items():
        assert (DATA / "geometry" / name).read_bytes() == content, name
