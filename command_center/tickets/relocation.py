"""After a new edition of the map took effect: accounts follow their regions, then open tickets are placed anew.

The tickets go in batches, each a transaction of its own. A ticket says itself in which edition it was placed, so
nothing has to remember how far it came: whoever is killed in between loses nothing, whoever comes next goes on, and a
report that a process with the old map in memory still took in is found, too. Closed tickets keep their grid.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from command_center.database import Sessions
from command_center.people.following import follow as accounts_follow
from command_center.regions import editions
from command_center.regions.models import MapEdition
from command_center.tickets.models import Ticket
from command_center.tickets.moving import Followed, follow
from command_center.tickets.office import Office
from command_center.tickets.record import load_regions

log = logging.getLogger(__name__)
BATCH = 50

Clock = Callable[[], datetime]


@dataclass
class Relocated:
    """What was done: open tickets looked at, moved to another grid, found outside the new map, and failed.

    `finished`: nothing is left to do. Not so while this process still has the map before in memory.
    """

    looked_at: int = 0
    moved: int = 0
    outside: int = 0
    failed: int = 0
    finished: bool = True


def enter_due(sessions: Sessions, now: datetime) -> bool:
    """Let the scheduled edition of the map take effect if its time has come. Returns whether one did."""
    with sessions.read() as session:
        if editions.scheduled_version(session, now) is None:
            return False
    with sessions.begin() as session:
        entered = editions.enter_due(session, now)
    if entered is not None:
        log.info("edition %s of the map is in force", entered.version)
    return entered is not None


def left(session: Session) -> int:
    """Count the open tickets still to be placed in the edition in force."""
    version = editions.version_in_force(session)
    return session.scalar(select(func.count()).select_from(Ticket).where(*_behind(version))) or 0


def is_pending(session: Session) -> bool:
    """Say, with two small questions, whether anything has to follow the edition in force."""
    version = editions.version_in_force(session)
    if session.scalar(select(Ticket.id).where(*_behind(version)).limit(1)) is not None:
        return True
    return session.scalar(select(MapEdition.version).where(*_unfinished()).limit(1)) is not None


def relocate_all(
    sessions: Sessions,
    office: Office,
    clock: Clock,
    *,
    tell: Callable[[int], object] = lambda done: None,
    enough: Callable[[], bool] = lambda: False,
) -> Relocated:
    """Let accounts and open tickets follow the edition in force. Running it again goes on where it stopped.

    tell: hears how many tickets were looked at; enough: stops between two batches. One process works at a time; who
    finds another at it leaves it alone.
    """
    done = Relocated()
    with sessions.read() as session:
        if not is_pending(session):
            return done
        done.finished = False
        version = editions.version_in_force(session)
    if office.map_edition != version or not _let_accounts_follow(sessions, version):
        return done
    heirs: Mapping[str, str] | None = None
    through = 0
    while not enough():
        with sessions.begin() as session:
            edition = _mine(session, version)
            if edition is None:
                return done
            heirs = _main_heirs(session, version) if heirs is None else heirs
            batch = Relocated()
            ids = _one_batch(session, office, version, through, heirs, clock, batch)
            _count(edition, batch)
            if not ids:
                _finish(session, version, clock())
        done.looked_at, done.moved = done.looked_at + batch.looked_at, done.moved + batch.moved
        done.outside, done.failed = done.outside + batch.outside, done.failed + batch.failed
        if not ids:
            break
        through = ids[-1]
        tell(len(ids))
    with sessions.read() as session:
        done.finished = not is_pending(session)
    return done


def _behind(version: int) -> tuple[ColumnElement[bool], ...]:
    return Ticket.closed_at.is_(None), Ticket.map_edition < version


def _unfinished() -> tuple[ColumnElement[bool], ...]:
    return MapEdition.entered_at.is_not(None), MapEdition.finished_at.is_(None)


def _mine(session: Session, version: int) -> MapEdition | None:
    """Take the edition's row lock. None: another process has it, or a newer edition took effect meanwhile."""
    if editions.version_in_force(session) != version:
        return None
    found = select(MapEdition).where(MapEdition.version == version).with_for_update(skip_locked=True)
    return session.scalar(found.execution_options(populate_existing=True))


def _let_accounts_follow(sessions: Sessions, version: int) -> bool:
    """Let the accounts follow each edition that took effect, oldest first. False: another process is at it."""
    with sessions.begin() as session:
        if _mine(session, version) is None:
            return False
        waiting = select(MapEdition).where(*_unfinished(), MapEdition.people.is_(None)).order_by(MapEdition.version)
        for edition in session.scalars(waiting):
            ended = editions.ended(session, edition.version)
            moved = accounts_follow(session, ended, editions.successors(session, edition.version))
            edition.people = {"accounts": moved}
    return True


def _main_heirs(session: Session, version: int) -> dict[str, str]:
    """Where most of each region that ended went, through all editions that some open ticket has not followed yet."""
    first = session.scalar(select(func.min(Ticket.map_edition)).where(*_behind(version))) or version
    heirs: dict[str, str] = {}
    for number in range(first + 1, version + 1):
        if editions.edition(session, number).withdrawn_at is not None:
            continue
        step = {code: str(lines[0].new) for code, lines in editions.successors(session, number).items()}
        heirs = {code: step.get(heir, heir) for code, heir in heirs.items()} | step
    return heirs


def _one_batch(
    session: Session,
    office: Office,
    version: int,
    through: int,
    heirs: Mapping[str, str],
    clock: Clock,
    done: Relocated,
) -> list[int]:
    """Look at the next tickets by id; one that somebody has open in an action is left for the next run."""
    behind = select(Ticket).where(*_behind(version), Ticket.id > through).order_by(Ticket.id).limit(BATCH)
    tickets = session.scalars(behind.with_for_update(of=Ticket, skip_locked=True)).all()
    load_regions(session, tickets)
    for ticket in tickets:
        done.looked_at += 1
        try:
            with session.begin_nested():
                found = follow(session, office, ticket, heirs, clock())
        except Exception:
            done.failed += 1
            log.exception("ticket %s could not be placed in edition %s of the map", ticket.number, version)
            continue
        done.moved += found is Followed.MOVED
        done.outside += found is Followed.OUTSIDE
    return [ticket.id for ticket in tickets]


def _count(edition: MapEdition, batch: Relocated) -> None:
    """Add to the edition's report what became of the open tickets."""
    counts = dict(edition.counts)
    for name, count in (
        ("tickets_looked_at", batch.looked_at - batch.failed),
        ("tickets_moved", batch.moved),
        ("tickets_outside", batch.outside),
    ):
        counts[name] = counts.get(name, 0) + count
    edition.counts = counts


def _finish(session: Session, version: int, now: datetime) -> None:
    """Note that everything has followed, unless a ticket was left aside."""
    if session.scalar(select(Ticket.id).where(*_behind(version)).limit(1)) is None:
        for edition in session.scalars(select(MapEdition).where(*_unfinished())):
            edition.finished_at = now
