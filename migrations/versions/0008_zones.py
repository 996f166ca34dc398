"""Rule zones in versions, and what they did to a ticket."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

URGENT = sa.text("urgent AND closed_at IS NULL")


def upgrade() -> None:
    """Make the table of versions, and give tickets the columns; no ticket from before was judged by a zone."""
    op.create_table(
        "zone_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("zone_code", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("wkb", sa.LargeBinary(), nullable=False),
        sa.Column("buffer_m", sa.Float(), nullable=False),
        sa.Column("season_from", sa.String(length=5), nullable=True),
        sa.Column("season_to", sa.String(length=5), nullable=True),
        sa.Column("categories", sa.Text(), nullable=False),
        sa.Column("effects", sa.Text(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone_versions")),
    )
    op.create_index("uq_zone_versions_once", "zone_versions", ["zone_code", "version"], unique=True)
    op.add_column("tickets", sa.Column("zone_rules", sa.Text(), nullable=True))
    op.add_column("tickets", sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_tickets_urgent", "tickets", ["due_at", "id"], sqlite_where=URGENT, postgresql_where=URGENT, unique=False
    )


def downgrade() -> None:
    """Which rules a ticket met lives on in its events only."""
    op.drop_index("ix_tickets_urgent", "tickets")
    op.drop_column("tickets", "urgent")
    op.drop_column("tickets", "zone_rules")
    op.drop_table("zone_versions")
