"""What a rule zone does to a report: its limit, urgency, department, who is told, and that the ticket says so."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from command_center.categories.models import Department
from command_center.events.log import verify
from command_center.events.models import TicketEvent
from command_center.people.models import User
from command_center.tickets.models import DueStep, Ticket
from command_center.tickets.standing import Node, Tier
from tests.builders import CABLE, NOW, RECORD, Hand, a_ticket, at
from tests.county import County
from tests.notices.inboxes import notices, of, tell_all
from tests.zones.making import a_zone, look_again

HOUR = timedelta(hours=1)


def last_event(county: County, hand: Hand) -> TicketEvent:
    with county.sessions.read() as session:
        wanted = select(TicketEvent).where(TicketEvent.ticket_id == hand.id).order_by(TicketEvent.n.desc())
        return session.scalars(wanted.limit(1)).one()


def met(ticket: Ticket) -> list[tuple[str, int, bool]]:
    return [(rule["zone"], rule["version"], rule["limits"]) for rule in ticket.zone_rules or ()]


def test_a_report_inside_in_season_about_it_becomes_urgent_by_the_rule(county: County) -> None:
    a_zone(county)
    hand = a_ticket(county, category=CABLE)
    ticket = hand.look()
    assert ticket.urgent and met(ticket) == [("Z0001", 1, True)]
    assert ticket.due_at == NOW + HOUR and ticket.policy["limit"] == {"value": "1", "unit": "urgent_hour"}
    assert last_event(county, hand).details["zone_rules"] == ticket.zone_rules


@pytest.mark.parametrize(
    ("said", "draft"),
    [
        ({}, {"category": RECORD}),  # about something else
        ({}, {"now": at("2026-07-01 09:00")}),  # out of season
        ({}, {"now": at("2025-11-20 08:59")}),  # before it was in force
        ({"season": {"from": "11-21", "to": "05-31"}}, {"now": at("2026-11-20 23:59")}),  # by the county's own date
        ({"buffer_m": 1}, {"lon": 122.55, "lat": 40.63}),  # elsewhere
    ],
)
def test_a_report_that_lacks_one_of_these_is_left_as_it_was(
    county: County, said: dict[str, Any], draft: dict[str, Any]
) -> None:
    a_zone(county, **said)
    ticket = a_ticket(county, **({"category": CABLE} | draft)).look()
    assert (ticket.urgent, ticket.zone_rules) == (False, None)


def test_the_season_goes_by_the_date_in_the_county(county: County) -> None:
    a_zone(county, season={"from": "11-21", "to": "05-31"})
    assert a_ticket(county, category=CABLE, now=at("2026-11-21 00:00")).look().urgent


@pytest.mark.parametrize("named", [CABLE, f"{CABLE}01", CABLE[:2]])
def test_a_zone_may_name_a_major_a_minor_or_a_condition(county: County, named: str) -> None:
    a_zone(county, categories=[named])
    assert a_ticket(county, category=CABLE).look().urgent


def test_of_several_zones_the_strictest_limit_holds_whatever_its_unit(county: County) -> None:
    for value, unit in (("1", "work_day"), ("90", "urgent_hour"), ("0.5", "work_hour"), ("0.5", "urgent_hour")):
        a_zone(county, name=f"{value} {unit}", limit={"value": value, "unit": unit}, urgent=False)
    ticket = a_ticket(county, category=CABLE).look()
    # Friday at nine: half a work hour ends when half an hour does, and then the lower code decides.
    assert [limits for _, _, limits in met(ticket)] == [False, False, True, False]
    assert ticket.due_at == NOW + HOUR / 2 and not ticket.urgent


def test_a_zone_never_gives_more_time_than_the_matter_has(county: County) -> None:
    a_zone(county, limit={"value": "30", "unit": "natural_day"})
    ticket = a_ticket(county, category=CABLE).look()
    assert met(ticket) == [("Z0001", 1, False)] and ticket.due_at == NOW + 2 * HOUR


def test_a_later_version_of_the_zone_moves_no_running_ticket(county: County) -> None:
    a_zone(county)
    hand = a_ticket(county, category=CABLE)
    before = hand.look()
    a_zone(county, name="另一处", limit={"value": "0.1", "unit": "urgent_hour"})
    after = hand.take("accept", "village")
    assert (after.due_at, after.zone_rules) == (before.due_at, before.zone_rules)


def test_the_department_of_the_rule_is_the_default_of_a_dispatch(county: County) -> None:
    a_zone(county, department="forestry")
    a_zone(county, name="另一处", department="water")  # the lower code goes first
    hand = a_ticket(county, category=CABLE, node=Node.DISPATCH, tier=Tier.COUNTY)
    assert hand.take("dispatch", "county").department_code == "forestry"


def test_a_department_that_is_no_more_gives_way_to_the_authority_list(county: County) -> None:
    a_zone(county)
    hand = a_ticket(county, category=CABLE, node=Node.DISPATCH, tier=Tier.COUNTY)
    with county.sessions.begin() as session:
        session.get_one(Department, "forestry").active = False
    assert hand.take("dispatch", "county").department_code == "power"


def test_those_the_rule_names_are_told_once_each_and_the_holder_that_it_is_urgent(county: County) -> None:
    named = [("role", "village_officer"), ("role", "town_officer"), ("role", "leader"), ("department", "fire")]
    recipients = [{"kind": kind, "code": code} for kind, code in (*named, ("user", "county"))]
    a_zone(county, recipients=recipients)
    with county.sessions.begin() as session:
        session.scalars(select(User).where(User.username == "d.fire")).one().password_hash = "x"
    a_ticket(county, category=CABLE)
    tell_all(county)
    told = {username for username, kind in notices(county) if kind == "urgent"}
    assert told == {"village", "town", "leader", "d.fire", "county"}
    assert of(county, "village") == ["urgent"]  # and not of the same report twice


def test_a_rule_without_urgency_tells_its_recipients_as_a_rule(county: County) -> None:
    a_zone(county, urgent=False, recipients=[{"kind": "role", "code": "leader"}])
    a_ticket(county, category=CABLE)
    tell_all(county)
    assert (of(county, "leader"), of(county, "village")) == (["zone"], ["report"])


def test_a_correction_is_judged_again_and_tightens_from_then_on(county: County) -> None:
    a_zone(county)
    hand = a_ticket(county, category=RECORD)
    assert hand.look().zone_rules is None
    ticket = hand.take("accept", "village", now=NOW + 3 * HOUR, category=CABLE)
    assert ticket.urgent and ticket.due_at == NOW + 4 * HOUR and ticket.tier_due_at == NOW + 3.25 * HOUR
    event = last_event(county, hand)
    assert event.details["zone_rules"][0]["zone"] == "Z0001" and "due_before" in event.details
    with county.sessions.read() as session:
        pending = select(DueStep.due_at).where(
            DueStep.ticket_id == hand.id, DueStep.done_at.is_(None), DueStep.step == "due"
        )
        assert sorted(session.scalars(pending)) == [ticket.tier_due_at, ticket.due_at]
        assert [fault for fault in verify(session, county.settings.chain_key, hand.id) if fault] == []


def test_a_correction_away_from_the_rule_keeps_the_promise_but_not_the_mark(county: County) -> None:
    a_zone(county)
    hand = a_ticket(county, category=CABLE)
    ticket = hand.take("accept", "village", category=RECORD)
    assert (ticket.urgent, ticket.zone_rules, ticket.due_at) == (False, None, NOW + HOUR)
    assert last_event(county, hand).details["zone_rules"] == []


def test_a_correction_is_judged_by_the_day_of_the_report(county: County) -> None:
    a_zone(county, season={"from": "11-01", "to": "11-20"})
    hand = a_ticket(county, category=RECORD)
    assert hand.take("accept", "village", now=at("2026-11-23 09:00"), category=CABLE).urgent


def test_a_correction_within_the_same_rule_says_nothing_new(county: County) -> None:
    a_zone(county, categories=[CABLE, RECORD], limit=None)
    hand = a_ticket(county, category=CABLE)
    hand.take("accept", "village", category=RECORD)
    assert "zone_rules" not in last_event(county, hand).details


def test_a_rule_that_would_end_later_leaves_the_clocks_alone(county: County) -> None:
    hand = a_ticket(county, category=CABLE)
    a_zone(county, categories=["0506"], limit={"value": "30", "unit": "natural_day"})
    before = hand.look()
    after = hand.take("accept", "village", category="0506")
    assert after.urgent and (after.due_at, after.tier_due_at) == (before.due_at, before.tier_due_at)


def test_without_zones_nothing_is_looked_up(county: County) -> None:
    look_again(county)
    assert a_ticket(county, category=CABLE).look().zone_rules is None
