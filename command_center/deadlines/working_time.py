"""Working time: when an amount of time has run out, and how much of it has run.

Pure arithmetic on aware times. Nothing here knows tickets, databases or the clock on the wall.

Two kinds of unit: natural ones run without a break; working ones run inside working hours of working
days. For the latter, all working spans of the calendar stand in one sorted table with their running
total, so that both questions are one binary search, however far apart the two ends are.

Past the calendar's last day Monday to Friday count as working days, for `GUESSED` and no further: a promise must
not fail because next year's holidays are not announced yet. What reaches there is provisional.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from itertools import chain, pairwise
from typing import Protocol
from zoneinfo import ZoneInfo

from command_center.errors import CommandCenterError

Amount = int | float | Decimal | Fraction
"""A number of units. A float counts as the decimal it prints as: 0.1 is a tenth."""

_MICROSECOND = timedelta(microseconds=1)
_CENTURY = 100 * 366 * 86_400
GUESSED = timedelta(days=20 * 366)
"""How far past the calendar's last day working days are guessed: a limit of a year, two extensions and a suspension
of a year take six, and a calendar that nobody looked after is still good for ten."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BeyondCalendar(CommandCenterError):
    """A working-time question touches a day before the calendar, or one too far past it to be guessed."""

    code, status = "beyond-calendar", 503
    zh = "工作日历只能推算 {first} 至 {last} 的期限，无法计算。请管理员补充日历。"
    en = "Working time can be computed from {first} to {last} only, so there is no deadline: add to the calendar."


class Unit(StrEnum):
    """In what a limit is counted. Source: domain facts on time, four units."""

    URGENT_HOUR = "urgent_hour"
    NATURAL_DAY = "natural_day"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"

    @property
    def is_working(self) -> bool:
        """Whether it stands still outside working hours."""
        return self in (Unit.WORK_HOUR, Unit.WORK_DAY)


class Calendar(Protocol):
    """What the arithmetic asks of a calendar. It is hashable, because a table is kept for each one."""

    def __hash__(self) -> int:
        """Tell calendars apart."""

    @property
    def first(self) -> date:
        """First day covered."""

    @property
    def last(self) -> date:
        """Last day covered."""

    @property
    def working_days(self) -> Sequence[date]:
        """The days worked, make-up workdays included, in order."""


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """The spans worked on a working day, in local time, in order and apart."""

    spans: tuple[tuple[time, time], ...] = ((time(8), time(12)), (time(14), time(18)))
    timezone: str = "Asia/Shanghai"

    def __post_init__(self) -> None:
        """Refuse hours that the table below could not search.

        Raises: ValueError.
        """
        ends = [end for span in self.spans for end in span]
        if not ends or any(earlier >= later for earlier, later in pairwise(ends)):
            raise ValueError("working hours must be spans in order that neither touch nor overlap")

    @property
    def day(self) -> timedelta:
        """How long one working day is."""
        any_day = date(2000, 1, 1)
        lengths = (datetime.combine(any_day, end) - datetime.combine(any_day, start) for start, end in self.spans)
        return sum(lengths, timedelta())


OFFICE_HOURS = WorkingHours()


def duration(amount: Amount, unit: Unit, hours: WorkingHours = OFFICE_HOURS) -> timedelta:
    """Tell how much running time an amount is, to the nearest second.

    Raises: ValueError when the amount is negative, NaN, infinite or more than a century.
    """
    try:
        exact = Fraction(str(amount)) if isinstance(amount, float) else Fraction(amount)
    except OverflowError as infinite:
        raise ValueError("an amount of time must be finite") from infinite
    if exact < 0:
        raise ValueError("an amount of time cannot be negative")
    seconds = round(exact * _seconds(unit, hours))
    # Far beyond any promise, and far within what a date can hold.
    if seconds > _CENTURY:
        raise ValueError("an amount of time cannot be more than a century")
    return timedelta(seconds=seconds)


