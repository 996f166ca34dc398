"""The demo county's 1,798 grids, brought in as a county would."""

from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely

from gis.boundaries import Boundary
from gis.importing import Choices, Present, Survey, survey

DATA = Path(__file__).resolve().parents[3] / "data" / "geometry"


def looked_at(path: Path, county: list[Boundary], **chosen: object) -> Survey:
    present = Present(county, frozenset(b.code for b in county if b.level == "grid"))
    return survey(path, Choices(**chosen), present, lambda *_: None)  # type: ignore[arg-type]


def area_apart_m2(one: shapely.Geometry, other: shapely.Geometry) -> float:
    return float(shapely.symmetric_difference(one, other).area) * 111_320.0**2


def test_the_countys_own_file_changes_nothing(county_boundaries: list[Boundary]) -> None:
    found = looked_at(DATA / "grids.geojson", county_boundaries)
    assert found.ok
    assert {b.code: b for b in found.boundaries} == {b.code: b for b in county_boundaries}
    assert (found.counts["urban_rural"], found.counts["school"], found.counts["enterprise"]) == (1480, 69, 249)


@pytest.fixture(scope="module")
def from_metres(county_boundaries: list[Boundary], tmp_path_factory: pytest.TempPathFactory) -> Survey:
    path = tmp_path_factory.mktemp("metres") / "网格.shp"
    table = geopandas.read_file(DATA / "grids.geojson")[["code", "name", "geometry"]]
    table.columns = ["编码", "名称", "geometry"]
    table.to_crs(4528).to_file(path, encoding="GBK")
    return looked_at(path, county_boundaries)


def test_a_shapefile_in_metres_is_the_same_county_within_millimetres(
    from_metres: Survey, county_boundaries: list[Boundary]
) -> None:
    assert from_metres.ok
    before = {b.code: b.geometry for b in county_boundaries}
    off = [shapely.hausdorff_distance(b.geometry, before[b.code]) for b in from_metres.boundaries]
    assert max(off) * 111_320 < 0.002


def test_every_point_of_the_county_lies_in_one_urban_rural_grid(from_metres: Survey) -> None:
    mosaic = np.array([b.geometry for b in from_metres.boundaries if b.kind == "urban_rural"], dtype=object)
    county = next(b.geometry for b in from_metres.boundaries if b.level == "county")
    rng = np.random.default_rng(4)
    west, south, east, north = county.bounds
    points = shapely.points(rng.uniform((west, south), (east, north), (20_000, 2)))
    inside = points[shapely.contains(county, points)]
    found, _ = shapely.STRtree(mosaic).query(inside, predicate="within")
    assert (np.bincount(found, minlength=len(inside)) == 1).all()


def test_villages_are_the_union_of_their_grids_and_so_on_up(from_metres: Survey) -> None:
    below = [b for b in from_metres.boundaries if b.kind == "urban_rural"]
    for level in ("village", "town", "county"):
        own = [b for b in from_metres.boundaries if b.level == level]
        for b in own:
            parts = shapely.union_all([part.geometry for part in below if part.parent_code == b.code])
            assert area_apart_m2(parts, b.geometry) < 1
        below = own
