"""Each fault that a county's file may have, made by hand: told with its row, its place and what to do."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from gis.importing import Survey
from tests.gis.importing.small_county import (
    SIDE,
    SOUTH,
    VILLAGES,
    WEST,
    GridRow,
    a_county,
    change,
    grid_rows,
    kinds,
    look,
    only,
    present,
    square,
    written,
)

FIRST, OTHER, COMMUNITY, LAST = VILLAGES


def surveyed(rows: list[GridRow], tmp_path: Path, **chosen: Any) -> Survey:
    return look(written(rows, tmp_path / "g.gpkg"), **chosen)


def corners(*points: tuple[float, float]) -> shapely.Polygon:
    return shapely.Polygon([(WEST + x * SIDE, SOUTH + y * SIDE) for x, y in points])


def test_a_sound_file_has_only_its_counts_to_tell(tmp_path: Path) -> None:
    found = surveyed(grid_rows(), tmp_path)
    assert found.ok
    assert [fault.kind for fault in found.faults] == ["counts"]
    assert (found.kept, found.new) == (24, 0)
    assert found.boundaries == tuple(a_county())


# Shapes


def test_an_outline_that_crosses_itself_is_told_with_its_place(tmp_path: Path) -> None:
    bow = corners((0, 1), (1, 2), (1, 1), (0, 2))
    fault = only(surveyed(change(grid_rows(), 0, shape=bow), tmp_path), "self-intersection")
    assert (fault.row, fault.code, fault.repairable, fault.repaired) == (1, f"{FIRST}1001", True, False)
    assert fault.geometry.distance(shapely.Point(WEST + 0.5 * SIDE, SOUTH + 1.5 * SIDE)) < 1e-9


def test_a_hole_outside_its_outline_is_told(tmp_path: Path) -> None:
    hole = shapely.Polygon(square(0, 1).exterior, [square(5, 5).exterior])
    assert "ring-invalid" in kinds(surveyed(change(grid_rows(), 0, shape=hole), tmp_path))


def test_a_ring_that_does_not_close_is_told(tmp_path: Path) -> None:
    path = written(grid_rows(), tmp_path / "g.geojson", 4326, driver="GeoJSON")
    collection = json.loads(path.read_text(encoding="utf-8"))
    collection["features"][0]["geometry"]["coordinates"][0].pop()
    path.write_text(json.dumps(collection), encoding="utf-8")
    fault = only(look(path), "ring-open")
    assert (fault.row, fault.repairable) == (1, True)


@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        (None, "geometry-missing"),
        (shapely.Polygon(), "geometry-missing"),
        (shapely.Point(WEST, SOUTH), "geometry-type"),
        (shapely.LineString([(WEST, SOUTH), (WEST + 0.01, SOUTH)]), "geometry-type"),
        (shapely.GeometryCollection([square(0, 1), shapely.Point(WEST, SOUTH)]), "geometry-type"),
        (shapely.Polygon([(WEST, SOUTH), (WEST + 0.01, SOUTH), (WEST, SOUTH)]), "ring-points"),
        (shapely.Polygon([(WEST, SOUTH), (WEST + 0.01, SOUTH), (WEST + 0.005, SOUTH)]), "ring-points"),
        (shapely.Polygon([(WEST, SOUTH), (WEST + 0.01, float("inf")), (WEST, SOUTH + 1)]), "coordinates-bad"),
        (shapely.transform(square(0, 1), lambda c: c + np.array([9, 0])), "far-away"),
        (shapely.transform(square(0, 1), lambda c: c[:, ::-1]), "axes-swapped"),
        (square(0.2, 0.5, 0.005, 0.005), "sliver"),
        (square(0.2, 0.5, 0.001, 0.4), "sliver"),
    ],
)
def test_what_is_no_sound_area_in_the_county_is_told(shape: Any, kind: str, tmp_path: Path) -> None:
    found = surveyed(change(grid_rows(), 4, shape=shape), tmp_path)
    fault = only(found, kind)
    assert (fault.row, fault.stands) == (5, True)
    assert not found.ok and found.boundaries == ()


def test_heights_are_dropped_and_several_parts_are_only_told(tmp_path: Path) -> None:
    rows = grid_rows()
    parts = shapely.MultiPolygon([square(0.2, 0.2, 0.2, 0.2), square(0.6, 0.2, 0.2, 0.2)])
    found = surveyed(change(rows, 4, shape=shapely.force_3d(parts, 12.5)), tmp_path)
    assert found.ok
    assert {"z-dropped", "multi-part"} <= {fault.kind for fault in found.faults}
    assert not any(shapely.has_z(b.geometry) for b in found.boundaries)


def test_the_same_outline_twice_is_told_once(tmp_path: Path) -> None:
    rows = grid_rows()
    again = GridRow(f"{FIRST}1009", "又一格", "城乡网格", FIRST, rows[0].shape.reverse())
    found = surveyed([*rows, again], tmp_path)
    assert kinds(found) == ["geometry-duplicate"]
    assert only(found, "geometry-duplicate").row == 25


# Neighbours


def test_an_overlap_is_measured_in_metres_and_names_both_rows(tmp_path: Path) -> None:
    found = surveyed(change(grid_rows(), 0, shape=square(0, 1, 1.1)), tmp_path)
    fault = only(found, "overlap")
    assert kinds(found) == ["overlap"]
    assert (fault.row, fault.repairable) == (3, False)
    assert "第 1 行" in fault.text and "row 1" in fault.text_en
    assert "93,9" in fault.text_en  # m²: a tenth of 845 by 1,110 m.
    assert shapely.symmetric_difference(fault.geometry, square(1, 1, 0.1)).area < 1e-14


def test_a_grid_inside_another_overlaps_it(tmp_path: Path) -> None:
    rows = [*grid_rows(), GridRow(f"{FIRST}1009", "又一格", "城乡网格", FIRST, square(0.3, 1.3, 0.2, 0.2))]
    assert kinds(surveyed(rows, tmp_path)) == ["overlap"]


def test_a_gap_between_grids_is_told_with_its_neighbours(tmp_path: Path) -> None:
    found = surveyed(change(grid_rows(), 2, shape=square(1.2, 1, 0.8)), tmp_path)
    fault = only(found, "gap")
    assert kinds(found) == ["gap"]
    assert fault.geometry.area == pytest.approx(square(1, 1, 0.2).area, rel=1e-6)
    assert fault.row in (1, 3, 4)


def test_a_missing_grid_at_the_edge_is_a_gap_where_the_file_follows_the_countys_line(tmp_path: Path) -> None:
    found = surveyed(grid_rows()[1:], tmp_path)
    assert kinds(found) == ["gap"]


def test_neighbours_are_compared_across_villages(tmp_path: Path) -> None:
    found = surveyed(change(grid_rows(), 2, shape=square(1, 1, 1.05)), tmp_path)
    assert "overlap" in kinds(found)


def test_a_corner_on_the_others_straight_edge_is_no_fault_and_gets_shared(tmp_path: Path) -> None:
    rows = grid_rows()
    rows = change(rows, 0, shape=square(0, 1, 1, 0.5))
    rows.append(GridRow(f"{FIRST}1005", "第5网格", "城乡网格", FIRST, square(0, 1.5, 1, 0.5)))
    found = surveyed(rows, tmp_path)
    assert found.ok
    mosaic = [b.geometry for b in found.boundaries if b.kind == "urban_rural"]
    assert shapely.coverage_is_valid(mosaic)


# Villages and the county


def test_a_grid_outside_its_village_is_told_with_where_it_seems_to_lie(tmp_path: Path) -> None:
    found = surveyed(change(grid_rows(), 0, village=LAST, code=f"{LAST}1009"), tmp_path)
    fault = only(found, "outside-village")
    assert (kinds(found), fault.row) == (["outside-village"], 1)
    assert "百寨镇" in fault.text


def test_a_present_synthetic_village_is_not_held_against_a_file_that_was_not_made_on_it(tmp_path: Path) -> None:
    elsewhere = {FIRST: OTHER, OTHER: FIRST, COMMUNITY: LAST, LAST: COMMUNITY}
    rows = [
        GridRow(elsewhere[row.village or ""] + (row.code or "")[12:], row.name, row.kind, None, row.shape)
        for row in grid_rows()
    ]
    path = written(rows, tmp_path / "g.gpkg")
    made_up = look(path, now=present(a_county(synthetic=True)))
    assert made_up.ok and "not-held" in {fault.kind for fault in made_up.faults}
    assert set(kinds(look(path))) == {"outside-village"}


def test_the_files_own_villages_are_held_against_its_grids(tmp_path: Path) -> None:
    path = written(grid_rows(), tmp_path / "g.gpkg")
    villages = [b for b in a_county() if b.level == "village"]
    rows = [GridRow(b.code, b.name, None, None, b.geometry) for b in villages]
    shorter = shapely.union_all([square(0, 0, 2, 1), square(0, 1, 1.5, 1)])
    written(change(rows, 0, shape=shorter), path, layer="村界")
    found = look(path)
    assert kinds(found) == ["outside-village"]
    assert only(found, "outside-village").layer == "网格"


def test_a_moved_village_is_taken_when_the_file_brings_its_new_outline(tmp_path: Path) -> None:
    rows = change(grid_rows(), 2, village=OTHER, code=f"{OTHER}1005")
    rows = change(rows, 5, shape=square(1.2, 1.2, 0.3, 0.4))
    path = written(rows, tmp_path / "g.gpkg")
    assert set(kinds(look(path))) == {"outside-village"}  # The grid, and the factory in it.
    moved = {FIRST: [0, 1, 3], OTHER: [2, 6, 7, 8, 9]}
    outlines = [
        GridRow(code, VILLAGES[code], None, None, shapely.union_all([rows[n].shape for n in members]))
        for code, members in moved.items()
    ]
    written(outlines, path, layer="村界")
    assert kinds(look(path)) == ["outside-village"]  # The factory still says its old village.
    written(change(rows, 5, village=OTHER, code=f"{OTHER}3002"), path)
    assert look(path).ok


def test_a_school_that_reaches_into_another_village_is_told(tmp_path: Path) -> None:
    found = surveyed(change(grid_rows(), 4, shape=square(1.9, 0.2, 0.2, 0.2)), tmp_path)
    assert kinds(found) == ["outside-village"]


def test_a_grid_beyond_the_countys_line_is_told(tmp_path: Path) -> None:
    found = surveyed(change(grid_rows(), 0, shape=square(-0.1, 1, 1.1)), tmp_path)
    assert "outside-county" in kinds(found)


def test_a_file_with_an_outer_line_of_its_own_is_told_of_the_difference_only(tmp_path: Path) -> None:
    # Every line of it lies some 85 m farther north and east: it was not made on the county's present line.
    rows = [
        GridRow(row.code, row.name, row.kind, row.village, shapely.transform(row.shape, lambda c: c + 0.001))
        for row in grid_rows()
    ]
    found = surveyed(rows, tmp_path)
    assert found.ok
    assert "county-differs" in {fault.kind for fault in found.faults}


def test_a_village_without_grids_is_told(tmp_path: Path) -> None:
    found = surveyed(grid_rows()[:-6], tmp_path)
    assert only(found, "village-empty").code == LAST
    assert "gap" in kinds(found)


# Codes, names, kinds, parents


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"code": None}, "code-missing"),
        ({"code": f"{FIRST}1002"}, "code-duplicate"),
        ({"code": "21088210120110"}, "code-malformed"),
        ({"code": f"{FIRST}4001"}, "code-malformed"),
        ({"code": "2.10882E+15"}, "code-cut"),
        ({"code": "2108829992011001", "village": None}, "parent-unknown"),
        ({"village": "210882999201"}, "parent-unknown"),
        ({"village": "不存在村"}, "parent-unknown"),
        ({"village": COMMUNITY}, "parent-contradiction"),
        ({"name": None}, "name-missing"),
        ({"name": "网" * 101}, "name-too-long"),
        ({"kind": "水库"}, "kind-unknown"),
        ({"kind": "企业网格"}, "kind-contradiction"),
    ],
)
def test_what_a_row_says_of_itself_is_judged(values: dict[str, Any], kind: str, tmp_path: Path) -> None:
    found = surveyed(change(grid_rows(), 0, **values), tmp_path)
    assert [fault.row for fault in found.faults if fault.kind == kind] in ([1], [2])
    assert kind in kinds(found)


def test_all_faults_of_all_rows_are_told_in_one_run(tmp_path: Path) -> None:
    rows = change(grid_rows(), 0, code=None, name=None, shape=corners((0, 1), (1, 2), (1, 1), (0, 2)))
    rows = change(rows, 7, code=rows[8].code, kind="水库")
    found = surveyed(rows, tmp_path)
    assert {"code-missing", "name-missing", "self-intersection", "code-duplicate", "kind-unknown", "gap"} <= set(
        kinds(found)
    )


def test_every_fault_says_in_both_languages_what_to_do(tmp_path: Path) -> None:
    rows = change(grid_rows(), 0, code=None, shape=square(0, 1, 1.1), kind="水库")
    for fault in surveyed(rows, tmp_path).faults:
        assert "{" not in fault.text + fault.text_en
        assert fault.text != fault.text_en
