"""Editions of the map: their regions, their lineage, and in which of them a ticket was placed."""

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
