"""Layers for the web: small, one mosaic at every level, marked, and stable."""

import gzip
import json

import numpy as np
import pytest
import shapely

from gis.layers import build_layers, simplified

COUNTS = {"county": 1, "town": 17, "village": 283, "grid": 1_798}


@pytest.fixture(scope="module")
def layers(county_boundaries):
    return build_layers(county_boundaries)


@pytest.fixture(scope="module")
def outlines(county_boundaries):
    return simplified(county_boundaries)


def collection(layers, level):
    return json.loads(layers[level].body)


def test_the_first_view_with_all_levels_is_under_200_kb_compressed(layers):
    assert sum(len(layer.gzipped) for layer in layers.values()) < 200_000


@pytest.mark.parametrize("level", COUNTS)
def test_a_layer_has_every_region_of_its_level(layers, level):
    assert len(collection(layers, level)["features"]) == COUNTS[level]


@pytest.mark.parametrize("level", COUNTS)
def test_each_layer_is_marked_synthetic(layers, level):
    # The county's outline is real, but drawn simplified from the grids it is made of.
    assert collection(layers, level)["synthetic"] is (level != "county")


def test_features_tell_code_name_parent_and_a_grid_its_kind(layers):
    town, grid = collection(layers, "town")["features"][0], collection(layers, "grid")["features"][0]
    assert town["properties"] == {"code": "210882003000", "name": "金桥街道", "parent": "210882000000"}
    assert set(grid["properties"]) == {"code", "name", "parent", "kind"}


@pytest.mark.parametrize("level", ["town", "village", "grid"])
def test_simplified_neighbours_still_fit_together(county_boundaries, outlines, level):
    shapes = [outlines[b.code] for b in county_boundaries if b.level == level and b.kind in (None, "urban_rural")]
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)


def test_a_simplified_village_is_the_union_of_its_simplified_grids(county_boundaries, outlines):
    for b in county_boundaries:
        if b.level == "village":
            grids = [outlines[g.code] for g in county_boundaries if g.parent_code == b.code and g.kind == "urban_rural"]
            assert shapely.coverage_union_all(grids).equals(outlines[b.code])


def test_outlines_move_by_less_than_150_metres_at_worst(county_boundaries, outlines):
    towns = [b for b in county_boundaries if b.level == "town"]
    moved = [shapely.hausdorff_distance(b.geometry, outlines[b.code]) for b in towns]
    assert max(moved) * 111_000 < 150


def test_coordinates_have_at_most_five_decimals(layers):
    xy = shapely.get_coordinates(shapely.from_geojson(layers["grid"].body))
    assert (xy == np.round(xy, 5)).all()


def test_the_compressed_body_is_the_body(layers):
    assert all(gzip.decompress(layer.gzipped) == layer.body for layer in layers.values())


def test_the_same_outlines_give_the_same_bytes_and_etag(layers, county_boundaries):
    again = build_layers(list(reversed(county_boundaries)))
    for level, layer in layers.items():
        assert (again[level].body, again[level].gzipped, again[level].etag) == (layer.body, layer.gzipped, layer.etag)


def test_different_levels_have_different_etags(layers):
    assert len({layer.etag for layer in layers.values()}) == 4


def test_special_grids_are_in_the_grid_layer(layers):
    kinds = {feature["properties"]["kind"] for feature in collection(layers, "grid")["features"]}
    assert kinds == {"urban_rural", "school", "enterprise"}
