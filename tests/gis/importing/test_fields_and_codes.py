"""Which column is which, which village is meant, and which code a grid gets."""

from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
import shapely

from gis.boundaries import Boundary
from gis.importing.fields import bare_name, kind_of, level_of_word
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
    present,
    square,
    written,
)

FIRST, OTHER, COMMUNITY, LAST = VILLAGES


def renamed(tmp_path: Path, **names: str) -> Path:
    frame(grid_rows()).rename(columns=names).to_file(tmp_path / "g.gpkg", driver="GPKG")
    return tmp_path / "g.gpkg"


@pytest.mark.parametrize(
    "names",
    [
        {"网格编码": "编码", "网格名称": "名称", "网格类型": "类型", "所属村": "村（社区）"},
        {"网格编码": "GRIDCODE", "网格名称": "GRID_NAME", "网格类型": "Type", "所属村": "Village"},
        {"网格编码": "WGBM", "网格名称": "WGMC", "网格类型": "WGLX", "所属村": "SSCMC"},
        {"网格编码": "网格编号", "网格名称": "网格名", "网格类型": "网格类别", "所属村": "所属社区"},
        {"网格编码": "随便什么", "网格名称": "name", "网格类型": "kind", "所属村": "village_code"},
    ],
)
def test_columns_are_known_by_the_names_that_counties_use(names: dict[str, str], tmp_path: Path) -> None:
    found = look(renamed(tmp_path, **names))
    assert [found.fields[ours] for ours in ("code", "name", "kind", "village")] == list(names.values())
    assert found.ok


def test_a_mapping_that_was_chosen_beats_the_guess(tmp_path: Path) -> None:
    path = renamed(tmp_path, 网格名称="甲", 网格编码="乙")
    found = look(path, fields={"name": "甲", "code": "乙"})
    assert (found.ok, found.fields["name"], found.fields["code"]) == (True, "甲", "乙")


@pytest.mark.parametrize(
    ("told", "kind"),
    [("城乡网格", "urban_rural"), ("1", "urban_rural"), ("校园网格", "school"), ("2", "school"), ("企业", "enterprise"),
     ("工业园区网格", "enterprise"), ("普通网格", "urban_rural"), ("水库", None)],
)  # fmt: skip
def test_kinds_are_known_by_their_words(told: str, kind: str | None) -> None:
    assert kind_of(told) == kind


def test_a_village_grid_is_a_grid() -> None:
    assert [level_of_word(word) for word in ("村网格", "村界", "乡镇街道", "county", "gridlayer")] == [
        "grid",
        "village",
        "town",
        "county",
        "grid",
    ]


def test_names_are_compared_without_what_they_are() -> None:
    assert {bare_name(name) for name in ("腰屯村委会", "腰屯村", "腰屯", "腰屯村民委员会")} == {"腰屯"}


# Villages by name


def by_name(tmp_path: Path, names: dict[str, str], town: bool = False) -> Path:
    towns = {"210882101": "百寨镇", "210882102": "钢都街道"}
    rows = [
        replace(
            row,
            code=f"WG-{n:03d}",
            village=names[row.village or ""],
            town=towns[(row.village or "")[:9]] if town else None,
        )
        for n, row in enumerate(grid_rows(), 1)
    ]
    return written(rows, tmp_path / "g.gpkg")


NAMES = {FIRST: "腰屯村", OTHER: "东风村", COMMUNITY: "富丽社区", LAST: "腰屯村"}


def test_a_village_is_found_by_its_name_and_town(tmp_path: Path) -> None:
    found = look(by_name(tmp_path, NAMES, town=True), now=present(a_county(synthetic=True)))
    assert found.ok
    assert {b.parent_code for b in found.boundaries if b.level == "grid"} == set(VILLAGES)


def test_one_name_of_two_villages_is_told_apart_by_where_the_outline_lies(tmp_path: Path) -> None:
    found = look(by_name(tmp_path, NAMES))
    assert found.ok
    assert "12 个" in only(found, "village-by-place").text


def test_one_name_of_two_villages_is_a_fault_where_the_present_outlines_are_made_up(tmp_path: Path) -> None:
    found = look(by_name(tmp_path, NAMES), now=present(a_county(synthetic=True)))
    faults = [fault for fault in found.faults if fault.kind == "village-ambiguous"]
    assert len(faults) == 12
    assert "百寨镇" in faults[0].text and "钢都街道" in faults[0].text


def test_a_misspelt_village_is_answered_with_what_may_be_meant(tmp_path: Path) -> None:
    found = look(by_name(tmp_path, NAMES | {OTHER: "东凤村委会"}, town=True))
    assert "东风村委会" in next(fault.text for fault in found.faults if fault.kind == "parent-unknown")


# Codes


