"""The shipped calendar of working days: without gaps, and confirmed only where a notice exists."""

import csv
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

FILE = Path(__file__).parents[2] / "data" / "calendar" / "calendar.csv"

with FILE.open(encoding="utf-8", newline="") as _file:
    ROWS = list(csv.DictReader(_file, strict=True))
DAYS = [date.fromisoformat(row["date"]) for row in ROWS]


def test_every_day_of_four_years_stands_once_and_in_order() -> None:
    assert DAYS[0] == date(2024, 1, 1)
    assert DAYS[-1] == date(2027, 12, 31)
    assert all(later - day == timedelta(days=1) for day, later in pairwise(DAYS))


def test_2024_to_2026_are_confirmed_and_2027_is_not() -> None:
    assert all((row["confirmed"] == "1") == (day.year < 2027) for row, day in zip(ROWS, DAYS, strict=True))


def test_a_kind_fits_its_day_of_the_week() -> None:
    for row, day in zip(ROWS, DAYS, strict=True):
        on_weekend = day.weekday() >= 5
        assert row["kind"] in (("weekend", "makeup", "holiday") if on_weekend else ("workday", "holiday")), row


def test_holidays_and_make_up_days_are_named_and_every_row_has_a_source() -> None:
    for row in ROWS:
        assert bool(row["name"]) == (row["kind"] in ("holiday", "makeup")), row
        assert row["source"], row


def test_working_days_a_year_are_as_published() -> None:
    # 251, 248 and 248 worked days by the notices; one more in the provisional year would surprise nobody.
    worked = Counter(day.year for row, day in zip(ROWS, DAYS, strict=True) if row["kind"] in ("workday", "makeup"))
    assert worked[2024] == 251 and worked[2025] == 248 and worked[2026] == 248
    assert 245 <= worked[2027] <= 256
