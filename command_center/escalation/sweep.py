"""The sweep: whatever fell due on a ticket's clocks is done, oldest first, exactly once.

Each step is claimed, applied and recorded in one transaction, under its ticket's row lock, so a sweeper may be
killed at any moment and several may run at once. Steps are applied in batches: one commit for many. What a batch
works on is locked and read by a few questions for all of it, and what it did is written together. When anything
fails, that is rolled back and the batch's steps are applied one by one: the one that fails is rolled back alone,
told to the log, and tried again after a while (`failures`). Each batch first asks whether escalation is frozen
(`guard`), in its own transaction.
"""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import select, tuple_
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from command_center.categories.models import Department
from command_center.database import Sessions
from command_center.escalation import failures
from command_center.escalation.guard import is_open
from command_center.escalation.models import StepFailure
from command_center.escalation.steps import CANCELLED, take
from command_center.events.models import ChainHead
from command_center.tickets.models import DueStep, Ticket
from command_center.tickets.office import Office
from command_center.tickets.record import load_regions

log = logging.getLogger(__name__)
BATCH = 50
BEFORE_ALL = datetime(2000, 1, 1, tzinfo=UTC)


def sweep(
    sessions: Sessions,
    office: Office,
    now: datetime,
    *,
    batch: int = BATCH,
    permits: Callable[[Session], bool] = is_open,
    alive: Callable[[], object] = lambda: None,
) -> Counter[str]:
    """Do all that is due at `now`. Returns how many steps had which outcome.

    permits: asked in each batch's transaction; on a no the sweep ends there. alive: called after each
    batch, so that a long sweep is not taken for one that hangs.
    """
    done: Counter[str] = Counter()
    after = (BEFORE_ALL, 0)
    while True:
        with sessions.read() as session:
            found = _due(session, now, after, batch)
        if not found:
            return done
        with sessions.begin() as session:
            if not permits(session):
                return done
            failed_before = _failed_before(session, found)
            claimed = _Claimed(session, found)
            outcomes = _together(session, office, claimed, now) or _one_by_one(session, office, claimed, now)
            for step_id, outcome in outcomes.items():
                if step_id in failed_before and outcome not in ("failed", "busy"):
                    failures.forget(session, step_id)
                done[outcome] += 1
        alive()
        after = (found[-1].due_at, found[-1].id)


class _Found(NamedTuple):
    """A step that was due when it was looked for."""

    id: int
    ticket_id: int
    due_at: datetime


class _Claimed:
    """What a batch works on: its tickets, locked until the transaction ends, and what will be asked for besides.

    Everything is read after the locks were taken. A ticket that somebody else has is not here.
    """

    def __init__(self, session: Session, found: list[_Found]) -> None:
        self.found = found
        self._session = session
        tickets = session.scalars(
            select(Ticket)
            .where(Ticket.id.in_({one.ticket_id for one in found}))
            .order_by(Ticket.id)
            .with_for_update(of=Ticket, skip_locked=True)
        ).all()
        self._tickets = {ticket.id: ticket for ticket in tickets}
        self._steps = {
            step.id: step
            for step in session.scalars(
                select(DueStep).where(DueStep.id.in_([one.id for one in found if one.ticket_id in self._tickets]))
            )
        }
        # A session holds what it read only weakly: kept here, these are not asked for again with each step.
        self._heads = session.scalars(select(ChainHead).where(ChainHead.ticket_id.in_(self._tickets))).all()
        departments = {ticket.department_code for ticket in tickets} - {None}
        self._departments = session.scalars(select(Department).where(Department.code.in_(departments))).all()
        load_regions(session, tickets)
        self._touched: set[int] = set()

    def of(self, one: _Found) -> tuple[Ticket, DueStep] | None:
        """Find the ticket and the step, as they are now; None: somebody else has the ticket."""
        ticket = self._tickets.get(one.ticket_id)
        if ticket is None:
            return None
        step = self._steps[one.id]
        if ticket.id in self._touched:
            # What the ticket's earlier step did may have cancelled this one behind the session's back.
            self._session.refresh(step)
        self._touched.add(ticket.id)
        return ticket, step


def _due(session: Session, now: datetime, after: tuple[datetime, int], limit: int) -> list[_Found]:
    rows = session.execute(
        select(DueStep.id, DueStep.ticket_id, DueStep.due_at)
        .where(
            DueStep.done_at.is_(None),
            DueStep.due_at <= now,
            tuple_(DueStep.due_at, DueStep.id) > after,
            failures.may_try(now),
        )
        .order_by(DueStep.due_at, DueStep.id)
        .limit(limit)
    )
    return [_Found(*row) for row in rows]


def _failed_before(session: Session, found: list[_Found]) -> set[int]:
    return set(session.scalars(select(StepFailure.step_id).where(StepFailure.step_id.in_([one.id for one in found]))))


def _together(session: Session, office: Office, claimed: _Claimed, now: datetime) -> dict[int, str] | None:
    """Apply a batch's steps as one. Returns their outcomes; None: something failed, and nothing was done."""
    try:
        with session.begin_nested():
            return {one.id: _apply_claimed(session, office, claimed, one, now) for one in claimed.found}
    except Exception as fault:
        _raise_if_gone(fault)
        return None


def _one_by_one(session: Session, office: Office, claimed: _Claimed, now: datetime) -> dict[int, str]:
    """Apply each step for itself: what fails is rolled back alone."""
    outcomes = {}
    for one in claimed.found:
        try:
            with session.begin_nested():
                outcomes[one.id] = _apply_claimed(session, office, claimed, one, now)
        except Exception as fault:
            _raise_if_gone(fault)
            log.exception("due step %s could not be applied; it is tried again later", one.id)
            failures.note(session, one.id, fault, now)
            outcomes[one.id] = "failed"
    return outcomes


def _raise_if_gone(fault: Exception) -> None:
    """Let a fault through when the database went away: that is not the step's."""
    if isinstance(fault, DBAPIError) and fault.connection_invalidated:
        raise fault


def _apply_claimed(session: Session, office: Office, claimed: _Claimed, one: _Found, now: datetime) -> str:
    held = claimed.of(one)
    return "busy" if held is None else _apply(session, office, *held, now)


def apply(session: Session, office: Office, step_id: int, now: datetime) -> str:
    """Apply one step under its ticket's lock, if it is still pending. Returns its outcome."""
    ticket = session.scalar(
        select(Ticket)
        .join(DueStep, DueStep.ticket_id == Ticket.id)
        .where(DueStep.id == step_id)
        .with_for_update(of=Ticket, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if ticket is None:
        return "busy"  # an action or another sweeper has it; the step stays for later
    return _apply(session, office, ticket, session.get_one(DueStep, step_id, populate_existing=True), now)


def _apply(session: Session, office: Office, ticket: Ticket, step: DueStep, now: datetime) -> str:
    if step.done_at is not None:
        return "done before"
    outcome = take(session, office, ticket, step, now)
    # The event's own time, which is never before the ticket's last one, whatever clock this sweep began with.
    step.done_at = now if outcome == CANCELLED else max(now, ticket.updated_at)
    step.outcome = outcome
    return outcome
