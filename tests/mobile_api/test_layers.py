"""Outlines for maps at the door: all at once, in detail, sent once."""

import gzip
import json

import pytest

from tests.builders import TOWN, VILLAGE
from tests.county import County

OVERVIEW = "/api/v1/layers/overview.topojson"


def signed_in(county: County):
    """A browser with the cookie of somebody who signed in."""
    browser = county.app.test_client()
    user = county.user("village")
    with browser.session_transaction() as session:
        session["user_id"] = user.id
        session["token_generation"] = user.token_generation
        session.permanent = True
    return browser


def test_the_overview_holds_all_levels(door: County) -> None:
    found = door.phone("grid").get("layers/overview.topojson").json
    counts = {level: len(one["geometries"]) for level, one in found["objects"].items()}
    assert found["type"] == "Topology" and found["synthetic"] is True
    assert counts == {"county": 1, "town": 17, "village": 283, "grid": 1_798}


@pytest.mark.parametrize(
    ("path", "levels"),
    [
        (f"near/{TOWN}", {"town", "village", "grid"}),
        (f"full/{VILLAGE}", {"village", "grid"}),
        (f"full/{TOWN}", {"town"}),
    ],
)
def test_a_part_holds_the_region_and_what_lies_in_it(door: County, path: str, levels: set[str]) -> None:
    assert set(door.phone("grid").get(f"layers/{path}.topojson").json["objects"]) == levels


def test_a_part_of_the_named_edition_is_kept_for_good(door: County) -> None:
    phone = door.phone("grid")
    edition = phone.get("layers/overview.topojson").json["edition"]
    named = phone.get(f"layers/full/{VILLAGE}.topojson", edition=edition)
    old = phone.get(f"layers/full/{VILLAGE}.topojson", edition="0123456789abcdef")
    assert "immutable" in named.headers["Cache-Control"] and "immutable" not in old.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("path", "code"),
    [("far/210882004000", "nothing-here"), ("near/999", "unknown-region"), ("near/..%2fx", "nothing-here")],
)
def test_there_is_no_other_detail_and_no_unknown_region(door: County, path: str, code: str) -> None:
    answer = door.phone("grid").get(f"layers/{path}.topojson")
    assert (answer.status_code, answer.json["type"]) == (404, f"/problems/{code}")


def test_outlines_are_for_those_who_are_signed_in(door: County) -> None:
    assert door.phone(None).get("layers/overview.topojson").status_code == 401
    assert door.phone(None).get(f"layers/near/{TOWN}.topojson").status_code == 401


def test_a_browser_finds_the_outlines_where_it_left_them(door: County) -> None:
    """A cookie that is renewed with the answer would make it another's: so it is not."""
    browser = signed_in(door)
    first = browser.get(OVERVIEW, headers={"Accept-Encoding": "gzip"})
    assert first.headers["Vary"] == "Accept-Encoding" and "Set-Cookie" not in first.headers
    assert json.loads(gzip.decompress(first.data))["type"] == "Topology"
    again = browser.get(OVERVIEW, headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert "Set-Cookie" in browser.get("/api/v1/me").headers
