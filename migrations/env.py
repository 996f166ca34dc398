"""Alembic's environment. `flask migrate` hands in the open connection; on SQLite tables are altered in batch mode."""

from typing import Any, Literal

from alembic import context

from command_center.database import UtcDateTime
from command_center.events.canonical import CanonicalJson
from command_center.models import Base


def render(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """Write our own column types as the plain types beneath them: a migration must outlive the code's classes."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return "sa.Text()" if kind == "type" and isinstance(item, CanonicalJson) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=render,
)
with context.begin_transaction():
    context.run_migrations()
