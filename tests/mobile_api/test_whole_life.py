"""The whole life of a ticket over REST: every action by its address, many at once, calls back, near-duplicates."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from command_center.events.models import TicketEvent
from command_center.tickets.models import Ticket
from command_center.tickets.standing import Node, Tier
from command_center.tickets.workflow import Action
from tests.builders import Hand, a_body, a_key, a_ticket
from tests.county import County

NOW = datetime.now(UTC)


def a_matter(county: County, **more: Any) -> Hand:
    """A ticket of today, for the server's own clock judges here."""
    return a_ticket(county, now=NOW - timedelta(minutes=30), **more)


def item(hand: Hand, version: int | None = None) -> dict[str, Any]:
    ticket = hand.look()
    return {"number": ticket.number, "version": ticket.version if version is None else version}


def problem_of(answer: Any) -> str:
    assert answer.content_type == "application/problem+json"
    return answer.json["type"].rsplit("/", 1)[-1]


def test_every_action_has_its_address(county: County) -> None:
    number = a_matter(county).look().number
    for action in Action:
        answer = county.phone("admin").act(number, str(action))
        assert (answer.status_code, problem_of(answer)) == (403, "role-not-allowed"), action


def test_the_county_suspends_and_resumes_by_the_names_of_the_contract(county: County) -> None:
    number = a_matter(county, node=Node.HANDLE, tier=Tier.COUNTY).look().number
    until = (NOW + timedelta(days=30)).isoformat()
    answer = county.phone("county").act(number, "suspend", note="等批文", until=until)
    assert answer.status_code == 200, answer.json
    assert answer.json["colour"] == "grey" and "resume" in answer.json["allowed_actions"]
    refused = county.phone("department").act(number, "resolve", note="修好了")
    assert (refused.status_code, problem_of(refused)) == (409, "ticket-suspended")
    assert county.phone("county").act(number, "resume").json["colour"] != "grey"


@pytest.mark.parametrize("until", ["2027-02-30", "yesterday", 17, "0001-01-01", "9999-12-31T23:59:59-12:00", ""])
def test_an_impossible_date_is_refused_with_its_field(county: County, until: Any) -> None:
    number = a_matter(county, node=Node.HANDLE, tier=Tier.COUNTY).look().number
    answer = county.phone("county").act(number, "suspend", note="等批文", until=until)
    assert (answer.status_code, answer.json["field"]) == (422, "until")


def test_a_day_without_a_time_is_the_beginning_of_that_day_in_the_county(county: County) -> None:
    number = a_matter(county, node=Node.HANDLE, tier=Tier.COUNTY).look().number
    day = (NOW + timedelta(days=30)).date().isoformat()
    answer = county.phone("county").act(number, "suspend", note="等批文", until=day)
    assert datetime.fromisoformat(answer.json["suspended_until"]).astimezone(county.office.zone).hour == 0


def test_near_duplicates_are_offered_and_merging_leads_to_them(county: County) -> None:
    main = county.phone("grid").report(a_body(county)).json["number"]
    double = county.phone("grid").report(a_body(county)).json["number"]
    found = county.phone("village").get(f"tickets/{double}/similar").json["items"]
    assert [(one["number"], one["same_category"]) for one in found] == [(main, True)]
    assert found[0]["distance_m"] == 0
    merged = county.phone("village").act(double, "merge", into=main)
    assert (merged.status_code, merged.json["node"], merged.json["merged_into"]) == (200, "merged", main)


def test_near_duplicates_of_a_hidden_ticket_are_hidden_too(county: County) -> None:
    number = a_matter(county).look().number
    assert county.phone("v210882003001").get(f"tickets/{number}/similar").status_code == 404


def test_the_hotline_records_its_call_and_reads_it_again(county: County) -> None:
    number = a_matter(county, node=Node.CLOSED).look().number
    hotline = county.phone("hotline")
    answer = hotline.post(f"tickets/{number}/callbacks", {"reached": True, "satisfied": False, "words": "还在漏"})
    assert answer.status_code == 201, answer.json
    assert answer.json["satisfied"] is False and answer.json["ticket"]["follow_up"]["source"] == "callback"
    hotline.post(f"tickets/{number}/callbacks", {"reached": False})
    listed = hotline.get(f"tickets/{number}/callbacks").json["items"]
    assert [(call["reached"], call["satisfied"], call["words"]) for call in listed] == [
        (True, False, "还在漏"),
        (False, None, ""),
    ]


def test_a_call_sent_again_with_its_key_is_recorded_once(county: County) -> None:
    hand, key = a_matter(county, node=Node.CLOSED), a_key()
    for _ in range(2):
        answer = county.phone("hotline").post(
            f"tickets/{hand.look().number}/callbacks", {"reached": True, "satisfied": True}, Idempotency_Key=key
        )
        assert answer.status_code == 201
    with county.sessions.read() as session:
        calls = select(func.count()).where(TicketEvent.ticket_id == hand.id, TicketEvent.action == "callback")
        assert session.scalar(calls) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "reached"),
        ({"reached": "perhaps"}, "reached"),
        ({"reached": True}, "satisfied"),
        ({"reached": True, "satisfied": True, "words": "啊" * 2001}, "words"),
    ],
)
def test_a_call_that_says_too_little_or_too_much_is_refused(county: County, body: Any, field: str) -> None:
    number = a_matter(county, node=Node.CLOSED).look().number
    answer = county.phone("hotline").post(f"tickets/{number}/callbacks", body)
    assert (answer.status_code, answer.json["field"]) == (422, field)


