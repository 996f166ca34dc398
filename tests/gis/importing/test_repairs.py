"""What is mended by choice, and what stays a fault."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.boundaries import faults as edition_faults
from gis.importing import Survey
from tests.gis.importing.small_county import (
    VILLAGES,
    GridRow,
    a_county,
    change,
    frame,
    grid_rows,
    kinds,
    look,
    only,
    square,
    written,
)

NARROW, WIDE = 0.001, 0.01  # 0.85 m and 8.5 m


def is_exact(found: Survey) -> bool:
    """Grids share their vertices; each village is the union of its grids, and so on up."""
    by_level = {level: [b for b in found.boundaries if b.level == level] for level in ("village", "town", "county")}
    below = [b for b in found.boundaries if b.kind == "urban_rural"]
    for own in by_level.values():
        for b in own:
            parts = shapely.union_all([part.geometry for part in below if part.parent_code == b.code])
            if shapely.symmetric_difference(parts, b.geometry).area * 1e10 > 1:
                return False
        below = own
    return not edition_faults(found.boundaries)


@pytest.mark.parametrize(("width", "kind"), [(1 + NARROW, "overlap"), (1 - NARROW, "gap")])
def test_narrow_overlaps_and_gaps_are_mended_only_by_choice(width: float, kind: str, tmp_path: Path) -> None:
    path = written(change(grid_rows(), 0, shape=square(0, 1, width)), tmp_path / "g.gpkg")
    refused = look(path)
    assert (refused.ok, only(refused, kind).repairable, only(refused, kind).repaired) == (False, True, False)
    mended = look(path, repair=True)
    assert (mended.ok, only(mended, kind).repaired) == (True, True)
    assert is_exact(mended)


@pytest.mark.parametrize("width", [1 + WIDE, 1 - WIDE])
def test_what_is_wider_than_stated_stays_a_fault(width: float, tmp_path: Path) -> None:
    path = written(change(grid_rows(), 0, shape=square(0, 1, width)), tmp_path / "g.gpkg")
    assert not look(path, repair=True).ok
    assert look(path, repair=True, gap_m=10.0).ok


def test_a_spike_is_cut_off(tmp_path: Path) -> None:
    box = shapely.get_coordinates(square(0.2, 0.2, 0.2, 0.2)).tolist()
    spiked = shapely.Polygon([*box[:2], [box[1][0], box[1][1] + 0.002], *box[1:]])
    path = written(change(grid_rows(), 4, shape=spiked), tmp_path / "g.gpkg")
    assert not look(path).ok
    mended = look(path, repair=True)
    assert mended.ok
    assert [fault.repaired for fault in mended.faults if fault.level == "fault"] == [True]


def test_swapped_coordinates_are_turned_by_choice(tmp_path: Path) -> None:
    turned = shapely.transform(square(0, 1), lambda c: c[:, ::-1])
    path = written(change(grid_rows(), 0, shape=turned), tmp_path / "g.gpkg")
    assert look(path, repair=True).boundaries == tuple(a_county())


def test_a_school_that_sticks_out_a_little_is_cut_at_its_village(tmp_path: Path) -> None:
    path = written(change(grid_rows(), 4, shape=square(1.8, 0.2, 0.2 + NARROW, 0.2)), tmp_path / "g.gpkg")
    assert kinds(look(path)) == ["outside-village"]
    mended = look(path, repair=True)
    assert mended.ok
    school, village = (
        next(b for b in mended.boundaries if b.code == code) for code in ("2108821012012001", "210882101201")
    )
    assert shapely.covers(village.geometry, school.geometry)


def test_a_point_in_a_collection_is_left_out_by_choice(tmp_path: Path) -> None:
    mixed = shapely.GeometryCollection([square(0, 1), shapely.Point(122.4, 40.6)])
    path = written(change(grid_rows(), 0, shape=mixed), tmp_path / "g.gpkg")
    assert look(path, repair=True).ok


def test_what_has_no_area_cannot_be_mended(tmp_path: Path) -> None:
    path = written(
        change(grid_rows(), 4, shape=shapely.LineString([(122.4, 40.6), (122.41, 40.6)])), tmp_path / "g.gpkg"
    )
    assert kinds(look(path, repair=True)) == ["geometry-type"]


@pytest.mark.parametrize("crs", [4528, 4549, 4498, 3857])
def test_grids_in_metres_become_an_exact_mosaic_in_degrees(crs: int, tmp_path: Path) -> None:
    frame(grid_rows()).to_crs(crs).to_file(tmp_path / "g.gpkg", driver="GPKG")
    found = look(tmp_path / "g.gpkg")
    assert found.ok
    assert is_exact(found)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_separately_drawn_neighbours_become_an_exact_mosaic(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rng = np.random.default_rng(seed)

    def drawn_anew(row: GridRow) -> GridRow:
        corners = shapely.get_coordinates(shapely.segmentize(row.shape, 0.004))[:-1]
        moved = shapely.Polygon(corners + rng.uniform(-2e-6, 2e-6, corners.shape))
        return GridRow(row.code, row.name, row.kind, row.village, moved)

    rows = [drawn_anew(row) if row.kind == "城乡网格" else row for row in grid_rows()]
    found = look(written(rows, tmp_path_factory.mktemp("drawn") / "g.gpkg"), repair=True)
    assert found.ok, kinds(found)
    assert is_exact(found)
    assert {b.code for b in found.boundaries if b.level == "village"} == set(VILLAGES)
