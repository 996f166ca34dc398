"""Actions at the door, in the contract's order of judging, and lists that show everybody their own."""

from typing import Any

import pytest

from tests.builders import ELSEWHERE, TOWN, VILLAGE, a_body, a_key
from tests.county import County
from tests.mobile_api.problems import nothing_changes, problem

UNREAD = b"\xff no json"


def reported(county: County, by: str = "grid", **changes: Any) -> str:
    answer = county.phone(by).report(a_body(county, **changes))
    assert answer.status_code == 201 and answer.json is not None
    return str(answer.json["number"])


def numbers(answer: Any) -> list[str]:
    return [item["number"] for item in answer.json["items"]]


def test_an_action_answers_with_the_ticket_and_its_new_version(door: County) -> None:
    number = reported(door)
    answer = door.phone("village").post(f"tickets/{number}/actions/accept", {}, If_Match='"1"')
    assert answer.status_code == 200 and answer.json is not None
    assert (answer.json["node"], answer.json["version"], answer.headers["ETag"]) == ("claim", 2, '"2"')
    assert door.phone("village").get(f"tickets/{number}").json == answer.json


@pytest.mark.parametrize("match", ['"1"', 'W/"1"', "*", '"7", "1"', "  *  "])
def test_if_match_in_each_spelling(door: County, match: str) -> None:
    number = reported(door)
    assert door.phone("village").post(f"tickets/{number}/actions/accept", {}, If_Match=match).status_code == 200


@pytest.mark.parametrize("match", ['"2"', 'W/"2"', '"01"', '"1.0"', '"x"', '""', ",", '"*"', "9" * 5000])
def test_another_version_is_stale(door: County, match: str) -> None:
    number = reported(door)
    with nothing_changes(door):
        told = problem(
            door.phone("village").post(f"tickets/{number}/actions/accept", {}, If_Match=match), 412, "version-stale"
        )
    assert told["version"] == 1


def test_refusals_come_in_the_contracts_order(door: County) -> None:
    """Each step repairs one fault of a request that has all of them."""
    number = reported(door)
    door.phone("village").act(number, "accept")  # now at claim, version 2

    def act(by: str | None, what: str, data: bytes = UNREAD, **headers: str) -> Any:
        return door.phone(by).post(f"tickets/{what}", data=data, **headers)

    hidden, there = f"{number}/actions/reject", f"{number}/actions/claim"
    stale, fresh = {"If_Match": '"1"'}, {"If_Match": '"2"'}
    with nothing_changes(door):
        problem(act(None, hidden), 401, "not-signed-in")
        problem(act(f"t{ELSEWHERE}", hidden), 404, "ticket-not-found")
        problem(act("grid", hidden), 403, "role-not-allowed")
        problem(act("town", there), 403, "role-not-allowed")
        problem(act("village", hidden), 409, "wrong-node")
        problem(act("village", there), 428, "version-missing")
        problem(act("village", there, **stale), 412, "version-stale")
        problem(act("village", there, **fresh), 400, "malformed-json")
        problem(act("village", f"{number}/actions/escalate", b'{"note": ""}', **fresh), 422, "note-missing", "note")
    assert act("village", there, b"{}", **fresh).status_code == 200


FORMS = [
    ("supervise", "leader", {"note": "督办", "colour": "green"}, "invalid", "colour"),
    ("supervise", "leader", {"note": "督办"}, None, None),
    ("reject", "village", {"note": "x" * 2001}, "invalid", "note"),
    ("reject", "village", {"note": "a\x00b"}, "invalid", "note"),
    ("reject", "village", {"note": None}, "invalid", "note"),
    ("reject", "village", {"note": " \n\t"}, "note-missing", "note"),
    ("accept", "village", {"photos": ["AAAAAAAAAAAAAAAAAAAAAA"]}, "unknown-attachment", "photos"),
    ("accept", "village", {"photos": ["\x00"]}, "invalid", "photos"),
    ("accept", "village", {"photos": ["x"] * 10}, "too-many-photos", "photos"),
    ("accept", "village", {"lon": 40.6, "lat": 122.5}, "coordinates-swapped", "lon"),
    ("accept", "village", {"lon": "122.5", "lat": 40.6}, "invalid", "lon"),
    ("accept", "village", {"lon": True, "lat": 40.6}, "invalid", "lon"),
    ("accept", "village", {"lon": 500, "lat": 500}, "coordinates-out-of-range", "lon"),
    ("accept", "village", {"datum": "mars"}, "unknown-datum", "datum"),
    ("accept", "village", {"passed": "perhaps"}, "invalid", "passed"),
    ("accept", "village", {"score": 10**400}, "invalid", "score"),
    ("accept", "village", {"until": "0001-01-01T00:00:00+14:00"}, "invalid", "until"),
    ("accept", "village", {"to": "\ud800"}, "invalid", "to"),
]


