"""The editions of the map over REST: what they are, what followed them, and taking one back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from command_center.regions import editions
from command_center.regions.editions import About
from command_center.tickets.relocation import relocate_all
from gis.grid_index import GridIndex
from tests.builders import NOW, TOWN, a_ticket, spot
from tests.county import County
from tests.regions.maps import VILLAGE, Map, a_new_code, second_edition

FIRST, SECOND, THIRD, FOURTH = Map().grids()[:4]
A, B, C, D = [a_new_code(VILLAGE, number) for number in (1, 2, 3, 4)]


def store(county: County, **about: object) -> None:
    with county.sessions.begin() as session:
        editions.store(session, second_edition().done(), About(name="2027 年调整", **about), NOW)  # type: ignore[arg-type]


def follow(county: County) -> None:
    near = [boundary for boundary in second_edition().done() if boundary.code.startswith(TOWN[:9])]
    office = replace(county.office, grids=GridIndex.of(near), map_edition=2)
    assert relocate_all(county.sessions, office, lambda: NOW).finished


def test_the_editions_are_listed_newest_first(county: County) -> None:
    store(county)
    items = county.phone("county").get("map-editions").json["items"]  # type: ignore[index]
    assert [(item["version"], item["state"]) for item in items] == [(2, "in_force"), (1, "past")]
    assert items[0]["name"] == "2027 年调整" and items[0]["counts"]["split"] == 2


def test_an_edition_tells_what_followed_it_and_what_is_left_for_people(county: County) -> None:
    lon, lat = spot(county, SECOND)
    a_ticket(county, lon=lon, lat=lat)
    store(county)
    phone = county.phone("admin")
    before = phone.get("map-editions/2").json
    assert before is not None and (before["open_tickets_left"], before["finished_at"]) == (1, None)
    follow(county)
    after = phone.get("map-editions/2").json
    assert after is not None and (after["open_tickets_left"], after["counts"]["tickets_moved"]) == (0, 1)
    assert {line["username"]: line["to"]["code"] for line in after["accounts"]} == {
        "grid": A,
        f"w{SECOND}": C,
        f"w{THIRD}": C,
        f"w{FOURTH}": D,
    }
    assert [grid["code"] for grid in after["grids_without_worker"]] == [B]


def test_the_lineage_tells_what_became_of_each_region(county: County) -> None:
    store(county)
    page = county.phone("leader").get("map-editions/2/lineage").json
    assert page is not None and {(line["old"]["code"], line["new"]["code"], line["how"]) for line in page["items"]} == {
        (FIRST, A, "split"),
        (FIRST, B, "split"),
        (SECOND, C, "merged"),
        (THIRD, C, "merged"),
        (FOURTH, D, "recoded"),
    }


def test_an_administrator_takes_a_scheduled_edition_back(county: County) -> None:
    store(county, effective_at=NOW + timedelta(days=3650))
    assert county.phone("county").post("map-editions/2/withdraw").status_code == 403
    answer = county.phone("admin").post("map-editions/2/withdraw")
    assert (answer.status_code, answer.json["state"]) == (200, "withdrawn")  # type: ignore[index]
    again = county.phone("admin").post("map-editions/2/withdraw")
    assert (again.status_code, again.json["type"].rsplit("/")[-1]) == (409, "edition-not-scheduled")  # type: ignore[index]


@pytest.mark.parametrize("path", ["map-editions/9", "map-editions/99999999999999999999", "map-editions/9/lineage"])
def test_an_edition_that_is_not_there_is_not_found(county: County, path: str) -> None:
    answer = county.phone("admin").get(path)
    assert (answer.status_code, answer.json["type"].rsplit("/")[-1]) == (404, "edition-not-found")  # type: ignore[index]


def test_lists_of_regions_leave_out_what_left_the_map_unless_asked(county: County) -> None:
    store(county)
    phone = county.phone("village")

    def codes(**query: str) -> list[str]:
        page = phone.get("regions", parent=VILLAGE, **query).json
        assert page is not None
        return [item["code"] for item in page["items"]]

    assert not {FIRST, SECOND, THIRD, FOURTH} & set(codes()) and {A, B, C, D} < set(codes())
    assert codes(retired="1") == [FIRST, SECOND, THIRD, FOURTH]
    gone = phone.get(f"regions/{FIRST}").json
    assert gone is not None and gone["retired_at"] == "2026-11-20T01:00:00.000Z"
