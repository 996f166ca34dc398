"""Put the working calendar into the database, read it back, and note each change of it."""

import csv
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.orm import Session

from command_center.database import table_of
from command_center.deadlines.calendar import DayRow, WorkCalendar
from command_center.deadlines.confirming import Day, Fault
from command_center.deadlines.errors import CalendarInvalid
from command_center.deadlines.models import CalendarDay, CalendarEdition

Known = dict[date, tuple[str, bool]]
"""Each day's kind, and whether it is confirmed."""


def load(session: Session, path: Path) -> int:
    """Load `calendar.csv`; existing days are updated. Returns how many days.

    A year that was confirmed here stays as it is: what is shipped may be older than the notice.
    Raises: ValueError for a fault, before any day is stored.
    """
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
    WorkCalendar.from_rows((day.date, day.kind, day.confirmed) for day in days)
    kept = set(session.scalars(select(CalendarEdition.year).where(CalendarEdition.year.is_not(None))))
    new = [day for day in days if day.date.year not in kept]
    after = known(session) | {day.date: (day.kind, day.confirmed) for day in new}
    WorkCalendar.from_rows(_rows(after))
    for day in new:
        session.merge(day)
    session.flush()
    return len(days)


def read(session: Session) -> WorkCalendar:
    """Build the calendar from its table. Raises: ValueError when it is empty or has gaps."""
    return WorkCalendar.from_rows(_rows(known(session)))


def known(session: Session) -> Known:
    """What the table says of each day."""
    rows = session.execute(select(CalendarDay.date, CalendarDay.kind, CalendarDay.confirmed))
    return {row.date: (row.kind, row.confirmed) for row in rows}


def days_of(session: Session, year: int) -> Sequence[CalendarDay]:
    """The days of a year, in order; none for a year the table does not have."""
    query = select(CalendarDay).where(_within(year)).order_by(CalendarDay.date)
    return session.scalars(query).all()


def newest_edition(session: Session) -> int:
    """Tell the calendar's edition, 0 while it was never changed."""
    return session.scalar(select(func.max(CalendarEdition.version))) or 0


def confirm(
    session: Session, year: int, days: Sequence[Day], faults: Sequence[Fault], by: str, now: datetime
) -> CalendarEdition | None:
    """Make these the confirmed days of a year. Returns the new edition, None when nothing differs.

    Raises: CalendarInvalid, which names every fault; nothing is changed then.
    """
    # Whoever changes the calendar waits for the one before, who holds its first day.
    session.scalar(select(CalendarDay.date).order_by(CalendarDay.date).limit(1).with_for_update())
    before = known(session)
    found = list(faults)
    years = {day.year for day in before}
    if years and not min(years) - 1 <= year <= max(years) + 1:
        found.insert(0, Fault.of(None, "gap", first=min(years), last=max(years), year=year))
    if found:
        raise CalendarInvalid(
            field="rows",
            year=year,
            count=len(found),
            first_zh=_told(found[0], "第 {} 行：", found[0].zh),
            first_en=_told(found[0], "row {}: ", found[0].en),
            faults=[fault.to_json() for fault in found],
        )
    table = table_of(CalendarDay)
    session.execute(delete(table).where(_within(year)))
    session.execute(
        insert(table),
        [
            {"date": day.date, "kind": day.kind.value, "name": day.name, "source": day.source, "confirmed": True}
            for day in days
        ],
    )
    return note_changes(session, before, year=year, by=by, now=now)


def note_changes(
    session: Session, before: Known, *, year: int | None, by: str, now: datetime
) -> CalendarEdition | None:
    """Write an edition if the calendar is not what it was: other processes see it, and open clocks are computed anew.

    year: the one that was confirmed. The first filling of an empty table changes nothing for anybody.
    """
    after = known(session)
    changed = [day for day, said in after.items() if before.get(day) != said]
    if not before or not changed:
        return None
    edition = CalendarEdition(
        version=newest_edition(session) + 1,
        year=year,
        first_day=min(changed),
        last_day=max(changed),
        created_at=now,
        created_by=by,
        done_through=0,
    )
    session.add(edition)
    session.flush()
    return edition


def _within(year: int) -> ColumnElement[bool]:
    return CalendarDay.date.between(date(year, 1, 1), date(year, 12, 31))


def _rows(days: Known) -> list[DayRow]:
    return [(day, kind, confirmed) for day, (kind, confirmed) in days.items()]


def _told(fault: Fault, row: str, text: str) -> str:
    return (row.format(fault.row) if fault.row is not None else "") + text
