"""Working-time arithmetic against an oracle that walks minute by minute, 2024–2027 and on past the table.

The oracle knows nothing of spans, sums or searches: it looks at each minute and asks whether it is worked.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command_center.deadlines.calendar import WorkCalendar
from command_center.deadlines.working_time import Unit, add, add_running, elapsed

DAY_ZERO = datetime(2023, 12, 31, 16, tzinfo=UTC)  # midnight in Shanghai, which has had no summer time since 1991
MINUTE = timedelta(minutes=1)
COVERED, WALKED = 1_461, 3_000  # days of the table, four years; days the walker knows, to March 2032
DAY = 1_440


def day_number(text: str) -> int:
    return (date.fromisoformat(text) - date(2024, 1, 1)).days


# Where a clock is most easily wrong: holidays with their make-up days, year ends, leap days, the table's own end.
TRICKY = [
    day_number(text)
    for text in (
        *("2024-02-09", "2024-02-18", "2024-02-29", "2024-10-12", "2024-12-31", "2025-01-26", "2025-02-08"),
        *("2025-10-08", "2025-10-11", "2025-12-31", "2026-02-14", "2026-02-28", "2026-09-20", "2026-10-10"),
        *("2026-12-31", "2027-01-01", "2027-02-05", "2027-10-03", "2027-12-31", "2028-01-01", "2028-01-03"),
    )
]
EDGES = [0, 8 * 60 - 1, 8 * 60, 12 * 60 - 1, 12 * 60, 13 * 60, 14 * 60, 18 * 60 - 1, 18 * 60, DAY - 1]
starts = st.one_of(
    st.integers(0, COVERED * DAY - 1),
    st.integers(COVERED * DAY - 60 * DAY, (WALKED - 150) * DAY),
    st.builds(lambda day, minute: day * DAY + minute, st.sampled_from(TRICKY), st.sampled_from(EDGES)),
)
working_units = st.sampled_from([Unit.WORK_HOUR, Unit.WORK_DAY])
SETTINGS = settings(max_examples=300, deadline=None)


class Walker:
    """Walks through the minutes of four years, and of four more of which nothing is known but the weekday."""

    def __init__(self, calendar: WorkCalendar) -> None:
        worked = set(calendar.working_days)
        days = [date(2024, 1, 1) + timedelta(days=n) for n in range(WALKED)]
        self.worked = [day in worked if n < COVERED else day.isoweekday() <= 5 for n, day in enumerate(days)]

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


@settings(max_examples=800, deadline=None)
@given(
    start=st.datetimes(datetime(2024, 1, 1), datetime(2037, 12, 31)).map(lambda naive: naive.replace(tzinfo=UTC)),
    seconds=st.one_of(st.integers(0, 80 * 8 * 3_600), st.integers(0, 4 * 366 * 8 * 3_600)),
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


def test_seeded_cases_cross_every_kind_of_obstacle(calendar: WorkCalendar, walker: Walker) -> None:
    """What chance covers is counted: none of the obstacles may be left to luck."""
    rng = Random(20261121)
    crossed: Counter[str] = Counter()
    for _ in range(240):
        start = rng.choice(TRICKY) * DAY + rng.randrange(DAY) if rng.random() < 0.5 else rng.randrange(COVERED * DAY)
        amount = rng.randrange(1, 6 * 480)
        end = walker.end(start, amount)
        assert add(moment(start), Fraction(amount, 480), Unit.WORK_DAY, calendar) == moment(end)
        assert elapsed(moment(start), moment(end), Unit.WORK_DAY, calendar) == amount * MINUTE
        crossed.update(_obstacles(calendar, start, end))
    assert all(crossed[name] >= 5 for name in ("lunch", "weekend", "holiday", "makeup", "year end", "table's end"))


def _obstacles(calendar: WorkCalendar, start: int, end: int) -> set[str]:
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(start // DAY, end // DAY + 1)]
    found = {str(kind) for day in days[1:-1] if (kind := calendar.kind(day))}
    if any(start < n * DAY + 12 * 60 and n * DAY + 14 * 60 < end for n in range(start // DAY, end // DAY + 1)):
        found.add("lunch")
    if days[0].year != days[-1].year:
        found.add("year end")
    if days[0] <= calendar.last < days[-1]:
        found.add("table's end")
    return found
