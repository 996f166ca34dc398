"""What an attacker with the database's own password could do, for tests that must notice it."""

import sqlite3
from contextlib import closing
from typing import Any

from sqlalchemy import text

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


def faults(county: County) -> list[Fault]:
    with county.sessions.read() as session:
        return [fault for fault in log.verify(session, county.settings.chain_key) if fault is not None]
