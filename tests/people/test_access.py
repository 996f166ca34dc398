"""Which region is whose: the caller's own and all below it."""

import pytest

from command_center.errors import RegionNotYours, UnknownRegion
from command_center.people.access import check_region
from tests.builders import COUNTY, ELSEWHERE, TOWN, VILLAGE
from tests.county import County

GRID = "2108820040041001"


@pytest.mark.parametrize(
    ("username", "own"),
    [
        ("county", [COUNTY, TOWN, VILLAGE, GRID, ELSEWHERE]),
        ("leader", [COUNTY, TOWN, VILLAGE, GRID, ELSEWHERE]),
        ("hotline", [COUNTY, TOWN, VILLAGE, GRID, ELSEWHERE]),
        ("admin", [COUNTY, TOWN, VILLAGE, GRID, ELSEWHERE]),
        ("department", [COUNTY, TOWN, VILLAGE, GRID, ELSEWHERE]),
        ("town", [TOWN, VILLAGE, GRID]),
        ("village", [VILLAGE, GRID]),
        ("grid", [GRID]),
        (f"t{ELSEWHERE}", [ELSEWHERE]),
    ],
)
def test_a_person_may_ask_for_their_own_region_and_what_lies_below(
    county: County, username: str, own: list[str]
) -> None:
    user = county.user(username)
    for code in (COUNTY, TOWN, VILLAGE, GRID, ELSEWHERE):
        with county.sessions.read() as session:
            if code in own:
                assert check_region(session, user, code).code == code
            else:
                with pytest.raises(RegionNotYours):
                    check_region(session, user, code)


@pytest.mark.parametrize("code", ["", "210882", "999999000000", "线缆", "\x00", "2" * 100, "%", "' OR 1=1 --"])
def test_a_region_that_does_not_exist_is_unknown(county: County, code: str) -> None:
    with county.sessions.read() as session, pytest.raises(UnknownRegion):
        check_region(session, county.user("county"), code)
