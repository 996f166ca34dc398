"""Computing circles beside the web process, once for the same inputs.

With a road network it takes seconds to minutes of pure Python: in a thread it would hold up every client.
"""

import logging
import threading
import time
from datetime import datetime
from pathlib import Path

from command_center.aside import Ended, draw_aside
from command_center.circles import results
from command_center.circles.errors import CirclesComputing, CirclesFailed
from command_center.circles.inputs import Inputs, inputs, work
from command_center.circles.work import Answer, Work
from command_center.database import Sessions

log = logging.getLogger(__name__)
LIMIT_S = 1200.0
PATIENCE_S = 8.0
LOOK_S = 0.2
AGAIN_S = 600.0
_one_at_a_time = threading.Lock()
_failed: dict[str, float] = {}


def answer(sessions: Sessions, data: Path, now: datetime) -> tuple[Inputs, Answer]:
    """Read the circles of what holds now, computing them first if need be.

    Waits some seconds for a computation under way. Raises: CirclesComputing, CirclesFailed.
    """
    with sessions.read() as session:
        wanted = inputs(session, data)
        kept = results.read(session, wanted.key)
    if kept is not None:
        return wanted, kept
    _require_hope(wanted.key)
    if _one_at_a_time.acquire(blocking=False):
        threading.Thread(target=_in_background, args=(sessions, data, now), daemon=True).start()
    last = time.monotonic() + PATIENCE_S
    while time.monotonic() < last:
        time.sleep(LOOK_S)
        with sessions.read() as session:
            kept = results.read(session, wanted.key)
        if kept is not None:
            return wanted, kept
        _require_hope(wanted.key)
    raise CirclesComputing


def _require_hope(key: str) -> None:
    """What failed fails again; it is tried anew after a while. Raises: CirclesFailed."""
    if key in _failed and time.monotonic() - _failed[key] < AGAIN_S:
        raise CirclesFailed


def compute_now(sessions: Sessions, data: Path, now: datetime) -> tuple[Inputs, Answer]:
    """Compute and keep the circles of what holds now, unless they are there. Raises: CirclesFailed."""
    with sessions.read() as session:
        wanted = inputs(session, data)
        kept = results.read(session, wanted.key)
        if kept is not None:
            return wanted, kept
        given = work(session, data)
    made = in_a_process(given)
    with sessions.begin() as session:
        results.keep(session, wanted, made, now)
    return wanted, made


def _in_background(sessions: Sessions, data: Path, now: datetime) -> None:
    try:
        compute_now(sessions, data, now)
    except Exception:
        log.exception("no service circles")
        with sessions.read() as session:
            _failed[inputs(session, data).key] = time.monotonic()
    finally:
        _one_at_a_time.release()


def in_a_process(given: Work) -> Answer:
    """Compute in a process of its own. Raises: CirclesFailed."""
    spelt = given.model_dump_json().encode()
    try:
        made = draw_aside("command_center.circles", given=spelt, limit=LIMIT_S)
    except Ended as none:
        raise CirclesFailed from none
    return Answer.model_validate_json(made)
