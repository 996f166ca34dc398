"""Tables of the notices: the inbox, how far it has read the log, and the queue of what leaves the house."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from command_center.database import Base, UtcDateTime
from command_center.events.canonical import CanonicalJson
from command_center.events.models import BigId

UNREAD = text("read_at IS NULL")
PENDING_ONLY = text("state = 'pending'")


class Notice(Base):
    """One event told to one user. Its words are made from the event when it is shown: events never change."""

    __tablename__ = "notices"
    __table_args__ = (
        Index("uq_notices_user_seq", "user_id", "seq", unique=True),
        Index("ix_notices_user", "user_id", "id"),
        Index("ix_notices_unread", "user_id", "id", sqlite_where=UNREAD, postgresql_where=UNREAD),
        Index("ix_notices_created", "created_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    seq: Mapped[int] = mapped_column(BigInteger, doc="the event, by its public number")
    kind: Mapped[str] = mapped_column(String(16))
    number: Mapped[str] = mapped_column(String(32), doc="the ticket's")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, doc="when it happened")
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NoticesCursor(Base):
    """How far the inbox has read the published events; committed together with the notices."""

    __tablename__ = "notices_cursor"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)


class Webhook(Base):
    """Another system that wants to hear of a region's events, by signed HTTP calls."""

    __tablename__ = "webhooks"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    url: Mapped[str] = mapped_column(String(500))
    secret: Mapped[str] = mapped_column(String(64), doc="key of the signature; the receiver has the same")
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    kinds: Mapped[list[str]] = mapped_column(CanonicalJson, doc="kinds of notices; empty: all")
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Outgoing(Base):
    """One message that leaves the house. Until it is first tried, further matters may join it: that is the digest."""

    __tablename__ = "outgoing"
    __table_args__ = (
        Index("ix_outgoing_due", "next_at", "id", sqlite_where=PENDING_ONLY, postgresql_where=PENDING_ONLY),
        Index(
            "ix_outgoing_recipient", "channel", "recipient", sqlite_where=PENDING_ONLY, postgresql_where=PENDING_ONLY
        ),
        Index("ix_outgoing_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    delivery_id: Mapped[str] = mapped_column(String(32), unique=True, doc="the same at every attempt")
    channel: Mapped[str] = mapped_column(String(8), doc="webhook or sms")
    recipient: Mapped[str] = mapped_column(String(40), doc="webhook:<id>, user:<id> or phone:<number>")
    matters: Mapped[list[Any]] = mapped_column(CanonicalJson, doc="what it tells: [seq, kind] of each event")
    words: Mapped[str | None] = mapped_column(Text, doc="a text of its own in place of matters; gone once sent")
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    state: Mapped[str] = mapped_column(String(8), doc="pending, sent or dead")
    attempts: Mapped[int] = mapped_column(Integer, default=0, doc="begun ones")
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    leased_by: Mapped[str | None] = mapped_column(String(40))
    last_error: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OutgoingGate(Base):
    """When a recipient may be sent the next message: no two within two minutes, whoever sends."""

    __tablename__ = "outgoing_gates"

    channel: Mapped[str] = mapped_column(String(8), primary_key=True)
    recipient: Mapped[str] = mapped_column(String(40), primary_key=True)
    free_at: Mapped[datetime] = mapped_column(UtcDateTime)
