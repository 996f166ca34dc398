"""Work beside the loop that answers everybody.

Drawing takes seconds of pure Python. In a thread that would hold the interpreter's lock, and with it every client of
this process; a process of its own stalls nobody, ends with its memory, and may be killed. What computes outside the
interpreter, or for less than a second, has a thread.
"""

import logging
import subprocess
import sys
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Condition
from typing import Any, TypeVar

import gevent
import gevent.monkey

T = TypeVar("T")
log = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[1]


class NoSeat(Exception):
    """As many as may are drawing already, and as many as may are waiting."""


class Ended(Exception):
    """The process ended without a result; its own words are in the log."""


def beside_the_loop(work: Callable[..., T], *args: Any) -> T:
    """Do heavy work in a real thread under gevent: in its loop, nobody else would get their turn."""
    if not gevent.monkey.is_module_patched("threading"):
        return work(*args)
    result: T = gevent.get_hub().threadpool.apply(work, args)
    return result


class Room:
    """Where a few draw at once and a few more wait; whoever comes then is sent away, before anything is read."""

    def __init__(self, seats: int, waiting: int) -> None:
        self._seats, self._most_waiting = seats, waiting
        self._drawing: set[Hashable] = set()
        self._waiting: list[Hashable] = []
        self._changed = Condition()

    @contextmanager
    def seat(self, name: Hashable, patience: float) -> Iterator[None]:
        """Hold a seat, after a wait of at most so many seconds. Raises: NoSeat.

        name: who draws, or what is drawn; of one name there is one at a time, and no more than half of those waiting.
        """
        with self._changed:
            if not self._free_for(name):
                self._wait(name, patience)
            self._drawing.add(name)
        try:
            yield
        finally:
            with self._changed:
                self._drawing.discard(name)
                self._changed.notify_all()

    def _free_for(self, name: Hashable) -> bool:
        return len(self._drawing) < self._seats and name not in self._drawing

    def _wait(self, name: Hashable, patience: float) -> None:
        if len(self._waiting) >= self._most_waiting or self._waiting.count(name) >= self._most_waiting // 2:
            raise NoSeat
        self._waiting.append(name)
        try:
            if not self._changed.wait_for(lambda: self._free_for(name), patience):
                raise NoSeat
        finally:
            self._waiting.remove(name)


def draw_aside(
    module: str, *arguments: str, given: bytes, limit: float, environment: Mapping[str, str] | None = None
) -> bytes:
    """Run a module in a process of its own: `given` on its stdin, its stdout is the result.

    limit: seconds to draw. Raises: Ended.
    """
    try:
        # Nothing of our own environment: it holds the keys.
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            input=given,
            capture_output=True,
            timeout=limit,
            cwd=ROOT,
            env={"OPENBLAS_NUM_THREADS": "1", "LANG": "C.UTF-8", **(environment or {})},
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        log.error("%s took more than %s s", module, limit)
        raise Ended from late
    if done.returncode != 0:
        log.error("%s failed: %s", module, done.stderr.decode("utf-8", "replace")[-2000:])
        raise Ended
    return done.stdout
