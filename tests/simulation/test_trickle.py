"""The live trickle: lively, and out of the way of real people."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import or_, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from command_center.database import Sessions
from command_center.events import log
from command_center.events.models import TicketEvent
from command_center.people.models import Role, User
from command_center.people.reference import demo_grid
from command_center.simulation import trickle as module
from command_center.simulation.trickle import Trickle
from command_center.tickets.actions import act, locked
from command_center.tickets.actor import Actor
from command_center.tickets.deed import Form
from command_center.tickets.intake import Draft, report
from command_center.tickets.models import Ticket
from command_center.tickets.workflow import Action
from tests.simulation.county import NOW, County

STEP = timedelta(seconds=20)


def a_trickle(county: County, *, rate: float = 120, seed: int = 1) -> Trickle:
    return Trickle(county.sessions, lambda: county.office, seed=seed, reports_per_hour=rate, committed=lambda: None)


def live(trickle: Trickle, *, hours: float, start: datetime = NOW) -> int:
    now, done = start, 0
    while now < start + timedelta(hours=hours):
        now += STEP
        done += trickle.step(now)
    return done


def deeds(county: County, ticket_id: int) -> list[tuple[str, int | None]]:
    with county.sessions.read() as session:
        events = session.scalars(select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.n))
        return [(event.action, event.actor_id) for event in events]


def test_it_reports_and_works(county: County) -> None:
    committed: list[None] = []
    trickle = Trickle(
        county.sessions, lambda: county.office, seed=1, reports_per_hour=120, committed=lambda: committed.append(None)
    )
    done = live(trickle, hours=1)
    with county.sessions.read() as session:
        new = session.scalars(select(Ticket).where(Ticket.created_at > NOW)).all()
        assert not any(log.verify(session, county.office.chain_key))
    assert 80 < len(new) < 160
    assert sum(ticket.closed_at is not None for ticket in new) > 10
    assert all(ticket.simulated for ticket in new)
    assert len(committed) == done


def test_it_finishes_what_the_history_left_open(county: County) -> None:
    with county.sessions.read() as session:
        before = set(session.scalars(select(Ticket.id).where(Ticket.closed_at.is_(None))))
    live(a_trickle(county, rate=0), hours=6)
    with county.sessions.read() as session:
        after = set(session.scalars(select(Ticket.id).where(Ticket.closed_at.is_(None))))
    assert len(after) < len(before) / 2


def test_it_leaves_a_real_persons_ticket_alone(county: County) -> None:
    with county.sessions.begin() as session:
        worker = session.scalars(select(User).where(User.username == "grid")).one()
        place = demo_grid(session)
        assert place.lon is not None and place.lat is not None
        mine = report(session, county.office, Draft("050701", place.lon, place.lat), Actor.of(worker), NOW)
    live(a_trickle(county), hours=1)
    assert deeds(county, mine.id) == [("report", worker.id)]


def test_it_leaves_a_ticket_alone_as_soon_as_a_real_person_touched_it(county: County) -> None:
    trickle = a_trickle(county, rate=0)
    trickle.step(NOW)  # it knows what is open now
    with county.sessions.begin() as session:
        leader = Actor.of(session.scalars(select(User).where(User.role == Role.LEADER)).one())
        taken = session.scalars(select(Ticket.id).where(Ticket.closed_at.is_(None)).limit(3)).all()
        for ticket_id in taken:
            form = Form(note="请抓紧", colour="red")
            act(session, county.office, locked(session, ticket_id), Action.SUPERVISE, form, leader, NOW)
    assert taken
    live(trickle, hours=6)
    live(a_trickle(county, rate=0, seed=2), hours=6)  # nor does the next one, after a restart
    for ticket_id in taken:
        assert deeds(county, ticket_id)[-1] == ("supervise", leader.id)


def test_it_never_comes_to_the_demo_workers_grid(county: County) -> None:
    live(a_trickle(county, rate=600), hours=0.5)
    with county.sessions.read() as session:
        grid = demo_grid(session).code
        there = or_(Ticket.grid_code == grid, Ticket.base_grid_code == grid)
        assert session.scalars(select(Ticket).where(there)).all() == []


def test_it_stops_reporting_when_too_much_is_open(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WORKING_SET", 90)
    live(a_trickle(county, rate=36000), hours=0.2)
    with county.sessions.read() as session:
        open_ones = session.scalars(select(Ticket.id).where(Ticket.closed_at.is_(None))).all()
    assert len(open_ones) <= 90


class BusySessions(Sessions):
    """A database that is locked for the first few writes."""

    locked_for = 5

    @contextmanager
    def begin(self) -> Iterator[Session]:
        if self.locked_for > 0:
            self.locked_for -= 1
            raise OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))
        with super().begin() as session:
            yield session


def test_it_bears_a_locked_database(county: County) -> None:
    trickle = Trickle(
        BusySessions(county.sessions.engine),
        lambda: county.office,
        seed=1,
        reports_per_hour=120,
        committed=lambda: None,
    )
    assert live(trickle, hours=0.5) > 20


def test_it_stops_when_told(county: County) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=a_trickle(county).run, args=(stop,))
    thread.start()
    stop.set()
    thread.join(timeout=10)
    assert not thread.is_alive()
