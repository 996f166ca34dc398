"""The schema is made by the migrations alone, on both engines, and can be taken down again."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, inspect, text

from command_center import migrations
from command_center.database import make_engine
from command_center.models import Base
from tests.county import a_database
from tests.requirements import require_postgresql


@pytest.fixture
def empty(engine_kind: str, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of its own."""
    with ExitStack() as stack:
        if engine_kind == "sqlite":
            url = f"sqlite:///{tmp_path}/new/command_center.db"
        else:
            url = stack.enter_context(a_database(require_postgresql()))
        engine = make_engine(url)
        stack.callback(engine.dispose)
        yield engine


def test_an_empty_database_is_brought_up_to_exactly_the_models(empty: Engine) -> None:
    assert migrations.revision_of(empty) is None
    assert "none" in (migrations.pending(empty) or "")
    migrations.upgrade(empty)
    assert migrations.differences(empty) == []
    assert migrations.pending(empty) is None
    tables = set(inspect(empty).get_table_names())
    assert tables == set(Base.metadata.tables) | {"alembic_version"}


def test_the_indexes_of_open_tickets_and_pending_steps_are_partial(empty: Engine) -> None:
    migrations.upgrade(empty)
    partial = {
        index["name"]
        for table in ("tickets", "due_steps")
        for index in inspect(empty).get_indexes(table)
        if index.get("dialect_options", {}).get(f"{empty.dialect.name}_where") is not None
    }
    assert partial == {"ix_tickets_open_due", "ix_tickets_open_village", "ix_tickets_open_town", "ix_due_steps_pending"}


def test_upgrading_again_changes_nothing(empty: Engine) -> None:
    migrations.upgrade(empty)
    revision = migrations.revision_of(empty)
    migrations.upgrade(empty)
    assert migrations.revision_of(empty) == revision


def test_going_back_leaves_nothing_behind_and_the_way_up_open(empty: Engine) -> None:
    migrations.upgrade(empty)
    with empty.execution_options(writing=True).begin() as connection:
        command.downgrade(migrations.config(connection), "base")
    assert set(inspect(empty).get_table_names()) <= {"alembic_version"}
    if empty.dialect.name == "postgresql":
        with empty.connect() as connection:
            left = connection.scalar(text("SELECT count(*) FROM pg_proc WHERE proname = 'refuse_event_change'"))
        assert left == 0
    migrations.upgrade(empty)
    assert migrations.differences(empty) == []


def test_two_processes_that_start_at_once_migrate_once(empty: Engine) -> None:
    engines = [make_engine(empty.url.render_as_string(hide_password=False)) for _ in range(2)]
    if empty.dialect.name == "sqlite":
        migrations.upgrade(empty, "base")  # the file is there; switching it to WAL is not what is looked at
    for engine in engines:
        with engine.connect():
            pass
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(migrations.upgrade, engines))
    assert migrations.differences(empty) == []
    for engine in engines:
        engine.dispose()
