"""A real server, for journeys and benchmarks: a demo county without simulated people, in a folder of its own."""

import os
import socket
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
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "COMMAND_CENTER_HOME": folder,
            "COMMAND_CENTER_DEMO": "1",
            "COMMAND_CENTER_DEMO_REPORTS_PER_HOUR": "0",
            "COMMAND_CENTER_PORT": str(port),
            **settings,
        }
        flask = [sys.executable, "-m", "flask"]
        subprocess.run(
            [*flask, "demo", "--build-only", "--days", "1", "--rate", "1"],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        server = subprocess.Popen([sys.executable, "-m", "command_center.server"], cwd=ROOT, env=environment)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_live(url)
            yield Served(url, Path(folder))
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
