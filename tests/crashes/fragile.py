"""The server as ever, but on request it dies exactly at a commit: just before it, or just after.

Killed at a random moment a process is hardly ever hit between two commits, and that is where a thing done in two
transactions would come apart. A file beside the database says at whose commit the worker has to die.
"""

# First of all the server: it patches the standard library for gevent.
from command_center import server  # isort: split

import ctypes
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy.engine.default import DefaultDialect

from tests.crashes.orders import ORDER

PR_SET_PDEATHSIG = 1


def install(file: Path) -> None:
    """Let each commit of this process look whether it is its last."""
    commit = DefaultDialect.do_commit

    def do_commit(dialect: DefaultDialect, connection: Any) -> None:
        when = _order(file)
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        commit(dialect, connection)
        if when == "after":
            os.kill(os.getpid(), signal.SIGKILL)

    DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]


def _order(file: Path) -> str | None:
    """Say whether to die before or after this commit; None: not at this one."""
    if not file.exists():
        return None
    place, when, last = file.read_text().split()
    if time.monotonic() < float(last) and place not in _callers():
        return None
    file.unlink()
    came = "as ordered" if place in _callers() else "at any commit, for it never came by"
    os.write(2, f"dies {when} a commit of {place}, {came}\n".encode())
    return when


def _callers() -> set[str]:
    frame: FrameType | None = sys._getframe()
    names = set()
    while frame is not None:
        names.add(frame.f_code.co_name)
        frame = frame.f_back
    return names


def follow_into_death() -> None:
    """Let the system end us when whoever started us ends, however it ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    follow_into_death()
    install(Path(os.environ[ORDER]))
    server.main()
