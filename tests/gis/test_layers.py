"""Layers for the web: small, one mosaic at every level, marked, and stable."""

import gzip
import json
from dataclasses import replace

import numpy as np
import pytest
import shapely

from gis.layers import METHOD, build_layers, simplified
from tests.gis import topojson

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


@pytest.mark.parametrize("level", COUNTS)
def test_the_overview_has_every_region_as_the_levels_have_it(layers, outlines, level):
    drawn = topojson.outlines(layers.overview.body, level)
    assert len(drawn) == COUNTS[level]
    assert max(shapely.hausdorff_distance(shape, outlines[code]) for code, shape in drawn.items()) < 1e-9


def test_the_overview_of_all_levels_is_a_third_smaller_than_the_levels(layers):
    assert len(layers.overview.gzipped) < 0.7 * sum(len(layer.gzipped) for layer in layers.values())
    assert len(layers.overview.gzipped) < 135_000


def test_near_a_town_are_its_villages_and_all_their_grids(layers, county_boundaries):
    town = next(b for b in county_boundaries if b.level == "town")
    drawn = layers.part("near", town.code).body
    wanted = {b.code for b in county_boundaries if b.level == "grid" and b.code.startswith(town.code[:9])}
    assert set(topojson.outlines(drawn, "grid")) == wanted
    assert list(topojson.outlines(drawn, "town")) == [town.code]


def test_near_lines_move_by_less_than_30_metres_at_worst(layers, county_boundaries):
    full = {b.code: b.geometry for b in county_boundaries}
    near = topojson.outlines(layers.part("near", "210882004000").body, "grid")
    assert max(shapely.hausdorff_distance(full[code], shape) for code, shape in near.items()) * 111_000 < 30


def test_near_towns_fit_each_other(layers, county_boundaries):
    towns = [b.code for b in county_boundaries if b.level == "town"]
    shapes = [
        shape
        for code in towns
        for village in [topojson.outlines(layers.part("near", code).body, "village")]
        for shape in village.values()
    ]
    assert len(shapes) == COUNTS["village"] and shapely.coverage_is_valid(shapes)


def test_in_full_detail_a_village_and_its_grids_are_as_surveyed(layers, county_boundaries):
    full = {b.code: b.geometry for b in county_boundaries}
    body = layers.part("full", "210882004004").body
    drawn = topojson.outlines(body, "village") | topojson.outlines(body, "grid")
    assert {b.code for b in county_boundaries if b.parent_code == "210882004004"} < set(drawn)
    assert max(shapely.hausdorff_distance(full[code], shape) for code, shape in drawn.items()) < 1e-6


@pytest.mark.parametrize(("code", "level"), [("210882000000", "county"), ("210882004000", "town")])
def test_in_full_detail_above_a_village_is_the_outline_alone(layers, code, level):
    assert list(json.loads(layers.part("full", code).body)["objects"]) == [level]


def test_there_is_no_part_of_an_unknown_region(layers):
    with pytest.raises(KeyError):
        layers.part("near", "999999999999")


def test_a_part_names_the_edition_it_belongs_to(layers):
    assert json.loads(layers.part("full", "210882004004").body)["edition"] == layers.edition


def test_the_edition_is_another_when_one_outline_or_name_is(layers, county_boundaries):
    town = [b for b in county_boundaries if b.code.startswith("210882004")]
    moved = [replace(town[-1], geometry=shapely.transform(town[-1].geometry, lambda xy: xy + 1e-6))]
    named = [replace(town[-1], name="另一网格")]
    editions = {build_layers([*town[:-1], *last]).edition for last in ([town[-1]], moved, named)}
    assert len(editions) == 3
    assert build_layers(list(reversed(town))).edition in editions


def test_the_edition_is_another_when_outlines_are_drawn_in_another_way(county_boundaries, monkeypatch):
    town = [b for b in county_boundaries if b.code.startswith("210882004")]
    editions = {build_layers(town).edition, build_layers(town, tolerance_m=40.0).edition}
    monkeypatch.setattr("gis.layers.METHOD", METHOD + 1)
    assert len(editions | {build_layers(town).edition}) == 3
