"""A real server, for journeys and benchmarks: a demo county without simulated people, in a folder of its own."""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_S = 60


@dataclass(frozen=True)
class Served:
    """A running server."""

    url: str
    home: Path
    _tokens: dict[str, str] = field(default_factory=dict)

    def token(self, username: str) -> str:
        answer = httpx.post(f"{self.url}/api/v1/session", json={"username": username, "password": "demo"}, timeout=30)
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def headers(self, username: str) -> dict[str, str]:
        """The Authorization header of an account, signed in once: a password is slow to check, on purpose."""
        if username not in self._tokens:
            self._tokens[username] = self.token(username)
        return {"Authorization": f"Bearer {self._tokens[username]}"}


@contextmanager
def served(**settings: str) -> Iterator[Served]:
    """Build a county and serve it on a free port; stop it and remove its folder afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        environment = _environment(folder, settings)
        flask = [sys.executable, "-m", "flask"]
        subprocess.run(
            [*flask, "demo", "--build-only", "--days", "1", "--rate", "1"],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        with _running(environment) as server:
            yield server


@contextmanager
def served_again(other: Served, **settings: str) -> Iterator[Served]:
    """Serve a copy of a county that was built before, with other settings."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("secret.key", "event_log.key"):
            shutil.copy(other.home / name, folder)
        with sqlite3.connect(other.home / "command_center.db") as kept:
            kept.execute("VACUUM INTO ?", (f"{folder}/command_center.db",))
        kept.close()
        with _running(_environment(folder, settings)) as server:
            yield server


def _environment(home: str, settings: dict[str, str]) -> dict[str, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return os.environ | {
        "COMMAND_CENTER_HOME": home,
        "COMMAND_CENTER_DEMO": "1",
        "COMMAND_CENTER_DEMO_REPORTS_PER_HOUR": "0",
        "COMMAND_CENTER_PORT": str(port),
        **settings,
    }


@contextmanager
def _running(environment: dict[str, str]) -> Iterator[Served]:
    server = subprocess.Popen([sys.executable, "-m", "command_center.server"], cwd=ROOT, env=environment)
    try:
        url = f"http://127.0.0.1:{environment['COMMAND_CENTER_PORT']}"
        wait_until_live(url)
        yield Served(url, Path(environment["COMMAND_CENTER_HOME"]))
    finally:
        server.terminate()
        server.wait(20)


def wait_until_live(url: str) -> None:
    """Wait for the server's first answer. Raises: TimeoutError."""
    last = time.monotonic() + PATIENCE_S
    while time.monotonic() < last:
        try:
            if httpx.get(f"{url}/health/live", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise TimeoutError(f"no answer from {url}")
