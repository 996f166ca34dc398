"""Put the working calendar into the database, and read it back."""

import csv
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.deadlines.calendar import WorkCalendar
from command_center.deadlines.models import CalendarDay


def load(session: Session, path: Path) -> int:
    """Load `calendar.csv`; existing days are updated. Returns how many days."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        days = [
            CalendarDay(
                date=date.fromisoformat(row["date"]),
                kind=row["kind"],
                name=row["name"] or None,
                source=row["source"],
                confirmed=row["confirmed"] == "1",
            )
            for row in csv.DictReader(file)
        ]
    WorkCalendar.from_rows((day.date, day.kind, day.confirmed) for day in days)  # refuse gaps before storing any
    for day in days:
        session.merge(day)
    session.flush()
    return len(days)


def read(session: Session) -> WorkCalendar:
    """Build the calendar from its table. Raises: ValueError when it is empty or has gaps."""
    rows = session.execute(select(CalendarDay.date, CalendarDay.kind, CalendarDay.confirmed))
    return WorkCalendar.from_rows((row.date, row.kind, row.confirmed) for row in rows)
