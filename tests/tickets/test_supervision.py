"""On the spot, under orders: verification, supervision, reminders."""

import pytest

from command_center.errors import (
    TooFarAway,
)
from command_center.tickets.standing import Node
from tests.builders import JUSTICE, NOW, a_ticket
from tests.county import County
from tests.tickets.life import DAY, HOUR, MINUTE, last_event, pending, shown, swept, told, with_a_department


def test_who_verifies_from_afar_says_why_and_it_shows(county: County) -> None:
    hand = a_ticket(county, node=Node.CLOSE)
    there = hand.look()
    with pytest.raises(TooFarAway):
        hand.take("verify", "grid", passed=True, lon=there.lon + 0.01, lat=there.lat)
    hand.take("verify", "grid", passed=True, lon=there.lon + 0.01, lat=there.lat, note="道路封闭，远处查看")
    details = last_event(county, hand).details
    assert details["away"] is True and details["distance_m"] == pytest.approx(850, abs=20)


def test_who_verifies_on_the_spot_needs_no_words(county: County) -> None:
    hand = a_ticket(county, node=Node.CLOSE)
    assert hand.verify(passed=True).node == "closed"
    assert "away" not in last_event(county, hand).details


@pytest.mark.parametrize(("colour", "days"), [("red", 1), ("yellow", 2), ("blue", 3)])
def test_an_order_of_each_colour_has_its_report_back_date(county: County, colour: str, days: int) -> None:
    hand = a_ticket(county)
    supervision = hand.take("supervise", "leader", note="盯住", colour=colour).supervision
    assert supervision is not None and supervision["colour"] == colour
    assert pending(county, hand)["order", "due"] == hand.now + days * DAY


def test_a_report_in_words_by_those_who_have_it_answers_the_order(county: County) -> None:
    hand = with_a_department(county)
    hand.take("supervise", "leader", note="盯住", colour="red")
    assert "answered_at" not in (hand.take("start", "department").supervision or {})
    supervision = hand.take("start", "department", note="已派两人到场").supervision
    assert supervision is not None and supervision["answered_by"]
    assert last_event(county, hand).details["reported_back"] is True
    assert ("order", "due") not in pending(county, hand)


def test_who_does_not_report_back_is_named_on_the_record(county: County) -> None:
    hand = with_a_department(county, category=JUSTICE)
    hand.take("supervise", "leader", note="盯住", colour="red")
    swept(county, hand.now + DAY)
    assert "report_missed" in told(county, hand)
    assert shown(county, hand, "leader")["supervision"]["missed_at"]


def test_a_reminder_is_counted_and_moves_nothing(county: County) -> None:
    hand = a_ticket(county)
    before = hand.look()
    ticket = hand.take("remind", "grid", note="很急")
    assert (ticket.reminders, ticket.node, ticket.due_at) == (1, before.node, before.due_at)


def test_a_milder_order_does_not_take_away_a_stricter_one(county: County) -> None:
    hand = with_a_department(county, category=JUSTICE)
    hand.take("supervise", "leader", note="一天内", colour="red")
    supervision = hand.take("supervise", "town", note="三天内", colour="blue").supervision or {}
    assert supervision["colour"] == "red" and [one["colour"] for one in supervision["others"]] == ["blue"]
    swept(county, NOW + DAY + HOUR)
    assert told(county, hand).count("report_missed") == 1
    answered = hand.take("start", hand.desk(), now=NOW + DAY + 2 * HOUR, note="已到场").supervision or {}
    assert answered["answered_at"] and "others" not in answered


def test_giving_it_back_is_no_report_on_an_order(county: County) -> None:
    hand = with_a_department(county)
    hand.take("supervise", "leader", note="盯住", colour="red")
    assert "answered_at" not in (hand.take("return", "department", note="不归我管").supervision or {})


def test_rework_after_the_tiers_time_is_supervised(county: County) -> None:
    hand = with_a_department(county)
    hand.take("resolve", "department", note="修好了")
    late = hand.look().tier_due_at + MINUTE
    swept(county, late)
    ticket = hand.verify(passed=False, note="没修好", now=late + MINUTE)
    assert ticket.node == "handle" and (ticket.supervision or {})["colour"] == "red"
