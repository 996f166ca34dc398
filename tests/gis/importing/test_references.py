"""Where a file says its numbers are, what they would fit, and what is taken for what."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from gis.datum import from_wgs84
from gis.importing import Survey
from tests.gis.importing.small_county import GridRow, a_county, frame, grid_rows, kinds, look, only

pytestmark = pytest.mark.filterwarnings("ignore:'crs' was not provided")


def in_numbers_of(crs: int, to: Path, told: bool = False) -> Path:
    """The grids in some reference; told: the file says so."""
    table = frame(grid_rows()).to_crs(crs)
    (table if told else table.set_crs(None, allow_override=True)).to_file(to, driver="GPKG")
    return to


def shifted(datum: str, to: Path, told: int | None = None) -> Path:
    def shift(lonlat: np.ndarray) -> np.ndarray:
        return np.column_stack(from_wgs84(lonlat[:, 0], lonlat[:, 1], datum))

    rows = [GridRow(r.code, r.name, r.kind, r.village, shapely.transform(r.shape, shift)) for r in grid_rows()]
    frame(rows, told).to_file(to, driver="GPKG")
    return to


def off_by_m(found: Survey) -> float:
    """How far the farthest corner lies from where it was."""
    before = {b.code: b.geometry for b in a_county()}
    return max(shapely.hausdorff_distance(b.geometry, before[b.code]) for b in found.boundaries) * 111_000


@pytest.mark.parametrize("crs", [4490, 4326, 4528, 4529, 4549, 4498, 3857])
def test_a_reference_that_the_file_tells_is_used(crs: int, tmp_path: Path) -> None:
    found = look(in_numbers_of(crs, tmp_path / "g.gpkg", told=True))
    assert (found.ok, found.crs_found) == (True, True)
    assert off_by_m(found) < 0.002


@pytest.mark.parametrize(("crs", "first"), [(4528, "EPSG:4528"), (4549, "EPSG:4549"), (4498, "EPSG:4498")])
def test_a_gauss_krueger_zone_is_told_by_the_size_of_its_numbers(crs: int, first: str, tmp_path: Path) -> None:
    path = in_numbers_of(crs, tmp_path / "g.gpkg")
    found = look(path)
    assert (kinds(found), found.crs) == (["crs-unknown"], None)
    assert found.guesses[0].crs == first
    chosen = look(path, crs=first)
    assert (chosen.ok, chosen.crs_found) == (True, False)
    assert off_by_m(chosen) < 0.002


@pytest.mark.parametrize("datum", ["gcj02", "bd09", "cgcs2000"])
def test_degrees_without_a_reference_are_guessed_by_how_they_fit_the_county(datum: str, tmp_path: Path) -> None:
    path = shifted(datum, tmp_path / "g.gpkg")
    assert look(path).guesses[0].crs == datum
    found = look(path, crs=datum)
    assert found.ok
    assert off_by_m(found) < 0.002


def test_what_the_columns_say_is_judged_even_while_the_reference_is_unknown(tmp_path: Path) -> None:
    path = in_numbers_of(4528, tmp_path / "g.gpkg")
    found = look(path, fields={"code": ""})
    assert "crs-unknown" in kinds(found)
    assert "no-codes" in {fault.kind for fault in found.faults}


def test_gcj_02_under_the_name_of_wgs_84_is_noticed(tmp_path: Path) -> None:
    note = only(look(shifted("gcj02", tmp_path / "g.gpkg", told=4326)), "crs-shifted")
    assert note.level == "note"
    assert "gcj02" in note.text_en


def test_cgcs2000_chosen_for_metres_takes_the_zone_that_fits(tmp_path: Path) -> None:
    found = look(in_numbers_of(4549, tmp_path / "g.gpkg"), crs="cgcs2000")
    assert (found.ok, found.crs) == (True, "EPSG:4549")
    assert only(found, "zone-taken").level == "note"


def test_a_wrong_reference_is_told_with_what_would_fit(tmp_path: Path) -> None:
    table = frame(grid_rows()).to_crs(4528).set_crs(4529, allow_override=True)
    table.to_file(tmp_path / "g.gpkg", driver="GPKG")
    found = look(tmp_path / "g.gpkg")
    assert kinds(found) == ["crs-misfit"]
    assert found.guesses[0].crs == "EPSG:4528"


def test_north_before_east_is_noticed_for_a_whole_file_and_turned_by_choice(tmp_path: Path) -> None:
    table = frame(grid_rows()).to_crs(4528)
    table["geometry"] = shapely.transform(table.geometry.values, lambda c: c[:, ::-1])
    table.to_file(tmp_path / "g.gpkg", driver="GPKG")
    assert kinds(look(tmp_path / "g.gpkg")) == ["axes-swapped"]
    assert look(tmp_path / "g.gpkg", repair=True).ok


def test_metres_in_a_geojson_are_not_taken_for_degrees(tmp_path: Path) -> None:
    table = frame(grid_rows()).to_crs(4528).set_crs(None, allow_override=True)
    table.to_file(tmp_path / "g.geojson", driver="GeoJSON")
    found = look(tmp_path / "g.geojson")
    assert kinds(found) == ["crs-unknown"]
    assert found.guesses[0].crs == "EPSG:4528"


def test_a_datum_without_public_parameters_is_told_to_be_inexact(tmp_path: Path) -> None:
    found = look(in_numbers_of(4610, tmp_path / "g.gpkg", told=True))
    assert only(found, "crs-inexact").level == "note"


def test_layers_of_one_file_may_have_different_references(tmp_path: Path) -> None:
    path = in_numbers_of(4528, tmp_path / "g.gpkg", told=True)
    villages = [GridRow(b.code, b.name, None, None, b.geometry) for b in a_county() if b.level == "village"]
    frame(villages, 4326).to_file(path, driver="GPKG", layer="村界")
    assert look(path).ok
