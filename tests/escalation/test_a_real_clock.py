"""A real server whose system clock is really set, by libfaketime: nothing is escalated falsely, and it recovers."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.builders import CABLE, a_key
from tests.requirements import require_faketime
from tests.served import Served, served

PATIENCE_S = 40
SPOT = {"lon": 122.5085, "lat": 40.6313, "datum": "wgs84"}


class Server:
    """A server and the file by which its clock is set."""

    def __init__(self, stamp: Path) -> None:
        self.stamp = stamp
        self.at: Served

    def set_clock(self, offset: str) -> None:
        """Set it: `+0`, `+1d`, `-1h` from the real time."""
        beside = self.stamp.with_suffix(".new")
        beside.write_text(offset)
        beside.rename(self.stamp)

    def call(self, method: str, path: str, body: Any = None, by: str = "county", **headers: str) -> Any:
        """Call it, signed in anew: a token is as old as the clock says."""
        headers["Authorization"] = f"Bearer {self.at.token(by)}"
        answer = httpx.request(method, f"{self.at.url}/api/v1/{path}", json=body, headers=headers, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def ready(self) -> Any:
        return httpx.get(f"{self.at.url}/health/ready", timeout=30)

    def is_frozen(self) -> bool:
        return any(alarm["alarm"] == "clock-frozen" for alarm in self.ready().json()["alarms"])

    def is_well(self) -> bool:
        return self.ready().status_code == 200


def until(true: Callable[[], Any]) -> None:
    last = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < last
        time.sleep(0.2)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("clock") / "offset")
    library = require_faketime()
    made.set_clock("+0")
    with served(
        COMMAND_CENTER_SWEEP_SECONDS="0.3",
        LD_PRELOAD=os.pathsep.join(filter(None, (library, os.environ.get("LD_PRELOAD")))),
        FAKETIME_TIMESTAMP_FILE=str(made.stamp),
        FAKETIME_NO_CACHE="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
        NO_FAKE_STAT="1",  # gunicorn tells by a file's time whether its worker lives
    ) as at:
        made.at = at
        yield made


@pytest.mark.parametrize("jump", ["+1h", "-1h", "+1d", "-1d"])
def test_a_jump_of_the_system_clock_escalates_nothing(server: Server, jump: str) -> None:
    until(server.is_well)
    report = SPOT | {"category": CABLE, "description": "线缆断落"}
    number = server.call("POST", "reports", report, "grid", **{"Idempotency-Key": a_key()})["number"]

    def tier() -> str:
        return str(server.call("GET", f"tickets/{number}")["tier"])

    server.set_clock(jump)
    until(server.is_frozen)
    time.sleep(1.5)  # five more sweeps would have come
    assert tier() == "village"
    until(server.is_well)  # heartbeats go on by the wrong clock
    stands = server.call("GET", "alarms/clock")
    assert stands["reason"] == "jump" and (stands["jump_seconds"] > 0) == jump.startswith("+")

    server.set_clock("+0")
    server.call("POST", "alarms/clock/agree", {"frozen_at": stands["frozen_at"]})
    until(lambda: not server.is_frozen())
    until(server.is_well)  # up to five seconds: the last signs of life have the wrong clock's time
    time.sleep(1.5)
    assert not server.is_frozen() and tier() == "village"


def test_agreed_at_the_new_time_escalation_goes_on(server: Server) -> None:
    until(server.is_well)
    report = SPOT | {"category": CABLE, "description": "线缆断落"}
    number = server.call("POST", "reports", report, "grid", **{"Idempotency-Key": a_key()})["number"]
    server.set_clock("+1d")
    until(server.is_frozen)
    stands = server.call("GET", "alarms/clock")
    assert stands["due_by_jump"] >= 2
    server.call("POST", "alarms/clock/agree", {"frozen_at": stands["frozen_at"]})
    until(lambda: server.call("GET", f"tickets/{number}")["tier"] != "village")
    assert not server.is_frozen()
