"""APScheduler wiring: one interval job that lets a scheduled map take effect, sweeps, and lets tickets follow the map.

It also does the chores that are due now and then. Signs of life tell anyone that it does.

The store is in memory on purpose: the work itself is rows (docs/adr/0004), so a job that was killed, missed or run
twice harms nothing. Each sweep goes by the time that the clock guard found good (docs/adr/0012).
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler

from command_center.database import Sessions
from command_center.escalation.clocks import ReadClocks, read_clocks
from command_center.escalation.guard import ClockGuard
from command_center.escalation.sweep import sweep
from command_center.events.heartbeats import SCHEDULER, beater
from command_center.events.watchdog import Watchdog
from command_center.tickets import relocation
from command_center.tickets.office import Office

log = logging.getLogger(__name__)
RELOCATING_S = 2.0
"""So long at a turn open tickets follow a new map; then the clocks have their turn again."""
AFTER_A_FAILURE_S = 60.0
CHORES_EVERY_S = 3600.0


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
    chores: Callable[[datetime], object] | None = None,
    watchdog: Watchdog | None = None,
    read: ReadClocks = read_clocks,
) -> BackgroundScheduler:
    """Make the scheduler; `done` is called after a sweep that changed something."""
    scheduler = SteadyScheduler(every)
    tick = make_tick(sessions, office, done, chores=chores, watchdog=watchdog, read=read)

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
    chores: Callable[[datetime], object] | None = None,
    watchdog: Watchdog | None = None,
    read: ReadClocks = read_clocks,
) -> Callable[[], None]:
    """Make what the scheduler does at each turn: look at the clock, let a scheduled map take effect, sweep by the time,
    let open tickets follow a new map, do the chores once an hour, and show signs of life."""
    guard = ClockGuard(sessions, read=read)
    watchdog = watchdog or Watchdog()
    alive = watchdog.watched(SCHEDULER, beater(sessions, SCHEDULER, now=lambda: read().wall))

    follow = make_follower(sessions, office, alive)
    tidy = hourly(chores) if chores else None

    def tick() -> None:
        now = guard.look()
        if now is not None:
            relocation.enter_due(sessions, now)
            swept = sweep(sessions, office(), now, permits=guard.permits, alive=alive)
            if follow(now) or swept:
                done()
            if tidy:
                tidy(now)
        alive()

    return tick


def hourly(chores: Callable[[datetime], object]) -> Callable[[datetime], None]:
    """Make what does the chores at the first turn and then once an hour. What failed is in the log, and no more."""
    not_before = 0.0

    def tidy(now: datetime) -> None:
        nonlocal not_before
        if monotonic() < not_before:
            return
        not_before = monotonic() + CHORES_EVERY_S
        try:
            chores(now)
        except Exception:
            log.exception("the chores failed; they are tried again in an hour")

    return tidy


def make_follower(
    sessions: Sessions, office: Callable[[], Office], alive: Callable[[], object]
) -> Callable[[datetime], bool]:
    """Make what lets accounts and open tickets follow a new map, a little at each turn. It says whether any moved.

    What failed is in the log and is tried again after a minute, not at every turn.
    """
    not_before = 0.0

    def follow(now: datetime) -> bool:
        nonlocal not_before
        began = monotonic()
        if began < not_before:
            return False
        done = relocation.relocate_all(
            sessions,
            office(),
            lambda: now,
            tell=lambda count: alive(),
            enough=lambda: monotonic() - began > RELOCATING_S,
        )
        if done.failed:
            not_before = monotonic() + AFTER_A_FAILURE_S
        return bool(done.moved or done.outside)

    return follow
