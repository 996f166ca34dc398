"""A month of history, written by the verbs that real people use, with the simulated time passed in.

One queue in the order of time holds what is going to happen: reports, the next action on each ticket, and the moments
at which a clock warns or runs out, so that the sweep's own deeds stand at their place in time. Many deeds make one
transaction. It must not run beside a server that sweeps: to the real clock, all of it is overdue.
"""

import heapq
import itertools
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from random import Random

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from command_center.database import Sessions
from command_center.errors import CommandCenterError
from command_center.escalation.sweep import apply
from command_center.simulation import arrivals, pace, publishing
from command_center.simulation.behaviour import draft, next_move, twin_of
from command_center.simulation.fate import TWINS
from command_center.simulation.keeping import keep
from command_center.simulation.moves import Move
from command_center.simulation.summary import Summary
from command_center.simulation.temper import Temper, diligence, draw, draw_source
from command_center.simulation.world import World
from command_center.tickets.actions import act, locked
from command_center.tickets.intake import report
from command_center.tickets.models import DueStep, Ticket
from command_center.tickets.office import Office
from command_center.tickets.standing import Node, Tier, is_terminal
from command_center.tickets.workflow import Action

DEEDS_A_TRANSACTION = 2000
FOR_GOOD = -1  # a turn that is never over
SWEEP_EVERY = 5  # seconds, as a server does
SHARE_OF_WRITING = 0.8  # of the whole work; the rest is numbering and counting
RECENT = 40
# What the system did, one event each.
EVENTFUL = ("warned", "overdue", "escalated", "bulletin", "missed", "resumed")
# After these something new falls due, or at another time.
TIMED = {
    Action.ASSIST,
    Action.SUPERVISE,
    Action.SUSPEND,
    Action.RESUME,
    Action.DECIDE_EXTENSION,
    Action.REOPEN,
}
Progress = Callable[[float], None]
PENDING = (
    select(DueStep.id)
    .where(DueStep.ticket_id == bindparam("ticket_id"), DueStep.done_at.is_(None), DueStep.due_at <= bindparam("at"))
    .order_by(DueStep.due_at, DueStep.id)
)
AHEAD = select(DueStep.due_at).where(DueStep.ticket_id == bindparam("ticket_id"), DueStep.done_at.is_(None)).distinct()


class Kind(IntEnum):
    """What is due in the queue; at the same moment in this order."""

    CLOCK = 0
    REPORT = 1
    PERSON = 2


@dataclass
class Case:
    """A ticket that is not done with.

    `turn` grows with each deed, so that what somebody planned before it is void; `tier`: the generation of the tier's
    clock, so that the moments of an older one are void.
    """

    ticket_id: int
    temper: Temper
    version: int
    turn: int = 0
    tier: int = 1


def history(
    sessions: Sessions,
    office: Office,
    *,
    days: int,
    rate: float,
    seed: int,
    now: datetime,
    progress: Progress | None = None,
) -> Summary:
    """Write `days` of history that end at `now`, `rate` reports a day, and number and count its events.

    The same seed and `now` on the same reference data give the same history. progress: told the share done, 0 to 1.
    Raises: NotReady when the reference data is not loaded.
    """
    began = time.monotonic()
    tell = progress or _nothing
    with sessions.read() as session:
        world = World(session, office)
    writer = _Writer(office, world, Random(seed), now)
    start = now - timedelta(days=days)
    writer.expect_reports(arrivals.times(office, start, now, round(days * rate), writer.rng))
    while writer.has_work:
        with sessions.begin() as session:
            writer.do_many(session, DEEDS_A_TRANSACTION)
        tell(SHARE_OF_WRITING * writer.share_done(start))
    summary = writer.summary
    rest = 1 - SHARE_OF_WRITING
    publishing.publish_all(sessions, office.zone, summary.events, lambda part: tell(1 - rest + rest * part))
    tell(1.0)
    summary.seconds = time.monotonic() - began
    return summary


