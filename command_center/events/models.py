"""The append-only, hash-chained log of what happened to tickets, and what the relay keeps beside it."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Mapped, mapped_column, relationship

from command_center.database import Base, UtcDateTime
from command_center.events.canonical import CanonicalJson

# SQLite numbers rows by itself only where the column is exactly INTEGER.
BigId = BigInteger().with_variant(sqlite.INTEGER(), "sqlite")


class TicketEvent(Base):
    """One thing that happened to one ticket. Never updated, never deleted: triggers on both engines refuse it."""

    __tablename__ = "ticket_events"
    __table_args__ = (Index("uq_ticket_events_ticket_n", "ticket_id", "n", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    number: Mapped[str] = mapped_column(String(32))
    n: Mapped[int] = mapped_column(Integer, doc="1 for the report, then one more for each event of the ticket")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    action: Mapped[str] = mapped_column(String(24))
    actor_id: Mapped[int | None] = mapped_column(Integer, doc="the user; none: the system")
    actor_username: Mapped[str] = mapped_column(String(64))
    actor_name: Mapped[str] = mapped_column(String(100))
    actor_role: Mapped[str] = mapped_column(String(24))
    from_node: Mapped[str | None] = mapped_column(String(16))
    from_tier: Mapped[str | None] = mapped_column(String(8))
    to_node: Mapped[str] = mapped_column(String(16))
    to_tier: Mapped[str] = mapped_column(String(8))
    grid_code: Mapped[str] = mapped_column(String(16))
    base_grid_code: Mapped[str | None] = mapped_column(String(16))
    village_code: Mapped[str] = mapped_column(String(12))
    town_code: Mapped[str] = mapped_column(String(12))
    county_code: Mapped[str] = mapped_column(String(12))
    department_code: Mapped[str | None] = mapped_column(String(32), doc="whose hands it is in after the event")
    from_department_code: Mapped[str | None] = mapped_column(String(32))
    note: Mapped[str] = mapped_column(Text, default="")
    details: Mapped[dict[str, Any]] = mapped_column(CanonicalJson)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class ChainHead(Base):
    """The last link of a ticket's chain, stored apart from the events so that a cut tail shows."""

    __tablename__ = "chain_heads"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    n: Mapped[int] = mapped_column(Integer)
    last: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(64), doc="HMAC over ticket, n and last")


class Unpublished(Base):
    """An event that is committed but has no public number yet. Written with the event, removed by the relay.

    PostgreSQL hands out ids before commit, so "id greater than the last one published" would skip events; this
    row becomes visible exactly when its event does.
    """

    __tablename__ = "unpublished"

    event_id: Mapped[int] = mapped_column(ForeignKey("ticket_events.id"), primary_key=True)

    event: Mapped[TicketEvent] = relationship()


class Published(Base):
    """The public sequence: `seq` has no gaps and follows the order of commits."""

    __tablename__ = "published"

    seq: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(ForeignKey("ticket_events.id"), unique=True)


class StreamHead(Base):
    """The last `seq` of each stream: a region's code, or `department:<code>`."""

    __tablename__ = "stream_heads"

    stream: Mapped[str] = mapped_column(String(48), primary_key=True)
    seq: Mapped[int] = mapped_column(BigId)


class Heartbeat(Base):
    """When a background part (relay, scheduler) was last seen at work, so that any process can tell."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
