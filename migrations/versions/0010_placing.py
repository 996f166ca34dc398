"""Where a photo was taken, and where tickets lie on other editions of the map."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; the places in them are found when somebody asks for an edition."""
    op.add_column("attachments", sa.Column("exif_datum", sa.String(length=32), nullable=True))
    op.add_column("attachments", sa.Column("exif_accuracy_m", sa.Float(), nullable=True))
    op.add_column("attachments", sa.Column("exif_fixed_at", sa.String(length=40), nullable=True))
    op.create_table(
        "ticket_places",
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("grid_code", sa.String(length=16), nullable=False),
        sa.Column("base_grid_code", sa.String(length=16), nullable=True),
        sa.Column("placed", sa.String(length=8), nullable=False),
        sa.Column("distance_m", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition"], ["map_editions.version"], name=op.f("fk_ticket_places_edition_map_editions")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_places_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("edition", "ticket_id", name=op.f("pk_ticket_places")),
    )
    op.create_table(
        "map_placings",
        sa.Column("edition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition"], ["map_editions.version"], name=op.f("fk_map_placings_edition_map_editions")
        ),
        sa.PrimaryKeyConstraint("edition", name=op.f("pk_map_placings")),
    )


def downgrade() -> None:
    """Forget what can be found again, and what cameras wrote besides place and time."""
    op.drop_table("map_placings")
    op.drop_table("ticket_places")
    for name in ("exif_fixed_at", "exif_accuracy_m", "exif_datum"):
        op.drop_column("attachments", name)
