"""The whole life of a ticket: clocks that can stand still, sub-tasks, requests, and what comes after closing."""

from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from alembic import op

from command_center.database import UtcDateTime
from command_center.events.canonical import CanonicalJson

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENTS = (
    "disputed_at",
    "follow_up_due_at",
    "clock_since",
    "tier_clock_since",
    "suspended_at",
    "suspended_until",
    "dispatched_at",
)
DOCUMENTS = ("followers", "refusals", "request", "rating", "callback", "follow_up", "appeal")
COUNTS = (
    "supervisions",
    "reminders",
    "assist_count",
    "reopened_count",
    "follow_ups",
    "clock_left_s",
    "clock_total_s",
    "tier_left_s",
    "tier_total_s",
    "extensions",
    "suspensions",
)
INDEXES = {
    "ix_tickets_open_place": (["lon", "lat"], "closed_at IS NULL"),
    "ix_tickets_awaits": (["awaits", "id"], "awaits IS NOT NULL"),
    "ix_tickets_disputed": (["disputed_at"], "disputed_at IS NOT NULL"),
    "ix_tickets_follow_up": (["follow_up_due_at"], "follow_up_due_at IS NOT NULL"),
    "ix_tickets_suspended": (["suspended_at"], "suspended_at IS NOT NULL"),
    "ix_tickets_merged_into": (["merged_into_id"], "merged_into_id IS NOT NULL"),
}
# A program whose connection does not fire triggers for what it replaces could otherwise rewrite an event.
NO_REPLACING = """CREATE TRIGGER ticket_events_no_replace BEFORE INSERT ON ticket_events
    WHEN EXISTS (SELECT 1 FROM ticket_events WHERE id = NEW.id)
      OR EXISTS (SELECT 1 FROM ticket_events WHERE ticket_id = NEW.ticket_id AND n = NEW.n)
    BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END"""
UNIT_SECONDS = {"urgent_hour": 3_600, "work_hour": 3_600, "natural_day": 86_400}


def upgrade() -> None:
    """Add the columns plainly: a table that others refer to is not made anew."""
    for name in MOMENTS:
        op.add_column("tickets", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    for name in DOCUMENTS:
        op.add_column("tickets", sa.Column(name, sa.Text(), nullable=True))
    for name in COUNTS:
        op.add_column("tickets", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.add_column("tickets", sa.Column("awaits", sa.String(length=16), nullable=True))
    op.add_column("tickets", sa.Column("merged_into_id", sa.Integer(), nullable=True))
    for name, (columns, where) in INDEXES.items():
        op.create_index(
            name, "tickets", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where), unique=False
        )
    op.create_table(
        "assists",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("department_code", sa.String(length=32), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("missed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overruled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_assists_ticket_id")),
        sa.ForeignKeyConstraint(["department_code"], ["departments.code"], name=op.f("fk_assists_department_code")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["users.id"], name=op.f("fk_assists_asked_by_id")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["users.id"], name=op.f("fk_assists_answered_by_id")),
        sa.PrimaryKeyConstraint("ticket_id", "n", name=op.f("pk_assists")),
    )
    op.create_index("ix_assists_department", "assists", ["department_code", "answered_at"], unique=False)
    _tell_running_clocks()
    _give_steps()
    if op.get_bind().dialect.name == "sqlite":
        op.execute(NO_REPLACING)


def _tell_running_clocks() -> None:
    """Write down how much running time the clocks of open tickets have; nothing could stop them so far."""
    tickets = sa.table(
        "tickets",
        sa.column("id", sa.Integer),
        sa.column("policy", CanonicalJson),
        sa.column("tier", sa.String),
        sa.column("closed_at", UtcDateTime),
        *[sa.column(name, UtcDateTime) for name in ("created_at", "tier_since", "clock_since", "tier_clock_since")],
        *[sa.column(name, sa.Integer) for name in COUNTS],
    )
    connection = op.get_bind()
    columns = (tickets.c.id, tickets.c.policy, tickets.c.tier, tickets.c.created_at, tickets.c.tier_since)
    for row in connection.execute(sa.select(*columns).where(tickets.c.closed_at.is_(None))).all():
        limit = row.policy["limit"]
        exact = Decimal(limit["value"]) * UNIT_SECONDS.get(limit["unit"], _work_day(row.policy))
        whole, share = round(exact), round(exact * Decimal(row.policy["shares"][row.tier]))
        connection.execute(
            tickets.update()
            .where(tickets.c.id == row.id)
            .values(
                clock_since=row.created_at,
                clock_left_s=whole,
                clock_total_s=whole,
                tier_clock_since=row.tier_since,
                tier_left_s=share,
                tier_total_s=share,
            )
        )


def _give_steps() -> None:
    """What did not exist before: the bulletin a week after the end, and the report-back date of running orders."""
    moment = sa.DateTime(timezone=True)
    tickets = sa.table(
        "tickets",
        sa.column("id", sa.Integer),
        sa.column("clock_generation", sa.Integer),
        sa.column("due_at", UtcDateTime),
        sa.column("closed_at", moment),
        sa.column("supervision", CanonicalJson),
        sa.column("supervisions", sa.Integer),
    )
    steps = sa.table(
        "due_steps",
        *[sa.column(name) for name in ("ticket_id", "clock", "generation", "step")],
        sa.column("due_at", UtcDateTime),
    )
    connection, rows = op.get_bind(), []
    columns = (tickets.c.id, tickets.c.clock_generation, tickets.c.due_at, tickets.c.supervision)
    for row in connection.execute(sa.select(*columns).where(tickets.c.closed_at.is_(None))).all():
        due = row.due_at + timedelta(days=7)
        rows.append((row.id, "matter", row.clock_generation, "bulletin", due))
        if row.supervision and row.supervision.get("report_back_at"):
            order = row.supervision | {"n": 1}
            rows.append((row.id, "order", 1, "due", datetime.fromisoformat(order["report_back_at"])))
            changed = tickets.update().where(tickets.c.id == row.id).values(supervision=order, supervisions=1)
            connection.execute(changed)
    names = ("ticket_id", "clock", "generation", "step", "due_at")
    if rows:
        connection.execute(steps.insert(), [dict(zip(names, row, strict=True)) for row in rows])


def _take_steps_back() -> None:
    """Leave only the steps that the version before knows; what was parked falls due as it did."""
    steps = sa.table("due_steps", *[sa.column(name) for name in ("clock", "step", "outcome", "done_at")])
    unknown = steps.c.clock.not_in(("matter", "tier")) | steps.c.step.not_in(("warn", "due"))
    op.execute(steps.delete().where(unknown))
    op.execute(steps.update().where(steps.c.outcome == "parked").values(done_at=None, outcome=None))


def _work_day(policy: dict) -> int:  # type: ignore[type-arg]
    def seconds(text: str) -> int:
        hours, minutes = text.split(":")[:2]
        return int(hours) * 3_600 + int(minutes) * 60

    return sum(seconds(end) - seconds(start) for start, end in policy["hours"]["spans"])


def downgrade() -> None:
    """Drop what was added; sub-tasks, requests, ratings and appeals live on in the events only."""
    _take_steps_back()
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER ticket_events_no_replace")
    op.drop_index("ix_assists_department", "assists")
    op.drop_table("assists")
    for name in INDEXES:
        op.drop_index(name, "tickets")
    for name in (*MOMENTS, *DOCUMENTS, *COUNTS, "awaits", "merged_into_id"):
        op.drop_column("tickets", name)
