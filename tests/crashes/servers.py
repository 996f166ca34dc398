"""Real server processes that are killed without a word and started again at the same address."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

from app import create_app
from tests.county import County, settings_of
from tests.crashes.orders import ORDER, order
from tests.realtime.processes import Process, environment
from tests.served import ROOT

PATIENCE_S = 120.0
RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


def county_of(kind: str, home: Path, url: str | None) -> County:
    """Open a county from inside, with a log key of its own: Redis parts the counties of two tests by it."""
    return County(kind, create_app(settings_of(home, url, event_log_key=str(home))))


def quiet_port() -> int:
    """Find a free port outside the range from which the system gives ports to clients.

    Who calls again and again where nobody listens is one day given that very port to call from: the client then
    talks to itself, and the server cannot come back.
    """
    lowest = int(RANGE.read_text().split()[0]) if RANGE.exists() else 32768
    for port in random.SystemRandom().sample(range(lowest - 10_000, lowest), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no free port")


class Server(Process):
    """A server whose master and worker process can be killed apart; starting does not wait."""

    module = "command_center.server"

    @property
    def log(self) -> Path:
        return self.home / f"server-{self.url[-5:]}.log"

    def launch(self) -> None:
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", self.module],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_up(self) -> None:
        """Wait for an answer. Raises: TimeoutError, RuntimeError when it ended by itself."""
        last = time.monotonic() + PATIENCE_S
        with httpx.Client(timeout=2, trust_env=False) as client:
            while time.monotonic() < last:
                if self.popen.poll() is not None:
                    raise RuntimeError(f"{self.url} ended by itself:\n{self.tail()}")
                with contextlib.suppress(httpx.HTTPError):
                    if client.get(f"{self.url}/health/live").status_code == 200:
                        return
                time.sleep(0.05)
        raise TimeoutError(f"no answer from {self.url}:\n{self.tail()}")

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.popen.pid}/task/{self.popen.pid}/children")
        try:
            return [int(pid) for pid in children.read_text().split()]
        except OSError:
            return []

    def kill(self) -> None:
        """End it as a power failure would: master and worker at once."""
        workers = self.workers()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait(PATIENCE_S)
        _wait_until_gone(workers)

    def kill_worker(self) -> None:
        """End the worker only, as the system does when memory is short: its master starts another."""
        workers = self.workers()
        for pid in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        _wait_until_gone(workers)

    def tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-30:]) if self.log.exists() else ""


def _wait_until_gone(pids: list[int]) -> None:
    """Wait until these processes hold nothing any more (one that nobody has buried yet is gone enough)."""
    last = time.monotonic() + PATIENCE_S
    while time.monotonic() < last and any(_is_alive(pid) for pid in pids):
        time.sleep(0.01)


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


class FragileServer(Server):
    """A server that can be told to die at a commit."""

    module = "tests.crashes.fragile"

    @property
    def order_file(self) -> Path:
        return self.home / f"order-{self.url[-5:]}"

    def die_at_a_commit(self, place: str, after: bool) -> None:
        """Let its worker end itself at the next commit of this function, and wait until it has."""
        workers = self.workers()
        order(self.order_file, place, after)
        _wait_until_gone(workers)


def a_server(home: Path, url: str | None, **settings: str) -> Server:
    """Prepare a server over this folder and this database; it is not started yet."""
    port = quiet_port()
    return Server(home, environment(home, url, port, event_log_key=str(home), **settings), f"http://127.0.0.1:{port}")


def a_fragile_server(home: Path, url: str | None, **settings: str) -> FragileServer:
    """Prepare a server that can be told to die at a commit; it is not started yet."""
    port = quiet_port()
    made = FragileServer(
        home, environment(home, url, port, event_log_key=str(home), **settings), f"http://127.0.0.1:{port}"
    )
    made.environment[ORDER] = str(made.order_file)
    return made
