"""The event log: only ever added to, and any change shows."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError

from command_center.events import log
from command_center.events.canonical import canonical
from command_center.events.models import ChainHead, TicketEvent
from command_center.tickets.standing import Node, Tier
from tests.builders import Hand, a_ticket
from tests.county import County
from tests.events.tampering import faults, tamper

COLUMNS = [column for column in TicketEvent.__table__.columns if column.key != "id"]


@pytest.fixture
def story(county: County) -> Hand:
    """A ticket with eight events, and one before and after it that nobody touches."""
    a_ticket(county)
    hand = a_ticket(county, node=Node.CLOSE, tier=Tier.TOWN)
    a_ticket(county)
    return hand


def another(value: Any, column: Any) -> Any:
    """A value of the column's type that differs from the one that stands there."""
    if column.key == "at":
        return "2020-01-01 00:00:00.000000"
    if column.key == "details":
        return canonical({"forged": True})
    return 4711 if column.type.python_type is int else "forged"


def test_a_sound_log_has_no_fault(county: County, story: Hand) -> None:
    assert faults(county) == []


def test_events_are_numbered_from_one_and_each_follows_the_one_before(county: County, story: Hand) -> None:
    with county.sessions.read() as session:
        events = session.scalars(
            select(TicketEvent).where(TicketEvent.ticket_id == story.id).order_by(TicketEvent.n)
        ).all()
        head = session.get_one(ChainHead, story.id)
    assert [event.n for event in events] == list(range(1, len(events) + 1))
    assert [event.previous_hash for event in events] == [log.GENESIS] + [event.hash for event in events[:-1]]
    assert (head.n, head.last) == (events[-1].n, events[-1].hash)


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.key)
def test_a_change_in_any_column_is_found(county: County, story: Hand, column: Any) -> None:
    with county.sessions.read() as session:
        event = session.scalars(select(TicketEvent).where(TicketEvent.ticket_id == story.id, TicketEvent.n == 3)).one()
    value = another(getattr(event, column.key), column)
    tamper(county, f"UPDATE ticket_events SET {column.key} = :value WHERE id = :id", value=value, id=event.id)
    found = faults(county)
    assert found
    assert story.id in {fault.ticket_id for fault in found} or column.key == "ticket_id"


def test_the_first_broken_link_is_the_one_that_is_named(county: County, story: Hand) -> None:
    tamper(county, "UPDATE ticket_events SET note = 'forged' WHERE ticket_id = :t AND n IN (3, 5)", t=story.id)
    (fault,) = faults(county)
    assert (fault.ticket_id, fault.number, fault.n) == (story.id, story.look().number, 3)
    assert "content" in fault.reason


def test_a_missing_event_is_found(county: County, story: Hand) -> None:
    tamper(county, "DELETE FROM ticket_events WHERE ticket_id = :t AND n = 4", t=story.id)
    (fault,) = faults(county)
    assert (fault.ticket_id, fault.reason) == (story.id, "event 4 is missing")


def test_a_missing_first_event_is_found(county: County, story: Hand) -> None:
    tamper(county, "DELETE FROM ticket_events WHERE ticket_id = :t AND n = 1", t=story.id)
    (fault,) = faults(county)
    assert fault.reason == "event 1 is missing"


def test_a_cut_tail_is_found(county: County, story: Hand) -> None:
    tamper(county, "DELETE FROM ticket_events WHERE ticket_id = :t AND n >= 6", t=story.id)
    (fault,) = faults(county)
    assert (fault.ticket_id, fault.n) == (story.id, 5)


def test_a_cut_tail_with_the_head_moved_back_is_found(county: County, story: Hand) -> None:
    tamper(
        county,
        "UPDATE chain_heads SET n = 5, last = (SELECT hash FROM ticket_events WHERE ticket_id = :t AND n = 5) "
        "WHERE ticket_id = :t",
        t=story.id,
    )
    (fault,) = faults(county)
    assert fault.reason == "the chain's head was changed"


def test_events_that_are_all_gone_are_found(county: County, story: Hand) -> None:
    tamper(county, "DELETE FROM ticket_events WHERE ticket_id = :t", t=story.id)
    (fault,) = faults(county)
    assert fault.ticket_id == story.id


def test_a_head_that_is_gone_is_found(county: County, story: Hand) -> None:
    tamper(county, "DELETE FROM chain_heads WHERE ticket_id = :t", t=story.id)
    (fault,) = faults(county)
    assert (fault.ticket_id, fault.reason) == (story.id, "the chain's head is gone")


def test_a_ticket_without_events_and_head_is_found(county: County, story: Hand) -> None:
    tamper(
        county,
        "DELETE FROM ticket_events WHERE ticket_id = :t",
        "DELETE FROM chain_heads WHERE ticket_id = :t",
        t=story.id,
    )
    assert [fault.ticket_id for fault in faults(county)] == [story.id]


def test_an_event_moved_to_another_ticket_is_found(county: County, story: Hand) -> None:
    tamper(county, "UPDATE ticket_events SET ticket_id = 1, n = 2 WHERE ticket_id = :t AND n = 2", t=story.id)
    assert {fault.ticket_id for fault in faults(county)} == {1, story.id}


