"""The rule book: a new edition of the policy, a confirmed year, and what that year does to the clocks of open tickets.

A new policy moves no running clock: each ticket carries its own. A corrected calendar does move them, and says so by
an event on each. The days and an edition of the calendar are one transaction; the tickets follow in batches, each a
transaction of its own that also notes how far it came, so whoever is killed in between loses nothing.
"""

import logging
import time as stopwatch
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from command_center.categories.models import Condition
from command_center.database import Sessions
from command_center.deadlines import reference
from command_center.deadlines.models import CalendarEdition
from command_center.tickets.actions import locked
from command_center.tickets.adjustments import recompute
from command_center.tickets.models import DueStep, Ticket
from command_center.tickets.office import Office

log = logging.getLogger(__name__)
BATCH = 50
SETTLED = timedelta(seconds=3)
"""After so long no other process works with the calendar as it was: each looks every second."""
LONGEST_ACTION = timedelta(seconds=60)

Clock = Callable[[], datetime]


def conditions(session: Session) -> frozenset[str]:
    """The codes of all case conditions, retired ones included: a policy may still name them."""
    return frozenset(session.scalars(select(Condition.code)))


@dataclass
class Recomputed:
    """What was done: tickets looked at, clocks that moved, tickets that failed; `finished`: nothing is left to do."""

    looked_at: int = 0
    moved: int = 0
    failed: int = 0
    finished: bool = True


def unfinished(session: Session) -> Sequence[CalendarEdition]:
    """The changes of the calendar after which not all open clocks were computed anew yet, oldest first."""
    query = select(CalendarEdition).where(CalendarEdition.finished_at.is_(None)).order_by(CalendarEdition.version)
    return session.scalars(query).all()


def left(session: Session, zone: ZoneInfo) -> int:
    """Count the open tickets still to be looked at."""
    return sum(_count(session, _ahead(edition, zone)) for edition in unfinished(session))


def recompute_touched(
    sessions: Sessions,
    office: Office,
    clock: Clock,
    *,
    tell: Callable[[int], object] = lambda done: None,
    rest: Callable[[float], object] = stopwatch.sleep,
    enough: Callable[[], bool] = lambda: False,
) -> Recomputed:
    """Compute the open clocks anew that a changed calendar touches. Running it again goes on where it stopped.

    tell: hears how many tickets were looked at; rest: waits so many seconds; enough: stops between two batches.
    """
    done = Recomputed()
    with sessions.read() as session:
        waiting = unfinished(session)
        if waiting:
            office = replace(office, calendar=reference.read(session))
    for edition in waiting:
        failed = done.failed
        complete = _walk(sessions, office, edition, clock, done, tell, enough) and _look_again(
            sessions, office, edition, clock, done, rest, enough
        )
        # What failed is tried again from the beginning by whoever runs this next.
        done.finished = done.finished and complete and done.failed == failed
        if complete:
            _close(sessions, edition, None if done.failed > failed else clock())
    return done


def _walk(
    sessions: Sessions,
    office: Office,
    edition: CalendarEdition,
    clock: Clock,
    done: Recomputed,
    tell: Callable[[int], object],
    enough: Callable[[], bool],
) -> bool:
    """Go through the touched tickets by id. Returns whether the end was reached."""
    through = edition.done_through
    while not enough():
        with sessions.begin() as session:
            ids = _ids(session, and_(_touched(edition, office.zone), Ticket.id > through))
            if not ids:
                return True
            for ticket_id in ids:
                _one(session, office, ticket_id, clock(), done, edition)
            through = ids[-1]
            session.get_one(CalendarEdition, edition.version).done_through = through
        done.looked_at += len(ids)
        tell(len(ids))
    return False


def _look_again(
    sessions: Sessions,
    office: Office,
    edition: CalendarEdition,
    clock: Clock,
    done: Recomputed,
    rest: Callable[[float], object],
    enough: Callable[[], bool],
) -> bool:
    """Look once more at what was written while other processes still had the old calendar in memory."""
    wait = min(edition.created_at + SETTLED - clock(), SETTLED)
    if wait > timedelta():
        rest(wait.total_seconds())
    fresh = and_(_touched(edition, office.zone), Ticket.updated_at >= edition.created_at - LONGEST_ACTION)
    through = 0
    while not enough():
        with sessions.begin() as session:
            ids = _ids(session, and_(fresh, Ticket.id > through, Ticket.updated_at <= edition.created_at + SETTLED))
            for ticket_id in ids:
                _one(session, office, ticket_id, clock(), done, edition)
        if not ids:
            return True
        through = ids[-1]
    return False


def _one(
    session: Session, office: Office, ticket_id: int, now: datetime, done: Recomputed, edition: CalendarEdition
) -> None:
    """One ticket that cannot be computed must not hold up the others."""
    try:
        with session.begin_nested():
            done.moved += recompute(session, office, locked(session, ticket_id), now, calendar_edition=edition.version)
    except Exception:
        done.failed += 1
        log.exception("the clocks of ticket %s could not be computed anew", ticket_id)


def _close(sessions: Sessions, edition: CalendarEdition, finished_at: datetime | None) -> None:
    with sessions.begin() as session:
        row = session.get_one(CalendarEdition, edition.version)
        row.finished_at = finished_at
        if finished_at is None:
            row.done_through = 0


def _touched(edition: CalendarEdition, zone: ZoneInfo) -> ColumnElement[bool]:
    """Filter to the open tickets whose time, or a step of theirs, reaches into the days that changed."""
    start = datetime.combine(edition.first_day, time(), zone)
    end = datetime.combine(edition.last_day + timedelta(days=1), time(), zone)
    pending = exists().where(DueStep.ticket_id == Ticket.id, DueStep.done_at.is_(None), DueStep.due_at >= start)
    reaching = or_(Ticket.deadline_provisional.is_(True), Ticket.due_at >= start, Ticket.tier_due_at >= start, pending)
    return and_(Ticket.closed_at.is_(None), Ticket.created_at < end, reaching)


def _ahead(edition: CalendarEdition, zone: ZoneInfo) -> ColumnElement[bool]:
    return and_(_touched(edition, zone), Ticket.id > edition.done_through)


def _ids(session: Session, which: ColumnElement[bool]) -> list[int]:
    return list(session.scalars(select(Ticket.id).where(which).order_by(Ticket.id).limit(BATCH)))


def _count(session: Session, which: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(Ticket).where(which)) or 0
