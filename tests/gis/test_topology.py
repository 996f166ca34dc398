"""TopoJSON: what is written comes back, and a line that is shared stands once."""

import json

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.topology import Raster, Shape, topology
from tests.gis.topojson import outlines

RASTER = Raster((120.0, 40.0), 4)
NORTH_SOUTH = [shapely.box(120, 40, 121, 41), shapely.box(120, 41, 121, 42)]
RING_AND_ISLE = [shapely.box(120, 40, 123, 43) - shapely.box(121, 41, 122, 42), shapely.box(121, 41, 122, 42)]


def written(shapes, **more):
    return topology({"all": [Shape(str(n), {}, shape) for n, shape in enumerate(shapes)]}, RASTER, more)


def lines(body):
    return json.loads(body)["arcs"]


def test_neighbours_share_their_line():
    assert len(lines(written(NORTH_SOUTH))) == 3


def test_an_isle_is_the_hole_around_it():
    body = written(RING_AND_ISLE)
    assert len(lines(body)) == 2
    assert outlines(body, "all")["0"].equals(RING_AND_ISLE[0])


def test_the_same_outline_in_two_collections_is_sent_once():
    shape = NORTH_SOUTH[0]
    body = topology({"town": [Shape("t", {}, shape)], "village": [Shape("v", {}, shape)]}, RASTER, {})
    assert len(lines(body)) == 1
    assert outlines(body, "town")["t"].equals(outlines(body, "village")["v"])


def test_what_has_several_parts_keeps_them():
    apart = shapely.MultiPolygon([shapely.box(120, 40, 121, 41), shapely.box(122, 40, 123, 41)])
    assert outlines(written([apart]), "all")["0"].equals(apart)


def test_what_the_raster_leaves_nothing_of_is_left_out_and_its_place_stays():
    speck = shapely.box(120.00001, 40.00001, 120.00002, 40.00002)
    body = written([speck, NORTH_SOUTH[0], shapely.MultiPolygon([speck, NORTH_SOUTH[1]])])
    types = [one["type"] for one in json.loads(body)["objects"]["all"]["geometries"]]
    assert types == [None, "Polygon", "Polygon"]


def test_a_hole_the_raster_leaves_nothing_of_is_closed():
    holed = NORTH_SOUTH[0] - shapely.box(120.50001, 40.50001, 120.50002, 40.50002)
    assert outlines(written([holed]), "all")["0"].equals(NORTH_SOUTH[0])


def test_further_members_and_properties_are_written():
    body = topology({"all": [Shape("a", {"name": "网格"}, NORTH_SOUTH[0])]}, RASTER, {"edition": "x"})
    read = json.loads(body)
    assert read["edition"] == "x"
    assert read["objects"]["all"]["geometries"][0]["properties"] == {"name": "网格"}


@pytest.mark.parametrize("turned", [False, True])
def test_it_does_not_matter_which_way_a_ring_runs(turned):
    shapes = shapely.orient_polygons(np.array(NORTH_SOUTH), exterior_cw=turned)
    assert len(lines(written(shapes))) == 3


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=3, max_size=25, unique=True))
def test_any_mosaic_comes_back_whole_and_without_cracks(points):
    """Cells around points, rounded to the raster beforehand, with all of them together as a second level."""
    seeds = shapely.MultiPoint([(120 + x / 60, 40 + y / 60) for x, y in points])
    frame = shapely.box(119.9, 39.9, 121.1, 41.1)
    cells = [shapely.intersection(cell, frame) for cell in shapely.voronoi_polygons(seeds, extend_to=frame).geoms]
    cells = list(shapely.set_precision(np.array(cells), 0.0001, mode="pointwise"))
    if not shapely.is_valid(cells).all() or not shapely.coverage_is_valid(cells):
        return  # rounding folded a cell over: nothing that a map would hold
    whole = shapely.coverage_union_all(cells)
    body = topology(
        {"grid": [Shape(str(n), {}, cell) for n, cell in enumerate(cells)], "town": [Shape("t", {}, whole)]}, RASTER, {}
    )
    back = list(outlines(body, "grid").values())
    assert shapely.coverage_is_valid(back)
    assert max(shapely.hausdorff_distance(back, cells)) < 1e-9
    assert outlines(body, "town")["t"].normalize().equals_exact(whole.normalize(), 1e-9)
