"""Reports over HTTP on SQLite with synchronous=FULL, against bare SQLAlchemy inserts of the same rows in the same run.

The peer writes, per report, the rows that a report leaves behind (ticket, four due steps, event, chain head,
unpublished mark, repeatable write, counter) in one transaction with SQLAlchemy Core: no placing, no clocks, no
HMAC, no HTTP.
"""

import http.client
import json
import statistics
import tempfile
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import event, insert, select

from command_center import migrations
from command_center.database import Sessions, make_engine
from command_center.models import ChainHead, DueStep, RepeatableWrite, Ticket, TicketCounter, TicketEvent, Unpublished
from tests.served import served

REPORTS = 600
CLIENTS = 4
TABLES = (Ticket, DueStep, TicketEvent, ChainHead, Unpublished, RepeatableWrite)


def run() -> list[dict[str, Any]]:
    with served(COMMAND_CENTER_SWEEP_SECONDS="20", COMMAND_CENTER_RELAY_SECONDS="5") as server:
        headers = server.headers("grid")
        me = httpx.get(f"{server.url}/api/v1/me", headers=headers).json()
        place = httpx.get(f"{server.url}/api/v1/regions/{me['region']['code']}", headers=headers).json()
        body = json.dumps(
            {
                "category": "0507",
                "description": "线缆脱落",
                "lon": place["lon"],
                "lat": place["lat"],
                "datum": "wgs84",
                "accuracy_m": 8,
                "photos": [],
            }
        ).encode()
        post_many(server.url, headers, body, 100)  # warm up
        one = [post_many(server.url, headers, body, 100) / 100 for _ in range(3)]
        together = timed_clients(server.url, headers, body)
        rows = rows_of_reports(server.home / "command_center.db", 200)
        bare = bare_inserts(rows)
    seconds = min(one)
    return [
        {
            "name": "report over HTTP, one client",
            "value": 1 / seconds,
            "unit": "reports/s",
            "peer": "bare SQLAlchemy inserts",
            "ratio": seconds / bare,
            "aim": "at most 8 × slower",
            "ok": seconds <= 8 * bare,
        },
        {
            "name": f"report over HTTP, {CLIENTS} clients",
            "value": REPORTS / together,
            "unit": "reports/s",
            "peer": "bare SQLAlchemy inserts",
            "ratio": together / REPORTS / bare,
            "aim": "",
            "ok": None,
        },
        {
            "name": "bare SQLAlchemy inserts of the same rows",
            "value": 1 / bare,
            "unit": "reports/s",
            "peer": "",
            "ratio": None,
            "aim": "",
            "ok": None,
        },
    ]


def post_many(url: str, headers: dict[str, str], body: bytes, count: int) -> float:
    """Post reports one after the other on one connection. Returns seconds.

    The standard library's client: the fewer microseconds the client takes, the more of the time is the server's.
    """
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
    start = time.perf_counter()
    for _ in range(count):
        named = {**headers, "Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        connection.request("POST", "/api/v1/reports", body, named)
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == 201, content
    seconds = time.perf_counter() - start
    connection.close()
    return seconds


def timed_clients(url: str, headers: dict[str, str], body: bytes) -> float:
    threads = [
        threading.Thread(target=post_many, args=(url, headers, body, REPORTS // CLIENTS)) for _ in range(CLIENTS)
    ]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - start


def rows_of_reports(database: Path, count: int) -> list[dict[Any, list[dict[str, Any]]]]:
    """Read back what the last reports wrote, by table."""
    sessions = Sessions(make_engine(f"sqlite:///{database}"))
    with sessions.read() as session:
        tickets = session.execute(select(Ticket.__table__).order_by(Ticket.id.desc()).limit(count)).mappings().all()
        found = []
        for ticket in tickets:
            rows: dict[Any, list[dict[str, Any]]] = {Ticket: [dict(ticket)]}
            for table in (DueStep, TicketEvent, ChainHead, RepeatableWrite):
                matches = session.execute(select(table.__table__).where(table.ticket_id == ticket["id"]))
                rows[table] = [dict(row) for row in matches.mappings()]
            rows[Unpublished] = [{"event_id": row["id"]} for row in rows[TicketEvent]]
            found.append(rows)
    sessions.engine.dispose()
    return found


def bare_inserts(reports: list[dict[Any, list[dict[str, Any]]]]) -> float:
    """Insert the same rows into an empty database of the same schema. Returns seconds a report, the median of three."""
    rounds = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            engine = make_engine(f"sqlite:///{folder}/bare.db")
            migrations.upgrade(engine)
            engine.dispose()
            # The peer has no reference data, so it does not check foreign keys.
            event.listen(engine, "connect", lambda connection, record: connection.execute("PRAGMA foreign_keys=OFF"))
            with engine.execution_options(writing=True).connect() as connection:
                start = time.perf_counter()
                for number, rows in enumerate(reports):
                    with connection.begin():
                        for table in TABLES:
                            connection.execute(insert(table.__table__), rows[table])
                        key = {
                            "county_code": "210882000000",
                            "day": rows[Ticket][0]["created_at"].date(),
                            "last": number,
                        }
                        connection.execute(insert(TicketCounter.__table__).prefix_with("OR REPLACE"), key)
                rounds.append((time.perf_counter() - start) / len(reports))
            engine.dispose()
    return statistics.median(rounds)
