"""Real server processes over one county, and real screens that watch it."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import socketio

from tests.builders import a_key
from tests.county import KEYS, County
from tests.served import ROOT, wait_until_live

PATIENCE_S = 20.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Process:
    """A running server; it can be killed and started again at the same address."""

    home: Path
    environment: dict[str, str]
    url: str
    popen: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        with (self.home / f"server-{self.url[-5:]}.log").open("ab") as log:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", "command_center.server"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until_live(self.url)

    def kill(self) -> None:
        """End it as a power failure would: master and worker at once, without a word."""
        os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait(10)

    def stop(self) -> None:
        if self.popen.poll() is None:
            self.popen.terminate()
            self.popen.wait(20)

    def post(self, path: str, body: Any, county: County, username: str, **headers: str) -> httpx.Response:
        return httpx.post(
            f"{self.url}/api/v1/{path}",
            json=body,
            headers=county.phone(username).headers | {k.replace("_", "-"): v for k, v in headers.items()},
            timeout=60,
        )

    def report(self, county: County, body: dict[str, Any], username: str = "grid", key: str | None = None) -> Any:
        return self.post("reports", body, county, username, Idempotency_Key=key or a_key())

    def get(self, path: str, county: County, username: str, **query: Any) -> Any:
        answer = httpx.get(
            f"{self.url}/api/v1/{path}", params=query, headers=county.phone(username).headers, timeout=60
        )
        answer.raise_for_status()
        return answer.json()


def process(home: Path, url: str | None = None, **settings: str) -> Process:
    """Start a server over this folder and this database, with the tests' own keys."""
    port = free_port()
    made = Process(home, environment(home, url, port, **settings), f"http://127.0.0.1:{port}")
    made.start()
    return made


def environment(home: Path, url: str | None, port: int, **settings: str) -> dict[str, str]:
    """Make a server's environment: ours, but of the command center's settings only those that are named."""
    named = os.environ | {
        "COMMAND_CENTER_HOME": str(home),
        "COMMAND_CENTER_PORT": str(port),
        "COMMAND_CENTER_DATABASE_URL": url or "",
        "COMMAND_CENTER_DEMO": "",
        **{f"COMMAND_CENTER_{name.upper()}": value for name, value in (KEYS | settings).items()},
    }
    return {name: value for name, value in named.items() if value or "COMMAND_CENTER" not in name}


class Screen:
    """A screen: one real Socket.IO client and what it was told."""

    def __init__(self, url: str, auth: dict[str, str] | None = None, headers: dict[str, str] | None = None) -> None:
        self.told: list[dict[str, Any]] = []
        self._new = threading.Condition()
        self._client = socketio.Client(reconnection=False)
        self._client.on("ticket", self._hear, namespace="/live")
        self._client.connect(
            url, headers=headers or {}, auth=auth, namespaces=["/live"], transports=["websocket"], wait_timeout=20
        )

    def _hear(self, message: dict[str, Any]) -> None:
        with self._new:
            self.told.append(message)
            self._new.notify_all()

    def call(self, name: str, data: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._client.call(name, data, namespace="/live", timeout=20)
        return answer

    def watch(self, region: Any) -> dict[str, Any]:
        return self.call("watch", {"region": region})

    def wait(self, enough: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        """Wait until enough was told. Raises: TimeoutError."""
        with self._new:
            if not self._new.wait_for(lambda: enough(self.told), PATIENCE_S):
                raise TimeoutError(f"told only {[message['seq'] for message in self.told]}")
            return list(self.told)

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        return self.wait(lambda told: len(told) >= count)

    def close(self) -> None:
        self._client.disconnect()


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds. Raises: TimeoutError."""
    last = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > last:
            raise TimeoutError
        time.sleep(0.05)
