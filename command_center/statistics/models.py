"""Tables of the statistics: what is known of each ticket, the rollups, and how far the log was read."""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, Float, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from command_center.database import Base
from command_center.events.canonical import CanonicalJson

# What departments are named for: counted in their own rows, and in total in everybody's.
TALLIES = ("assists", "answers_missed", "returned")
MEASURES = (
    "reported",
    "accepted",
    "rejected",
    "merged",
    "closed",
    "closed_on_time",
    "due",
    "late",
    "exempt",
    "open",
    "overdue",
    "suspended",
    "reopened",
    "handled",
    "reworked",
    "self_settled",
    "supervised",
    "disputed",
    "called",
    "reached",
    "satisfied",
    "rated",
    "rated_well",
    "follow_ups",
    "follow_ups_ended",
    *TALLIES,
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
    department_code: Mapped[str] = mapped_column(String(32), default="", doc="whose it is, or was when it was closed")
    accepted: Mapped[bool] = mapped_column(Boolean, default=False)
    rejected: Mapped[bool] = mapped_column(Boolean, default=False)
    merged: Mapped[bool] = mapped_column(Boolean, default=False)
    closed: Mapped[bool] = mapped_column(Boolean, default=False)
    suspended: Mapped[bool] = mapped_column(Boolean, default=False)
    # A reopened ticket begins a new round: what was late in an earlier one stays so.
    late: Mapped[bool] = mapped_column(Boolean, default=False, doc="its own clock ran out before it was closed")
    exempt: Mapped[bool] = mapped_column(Boolean, default=False, doc="an appeal against that was approved")
    late_before: Mapped[bool] = mapped_column(Boolean, default=False, doc="late in an earlier round")
    charged_before: Mapped[bool] = mapped_column(Boolean, default=False, doc="and that without exemption")
    reopened: Mapped[bool] = mapped_column(Boolean, default=False, doc="after it was closed")
    handled: Mapped[bool] = mapped_column(Boolean, default=False)
    reworked: Mapped[bool] = mapped_column(Boolean, default=False)
    self_settled: Mapped[bool] = mapped_column(Boolean, default=False)
    supervised: Mapped[bool] = mapped_column(Boolean, default=False)
    disputed: Mapped[bool] = mapped_column(Boolean, default=False)
    called: Mapped[bool] = mapped_column(Boolean, default=False)
    reached: Mapped[bool] = mapped_column(Boolean, default=False)
    satisfied: Mapped[bool] = mapped_column(Boolean, default=False, doc="when last reached")
    rated: Mapped[bool] = mapped_column(Boolean, default=False)
    rated_well: Mapped[bool] = mapped_column(Boolean, default=False, doc="the last time")
    follow_ups: Mapped[int] = mapped_column(Integer, default=0)
    follow_ups_ended: Mapped[int] = mapped_column(Integer, default=0)
    tallies: Mapped[dict[str, Any]] = mapped_column(CanonicalJson, doc="by department, by name of TALLIES")


# What is either so or not of a ticket: nothing of it is, before its first event.
FLAGS = tuple(column.key for column in TicketFact.__table__.columns if isinstance(column.type, Boolean))


class Rollup(Base):
    """Counts of the tickets reported on a day in a region: all, by category, by department, by both (`key`)."""

    __tablename__ = "rollups"
    __table_args__ = (Index("ix_rollups_region_day", "dimension", "region_code", "day"),)

    region_code: Mapped[str] = mapped_column(String(16), primary_key=True)
    dimension: Mapped[str] = mapped_column(
        String(24), primary_key=True, doc="total, category, department, or department/category"
    )
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    reported: Mapped[int] = mapped_column(Integer, default=0)
    accepted: Mapped[int] = mapped_column(Integer, default=0)
    rejected: Mapped[int] = mapped_column(Integer, default=0)
    merged: Mapped[int] = mapped_column(Integer, default=0)
    closed: Mapped[int] = mapped_column(Integer, default=0)
    closed_on_time: Mapped[int] = mapped_column(Integer, default=0)
    due: Mapped[int] = mapped_column(Integer, default=0, doc="closed on time, or late and neither suspended nor exempt")
    late: Mapped[int] = mapped_column(Integer, default=0)
    exempt: Mapped[int] = mapped_column(Integer, default=0)
    open: Mapped[int] = mapped_column(Integer, default=0)
    overdue: Mapped[int] = mapped_column(Integer, default=0, doc="late and still open")
    suspended: Mapped[int] = mapped_column(Integer, default=0)
    reopened: Mapped[int] = mapped_column(Integer, default=0)
    handled: Mapped[int] = mapped_column(Integer, default=0)
    reworked: Mapped[int] = mapped_column(Integer, default=0)
    self_settled: Mapped[int] = mapped_column(Integer, default=0)
    supervised: Mapped[int] = mapped_column(Integer, default=0)
    disputed: Mapped[int] = mapped_column(Integer, default=0)
    called: Mapped[int] = mapped_column(Integer, default=0)
    reached: Mapped[int] = mapped_column(Integer, default=0)
    satisfied: Mapped[int] = mapped_column(Integer, default=0)
    rated: Mapped[int] = mapped_column(Integer, default=0)
    rated_well: Mapped[int] = mapped_column(Integer, default=0)
    follow_ups: Mapped[int] = mapped_column(Integer, default=0)
    follow_ups_ended: Mapped[int] = mapped_column(Integer, default=0)
    assists: Mapped[int] = mapped_column(Integer, default=0)
    answers_missed: Mapped[int] = mapped_column(Integer, default=0)
    returned: Mapped[int] = mapped_column(Integer, default=0)


class TicketPlace(Base):
    """Where a ticket lies on an edition of the map, by its point; only where that is another grid than it has now."""

    __tablename__ = "ticket_places"

    edition: Mapped[int] = mapped_column(ForeignKey("map_editions.version"), primary_key=True, autoincrement=False)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True, autoincrement=False)
    grid_code: Mapped[str] = mapped_column(String(16))
    base_grid_code: Mapped[str | None] = mapped_column(String(16))
    placed: Mapped[str] = mapped_column(String(8), doc="inside, border, nearest")
    distance_m: Mapped[float] = mapped_column(Float)


class MapPlacing(Base):
    """How far the tickets have been placed on an edition: by the events that statistics have read."""

    __tablename__ = "map_placings"

    edition: Mapped[int] = mapped_column(ForeignKey("map_editions.version"), primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)


class StatisticsCursor(Base):
    """How far the statistics have read the published events; committed together with what was read."""

    __tablename__ = "statistics_cursor"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
