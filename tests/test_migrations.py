"""The schema is made by the migrations alone, on both engines, and can be taken down again."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, inspect, text

from command_center import migrations
from command_center.database import make_engine
from command_center.models import Base
from command_center.regions import editions
from command_center.tickets import relocation
from command_center.tickets.standing import Node
from tests.builders import NOW, Hand, a_ticket
from tests.county import County, a_database
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
    assert partial == {
        *("ix_tickets_open_due", "ix_tickets_open_village", "ix_tickets_open_town", "ix_tickets_open_place"),
        *("ix_tickets_awaits", "ix_tickets_disputed", "ix_tickets_follow_up", "ix_tickets_merged_into"),
        *("ix_tickets_suspended", "ix_tickets_open_edition", "ix_tickets_former_grid"),
        "ix_tickets_urgent",
        "ix_due_steps_pending",
    }


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


def test_the_clocks_of_open_tickets_come_through_a_change_of_schema(county: County) -> None:
    running = [a_ticket(county, node=node) for node in (Node.INTAKE, Node.HANDLE)]
    before = [clocks(hand) for hand in running]
    engine = county.sessions.engine
    with engine.execution_options(writing=True).begin() as connection:
        command.downgrade(migrations.config(connection), "0001")
    migrations.upgrade(engine)
    assert migrations.differences(engine) == []
    assert [clocks(hand) for hand in running] == before
    ticket = running[1].take("suspend", "village", note="等批文", until=NOW + timedelta(days=9))
    assert ticket.suspended_until == NOW + timedelta(days=9)


def clocks(hand: Hand) -> tuple[object, ...]:
    ticket = hand.look()
    return (
        *(ticket.due_at, ticket.clock_since, ticket.clock_left_s, ticket.clock_total_s),
        *(ticket.tier_due_at, ticket.tier_clock_since, ticket.tier_left_s, ticket.tier_total_s),
    )


def test_what_is_loaded_becomes_the_first_edition_of_the_map(county: County) -> None:
    """A county that ran before there were editions: its outlines and its tickets are edition 1."""
    hand = a_ticket(county, node=Node.HANDLE)
    engine = county.sessions.engine
    with county.sessions.read() as session:
        before = editions.boundaries(session)
    with engine.execution_options(writing=True).begin() as connection:
        command.downgrade(migrations.config(connection), "0006")
        assert not {"map_editions", "region_versions", "lineage"} & set(inspect(connection).get_table_names())
    migrations.upgrade(engine)
    assert migrations.differences(engine) == []
    with county.sessions.read() as session:
        first = editions.in_force(session)
        assert first is not None and (first.version, first.source, first.synthetic) == (1, "load-reference", True)
        assert first.counts == {"county": 1, "town": 17, "village": 283, "grid": 1798}
        assert first.finished_at is not None and editions.boundaries(session) == before
        assert not relocation.is_pending(session)
    assert hand.look().map_edition == 1 and hand.look().candidates is None
    assert hand.take("resolve", hand.desk(), note="已处置").node == "close"


def test_an_empty_database_has_no_edition_until_a_map_is_loaded(empty: Engine) -> None:
    migrations.upgrade(empty)
    with empty.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM map_editions")) == 0
