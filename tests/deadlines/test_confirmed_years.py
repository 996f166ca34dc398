"""Confirming a year: its days are replaced, and the open clocks they touch are computed anew, each with an event."""

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from command_center.deadlines import confirming, reference
from command_center.deadlines.errors import CalendarInvalid
from command_center.deadlines.models import CalendarEdition
from command_center.escalation.sweep import sweep
from command_center.events import log
from command_center.events.models import TicketEvent
from command_center.tickets import rulebook
from command_center.tickets.intake import report
from command_center.tickets.models import DueStep, Ticket
from command_center.tickets.workflow import Node, Tier
from tests.builders import CABLE, NOW, RECORD, Hand, a_draft, a_ticket, at
from tests.county import County
from tests.deadlines.notice import Rows, rows

ROOT = Path(__file__).resolve().parents[2]
RECOMPUTER = Path(__file__).with_name("recomputer.py")
# A Wednesday; five working days on, the notice makes it a week later than the shipped guess, or more.
BEFORE_SPRING = at("2027-02-03 09:00")
GUESSED, NOTICED = at("2027-02-12 09:00"), at("2027-02-18 09:00")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rulebook, "SETTLED", timedelta(0))


def confirm(county: County, content: Rows | None = None, year: int = 2027) -> CalendarEdition | None:
    read = list(enumerate(rows(year) if content is None else content, start=2))
    with county.sessions.begin() as session:
        return reference.confirm(session, year, *confirming.judge(year, read), "admin", NOW)


def recompute(county: County, **more: Any) -> rulebook.Recomputed:
    return rulebook.recompute_touched(county.sessions, county.office, lambda: BEFORE_SPRING, **more)


def events(county: County, ticket: Hand) -> list[TicketEvent]:
    with county.sessions.read() as session:
        query = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id, TicketEvent.action == "recompute")
        return list(session.scalars(query))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_confirmed_year_is_the_notices(county: County) -> None:
    edition = confirm(county)
    assert edition is not None and (edition.version, edition.year) == (1, 2027)
    with county.sessions.read() as session:
        calendar = reference.read(session)
    assert calendar.years[2027] == "confirmed"
    assert date(2027, 2, 20) in calendar.working_days and date(2027, 2, 9) not in calendar.working_days


def test_confirming_the_same_again_changes_nothing(county: County) -> None:
    confirm(county)
    before = county.contents()
    assert confirm(county) is None
    assert county.contents() == before


def test_a_year_after_the_last_can_be_added_but_none_beyond_it(county: County) -> None:
    with pytest.raises(CalendarInvalid, match="gap"):
        confirm(county, year=2029)
    assert confirm(county, year=2028) is not None
    with county.sessions.read() as session:
        assert reference.read(session).last == date(2028, 12, 31)


def test_a_faulty_year_changes_nothing(county: County) -> None:
    before = county.contents()
    with pytest.raises(CalendarInvalid) as caught:
        confirm(county, rows()[:-1])
    assert [fault["code"] for fault in caught.value.facts["faults"]] == ["missing"]
    assert county.contents() == before