@pytest.mark.parametrize(("action", "by", "form", "code", "field"), FORMS, ids=range(len(FORMS)))
def test_a_bad_form_is_refused(
    door: County, action: str, by: str, form: dict[str, Any], code: str | None, field: str | None
) -> None:
    number = reported(door)
    if code is None:
        assert door.phone(by).act(number, action, **form).status_code == 200
        return
    with nothing_changes(door):
        problem(door.phone(by).act(number, action, **form), 422, code, field)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"department": "wizards"}, "unknown-department"),
        ({"department": "po\x00wer"}, "invalid"),
        ({"to": "nobody"}, "unknown-person"),
        ({"to": "grid"}, None),
        ({"to": "leader"}, "unknown-person"),
        ({"to": "' OR 1=1 --"}, "unknown-person"),
        ({"to": "grid", "department": "power"}, "department-missing"),
    ],
)
def test_a_matter_goes_to_a_known_department_or_to_one_s_own_people(
    door: County, form: dict[str, Any], code: str | None
) -> None:
    number = reported(door, category="0108")
    for step in ("accept", "claim"):
        assert door.phone("village").act(number, step).status_code == 200
    answer = door.phone("village").act(number, "dispatch", **form)
    if code is None:
        assert answer.status_code == 200
    else:
        problem(answer, 422, code)


def test_what_the_village_may_not_settle_it_may_not_dispatch(door: County) -> None:
    number = reported(door)
    for step in ("accept", "claim"):
        door.phone("village").act(number, step)
    with nothing_changes(door):
        told = problem(door.phone("village").act(number, "dispatch"), 409, "no-authority")
    assert told["settling_tier"] == "county"


def test_an_action_sent_again_with_its_key_is_taken_once(door: County) -> None:
    number, key = reported(door), a_key()
    send = {"Idempotency_Key": key, "If_Match": '"1"'}
    first = door.phone("village").post(f"tickets/{number}/actions/accept", {}, **send)
    with nothing_changes(door):
        again = door.phone("village").post(f"tickets/{number}/actions/accept", {}, **send)
        other = door.phone("village").post(f"tickets/{number}/actions/accept", {"note": "other"}, **send)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json == again.json
    problem(other, 409, "idempotency-key-reused")


def test_an_action_s_key_is_no_report_s_key(door: County) -> None:
    number, key = reported(door), a_key()
    door.phone("village").post(f"tickets/{number}/actions/accept", {}, Idempotency_Key=key, If_Match='"1"')
    problem(door.phone("village").report(a_body(door), key=key), 409, "idempotency-key-reused")


def test_a_key_that_is_no_uuid_is_refused_on_actions_too(door: County) -> None:
    number = reported(door)
    answer = door.phone("village").post(f"tickets/{number}/actions/accept", {}, Idempotency_Key="1", If_Match='"1"')
    problem(answer, 400, "idempotency-key-invalid")


def test_everybody_sees_their_own_part_of_the_county(county: County) -> None:
    number = reported(county)
    seen = {
        name: numbers(county.phone(name).get("tickets")) == [number]
        for name in ("grid", "village", "town", "county", "hotline", "leader", "admin", "department", f"t{ELSEWHERE}")
    }
    assert seen == dict.fromkeys(seen, True) | {"department": False, f"t{ELSEWHERE}": False}
    for name, sees in seen.items():
        for path in ("", "/timeline"):
            assert county.phone(name).get(f"tickets/{number}{path}").status_code == (200 if sees else 404), name


