"""The auditor: proves that what fell due was done, by looking at what was not.

It shares nothing with the sweep but the rows, so that it also tells when no sweep runs, when one runs in vain, and
when a step fails each time it is tried.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from command_center.escalation.models import StepFailure
from command_center.regions import editions
from command_center.regions.models import Region
from command_center.tickets import relocation
from command_center.tickets.models import DueStep, Ticket

LATE = timedelta(seconds=60)
FOLLOWED_WITHIN = timedelta(minutes=5)
NAMED = 10


@dataclass(frozen=True)
class Audit:
    """What should have been done more than a minute ago and is not.

    worst_s: lateness of the oldest, seconds. failing: how many pending steps failed when they were tried last.
    tickets: numbers of the tickets whose steps fail, the longest waiting first, a few.
    """

    count: int
    oldest: datetime | None
    worst_s: float
    failing: int
    tickets: tuple[str, ...]


def audit(session: Session, now: datetime) -> Audit:
    """Look for late steps: a constant number of queries, over the index of pending steps."""
    late = (DueStep.done_at.is_(None), DueStep.due_at <= now - LATE)
    count, oldest = session.execute(select(func.count(), func.min(DueStep.due_at)).where(*late)).one()
    # From the few that failed to their steps: a join may be walked the other way, over all that is pending.
    failed = (DueStep.id.in_(select(StepFailure.step_id)), DueStep.done_at.is_(None))
    failing = session.scalar(select(func.count()).select_from(DueStep).where(*failed)) or 0
    named = (
        select(Ticket.number)
        .join(DueStep, DueStep.ticket_id == Ticket.id)
        .where(*failed)
        .group_by(Ticket.number)
        .order_by(func.min(DueStep.due_at), Ticket.number)
        .limit(NAMED)
    )
    return Audit(
        count=count,
        oldest=oldest,
        worst_s=(now - oldest).total_seconds() if oldest else 0.0,
        failing=failing,
        tickets=tuple(session.scalars(named)) if failing else (),
    )


def not_followed(session: Session, now: datetime) -> int:
    """Count the open tickets that some minutes after a new edition of the map took effect have not followed it."""
    edition = editions.in_force(session)
    if edition is None or edition.entered_at is None or edition.entered_at > now - FOLLOWED_WITHIN:
        return 0
    return relocation.left(session)


def off_the_map(session: Session) -> list[str]:
    """List the numbers of open tickets that have followed the map in force, and lie in a grid that left it."""
    retired = select(Region.code).where(Region.retired_at.is_not(None))
    here = (Ticket.closed_at.is_(None), Ticket.map_edition >= editions.version_in_force(session))
    return list(session.scalars(select(Ticket.number).where(*here, Ticket.grid_code.in_(retired)).order_by(Ticket.id)))
