"""What the sweep does with time that ran out: one behaviour each, on both engines."""

import logging
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from command_center.escalation.sweep import sweep
from command_center.events.log import verify
from command_center.events.models import TicketEvent
from command_center.tickets.actions import act, locked
from command_center.tickets.deed import Form
from command_center.tickets.models import DueStep, Ticket
from command_center.tickets.standing import TIERS, Node, Tier
from command_center.tickets.workflow import Action
from tests.builders import CABLE, NOW, RECORD, Hand, a_ticket
from tests.county import County

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def swept(county: County, now: datetime) -> dict[str, int]:
    return dict(sweep(county.sessions, county.office, now))


def told(county: County, hand: Hand) -> list[str]:
    """What the system wrote about a ticket: `warn tier`, `escalate tier`, …"""
    with county.sessions.read() as session:
        rows = session.scalars(
            select(TicketEvent)
            .where(TicketEvent.ticket_id == hand.id, TicketEvent.actor_role == "system")
            .order_by(TicketEvent.n)
        )
        return [f"{row.action} {row.details['clock']}" for row in rows]


def stands(hand: Hand) -> tuple[str, str]:
    ticket = hand.look()
    return ticket.node, ticket.tier


def colour(ticket: Ticket) -> Any:
    return ticket.supervision and ticket.supervision["colour"]


def test_a_matter_left_alone_climbs_to_the_county_and_turns_red_there(county: County) -> None:
    hand = a_ticket(county, category=CABLE)
    due = hand.look().due_at
    assert due == NOW + 2 * HOUR
    assert swept(county, NOW + 30 * MINUTE - SECOND) == {"warned": 1}
    assert stands(hand) == ("intake", "village")
    assert swept(county, NOW + 30 * MINUTE) == {"escalated": 1}
    assert stands(hand) == ("claim", "town")
    assert (hand.look().tier_since, hand.look().tier_due_at) == (NOW + 30 * MINUTE, NOW + HOUR)
    assert swept(county, NOW + HOUR) == {"warned": 1, "escalated": 1}
    assert stands(hand) == ("claim", "county")
    assert colour(hand.look()) is None
    assert swept(county, NOW + 2 * HOUR) == {"warned": 2, "overdue": 2}
    assert stands(hand) == ("claim", "county")
    assert colour(hand.look()) == "red"
    assert hand.look().due_at == due
    assert swept(county, NOW + 2 * HOUR + SECOND) == {}
    assert told(county, hand) == [
        *("warn tier", "escalate tier"),
        *("warn tier", "escalate tier"),
        *("warn matter", "warn tier", "overdue matter", "overdue tier"),
    ]


@pytest.mark.parametrize("node", [Node.INTAKE, Node.CLAIM, Node.DISPATCH])
def test_what_a_village_leaves_lying_climbs_from_every_node_of_its_own(county: County, node: Node) -> None:
    hand = a_ticket(county, node=node)
    swept(county, hand.look().tier_due_at)
    assert stands(hand) == ("claim", "town")


def test_what_an_own_user_leaves_lying_climbs_and_leaves_their_hands(county: County) -> None:
    hand = a_ticket(county, node=Node.HANDLE, to="grid")
    swept(county, hand.look().tier_due_at)
    assert stands(hand) == ("claim", "town")
    assert hand.look().handler_id is None
    with county.sessions.read() as session:
        last = session.scalars(select(TicketEvent).order_by(TicketEvent.id.desc()).limit(1)).one()
    assert (last.actor_username, last.from_node, last.from_tier) == ("system", "handle", "village")
    assert (last.details["from_holder"]["kind"], last.details["to_holder"]["name"]) == ("user", "钢都街道")


@pytest.mark.parametrize("tier", TIERS)
def test_in_a_departments_hands_a_matter_turns_red_and_is_supervised_where_it_is(county: County, tier: Tier) -> None:
    hand = a_ticket(county, node=Node.HANDLE, tier=tier)
    before = hand.look()
    swept(county, before.tier_due_at)
    after = hand.look()
    assert stands(hand) == ("handle", tier)
    assert after.department_code == before.department_code
    assert colour(after) == "red"
    assert "overdue tier" in told(county, hand)


@pytest.mark.parametrize("tier", TIERS)
def test_awaiting_verification_a_matter_turns_red_without_supervision(county: County, tier: Tier) -> None:
    hand = a_ticket(county, node=Node.CLOSE, tier=tier)
    swept(county, hand.look().tier_due_at)
    assert stands(hand) == ("close", tier)
    assert colour(hand.look()) is None
    assert "overdue tier" in told(county, hand)


def test_a_warning_is_written_once_and_moves_nothing(county: County) -> None:
    hand = a_ticket(county, category=RECORD)
    before = hand.look()
    for wait in range(5):
        swept(county, before.tier_warn_at + wait * MINUTE)
    after = hand.look()
    assert told(county, hand) == ["warn tier"]
    assert (after.node, after.tier, after.version) == (before.node, before.tier, before.version)


def test_after_an_outage_a_matter_climbs_one_tier_and_gets_that_tiers_whole_time(county: County) -> None:
    hand = a_ticket(county, category=CABLE)
    late = NOW + 10 * HOUR
    swept(county, late)
    assert stands(hand) == ("claim", "town")
    assert hand.look().tier_due_at == late + 30 * MINUTE
    assert swept(county, late + SECOND) == {}