class _Writer:
    """The queue and what it changes. Holds no session: each deed is given the one whose transaction it is part of."""

    def __init__(self, office: Office, world: World, rng: Random, end: datetime) -> None:
        self.rng, self.summary = rng, Summary()
        self._office, self._world, self._end = office, world, end
        self._diligence = diligence(world.towns)
        self._cases: dict[int, Case] = {}
        self._ours: dict[int, Ticket] = {}
        self._recent: deque[int] = deque(maxlen=RECENT)
        self._queue: list[tuple[datetime, Kind, int, int, int]] = []
        self._order = itertools.count()
        self._reached = datetime.min.replace(tzinfo=UTC)

    @property
    def has_work(self) -> bool:
        return bool(self._queue)

    def share_done(self, start: datetime) -> float:
        return min(1.0, (self._reached - start) / (self._end - start))

    def expect_reports(self, times: list[datetime]) -> None:
        for at in times:
            self._expect(at, Kind.REPORT)

    def do_many(self, session: Session, count: int) -> None:
        """Do what is due next, so many times.

        Each deed is flushed when it is done; the queries within one need not look whether there is something to flush.
        """
        keep(session)
        self._ours.clear()
        with session.no_autoflush:
            while self._queue and count:
                self._do_next(session)
                session.flush()
                count -= 1

    def _do_next(self, session: Session) -> None:
        at, kind, _, ticket_id, turn = heapq.heappop(self._queue)
        self._reached = at
        if kind is Kind.REPORT:
            self._report(session, at)
            return
        case = self._cases.get(ticket_id)
        if case is None:
            return
        if kind is Kind.CLOCK and turn in (FOR_GOOD, case.tier):
            self._sweep(session, case, at)
        elif kind is Kind.PERSON and turn == case.turn:
            self._person(session, case, at)

    def _expect(self, at: datetime, kind: Kind, ticket_id: int = 0, turn: int = FOR_GOOD) -> None:
        """Put something on the queue, unless it lies in the future: that is for the real sweep, and real people."""
        if at < self._end:
            heapq.heappush(self._queue, (at, kind, next(self._order), ticket_id, turn))

    def _report(self, session: Session, at: datetime) -> None:
        rng, office = self.rng, self._office
        source = draw_source(rng)
        paper, by = draft(self._world.scene(rng), source, at.astimezone(office.zone).month, self._world, rng)
        main = self._being_dealt_with(session)
        twin = twin_of(main, paper, self._world, rng) if main is not None else None
        ticket = report(session, office, twin or paper, by, at)
        diligent = self._diligence.get(ticket.town_code, 1.0)
        temper = draw(rng, diligent, paper.source, settled_low=ticket.settling_tier != Tier.COUNTY)
        if main is not None and twin is not None:
            temper.fate.twin, temper.idle = main.number, frozenset()
        else:
            self._recent.append(ticket.id)
        case = self._cases[ticket.id] = Case(ticket.id, temper, ticket.version)
        self.summary.reports += 1
        self.summary.events += 1
        self._ours[ticket.id] = ticket
        self._expect_clocks(case, ticket.warn_at, ticket.due_at, turn=FOR_GOOD)
        self._expect_clocks(case, ticket.tier_warn_at, ticket.tier_due_at, turn=case.tier)
        self._plan(ticket, case, at)

    def _being_dealt_with(self, session: Session) -> Ticket | None:
        """Choose now and then a ticket that the next report will be about as well."""
        if self.rng.random() >= TWINS or not self._recent:
            return None
        ticket = session.get_one(Ticket, self.rng.choice(self._recent))
        return None if is_terminal(Node(ticket.node)) else ticket

    def _person(self, session: Session, case: Case, at: datetime) -> None:
        move = None
        try:
            ticket = self._locked(session, case)
            move = next_move(ticket, case.temper, self._world, self.rng)
            if move is None:
                return
            was_open = not is_terminal(Node(ticket.node))
            act(session, self._office, ticket, move.action, move.form, move.by, at)
        except CommandCenterError:
            if move is not None and case.temper.fate.give_up(move.action):
                case.turn += 1
                self._plan(ticket, case, at)  # the moment for it has passed; life goes on
            else:
                # Somebody else was here, or the authority list was edited meanwhile: the ticket is left to people.
                del self._cases[case.ticket_id]
            return
        self._count(case, move)
        if move.action in TIMED or (not was_open and ticket.follow_up_due_at is not None):
            self._expect_ahead(session, case)
        if ticket.tier_due_at <= at:
            self._expect_clocks(case, at, turn=case.tier)  # the action may have armed the tier's clock again
        self._go_on(ticket, case, at, was_open=was_open)

    def _locked(self, session: Session, case: Case) -> Ticket:
        """Lock the ticket, once in a transaction: the lock holds until its end, so nobody else changes it meanwhile."""
        ticket = self._ours.get(case.ticket_id)
        if ticket is None:
            ticket = self._ours[case.ticket_id] = locked(session, case.ticket_id, case.version)
        return ticket

    def _sweep(self, session: Session, case: Case, at: datetime) -> None:
        """Do what the sweep does for this ticket at this moment."""
        steps = session.scalars(PENDING, {"ticket_id": case.ticket_id, "at": at}).all()
        outcomes = []
        for step in steps:
            outcomes.append(apply(session, self._office, step, at))
            session.flush()  # the next one looks again at the same ticket, and at its steps
        self.summary.deeds.update(outcomes)
        self.summary.events += sum(outcome in EVENTFUL for outcome in outcomes)
        if "overdue" in outcomes or "resumed" in outcomes:
            self._expect_ahead(session, case)  # the bulletin; the clocks that go on
        if "escalated" in outcomes or "resumed" in outcomes:
            self._go_on(session.get_one(Ticket, case.ticket_id), case, at)

    def _count(self, case: Case, move: Move) -> None:
        case.temper.happened(move.action, failed=move.form.passed is False)
        self.summary.deeds[str(move.action)] += 1
        self.summary.events += 1 + (move.action is Action.MERGE)  # the main ticket's record tells of it as well
        self.summary.closed -= move.action is Action.REOPEN

    def _go_on(self, ticket: Ticket, case: Case, at: datetime, *, was_open: bool = True) -> None:
        case.version, case.turn = ticket.version, case.turn + 1
        if case.tier != ticket.tier_generation:
            case.tier = ticket.tier_generation
            self._expect_clocks(case, ticket.tier_warn_at, ticket.tier_due_at, turn=case.tier)
        if was_open and is_terminal(Node(ticket.node)):
            self.summary.closed += ticket.node == Node.CLOSED
            self.summary.rejected += ticket.node == Node.REJECTED
            self.summary.merged += ticket.node == Node.MERGED
        self._plan(ticket, case, at)

    def _plan(self, ticket: Ticket, case: Case, at: datetime) -> None:
        """Look whose turn it is, and when that person will come to it."""
        move = next_move(ticket, case.temper, self._world, self.rng)
        if move is not None:
            when = pace.in_life(move, ticket, case.temper, at, self._office, self.rng)
            self._expect(when, Kind.PERSON, case.ticket_id, case.turn)
        elif is_terminal(Node(ticket.node)):
            del self._cases[ticket.id]

    def _expect_ahead(self, session: Session, case: Case) -> None:
        """Expect the sweep after each step that is pending on a ticket, whatever its clock."""
        session.flush()
        ahead = session.scalars(AHEAD, {"ticket_id": case.ticket_id}).all()
        self._expect_clocks(case, *sorted(ahead), turn=FOR_GOOD)

    def _expect_clocks(self, case: Case, *times: datetime, turn: int) -> None:
        """Expect the sweep that follows each of these moments."""
        for moment in times:
            seconds = moment.timestamp()
            swept = datetime.fromtimestamp(seconds - seconds % SWEEP_EVERY + SWEEP_EVERY, UTC)
            self._expect(swept, Kind.CLOCK, case.ticket_id, turn)


def _nothing(_: float) -> None:
    """Nobody wants to know."""
