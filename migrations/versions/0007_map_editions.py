"""Editions of the map: their regions, their lineage, and in which of them a ticket was placed."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from command_center.database import UtcDateTime
from command_center.events.canonical import CanonicalJson

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OPEN = sa.text("closed_at IS NULL")
FIRST = 1


def big_id() -> Any:
    return sa.BigInteger().with_variant(sa.INTEGER(), "sqlite")


def upgrade() -> None:
    """Make the tables; what is loaded now becomes edition 1, in force, and every ticket was placed in it."""
    op.add_column("regions", sa.Column("source_code", sa.String(length=64), nullable=True))
    op.add_column("regions", sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("regions", sa.Column("predecessors", sa.Text(), nullable=True))
    op.add_column("tickets", sa.Column("map_edition", sa.Integer(), nullable=False, server_default=str(FIRST)))
    op.add_column("tickets", sa.Column("candidates", sa.Text(), nullable=True))
    op.add_column("tickets", sa.Column("former_grid_code", sa.String(length=16), nullable=True))
    op.create_index(
        "ix_tickets_open_edition",
        "tickets",
        ["map_edition", "id"],
        unique=False,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    former = sa.text("former_grid_code IS NOT NULL")
    op.create_index(
        "ix_tickets_former_grid",
        "tickets",
        ["former_grid_code", "id"],
        unique=False,
        sqlite_where=former,
        postgresql_where=former,
    )
    op.create_table(
        "map_editions",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("people", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_map_editions")),
    )
    op.create_table(
        "region_versions",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("since", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("until", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=True),
        sa.Column("parent_code", sa.String(length=16), nullable=True),
        sa.Column("source_code", sa.String(length=64), nullable=True),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("wkb", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["since"], ["map_editions.version"], name=op.f("fk_region_versions_since")),
        sa.ForeignKeyConstraint(["until"], ["map_editions.version"], name=op.f("fk_region_versions_until")),
        sa.PrimaryKeyConstraint("code", "since", name=op.f("pk_region_versions")),
    )
    op.create_index("ix_region_versions_since", "region_versions", ["since", "code"], unique=False)
    op.create_index("ix_region_versions_until", "region_versions", ["until", "code"], unique=False)
    op.create_table(
        "lineage",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("old_code", sa.String(length=16), nullable=True),
        sa.Column("new_code", sa.String(length=16), nullable=True),
        sa.Column("how", sa.String(length=8), nullable=False),
        sa.Column("share_of_old", sa.Float(), nullable=True),
        sa.Column("share_of_new", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["edition"], ["map_editions.version"], name=op.f("fk_lineage_edition")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lineage")),
    )
    op.create_index("ix_lineage_edition", "lineage", ["edition", "id"], unique=False)
    op.create_index("ix_lineage_old", "lineage", ["old_code", "edition"], unique=False)
    op.create_index("ix_lineage_new", "lineage", ["new_code", "edition"], unique=False)
    _take_over()


def _take_over() -> None:
    """Keep the outlines that are loaded as edition 1; an empty database has none yet."""
    connection = op.get_bind()
    loaded = connection.execute(
        sa.text(
            "SELECT count(*), max(CASE WHEN r.synthetic THEN 1 ELSE 0 END)"
            " FROM regions r JOIN outlines o ON o.region_code = r.code"
        )
    ).one()
    if not loaded[0]:
        return
    levels = connection.execute(sa.text("SELECT level, count(*) AS many FROM regions GROUP BY level ORDER BY level"))
    counts: dict[str, int] = dict(levels.all())
    now = datetime.now(UTC)
    moments = ("effective_at", "created_at", "entered_at", "finished_at")
    editions = sa.table(
        "map_editions",
        *[sa.column(name) for name in ("version", "name", "note", "source")],
        sa.column("synthetic", sa.Boolean),
        *[sa.column(name, UtcDateTime) for name in moments],
        sa.column("counts", CanonicalJson),
    )
    first = {"version": FIRST, "name": "第 1 版", "note": "", "source": "load-reference"}
    row = first | {"synthetic": bool(loaded[1]), "counts": counts} | dict.fromkeys(moments, now)
    connection.execute(editions.insert().values(**row))
    connection.execute(
        sa.text(
            "INSERT INTO region_versions"
            " (code, since, name, level, kind, parent_code, synthetic, lon, lat, wkb)"
            " SELECT r.code, :first, r.name, r.level, r.kind, r.parent_code, r.synthetic, r.lon, r.lat, o.wkb"
            " FROM regions r JOIN outlines o ON o.region_code = r.code"
        ),
        {"first": FIRST},
    )


def downgrade() -> None:
    """Leave the map in force as the only one; earlier editions and their lineage are forgotten."""
    for index, table in (
        ("ix_lineage_new", "lineage"),
        ("ix_lineage_old", "lineage"),
        ("ix_lineage_edition", "lineage"),
        ("ix_region_versions_until", "region_versions"),
        ("ix_region_versions_since", "region_versions"),
        ("ix_tickets_former_grid", "tickets"),
        ("ix_tickets_open_edition", "tickets"),
    ):
        op.drop_index(index, table)
    for table in ("lineage", "region_versions", "map_editions"):
        op.drop_table(table)
    for name in ("former_grid_code", "candidates", "map_edition"):
        op.drop_column("tickets", name)
    for name in ("predecessors", "retired_at", "source_code"):
        op.drop_column("regions", name)
