"""How fast the event log is verified, on both engines: BENCH_LOG_EVENTS=1000000 for the full size.

The log is written in bulk with right hashes, eight events a ticket, the events of 500 tickets mixed as in real life.
"""

import os
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url

from command_center import migrations
from command_center.database import Sessions, make_engine
from command_center.events import log
from command_center.events.canonical import canonical
from command_center.events.chain import GENESIS, SPELT, head_seal, link_of_row
from tests.county import a_database
from tests.requirements import POSTGRESQL, _postgresql_fault

EVENTS = int(os.environ.get("BENCH_LOG_EVENTS", "200000"))
KEY = b"the benchmark's own key"
OF_A_TICKET, TOGETHER = 8, 500
# A million in two minutes.
AIM = 1_000_000 / 120
COLUMNS = ("id", "hash", *SPELT)
START = datetime(2026, 1, 1, tzinfo=UTC)


def run() -> list[dict[str, Any]]:
    lines = []
    for name, opened in (("SQLite", sqlite), ("PostgreSQL", postgresql)):
        with opened() as engine:
            if engine is None:
                print("  no PostgreSQL server: left out")
                continue
            start = time.perf_counter()
            write(engine)
            written = time.perf_counter() - start
            start, busy = time.perf_counter(), time.process_time()
            with Sessions(engine).read() as session:
                log.one_moment(session)
                total = log.count(session)
                faults = sum(1 for fault in log.verify(session, KEY) if fault is not None)
            took, busy = time.perf_counter() - start, time.process_time() - busy
        assert (total, faults) == (EVENTS // OF_A_TICKET * OF_A_TICKET, 0), (total, faults)
        lines += [
            {
                "name": f"{name}: events verified a second ({total:,} in {took:.1f} s, CPU {busy:.1f} s)",
                "value": total / took,
                "unit": "events/s",
                "aim": f"{AIM:,.0f} (a million in 2 min)",
                "ok": total / took >= AIM,
            },
            {"name": f"{name}: events written in bulk a second", "value": total / written, "unit": "events/s"},
        ]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*lines, {"name": "most memory of this process", "value": peak, "unit": "MB"}]


@contextmanager
def sqlite() -> Iterator[Engine]:
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'log.db'}")
        migrations.upgrade(engine)
        yield engine
        engine.dispose()


@contextmanager
def postgresql() -> Iterator[Engine | None]:
    if _postgresql_fault():
        yield None
        return
    with a_database(POSTGRESQL) as url:
        engine = make_engine(url)
        migrations.upgrade(engine)
        yield engine
        engine.dispose()


def write(engine: Engine) -> None:
    """Write the log past triggers and foreign keys: there are no tickets, only their histories."""
    bare = create_engine(make_url(engine.url))
    connection = bare.raw_connection()
    driver: Any = connection.driver_connection
    is_sqlite = engine.dialect.name == "sqlite"
    if not is_sqlite:
        driver.execute("SET session_replication_role = replica")
    id = 0
    for first in range(1, EVENTS // OF_A_TICKET + 1, TOGETHER):
        tickets = range(first, min(first + TOGETHER, EVENTS // OF_A_TICKET + 1))
        events, heads = block(tickets, id, is_sqlite)
        put(driver, is_sqlite, "ticket_events", COLUMNS, events)
        put(driver, is_sqlite, "chain_heads", ("ticket_id", "n", "last", "seal"), heads)
        put(driver, is_sqlite, "published", ("seq", "event_id"), [(row[0], row[0]) for row in events])
        id += len(events)
    driver.commit()
    if not is_sqlite:
        driver.autocommit = True
        driver.execute("VACUUM ANALYZE ticket_events, chain_heads, published")
    connection.close()
    bare.dispose()


def block(tickets: range, id: int, is_sqlite: bool) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The events of some tickets, mixed, and their heads."""
    last = dict.fromkeys(tickets, GENESIS)
    events = []
    for n in range(1, OF_A_TICKET + 1):
        for ticket in tickets:
            id += 1
            values = columns(ticket, n, id, last[ticket])
            if is_sqlite:
                values["at"] = f"{values['at']:%Y-%m-%d %H:%M:%S.%f}"
            row = [values[name] for name in SPELT]
            last[ticket] = link_of_row(KEY, row) or ""
            events.append((id, last[ticket], *row))
    return events, [
        (ticket, OF_A_TICKET, end, head_seal(KEY, ticket, OF_A_TICKET, end)) for ticket, end in last.items()
    ]


def columns(ticket: int, n: int, id: int, previous: str) -> dict[str, Any]:
    holder = {"kind": "department", "code": "power", "name": "国网大石桥市供电公司"}
    at = START + timedelta(seconds=20 * id)
    details = {"from_holder": holder, "to_holder": holder, "due_at": at.isoformat(), "tier_due_at": at.isoformat()}
    return {
        "ticket_id": ticket,
        "number": f"210882-20260101-{ticket:05d}-1",
        "n": n,
        "at": at,
        "action": "dispatch",
        "actor_id": 17,
        "actor_username": "county",
        "actor_name": "市指挥中心",
        "actor_role": "county_officer",
        "from_node": "dispatch",
        "from_tier": "county",
        "to_node": "handle",
        "to_tier": "county",
        "grid_code": "2108820040041001",
        "base_grid_code": None,
        "village_code": "210882004004",
        "town_code": "210882004000",
        "county_code": "210882000000",
        "department_code": "power",
        "from_department_code": None,
        "note": "请于今日内处置并反馈，注意现场安全。",
        "details": canonical(details),
        "previous_hash": previous,
    }


def put(driver: Any, is_sqlite: bool, table: str, names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    if is_sqlite:
        driver.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", rows)
        return
    with driver.cursor().copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
