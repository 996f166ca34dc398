"""The clocks' rules and the calendar over REST: everybody reads, administrators write, in the contract's order."""

import io
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from command_center.tickets import rulebook
from tests.builders import RECORD, a_body, a_ticket, at
from tests.county import County, own_rules
from tests.deadlines.notice import rows, spelt
from tests.mobile_api.problems import nothing_changes, problem


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rulebook, "SETTLED", timedelta(0))


def json_of(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code in (200, 201), answer.text
    content: dict[str, Any] = answer.json  # type: ignore[assignment]
    return content


def store(county: County, by: str = "admin", based_on: int = 1, **changes: Any) -> TestResponse:
    document = json_of(county.phone("admin").get("policies/1"))["document"] | changes
    return county.phone(by).post("policies", {"document": document, "note": "试行", "based_on": based_on})


def test_everybody_who_is_signed_in_may_read_the_rules(county: County) -> None:
    for username in ("grid", "department", "leader", "admin"):
        listed = json_of(county.phone(username).get("policies"))
        assert [item["version"] for item in listed["items"]] == [1] and listed["next_cursor"] is None
    read = json_of(county.phone("grid").get("policies/1"))
    assert read["document"]["shares"] == {"village": "0.25", "town": "0.25", "county": "0.5"}
    assert read["created_by"] == "system" and read["created_at"]


def test_a_new_version_holds_for_new_reports_at_once(county: County) -> None:
    own_rules(county)
    phone = county.phone("grid")
    before = json_of(phone.report(a_body(county)))
    own = {"050701": {"limit_value": "1", "limit_unit": "urgent_hour"}}
    stored = store(county, conditions=own)
    assert stored.status_code == 201 and stored.headers["Location"] == "/api/v1/policies/2"
    assert (json_of(stored)["version"], json_of(stored)["created_by"]) == (2, "admin")
    after = json_of(phone.report(a_body(county)))
    assert after["due_at"] < before["due_at"]
    assert json_of(phone.get(f"tickets/{before['number']}"))["due_at"] == before["due_at"]


def test_the_list_is_paged_newest_first(county: County) -> None:
    for version in (1, 2, 3):
        assert store(county, based_on=version, follow_up_days=version + 5).status_code == 201
    first = json_of(county.phone("admin").get("policies", limit=3))
    second = json_of(county.phone("admin").get("policies", limit=3, cursor=first["next_cursor"]))
    assert [[item["version"] for item in page["items"]] for page in (first, second)] == [[4, 3, 2], [1]]
    assert second["next_cursor"] is None
    for cursor in ("x", "-1", "1" * 30, "²"):
        problem(county.phone("admin").get("policies", cursor=cursor), 422, "bad-cursor", "cursor")


GOOD = {"document": {"follow_up_days": 3}, "note": "试行", "based_on": 1}


@pytest.mark.parametrize(
    ("by", "body", "status", "code", "field"),
    [
        (None, GOOD, 401, "not-signed-in", None),
        ("county", GOOD, 403, "not-allowed", None),
        ("leader", {}, 403, "not-allowed", None),  # before anything is looked at
        ("admin", GOOD | {"based_on": 2}, 409, "policy-moved", "based_on"),
        ("admin", {"based_on": 7}, 409, "policy-moved", "based_on"),  # before the rest of the body
        ("admin", GOOD | {"based_on": "7"}, 409, "policy-moved", "based_on"),
        ("admin", GOOD | {"based_on": "x"}, 422, "invalid", "based_on"),
        ("admin", {"document": {}, "note": "x"}, 422, "invalid", "based_on"),
        ("admin", GOOD | {"note": ""}, 422, "invalid", "note"),
        ("admin", GOOD | {"note": "  "}, 422, "note-missing", "note"),
        ("admin", GOOD | {"note": "x" * 501}, 422, "invalid", "note"),
        ("admin", GOOD | {"note": "\x00"}, 422, "invalid", "note"),
        ("admin", GOOD | {"document": []}, 422, "invalid", "document"),
        ("admin", GOOD | {"document": {}}, 422, "policy-invalid", "document"),  # nothing would change
        ("admin", GOOD | {"document": {"hue": 1}}, 422, "policy-invalid", "document.hue"),
        ("admin", GOOD | {"document": {"\ud800" * 99: 1}}, 422, "policy-invalid", None),
        ("admin", GOOD | {"document": {"follow_up_days": 0}}, 422, "policy-invalid", "document.follow_up_days"),
        (
            "admin",
            GOOD | {"document": {"conditions": {"none": {"limit_value": 1, "limit_unit": "work_day"}}}},
            422,
            "policy-invalid",
            "document.conditions.none",
        ),
    ],
)
def test_what_will_not_do_is_refused_in_the_contracts_order(
    door: County, by: str | None, body: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    with nothing_changes(door):
        problem(door.phone(by).post("policies", body), status, code, field)


def test_a_body_that_is_no_json_is_malformed(door: County) -> None:
    problem(door.phone("admin").post("policies", data=b"{"), 400, "malformed-json")
    problem(door.phone("county").post("policies", data=b"{"), 403, "not-allowed")


def test_a_version_that_is_not_there_is_not_found(door: County) -> None:
    for version in (0, 9, 10**12):
        problem(door.phone("admin").get(f"policies/{version}"), 404, "unknown-policy")


def test_a_year_of_the_calendar_is_told_with_its_days(door: County) -> None:
    year = json_of(door.phone("grid").get("calendar", year=2027))
    assert (year["status"], len(year["days"]), year["recomputed"]) == ("provisional", 365, True)
    assert year["days"][0] == {
        "date": "2027-01-01",
        "kind": "holiday",
        "name": "元旦",
        "source": "statutory dates; notice not yet published",
        "confirmed": False,
    }
    assert year["years"][0] == {"year": 2024, "status": "confirmed"}
    assert json_of(door.phone("grid").get("calendar"))["year"] > 2000


@pytest.mark.parametrize("year", ["2039", "1900", "0", "-5", "99999999999"])
def test_a_year_that_is_not_there_is_not_found(door: County, year: str) -> None:
    problem(door.phone("grid").get("calendar", year=year), 404, "unknown-year")


def test_a_year_must_be_a_number(door: County) -> None:
    problem(door.phone("grid").get("calendar", year="next"), 422, "invalid", "year")


def upload(county: County, by: str, data: bytes, year: int = 2027) -> TestResponse:
    phone = county.phone(by)
    return phone.app.test_client().post(
        f"/api/v1/calendar/{year}/confirm", data={"file": (io.BytesIO(data), "2027.csv")}, headers=phone.headers
    )


@pytest.mark.parametrize("form", ["file", "rows"])
def test_an_administrator_confirms_a_year_and_the_clocks_follow(county: County, form: str) -> None:
    own_rules(county)
    ticket = a_ticket(county, category=RECORD, now=at("2027-02-03 09:00"))
    if form == "file":
        answer = upload(county, "admin", spelt(rows()))
    else:
        answer = county.phone("admin").post("calendar/2027/confirm", {"rows": rows()})
    told = json_of(answer)
    assert (told["status"], told["moved"], told["finished"], told["remaining"]) == ("confirmed", 1, True, 0)
    assert told["recomputed"] is True
    assert ticket.look().due_at == at("2027-02-18 09:00")
    timeline = json_of(county.phone("village").get(f"tickets/{ticket.look().number}/timeline"))
    listed = timeline["items"] if isinstance(timeline, dict) else timeline
    assert [event["what"] for event in listed] == ["report", "recompute"]


def test_an_answer_that_would_take_too_long_says_what_is_left(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    a_ticket(county, category=RECORD, now=at("2027-02-03 09:00"))
    with monkeypatch.context() as patched:
        patched.setattr("mobile_api.policies.PATIENCE", -1.0)
        told = json_of(county.phone("admin").post("calendar/2027/confirm", {"rows": rows()}))
    assert (told["finished"], told["remaining"], told["moved"], told["recomputed"]) == (False, 1, 0, False)
    again = json_of(county.phone("admin").post("calendar/2027/confirm", {"rows": rows()}))
    assert (again["finished"], again["remaining"], again["moved"]) == (True, 0, 1)


def test_a_faulty_year_is_refused_with_every_row(door: County) -> None:
    content = rows()
    content[0]["kind"], content[59]["source"] = "party", ""
    with nothing_changes(door):
        body = problem(upload(door, "admin", spelt(content)), 422, "calendar-invalid", "rows")
    assert [(fault["row"], fault["code"]) for fault in body["faults"]] == [(2, "bad-kind"), (61, "source-missing")]


@pytest.mark.parametrize(
    ("by", "path", "body", "status", "code"),
    [
        (None, "calendar/2027/confirm", {"rows": []}, 401, "not-signed-in"),
        ("county", "calendar/1900/confirm", {"rows": []}, 404, "unknown-year"),
        ("county", "calendar/2027/confirm", {}, 403, "not-allowed"),
        ("admin", "calendar/2027/confirm", {}, 422, "invalid"),
        ("admin", "calendar/2027/confirm", {"rows": [3]}, 422, "invalid"),
        ("admin", "calendar/2027/confirm", {"rows": []}, 422, "calendar-invalid"),
        ("admin", "calendar/2040/confirm", {"rows": rows(2040)}, 422, "calendar-invalid"),
    ],
)
def test_a_confirmation_that_will_not_do_is_refused(
    door: County, by: str | None, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    with nothing_changes(door):
        problem(door.phone(by).post(path, body), status, code)


def test_an_upload_without_its_file_is_refused(door: County) -> None:
    phone = door.phone("admin")
    answer = phone.app.test_client().post(
        "/api/v1/calendar/2027/confirm", data={"other": "x"}, headers=phone.headers, content_type="multipart/form-data"
    )
    problem(answer, 422, "invalid", "file")
