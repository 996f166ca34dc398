"""Places: what a code says by itself, and loading them."""

import pytest
from sqlalchemy import func, select

from command_center.errors import UnknownRegion
from command_center.regions.models import Outline, Region
from command_center.regions.paths import Path, column_of, contains, level_of, path_to_county, significant
from command_center.regions.reference import children, load, outlines, path
from gis import boundaries
from tests.builders import COUNTY, ELSEWHERE, TOWN, VILLAGE
from tests.county import County

GRID, SCHOOL = f"{VILLAGE}1001", f"{VILLAGE}2001"
LADDER = (COUNTY, TOWN, VILLAGE, GRID)


@pytest.mark.parametrize(
    ("code", "level", "beginning"),
    [
        (COUNTY, "county", "210882"),
        (TOWN, "town", "210882004"),
        ("210882100000", "town", "210882100"),  # 100-199: a town that calls itself one
        (VILLAGE, "village", VILLAGE),
        ("210882100200", "village", "210882100200"),  # two zeros at the end are still a village
        (GRID, "grid", GRID),
        (f"{VILLAGE}3010", "grid", f"{VILLAGE}3010"),
    ],
)
def test_a_code_tells_its_level(code: str, level: str, beginning: str) -> None:
    assert level_of(code) == level
    assert column_of(code) == f"{level}_code"
    assert significant(code) == beginning


def test_a_grids_code_holds_the_way_up() -> None:
    assert path_to_county(GRID) == Path(GRID, VILLAGE, TOWN, COUNTY)
    assert path_to_county("2108821002003001") == ("2108821002003001", "210882100200", "210882100000", COUNTY)


def test_a_region_contains_itself_and_what_is_below_it_and_nothing_else() -> None:
    for outer, above in enumerate(LADDER):
        for inner, below in enumerate(LADDER):
            assert contains(above, below) == (outer <= inner), (above, below)
    assert not contains(TOWN, ELSEWHERE)
    assert not contains(VILLAGE, "210882004005")
    assert not contains(VILLAGE, "2108820040051001")
    assert not contains(GRID, SCHOOL)
    assert not contains(COUNTY, "210881000000")


def test_codes_and_parents_of_the_whole_county_agree(county: County) -> None:
    with county.sessions.read() as session:
        regions = session.scalars(select(Region)).all()
    known = {region.code: region for region in regions}
    for region in regions:
        assert level_of(region.code) == region.level
        if region.parent_code is None:
            assert region.code == COUNTY
            continue
        assert contains(region.parent_code, region.code)
        if region.level == "grid":
            assert path_to_county(region.code).village == region.parent_code
            assert known[region.parent_code].level == "village"


def test_the_county_has_as_many_places_as_the_report_says(county: County) -> None:
    with county.sessions.read() as session:
        rows = session.execute(select(Region.level, Region.kind, func.count()).group_by(Region.level, Region.kind))
        counts = {(level, kind): count for level, kind, count in rows}
    assert counts == {
        ("county", None): 1,
        ("town", None): 17,
        ("village", None): 283,
        ("grid", "urban_rural"): 1480,
        ("grid", "school"): 69,
        ("grid", "enterprise"): 249,
    }


def test_loading_again_gives_the_same(county: County) -> None:
    def everything() -> list[list[tuple[object, ...]]]:
        with county.sessions.read() as session:
            return [
                [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))]
                for table in (Region.__table__, Outline.__table__)
            ]

    before = everything()
    with county.sessions.begin() as session:
        counts = load(session, boundaries.load(county.settings.data))
    assert counts == {"county": 1, "town": 17, "village": 283, "grid": 1798}
    assert everything() == before


def test_the_outlines_are_read_in_the_order_of_their_codes(county: County) -> None:
    with county.sessions.read() as session:
        rows = outlines(session)
    codes = [row.code for row in rows]
    assert codes == sorted(codes)
    assert len(codes) == 1 + 17 + 283 + 1798
    assert {row.level for row in rows if row.synthetic} >= {"town", "village", "grid"}
    assert not next(row for row in rows if row.level == "county").synthetic


def test_the_way_up_and_the_children_of_a_region(county: County) -> None:
    with county.sessions.read() as session:
        grid = session.get_one(Region, GRID)
        assert [region.code for region in path(session, grid)] == list(LADDER)
        assert (children(session, COUNTY), children(session, GRID)) == (17, 0)
        assert sum(children(session, row.code) for row in session.scalars(select(Region))) == 17 + 283 + 1798


@pytest.mark.parametrize("engine_kind", ["sqlite"])
def test_a_chain_of_parents_that_leads_nowhere_is_told(county: County) -> None:
    with county.sessions.read() as session:
        lost = Region(code=GRID, name="", level="grid", parent_code="210882999999")
        with pytest.raises(UnknownRegion):
            path(session, lost)
