"""Fifty phones' worth of the same report, at real servers, at the same moment: one ticket, whatever happens."""

import random
import secrets
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import func, select

from command_center.tickets.models import RepeatableWrite, Ticket
from tests.builders import a_body, a_key
from tests.crashes.at_once import Burst, burst_of
from tests.crashes.conftest import Served

CLIENTS = 50
ROUNDS = 20


@pytest.fixture(scope="module")
def burst(served: Served) -> Iterator[Burst]:
    with burst_of(CLIENTS, served.urls) as clients:
        yield clients


def a_request(served: Served, key: str, body: dict[str, Any]) -> dict[str, Any]:
    headers = served.county.phone("grid").headers | {"Idempotency-Key": key}
    return {"path": "reports", "json": body, "headers": headers}


def numbers_of(served: Served, description: str) -> list[str]:
    with served.county.sessions.read() as session:
        return list(session.scalars(select(Ticket.number).where(Ticket.description == description)))


def test_twenty_times_fifty_posts_under_one_key_make_one_ticket_each(served: Served, burst: Burst) -> None:
    for _ in range(ROUNDS):
        key = a_key()
        request = a_request(served, key, a_body(served.county, description=key))
        answers = burst.send([request] * CLIENTS)
        assert Counter(answer.status_code for answer in answers) == {201: 1, 200: CLIENTS - 1}
        assert {answer.json()["number"] for answer in answers} == set(numbers_of(served, key))
        assert len(numbers_of(served, key)) == 1
    with served.county.sessions.read() as session:
        assert not session.scalar(select(func.count()).where(RepeatableWrite.ticket_id.is_(None)))


def test_of_two_bodies_under_one_key_at_once_one_is_taken_and_the_other_refused(served: Served, burst: Burst) -> None:
    for _ in range(ROUNDS):
        key = a_key()
        bodies = [a_body(served.county, description=f"{key} {which}") for which in "甲乙"]
        requests = [a_request(served, key, body) for body in bodies]
        answers = burst.send(requests * (CLIENTS // 2))
        assert Counter(answer.status_code for answer in answers) == {201: 1, 200: CLIENTS // 2 - 1, 409: CLIENTS // 2}
        refused = [answer.json()["type"] for answer in answers if answer.status_code == 409]
        assert all("key" in problem for problem in refused)
        made = [numbers_of(served, body["description"]) for body in bodies]
        assert sorted(map(len, made)) == [0, 1]
        assert {answer.json()["number"] for answer in answers if answer.status_code != 409} == {*made[0], *made[1]}


def test_a_first_request_whose_phone_went_away_in_the_middle_harms_nobody(served: Served, burst: Burst) -> None:
    """It sends all of it, or a part, and breaks the connection while the others send theirs."""
    dice = random.Random(seed := secrets.randbelow(10**6))
    for _ in range(ROUNDS):
        key = a_key()
        request = a_request(served, key, a_body(served.county, description=key))
        raw = spelt(served, request)
        cut = dice.choice((len(raw), len(raw), dice.randrange(1, len(raw))))
        address = urlsplit(dice.choice(served.urls))
        with socket.create_connection((address.hostname, address.port), timeout=60) as phone:
            phone.sendall(raw[:cut])
            # Lingering for no time: closing breaks the connection at once.
            phone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            gone = threading.Timer(dice.uniform(0.0, 0.02), phone.close)
            gone.start()
            answers = burst.send([request] * CLIENTS)
            gone.join()
        statuses = Counter(answer.status_code for answer in answers)
        assert statuses in ({201: 1, 200: CLIENTS - 1}, {200: CLIENTS}), (seed, statuses)
        assert {answer.json()["number"] for answer in answers} == set(numbers_of(served, key)), seed
        assert len(numbers_of(served, key)) == 1, seed


def spelt(served: Served, request: dict[str, Any]) -> bytes:
    made = httpx.Request("POST", f"{served.urls[0]}/api/v1/reports", json=request["json"], headers=request["headers"])
    head = "".join(f"{name}: {value}\r\n" for name, value in made.headers.items())
    return f"POST /api/v1/reports HTTP/1.1\r\n{head}\r\n".encode() + made.content


def test_a_server_killed_while_all_fifty_wait_leaves_one_ticket(served: Served, burst: Burst) -> None:
    """They ask again at whichever server answers; whether the first was done or not, the answer is one ticket."""
    dice = random.Random(seed := secrets.randbelow(10**6))
    for _ in range(3):
        key = a_key()
        request = a_request(served, key, a_body(served.county, description=key))
        victim = dice.choice(served.servers)
        blow = threading.Timer(dice.uniform(0.005, 0.08), victim.kill_worker)
        blow.start()
        answers = burst.send([request] * CLIENTS, again=True)
        blow.join()
        victim.wait_until_up()
        statuses = Counter(answer.status_code for answer in answers)
        assert set(statuses) <= {200, 201} and statuses[201] <= 1, (seed, statuses)
        assert {answer.json()["number"] for answer in answers} == set(numbers_of(served, key)), seed
        assert len(numbers_of(served, key)) == 1, seed


def test_a_hundred_at_one_process_do_not_wait_for_each_other(served: Served) -> None:
    """More than the process has connections to the database: none of them may need a second one while it waits."""
    with burst_of(2 * CLIENTS, served.urls[:1]) as burst:
        for _ in range(3):
            key = a_key()
            request = a_request(served, key, a_body(served.county, description=key))
            answers = burst.send([request] * 2 * CLIENTS)
            assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 2 * CLIENTS - 1}
            assert {answer.json()["number"] for answer in answers} == set(numbers_of(served, key))
