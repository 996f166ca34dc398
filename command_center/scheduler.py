"""APScheduler wiring: one interval job that sweeps, and heartbeats by which anyone can tell that it does.

The store is in memory on purpose: the work itself is rows (docs/adr/0004), so a job that was killed, missed or run
twice harms nothing.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.schedulers.background import BackgroundScheduler

from command_center.database import Sessions
from command_center.escalation.sweep import sweep
from command_center.events.heartbeats import SCHEDULER, beater
from command_center.tickets.office import Office

log = logging.getLogger(__name__)


def make_scheduler(
    sessions: Sessions, office: Callable[[], Office], done: Callable[[], None], every: float
) -> BackgroundScheduler:
    """Make the scheduler; `done` is called after a sweep that changed something."""
    scheduler = BackgroundScheduler(timezone=UTC)
    beat = beater(sessions, SCHEDULER)

    def tick() -> None:
        try:
            if sweep(sessions, office(), datetime.now(UTC)):
                done()
            beat()
        except Exception:
            # A database that is away for a while must not end the job; the heartbeat stops, and shows it.
            log.exception("the sweep failed; it is tried again in %s s", every)

    scheduler.add_job(
        tick,
        "interval",
        seconds=every,
        next_run_time=datetime.now(UTC),
        coalesce=True,
        misfire_grace_time=None,
        max_instances=1,
    )
    return scheduler
