"""Very many open tickets in seconds: a few real ones, and copies of all their rows, with chains that verify.

The few are made by the tickets' own verbs. Their rows are copied inside the database; only the events come by way of
Python, because each link of a chain is an HMAC over the copy's own number and id.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, create_engine, delete, insert, select, text
from sqlalchemy.engine import Connection

from command_center.database import UtcDateTime, table_of
from command_center.events.chain import GENESIS, SPELT, head_seal, link_of_row
from command_center.models import ChainHead, DueStep, Ticket, TicketEvent
from command_center.tickets.clockwork import DUE, WARN

TICKETS, STEPS, EVENTS, HEADS = (table_of(model) for model in (Ticket, DueStep, TicketEvent, ChainHead))
MOMENTS = [column.name for column in TICKETS.columns if isinstance(column.type, UtcDateTime)]
SHIFTS = 50
AT_ONCE = 20_000
DONE = {WARN: "warned", DUE: "overdue"}


@dataclass(frozen=True)
class Pattern:
    """Copies of one real ticket of which this step falls due; `weight`: how many of a hundred are such."""

    ticket_id: int
    clock: str
    step: str
    weight: int


class Copier:
    """Copies tickets in one database. `falling` patterns have a step that is due at `now`, the others none."""

    def __init__(self, engine: Engine, key: bytes, now: datetime) -> None:
        self._key, self._now = key, now
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._bare = create_engine(engine.url)

    def copy(self, patterns: Sequence[Pattern], count: int, *, due: bool) -> None:
        """Make so many copies, each moved in time: until its step is due, or until its first step is not."""
        with self._bare.connect() as connection:
            if not self._is_sqlite:
                connection.exec_driver_sql("SET session_replication_role = replica")
            with _without_indexes(connection):
                for first in range(0, count, AT_ONCE):
                    self._copy_some(connection, patterns, min(AT_ONCE, count - first), due)
            connection.commit()
        if not self._is_sqlite:
            with self._bare.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE tickets, due_steps, ticket_events, chain_heads")

    def close(self) -> None:
        self._bare.dispose()

    def _copy_some(self, connection: Connection, patterns: Sequence[Pattern], count: int, due: bool) -> None:
        """Write the patterns as tickets with ids below zero, copy them by SQL, and remove them again."""
        shaped = self._write_patterns(connection, patterns, due)
        first = 1 + (connection.scalar(text("SELECT max(id) FROM tickets")) or 0)
        chosen = [shaped[n * 7919 % len(shaped)] for n in range(count)]
        connection.execute(text("CREATE TEMPORARY TABLE copies (id INTEGER PRIMARY KEY, pattern INTEGER)"))
        self._put(
            connection, "copies", ("id", "pattern"), [(first + n, pattern) for n, (pattern, _) in enumerate(chosen)]
        )
        names = [column.name for column in TICKETS.columns if column.name not in ("id", "number")]
        connection.execute(
            text(
                f"INSERT INTO tickets (id, number, {', '.join(names)}) "
                f"SELECT c.id, '210882-20261120-' || c.id || '-0', {', '.join('t.' + name for name in names)} "
                "FROM copies c JOIN tickets t ON t.id = c.pattern ORDER BY c.id"
            )
        )
        steps = "clock, generation, step, due_at, done_at, outcome"
        connection.execute(
            text(
                f"INSERT INTO due_steps (ticket_id, {steps}) "
                f"SELECT c.id, {steps} FROM copies c JOIN due_steps s ON s.ticket_id = c.pattern ORDER BY c.id"
            )
        )
        connection.execute(text("DROP TABLE copies"))
        for table, name in ((STEPS, "ticket_id"), (TICKETS, "id")):
            connection.execute(delete(table).where(table.c[name] < 0))
        self._write_events(connection, first, [ticket_id for _, ticket_id in chosen])

    def _write_patterns(self, connection: Connection, patterns: Sequence[Pattern], due: bool) -> list[tuple[int, int]]:
        """Returns (id of a pattern, id of the real ticket), as often as its weight says."""
        found: list[tuple[int, int]] = []
        tickets, steps = [], []
        for number, pattern in enumerate(patterns):
            ticket = dict(connection.execute(select(TICKETS).where(TICKETS.c.id == pattern.ticket_id)).mappings().one())
            own = select(STEPS).where(
                STEPS.c.ticket_id == pattern.ticket_id, STEPS.c.outcome.is_distinct_from("cancelled")
            )
            rows = [dict(row) for row in connection.execute(own).mappings()]
            falling = next(r["due_at"] for r in rows if (r["clock"], r["step"]) == (pattern.clock, pattern.step))
            for shift in range(SHIFTS):
                id = -1 - number * SHIFTS - shift
                # Due: within the last hour. Not due: the first step comes within the next ten days.
                falls = self._now - timedelta(seconds=70 * shift) if due else self._now + timedelta(hours=1 + 5 * shift)
                by = falls - (falling if due else min(row["due_at"] for row in rows))
                moved = {name: ticket[name] + by for name in MOMENTS if ticket[name] is not None}
                tickets.append(ticket | moved | {"id": id, "number": f"pattern {id}"})
                steps += [_step(row, id, by, before=falls) for row in rows]
                found += [(id, pattern.ticket_id)] * pattern.weight
        connection.execute(insert(TICKETS), tickets)
        connection.execute(insert(STEPS), steps)
        return found

    def _write_events(self, connection: Connection, first: int, real: list[int]) -> None:
        """Copy the events of each copy's real ticket, linked anew."""
        at = {name: place for place, name in enumerate(SPELT)}
        columns = [EVENTS.c[name] for name in SPELT]
        originals = {
            ticket_id: [
                [self._raw(value, column) for value, column in zip(row, columns, strict=True)]
                for row in connection.execute(
                    select(*columns).where(EVENTS.c.ticket_id == ticket_id).order_by(EVENTS.c.n)
                )
            ]
            for ticket_id in set(real)
        }
        events, heads = [], []
        for id, ticket_id in enumerate(real, first):
            last = GENESIS
            for original in originals[ticket_id]:
                row = original.copy()
                row[at["ticket_id"]], row[at["number"]], row[at["previous_hash"]] = id, f"210882-20261120-{id}-0", last
                last = link_of_row(self._key, row) or ""
                events.append((last, *row))
            n = len(originals[ticket_id])
            heads.append((id, n, last, head_seal(self._key, id, n, last)))
        newest = connection.scalar(text("SELECT max(id) FROM ticket_events"))
        self._put(connection, "ticket_events", ("hash", *SPELT), events)
        connection.execute(
            text(
                "INSERT INTO published (seq, event_id) "
                "SELECT (SELECT coalesce(max(seq), 0) FROM published) + row_number() OVER (ORDER BY id), id "
                "FROM ticket_events WHERE id > :newest"
            ),
            {"newest": newest},
        )
        self._put(connection, "chain_heads", ("ticket_id", "n", "last", "seal"), heads)

    def _raw(self, value: Any, column: Any) -> Any:
        """A value as the driver keeps it: times and JSON as text."""
        bind = column.type.dialect_impl(self._bare.dialect).bind_processor(self._bare.dialect)
        value = bind(value) if bind is not None else value
        return f"{value:%Y-%m-%d %H:%M:%S.%f}" if self._is_sqlite and isinstance(value, datetime) else value

    def _put(self, connection: Connection, table: str, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        driver: Any = connection.connection.driver_connection
        if self._is_sqlite:
            driver.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", rows)
            return
        with driver.cursor().copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _step(row: dict[str, Any], ticket_id: int, by: timedelta, before: datetime) -> dict[str, Any]:
    """A step of a copy; what would have come before its time was done then."""
    due_at = row["due_at"] + by
    gone = due_at < before
    kept = {name: row[name] for name in ("clock", "generation", "step")}
    return kept | {
        "ticket_id": ticket_id,
        "due_at": due_at,
        "done_at": due_at if gone else None,
        "outcome": DONE.get(row["step"], row["step"]) if gone else None,
    }


@contextmanager
def _without_indexes(connection: Connection) -> Iterator[None]:
    """Drop the indexes and make them again at the end: quicker than to keep twenty of them up to date."""
    dropped = [index for table in (TICKETS, STEPS) for index in table.indexes]
    for index in dropped:
        index.drop(connection)
    yield
    for index in dropped:
        index.create(connection)
