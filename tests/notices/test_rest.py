"""The inbox and the dead letters over REST."""

from typing import Any

import pytest
from sqlalchemy import update

from command_center.notices.models import Outgoing
from command_center.tickets.workflow import Node, Tier
from tests.builders import NOW, a_ticket
from tests.county import County
from tests.notices.conftest import PHONE
from tests.notices.inboxes import happens, messages, tell_all


def listed(county: County, who: str = "village", **query: Any) -> Any:
    answer = county.phone(who).get("notices", **query)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_an_inbox_lists_newest_first_with_both_languages(county: County) -> None:
    hand = a_ticket(county)
    happens(county, hand, "remind", by="town", note="群众着急")
    tell_all(county)
    answer = listed(county)
    newest, oldest = answer["items"]
    assert (answer["unread"], answer["next_cursor"]) == (2, None)
    assert (newest["kind"], oldest["kind"]) == ("remind", "report")
    assert newest["number"] == hand.look().number
    assert "催办" in newest["text_zh"] and newest["text_zh"].endswith("。附言：群众着急")
    assert "Reminder from" in newest["text_en"]
    assert (newest["to_acknowledge"], oldest["to_acknowledge"]) == (True, False)
    assert (newest["read_at"], newest["acknowledged_at"]) == (None, None)
    assert newest["created_at"].endswith("Z")


def test_pages_follow_each_other_without_gap_or_repeat(county: County) -> None:
    for _ in range(5):
        a_ticket(county)
    tell_all(county)
    seen, cursor = [], None
    while True:
        answer = listed(county, limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [item["id"] for item in answer["items"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == 5 and seen == sorted(set(seen), reverse=True)


def test_what_was_read_is_no_longer_unread(county: County) -> None:
    for _ in range(3):
        a_ticket(county)
    tell_all(county)
    ids = [item["id"] for item in listed(county)["items"]]
    answer = county.phone("village").post("notices/read", {"ids": ids[:1]})
    assert answer.json == {"read": 1, "unread": 2}
    assert [item["id"] for item in listed(county, unread="true")["items"]] == ids[1:]
    assert county.phone("village").post("notices/read", {"ids": ids}).json == {"read": 2, "unread": 0}
    assert county.phone("village").post("notices/read", {"ids": ids}).json == {"read": 0, "unread": 0}
    assert listed(county)["items"][0]["read_at"] is not None


def test_all_can_be_read_at_once_and_only_ones_own(county: County) -> None:
    a_ticket(county, node=Node.CLAIM, tier=Tier.TOWN)
    tell_all(county)
    assert county.phone("village").post("notices/read", {"all": True}).json == {"read": 1, "unread": 0}
    assert listed(county, "town")["unread"] == 1


def test_acknowledging_says_when_and_counts_as_read(county: County) -> None:
    happens(county, a_ticket(county), "supervise", by="leader")
    tell_all(county)
    notice = listed(county)["items"][0]
    answer = county.phone("village").post(f"notices/{notice['id']}/acknowledge")
    assert answer.status_code == 200
    assert answer.json is not None and answer.json["unread"] == 1
    assert answer.json["acknowledged_at"] == answer.json["read_at"] != None  # noqa: E711
    again = county.phone("village").post(f"notices/{notice['id']}/acknowledge")
    assert again.json == answer.json, "the first time counts"


@pytest.mark.parametrize("id", ["others", 999_999, 2**70])
def test_others_notices_are_not_there(county: County, id: Any) -> None:
    a_ticket(county)
    tell_all(county)
    number = listed(county)["items"][0]["id"] if id == "others" else id
    answer = county.phone("town").post(f"notices/{number}/acknowledge")
    assert (answer.status_code, answer.json["type"]) == (404, "/problems/notice-not-found")  # type: ignore[index]
    if number < 2**53:
        answer = county.phone("town").post("notices/read", {"ids": [number]})
        assert answer.status_code == 404
    assert listed(county)["unread"] == 1


@pytest.mark.parametrize(
    "body",
    [{}, {"ids": []}, {"ids": "all"}, {"ids": [0]}, {"ids": ["x"]}, {"ids": [2**70]}, {"all": False}, {"all": "yes"}],
)
def test_a_body_that_names_nothing_is_refused(county: County, body: Any, engine_kind: str) -> None:
    assert county.phone("village").post("notices/read", body).status_code == 422


def test_nobody_reads_without_signing_in(county: County) -> None:
    phone = county.phone(None)
    calls = [
        phone.get("notices"),
        phone.post("notices/read", {"all": True}),
        phone.post("notices/1/acknowledge"),
        phone.get("outgoing"),
        phone.post("outgoing/1/retry"),
    ]
    assert {answer.status_code for answer in calls} == {401}


def a_message(county: County, state: str) -> int:
    with county.sessions.begin() as session:
        from_now = Outgoing(
            delivery_id=f"{len(messages(county))}",
            channel="sms",
            recipient=f"phone:{PHONE}",
            matters=[],
            words="https://grid/r/secret",
            state=state,
            attempts=10,
            next_at=NOW,
            last_error="HTTP 503",
            created_at=NOW,
        )
        session.add(from_now)
        session.flush()
        return from_now.id


def test_an_administrator_sees_dead_letters_and_sends_them_again(county: County) -> None:
    dead, sent = a_message(county, "dead"), a_message(county, "sent")
    admin = county.phone("admin")
    answer = admin.get("outgoing", state="dead")
    assert answer.json is not None
    assert [item["id"] for item in answer.json["items"]] == [dead]
    assert answer.json["dead"] == 1
    assert (answer.json["items"][0]["recipient"], answer.json["items"][0]["last_error"]) == (
        "phone:138****34",
        "HTTP 503",
    )
    assert "secret" not in answer.text and PHONE not in answer.text
    retried = admin.post(f"outgoing/{dead}/retry")
    assert retried.json is not None and (retried.status_code, retried.json["state"]) == (200, "pending")
    assert admin.post(f"outgoing/{dead}/retry").status_code == 409
    assert admin.post(f"outgoing/{sent}/retry").status_code == 409
    assert admin.post(f"outgoing/{2**70}/retry").status_code == 404
    assert admin.get("outgoing", state="lost").status_code == 422


@pytest.mark.parametrize("who", ["grid", "village", "county", "leader", "hotline", "department"])
def test_nobody_else_sees_what_left_the_house(county: County, who: str, engine_kind: str) -> None:
    id = a_message(county, "dead")
    assert county.phone(who).get("outgoing").status_code == 403
    assert county.phone(who).post(f"outgoing/{id}/retry").status_code == 403


def test_dead_letters_are_counted_for_prometheus(county: County) -> None:
    a_message(county, "dead")
    text = county.app.test_client().get("/metrics").text
    assert "command_center_outgoing_dead 1.0" in text
    assert "command_center_outgoing_pending 0.0" in text


def test_the_words_of_a_category_that_changed_are_the_present_ones(county: County) -> None:
    hand = a_ticket(county)
    tell_all(county)
    before = listed(county)["items"][0]["text_zh"]
    with county.sessions.begin() as session:
        ticket = hand.look()
        session.execute(update(type(ticket)).where(type(ticket).id == hand.id).values(condition_code="050701"))
    assert listed(county)["items"][0]["text_zh"] != before
