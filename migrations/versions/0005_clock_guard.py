"""The clock guard's one row, and the steps that fail."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    guard = op.create_table(
        "clock_guard",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=16), nullable=True),
        sa.Column("jump_seconds", sa.Float(), nullable=True),
        sa.Column("seen_by", sa.String(length=128), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed_by", sa.String(length=128), nullable=True),
        sa.Column("last_wall", sa.DateTime(timezone=True), nullable=True),
        sa.Column("machines", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_clock_guard_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_guard")),
    )
    # Written here: a batch of a sweep locks this row, and a row that is not there cannot be locked.
    op.bulk_insert(guard, [{"id": 1, "machines": "{}"}])
    op.create_table(
        "step_failures",
        sa.Column("step_id", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["step_id"], ["due_steps.id"], name=op.f("fk_step_failures_step_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("step_id", name=op.f("pk_step_failures")),
    )


def downgrade() -> None:
    op.drop_table("step_failures")
    op.drop_table("clock_guard")
