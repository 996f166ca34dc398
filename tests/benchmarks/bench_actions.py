"""Actions per second over HTTP on SQLite with synchronous=FULL, against bare SQLAlchemy writes of the same rows.

Each client walks matters of its own along the main line: accept, remind, claim, dispatch, resolve, close, by the person
whose turn it is. The peer changes, per action, the rows that one action changes (ticket, chain head; event, unpublished
mark and due steps come anew) in one transaction with SQLAlchemy Core: no rules, no clocks, no HMAC, no HTTP.
"""

import http.client
import json
import os
import statistics
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import event, insert, select, update

from command_center import migrations
from command_center.database import Sessions, make_engine, table_of
from command_center.models import ChainHead, DueStep, Ticket, TicketEvent, Unpublished
from tests.served import Served, served

MATTERS = int(os.environ.get("BENCH_ACTIONS_MATTERS", "40"))
CLIENTS = 4
BULK = 200
# A tenancy record: the village settles it. The power company has a demo account.
CATEGORY = "0108"
LINE: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("accept", "village", {}),
    ("remind", "hotline", {"note": "请尽快"}),
    ("claim", "village", {}),
    ("dispatch", "village", {"department": "power"}),
    ("resolve", "department", {"note": "已处置"}),
    ("close", "village", {"note": "电话核实"}),
)
MOST_TIMES_BARE = 8.0


def run() -> list[dict[str, Any]]:
    """Lines `{name, value, unit, peer, ratio, aim, ok}`."""
    with served(COMMAND_CENTER_SWEEP_SECONDS="20", COMMAND_CENTER_RELAY_SECONDS="5") as server:
        body = _a_report(server)
        headers = {name: server.headers(name) for name in ("grid", *{who for _, who, _ in LINE})}
        one_client = Client(server.url, headers)
        _walk(one_client, one_client.report_some(body, 5))  # warm up
        alone = [_timed(server, headers, body, 1) for _ in range(3)]
        together = _timed(server, headers, body, CLIENTS)
        bulk = _bulk(one_client, body)
        bare = _bare_writes(server.home / "command_center.db", len(LINE) * MATTERS)
    each = min(alone)
    return [
        {
            "name": "action over HTTP, one client",
            "value": 1 / each,
            "unit": "actions/s",
            "peer": "bare SQLAlchemy writes",
            "ratio": each / bare,
            "aim": f"at most {MOST_TIMES_BARE:g} × slower",
            "ok": each <= MOST_TIMES_BARE * bare,
        },
        {
            "name": f"action over HTTP, {CLIENTS} clients",
            "value": 1 / together,
            "unit": "actions/s",
            "peer": "bare SQLAlchemy writes",
            "ratio": together / bare,
        },
        {"name": "bare SQLAlchemy writes of the same rows", "value": 1 / bare, "unit": "actions/s"},
        {
            "name": f"one bulk action on {BULK} tickets",
            "value": bulk,
            "unit": "s",
            "peer": "as many single actions",
            "ratio": bulk / (BULK * each),
        },
    ]


