"""When an amount of time has run out: tables of cases, in Shanghai time, and refusals."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from command_center.deadlines.calendar import WorkCalendar
from command_center.deadlines.working_time import (
    Amount,
    BeyondCalendar,
    Unit,
    WorkingHours,
    add,
    add_running,
    duration,
    elapsed,
)

H, D, WH, WD = Unit.URGENT_HOUR, Unit.NATURAL_DAY, Unit.WORK_HOUR, Unit.WORK_DAY


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


ADD: list[tuple[str, Amount, Unit, str]] = [
    # Natural units run through nights, weekends and holidays.
    ("2026-11-20 23:30:00", 2, H, "2026-11-21 01:30:00"),
    ("2026-09-30 17:00:00", 5, D, "2026-10-05 17:00:00"),
    # Inside one morning.
    ("2026-11-20 08:30:00", 2, WH, "2026-11-20 10:30:00"),
    # Across lunch: an hour before, an hour after.
    ("2026-11-20 11:00:00", 2, WH, "2026-11-20 15:00:00"),
    # Used up exactly at noon ends at noon, not after lunch.
    ("2026-11-20 08:00:00", 4, WH, "2026-11-20 12:00:00"),
    # One second more ends one second into the afternoon.
    ("2026-11-20 07:59:59", Fraction(14401, 3600), WH, "2026-11-20 14:00:01"),
    # Begun during lunch counts from 14:00.
    ("2026-11-20 12:30:00", 1, WH, "2026-11-20 15:00:00"),
    # Begun at the stroke of noon, the same.
    ("2026-11-20 12:00:00", 1, WH, "2026-11-20 15:00:00"),
    # Begun before the doors open.
    ("2026-11-20 03:00:00", 1, WH, "2026-11-20 09:00:00"),
    # Begun on Friday evening counts from Monday.
    ("2026-11-20 18:00:00", 1, WH, "2026-11-23 09:00:00"),
    # Across a weekend: an hour on Friday, one on Monday.
    ("2026-11-20 17:00:00", 2, WH, "2026-11-23 09:00:00"),
    # A working day is eight working hours: from ten to ten.
    ("2026-11-19 10:00:00", 1, WD, "2026-11-20 10:00:00"),
    # Begun on a weekend ends on Monday evening.
    ("2026-11-21 11:00:00", 1, WD, "2026-11-23 18:00:00"),
    # Across National Day 2026 (1–7 October); Saturday the 10th is worked.
    ("2026-09-30 10:00:00", 1, WD, "2026-10-08 10:00:00"),
    ("2026-10-08 10:00:00", 2, WD, "2026-10-10 10:00:00"),
    ("2026-10-09 18:00:00", 1, WD, "2026-10-10 18:00:00"),
    # Across the Spring Festival 2026: 14 February (a Saturday) is worked, 15–23 off.
    ("2026-02-13 18:00:00", 2, WD, "2026-02-24 18:00:00"),
    # Across the leap day of 2024.
    ("2024-02-28 10:00:00", 2, WD, "2024-03-01 10:00:00"),
    # Across a year's end: 1 January 2027 is a holiday, then a weekend.
    ("2026-12-31 17:00:00", 2, WH, "2027-01-04 09:00:00"),
    # Fifteen working days, the limit of an unlawful structure.
    ("2026-11-02 09:00:00", 15, WD, "2026-11-23 09:00:00"),
    # A quarter of fifteen working days, a village's share.
    ("2026-11-02 08:00:00", Decimal("3.75"), WD, "2026-11-05 16:00:00"),
    # A float counts as it prints: a tenth of an hour is 360 s.
    ("2026-11-20 08:00:00", 0.1, WH, "2026-11-20 08:06:00"),
    # Nothing to wait for: at once, even outside working hours.
    ("2026-11-21 11:00:00", 0, WD, "2026-11-21 11:00:00"),
]


@pytest.mark.parametrize(("start", "amount", "unit", "end"), ADD)
def test_an_amount_of_time_runs_out_at(
    calendar: WorkCalendar, start: str, amount: Amount, unit: Unit, end: str
) -> None:
    assert add(at(start), amount, unit, calendar) == at(end)


@pytest.mark.parametrize(("start", "amount", "unit", "end"), ADD)
def test_elapsed_undoes_add(calendar: WorkCalendar, start: str, amount: Amount, unit: Unit, end: str) -> None:
    assert elapsed(at(start), at(end), unit, calendar) == duration(amount, unit)


@pytest.mark.parametrize(
    ("start", "end", "unit", "hours"),
    [
        # A whole working week.
        ("2026-11-16 00:00:00", "2026-11-22 00:00:00", WH, 40),
        # National Day week: nothing runs.
        ("2026-10-01 00:00:00", "2026-10-08 00:00:00", WD, 0),
        # Lunch: nothing runs.
        ("2026-11-20 12:00:00", "2026-11-20 14:00:00", WH, 0),
        # An end before the start has used up nothing.
        ("2026-11-20 10:00:00", "2026-11-20 09:00:00", WH, 0),
        ("2026-11-20 10:00:00", "2026-11-20 09:00:00", H, 0),
        # Natural time counts it all.
        ("2026-10-01 00:00:00", "2026-10-08 00:00:00", D, 168),
    ],
)
def test_so_much_time_has_run(calendar: WorkCalendar, start: str, end: str, unit: Unit, hours: int) -> None:
    assert elapsed(at(start), at(end), unit, calendar) == timedelta(hours=hours)


def test_the_answer_is_in_utc(calendar: WorkCalendar) -> None:
    assert add(at("2026-11-20 08:00:00"), 1, WH, calendar).tzinfo is UTC


def test_microseconds_of_the_start_are_kept(calendar: WorkCalendar) -> None:
    start = at("2026-11-20 08:00:00") + timedelta(microseconds=7)
    assert add(start, 1, WH, calendar) == start + timedelta(hours=1)


def test_other_working_hours_are_data(calendar: WorkCalendar) -> None:
    summer = WorkingHours(spans=((time(8), time(11, 30)), (time(14, 30), time(18))))
    assert add(at("2026-11-20 11:00:00"), 1, WH, calendar, summer) == at("2026-11-20 15:00:00")
    assert add(at("2026-11-19 08:00:00"), 1, WD, calendar, summer) == at("2026-11-19 18:00:00")


def test_night_hours_to_midnights_last_second_are_possible(calendar: WorkCalendar) -> None:
    around_the_clock = WorkingHours(spans=((time(0), time(23, 59, 59)),))
    assert add(at("2026-11-20 23:59:58"), Fraction(2, 3600), WH, calendar, around_the_clock) == at(
        "2026-11-23 00:00:01"
    )


@pytest.mark.parametrize(
    "spans",
    [
        (),  # none
        ((time(12), time(8)),),  # backwards
        ((time(8), time(12)), (time(11), time(18))),  # overlapping
        ((time(14), time(18)), (time(8), time(12))),  # out of order
    ],
)
def test_impossible_working_hours_are_refused(spans: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(ValueError, match="working hours"):
        WorkingHours(spans=spans)


@pytest.mark.parametrize("amount", [-1, 10**9, 10**30, float("nan"), float("inf"), Decimal("NaN"), Decimal("Infinity")])
def test_an_impossible_amount_is_refused(calendar: WorkCalendar, amount: Amount) -> None:
    with pytest.raises(ValueError):
        add(at("2026-11-20 08:00:00"), amount, WH, calendar)


def test_a_time_without_zone_is_refused(calendar: WorkCalendar) -> None:
    with pytest.raises(ValueError, match="zone"):
        add(datetime(2026, 11, 20, 8), 1, WH, calendar)


@pytest.mark.parametrize(
    ("start", "amount"),
    [
        ("2023-12-31 08:00:00", 1),  # begins before the first day
        ("2048-01-18 08:00:00", 1),  # begins when even guessing has ended
        ("2047-12-31 08:00:00", 30),  # ends only after that
        ("2026-11-20 08:00:00", 30_000),  # nearly a century: answered at once, not walked
    ],
)
def test_working_time_beyond_the_calendar_is_an_error(calendar: WorkCalendar, start: str, amount: int) -> None:
    with pytest.raises(BeyondCalendar):
        add(at(start), amount, WD, calendar)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "end"),
    [
        # Friday 31 December 2027 is the table's last day; the Saturday after it is off.
        ("2027-12-31 17:00:00", 2, WH, "2028-01-03 09:00:00"),
        # From the last second of the table.
        ("2027-12-31 18:00:00", 1, WD, "2028-01-03 18:00:00"),
        # Begun after it, on a Monday, across a weekend: nobody knows a holiday there.
        ("2028-01-03 08:00:00", 6, WD, "2028-01-10 18:00:00"),
        # Begun on a Sunday after it.
        ("2028-01-09 11:00:00", 1, WH, "2028-01-10 09:00:00"),
        # A year of working days, twice extended, 52 weeks of five each.
        ("2028-01-03 08:00:00", 3 * 52 * 5, WD, "2030-12-27 18:00:00"),
    ],
)
def test_past_the_table_monday_to_friday_are_worked(
    calendar: WorkCalendar, start: str, amount: int, unit: Unit, end: str
) -> None:
    assert add(at(start), amount, unit, calendar) == at(end)
    assert elapsed(at(start), at(end), unit, calendar) == duration(amount, unit)


def test_a_calendar_nobody_looked_after_is_still_good_for_ten_years_and_the_longest_promise(
    calendar: WorkCalendar,
) -> None:
    begun = at("2037-12-31 09:00:00") + timedelta(days=366)  # reported at the end of the ten years, then suspended
    assert add(begun, 3 * 366, WD, calendar) > begun
    assert calendar.touches_provisional(begun, begun, ZoneInfo("Asia/Shanghai"))


def test_natural_time_needs_no_calendar(calendar: WorkCalendar) -> None:
    assert add(at("2035-01-01 00:00:00"), 1, D, calendar) == at("2035-01-02 00:00:00")


def test_running_time_may_be_added_in_parts(calendar: WorkCalendar) -> None:
    start = at("2026-09-30 15:20:10")
    half = add_running(start, timedelta(hours=10), WH, calendar)
    assert add_running(half, timedelta(hours=10), WH, calendar) == add(start, 20, WH, calendar)
