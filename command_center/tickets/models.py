"""The ticket: where a matter stands now. How it got there is the event log."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, Float, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from command_center.categories.models import Condition, Department
from command_center.database import Base, UtcDateTime
from command_center.events.canonical import CanonicalJson
from command_center.people.models import User

OPEN = text("closed_at IS NULL")
AWAITED = text("awaits IS NOT NULL")
DISPUTED = text("disputed_at IS NOT NULL")
COMPLAINED = text("follow_up_due_at IS NOT NULL")
SUSPENDED = text("suspended_at IS NOT NULL")
MERGED = text("merged_into_id IS NOT NULL")
URGENT = text("urgent AND closed_at IS NULL")
FORMER = text("former_grid_code IS NOT NULL")


class Ticket(Base):
    """One matter. Written by the verbs in `actions.py` only."""

    __tablename__ = "tickets"
    # The open tickets are few beside the closed ones: partial indexes stay small however long the history is.
    __table_args__ = (
        Index("ix_tickets_open_due", "due_at", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_tickets_open_village", "village_code", "due_at", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_tickets_open_town", "town_code", "due_at", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_tickets_open_edition", "map_edition", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_tickets_open_place", "lon", "lat", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_tickets_awaits", "awaits", "id", sqlite_where=AWAITED, postgresql_where=AWAITED),
        Index("ix_tickets_disputed", "disputed_at", sqlite_where=DISPUTED, postgresql_where=DISPUTED),
        Index("ix_tickets_follow_up", "follow_up_due_at", sqlite_where=COMPLAINED, postgresql_where=COMPLAINED),
        Index("ix_tickets_suspended", "suspended_at", sqlite_where=SUSPENDED, postgresql_where=SUSPENDED),
        Index("ix_tickets_merged_into", "merged_into_id", sqlite_where=MERGED, postgresql_where=MERGED),
        Index("ix_tickets_former_grid", "former_grid_code", "id", sqlite_where=FORMER, postgresql_where=FORMER),
        Index("ix_tickets_urgent", "due_at", "id", sqlite_where=URGENT, postgresql_where=URGENT),
        Index("ix_tickets_department", "department_code", "id"),
        Index("ix_tickets_grid", "grid_code", "id"),
        Index("ix_tickets_base_grid", "base_grid_code", "id"),
        Index("ix_tickets_village", "village_code", "id"),
        Index("ix_tickets_town", "town_code", "id"),
        Index("ix_tickets_reporter", "reported_by_id", "id"),
        Index("ix_tickets_handler", "handler_id", "id"),
        Index("ix_tickets_created", "created_at", "id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    # Raised by each action that moves the ticket or changes hands; a mere warning does not, so that it never
    # takes a form out of somebody's hands. The row lock is what guards against lost updates.
    version: Mapped[int] = mapped_column(Integer, default=1)

    # What and where, as reported.
    condition_code: Mapped[str] = mapped_column(ForeignKey("conditions.code"))
    description: Mapped[str] = mapped_column(Text, default="")
    lon: Mapped[float] = mapped_column(Float, doc="degrees, WGS 84")
    lat: Mapped[float] = mapped_column(Float, doc="degrees, WGS 84")
    raw_lon: Mapped[float] = mapped_column(Float, doc="as it came in, in `datum`")
    raw_lat: Mapped[float] = mapped_column(Float)
    datum: Mapped[str] = mapped_column(String(8))
    accuracy_m: Mapped[float | None] = mapped_column(Float)
    placed: Mapped[str] = mapped_column(String(8), doc="inside, border, nearest, or chosen by a person")
    distance_m: Mapped[float] = mapped_column(Float, doc="metres to the grid; 0 inside")
    grid_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    base_grid_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"))
    village_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    town_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    county_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    map_edition: Mapped[int] = mapped_column(Integer, default=1, doc="the edition of the map it was placed in")
    candidates: Mapped[list[dict[str, Any]] | None] = mapped_column(
        CanonicalJson, doc="the grids within the circle of accuracy: grid, distance_m, share"
    )
    # No foreign key: SQLite could only add one by making the table anew.
    former_grid_code: Mapped[str | None] = mapped_column(
        String(16), doc="whose workers had it before a new edition moved it; they may still verify"
    )
    captured_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    source: Mapped[str] = mapped_column(String(16))
    reported_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reporter: Mapped[dict[str, Any] | None] = mapped_column(CanonicalJson, doc="name and phone of the citizen")
    simulated: Mapped[bool] = mapped_column(Boolean, default=False)
    # What the rule zones say of it, by its place, its day and its category; judged again when that is corrected.
    zone_rules: Mapped[list[dict[str, Any]] | None] = mapped_column(
        CanonicalJson, doc="the rules it met: zone, version, name, effects; none: no rule"
    )
    urgent: Mapped[bool] = mapped_column(Boolean, default=False, doc="marked so by a rule zone")

    # Where it stands, and in whose hands.
    node: Mapped[str] = mapped_column(String(16))
    tier: Mapped[str] = mapped_column(String(8))
    department_code: Mapped[str | None] = mapped_column(ForeignKey("departments.code"))
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), doc="the own user of 自行处置")
    settling_tier: Mapped[str] = mapped_column(String(8), doc="frozen from the authority list at intake")
    rework_count: Mapped[int] = mapped_column(Integer, default=0)
    supervision: Mapped[dict[str, Any] | None] = mapped_column(CanonicalJson, doc="colour, by, at, report_back_at, …")
    followers: Mapped[dict[str, Any] | None] = mapped_column(
        CanonicalJson, doc="by number of the ticket merged into this one: the user who reported it"
    )
    supervisions: Mapped[int] = mapped_column(Integer, default=0)
    reminders: Mapped[int] = mapped_column(Integer, default=0)
    refusals: Mapped[dict[str, Any] | None] = mapped_column(CanonicalJson, doc="how often each department returned it")
    disputed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="since when the county must say whose it is")
    assist_count: Mapped[int] = mapped_column(Integer, default=0, doc="sub-tasks given so far")
    # The request for an extension or the appeal that is being decided on, and which decision is awaited.
    request: Mapped[dict[str, Any] | None] = mapped_column(CanonicalJson)
    awaits: Mapped[str | None] = mapped_column(String(16))
    # No foreign key: SQLite could only add one by making the table anew, below all that refers to it.
    merged_into_id: Mapped[int | None] = mapped_column(Integer)

    # What came after closing.
    reopened_count: Mapped[int] = mapped_column(Integer, default=0)
    rating: Mapped[dict[str, Any] | None] = mapped_column(CanonicalJson)
    callback: Mapped[dict[str, Any] | None] = mapped_column(CanonicalJson, doc="the last call back")
    follow_up: Mapped[dict[str, Any] | None] = mapped_column(CanonicalJson, doc="a complaint, and how it ended")
    follow_up_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="none: no complaint awaits an answer")
    follow_ups: Mapped[int] = mapped_column(Integer, default=0)
    appeal: Mapped[dict[str, Any] | None] = mapped_column(CanonicalJson, doc="the one appeal, and its outcome")

    # The two clocks, computed from the frozen policy. Their ends follow from the stretches below, and from nothing
    # else: so much running time is left, running since then; none: it stands still.
    policy: Mapped[dict[str, Any]] = mapped_column(CanonicalJson)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    warn_at: Mapped[datetime] = mapped_column(UtcDateTime)
    clock_generation: Mapped[int] = mapped_column(Integer, default=1)
    tier_since: Mapped[datetime] = mapped_column(UtcDateTime)
    tier_due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tier_warn_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tier_generation: Mapped[int] = mapped_column(Integer, default=1)
    deadline_provisional: Mapped[bool] = mapped_column(Boolean, default=False)
    clock_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    clock_left_s: Mapped[int] = mapped_column(Integer, default=0, doc="seconds of running time")
    clock_total_s: Mapped[int] = mapped_column(Integer, default=0, doc="seconds granted, extensions included")
    tier_clock_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tier_left_s: Mapped[int] = mapped_column(Integer, default=0)
    tier_total_s: Mapped[int] = mapped_column(Integer, default=0)
    extensions: Mapped[int] = mapped_column(Integer, default=0)
    suspensions: Mapped[int] = mapped_column(Integer, default=0)
    suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    suspended_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dispatched_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="when it was last dispatched")
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="when it reached a terminal node")

    condition: Mapped[Condition] = relationship()
    department: Mapped[Department | None] = relationship()
    handler: Mapped[User | None] = relationship(foreign_keys=[handler_id])
    reported_by: Mapped[User | None] = relationship(foreign_keys=[reported_by_id])
    assists: Mapped[list["Assist"]] = relationship(order_by="Assist.n", back_populates="ticket")

    @property
    def owed(self) -> list["Assist"]:
        """The sub-tasks whose answers are still awaited; most tickets have none, and are not asked."""
        return [assist for assist in self.assists if assist.is_owed] if self.assist_count else []


class Assist(Base):
    """A sub-task (协办): a department that was asked to help, by when, and what it answered."""

    __tablename__ = "assists"
    __table_args__ = (Index("ix_assists_department", "department_code", "answered_at"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    department_code: Mapped[str] = mapped_column(ForeignKey("departments.code"))
    task: Mapped[str] = mapped_column(Text)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, doc="the reply date")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answer: Mapped[str | None] = mapped_column(Text)
    missed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="when the reply date passed without answer")
    overruled_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="no longer waited for")

    ticket: Mapped[Ticket] = relationship(back_populates="assists")
    department: Mapped[Department] = relationship()

    @property
    def is_owed(self) -> bool:
        """Whether the answer is still awaited."""
        return self.answered_at is None and self.overruled_at is None


class TicketCounter(Base):
    """The last sequence number given out in a county on a day."""

    __tablename__ = "ticket_counters"

    county_code: Mapped[str] = mapped_column(String(12), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    last: Mapped[int] = mapped_column(Integer)


class RepeatableWrite(Base):
    """The answer to a write that carried an Idempotency-Key: the same key of the same user finds it again."""

    __tablename__ = "repeatable_writes"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(36), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DueStep(Base):
    """Something that falls due on a ticket's clock. The unique key makes each step happen once at most.

    Kept with the tickets, because the actions that start and stop a clock write and cancel its steps;
    `escalation` claims and applies them.
    """

    __tablename__ = "due_steps"
    __table_args__ = (
        Index("uq_due_steps_once", "ticket_id", "clock", "generation", "step", unique=True),
        Index(
            "ix_due_steps_pending",
            "due_at",
            "id",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    clock: Mapped[str] = mapped_column(String(8), doc="matter, tier, suspend, assist, order, followup")
    generation: Mapped[int] = mapped_column(Integer)
    step: Mapped[str] = mapped_column(String(8), doc="warn, due, bulletin or resume")
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(16), doc="what was done, or `cancelled`")
