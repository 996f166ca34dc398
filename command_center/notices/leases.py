"""Taking a message out of the queue to send it, so that nobody else does, and what follows.

A lease is committed before the network is called and ends by itself: when the sender is killed meanwhile, the message
is taken again. So a message arrives at least once; its delivery id lets the receiver drop the second.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from command_center.database import insert_or_ignore, table_of
from command_center.notices.models import Outgoing, OutgoingGate
from command_center.notices.outbox import DEAD, PENDING, SENT, SMS

BETWEEN = timedelta(minutes=2)  # between two messages to one recipient
LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 10
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
# A text message nobody could send for a day (there was no gateway) would only puzzle whoever gets it.
STALE_SMS = timedelta(days=1)
LOOK_AGAIN = timedelta(seconds=1)
LONGEST_ERROR = 300


@dataclass(frozen=True)
class Leased:
    """A message in a sender's hands, with what is needed to send it outside any transaction."""

    id: int
    by: str
    delivery_id: str
    channel: str
    recipient: str
    matters: Sequence[Sequence[int | str]]
    words: str | None
    attempts: int


def anything_due(session: Session, now: datetime, channels: Sequence[str]) -> bool:
    """Look, without a lock, whether it is worth taking one."""
    return session.scalar(select(Outgoing.id).where(*_due(now, channels)).limit(1)) is not None


def lease(session: Session, by: str, now: datetime, channels: Sequence[str]) -> Leased | None:
    """Take the message that is due longest, unless its recipient just got one: then it waits. None: not this one."""
    row = session.scalar(
        select(Outgoing)
        .where(*_due(now, channels))
        .order_by(Outgoing.next_at, Outgoing.id)
        .limit(1)
        .with_for_update(of=Outgoing, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if row is None:
        return None
    if row.channel == SMS and row.leased_by is None and row.created_at < now - STALE_SMS:
        row.state, row.last_error = DEAD, "too old: there was no SMS gateway for a day"
        return None
    if row.attempts >= MOST_ATTEMPTS:  # begun so often, and the sender ended each time before it could say how it went
        row.state, row.last_error = DEAD, row.last_error or "the sender was cut short at every attempt"
        return None
    if row.leased_by is None and (before := _tried_before(session, row)) is not None:
        # In order, and no second message to somebody who cannot be reached: more matters may still join this one.
        row.next_at = max(before, now + LOOK_AGAIN)
        return None
    gate = _gate(session, row, now)
    if gate is None or gate.free_at > now:
        row.next_at = gate.free_at if gate is not None else now + LOOK_AGAIN
        return None
    gate.free_at = now + BETWEEN
    row.leased_until, row.leased_by = now + LEASE, by
    row.attempts += 1
    return Leased(row.id, by, row.delivery_id, row.channel, row.recipient, row.matters, row.words, row.attempts)


def sent(session: Session, leased: Leased, now: datetime) -> bool:
    """Note that it arrived. False: the lease ran out meanwhile, and somebody else has it."""
    row = _still_mine(session, leased)
    if row is None:
        return False
    row.state, row.sent_at, row.leased_until, row.words, row.last_error = SENT, now, None, None, None
    _open_gate(session, row, now + BETWEEN)
    return True


def failed(session: Session, leased: Leased, error: str, now: datetime, chance: float, *, final: bool = False) -> bool:
    """Note that it did not arrive: tried again later, or a dead letter. chance: 0 to 1, spreads the retries."""
    row = _still_mine(session, leased)
    if row is None:
        return False
    row.leased_until, row.last_error = None, error[:LONGEST_ERROR]
    if final or row.attempts >= MOST_ATTEMPTS:
        row.state = DEAD
        _open_gate(session, row, now)
    else:
        row.next_at = now + wait_after(row.attempts, chance)
        # Whatever else waits for this recipient waits as well: it would only fail, too.
        _open_gate(session, row, row.next_at)
    return True


def wait_after(attempts: int, chance: float) -> timedelta:
    """How long to wait after so many attempts: 30 s, doubled each time, an hour at most, a fifth more or less."""
    wait = min(FIRST_WAIT * 2 ** (attempts - 1), LONGEST_WAIT)
    return min(wait * (0.8 + 0.4 * chance), LONGEST_WAIT)


def _due(now: datetime, channels: Sequence[str]) -> list[ColumnElement[bool]]:
    return [
        Outgoing.state == PENDING,
        Outgoing.channel.in_(channels),
        Outgoing.next_at <= now,
        or_(Outgoing.leased_until.is_(None), Outgoing.leased_until <= now),
    ]


def _tried_before(session: Session, row: Outgoing) -> datetime | None:
    """When the recipient's message that was tried and did not arrive yet will be tried again; None: there is none."""
    return session.scalar(
        select(Outgoing.next_at)
        .where(
            Outgoing.channel == row.channel,
            Outgoing.recipient == row.recipient,
            Outgoing.state == PENDING,
            Outgoing.leased_by.is_not(None),
        )
        .order_by(Outgoing.next_at)
        .limit(1)
    )


def _gate(session: Session, row: Outgoing, now: datetime) -> OutgoingGate | None:
    """Lock the recipient's gate; None: another sender is at it right now. Never waits, so that none deadlock."""
    key = {"channel": row.channel, "recipient": row.recipient}
    session.execute(insert_or_ignore(session, table_of(OutgoingGate), key | {"free_at": now}))
    return session.scalar(
        select(OutgoingGate)
        .where(OutgoingGate.channel == row.channel, OutgoingGate.recipient == row.recipient)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )


def _still_mine(session: Session, leased: Leased) -> Outgoing | None:
    return session.scalar(
        select(Outgoing)
        .where(
            Outgoing.id == leased.id,
            Outgoing.state == PENDING,
            Outgoing.leased_by == leased.by,
            Outgoing.attempts == leased.attempts,
        )
        .with_for_update(of=Outgoing)
        .execution_options(populate_existing=True)
    )


def _open_gate(session: Session, row: Outgoing, at: datetime) -> None:
    gate = session.get(OutgoingGate, (row.channel, row.recipient), with_for_update=True)
    if gate is not None:
        gate.free_at = at
