"""The table of calendar days; how they are used is `calendar.py` and `working_time.py`."""

from datetime import date

from sqlalchemy import Boolean, Date, String
from sqlalchemy.orm import Mapped, mapped_column

from command_center.database import Base


class CalendarDay(Base):
    """One day of the working calendar. A year that is not confirmed gives provisional deadlines only."""

    __tablename__ = "calendar_days"

    date: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str | None] = mapped_column(String(50))
    source: Mapped[str] = mapped_column(String(100))
    confirmed: Mapped[bool] = mapped_column(Boolean)
