"""The database: declarative base, engine, and the two ways to open a session.

`sessions.begin()` is one write transaction, `sessions.read()` one consistent read. SQLite has one writer at a
time: writers of this process queue at a lock of their own before `BEGIN IMMEDIATE`, which is fair and does not
block a gevent loop as SQLite's busy handler would (docs/adr/0003).
"""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import DateTime, Dialect, Engine, Executable, MetaData, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry, NullPool
from sqlalchemy.types import TypeDecorator

BUSY_SECONDS = 30


class Base(DeclarativeBase):
    """The one registry of tables; constraint names are spelt out so that Alembic can find them again."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime on both engines. SQLite keeps it naive; a naive value from code is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone may not be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def make_engine(url: str, *, pooled: bool = True) -> Engine:
    """Create the engine for SQLite or PostgreSQL, with the durability that acknowledged reports need.

    Not pooled: each connection is a new one. For a rare look from within somebody's transaction: were it to wait for
    the pool, it would wait for those who wait for that very transaction.
    """
    parsed = make_url(url)
    apart: dict[str, Any] = {} if pooled else {"poolclass": NullPool}
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            parsed,
            connect_args={"timeout": BUSY_SECONDS, "isolation_level": None, "check_same_thread": False},
            **apart,
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(parsed, **(apart or {"pool_size": 10, "max_overflow": 20, "pool_pre_ping": True}))


def _prepare_sqlite(connection: Any, record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        # Without it, INSERT OR REPLACE deletes a row without firing the triggers that protect the event log.
        "recursive_triggers=ON",
        "cache_size=-32000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


class Sessions:
    """Opens sessions on one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._writing = engine.execution_options(writing=True)
        self._one_writer: AbstractContextManager[Any] = threading.RLock() if self.is_sqlite else nullcontext()

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Open one write transaction; commit at the end, roll back on any error."""
        with self._one_writer, Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session for reading only; what it changes is thrown away."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session


def table_of(model: type[Base]) -> Table:
    """The table of a mapped class, for statements that need no objects and so are quicker without the mapper."""
    return cast(Table, model.__table__)


def insert_or_ignore(session: Session, table: Any, values: dict[str, Any]) -> Executable:
    """Build an INSERT that does nothing when the key is there; on PostgreSQL it waits for whoever is writing it.

    Its result's `rowcount` tells whether the row is new; SQLAlchemy keeps it for psycopg only when asked to.
    """
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    return insert(table).values(values).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
