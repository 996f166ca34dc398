"""The two clocks of a machine, read together: the wall's, which people set, and one that only counts on."""

import os
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Reading(NamedTuple):
    """Both clocks at one moment.

    ticks: seconds since the machine started, its sleep included, by a clock that nobody can set.
    boot: names this start of this machine; ticks of different boots cannot be compared.
    """

    wall: datetime
    ticks: float
    boot: str

    @property
    def offset(self) -> float:
        """Wall less ticks, seconds. Slewing (NTP, adjtime) moves both clocks alike; only a step changes it."""
        return self.wall.timestamp() - self.ticks


ReadClocks = Callable[[], Reading]


def read_clocks() -> Reading:
    """Read this machine's clocks."""
    return Reading(datetime.now(UTC), _ticks(), _boot())


def whoami() -> str:
    """Name this process to an operator: machine and process id."""
    return f"{socket.gethostname()[:100]}:{os.getpid()}"


def _ticks() -> float:
    # CLOCK_MONOTONIC stands still while a machine sleeps: a laptop that woke would look like a clock set forward.
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


@cache
def _boot() -> str:
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()[:64]
    except OSError:
        # No such thing here: what other processes wrote down cannot be compared, what this one saw can.
        return f"process {whoami()} {time.time_ns()}"
