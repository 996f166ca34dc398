"""A clock that can stand still, go on and be extended: nothing is lost, nothing is given away."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command_center.deadlines.calendar import WorkCalendar
from command_center.deadlines.stretches import ZERO, Stretch
from command_center.deadlines.working_time import OFFICE_HOURS, Unit, elapsed
from tests.builders import at

EIGHTY = Fraction(4, 5)
MOMENTS = st.datetimes(datetime(2026, 1, 5), datetime(2026, 11, 30), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)
RUNNING = st.integers(1, 200 * 3600).map(lambda seconds: timedelta(seconds=seconds))
UNITS = st.sampled_from(list(Unit))


def end(stretch: Stretch, unit: Unit, calendar: WorkCalendar) -> datetime:
    return stretch.clock(EIGHTY, unit, calendar, OFFICE_HOURS).due_at


@given(start=MOMENTS, running=RUNNING, unit=UNITS, used=st.integers(0, 10**6), still=st.integers(0, 10**7))
def test_after_standing_still_exactly_what_was_left_is_left(
    calendar: WorkCalendar, start: datetime, running: timedelta, unit: Unit, used: int, still: int
) -> None:
    began = Stretch.begin(running, start)
    pause = start + timedelta(seconds=used)
    stopped = began.stopped(pause, unit, calendar, OFFICE_HOURS)
    ran = elapsed(start, pause, unit, calendar, OFFICE_HOURS)
    assert stopped.left == max(ZERO, running - ran)
    going = stopped.going_on(pause + timedelta(seconds=still))
    assert elapsed(going.since or start, end(going, unit, calendar), unit, calendar, OFFICE_HOURS) == stopped.left


@given(start=MOMENTS, running=RUNNING, unit=UNITS, more=RUNNING)
def test_an_extension_adds_exactly_that_much_running_time(
    calendar: WorkCalendar, start: datetime, running: timedelta, unit: Unit, more: timedelta
) -> None:
    before, after = Stretch.begin(running, start), Stretch.begin(running, start).extended(more)
    gained = elapsed(end(before, unit, calendar), end(after, unit, calendar), unit, calendar, OFFICE_HOURS)
    assert gained == more


@given(start=MOMENTS, running=RUNNING, unit=UNITS, used=st.integers(0, 10**6))
def test_it_warns_before_it_ends_and_not_before_it_runs(
    calendar: WorkCalendar, start: datetime, running: timedelta, unit: Unit, used: int
) -> None:
    pause = start + timedelta(seconds=used)
    going = Stretch.begin(running, start).stopped(pause, unit, calendar, OFFICE_HOURS).going_on(pause)
    clock = going.clock(EIGHTY, unit, calendar, OFFICE_HOURS)
    assert pause <= clock.warn_at <= clock.due_at


def test_the_warning_counts_from_all_the_time_that_was_granted(calendar: WorkCalendar) -> None:
    start = at("2026-11-20 08:00")
    stretch = Stretch.begin(timedelta(hours=10), start).extended(timedelta(hours=10))
    assert stretch.clock(EIGHTY, Unit.URGENT_HOUR, calendar, OFFICE_HOURS).warn_at == start + timedelta(hours=16)


def test_standing_still_twice_or_going_on_twice_changes_nothing(calendar: WorkCalendar) -> None:
    start = at("2026-11-20 08:00")
    stopped = Stretch.begin(timedelta(hours=2), start).stopped(start, Unit.WORK_HOUR, calendar, OFFICE_HOURS)
    assert stopped.stopped(start + timedelta(days=9), Unit.WORK_HOUR, calendar, OFFICE_HOURS) == stopped
    going = stopped.going_on(start)
    assert going.going_on(start + timedelta(days=9)) == going


def test_a_clock_that_stands_still_has_no_end(calendar: WorkCalendar) -> None:
    stopped = Stretch(timedelta(hours=2), timedelta(hours=1), None)
    with pytest.raises(ValueError, match="stands still"):
        stopped.clock(EIGHTY, Unit.WORK_HOUR, calendar, OFFICE_HOURS)