def test_a_countys_own_codes_are_kept_beside_ours(tmp_path: Path) -> None:
    found = look(by_name(tmp_path, NAMES, town=True), now=present(a_county()))
    own = {b.code: b.source_code for b in found.boundaries if b.level == "grid"}
    assert set(own.values()) == {f"WG-{n:03d}" for n in range(1, 25)}
    assert (found.new, found.kept) == (24, 0)


def test_a_grid_is_known_again_by_the_countys_own_code(tmp_path: Path) -> None:
    path = by_name(tmp_path, NAMES, town=True)
    once = look(path, now=present(a_county()))
    again = look(path, now=present(once.boundaries))
    assert (again.kept, again.new) == (24, 0)
    assert again.boundaries == once.boundaries


def test_new_codes_go_from_west_to_east_then_north_to_south_and_no_used_one_is_given_again(tmp_path: Path) -> None:
    rows = [replace(row, code=f"旧-{row.code}") for row in grid_rows() if row.village != FIRST]
    shapes = [square(1, 1), square(0, 0), square(1, 0), square(0, 1)]
    rows += [GridRow(f"新-{n}", f"新{n}", "城乡网格", FIRST, shape) for n, shape in enumerate(shapes)]
    county = [b for b in a_county() if b.level != "grid" or b.parent_code != FIRST]
    found = look(written(rows, tmp_path / "g.gpkg"), now=present(county, *(f"{FIRST}1{n:03d}" for n in (1, 2, 7))))
    assert found.ok
    given = {b.source_code: b.code[12:] for b in found.boundaries if b.parent_code == FIRST}
    assert given == {"新-3": "1008", "新-1": "1009", "新-0": "1010", "新-2": "1011"}


def test_a_code_that_was_given_up_is_not_taken_again(tmp_path: Path) -> None:
    county = [b for b in a_county() if b.code != f"{FIRST}1001"]
    found = look(written(grid_rows(), tmp_path / "g.gpkg"), now=present(county, f"{FIRST}1001"))
    new = next(b for b in found.boundaries if b.source_code == f"{FIRST}1001")
    assert new.code == f"{FIRST}1005"
    assert only(found, "code-retired").level == "note"


def test_when_no_code_is_left_it_is_told(tmp_path: Path) -> None:
    rows = change(grid_rows(), 0, code="新")
    used = [f"{FIRST}1{n:03d}" for n in range(1, 1000)]
    found = look(written(rows, tmp_path / "g.gpkg"), now=present(None, *used))
    assert "codes-exhausted" in kinds(found) or "code-malformed" in kinds(found)


def test_grids_without_codes_are_known_again_by_name(tmp_path: Path) -> None:
    rows = [replace(row, code=None) for row in grid_rows()]
    found = look(written(rows, tmp_path / "g.gpkg"))
    assert (found.ok, found.kept, found.new) == (True, 24, 0)
    assert only(found, "no-codes").level == "note"


def test_excel_that_made_numbers_of_codes_has_lost_digits(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["网格编码", "网格名称", "边界"])
    book.active.append([2108821012011001, "第1网格", shapely.to_wkt(square(0, 1))])
    book.save(tmp_path / "g.xlsx")
    assert "code-cut" in kinds(look(tmp_path / "g.xlsx", crs="wgs84"))


# A part of the county


def test_a_part_is_added_to_what_the_county_has(tmp_path: Path) -> None:
    school = GridRow(f"{OTHER}2002", "第二小学", "学校网格", None, square(2.5, 1.5, 0.2, 0.2))
    path = written([school], tmp_path / "g.gpkg")
    assert not look(path).ok
    found = look(path, add=True)
    assert found.ok
    assert len(found.boundaries) == len(a_county()) + 1
    assert (found.new, found.kept) == (1, 0)


def test_what_is_added_must_not_overlap_what_stays(tmp_path: Path) -> None:
    path = written(
        [GridRow(f"{OTHER}1009", "又一格", "城乡网格", None, square(2.5, 1.5, 0.2, 0.2))], tmp_path / "g.gpkg"
    )
    fault = only(look(path, add=True), "overlap")
    assert "现有网格" in fault.text


def test_a_grid_is_replaced_by_two_that_share_its_place(tmp_path: Path) -> None:
    rows = [
        GridRow(f"{FIRST}1001", "第1网格", "城乡网格", None, square(0, 1, 0.5)),
        GridRow(f"{FIRST}1005", "第5网格", "城乡网格", None, square(0.5, 1, 0.5)),
    ]
    found = look(written(rows, tmp_path / "g.gpkg"), add=True)
    assert found.ok
    unchanged: list[Boundary] = [b for b in a_county() if b.parent_code == LAST]
    assert [b for b in found.boundaries if b.parent_code == LAST] == unchanged
