"""The calendar of working days, as shipped and as built from rows."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from command_center.deadlines.calendar import DayKind, WorkCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 11, 20), DayKind.WORKDAY),  # an ordinary Friday
        (date(2026, 11, 21), DayKind.WEEKEND),  # an ordinary Saturday
        (date(2026, 10, 1), DayKind.HOLIDAY),  # National Day, a Thursday
        (date(2026, 10, 7), DayKind.HOLIDAY),  # a Wednesday given in exchange for a Saturday
        (date(2026, 10, 10), DayKind.MAKEUP),  # that Saturday
        (date(2026, 9, 20), DayKind.MAKEUP),  # a Sunday worked before the holiday
        (date(2026, 2, 28), DayKind.MAKEUP),  # after the Spring Festival
        (date(2025, 10, 6), DayKind.HOLIDAY),  # Mid-autumn inside the National Day week
        (date(2024, 2, 9), DayKind.WORKDAY),  # New Year's Eve 2024 was officially a working day
        (date(2027, 2, 6), DayKind.HOLIDAY),  # first day of the lunar year, on a Saturday
        (date(2027, 2, 9), DayKind.WORKDAY),  # after the four statutory days, as far as is known
    ],
)
def test_a_day_has_its_kind(calendar: WorkCalendar, day: date, kind: DayKind) -> None:
    assert calendar.kind(day) is kind


def test_the_calendar_covers_four_years(calendar: WorkCalendar) -> None:
    assert (calendar.first, calendar.last) == (date(2024, 1, 1), date(2027, 12, 31))


def test_a_make_up_saturday_is_a_working_day(calendar: WorkCalendar) -> None:
    assert date(2026, 10, 10) in calendar.working_days


@pytest.mark.parametrize(
    ("day", "provisional"),
    [
        (date(2026, 12, 31), False),  # the last confirmed day
        (date(2027, 1, 1), True),  # the first without a notice
        (date(2030, 1, 1), True),  # nothing is known
    ],
)
def test_a_day_without_a_notice_is_provisional(calendar: WorkCalendar, day: date, provisional: bool) -> None:
    assert calendar.is_provisional(day) is provisional


@pytest.mark.parametrize(
    ("start", "end", "touches"),
    [
        # Both on the last confirmed day.
        (datetime(2026, 12, 31, 1, tzinfo=UTC), datetime(2026, 12, 31, 10, tzinfo=UTC), False),
        # 16:00 UTC is already New Year in Shanghai.
        (datetime(2026, 12, 31, 1, tzinfo=UTC), datetime(2026, 12, 31, 16, tzinfo=UTC), True),
        # Past the calendar's end.
        (datetime(2027, 12, 31, 1, tzinfo=UTC), datetime(2028, 1, 5, tzinfo=UTC), True),
    ],
)
def test_a_span_of_time_touches_provisional_days_by_local_date(
    calendar: WorkCalendar, start: datetime, end: datetime, touches: bool
) -> None:
    assert calendar.touches_provisional(start, end, SHANGHAI) is touches


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([], "no days"),
        ([(date(2026, 1, 1), "holiday", True), (date(2026, 1, 1), "workday", True)], "twice"),
        # A hole would silently count as a day off.
        ([(date(2026, 1, 1), "holiday", True), (date(2026, 1, 3), "weekend", True)], "leaves out 2026-01-02"),
        ([(date(2026, 1, 1), "party", True)], "party"),
    ],
)
def test_a_faulty_calendar_is_refused(rows: list[tuple[date, str, bool]], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        WorkCalendar.from_rows(rows)


def test_rows_may_come_in_any_order() -> None:
    rows = [(date(2026, 1, 2), "workday", True), (date(2026, 1, 1), "holiday", False)]
    calendar = WorkCalendar.from_rows(rows)
    assert calendar.first == date(2026, 1, 1)
    assert calendar.working_days == (date(2026, 1, 2),)
