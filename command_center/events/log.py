"""The event log: append one event under the ticket's row lock, and prove that nothing was changed since.

Each event carries an HMAC-SHA-256 over its own columns and the previous event's HMAC. The last link of every
ticket is kept apart in `chain_heads`, itself covered by the same HMAC, so a cut tail shows.
"""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import column, func, insert, select, table
from sqlalchemy.orm import Session

from command_center.database import table_of
from command_center.events.canonical import canonical
from command_center.events.models import ChainHead, TicketEvent, Unpublished

GENESIS = "0" * 64
BATCH = 2000
# Every column of an event but its own hash and its id, which the database gives after the hash is made.
HASHED = tuple(c.key for c in TicketEvent.__table__.columns if c.key not in {"id", "hash"})
# The log stands below the tickets, so it only names their table.
TICKETS = table("tickets", column("id"), column("number"))


@dataclass(frozen=True)
class Fault:
    """The first link of a ticket's chain that does not hold."""

    number: str
    ticket_id: int
    n: int
    reason: str


def link(key: bytes, event: TicketEvent) -> str:
    """Compute the HMAC of an event from its columns, as 64 hexadecimal digits."""
    return hmac.new(
        key, canonical({name: _plain(getattr(event, name)) for name in HASHED}).encode(), hashlib.sha256
    ).hexdigest()


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value


def head_seal(key: bytes, ticket_id: int, n: int, last: str) -> str:
    """Seal the head of a chain, so that moving it back needs the key too."""
    return hmac.new(key, f"head:{ticket_id}:{n}:{last}".encode(), hashlib.sha256).hexdigest()


def append(session: Session, key: bytes, event: TicketEvent, *, first: bool = False) -> TicketEvent:
    """Chain and add one event. The caller holds the ticket's row lock, so `n` cannot be taken twice.

    first: the ticket is new in this transaction, so there is no head to look for.
    """
    head = None if first else session.get(ChainHead, event.ticket_id)
    event.n = head.n + 1 if head is not None else 1
    event.previous_hash = head.last if head is not None else GENESIS
    event.hash = link(key, event)
    seal = head_seal(key, event.ticket_id, event.n, event.hash)
    if head is None:
        session.add(ChainHead(ticket_id=event.ticket_id, n=event.n, last=event.hash, seal=seal))
    else:
        head.n, head.last, head.seal = event.n, event.hash, seal
    session.add(event)
    session.flush()
    session.execute(insert(table_of(Unpublished)).values(event_id=event.id))
    return event


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(TicketEvent)) or 0


def verify(session: Session, key: bytes) -> Iterator[Fault | None]:
    """Walk every chain; yield None for each good event and a Fault for the first bad one of each ticket.

    Memory is bounded: events are read in batches in the order of ticket and n.
    """
    broken: set[int] = set()
    ticket_id, last, n, number = 0, GENESIS, 0, ""
    for event in _in_order(session):
        if event.ticket_id != ticket_id:
            if (
                ticket_id
                and (fault := _check_head(session, key, ticket_id, n, last, number))
                and ticket_id not in broken
            ):
                broken.add(ticket_id)
                yield fault
            ticket_id, last, n = event.ticket_id, GENESIS, 0
        number = event.number
        reason = _fault(key, event, n, last)
        last, n = event.hash, event.n
        if reason and ticket_id not in broken:
            broken.add(ticket_id)
            yield Fault(event.number, ticket_id, event.n, reason)
        else:
            yield None
    if ticket_id and ticket_id not in broken:
        fault = _check_head(session, key, ticket_id, n, last, number)
        if fault:
            broken.add(ticket_id)
            yield fault
    orphans = select(ChainHead).where(
        ~select(TicketEvent.id).where(TicketEvent.ticket_id == ChainHead.ticket_id).exists()
    )
    for head in session.scalars(orphans):
        yield Fault("?", head.ticket_id, head.n, "all events of the ticket are gone")
    bare = select(TICKETS.c.id, TICKETS.c.number).where(
        ~select(ChainHead.n).where(ChainHead.ticket_id == TICKETS.c.id).exists(),
        ~select(TicketEvent.id).where(TicketEvent.ticket_id == TICKETS.c.id).exists(),
    )
    for ticket_id, number in session.execute(bare):
        yield Fault(number, ticket_id, 0, "the ticket has neither events nor a chain's head")


def _in_order(session: Session) -> Iterator[TicketEvent]:
    after = (0, 0)
    while True:
        page = session.scalars(
            select(TicketEvent)
            .where(
                (TicketEvent.ticket_id > after[0]) | ((TicketEvent.ticket_id == after[0]) & (TicketEvent.n > after[1]))
            )
            .order_by(TicketEvent.ticket_id, TicketEvent.n)
            .limit(BATCH)
        ).all()
        if not page:
            return
        yield from page
        after = (page[-1].ticket_id, page[-1].n)
        session.expunge_all()


def _fault(key: bytes, event: TicketEvent, n: int, last: str) -> str | None:
    if event.n != n + 1:
        return f"event {n + 1} is missing"
    if event.previous_hash != last:
        return "it does not follow the event before it"
    if not hmac.compare_digest(event.hash, link(key, event)):
        return "its content was changed"
    return None


def _check_head(session: Session, key: bytes, ticket_id: int, n: int, last: str, number: str) -> Fault | None:
    head = session.get(ChainHead, ticket_id)
    if head is None:
        return Fault(number, ticket_id, n, "the chain's head is gone")
    if not hmac.compare_digest(head.seal, head_seal(key, ticket_id, head.n, head.last)):
        return Fault(number, ticket_id, head.n, "the chain's head was changed")
    if (head.n, head.last) != (n, last):
        return Fault(number, ticket_id, n, f"the chain ends at event {n}, its head says {head.n}")
    return None