def test_paging_walks_over_everything_once(county: County) -> None:
    made = {reported(county, category=("0507", "0108", "0109")[n % 3]) for n in range(13)}
    county.phone("village").act(min(made), "reject", note="不属实")
    for order in ("urgent", "newest"):
        walked: list[str] = []
        cursor: dict[str, str] = {}
        for _ in range(10):
            page = county.phone("county").get("tickets", limit=4, order=order, **cursor).json
            assert page is not None and page["total"] == 13 and len(page["items"]) <= 4
            walked += [item["number"] for item in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert len(walked) == 13 and set(walked) == made
        assert walked == sorted(made, reverse=True) if order == "newest" else walked[-1] == min(made)


def test_filters_narrow_the_list(county: County) -> None:
    cable, record = reported(county), reported(county, category="0108", description="<b>50%_off</b>")
    county.phone("village").act(cable, "accept")
    found = {
        query: numbers(county.phone("county").get("tickets", **dict([query.split("=")])))
        for query in (
            "node=claim", "node=close", "tier=village", "tier=county", "overdue=true", "open=true", "open=false",
            "mine=true", "q=50%_off", "q=0%o", f"q={cable}", "category=0108", "category=05", f"region={VILLAGE}",
            f"region={TOWN}", f"region={ELSEWHERE}", "bbox=0,0,1,1", "since=2999-01-01T00:00:00Z", "department=power",
        )
    }  # fmt: skip
    both = {cable, record}
    assert {query: set(got) for query, got in found.items()} == {
        "node=claim": {cable},
        "node=close": set(),
        "tier=village": both,
        "tier=county": set(),
        "overdue=true": set(),
        "open=true": both,
        "open=false": set(),
        "mine=true": set(),
        "q=50%_off": {record},
        "q=0%o": set(),
        f"q={cable}": {cable},
        "category=0108": {record},
        "category=05": {cable},
        f"region={VILLAGE}": both,
        f"region={TOWN}": both,
        f"region={ELSEWHERE}": set(),
        "bbox=0,0,1,1": set(),
        "since=2999-01-01T00:00:00Z": set(),
        "department=power": set(),
    }


def test_mine_is_what_i_reported_or_have_in_hand(county: County) -> None:
    number = reported(county)
    assert numbers(county.phone("grid").get("tickets", mine="true")) == [number]
    assert numbers(county.phone("village").get("tickets", mine="true")) == [number]
    assert numbers(county.phone("town").get("tickets", mine="true")) == []


def test_a_list_holds_short_texts_and_no_private_ones(county: County) -> None:
    reported(county, "hotline", description="长" * 5000, reporter={"name": "王先生", "phone": "13800000000"})
    answer = county.phone("county").get("tickets")
    assert answer.json is not None
    (item,) = answer.json["items"]
    assert len(item["description"]) == 200
    assert not {"reporter", "photos", "raw_lon", "allowed_actions"} & set(item)
    assert "13800000000" not in answer.text


def test_the_timeline_tells_who_what_when_from_to_and_note(door: County) -> None:
    number = reported(door)
    door.phone("village").act(number, "reject", note="<b>不属实</b>")
    told = door.phone("grid").get(f"tickets/{number}/timeline").json
    assert told is not None and told["next_cursor"] is None
    first, second = told["items"]
    assert (first["n"], first["what"], first["from"], first["note"]) == (1, "report", None, "")
    assert second["who"] == {"username": "village", "name": "富丽社区指挥席", "role": "village_officer"}
    assert (second["n"], second["what"], second["note"]) == (2, "reject", "<b>不属实</b>")
    assert (second["from"]["node"], second["to"]["node"], second["to"]["tier"]) == ("intake", "rejected", "village")
    assert set(second["from"]["holder"]) >= {"kind", "code", "name"}
    assert second["when"].endswith("Z") and second["held_seconds"] >= 0


def test_people_to_hand_a_matter_to_are_the_tier_s_own(door: County) -> None:
    number = reported(door)
    told = door.phone("village").get("users", ticket=number).json
    assert told is not None
    names = [person["username"] for person in told["items"]]
    assert {"village", "grid"} <= set(names)
    assert {person["role"] for person in told["items"]} == {"village_officer", "grid_worker"}
    problem(door.phone(f"t{ELSEWHERE}").get("users", ticket=number), 404, "ticket-not-found")


def test_a_number_may_be_typed_without_hyphens(door: County) -> None:
    number = reported(door)
    assert door.phone("grid").get(f"tickets/{number.replace('-', ' ')}").json["number"] == number  # type: ignore[index]