def test_no_hand_over_resets_the_matters_clock(county: County) -> None:
    hand = a_ticket(county, category=CABLE)
    clock = hand.look().warn_at, hand.look().due_at

    def holds() -> bool:
        return (hand.look().warn_at, hand.look().due_at) == clock

    swept(county, NOW + 30 * MINUTE)
    assert holds()
    hand.now = NOW + 31 * MINUTE
    hand.take("return", "town", note="请村里核实")
    assert stands(hand) == ("claim", "village")
    hand.climb_to(Tier.COUNTY)
    hand.take("claim", "county")
    hand.take("dispatch", "county")
    hand.take("return", "department", note="不属我单位")
    hand.take("dispatch", "county")
    hand.take("resolve", "department", note="已处置")
    hand.verify(passed=False, note="未修好")
    assert holds()
    swept(county, clock[1])
    assert holds()
    with county.sessions.read() as session:
        steps = session.scalars(select(DueStep).where(DueStep.ticket_id == hand.id, DueStep.clock == "matter")).all()
    assert {(step.generation, step.step, step.outcome) for step in steps} == {
        (1, "warn", "warned"),
        (1, "due", "overdue"),
        (1, "bulletin", None),
    }


def test_who_passes_a_matter_up_in_time_is_not_escalated_as_well(county: County) -> None:
    hand = a_ticket(county, category=CABLE)
    village_due = hand.look().tier_due_at
    hand.take("accept", "village")
    hand.climb_to(Tier.TOWN)
    assert hand.look().tier_warn_at < village_due < hand.look().tier_due_at
    assert swept(county, village_due) == {"warned": 1}
    assert stands(hand) == ("claim", "town")


def test_a_step_of_a_clock_that_was_replaced_does_nothing(county: County) -> None:
    hand = a_ticket(county, category=CABLE)
    hand.take("accept", "village")
    hand.climb_to(Tier.TOWN)
    with county.sessions.begin() as session:
        old = (DueStep.ticket_id == hand.id, DueStep.clock == "tier", DueStep.generation == 1)
        session.execute(update(DueStep).where(*old).values(done_at=None, outcome=None))
    assert swept(county, NOW + 30 * MINUTE) == {"cancelled": 2, "warned": 1}  # warned: the town's own clock
    assert stands(hand) == ("claim", "town")


def test_a_closed_ticket_is_left_in_peace(county: County) -> None:
    hand = a_ticket(county, node=Node.CLOSED)
    assert swept(county, NOW + 400 * 24 * HOUR) == {}
    assert told(county, hand) == []


@pytest.mark.parametrize("tier", [Tier.VILLAGE, Tier.TOWN])
def test_a_matter_that_ran_late_at_a_department_climbs_once_it_is_returned(county: County, tier: Tier) -> None:
    hand = a_ticket(county, node=Node.HANDLE, tier=tier)
    late = hand.look().tier_due_at
    swept(county, late)
    desk = hand.desk()
    hand.take("return", desk, now=late + MINUTE, note="不属我单位")
    assert stands(hand) == ("dispatch", tier)
    assert swept(county, late + 2 * MINUTE) == {"escalated": 1}
    assert stands(hand) == ("claim", TIERS[TIERS.index(tier) + 1])
    assert swept(county, late + 3 * MINUTE) == {}


def test_a_matter_that_ran_late_while_awaiting_verification_is_supervised_after_rework_and_return(
    county: County,
) -> None:
    hand = a_ticket(county, node=Node.CLOSE, tier=Tier.TOWN)
    late = hand.look().tier_due_at
    swept(county, late)
    hand.verify(passed=False, note="未修好", now=late + MINUTE)
    assert stands(hand) == ("handle", "town")
    hand.take("return", hand.desk(), note="不属我单位")
    swept(county, late + HOUR)
    assert stands(hand) == ("claim", "county")


def test_a_returned_matter_whose_tier_has_time_left_waits_for_it(county: County) -> None:
    hand = a_ticket(county, node=Node.HANDLE, tier=Tier.TOWN)
    due = hand.look().tier_due_at
    hand.take("return", hand.desk(), note="不属我单位")
    assert swept(county, hand.now) == {}
    swept(county, due)
    assert stands(hand) == ("claim", "county")


def test_a_step_that_fails_keeps_nobody_waiting_and_is_tried_again(
    county: County, caplog: pytest.LogCaptureFixture
) -> None:
    hands = [a_ticket(county, category=CABLE) for _ in range(4)]
    policy = hands[1].look().policy
    spoil = update(Ticket).where(Ticket.id == hands[1].id)
    with county.sessions.begin() as session:
        session.execute(spoil.values(policy={}))
    caplog.set_level(logging.CRITICAL, "command_center.escalation.sweep")
    first = sweep(county.sessions, county.office, NOW + 30 * MINUTE, batch=2)
    assert (first["escalated"], first["failed"]) == (3, 1)
    assert [stands(hand)[1] for hand in hands] == ["town", "village", "town", "town"]
    assert told(county, hands[1]) == ["warn tier"]
    with county.sessions.begin() as session:
        session.execute(spoil.values(policy=policy))
    assert swept(county, NOW + 31 * MINUTE) == {"escalated": 1}
    with county.sessions.read() as session:
        assert not [fault for fault in verify(session, county.office.chain_key) if fault]


@pytest.mark.parametrize("engine_kind", ["postgresql"])
def test_a_ticket_in_somebodys_hands_at_this_moment_is_left_to_the_next_sweep(county: County) -> None:
    hand, other = a_ticket(county, category=CABLE), a_ticket(county, category=CABLE)
    late = NOW + 30 * MINUTE
    with county.sessions.begin() as session:
        act(session, county.office, locked(session, hand.id), Action.ACCEPT, Form(), county.actor("village"), late)
        assert swept(county, late) == {"busy": 2, "warned": 1, "escalated": 1}
    assert stands(other) == ("claim", "town")
    assert stands(hand) == ("claim", "village")
    assert swept(county, late) == {"warned": 1, "escalated": 1}
    assert stands(hand) == ("claim", "town")