def test_two_who_confirm_the_same_at_once_make_one_edition(county: County) -> None:
    made: list[CalendarEdition | None] = []
    threads = [threading.Thread(target=lambda: made.append(confirm(county))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(edition.version if edition else 0 for edition in made) == [0, 1]


def test_the_open_clocks_it_touches_are_computed_anew_with_an_event_on_each(county: County) -> None:
    ticket = a_ticket(county, category=RECORD, now=BEFORE_SPRING)
    assert (ticket.look().due_at, ticket.look().deadline_provisional) == (GUESSED, True)
    confirm(county)
    done = recompute(county)
    assert (done.moved, done.failed, done.finished) == (1, 0, True)
    assert (ticket.look().due_at, ticket.look().deadline_provisional) == (NOTICED, False)
    (event,) = events(county, ticket)
    assert moment(event.details["due_at"]) == NOTICED and event.actor_username == "system"
    with county.sessions.read() as session:
        assert not [fault for fault in log.verify(session, county.settings.chain_key) if fault]
        assert rulebook.unfinished(session) == []


def test_its_steps_fall_due_at_the_new_times_and_not_at_the_old(county: County) -> None:
    ticket = a_ticket(county, category=RECORD, now=BEFORE_SPRING, node=Node.HANDLE)
    confirm(county)
    recompute(county)
    with county.sessions.read() as session:
        pending = select(DueStep.due_at).where(
            DueStep.ticket_id == ticket.id, DueStep.done_at.is_(None), DueStep.clock == "matter", DueStep.step == "due"
        )
        assert list(session.scalars(pending)) == [NOTICED]
        calendar = reference.read(session)
    office = replace(county.office, calendar=calendar)
    sweep(county.sessions, office, GUESSED + timedelta(minutes=1))
    with county.sessions.read() as session:
        late = select(func.count()).where(TicketEvent.ticket_id == ticket.id, TicketEvent.action == "overdue")
        on_matter = [
            event
            for event in session.scalars(select(TicketEvent).where(TicketEvent.ticket_id == ticket.id))
            if event.action == "overdue" and event.details.get("clock") == "matter"
        ]
        assert session.scalar(late) is not None and on_matter == []


def test_a_date_that_stays_is_no_longer_provisional_and_the_record_says_so(county: County) -> None:
    ticket = a_ticket(county, category=RECORD, now=at("2027-03-01 09:00"))  # no holiday near
    due_at = ticket.look().due_at
    confirm(county)
    recompute(county)
    assert (ticket.look().due_at, ticket.look().deadline_provisional) == (due_at, False)
    assert len(events(county, ticket)) == 1


@pytest.mark.parametrize(
    ("category", "now"),
    [
        (RECORD, NOW),  # ends in November
        (CABLE, NOW),  # runs by the hour, and ends in November
        (RECORD, at("2028-01-05 09:00")),  # begins when the year is over
    ],
)
def test_a_clock_that_does_not_reach_the_year_is_left_alone(county: County, category: str, now: datetime) -> None:
    ticket = a_ticket(county, category=category, now=now)
    before = ticket.look()
    confirm(county)
    recompute(county)
    assert ticket.look().due_at == before.due_at and events(county, ticket) == []


def test_a_clock_by_the_hour_is_not_moved_by_any_calendar(county: County) -> None:
    ticket = a_ticket(county, category=CABLE, now=BEFORE_SPRING)
    due_at = ticket.look().due_at
    confirm(county)
    assert recompute(county).failed == 0
    assert ticket.look().due_at == due_at and events(county, ticket) == []


def test_a_closed_ticket_keeps_its_date(county: County) -> None:
    ticket = a_ticket(county, category=RECORD, now=BEFORE_SPRING, node=Node.CLOSED, tier=Tier.VILLAGE)
    confirm(county)
    assert recompute(county).looked_at == 0
    assert ticket.look().due_at == GUESSED


def test_whoever_is_stopped_half_way_goes_on_where_they_stopped(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rulebook, "BATCH", 2)
    tickets = [a_ticket(county, category=RECORD, now=BEFORE_SPRING) for _ in range(5)]
    confirm(county)

    class Killed(BaseException):
        pass

    def kill(count: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        recompute(county, tell=kill)
    assert [len(events(county, ticket)) for ticket in tickets] == [1, 1, 0, 0, 0]
    with county.sessions.read() as session:
        assert rulebook.left(session, county.office.zone) == 3
    stops = iter((False, True))
    assert not recompute(county, enough=lambda: next(stops)).finished
    assert recompute(county).finished
    assert [len(events(county, ticket)) for ticket in tickets] == [1] * 5
    assert recompute(county) == rulebook.Recomputed()
    assert {ticket.look().due_at for ticket in tickets} == {NOTICED}


def test_a_process_killed_at_any_moment_leaves_each_clock_moved_once_or_not_at_all(county: County) -> None:
    many = 24
    with county.sessions.begin() as session:
        for _ in range(many):
            report(session, county.office, a_draft(county, RECORD), county.actor("grid"), BEFORE_SPRING)
    confirm(county)
    url = county.sessions.engine.url.render_as_string(hide_password=False)
    key = county.settings.chain_key.decode()
    command = [sys.executable, str(RECOMPUTER), url, key, BEFORE_SPRING.isoformat()]
    for written in (3, 10, 1000):  # in the first batch, in another, and to the end
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        for _ in range(written):
            if not process.stdout.readline():
                break
        else:
            process.kill()
        process.stdout.close()
        ended = process.wait(30)
        assert ended == (0 if written > many else -signal.SIGKILL)
    with county.sessions.read() as session:
        of_each = select(func.count()).where(TicketEvent.action == "recompute").group_by(TicketEvent.ticket_id)
        assert list(session.scalars(of_each)) == [1] * many
        assert set(session.scalars(select(Ticket.due_at))) == {NOTICED}
        assert not [fault for fault in log.verify(session, county.settings.chain_key) if fault]
        assert rulebook.unfinished(session) == []


def test_one_ticket_that_fails_holds_up_no_other_and_is_tried_again(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    tickets = [a_ticket(county, category=RECORD, now=BEFORE_SPRING) for _ in range(3)]
    confirm(county)
    real = rulebook.recompute

    def failing(session: Any, office: Any, ticket: Ticket, now: datetime, **more: Any) -> bool:
        if ticket.id == tickets[1].id:
            raise RuntimeError("broken")
        return real(session, office, ticket, now, **more)

    with monkeypatch.context() as patched:
        patched.setattr(rulebook, "recompute", failing)
        done = recompute(county)
    assert (done.moved, done.failed, done.finished) == (2, 1, False)
    again = recompute(county)
    assert (again.moved, again.failed, again.finished) == (1, 0, True)
    assert [len(events(county, ticket)) for ticket in tickets] == [1, 1, 1]


def test_a_report_taken_by_a_process_with_the_old_calendar_is_not_forgotten(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rulebook, "SETTLED", timedelta(seconds=3))
    stale: list[Hand] = []
    with county.sessions.begin() as session:
        read = list(enumerate(rows(), start=2))
        reference.confirm(session, 2027, *confirming.judge(2027, read), "admin", BEFORE_SPRING)

    def meanwhile(seconds: float) -> None:
        assert 0 < seconds <= 3
        stale.append(a_ticket(county, category=RECORD, now=BEFORE_SPRING + timedelta(seconds=0.5)))

    assert recompute(county, rest=meanwhile).moved == 1
    assert stale[0].look().due_at > GUESSED + timedelta(days=1) and len(events(county, stale[0])) == 1


def test_several_years_are_followed_up_one_after_the_other(county: County) -> None:
    ticket = a_ticket(county, category=RECORD, now=at("2027-12-29 09:00"))  # reaches into both
    guessed = ticket.look().due_at
    confirm(county)
    confirm(county, year=2028)
    with county.sessions.read() as session:
        assert [edition.year for edition in rulebook.unfinished(session)] == [2027, 2028]
    assert recompute(county).finished
    assert ticket.look().due_at >= guessed and not ticket.look().deadline_provisional
    assert len(events(county, ticket)) == 1


def test_a_limit_that_reaches_past_the_table_is_taken_in_and_provisional(county: County) -> None:
    ticket = a_ticket(county, category=RECORD, now=at("2029-06-01 09:00")).look()
    assert ticket.deadline_provisional
    assert ticket.due_at == at("2029-06-08 09:00")
