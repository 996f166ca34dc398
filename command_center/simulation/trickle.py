"""The live trickle of demo mode: simulated people who report and work beside real ones, a film of a county's day.

It acts only on simulated tickets that no real person has touched: each of its events says `simulated` in its
details, and a ticket with an event of somebody else is left to people for good. It holds no transaction while it
waits, remembers nothing that the database does not know, and after a restart picks up what is open.
"""

import heapq
import itertools
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from command_center.database import Sessions
from command_center.errors import CommandCenterError
from command_center.events.models import TicketEvent
from command_center.simulation import pace
from command_center.simulation.behaviour import draft, next_move, twin_of
from command_center.simulation.fate import TWINS
from command_center.simulation.moves import SIMULATED
from command_center.simulation.temper import Temper, diligence, draw, draw_source
from command_center.simulation.world import World
from command_center.tickets.actions import act, locked
from command_center.tickets.intake import report
from command_center.tickets.models import Ticket
from command_center.tickets.office import Office
from command_center.tickets.standing import Node, Tier, is_terminal
from command_center.tickets.workflow import Action

log = logging.getLogger(__name__)
WORKING_SET = 300
ADOPTED_MOST = 150  # of them from before: a month of history must not keep new reports out
ADOPT_EVERY = timedelta(minutes=10)
ADOPTED_WITHIN = timedelta(hours=6)
PATIENCE = timedelta(minutes=45)  # a clock that runs longer is not worth waiting for in a film
LONGEST_CATCH_UP = timedelta(minutes=1)
AGAIN = timedelta(seconds=45)
AFTER_A_FAULT = 5.0
# So long after a new map people are in their new places, too.
ACCOUNTS_FOLLOW = timedelta(minutes=1)
DEEDS_A_STEP = 10
LONGEST_PAUSE, SHORTEST_PAUSE = 1.0, 0.1  # seconds


@dataclass
class Case:
    """A ticket the trickle works on.

    `version`: after the last deed it knows of; `seen`: the events it looked at; `trying`: what somebody tries to do.
    """

    ticket_id: int
    temper: Temper
    version: int
    seen: int = 0
    trying: Action | None = None


