"""What an attacker with the database's own password could do, for tests that must notice it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import create_engine, event, text
from sqlalchemy.orm import Session

from command_center.events import log
from command_center.events.log import Fault
from tests.county import County


def tamper(county: County, *statements: str, **values: Any) -> None:
    """Write past the triggers and foreign keys that protect the event log."""
    if county.kind == "sqlite":
        with closing(sqlite3.connect(county.settings.home / "command_center.db")) as connection, connection:
            for verb in ("update", "delete"):
                connection.execute(f"DROP TRIGGER IF EXISTS ticket_events_no_{verb}")
            for statement in statements:
                assert connection.execute(statement, values).rowcount > 0, "nothing was tampered with"
        return
    with county.sessions.engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for statement in statements:
            assert connection.execute(text(statement), values).rowcount > 0, "nothing was tampered with"


@contextmanager
def unguarded(county: County, *more: str) -> Iterator[Session]:
    """One transaction without triggers, foreign keys and checks, in which an attacker may try things out.

    more: statements to start with, such as dropping an index. Everything is rolled back at the end.
    """
    engine = create_engine(county.sessions.engine.url)
    if county.kind == "sqlite":
        # Foreign keys are off on a connection that does not ask for them.
        event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        first = [f"DROP TRIGGER ticket_events_no_{verb}" for verb in ("update", "delete", "replace")]
    else:
        first = ["SET LOCAL session_replication_role = replica"]
    try:
        with Session(engine) as session:
            for statement in (*first, *more):
                session.execute(text(statement))
            yield session
            session.rollback()
    finally:
        engine.dispose()


def faults(county: County) -> list[Fault]:
    with county.sessions.read() as session:
        return [fault for fault in log.verify(session, county.settings.chain_key) if fault is not None]