def add(
    start: datetime, amount: Amount, unit: Unit, calendar: Calendar, hours: WorkingHours = OFFICE_HOURS
) -> datetime:
    """Find the first moment, not before the start, at which the amount has run out.

    Four work hours from 08:00 end at 12:00, not at 14:00. Answers in UTC.
    Raises: BeyondCalendar; ValueError for a naive start or an impossible amount.
    """
    return add_running(start, duration(amount, unit, hours), unit, calendar, hours)


def add_running(
    start: datetime, running: timedelta, unit: Unit, calendar: Calendar, hours: WorkingHours = OFFICE_HOURS
) -> datetime:
    """Find the first moment, not before the start, at which this much time has run.

    Raises: BeyondCalendar; ValueError for a naive start.
    """
    begin = _micros(start)
    if running <= timedelta():
        return _moment(begin)
    if not unit.is_working:
        return _moment(begin + running // _MICROSECOND)
    return _moment(_table(calendar, hours).after(begin, running // _MICROSECOND))


def elapsed(
    start: datetime, end: datetime, unit: Unit, calendar: Calendar, hours: WorkingHours = OFFICE_HOURS
) -> timedelta:
    """Tell how much time has run between two moments; zero when the end is not after the start.

    Raises: BeyondCalendar; ValueError for a naive time.
    """
    begin, finish = _micros(start), _micros(end)
    if finish <= begin:
        return timedelta()
    if not unit.is_working:
        return timedelta(microseconds=finish - begin)
    table = _table(calendar, hours)
    return timedelta(microseconds=table.total(finish) - table.total(begin))


def _seconds(unit: Unit, hours: WorkingHours) -> int:
    if unit is Unit.NATURAL_DAY:
        return 86_400
    if unit is Unit.WORK_DAY:
        return hours.day // timedelta(seconds=1)
    return 3_600


def _micros(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise ValueError("times are aware; this one has no zone")
    return (moment - _EPOCH) // _MICROSECOND


def _moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


def _guessed_days(last: date) -> Iterator[date]:
    return (day for n in range(1, GUESSED.days + 1) if (day := last + timedelta(days=n)).weekday() < 5)


@dataclass(frozen=True)
class _Table:
    """Working spans, in microseconds since the epoch, and how much was worked before each and by its end.

    first, last: the days it covers, the guessed ones included.
    """

    first: date
    last: date
    covered: tuple[int, int]
    starts: list[int]
    before: list[int]
    by_end: list[int]

    def total(self, moment: int) -> int:
        """Sum what was worked from the calendar's first day to this moment."""
        if not self.covered[0] <= moment <= self.covered[1]:
            raise BeyondCalendar(first=self.first, last=self.last)
        at = bisect_right(self.starts, moment) - 1
        return min(self.before[at] + moment - self.starts[at], self.by_end[at]) if at >= 0 else 0

    def after(self, moment: int, running: int) -> int:
        """Find when so much has been worked from a moment on; `running` is positive."""
        target = self.total(moment) + running
        # The first span whose end reaches the target: a limit that is used up at noon ends at noon.
        at = bisect_left(self.by_end, target)
        if at == len(self.by_end):
            raise BeyondCalendar(first=self.first, last=self.last)
        return self.starts[at] + target - self.before[at]


@lru_cache(maxsize=16)
def _table(calendar: Calendar, hours: WorkingHours) -> _Table:
    zone = ZoneInfo(hours.timezone)
    starts: list[int] = []
    before: list[int] = []
    by_end: list[int] = []
    worked = 0
    for day in chain(calendar.working_days, _guessed_days(calendar.last)):
        for opens, closes in hours.spans:
            start = _micros(datetime.combine(day, opens, zone))
            starts.append(start)
            before.append(worked)
            worked += _micros(datetime.combine(day, closes, zone)) - start
            by_end.append(worked)
    last = calendar.last + GUESSED
    covered = (
        _micros(datetime.combine(calendar.first, time(), zone)),
        _micros(datetime.combine(last + timedelta(days=1), time(), zone)),
    )
    return _Table(calendar.first, last, covered, starts, before, by_end)