def test_a_log_under_another_key_does_not_verify(county: County, story: Hand) -> None:
    with county.sessions.read() as session:
        assert any(log.verify(session, b"another key"))


def refused(county: County, statement: Any) -> None:
    """The database itself refuses it, and says why."""
    before = county.contents()
    with pytest.raises(DBAPIError, match="append-only"), county.sessions.begin() as session:
        session.execute(statement)
    assert county.contents() == before


def test_the_database_refuses_to_update_an_event(county: County, story: Hand) -> None:
    refused(county, update(TicketEvent).where(TicketEvent.ticket_id == story.id).values(note="forged"))


def test_the_database_refuses_to_delete_an_event(county: County, story: Hand) -> None:
    refused(county, text("DELETE FROM ticket_events WHERE id = 1"))


@pytest.mark.parametrize("engine_kind", ["postgresql"], indirect=False)
def test_the_database_refuses_to_truncate_the_events(county: County, story: Hand) -> None:
    refused(county, text("TRUNCATE ticket_events CASCADE"))


@pytest.mark.parametrize("engine_kind", ["sqlite"], indirect=False)
def test_the_database_refuses_to_replace_an_event(county: County, story: Hand) -> None:
    with county.sessions.read() as session:
        row = session.execute(select(TicketEvent.__table__).where(TicketEvent.id == 1)).mappings().one()
    forged = insert(TicketEvent.__table__).prefix_with("OR REPLACE").values({**row, "note": "forged"})
    refused(county, forged)


@pytest.mark.parametrize("engine_kind", ["postgresql"], indirect=False)
def test_the_database_refuses_an_upsert_of_an_event(county: County, story: Hand) -> None:
    refused(
        county,
        text(
            "INSERT INTO ticket_events SELECT * FROM ticket_events WHERE id = 1 "
            "ON CONFLICT (id) DO UPDATE SET note = 'forged'"
        ),
    )


def test_the_database_refuses_to_delete_all_events_at_once(county: County, story: Hand) -> None:
    refused(county, text("DELETE FROM ticket_events"))


@pytest.mark.parametrize("engine_kind", ["postgresql"], indirect=False)
@pytest.mark.parametrize("table", ["ticket_events, unpublished, published", "tickets CASCADE", "regions CASCADE"])
def test_the_database_refuses_to_truncate_the_events_along_with_others(county: County, story: Hand, table: str) -> None:
    refused(county, text(f"TRUNCATE {table}"))


@pytest.mark.parametrize("engine_kind", ["sqlite"], indirect=False)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE OR REPLACE ticket_events SET note = 'forged' WHERE id = 1",
        "REPLACE INTO ticket_events SELECT * FROM ticket_events WHERE id = 1",
        "INSERT INTO ticket_events SELECT * FROM ticket_events WHERE id = 1 "
        "ON CONFLICT (id) DO UPDATE SET note = 'forged'",
    ],
)
def test_the_database_refuses_every_kind_of_replacing(county: County, story: Hand, statement: str) -> None:
    refused(county, text(statement))


@pytest.mark.parametrize("engine_kind", ["sqlite"], indirect=False)
def test_the_database_refuses_to_replace_an_event_by_its_place_in_the_chain(county: County, story: Hand) -> None:
    """A new id with the ticket and n of another event would push that one out."""
    with county.sessions.read() as session:
        row = session.execute(select(TicketEvent.__table__).where(TicketEvent.id == 1)).mappings().one()
    refused(county, insert(TicketEvent.__table__).prefix_with("OR REPLACE").values({**row, "id": 4711}))


@pytest.mark.parametrize("engine_kind", ["sqlite"], indirect=False)
@pytest.mark.parametrize("changes", ["note = 'forged'", "id = 4711"])
def test_another_programs_connection_replaces_nothing_either(county: County, story: Hand, changes: str) -> None:
    """Its `recursive_triggers` are off, so what it replaces fires no trigger for the deleted row."""
    database = str(county.sessions.engine.url.database)
    with closing(sqlite3.connect(database)) as other:
        other.execute("CREATE TEMP TABLE forged AS SELECT * FROM ticket_events WHERE id = 1")
        other.execute(f"UPDATE forged SET {changes}")
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            other.execute("INSERT OR REPLACE INTO ticket_events SELECT * FROM forged")
    assert faults(county) == []


def test_the_heads_may_be_written_but_not_unseen(county: County, story: Hand) -> None:
    """Each action moves its ticket's head, so no trigger stands before them: their seal does."""
    with county.sessions.begin() as session:
        session.execute(update(ChainHead).where(ChainHead.ticket_id == story.id).values(n=ChainHead.n - 1))
    assert [fault.reason for fault in faults(county)] == ["the chain's head was changed"]


def test_canonical_json_has_one_spelling() -> None:
    assert canonical({"b": 1.50, "a": "线"}) == canonical({"a": "线", "b": 1.5}) == '{"a":"线","b":1.5}'


def test_canonical_json_knows_no_infinity() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical({"a": float("inf")})
