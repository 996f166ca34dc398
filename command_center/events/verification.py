"""The proof that nothing in the event log was changed: walk every chain, compare every head.

Rows are read as the driver gives them, in pages, so a million events need seconds and no more memory than one page.
"""

import hmac
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Executable, bindparam, column, func, select, table, tuple_
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from command_center.events.chain import GENESIS, SPELT, head_seal, link_of_row

PAGE = 5000
# Named without their types: a value is compared as it stands in the database, whatever somebody made of it.
EVENTS = table("ticket_events", column("id"), column("hash"), *map(column, SPELT))
HEADS = table("chain_heads", column("ticket_id"), column("n"), column("last"), column("seal"))
PUBLISHED = table("published", column("seq"), column("event_id"))
UNPUBLISHED = table("unpublished", column("event_id"))
# The log stands below the tickets, so it only names their table.
TICKETS = table("tickets", column("id"), column("number"))
COLUMNS = [EVENTS.c.id, EVENTS.c.hash, *(EVENTS.c[name] for name in SPELT)]
# Where the columns stand in a row.
_ID, _HASH, _REST = 0, 1, 2
_TICKET, _N, _NUMBER, _PREVIOUS = (SPELT.index(name) + _REST for name in ("ticket_id", "n", "number", "previous_hash"))
_ORDER = (EVENTS.c.ticket_id, EVENTS.c.n, EVENTS.c.id)
# Built once: building a statement costs more than walking one ticket.
_TICKET_ONLY = EVENTS.c.ticket_id == bindparam("ticket")
_AFTER = tuple_(*_ORDER) > tuple_(bindparam("after_ticket"), bindparam("after_n"), bindparam("after_id"))
_IN_ORDER = select(*COLUMNS).order_by(*_ORDER).limit(PAGE)
_OF_TICKET = _IN_ORDER.where(_TICKET_ONLY)
_HEADS = select(HEADS).where(HEADS.c.ticket_id.in_(bindparam("tickets", expanding=True)))
_UNNUMBERED = (
    select(EVENTS.c.ticket_id, EVENTS.c.number, EVENTS.c.n)
    .where(
        ~select(PUBLISHED.c.seq).where(PUBLISHED.c.event_id == EVENTS.c.id).exists(),
        ~select(UNPUBLISHED.c.event_id).where(UNPUBLISHED.c.event_id == EVENTS.c.id).exists(),
    )
    .order_by(EVENTS.c.ticket_id, EVENTS.c.n)
)
_UNNUMBERED_OF_TICKET = _UNNUMBERED.where(_TICKET_ONLY)


@dataclass(frozen=True)
class Fault:
    """The first link of a ticket's chain that does not hold. `number` is `?` and `ticket_id` 0 where unknown."""

    number: str
    ticket_id: int
    n: int
    reason: str


@dataclass
class _Chain:
    """One ticket's chain while it is walked."""

    ticket_id: Any = 0
    number: str = ""
    n: int = 0
    last: str = GENESIS
    id: Any = 0
    head: Sequence[Any] | None = None
    broken: bool = False


def verify(session: Session, key: bytes, ticket_id: int | None = None) -> Iterator[Fault | None]:
    """Walk every chain, or one ticket's; yield None for each good event and a Fault for the first bad one of each.

    A ticket alone says nothing about public numbers whose event is gone: nobody knows whose they were.
    """
    one_moment(session)
    broken: set[int] = set()
    chain = _Chain(broken=True)
    walked = 0
    for page in _pages(session, ticket_id):
        heads = _heads(session, {row[_TICKET] for row in page})
        for row in page:
            if row[_TICKET] != chain.ticket_id:
                yield from _judged(_head_fault(key, chain), chain, broken)
                chain = _Chain(row[_TICKET], head=heads.get(row[_TICKET]))
            reason = _fault(key, row, chain)
            chain.number, chain.n, chain.last, chain.id = row[_NUMBER], row[_N], row[_HASH], row[_ID]
            if reason and not chain.broken:
                yield from _judged(reason, chain, broken)
            else:
                yield None
        walked += len(page)
    yield from _judged(_head_fault(key, chain), chain, broken)
    if ticket_id is None or not walked:
        yield from _gone(session, ticket_id)
    yield from _unnumbered(session, ticket_id, broken)
    if ticket_id is None:
        yield from _numbers_without_event(session)
        total = session.scalar(select(func.count()).select_from(EVENTS)) or 0
        if total != walked:
            yield Fault("?", 0, 0, f"{total - walked} events belong to no ticket")


