"""Help in parallel: sub-tasks, answers, reply dates, one collected answer."""

import pytest
from sqlalchemy import select

from command_center.errors import (
    AlreadyAssisting,
    AnswerNotOwed,
    AnswersMissing,
    DepartmentMissing,
    UnknownDepartment,
)
from command_center.events.models import TicketEvent
from command_center.tickets.queries import Filter, find
from tests.builders import NOW
from tests.county import County
from tests.tickets.life import DAY, HOUR, helped, last_event, pending, shown, swept, told, with_a_department


def test_several_departments_are_asked_at_once_each_with_its_own_clock(county: County) -> None:
    hand = helped(county)
    assert hand.look().node == "handle"
    assert {key for key in pending(county, hand) if key[0] == "assist"} == {("assist", "due")}
    assists = shown(county, hand, "department")["assists"]
    assert [(a["n"], a["department"]["code"], a["task"]) for a in assists] == [
        (1, "police", "配合断电"),
        (2, "fire", "配合断电"),
    ]
    assert [a["department"] for a in last_event(county, hand).details["assists"]] == ["police", "fire"]


def test_a_department_that_helps_sees_the_ticket_and_only_answers(county: County) -> None:
    hand = helped(county)
    with county.sessions.read() as session:
        found, _, _ = find(session, county.user("d.fire"), Filter(mine=True), NOW, limit=9, cursor=None)
    assert [ticket.id for ticket in found] == [hand.id]
    assert shown(county, hand, "d.fire")["allowed_actions"] == ["resolve"]
    assert county.phone("d.fire").get(f"tickets/{hand.look().number}").status_code == 200
    assert county.phone("d.water_supply").get(f"tickets/{hand.look().number}").status_code == 404


def test_an_answer_leaves_the_ticket_with_the_lead(county: County) -> None:
    hand = helped(county)
    ticket = hand.take("resolve", "d.fire", note="已到场")
    assert (ticket.node, ticket.department_code) == ("handle", "power")
    assert last_event(county, hand).details["assist"]["department"] == "fire"
    with pytest.raises(AnswerNotOwed):
        hand.take("resolve", "d.fire", note="再答一次")


def test_the_lead_resolves_when_all_have_answered_with_one_collected_answer(county: County) -> None:
    hand = helped(county)
    hand.take("resolve", "d.fire", note="已到场")
    with pytest.raises(AnswersMissing):
        hand.take("resolve", "department", note="修好了")
    hand.take("resolve", "d.police", note="已封路")
    assert hand.take("resolve", "department", note="修好了").node == "close"
    answers = last_event(county, hand).details["answers"]
    assert [(a["department"], a["answer"]) for a in answers] == [("police", "已封路"), ("fire", "已到场")]


def test_the_lead_may_overrule_who_does_not_answer_with_a_reason(county: County) -> None:
    hand = helped(county)
    hand.take("resolve", "d.fire", note="已到场")
    assert hand.take("resolve", "department", note="公安无需到场", overrule=True).node == "close"
    assert [o["department"] for o in last_event(county, hand).details["overruled"]] == ["police"]
    assert not [key for key in pending(county, hand) if key[0] == "assist"]


def test_who_misses_the_reply_date_is_named_once_and_may_still_answer(county: County) -> None:
    hand = helped(county)
    hand.take("resolve", "d.fire", note="已到场")
    swept(county, NOW + DAY)
    missed = [event for event in told(county, hand) if event == "answer_missed"]
    assert len(missed) == 1
    with county.sessions.read() as session:
        event = session.scalars(select(TicketEvent).where(TicketEvent.action == "answer_missed")).one()
    assert event.details["department"] == "police"
    assert swept(county, NOW + DAY + HOUR).get("missed", 0) == 0
    hand.take("resolve", "d.police", now=NOW + DAY + 2 * HOUR, note="来晚了")
    assert [a["missed"] for a in shown(county, hand, "county")["assists"]] == [True, False]


def test_help_that_nobody_waits_for_any_more_is_withdrawn(county: County) -> None:
    hand = helped(county)
    hand.take("return", "department", note="不归我管")
    assert [w["department"] for w in last_event(county, hand).details["withdrawn"]] == ["police", "fire"]
    assert shown(county, hand, "county")["assists"][0]["overruled"] is True


@pytest.mark.parametrize(
    ("departments", "error"),
    [([], DepartmentMissing), (["nobody"], UnknownDepartment), (["power"], AlreadyAssisting)],
)
def test_help_is_asked_of_departments_that_are_there_and_not_of_the_lead(
    county: County, departments: list[str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        with_a_department(county).take("assist", "department", departments=departments, note="请配合")


def test_a_department_that_still_owes_an_answer_is_not_asked_again(county: County) -> None:
    with pytest.raises(AlreadyAssisting):
        helped(county).take("assist", "county", department="fire", note="还要")


def test_who_helps_may_answer_while_the_ticket_stands_still(county: County) -> None:
    hand = helped(county)
    hand.take("suspend", "county", note="等批文", until=NOW + 10 * DAY)
    assert hand.take("resolve", "d.fire", note="已到场").suspended_until == NOW + 10 * DAY


def test_an_answer_takes_no_form_out_of_the_leads_hands(county: County) -> None:
    hand = helped(county)
    version = hand.look().version
    assert hand.take("resolve", "d.fire", note="已到场").version == version
    assert hand.take("remind", "leader").version == version


def test_answers_to_an_earlier_lead_are_not_collected_for_the_present_one(county: County) -> None:
    hand = helped(county)
    hand.take("resolve", "d.police", note="给电力公司的答复")
    hand.take("return", "department", note="不归我管")
    hand.take("dispatch", "county", department="water_supply")
    hand.take("resolve", "d.water_supply", note="修好了")
    assert last_event(county, hand).details["answers"] == []