def test_calls_are_judged_in_the_order_of_the_contract(county: County) -> None:
    open_, closed = a_matter(county).look().number, a_matter(county, node=Node.CLOSED).look().number
    path = "tickets/{}/callbacks"
    assert county.phone(None).post(path.format(closed), {}).status_code == 401
    assert county.phone("v210882003001").post(path.format(closed), {}).status_code == 404
    assert county.phone("village").post(path.format(closed), {}).status_code == 403
    assert county.phone("hotline").post(path.format(open_), {}).status_code == 409
    assert county.phone("hotline").post(path.format(closed), data=b"{").status_code == 400


# Many at once


def test_many_are_done_or_refused_each_for_itself(county: County) -> None:
    good, stale, gone, far = (a_matter(county) for _ in range(4))
    gone.take("reject", "village", note="不属实")
    hidden = county.phone("village").post(
        "tickets/actions/accept",
        {
            "items": [
                item(good),
                item(stale, 7),
                item(gone),
                {"number": "210882-20200101-00001-1", "version": 1},
                {"number": far.look().number},
            ]
        },
    )
    assert hidden.status_code == 200, hidden.json
    assert [one["status"] for one in hidden.json["items"]] == [200, 412, 409, 404, 428]
    assert (hidden.json["done"], hidden.json["refused"]) == (1, 4)
    assert hidden.json["items"][0]["ticket"]["node"] == "claim"
    assert hidden.json["items"][1]["problem"]["type"] == "/problems/version-stale"
    assert stale.look().node == far.look().node == "intake"


def test_the_same_ticket_twice_in_a_selection_is_done_once(county: County) -> None:
    hand = a_matter(county)
    answer = county.phone("village").post("tickets/actions/accept", {"items": [item(hand), item(hand)]})
    assert [one["status"] for one in answer.json["items"]] == [200, 409]


def test_a_form_that_lacks_something_is_refused_for_each(county: County) -> None:
    hands = [a_matter(county) for _ in range(3)]
    answer = county.phone("village").post("tickets/actions/reject", {"items": [item(hand) for hand in hands]})
    assert {(one["status"], one["problem"]["field"]) for one in answer.json["items"]} == {(422, "note")}
    assert {hand.look().node for hand in hands} == {"intake"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"items": []}, 422),
        ({"items": [{"number": "x", "version": 1}] * 201}, 422),
        ({"items": "all"}, 422),
        ({"items": [{"version": 1}]}, 422),
        ({"items": [{"number": "x", "version": 1}], "photos": ["a"]}, 422),
    ],
)
def test_a_selection_that_is_none_or_too_large_is_refused_whole(county: County, body: Any, status: int) -> None:
    assert county.phone("village").post("tickets/actions/accept", body).status_code == status


def test_two_hundred_at_once_are_answered(county: County) -> None:
    body = {"items": [{"number": f"210882-20200101-{n:05}-0", "version": 1} for n in range(200)]}
    answer = county.phone("village").post("tickets/actions/accept", body)
    assert (answer.status_code, answer.json["refused"]) == (200, 200)


def test_an_action_nobody_knows_is_not_found(county: County) -> None:
    answer = county.phone("village").post("tickets/actions/explode", {"items": []})
    assert (answer.status_code, problem_of(answer)) == (404, "nothing-here")


def test_nobody_without_an_account_acts_on_many(county: County) -> None:
    assert county.phone(None).post("tickets/actions/accept", {"items": []}).status_code == 401


# Who sees what


def test_who_helps_sees_the_photos_and_not_what_is_none_of_their_business(county: County) -> None:
    hand = a_matter(county, node=Node.HANDLE, tier=Tier.COUNTY)
    number = hand.look().number
    hand.take("assist", "department", departments=["fire"], note="配合")
    assert county.phone("d.fire").get(f"tickets/{number}").status_code == 200
    assert county.phone("d.fire").get(f"tickets/{number}/timeline").status_code == 200
    assert county.phone("d.water_supply").get(f"tickets/{number}").status_code == 404


def test_the_events_of_what_a_department_helps_with_reach_its_own_stream(county: County) -> None:
    hand = a_matter(county, node=Node.HANDLE, tier=Tier.COUNTY)
    hand.take("assist", "department", departments=["fire"], note="配合")
    county.relay()
    events = county.phone("d.fire").get("events", after=0).json["items"]
    assert events[-1]["event"]["what"] == "assist"


@pytest.mark.parametrize(
    "topic", ["supervised", "suspended", "disputed", "extension", "appeal", "follow_up", "assisted", "provisional"]
)
def test_there_is_a_list_for_everything_to_keep_an_eye_on(county: County, topic: str) -> None:
    assert county.phone("county").get("tickets", topic=topic).json["items"] == []
    assert county.phone("county").get("tickets", topic="nonsense").status_code == 422


def test_the_lists_hold_what_they_say(county: County) -> None:
    hand = a_matter(county, node=Node.HANDLE, tier=Tier.COUNTY)
    hand.take("assist", "department", departments=["fire"], note="配合")
    hand.take("supervise", "leader", note="盯住", colour="red")
    hand.take("request_extension", "department", note="等配件")
    with county.sessions.read() as session:
        number = session.get_one(Ticket, hand.id).number
    for topic in ("supervised", "assisted", "extension"):
        listed = county.phone("county").get("tickets", topic=topic).json["items"]
        assert [one["number"] for one in listed] == [number], topic