def one_moment(session: Session) -> None:
    """Let a session that has not begun see one moment of the database, however long it reads while others write.

    SQLite does so anyway; PostgreSQL shows each statement a new moment unless told otherwise.
    """
    if not session.in_transaction() and session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _judged(reason: str | None, chain: _Chain, broken: set[int]) -> Iterator[Fault]:
    if reason and not chain.broken:
        chain.broken = True
        broken.add(chain.ticket_id)
        yield Fault(chain.number, chain.ticket_id, chain.n, reason)


def _pages(session: Session, ticket_id: int | None) -> Iterator[Sequence[Sequence[Any]]]:
    wanted, given = (_IN_ORDER, {}) if ticket_id is None else (_OF_TICKET, {"ticket": ticket_id})
    page = _rows(session, wanted, given)
    while page:
        yield page
        if len(page) < PAGE:
            return
        last = page[-1]
        given |= {"after_ticket": last[_TICKET], "after_n": last[_N], "after_id": last[_ID]}
        page = _rows(session, wanted.where(_AFTER), given)


def _rows(session: Session, statement: Executable, given: dict[str, Any]) -> Sequence[Sequence[Any]]:
    """Read a page. SQLite stores what it is given: bytes that are no text must not end the walk, but show in it."""
    try:
        return session.execute(statement, given).all()
    except OperationalError:
        if session.get_bind().dialect.name != "sqlite":
            raise
    driver: Any = session.connection().connection.driver_connection
    driver.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    try:
        return session.execute(statement, given).all()
    finally:
        driver.text_factory = str


def _heads(session: Session, tickets: Iterable[Any]) -> dict[Any, Sequence[Any]]:
    return {row[0]: row for row in _rows(session, _HEADS, {"tickets": list(tickets)})}


def _fault(key: bytes, row: Sequence[Any], chain: _Chain) -> str | None:
    if row[_N] != chain.n + 1:
        # Told of the place where it should have been.
        return f"event {chain.n + 1} is missing"
    if row[_PREVIOUS] != chain.last:
        return "it does not follow the event before it"
    if not _same(row[_HASH], link_of_row(key, row[_REST:])):
        return "its content was changed"
    # No hash covers the id, which the database gives; but within a ticket ids only rise.
    if row[_ID] <= chain.id:
        return "its place in the log was changed"
    return None


def _head_fault(key: bytes, chain: _Chain) -> str | None:
    if chain.head is None:
        return "the chain's head is gone"
    ticket_id, n, last, seal = chain.head
    if not _same(seal, head_seal(key, ticket_id, n, last)):
        return "the chain's head was changed"
    if (n, last) != (chain.n, chain.last):
        return f"the chain ends at event {chain.n}, its head says {n}"
    return None


def _same(told: Any, computed: str | None) -> bool:
    """Compare in a time that tells nothing; what is no text, or no plain text, is not the same."""
    if computed is None or not isinstance(told, str) or not told.isascii():
        return False
    return hmac.compare_digest(told, computed)


def _gone(session: Session, ticket_id: int | None) -> Iterator[Fault]:
    """Tickets whose whole chain is gone, with and without its head."""
    orphans = select(HEADS.c.ticket_id, HEADS.c.n).where(
        ~select(EVENTS.c.id).where(EVENTS.c.ticket_id == HEADS.c.ticket_id).exists()
    )
    bare = select(TICKETS.c.id, TICKETS.c.number).where(
        ~select(HEADS.c.n).where(HEADS.c.ticket_id == TICKETS.c.id).exists(),
        ~select(EVENTS.c.id).where(EVENTS.c.ticket_id == TICKETS.c.id).exists(),
    )
    if ticket_id is not None:
        orphans, bare = orphans.where(HEADS.c.ticket_id == ticket_id), bare.where(TICKETS.c.id == ticket_id)
    for id, n in session.execute(orphans):
        yield Fault("?", id, n, "all events of the ticket are gone")
    for id, number in session.execute(bare):
        yield Fault(number, id, 0, "the ticket has neither events nor a chain's head")


def _unnumbered(session: Session, ticket_id: int | None, broken: set[int]) -> Iterator[Fault]:
    """Events that the public sequence neither has nor awaits: their id was changed, or their number removed."""
    rows = (
        session.execute(_UNNUMBERED)
        if ticket_id is None
        else session.execute(_UNNUMBERED_OF_TICKET, {"ticket": ticket_id})
    )
    for id, number, n in rows:
        if id not in broken:
            broken.add(id)
            yield Fault(number, id, n, "the public sequence does not have it")


def _numbers_without_event(session: Session) -> Iterator[Fault]:
    lost = select(PUBLISHED.c.seq).where(~select(EVENTS.c.id).where(EVENTS.c.id == PUBLISHED.c.event_id).exists())
    for seq in session.scalars(lost):
        yield Fault("?", 0, 0, f"the event with the public number {seq} is gone")
