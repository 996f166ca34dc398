"""A year's days as an invented notice of the State Council might set them, for tests that confirm it."""

import csv
import io
from datetime import date, timedelta

SOURCE = "国办发明电〔2026〕0号（测试）"
# The statutory days as shipped, and what a notice adds: days off in exchange for a Saturday or Sunday.
HOLIDAYS = {
    "元旦": ("2027-01-01", "2027-01-03"),
    "春节": ("2027-02-05", "2027-02-12"),
    "清明节": ("2027-04-03", "2027-04-05"),
    "劳动节": ("2027-05-01", "2027-05-05"),
    "端午节": ("2027-06-09", "2027-06-09"),
    "中秋节": ("2027-09-15", "2027-09-15"),
    "国庆节": ("2027-10-01", "2027-10-07"),
}
MAKEUPS = ("2027-01-31", "2027-02-20", "2027-04-25", "2027-05-08", "2027-09-26", "2027-10-09")
Rows = list[dict[str, str]]


def rows(year: int = 2027) -> Rows:
    """Every day of the year; for another year than 2027 the same dates of it, as far as the weekday lets them."""
    named = {}
    for name, (first, last) in HOLIDAYS.items():
        day, end = (date.fromisoformat(text).replace(year=year) for text in (first, last))
        while day <= end:
            named[day] = name
            day += timedelta(days=1)
    makeups = {date.fromisoformat(text).replace(year=year) for text in MAKEUPS} if year == 2027 else set()
    day, found = date(year, 1, 1), []
    while day.year == year:
        if day in named:
            kind = "holiday"
        elif day in makeups:
            kind = "makeup"
        else:
            kind = "weekend" if day.isoweekday() > 5 else "workday"
        found.append({"date": day.isoformat(), "kind": kind, "name": named.get(day, ""), "source": SOURCE})
        day += timedelta(days=1)
    return found


def spelt(content: Rows) -> bytes:
    """The rows as a CSV file, with a byte order mark, as spreadsheets write it."""
    out = io.StringIO()
    writer = csv.DictWriter(out, ["date", "kind", "name", "source", "confirmed"], lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(row | {"confirmed": "0"} for row in content)
    return out.getvalue().encode("utf-8-sig")
