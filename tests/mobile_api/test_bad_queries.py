"""Hostile addresses and query parameters: told apart, never an error of ours."""

import base64
import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from tests.builders import ELSEWHERE, TOWN, VILLAGE, a_body
from tests.county import County
from tests.mobile_api.problems import nothing_changes, problem


def cursor(position: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


EARLY = "0001-01-01T00:00:00+14:00"
BAD = [
    ("tickets?limit=abc", 422, "invalid", "limit"),
    ("tickets?limit=1.5", 422, "invalid", "limit"),
    ("tickets?limit=" + "9" * 5000, 422, "invalid", "limit"),
    ("tickets?node=nowhere", 422, "invalid", "node"),
    ("tickets?tier=galaxy", 422, "invalid", "tier"),
    ("tickets?overdue=perhaps", 422, "invalid", "overdue"),
    ("tickets?mine=2", 422, "invalid", "mine"),
    ("tickets?order=random", 422, "invalid", "order"),
    ("tickets?since=yesterday", 422, "invalid", "since"),
    ("tickets?since=2026-11-20T09:00:00", 422, "invalid", "since"),
    ("tickets?since=" + quote(EARLY), 422, "invalid", "since"),
    ("tickets?bbox=1,2,3", 422, "invalid", "bbox"),
    ("tickets?bbox=a,b,c,d", 422, "invalid", "bbox"),
    ("tickets?q=" + "x" * 101, 422, "invalid", "q"),
    ("tickets?q=%00", 422, "invalid", "q"),
    ("tickets?category=%00", 422, "invalid", "category"),
    ("tickets?department=%00", 422, "invalid", "department"),
    ("tickets?cursor=nonsense", 422, "bad-cursor", "cursor"),
    ("tickets?cursor=%FF%FE", 422, "bad-cursor", "cursor"),
    ("tickets?cursor=" + cursor([]), 422, "bad-cursor", "cursor"),
    ("tickets?cursor=" + cursor({}), 422, "bad-cursor", "cursor"),
    ("tickets?cursor=" + cursor({"closed": False, "due": "soon", "id": 1}), 422, "bad-cursor", "cursor"),
    ("tickets?cursor=" + cursor({"closed": False, "due": "2026-01-01T00:00:00", "id": 1}), 422, "bad-cursor", "cursor"),
    ("tickets?cursor=" + cursor({"closed": False, "due": EARLY, "id": 1}), 422, "bad-cursor", "cursor"),
    ("tickets?order=newest&cursor=" + cursor({"id": "1"}), 422, "bad-cursor", "cursor"),
    ("tickets?order=newest&cursor=" + cursor({"id": 10**200}), 422, "bad-cursor", "cursor"),
    ("tickets?order=newest&cursor=" + cursor({"id": True}), 422, "bad-cursor", "cursor"),
    ("tickets?region=999999999999", 404, "unknown-region", "region"),
    ("tickets?region=%00", 404, "unknown-region", "region"),
    ("tickets?region=21%00", 404, "unknown-region", "region"),
    ("tickets?region=" + quote("富丽社区"), 404, "unknown-region", "region"),
    ("tickets?region=" + "2" * 5000, 404, "unknown-region", "region"),
    (f"tickets?region={ELSEWHERE}", 403, "region-not-yours", "region"),
    (f"tickets?region={TOWN}", 403, "region-not-yours", "region"),
    (f"events?region={ELSEWHERE}", 403, "region-not-yours", "region"),
    (f"statistics?region={ELSEWHERE}", 403, "region-not-yours", "region"),
    ("events?region=%00", 404, "unknown-region", "region"),
    ("events?after=x", 422, "invalid", "after"),
    ("statistics?region=999999999999", 404, "unknown-region", "region"),
    ("statistics?by=mood", 422, "invalid", "by"),
    ("statistics?from=2026-13-01", 422, "invalid", "from"),
    ("statistics?to=today", 422, "invalid", "to"),
    ("statistics?from=2026-11-20&to=2026-11-19", 422, "invalid", "from"),
    ("statistics?from=1900-01-01&to=2026-11-19", 422, "invalid", "from"),
    ("statistics?to=0001-01-01", 422, "invalid", "to"),
    ("statistics?to=9999-12-31&by=day", 422, "invalid", "to"),
    ("regions?level=planet", 422, "invalid", "level"),
    ("regions?parent=999999999999", 404, "unknown-region", "parent"),
    ("regions?parent=%00", 422, "invalid", "parent"),
    ("regions/999999999999", 404, "unknown-region", None),
    ("regions/%00", 404, "unknown-region", None),
    ("regions/" + "2" * 5000, 404, "unknown-region", None),
    ("regions/at", 422, "invalid", "lon"),
    ("regions/at?lon=122.5", 422, "invalid", "lat"),
    ("regions/at?lon=x&lat=y", 422, "invalid", "lon"),
    ("regions/at?lon=nan&lat=40.6", 422, "coordinates-not-finite", "lon"),
    ("regions/at?lon=122.5&lat=1e999", 422, "coordinates-not-finite", "lon"),
    ("regions/at?lon=40.6&lat=122.5", 422, "coordinates-swapped", "lon"),
    ("regions/at?lon=500&lat=500", 422, "coordinates-out-of-range", "lon"),
    ("regions/at?lon=122.5&lat=40.6&datum=mars", 422, "unknown-datum", "datum"),
    ("regions/at?lon=116.39&lat=39.9", 404, "outside-county", "lon"),
    ("layers/planet.geojson", 404, "nothing-here", None),
    ("layers/..%2f..%2fsecret.geojson", 404, "nothing-here", None),
    ("tickets/1", 404, "ticket-not-found", None),
    ("tickets/%00", 404, "ticket-not-found", None),
    ("tickets/210882-20261120-00001-0", 404, "ticket-not-found", None),
    ("tickets/" + "1" * 5000, 404, "ticket-not-found", None),
    ("tickets/1/timeline", 404, "ticket-not-found", None),
    ("attachments/AAAAAAAAAAAAAAAAAAAAAA", 404, "attachment-not-found", None),
    ("attachments/%00", 404, "attachment-not-found", None),
    ("attachments/..%2f..%2fsecret.key", 404, "nothing-here", None),
    ("users", 422, "invalid", "ticket"),
    ("users?ticket=1", 404, "ticket-not-found", None),
    ("nothing", 404, "nothing-here", None),
]


def asked(county: County, path: str) -> TestResponse:
    """Ask as the officer of 富丽社区, the query spelt as it stands."""
    return county.app.test_client().get(f"/api/v1/{path}", headers=county.phone("village").headers)


@pytest.mark.parametrize(("path", "status", "code", "field"), BAD, ids=[bad[0][:60] for bad in BAD])
def test_a_bad_question_gets_its_own_answer(door: County, path: str, status: int, code: str, field: str | None) -> None:
    problem(asked(door, path), status, code, field)


@pytest.mark.parametrize("path", ["tickets?bbox=nan,nan,nan,nan", "tickets?bbox=-inf,-inf,inf,inf", "tickets?q=%25_"])
def test_odd_questions_with_an_answer(door: County, path: str) -> None:
    assert asked(door, path).status_code == 200


@pytest.mark.parametrize("limit", ["0", "-1", "1", "1000000000", "9" * 400])
def test_a_limit_beyond_bounds_is_clamped(door: County, limit: str) -> None:
    answer = asked(door, f"regions?limit={limit}")
    assert answer.json is not None
    assert len(answer.json["items"]) == (1 if int(limit) < 2 else 200)


@pytest.mark.parametrize(
    "path",
    [
        "regions/at?lon=122.5&lat=40.6&accuracy_m=-1",
        "downloads/grids.gpkg?edition=0",
        "regions?level=planet",
        "pictures/situation.png?paper=A9",
        "pictures/situation.png?from=yesterday",
    ],
)
def test_a_reason_is_told_in_the_language_of_the_rest(door: County, path: str) -> None:
    told = asked(door, path).json
    assert told is not None and re.search("[\u4e00-\u9fff]", told["detail"].partition("：")[2])
    assert not re.search("[\u4e00-\u9fff]", told["detail_en"])


METHODS = [("delete", "tickets"), ("put", "reports"), ("patch", "tickets/1"), ("get", "reports"), ("post", "me")]


@pytest.mark.parametrize(("method", "path"), METHODS)
def test_a_wrong_method_is_a_problem_document(door: County, method: str, path: str) -> None:
    answer = door.app.test_client().open(f"/api/v1/{path}", method=method, headers=door.phone("village").headers)
    problem(answer, 405, "http-405")


@pytest.mark.parametrize("path", ["/api/", "/api/v1", "/api/v2/tickets", "/api/v1/tickets/"])
def test_an_unknown_address_below_api_is_a_problem_document(door: County, path: str) -> None:
    problem(door.app.test_client().get(path), 404, "nothing-here")


@pytest.mark.parametrize("name", ["explode", "ACCEPT", "%00", "accept%20"])
def test_an_unknown_action_is_not_there(door: County, name: str) -> None:
    phone = door.phone("village")
    with nothing_changes(door):
        problem(phone.post(f"tickets/1/actions/{name}", {}, If_Match="*"), 404, "nothing-here")


def test_a_cursor_of_another_order_is_refused(door: County) -> None:
    for _ in range(2):
        door.phone("grid").report(a_body(door))
    phone = door.phone("village")
    newest = phone.get("tickets", order="newest", limit=1).json["next_cursor"]  # type: ignore[index]
    problem(phone.get("tickets", cursor=newest, limit=1), 422, "bad-cursor", "cursor")


def test_a_hidden_region_and_an_absent_one_are_told_apart(door: County) -> None:
    problem(door.phone("grid").get("tickets", region=VILLAGE), 403, "region-not-yours", "region")
    problem(door.phone("grid").get("tickets", region="210882004999"), 404, "unknown-region", "region")
