"""The first schema, and the triggers that make the event log append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# UPDATE, DELETE and TRUNCATE of the event log are refused by the database itself, whoever asks.
SQLITE = [
    f"""CREATE TRIGGER ticket_events_no_{verb.lower()} BEFORE {verb} ON ticket_events
        BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END"""
    for verb in ("UPDATE", "DELETE")
]
POSTGRESQL = [
    """CREATE FUNCTION refuse_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'the event log is append-only'; END $$""",
    """CREATE TRIGGER ticket_events_append_only BEFORE UPDATE OR DELETE ON ticket_events
        FOR EACH ROW EXECUTE FUNCTION refuse_event_change()""",
    """CREATE TRIGGER ticket_events_no_truncate BEFORE TRUNCATE ON ticket_events
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_event_change()""",
]


def upgrade() -> None:
    op.create_table(
        "calendar_days",
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=True),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("date", name=op.f("pk_calendar_days")),
    )
    op.create_table(
        "categories",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("parent_code", sa.String(length=16), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["parent_code"], ["categories.code"], name=op.f("fk_categories_parent_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_categories")),
    )
    op.create_table(
        "departments",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_departments")),
    )
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "regions",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=True),
        sa.Column("parent_code", sa.String(length=16), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["parent_code"], ["regions.code"], name=op.f("fk_regions_parent_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_regions")),
    )
    with op.batch_alter_table("regions", schema=None) as batch_op:
        batch_op.create_index("ix_regions_parent_level", ["parent_code", "level", "code"], unique=False)

    op.create_table(
        "rollups",
        sa.Column("region_code", sa.String(length=16), nullable=False),
        sa.Column("dimension", sa.String(length=10), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reported", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Integer(), nullable=False),
        sa.Column("closed_on_time", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.Column("overdue", sa.Integer(), nullable=False),
        sa.Column("handled", sa.Integer(), nullable=False),
        sa.Column("reworked", sa.Integer(), nullable=False),
        sa.Column("self_settled", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("region_code", "dimension", "key", "day", name=op.f("pk_rollups")),
    )
    with op.batch_alter_table("rollups", schema=None) as batch_op:
        batch_op.create_index("ix_rollups_region_day", ["dimension", "region_code", "day"], unique=False)

    op.create_table(
        "statistics_cursor",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statistics_cursor")),
    )
    op.create_table(
        "stream_heads",
        sa.Column("stream", sa.String(length=48), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("stream", name=op.f("pk_stream_heads")),
    )
    op.create_table(
        "ticket_counters",
        sa.Column("county_code", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("county_code", "day", name=op.f("pk_ticket_counters")),
    )
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
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("rejected", sa.Boolean(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("handled", sa.Boolean(), nullable=False),
        sa.Column("reworked", sa.Boolean(), nullable=False),
        sa.Column("self_settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ticket_facts")),
    )
    op.create_table(
        "conditions",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("minor_code", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=300), nullable=False),
        sa.Column("closing", sa.Text(), nullable=False),
        sa.Column("closing_en", sa.Text(), nullable=False),
        sa.Column("limit_value", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.Column("limit_unit", sa.String(length=16), nullable=False),
        sa.Column("settling_tier", sa.String(length=8), nullable=False),
        sa.Column("department_code", sa.String(length=32), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["department_code"], ["departments.code"], name=op.f("fk_conditions_department_code")),
        sa.ForeignKeyConstraint(["minor_code"], ["categories.code"], name=op.f("fk_conditions_minor_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_conditions")),
    )
    op.create_table(
        "outlines",
        sa.Column("region_code", sa.String(length=16), nullable=False),
        sa.Column("wkb", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_outlines_region_code")),
        sa.PrimaryKeyConstraint("region_code", name=op.f("pk_outlines")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("region_code", sa.String(length=16), nullable=False),
        sa.Column("department_code", sa.String(length=32), nullable=True),
        sa.Column("password_hash", sa.String(length=256), nullable=True),
        sa.Column("token_generation", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["department_code"], ["departments.code"], name=op.f("fk_users_department_code")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_users_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("username", name=op.f("uq_users_username")),
    )
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.create_index("ix_users_region_role", ["region_code", "role"], unique=False)

    op.create_table(
        "tickets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("condition_code", sa.String(length=16), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("raw_lon", sa.Float(), nullable=False),
        sa.Column("raw_lat", sa.Float(), nullable=False),
        sa.Column("datum", sa.String(length=8), nullable=False),
        sa.Column("accuracy_m", sa.Float(), nullable=True),
        sa.Column("placed", sa.String(length=8), nullable=False),
        sa.Column("distance_m", sa.Float(), nullable=False),
        sa.Column("grid_code", sa.String(length=16), nullable=False),
        sa.Column("base_grid_code", sa.String(length=16), nullable=True),
        sa.Column("village_code", sa.String(length=16), nullable=False),
        sa.Column("town_code", sa.String(length=16), nullable=False),
        sa.Column("county_code", sa.String(length=16), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("reported_by_id", sa.Integer(), nullable=True),
        sa.Column("reporter", sa.Text(), nullable=True),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("node", sa.String(length=16), nullable=False),
        sa.Column("tier", sa.String(length=8), nullable=False),
        sa.Column("department_code", sa.String(length=32), nullable=True),
        sa.Column("handler_id", sa.Integer(), nullable=True),
        sa.Column("settling_tier", sa.String(length=8), nullable=False),
        sa.Column("rework_count", sa.Integer(), nullable=False),
        sa.Column("supervision", sa.Text(), nullable=True),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("warn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clock_generation", sa.Integer(), nullable=False),
        sa.Column("tier_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tier_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tier_warn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tier_generation", sa.Integer(), nullable=False),
        sa.Column("deadline_provisional", sa.Boolean(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["base_grid_code"], ["regions.code"], name=op.f("fk_tickets_base_grid_code")),
        sa.ForeignKeyConstraint(["condition_code"], ["conditions.code"], name=op.f("fk_tickets_condition_code")),
        sa.ForeignKeyConstraint(["county_code"], ["regions.code"], name=op.f("fk_tickets_county_code")),
        sa.ForeignKeyConstraint(["department_code"], ["departments.code"], name=op.f("fk_tickets_department_code")),
        sa.ForeignKeyConstraint(["grid_code"], ["regions.code"], name=op.f("fk_tickets_grid_code")),
        sa.ForeignKeyConstraint(["handler_id"], ["users.id"], name=op.f("fk_tickets_handler_id")),
        sa.ForeignKeyConstraint(["reported_by_id"], ["users.id"], name=op.f("fk_tickets_reported_by_id")),
        sa.ForeignKeyConstraint(["town_code"], ["regions.code"], name=op.f("fk_tickets_town_code")),
        sa.ForeignKeyConstraint(["village_code"], ["regions.code"], name=op.f("fk_tickets_village_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("number", name=op.f("uq_tickets_number")),
    )
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.create_index("ix_tickets_base_grid", ["base_grid_code", "id"], unique=False)
        batch_op.create_index("ix_tickets_created", ["created_at", "id"], unique=False)
        batch_op.create_index("ix_tickets_department", ["department_code", "id"], unique=False)
        batch_op.create_index("ix_tickets_grid", ["grid_code", "id"], unique=False)
        batch_op.create_index("ix_tickets_handler", ["handler_id", "id"], unique=False)
        batch_op.create_index(
            "ix_tickets_open_due",
            ["due_at", "id"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index(
            "ix_tickets_open_town",
            ["town_code", "due_at"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index(
            "ix_tickets_open_village",
            ["village_code", "due_at"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index("ix_tickets_reporter", ["reported_by_id", "id"], unique=False)
        batch_op.create_index("ix_tickets_town", ["town_code", "id"], unique=False)
        batch_op.create_index("ix_tickets_village", ["village_code", "id"], unique=False)

    op.create_table(
        "attachments",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("byte_size", sa.Integer(), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("exif_lon", sa.Float(), nullable=True),
        sa.Column("exif_lat", sa.Float(), nullable=True),
        sa.Column("exif_taken_at", sa.String(length=40), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("event_n", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_attachments_ticket_id")),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["users.id"], name=op.f("fk_attachments_uploaded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachments_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "chain_heads",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("last", sa.String(length=64), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_chain_heads_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_chain_heads")),
    )
    op.create_table(
        "due_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("clock", sa.String(length=8), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=8), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_due_steps_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_steps")),
    )
    with op.batch_alter_table("due_steps", schema=None) as batch_op:
        batch_op.create_index(
            "ix_due_steps_pending",
            ["due_at", "id"],
            unique=False,
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )
        batch_op.create_index("uq_due_steps_once", ["ticket_id", "clock", "generation", "step"], unique=True)

    op.create_table(
        "repeatable_writes",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_repeatable_writes_ticket_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_repeatable_writes_user_id")),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_repeatable_writes")),
    )
    op.create_table(
        "ticket_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=24), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_username", sa.String(length=64), nullable=False),
        sa.Column("actor_name", sa.String(length=100), nullable=False),
        sa.Column("actor_role", sa.String(length=24), nullable=False),
        sa.Column("from_node", sa.String(length=16), nullable=True),
        sa.Column("from_tier", sa.String(length=8), nullable=True),
        sa.Column("to_node", sa.String(length=16), nullable=False),
        sa.Column("to_tier", sa.String(length=8), nullable=False),
        sa.Column("grid_code", sa.String(length=16), nullable=False),
        sa.Column("base_grid_code", sa.String(length=16), nullable=True),
        sa.Column("village_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=12), nullable=False),
        sa.Column("county_code", sa.String(length=12), nullable=False),
        sa.Column("department_code", sa.String(length=32), nullable=True),
        sa.Column("from_department_code", sa.String(length=32), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_events_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_events")),
    )
    with op.batch_alter_table("ticket_events", schema=None) as batch_op:
        batch_op.create_index("uq_ticket_events_ticket_n", ["ticket_id", "n"], unique=True)

    op.create_table(
        "published",
        sa.Column("seq", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["ticket_events.id"], name=op.f("fk_published_event_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_published")),
        sa.UniqueConstraint("event_id", name=op.f("uq_published_event_id")),
    )
    op.create_table(
        "unpublished",
        sa.Column("event_id", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["ticket_events.id"], name=op.f("fk_unpublished_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_unpublished")),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("unpublished")
    op.drop_table("published")
    with op.batch_alter_table("ticket_events", schema=None) as batch_op:
        batch_op.drop_index("uq_ticket_events_ticket_n")

    op.drop_table("ticket_events")
    op.drop_table("repeatable_writes")
    with op.batch_alter_table("due_steps", schema=None) as batch_op:
        batch_op.drop_index("uq_due_steps_once")
        batch_op.drop_index(
            "ix_due_steps_pending",
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )

    op.drop_table("due_steps")
    op.drop_table("chain_heads")
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attachments_ticket_id"))

    op.drop_table("attachments")
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.drop_index("ix_tickets_village")
        batch_op.drop_index("ix_tickets_town")
        batch_op.drop_index("ix_tickets_reporter")
        batch_op.drop_index(
            "ix_tickets_open_village",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_tickets_open_town",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_tickets_open_due",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index("ix_tickets_handler")
        batch_op.drop_index("ix_tickets_grid")
        batch_op.drop_index("ix_tickets_department")
        batch_op.drop_index("ix_tickets_created")
        batch_op.drop_index("ix_tickets_base_grid")

    op.drop_table("tickets")
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_index("ix_users_region_role")

    op.drop_table("users")
    op.drop_table("outlines")
    op.drop_table("conditions")
    op.drop_table("ticket_facts")
    op.drop_table("ticket_counters")
    op.drop_table("stream_heads")
    op.drop_table("statistics_cursor")
    with op.batch_alter_table("rollups", schema=None) as batch_op:
        batch_op.drop_index("ix_rollups_region_day")

    op.drop_table("rollups")
    with op.batch_alter_table("regions", schema=None) as batch_op:
        batch_op.drop_index("ix_regions_parent_level")

    op.drop_table("regions")
    op.drop_table("heartbeats")
    op.drop_table("departments")
    op.drop_table("categories")
    op.drop_table("calendar_days")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_event_change()")
