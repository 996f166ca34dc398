"""Many clients that send at the same moment, each over a connection of its own that is already open."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx

PATIENCE_S = 120.0


class Burst:
    """Clients spread over the servers; `send` lets all of them go at once."""

    def __init__(self, urls: Sequence[str], clients: Sequence[httpx.Client], pool: ThreadPoolExecutor) -> None:
        self._urls, self._clients, self._pool = urls, clients, pool

    def send(self, requests: Sequence[dict[str, Any]], *, again: bool = False) -> list[httpx.Response]:
        """Send a request from each client (`path`, and what httpx takes); the answers in the same order.

        again: who gets no answer asks again, at the next server, as a phone does.
        """
        start = threading.Barrier(len(self._clients))
        last = threading.Event()
        timer = threading.Timer(PATIENCE_S, last.set)
        timer.daemon = True
        timer.start()

        def one(n: int) -> httpx.Response:
            form, at = dict(requests[n]), n
            path = form.pop("path")
            start.wait(PATIENCE_S)
            while True:
                try:
                    return self._clients[n].post(f"{self._urls[at % len(self._urls)]}/api/v1/{path}", **form)
                except httpx.TransportError:
                    if not again or last.wait(0.05):
                        raise
                    at += 1

        try:
            return list(self._pool.map(one, range(len(self._clients))))
        finally:
            timer.cancel()


@contextmanager
def burst_of(count: int, urls: Sequence[str]) -> Iterator[Burst]:
    clients = [httpx.Client(timeout=PATIENCE_S, trust_env=False) for _ in range(count)]
    with ThreadPoolExecutor(count) as pool:
        try:
            burst = Burst(urls, clients, pool)
            for n, client in enumerate(clients):
                client.get(f"{urls[n % len(urls)]}/health/live")
            yield burst
        finally:
            for client in clients:
                client.close()
