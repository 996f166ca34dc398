"""Working-time arithmetic against an oracle that walks minute by minute, 2024–2027.

The oracle knows nothing of spans, sums or searches: it looks at each minute and asks whether it is worked.
"""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command_center.deadlines.calendar import WorkCalendar
from command_center.deadlines.working_time import Unit, add, add_running, elapsed

DAY_ZERO = datetime(2023, 12, 31, 16, tzinfo=UTC)  # midnight in Shanghai, which has had no summer time since 1991
MINUTE = timedelta(minutes=1)
LAST_START = 1_380 * 1_440  # October 2027: forty working days stay inside the calendar

starts = st.integers(0, LAST_START)
working_units = st.sampled_from([Unit.WORK_HOUR, Unit.WORK_DAY])
SETTINGS = settings(max_examples=120, deadline=None)


class Walker:
    """Walks through the minutes of four years."""

    def __init__(self, calendar: WorkCalendar) -> None:
        worked = set(calendar.working_days)
        self.worked = [date(2024, 1, 1) + timedelta(days=n) in worked for n in range(1461)]

    def works(self, minute: int) -> bool:
        """Whether the minute that begins now is worked."""
        hour = minute % 1_440 // 60
        return self.worked[minute // 1_440] and (8 <= hour < 12 or 14 <= hour < 18)

    def end(self, start: int, amount: int) -> int:
        """The minute at which so many minutes have been worked."""
        minute = start
        while amount:
            amount -= self.works(minute)
            minute += 1
        return minute

    def worked_between(self, start: int, end: int) -> int:
        """How many minutes were worked."""
        return sum(self.works(minute) for minute in range(start, end))


@pytest.fixture(scope="module")
def walker(calendar: WorkCalendar) -> Walker:
    return Walker(calendar)


def moment(minute: int) -> datetime:
    return DAY_ZERO + minute * MINUTE


@SETTINGS
@given(start=starts, amount=st.integers(0, 40 * 480), unit=working_units)
def test_add_agrees_with_the_walker(
    calendar: WorkCalendar, walker: Walker, start: int, amount: int, unit: Unit
) -> None:
    of_unit = Fraction(amount, 60 if unit is Unit.WORK_HOUR else 480)
    assert add(moment(start), of_unit, unit, calendar) == moment(walker.end(start, amount))


@SETTINGS
@given(start=starts, length=st.integers(0, 60 * 1_440), unit=working_units)
def test_elapsed_agrees_with_the_walker(
    calendar: WorkCalendar, walker: Walker, start: int, length: int, unit: Unit
) -> None:
    ran = elapsed(moment(start), moment(start + length), unit, calendar)
    assert ran == walker.worked_between(start, start + length) * MINUTE


@settings(max_examples=500, deadline=None)
@given(
    start=st.datetimes(datetime(2024, 1, 1), datetime(2027, 9, 1)).map(lambda naive: naive.replace(tzinfo=UTC)),
    seconds=st.integers(0, 80 * 8 * 3_600),
    unit=st.sampled_from(list(Unit)),
)
def test_add_and_elapsed_are_inverse_to_the_second(
    calendar: WorkCalendar, start: datetime, seconds: int, unit: Unit
) -> None:
    running = timedelta(seconds=seconds)
    end = add_running(start, running, unit, calendar)
    assert end >= start
    assert elapsed(start, end, unit, calendar) == running
    if seconds:
        # No earlier moment would do: one microsecond before, a microsecond is still missing.
        assert elapsed(start, end - timedelta(microseconds=1), unit, calendar) == running - timedelta(microseconds=1)


@settings(max_examples=200, deadline=None)
@given(
    start=starts,
    first=st.integers(0, 40 * 1_440),
    second=st.integers(0, 40 * 1_440),
    unit=st.sampled_from(list(Unit)),
)
def test_time_that_has_run_adds_up(calendar: WorkCalendar, start: int, first: int, second: int, unit: Unit) -> None:
    begin, middle, end = moment(start), moment(start + first), moment(start + first + second)
    parts = elapsed(begin, middle, unit, calendar) + elapsed(middle, end, unit, calendar)
    assert parts == elapsed(begin, end, unit, calendar)
