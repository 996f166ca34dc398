"""How much running time a clock has, how much of it is left, and since when that is running. Pure.

A clock's end follows from three facts: so much is left, it has been running since then, in this unit. Standing still
(挂账), going on, a further limit (延期) and a corrected calendar are each one change of these facts, and the end is
computed from them anew; nothing else moves it.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Self
from zoneinfo import ZoneInfo

from command_center.deadlines import working_time
from command_center.deadlines.clocks import Clock, ConfirmedCalendar
from command_center.deadlines.working_time import Unit, WorkingHours

SECOND = timedelta(seconds=1)
ZERO = timedelta()


@dataclass(frozen=True, slots=True)
class Stretch:
    """`total`: all the running time ever granted; `left`: what was left of it at `since`; None: it stands still.

    Both are whole seconds.
    """

    total: timedelta
    left: timedelta
    since: datetime | None

    @classmethod
    def begin(cls, running: timedelta, now: datetime) -> Self:
        """Start a clock with this much running time."""
        return cls(running, running, now)

    def stopped(self, now: datetime, unit: Unit, calendar: ConfirmedCalendar, hours: WorkingHours) -> Self:
        """Let it stand still from now on. A second that was begun is not counted as used."""
        if self.since is None:
            return self
        used = working_time.elapsed(self.since, now, unit, calendar, hours) // SECOND * SECOND
        return replace(self, left=max(ZERO, self.left - used), since=None)

    def going_on(self, now: datetime) -> Self:
        """Let it run again from now on, with what was left."""
        return self if self.since is not None else replace(self, since=now)

    def extended(self, by: timedelta) -> Self:
        """Grant further running time."""
        return replace(self, total=self.total + by, left=self.left + by)

    def clock(self, warn_share: Fraction, unit: Unit, calendar: ConfirmedCalendar, hours: WorkingHours) -> Clock:
        """Tell when it warns and when it ends. `warn_share`: of all the time granted, after which it warns.

        Raises: ValueError when it stands still; BeyondCalendar.
        """
        if self.since is None:
            raise ValueError("a clock that stands still has no end")
        warn_after = warn_share * (self.total // SECOND) - (self.total - self.left) // SECOND
        warning = max(ZERO, timedelta(seconds=round(warn_after)))
        warn_at = working_time.add_running(self.since, warning, unit, calendar, hours)
        due_at = working_time.add_running(self.since, self.left, unit, calendar, hours)
        zone = ZoneInfo(hours.timezone)
        provisional = unit.is_working and calendar.touches_provisional(self.since, due_at, zone)
        return Clock(self.since.astimezone(UTC), warn_at, due_at, provisional)
