"""The tables of calendar days and of the rules' editions; how they are used is `calendar.py` and `editions.py`."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from command_center.database import Base, UtcDateTime
from command_center.events.canonical import CanonicalJson


class CalendarDay(Base):
    """One day of the working calendar. A year that is not confirmed gives provisional deadlines only."""

    __tablename__ = "calendar_days"

    date: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str | None] = mapped_column(String(50))
    source: Mapped[str] = mapped_column(String(100))
    confirmed: Mapped[bool] = mapped_column(Boolean)


class CalendarEdition(Base):
    """One change of the calendar, and how far the open clocks were computed anew after it.

    Written in the transaction that changes the days, so that a process killed in between leaves what is still to
    be done; the highest version tells other processes that their calendar in memory is old.
    """

    __tablename__ = "calendar_editions"

    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    year: Mapped[int | None] = mapped_column(Integer, doc="the year that was confirmed; none: loaded from files")
    first_day: Mapped[date] = mapped_column(Date, doc="what changed lies between the two")
    last_day: Mapped[date] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(64))
    done_through: Mapped[int] = mapped_column(Integer, default=0, doc="the last ticket looked at, by its id")
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PolicyVersion(Base):
    """One stored edition of the rules. Never changed: an edit is the next version."""

    __tablename__ = "policies"

    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]] = mapped_column(CanonicalJson)
    note: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(64))