class Trickle:
    """Simulated people in real time. seed: None for another film each time; committed: called after each commit."""

    def __init__(
        self,
        sessions: Sessions,
        office: Callable[[], Office],
        *,
        seed: int | None,
        reports_per_hour: float = 240,
        committed: Callable[[], None],
    ) -> None:
        self._sessions, self._ask_for_office, self._committed = sessions, office, committed
        self._office: Office = office()
        self._rng = Random(seed)
        self._rate = reports_per_hour
        self._world: World | None = None
        self._look_again: datetime | None = None
        self._cases: dict[int, Case] = {}
        self._left_to_people: set[int] = set()
        self._queue: list[tuple[datetime, int, int]] = []
        self._order = itertools.count()
        self._next_report: datetime | None = None
        self._next_adoption: datetime | None = None

    def run(self, stop: threading.Event) -> None:
        """Live until `stop` is set. A fault is logged, and life goes on."""
        while not stop.is_set():
            try:
                self.step(datetime.now(UTC))
                stop.wait(self._pause(datetime.now(UTC)))
            except Exception:
                log.exception("the trickle stumbled; it goes on in %s s", AFTER_A_FAULT)
                self._world = None  # perhaps people or places are others by now
                stop.wait(AFTER_A_FAULT)

    def step(self, now: datetime) -> int:
        """Do what is due at `now`, each deed in its own transaction. Returns how many deeds were done."""
        before, self._office = self._office, self._ask_for_office()
        if self._office.map_edition != before.map_edition:
            self._world, self._look_again = None, now + ACCOUNTS_FOLLOW
        elif self._look_again is not None and self._look_again <= now:
            self._world = self._look_again = None
        if self._world is None:
            with self._sessions.read() as session:
                self._world = World(session, self._office)
        if self._next_adoption is None or self._next_adoption <= now:
            self._adopt(self._world, now)
        done = self._report_what_is_due(self._world, now)
        for _ in range(DEEDS_A_STEP):
            if not self._queue or self._queue[0][0] > now:
                break
            case = self._cases.get(heapq.heappop(self._queue)[2])
            if case is not None:
                done += self._work(self._world, case, now)
        return done

    def _pause(self, now: datetime) -> float:
        due = [self._queue[0][0]] if self._queue else []
        due += [self._next_report] if self._next_report else []
        wait = (min(due) - now).total_seconds() if due else LONGEST_PAUSE
        return min(LONGEST_PAUSE, max(SHORTEST_PAUSE, wait))

    def _adopt(self, world: World, now: datetime) -> None:
        """Take on simulated tickets that are open: of the history, or of this trickle before a restart."""
        self._next_adoption = now + ADOPT_EVERY
        room = ADOPTED_MOST - len(self._cases)
        if room <= 0:
            return
        forbidden = world.forbidden or ""
        elsewhere = or_(Ticket.base_grid_code.is_(None), Ticket.base_grid_code != forbidden)
        with self._sessions.read() as session:
            tickets = session.scalars(
                select(Ticket)
                .where(
                    or_(Ticket.closed_at.is_(None), Ticket.follow_up_due_at.is_not(None)),
                    Ticket.simulated.is_(True),
                    Ticket.grid_code != forbidden,
                    elsewhere,
                )
                .order_by(Ticket.id.desc())
            ).all()
        strangers = [t for t in tickets if t.id not in self._cases and t.id not in self._left_to_people]
        for ticket in strangers[:room]:
            case = self._cases[ticket.id] = Case(ticket.id, self._temper(ticket), ticket.version)
            self._expect(case, now + ADOPTED_WITHIN * self._rng.random())

    def _report_what_is_due(self, world: World, now: datetime) -> int:
        """Report at the wanted rate, whatever the rhythm of the steps; what was slept through is not made up for."""
        at = max(self._next_report or now + self._gap(), now - LONGEST_CATCH_UP)
        done = 0
        while at <= now:
            done += self._report(world, now)
            at += self._gap()
        self._next_report = at
        return done

    def _report(self, world: World, now: datetime) -> int:
        if len(self._cases) >= WORKING_SET:
            return 0
        try:
            with self._sessions.begin() as session:
                month = now.astimezone(self._office.zone).month
                paper, by = draft(world.scene(self._rng), draw_source(self._rng), month, world, self._rng)
                main = self._being_dealt_with(session)
                twin = twin_of(main, paper, world, self._rng) if main is not None else None
                ticket = report(session, self._office, twin or paper, by, now)
        except (CommandCenterError, DBAPIError) as fault:
            log.info("a simulated report came to nothing: %s", fault)
            return 0
        self._committed()
        case = self._cases[ticket.id] = Case(ticket.id, self._temper(ticket), ticket.version)
        if main is not None and twin is not None:
            case.temper.fate.twin, case.temper.idle = main.number, frozenset()
        self._plan(world, ticket, case, now)
        return 1

    def _being_dealt_with(self, session: Session) -> Ticket | None:
        """Choose now and then a ticket that the next report will be about as well."""
        if self._rng.random() >= TWINS or not self._cases:
            return None
        ticket = session.get_one(Ticket, self._rng.choice(list(self._cases)))
        return None if is_terminal(Node(ticket.node)) else ticket

    def _work(self, world: World, case: Case, now: datetime) -> int:
        """Let somebody do what is next on a ticket, unless real people have it. Returns 1 for a deed."""
        done: Action | None = None
        case.trying = None
        try:
            with self._sessions.begin() as session:
                ticket = locked(session, case.ticket_id)
                if not self._is_ours(session, world, ticket, case):
                    del self._cases[case.ticket_id]
                    return 0
                if ticket.version == case.version:
                    done = self._act(session, world, ticket, case, now)
        except CommandCenterError as fault:
            log.info("a simulated action came to nothing: %s", fault)
            if case.trying is not None and case.temper.fate.give_up(case.trying):
                self._expect(case, now + AGAIN)
            else:
                del self._cases[case.ticket_id]
            return 0
        except DBAPIError as fault:
            log.info("the database is busy; the trickle tries again: %s", fault)
            self._expect(case, now + timedelta(seconds=AFTER_A_FAULT))
            return 0
        if done is not None:
            self._committed()
        case.version = ticket.version
        self._plan(world, ticket, case, now)
        return int(done is not None)

    def _act(self, session: Session, world: World, ticket: Ticket, case: Case, now: datetime) -> Action | None:
        move = next_move(ticket, case.temper, world, self._rng)
        if move is None:
            return None
        case.trying = move.action
        act(session, self._office, ticket, move.action, move.form, move.by, now)
        case.temper.happened(move.action, failed=move.form.passed is False)
        return move.action

    def _is_ours(self, session: Session, world: World, ticket: Ticket, case: Case) -> bool:
        """Say whether only simulated people and the system have touched a ticket. Called under its row lock."""
        if not ticket.simulated or not world.is_ours(ticket.grid_code, ticket.base_grid_code):
            return False
        events = session.execute(
            select(TicketEvent.n, TicketEvent.action, TicketEvent.actor_id, TicketEvent.details)
            .where(TicketEvent.ticket_id == ticket.id, TicketEvent.n > case.seen)
            .order_by(TicketEvent.n)
        )
        for n, action, actor_id, details in events:
            if actor_id is not None and not self._is_simulated(session, action, details):
                self._left_to_people.add(ticket.id)
                return False
            case.seen = n
        return Node(ticket.node) not in (Node.REJECTED, Node.MERGED)

    def _is_simulated(self, session: Session, action: str, details: dict[str, Any]) -> bool:
        """Say whether an event is a simulated person's deed. That another ticket was merged in says its own record."""
        if action != "merged_in":
            return details.get(SIMULATED) is True
        merged = (
            select(TicketEvent.details)
            .join(Ticket, Ticket.id == TicketEvent.ticket_id)
            .where(Ticket.number == details["number"], TicketEvent.action == Action.MERGE)
        )
        return any(told.get(SIMULATED) is True for told in session.scalars(merged))

    def _plan(self, world: World, ticket: Ticket, case: Case, now: datetime) -> None:
        """Look whose turn it is next, and when; what is left alone is looked at again when its clock has run out."""
        left = ticket.tier_due_at - now
        if not -PATIENCE < left < PATIENCE:
            case.temper.idle = frozenset()
        move = next_move(ticket, case.temper, world, self._rng)
        if move is not None:
            self._expect(case, pace.in_a_film(move, ticket, case.temper, now, self._rng))
        elif case.temper.idle and not is_terminal(Node(ticket.node)):
            self._expect(case, max(now, ticket.tier_due_at) + AGAIN)
        else:
            del self._cases[ticket.id]

    def _expect(self, case: Case, at: datetime) -> None:
        heapq.heappush(self._queue, (at, next(self._order), case.ticket_id))

    def _temper(self, ticket: Ticket) -> Temper:
        diligent = diligence(self._world.towns if self._world else []).get(ticket.town_code, 1.0)
        return draw(self._rng, diligent, ticket.source, settled_low=ticket.settling_tier != Tier.COUNTY)

    def _gap(self) -> timedelta:
        return timedelta(hours=self._rng.expovariate(max(self._rate, 1e-6)))
