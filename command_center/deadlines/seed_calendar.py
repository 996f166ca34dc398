"""Write the calendar of working days, `data/calendar/calendar.csv`.

A tool for whoever prepares the data, not part of the running system:
`python -m command_center.deadlines.seed_calendar data/calendar/calendar.csv`.
The package `chinesecalendar` is needed here only: it raises for a year whose notice has not been
published, and a running system must not stop at New Year because a package is old.
"""

import argparse
import csv
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path

import chinese_calendar

NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
}

# The thirteen statutory days of a year whose notice is not out yet, by the lunar calendar.
# Source: 全国年节及纪念日放假办法, 2024 revision.
PROVISIONAL_HOLIDAYS = {
    date(2027, 1, 1): "元旦",
    date(2027, 2, 5): "春节",
    date(2027, 2, 6): "春节",
    date(2027, 2, 7): "春节",
    date(2027, 2, 8): "春节",
    date(2027, 4, 5): "清明节",
    date(2027, 5, 1): "劳动节",
    date(2027, 5, 2): "劳动节",
    date(2027, 6, 9): "端午节",
    date(2027, 9, 15): "中秋节",
    date(2027, 10, 1): "国庆节",
    date(2027, 10, 2): "国庆节",
    date(2027, 10, 3): "国庆节",
}

Row = tuple[str, str, str, str, int]


def rows(first_year: int = 2024, last_year: int = 2027) -> Iterator[Row]:
    """Yield (date, kind, name, source, confirmed) for each day of the years.

    Raises: ValueError when a year is neither published nor listed above.
    """
    published = max(day.year for day in chinese_calendar.constants.holidays)
    source = f"chinesecalendar {version('chinesecalendar')}"
    day = date(first_year, 1, 1)
    while day.year <= last_year:
        if day.year <= published:
            yield day.isoformat(), *_published(day), source, 1
        elif any(holiday.year == day.year for holiday in PROVISIONAL_HOLIDAYS):
            yield day.isoformat(), *_provisional(day), "statutory dates; notice not yet published", 0
        else:
            raise ValueError(f"no holidays known for {day.year}")
        day += timedelta(days=1)


def _published(day: date) -> tuple[str, str]:
    weekend = day.weekday() >= 5
    name = NAMES.get(chinese_calendar.get_holiday_detail(day)[1] or "", "")
    if chinese_calendar.is_workday(day):
        return ("makeup", name) if weekend else ("workday", "")
    return ("holiday", name) if name else ("weekend", "")


def _provisional(day: date) -> tuple[str, str]:
    if day in PROVISIONAL_HOLIDAYS:
        return "holiday", PROVISIONAL_HOLIDAYS[day]
    return ("weekend" if day.weekday() >= 5 else "workday"), ""


def main() -> None:
    """Write the table to the file named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("file", type=Path)
    file: Path = parser.parse_args().file
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["date", "kind", "name", "source", "confirmed"])
        writer.writerows(rows())


if __name__ == "__main__":
    main()
