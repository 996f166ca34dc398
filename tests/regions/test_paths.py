"""What a region's code tells of its place."""

import pytest

from command_center.regions.paths import column_of, contains, level_of, path_to_county, significant
from tests.builders import COUNTY, ELSEWHERE, TOWN, VILLAGE

GRID = "2108820040041001"


@pytest.mark.parametrize(("code", "level"), [(COUNTY, "county"), (TOWN, "town"), (VILLAGE, "village"), (GRID, "grid")])
def test_a_code_tells_its_level(code: str, level: str) -> None:
    assert level_of(code) == level
    assert column_of(code) == f"{level}_code"


def test_a_grids_code_tells_its_way_up() -> None:
    assert path_to_county(GRID) == (GRID, VILLAGE, TOWN, COUNTY)


def test_a_region_contains_itself_and_what_is_below_it_only() -> None:
    line = [COUNTY, TOWN, VILLAGE, GRID]
    for above, outer in enumerate(line):
        for below, inner in enumerate(line):
            assert contains(outer, inner) == (below >= above)
    assert not contains(ELSEWHERE, VILLAGE)
    assert not contains(TOWN, ELSEWHERE)


def test_the_padding_zeros_are_cut() -> None:
    assert [significant(code) for code in (COUNTY, TOWN, VILLAGE, GRID)] == ["210882", "210882004", VILLAGE, GRID]
