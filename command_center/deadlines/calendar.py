"""The calendar of working days: which days are worked, and which years are only provisional."""

import csv
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo


class DayKind(StrEnum):
    """What a day is. A make-up day is a Saturday or Sunday worked in exchange for a bridging day."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKEUP = "makeup"

    @property
    def is_worked(self) -> bool:
        """Whether offices are open."""
        return self in (DayKind.WORKDAY, DayKind.MAKEUP)


YearStatus = Literal["confirmed", "provisional"]
DayRow = tuple[date, str, bool]
"""A day, its kind, and whether the State Council's notice confirms it."""


@dataclass(frozen=True, eq=False)
class WorkCalendar:
    """Days without a gap, each with its kind; compared by identity, so build it once and keep it.

    `provisional` holds the days no notice has confirmed yet.
    """

    kinds: dict[date, DayKind] = field(repr=False)
    provisional: frozenset[date] = field(repr=False)

    @classmethod
    def from_rows(cls, rows: Iterable[DayRow]) -> Self:
        """Build it from the rows of a table, in any order.

        Raises: ValueError for no rows, an unknown kind, a day given twice, or a day left out.
        """
        kinds: dict[date, DayKind] = {}
        provisional: set[date] = set()
        for day, kind, confirmed in rows:
            if day in kinds:
                raise ValueError(f"{day} stands twice in the calendar")
            kinds[day] = DayKind(kind)
            if not confirmed:
                provisional.add(day)
        if not kinds:
            raise ValueError("the calendar has no days")
        # A missing day would silently count as a day off, and a deadline would slip by it.
        span = (max(kinds) - min(kinds)).days + 1
        if span != len(kinds):
            missing = next(day for day in _days(min(kinds), span) if day not in kinds)
            raise ValueError(f"the calendar leaves out {missing}")
        return cls(kinds, frozenset(provisional))

    @cached_property
    def first(self) -> date:
        """First day covered."""
        return min(self.kinds)

    @cached_property
    def last(self) -> date:
        """Last day covered."""
        return max(self.kinds)

    @cached_property
    def working_days(self) -> tuple[date, ...]:
        """The days worked, in order."""
        return tuple(sorted(day for day, kind in self.kinds.items() if kind.is_worked))

    @cached_property
    def _provisional_in_order(self) -> tuple[date, ...]:
        return tuple(sorted(self.provisional))

    @cached_property
    def years(self) -> dict[int, YearStatus]:
        """The years covered, each confirmed only if every day of it is."""
        covered = range(self.first.year, self.last.year + 1)
        open_years = {day.year for day in self.provisional}
        return {year: "provisional" if year in open_years else "confirmed" for year in covered}

    def kind(self, day: date) -> DayKind | None:
        """What a day is, or None beyond the calendar."""
        return self.kinds.get(day)

    def is_provisional(self, day: date) -> bool:
        """Whether a day is unconfirmed; a day beyond the calendar is."""
        return day in self.provisional or day not in self.kinds

    def touches_provisional(self, start: datetime, end: datetime, zone: ZoneInfo) -> bool:
        """Whether any day from start to end, both included and in local time, is unconfirmed."""
        first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
        if first < self.first or last > self.last:
            return True
        at = bisect_left(self._provisional_in_order, first)
        return at < len(self._provisional_in_order) and self._provisional_in_order[at] <= last


def load_csv(path: Path) -> WorkCalendar:
    """Read `data/calendar/calendar.csv` or a file like it.

    Raises: ValueError as `WorkCalendar.from_rows`, or for a date that is none.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return WorkCalendar.from_rows(
            (date.fromisoformat(row["date"]), row["kind"], row["confirmed"] == "1") for row in rows
        )


def _days(first: date, count: int) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range(count))
