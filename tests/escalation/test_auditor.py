"""The auditor tells what is late, and a step that fails each time holds up nobody else."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from command_center.escalation.auditor import audit
from command_center.escalation.models import StepFailure
from command_center.escalation.sweep import sweep
from command_center.events.models import TicketEvent
from command_center.tickets.models import DueStep, Ticket
from command_center.tickets.workflow import TIERS
from tests.builders import CABLE, NOW, Hand, a_ticket
from tests.county import County

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
VILLAGE_DUE = NOW + 30 * MINUTE


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "command_center.escalation")


def poison(county: County, *hands: Hand) -> dict[str, Any]:
    """Make a ticket's steps fail, whatever is done about it. Returns what heals it."""
    policy = hands[0].look().policy
    with county.sessions.begin() as session:
        session.execute(update(Ticket).where(Ticket.id.in_([hand.id for hand in hands])).values(policy={}))
    return {"policy": policy}


def tier(hand: Hand) -> str:
    return hand.look().tier


def test_what_is_a_minute_late_is_told_with_the_oldest_and_the_worst(county: County) -> None:
    hands = [a_ticket(county, category=CABLE, now=NOW + wait * MINUTE) for wait in range(3)]
    warn = hands[0].look().tier_warn_at
    with county.sessions.read() as session:
        found = [audit(session, warn + wait) for wait in (-SECOND, 59 * SECOND, 60 * SECOND, 130 * SECOND)]
    assert [told.count for told in found] == [0, 0, 1, 2]
    assert [told.worst_s for told in found] == [0, 0, 60, 130]
    assert (found[0].oldest, found[3].oldest) == (None, warn)


def test_what_the_sweep_did_is_not_late(county: County) -> None:
    hand = a_ticket(county, category=CABLE)
    warn = hand.look().tier_warn_at
    sweep(county.sessions, county.office, warn)
    with county.sessions.read() as session:
        assert audit(session, warn + 2 * MINUTE).count == 0


def test_a_step_that_fails_is_named_and_late_although_the_sweep_runs(county: County) -> None:
    sick, well = a_ticket(county, category=CABLE), a_ticket(county, category=CABLE)
    poison(county, sick)
    for minute in range(4):
        sweep(county.sessions, county.office, VILLAGE_DUE + minute * MINUTE)
    with county.sessions.read() as session:
        found = audit(session, VILLAGE_DUE + 3 * MINUTE)
    assert (found.count, found.failing, found.tickets) == (1, 1, (sick.look().number,))
    assert found.worst_s == 180
    assert (tier(sick), tier(well)) == ("village", "town")


def test_a_step_that_fails_waits_longer_each_time(county: County) -> None:
    hand = a_ticket(county, category=CABLE)
    poison(county, hand)
    tried = []
    for second in range(0, 160, 5):
        if sweep(county.sessions, county.office, VILLAGE_DUE + second * SECOND)["failed"]:
            tried.append(second)
    assert tried == [0, 10, 30, 70, 150]
    with county.sessions.read() as session:
        noted = session.scalars(select(StepFailure)).one()
    assert (noted.failures, noted.next_try_at - noted.last_at) == (5, 160 * SECOND)
    assert noted.error


def test_no_step_waits_more_than_ten_minutes(county: County) -> None:
    hand = a_ticket(county, category=CABLE)
    poison(county, hand)
    for round_ in range(12):
        sweep(county.sessions, county.office, VILLAGE_DUE + round_ * 10 * MINUTE)
    with county.sessions.read() as session:
        noted = session.scalars(select(StepFailure).order_by(StepFailure.failures.desc()).limit(1)).one()
    assert (noted.failures, noted.next_try_at - noted.last_at) == (12, 10 * MINUTE)


def test_healed_a_step_is_done_and_its_failures_forgotten(county: County) -> None:
    hand = a_ticket(county, category=CABLE)
    healed = poison(county, hand)
    sweep(county.sessions, county.office, VILLAGE_DUE)
    with county.sessions.begin() as session:
        session.execute(update(Ticket).values(**healed))
    assert sweep(county.sessions, county.office, VILLAGE_DUE + 10 * SECOND)["escalated"] == 1
    with county.sessions.read() as session:
        assert session.scalars(select(StepFailure)).all() == []


def test_a_clock_put_back_makes_no_failed_step_wait_for_ever(county: County) -> None:
    hand = a_ticket(county, category=CABLE)
    poison(county, hand)
    sweep(county.sessions, county.office, VILLAGE_DUE + 24 * HOUR)
    assert sweep(county.sessions, county.office, VILLAGE_DUE)["failed"] == 1


def test_batches_full_of_failing_steps_starve_nobody(county: County) -> None:
    sick = [a_ticket(county, category=CABLE) for _ in range(9)]
    well = a_ticket(county, category=CABLE, now=NOW + MINUTE)
    poison(county, *sick)
    due = VILLAGE_DUE + MINUTE
    first = sweep(county.sessions, county.office, due, batch=3)
    assert (first["failed"], first["escalated"], tier(well)) == (9, 1, "town")
    later = a_ticket(county, category=CABLE, now=due)
    batches = []
    second = sweep(county.sessions, county.office, due + 5 * SECOND, batch=3, alive=lambda: batches.append(1))
    assert (second["failed"], len(batches), tier(later)) == (0, 0, "village")
    assert [tier(hand) for hand in sick] == ["village"] * 9


def test_a_sweep_killed_between_two_batches_has_done_the_oldest(county: County) -> None:
    for wait in (1, 3, 2, 0):
        a_ticket(county, category=CABLE, now=NOW - wait * MINUTE)

    class Killed(Exception):
        pass

    def kill() -> None:
        raise Killed

    with pytest.raises(Killed):
        sweep(county.sessions, county.office, VILLAGE_DUE, batch=4, alive=kill)
    with county.sessions.read() as session:
        steps = select(DueStep.done_at.is_not(None)).order_by(DueStep.due_at, DueStep.id)
        done = list(session.scalars(steps))
    assert done == sorted(done, reverse=True) and done.count(True) >= 4


def test_due_steps_are_done_oldest_first(county: County) -> None:
    hands = [a_ticket(county, category=CABLE, now=NOW - wait * MINUTE) for wait in (1, 3, 2, 0)]
    sweep(county.sessions, county.office, VILLAGE_DUE, batch=2)
    with county.sessions.read() as session:
        climbs = select(TicketEvent.ticket_id).where(TicketEvent.action == "escalate").order_by(TicketEvent.id)
        assert list(session.scalars(climbs)) == [hands[index].id for index in (1, 2, 0, 3)]


def test_a_matter_that_nobody_took_escalates_to_the_top(county: County) -> None:
    hand = a_ticket(county, category=CABLE)
    assert (hand.look().handler_id, hand.look().department_code) == (None, None)
    seen = [tier(hand)]
    for minute in range(0, 121, 5):
        sweep(county.sessions, county.office, NOW + minute * MINUTE)
        if tier(hand) != seen[-1]:
            seen.append(tier(hand))
    assert seen == [str(name) for name in TIERS]
