"""A screen as the contract wants it: it listens, notices what it missed, comes back after each break and fetches."""

import contextlib
import queue
import threading
import time
from collections.abc import Sequence
from typing import Any

import httpx
import socketio

Identity = tuple[str, int, str]
CALL_S = 10.0
LISTEN_S = 0.5


class Follower(threading.Thread):
    """Follows one region's stream. `delivered`: each event once, by `seq`, in the order in which it was taken."""

    def __init__(self, urls: Sequence[str], headers: dict[str, str], region: str, first: int = 0) -> None:
        super().__init__(daemon=True)
        self.urls, self.headers, self.region = urls, headers, region
        self.delivered: dict[int, Identity] = {}
        self.faults: list[str] = []
        self.connections = self.live = self.fetched = self.duplicates = self.gaps = 0
        self._last, self._at = 0, first
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._follow(self.urls[self._at % len(self.urls)])
            except (socketio.exceptions.SocketIOError, httpx.TransportError, OSError):
                pass
            except Exception as fault:
                self.faults.append(f"{self.region}'s screen failed: {fault!r}")
            self._at += 1
            self._stopping.wait(0.1)

    def stop(self) -> None:
        self._stopping.set()
        self.join(60)

    def catch_up(self) -> None:
        """Come back one last time, and fetch what is missing."""
        for url in self.urls:
            with contextlib.suppress(httpx.TransportError):
                self._fetch(url)
                return

    def _follow(self, url: str) -> None:
        """Listen until the connection breaks."""
        told: queue.Queue[dict[str, Any] | None] = queue.Queue()
        client = socketio.Client(reconnection=False)
        client.on("ticket", told.put, namespace="/live")
        client.on("disconnect", lambda *_: told.put(None), namespace="/live")
        try:
            token = self.headers["Authorization"].removeprefix("Bearer ")
            client.connect(
                url, auth={"token": token}, namespaces=["/live"], transports=["websocket"], wait_timeout=CALL_S
            )
            answer = client.call("watch", {"region": self.region}, namespace="/live", timeout=CALL_S)
            if not answer["ok"]:
                self.faults.append(f"watching {self.region} was refused: {answer}")
            self.connections += 1
            self._fetch(url)
            while not self._stopping.is_set():
                with contextlib.suppress(queue.Empty):
                    message = told.get(timeout=LISTEN_S)
                    if message is None:
                        return
                    self._hear(message, url)
                if not client.connected:
                    return
        finally:
            client.disconnect()

    def _hear(self, message: dict[str, Any], url: str) -> None:
        self.live += 1
        seq, previous = message["seq"], message["prev"]
        if seq <= self._last:
            self._again(seq, _identity(message))
        elif previous == self._last:
            self._deliver(seq, _identity(message))
        elif previous < self._last:
            self.faults.append(f"{self.region}: {seq} says it follows {previous}, but {self._last} was delivered")
        else:
            self.gaps += 1
            self._fetch(url)
            if seq > self._last:
                self.faults.append(f"{self.region}: {seq} was told, but is not listed; the list ends at {self._last}")

    def _fetch(self, url: str) -> None:
        """Read everything after the last event delivered."""
        with httpx.Client(headers=self.headers, timeout=30, trust_env=False) as client:
            more = True
            while more:
                answer = client.get(
                    f"{url}/api/v1/events", params={"after": self._last, "region": self.region, "limit": 200}
                )
                if answer.status_code != 200:
                    self.faults.append(f"{self.region}'s events were answered {answer.status_code}")
                    time.sleep(0.2)
                    return
                page = answer.json()
                for item in page["items"]:
                    self.fetched += 1
                    if item["seq"] <= self._last:
                        self.faults.append(f"{self.region}: asked after {self._last}, got {item['seq']}")
                    else:
                        self._deliver(item["seq"], _identity(item))
                more = page["next_cursor"] is not None

    def _deliver(self, seq: int, identity: Identity) -> None:
        self.delivered[seq], self._last = identity, seq

    def _again(self, seq: int, identity: Identity) -> None:
        self.duplicates += 1
        if self.delivered.get(seq) != identity:
            self.faults.append(f"{self.region}: {seq} was {self.delivered.get(seq)} before, and is {identity} now")


def _identity(item: dict[str, Any]) -> Identity:
    event = item["event"]
    return event["number"], event["n"], event["what"]