@dataclass
class Client:
    """A connection that lets several people act. The standard library's client: it takes the fewest microseconds."""

    url: str
    headers: dict[str, dict[str, str]]

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=60)

    def post(self, path: str, by: str, body: bytes, **named: str) -> Any:
        """Post JSON. Raises: AssertionError for any answer that is not a success."""
        spelt = {name.replace("_", "-"): value for name, value in named.items()}
        headers = {**self.headers[by], "Content-Type": "application/json", **spelt}
        self._connection.request("POST", f"/api/v1/{path}", body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        assert answer.status in (200, 201), (answer.status, content)
        return json.loads(content)

    def report_some(self, body: bytes, count: int) -> list[dict[str, Any]]:
        return [self.post("reports", "grid", body, Idempotency_Key=str(uuid.uuid4())) for _ in range(count)]


def _a_report(server: Served) -> bytes:
    headers = server.headers("grid")
    me = httpx.get(f"{server.url}/api/v1/me", headers=headers, timeout=30).json()
    place = httpx.get(f"{server.url}/api/v1/regions/{me['region']['code']}", headers=headers, timeout=30).json()
    words = {"category": CATEGORY, "description": "出租房屋未登记", "datum": "wgs84", "accuracy_m": 8, "photos": []}
    return json.dumps(words | {"lon": place["lon"], "lat": place["lat"]}).encode()


def _timed(server: Served, headers: dict[str, dict[str, str]], body: bytes, count: int) -> float:
    """Let so many clients act at once. Returns seconds an action; the reports are not counted."""
    clients = [Client(server.url, headers) for _ in range(count)]
    matters = [client.report_some(body, MATTERS // count) for client in clients]
    threads = [threading.Thread(target=_walk, args=pair) for pair in zip(clients, matters, strict=True)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - start
    done = [
        client.post(f"tickets/{own[-1]['number']}/actions/rate", "grid", b'{"score": 5}', If_Match="*")
        for client, own in zip(clients, matters, strict=True)
        if own
    ]
    assert all(ticket["node"] == "closed" for ticket in done), "a client did not come to the end"
    return seconds / (sum(map(len, matters)) * len(LINE))


def _walk(client: Client, tickets: list[dict[str, Any]]) -> None:
    """Walk tickets along the main line, all of them a step at a time."""
    for action, by, form in LINE:
        body = json.dumps(form).encode()
        for place, ticket in enumerate(tickets):
            path = f"tickets/{ticket['number']}/actions/{action}"
            tickets[place] = client.post(path, by, body, If_Match=f'"{ticket["version"]}"')


def _bulk(client: Client, body: bytes) -> float:
    """Accept 200 tickets in one request. Returns seconds."""
    tickets = client.report_some(body, BULK)
    items = [{"number": ticket["number"], "version": ticket["version"]} for ticket in tickets]
    start = time.perf_counter()
    answer = client.post("tickets/actions/accept", "village", json.dumps({"items": items}).encode())
    seconds = time.perf_counter() - start
    assert answer["done"] == BULK, answer
    return seconds


def _bare_writes(database: Path, count: int) -> float:
    """Write into an empty database of the same schema what the last actions wrote. Returns seconds an action."""
    ticket_rows, event_rows, step_rows = _rows(database, count)
    tables = [table_of(model) for model in (Ticket, TicketEvent, ChainHead, Unpublished, DueStep)]
    tickets, events, heads, unpublished, steps = tables
    rounds = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            engine = make_engine(f"sqlite:///{folder}/bare.db")
            migrations.upgrade(engine)
            engine.dispose()
            # The peer has no reference data, so it does not check foreign keys.
            event.listen(engine, "connect", lambda connection, record: connection.execute("PRAGMA foreign_keys=OFF"))
            with engine.execution_options(writing=True).connect() as connection:
                with connection.begin():
                    connection.execute(insert(tickets), list(ticket_rows.values()))
                    connection.execute(
                        insert(heads), [{"ticket_id": id, "n": 0, "last": "", "seal": ""} for id in ticket_rows]
                    )
                start = time.perf_counter()
                for row in event_rows:
                    with connection.begin():
                        id = row["ticket_id"]
                        at = {"node": row["to_node"], "tier": row["to_tier"], "updated_at": row["at"]}
                        connection.execute(
                            update(tickets).where(tickets.c.id == id).values(**at, version=tickets.c.version + 1)
                        )
                        link = {"n": row["n"], "last": row["hash"], "seal": row["hash"]}
                        connection.execute(update(heads).where(heads.c.ticket_id == id).values(**link))
                        connection.execute(insert(events), row)
                        connection.execute(insert(unpublished), {"event_id": row["id"]})
                        if own := step_rows.pop(id, None):
                            connection.execute(insert(steps), own)
                rounds.append((time.perf_counter() - start) / len(event_rows))
            engine.dispose()
    return statistics.median(rounds)


def _rows(
    database: Path, count: int
) -> tuple[dict[int, dict[str, Any]], list[dict[str, Any]], dict[int, list[dict[str, Any]]]]:
    """The last events of actions, in order, with their tickets and these tickets' due steps."""
    sessions = Sessions(make_engine(f"sqlite:///{database}"))
    ticket, happened, step = (table_of(model) for model in (Ticket, TicketEvent, DueStep))
    with sessions.read() as session:
        acted = [action for action, _, _ in LINE]
        chosen = select(happened).where(happened.c.action.in_(acted)).order_by(happened.c.id.desc()).limit(count)
        events = [dict(row) for row in session.execute(chosen).mappings()][::-1]
        ids = {row["ticket_id"] for row in events}
        tickets = {
            row["id"]: dict(row) for row in session.execute(select(ticket).where(ticket.c.id.in_(ids))).mappings()
        }
        steps: dict[int, list[dict[str, Any]]] = {}
        for row in session.execute(select(step).where(step.c.ticket_id.in_(ids))).mappings():
            steps.setdefault(row["ticket_id"], []).append(dict(row))
    sessions.engine.dispose()
    return tickets, events, steps
