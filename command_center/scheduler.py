"""APScheduler wiring: one interval job that sweeps, and signs of life by which anyone can tell that it does.

The store is in memory on purpose: the work itself is rows (docs/adr/0004), so a job that was killed, missed or run
twice harms nothing. Each sweep goes by the time that the clock guard found good (docs/adr/0012).
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler

from command_center.database import Sessions
from command_center.escalation.clocks import ReadClocks, read_clocks
from command_center.escalation.guard import ClockGuard
from command_center.escalation.sweep import sweep
from command_center.events.heartbeats import SCHEDULER, beater
from command_center.events.watchdog import Watchdog
from command_center.tickets.office import Office

log = logging.getLogger(__name__)


class SteadyScheduler(BackgroundScheduler):
    """APScheduler that keeps its pace when the system clock is set back.

    It waits until the wall clock shows its job's next time: set back by a day, it would wait a day, and nobody would
    look at the clock meanwhile. So it wakes at its own pace, and brings forward a job that lies too far ahead.
    """

    def __init__(self, every: float) -> None:
        super().__init__(timezone=UTC)
        self._every = every

    def _process_jobs(self) -> Any:
        now = datetime.now(UTC)
        for job in self.get_jobs():
            if job.next_run_time is not None and job.next_run_time - now > timedelta(seconds=2 * self._every):
                job.modify(next_run_time=now)
        wait = super()._process_jobs()
        return self._every if wait is None else min(wait, self._every)


def make_scheduler(
    sessions: Sessions,
    office: Callable[[], Office],
    done: Callable[[], None],
    every: float,
    *,
    watchdog: Watchdog | None = None,
    read: ReadClocks = read_clocks,
) -> BackgroundScheduler:
    """Make the scheduler; `done` is called after a sweep that changed something."""
    scheduler = SteadyScheduler(every)
    tick = make_tick(sessions, office, done, watchdog=watchdog, read=read)

    def tick_or_tell() -> None:
        try:
            tick()
        except Exception:
            # A database that is away for a while must not end the job; the signs of life stop, and show it.
            log.exception("the sweep failed; it is tried again in %s s", every)

    scheduler.add_job(
        tick_or_tell,
        "interval",
        seconds=every,
        next_run_time=datetime.now(UTC),
        coalesce=True,
        misfire_grace_time=None,
        max_instances=1,
    )
    return scheduler


def make_tick(
    sessions: Sessions,
    office: Callable[[], Office],
    done: Callable[[], None],
    *,
    watchdog: Watchdog | None = None,
    read: ReadClocks = read_clocks,
) -> Callable[[], None]:
    """Make what the scheduler does at each turn: look at the clock, sweep by it, show signs of life."""
    guard = ClockGuard(sessions, read=read)
    watchdog = watchdog or Watchdog()
    alive = watchdog.watched(SCHEDULER, beater(sessions, SCHEDULER, now=lambda: read().wall))

    def tick() -> None:
        now = guard.look()
        if now is not None and sweep(sessions, office(), now, permits=guard.permits, alive=alive):
            done()
        alive()

    return tick
