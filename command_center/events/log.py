"""The event log: append one event under the ticket's row lock, and prove that nothing was changed since.

Each event carries an HMAC-SHA-256 over its own columns and the previous event's HMAC (`chain`). The last link of
every ticket is kept apart in `chain_heads`, itself covered by the same HMAC, so a cut tail shows (`verification`).
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from command_center.events.chain import GENESIS, HASHED, head_seal, link
from command_center.events.models import ChainHead, TicketEvent, Unpublished
from command_center.events.verification import Fault, one_moment, verify

__all__ = ["GENESIS", "HASHED", "Fault", "append", "count", "head_seal", "link", "one_moment", "verify"]


def append(session: Session, key: bytes, event: TicketEvent, *, first: bool = False) -> TicketEvent:
    """Chain and add one event. The caller holds the ticket's row lock, so `n` cannot be taken twice.

    It is written with the session's next flush, together with others of the transaction.
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
    session.add_all((event, Unpublished(event=event)))
    return event


def count(session: Session, ticket_id: int | None = None) -> int:
    """Count the events of the whole log, or of one ticket."""
    counted = select(func.count()).select_from(TicketEvent)
    if ticket_id is not None:
        counted = counted.where(TicketEvent.ticket_id == ticket_id)
    return session.scalar(counted) or 0
