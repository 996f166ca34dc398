"""The statistics of the whole life: derived tables are made anew and counted again from the events."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

FLAGS = (
    "accepted",
    "rejected",
    "merged",
    "closed",
    "suspended",
    "late",
    "exempt",
    "late_before",
    "charged_before",
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
)
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
    "assists",
    "answers_missed",
    "returned",
)
OLD_FLAGS = ("accepted", "rejected", "closed", "late", "handled", "reworked", "self_settled")
OLD_MEASURES = (
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


def upgrade() -> None:
    """Begin the counting anew: the server counts all events again when it starts, some thousand a second."""
    _forget()
    more = [sa.Column(name, sa.Integer(), nullable=False) for name in ("follow_ups", "follow_ups_ended")]
    _facts(FLAGS, *more, sa.Column("tallies", sa.Text(), nullable=False))
    _rollups(MEASURES, dimension=24, key=64)


def downgrade() -> None:
    """The same with the tables as they were."""
    _forget()
    _facts(OLD_FLAGS)
    _rollups(OLD_MEASURES, dimension=10, key=32)


def _forget() -> None:
    op.drop_index("ix_rollups_region_day", "rollups")
    op.drop_table("rollups")
    op.drop_table("ticket_facts")
    op.execute("DELETE FROM statistics_cursor")


def _facts(flags: tuple[str, ...], *more: sa.Column) -> None:  # type: ignore[type-arg]
    op.create_table(
        "ticket_facts",
        sa.Column("ticket_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("grid_code", sa.String(length=16), nullable=False),
        sa.Column("village_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=12), nullable=False),
        sa.Column("county_code", sa.String(length=12), nullable=False),
        sa.Column("minor_code", sa.String(length=16), nullable=False),
        sa.Column("department_code", sa.String(length=32), nullable=False),
        *[sa.Column(name, sa.Boolean(), nullable=False) for name in flags],
        *more,
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ticket_facts")),
    )


def _rollups(measures: tuple[str, ...], dimension: int, key: int) -> None:
    op.create_table(
        "rollups",
        sa.Column("region_code", sa.String(length=16), nullable=False),
        sa.Column("dimension", sa.String(length=dimension), nullable=False),
        sa.Column("key", sa.String(length=key), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *[sa.Column(name, sa.Integer(), nullable=False) for name in measures],
        sa.PrimaryKeyConstraint("region_code", "dimension", "key", "day", name=op.f("pk_rollups")),
    )
    op.create_index("ix_rollups_region_day", "rollups", ["dimension", "region_code", "day"], unique=False)
