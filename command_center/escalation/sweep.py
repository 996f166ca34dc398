"""The sweep: whatever fell due on a ticket's clocks is done, oldest first, exactly once.

Each step is claimed, applied and recorded in one transaction, under its ticket's row lock, so a sweeper may be
killed at any moment and several may run at once. Steps are applied in batches: one commit for many, and a step
that fails is rolled back alone, told to the log, and tried again by the next sweep.
"""

import logging
from collections import Counter
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from command_center.database import Sessions
from command_center.tickets import clockwork
from command_center.tickets.actions import climb, mark
from command_center.tickets.models import DueStep, Ticket
from command_center.tickets.office import Office
from command_center.tickets.record import standing_of
from command_center.tickets.workflow import Node, climbs_when_late, is_terminal

log = logging.getLogger(__name__)
BATCH = 50
LATE = timedelta(seconds=60)
BEFORE_ALL = datetime(2000, 1, 1, tzinfo=UTC)


def sweep(sessions: Sessions, office: Office, now: datetime, *, batch: int = BATCH) -> Counter[str]:
    """Do all that is due at `now`. Returns how many steps had which outcome."""
    done: Counter[str] = Counter()
    after = (BEFORE_ALL, 0)
    while True:
        with sessions.read() as session:
            found = _due(session, now, after, batch)
        if not found:
            return done
        with sessions.begin() as session:
            for step_id, _ in found:
                done[_try(session, office, step_id, now)] += 1
        after = (found[-1][1], found[-1][0])


def _due(session: Session, now: datetime, after: tuple[datetime, int], limit: int) -> list[tuple[int, datetime]]:
    rows = session.execute(
        select(DueStep.id, DueStep.due_at)
        .where(DueStep.done_at.is_(None), DueStep.due_at <= now, tuple_(DueStep.due_at, DueStep.id) > after)
        .order_by(DueStep.due_at, DueStep.id)
        .limit(limit)
    )
    return [(row.id, row.due_at) for row in rows]


def _try(session: Session, office: Office, step_id: int, now: datetime) -> str:
    try:
        with session.begin_nested():
            return apply(session, office, step_id, now)
    except Exception:
        log.exception("due step %s could not be applied; the next sweep tries again", step_id)
        return "failed"


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
        return "busy"  # an action or another sweeper has it; the step stays for the next sweep
    step = session.get_one(DueStep, step_id, populate_existing=True)
    if step.done_at is not None:
        return "done before"
    outcome = _outcome(session, office, ticket, step, now)
    step.done_at, step.outcome = now, outcome
    return outcome


def _outcome(session: Session, office: Office, ticket: Ticket, step: DueStep, now: datetime) -> str:
    generation = ticket.clock_generation if step.clock == clockwork.MATTER else ticket.tier_generation
    if is_terminal(Node(ticket.node)) or step.generation != generation:
        return "cancelled"
    if step.step == clockwork.WARN:
        mark(session, office, ticket, "warn", step.clock, now)
        return "warned"
    if step.clock == clockwork.TIER and climbs_when_late(standing_of(ticket)):
        # Done first: the climb cancels what is still pending on the old clock, and this step is not cancelled.
        step.done_at, step.outcome = now, "escalated"
        session.flush()
        climb(session, office, ticket, now)
        return "escalated"
    mark(session, office, ticket, "overdue", step.clock, now)
    return clockwork.OVERDUE


def late_steps(session: Session, now: datetime) -> int:
    """Count the steps that should have been done more than a minute ago: the auditor's alarm."""
    return (
        session.scalar(
            select(func.count()).select_from(DueStep).where(DueStep.done_at.is_(None), DueStep.due_at <= now - LATE)
        )
        or 0
    )
