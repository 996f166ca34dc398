"""Tables of the statistics: what is known of each ticket, the rollups, and how far the log was read."""

from datetime import date

from sqlalchemy import BigInteger, Boolean, Date, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from command_center.database import Base

MEASURES = (
    "reported",
    "accepted",
    "rejected",
    "closed",
    "closed_on_time",
    "late",
    "open",
    "overdue",
    "handled",
    "reworked",
    "self_settled",
)


class TicketFact(Base):
    """What the events read so far say of one ticket; its share of the rollups follows from this row alone."""

    __tablename__ = "ticket_facts"

    ticket_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date, doc="the local day on which it was reported")
    grid_code: Mapped[str] = mapped_column(String(16))
    village_code: Mapped[str] = mapped_column(String(12))
    town_code: Mapped[str] = mapped_column(String(12))
    county_code: Mapped[str] = mapped_column(String(12))
    minor_code: Mapped[str] = mapped_column(String(16))
    department_code: Mapped[str] = mapped_column(String(32), default="", doc="the last one that had it")
    accepted: Mapped[bool] = mapped_column(Boolean, default=False)
    rejected: Mapped[bool] = mapped_column(Boolean, default=False)
    closed: Mapped[bool] = mapped_column(Boolean, default=False)
    late: Mapped[bool] = mapped_column(Boolean, default=False, doc="its own clock ran out before it was closed")
    handled: Mapped[bool] = mapped_column(Boolean, default=False)
    reworked: Mapped[bool] = mapped_column(Boolean, default=False)
    self_settled: Mapped[bool] = mapped_column(Boolean, default=False)


class Rollup(Base):
    """Counts of the tickets reported on a day in a region: all, and by category or department (`key`)."""

    __tablename__ = "rollups"
    __table_args__ = (Index("ix_rollups_region_day", "dimension", "region_code", "day"),)

    region_code: Mapped[str] = mapped_column(String(16), primary_key=True)
    dimension: Mapped[str] = mapped_column(String(10), primary_key=True, doc="total, category or department")
    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    reported: Mapped[int] = mapped_column(Integer, default=0)
    accepted: Mapped[int] = mapped_column(Integer, default=0)
    rejected: Mapped[int] = mapped_column(Integer, default=0)
    closed: Mapped[int] = mapped_column(Integer, default=0)
    closed_on_time: Mapped[int] = mapped_column(Integer, default=0)
    late: Mapped[int] = mapped_column(Integer, default=0)
    open: Mapped[int] = mapped_column(Integer, default=0)
    overdue: Mapped[int] = mapped_column(Integer, default=0, doc="late and still open")
    handled: Mapped[int] = mapped_column(Integer, default=0)
    reworked: Mapped[int] = mapped_column(Integer, default=0)
    self_settled: Mapped[int] = mapped_column(Integer, default=0)


class StatisticsCursor(Base):
    """How far the statistics have read the published events; committed together with what was read."""

    __tablename__ = "statistics_cursor"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
