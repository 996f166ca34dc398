"""Bring the database's schema up to date with Alembic."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from command_center.models import Base

FOLDER = Path(__file__).resolve().parent.parent / "migrations"
MIGRATE_LOCK = 0x6D696772


def config(connection: Connection) -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    settings.attributes["connection"] = connection
    return settings


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate to a revision, in one transaction. Two processes that start at once do it one after the other."""
    with engine.execution_options(writing=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATE_LOCK})
        command.upgrade(config(connection), revision)


def differences(engine: Engine) -> list[object]:
    """List how the database's schema differs from the models; empty when the migrations are complete."""
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


def revision_of(engine: Engine) -> str | None:
    """Tell the schema's revision, None for an empty database."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def pending(engine: Engine) -> str | None:
    """Say how the schema lags behind this program's; None when it is up to date."""
    head = ScriptDirectory(str(FOLDER)).get_current_head()
    has = revision_of(engine)
    return None if has == head else f"at revision {has or 'none'}, this program needs {head}"
