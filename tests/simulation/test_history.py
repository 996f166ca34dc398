"""A day of simulated history: sound, dated right, and the same for the same seed."""

import shutil
from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby, pairwise
from pathlib import Path

from sqlalchemy import or_, select

from command_center.events import log
from command_center.events.models import TicketEvent, Unpublished
from command_center.people.reference import demo_grid
from command_center.simulation.moves import SIMULATED
from command_center.statistics.consumer import rebuild
from command_center.statistics.models import Rollup
from command_center.tickets.models import DueStep, Ticket
from command_center.tickets.office import Office
from tests.simulation.county import DAYS, NOW, RATE, County, open_sessions, write_history


def events_of(county: County) -> Sequence[TicketEvent]:
    with county.sessions.read() as session:
        return session.scalars(select(TicketEvent).order_by(TicketEvent.ticket_id, TicketEvent.n)).all()


def test_there_are_as_many_reports_as_asked_for(past: County) -> None:
    with past.sessions.read() as session:
        tickets = session.scalars(select(Ticket)).all()
    assert len(tickets) == past.summary.reports == DAYS * RATE
    assert all(ticket.simulated for ticket in tickets)
    assert sum(ticket.closed_at is None for ticket in tickets) == past.summary.open


def test_every_chain_holds(past: County) -> None:
    with past.sessions.read() as session:
        links = list(log.verify(session, past.office.chain_key))
    assert len(links) == past.summary.events
    assert not any(links)


def test_nothing_happens_in_the_demo_workers_grid(past: County) -> None:
    with past.sessions.read() as session:
        grid = demo_grid(session).code
        there = or_(Ticket.grid_code == grid, Ticket.base_grid_code == grid)
        assert session.scalars(select(Ticket).where(there)).all() == []


def test_times_lie_in_the_window_and_never_go_back(past: County) -> None:
    events = events_of(past)
    assert all(NOW - timedelta(days=DAYS) <= event.at <= NOW for event in events)
    for _, chain in groupby(events, key=lambda event: event.ticket_id):
        assert all(earlier.at <= later.at for earlier, later in pairwise(chain))
    with past.sessions.read() as session:
        assert all(ticket.updated_at <= NOW for ticket in session.scalars(select(Ticket)))


def test_what_the_system_does_is_done_within_seconds_of_falling_due(past: County) -> None:
    with past.sessions.read() as session:
        done = session.scalars(select(DueStep).where(DueStep.outcome.in_(["warned", "overdue", "escalated"]))).all()
        forgotten = session.scalars(
            select(DueStep).where(DueStep.done_at.is_(None), DueStep.due_at < NOW - timedelta(seconds=10))
        ).all()
    assert done
    assert forgotten == []
    # A clock that ran out in a department's hands may count again later, so its step may be done anew.
    late = [step for step in done if step.done_at and step.done_at - step.due_at > timedelta(seconds=10)]
    assert all(step.outcome == "escalated" for step in late)


def test_many_things_happen(past: County) -> None:
    assert {event.action for event in events_of(past)} >= {
        "report",
        "accept",
        "claim",
        "escalate",
        "dispatch",
        "resolve",
        "verify",
        "warn",
    }
    assert past.summary.closed > RATE / 3
    with past.sessions.read() as session:
        assert len(set(session.scalars(select(Ticket.town_code)))) > 8
        assert len(set(session.scalars(select(Ticket.condition_code)))) > 20


def test_every_deed_of_a_person_says_that_it_is_simulated(past: County) -> None:
    deeds = [event for event in events_of(past) if event.actor_id is not None]
    # That another ticket was merged into it, its record says of itself; the other's says who did it.
    assert all(event.details.get(SIMULATED) for event in deeds if event.action != "merged_in")


def test_everything_is_numbered_and_counted(county: County) -> None:
    with county.sessions.begin() as session:
        assert session.scalars(select(Unpublished)).all() == []
        assert session.scalars(select(Rollup).limit(1)).all() != []
        assert rebuild(session, county.office.zone) == 0


def test_the_same_seed_gives_the_same_history(
    past: County, empty_database: Path, office: Office, tmp_path: Path
) -> None:
    sessions = open_sessions(Path(shutil.copy(empty_database, tmp_path / "again.db")))
    again = County(sessions, office, write_history(sessions, office))
    # The last link's hash covers all of its ticket's past.
    assert [event.hash for event in events_of(again)] == [event.hash for event in events_of(past)]
    sessions.engine.dispose()
