"""Ten thousand random changes by somebody who has the database, its triggers dropped, but not the key: all show.

Each change is made in the database itself and rolled back to a savepoint after the chains it touched were verified.
On PostgreSQL, where each statement is a journey to the server, there are fewer.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from command_center.database import table_of
from command_center.events import log
from command_center.events.canonical import canonical
from command_center.events.models import ChainHead, Published, TicketEvent
from tests.county import County
from tests.events.stories import a_log
from tests.events.tampering import unguarded

CHANGES = {"sqlite": 10_000, "postgresql": 1_500}
SEED = 20261121
EVENT, HEAD = table_of(TicketEvent), table_of(ChainHead)
COLUMNS = [column.key for column in EVENT.columns]
# Swaps go by way of a place that nobody has.
ELSEWHERE = -4711


@dataclass
class Attacker:
    """Somebody with the database's password, a list of its rows, and dice."""

    session: Session
    dice: random.Random
    rows: list[dict[str, Any]]
    tried: Counter[str] = field(default_factory=Counter)

    def change(self) -> tuple[str, set[int]]:
        """Do one thing. Returns what it was, and whose chains may show it; empty: only the whole log does."""
        kind = self.dice.choices(list(KINDS), [weight for weight, _ in KINDS.values()])[0]
        return KINDS[kind][1](self)

    def one(self) -> dict[str, Any]:
        return self.dice.choice(self.rows)

    def two(self) -> tuple[dict[str, Any], dict[str, Any]]:
        one, other = self.dice.sample(self.rows, 2)
        return one, other

    def set(self, row_id: int, **values: Any) -> None:
        assignments = ", ".join(f"{name} = :{name}" for name in values)
        self.run(f"UPDATE ticket_events SET {assignments} WHERE id = :row_id", row_id=row_id, **values)

    def run(self, statement: str, **values: Any) -> None:
        result: Any = self.session.execute(text(statement), values)
        assert result.rowcount == 1, "nothing was tampered with"

    def another(self, value: Any) -> Any:
        """A value of the same kind, but not the same."""
        if isinstance(value, int):
            return value + self.dice.choice([-1, 1, 7, 100_000])
        if not value:
            return self.dice.choice("x1 \n线")
        if self.dice.random() < 0.2:
            return value[:-1]
        at = self.dice.randrange(len(value))
        return value[:at] + self.dice.choice([new for new in "0a线 " if new != value[at]]) + value[at + 1 :]


def column_changed(by: Attacker) -> tuple[str, set[int]]:
    row = by.one()
    name = by.dice.choice([name for name in COLUMNS if name != "details"])
    value = row[name]
    if name == "id":
        by.set(row["id"], id=row["id"] + 100_000)
        return name, {row["ticket_id"]}
    if name == "at":
        shifted = "2020-01-01 00:00:00.000000" if by.dice.random() < 0.5 else str(row["at"]).replace("2026", "2025")
        by.set(row["id"], at=shifted)
        return name, {row["ticket_id"]}
    # Nothing, where a column may be nothing.
    if value is not None and EVENT.columns[name].nullable and by.dice.random() < 0.3:
        by.set(row["id"], **{name: None})
        return name, {row["ticket_id"]}
    new = by.another(value)
    if name == "actor_id":
        new = (value or 0) + by.dice.choice([1, 2, 3])
    if name == "ticket_id":
        new = ELSEWHERE if by.dice.random() < 0.3 else new
    by.set(row["id"], **{name: new})
    return name, {row["ticket_id"]}


def detail_changed(by: Attacker) -> tuple[str, set[int]]:
    """One inner value of the details, or a key more or less, or the same JSON in another spelling."""
    row = by.one()
    details = json.loads(row["details"])
    what = by.dice.random()
    if what < 0.1:
        by.set(row["id"], details=json.dumps(details, ensure_ascii=False, sort_keys=True))
        return "details, spelling", {row["ticket_id"]}
    place = details
    key = by.dice.choice(sorted(place))
    while isinstance(place[key], dict):
        place = place[key]
        key = by.dice.choice(sorted(place))
    if what < 0.2:
        del place[key]
    elif what < 0.3:
        place["another"] = None
    elif isinstance(place[key], bool):
        place[key] = not place[key]
    elif isinstance(place[key], float):
        place[key] += 0.1
    elif isinstance(place[key], list):
        place[key] = [*place[key], "more"]
    else:
        place[key] = by.another(place[key])
    by.set(row["id"], details=canonical(details))
    return "details", {row["ticket_id"]}


def head_changed(by: Attacker) -> tuple[str, set[int]]:
    ticket = by.one()["ticket_id"]
    name = by.dice.choice(["n", "last", "seal", "ticket_id"])
    if name == "ticket_id":
        by.run("UPDATE chain_heads SET ticket_id = :new WHERE ticket_id = :t", new=ELSEWHERE, t=ticket)
        return "chain_heads.ticket_id", {ticket}
    value = by.session.execute(select(HEAD.c[name]).where(HEAD.c.ticket_id == ticket)).scalar_one()
    by.run(f"UPDATE chain_heads SET {name} = :new WHERE ticket_id = :t", new=by.another(value), t=ticket)
    return f"chain_heads.{name}", {ticket}


def head_deleted(by: Attacker) -> tuple[str, set[int]]:
    ticket = by.one()["ticket_id"]
    by.run("DELETE FROM chain_heads WHERE ticket_id = :t", t=ticket)
    return "chain_heads, a row deleted", {ticket}


def row_deleted(by: Attacker) -> tuple[str, set[int]]:
    row = by.one()
    by.run("DELETE FROM ticket_events WHERE id = :id", id=row["id"])
    return "deleted", {row["ticket_id"]}


def tail_cut(by: Attacker) -> tuple[str, set[int]]:
    """Cut the last event off, and move the head back as far as one can without the key."""
    ticket = by.one()["ticket_id"]
    chain = [row for row in by.rows if row["ticket_id"] == ticket]
    by.run("DELETE FROM ticket_events WHERE id = :id", id=chain[-1]["id"])
    by.run(
        "UPDATE chain_heads SET n = :n, last = :last WHERE ticket_id = :t",
        n=chain[-2]["n"],
        last=chain[-2]["hash"],
        t=ticket,
    )
    return "tail cut, head moved back", {ticket}


def row_inserted(by: Attacker) -> tuple[str, set[int]]:
    """A copy of an event, in between or behind the last one."""
    row = by.one()
    last = max(other["n"] for other in by.rows if other["ticket_id"] == row["ticket_id"])
    n = by.dice.choice([last + 1, row["n"]])
    names = ", ".join(name for name in COLUMNS if name not in {"id", "n"})
    by.run(
        f"INSERT INTO ticket_events (id, n, {names}) SELECT 1000000, :n, {names} FROM ticket_events WHERE id = :copied",
        n=n,
        copied=row["id"],
    )
    return "inserted" if n > last else "duplicated", {row["ticket_id"]}


def contents_swapped(by: Attacker) -> tuple[str, set[int]]:
    """Two events, of one ticket or of two, change places: everything but id, ticket and n."""
    one, other = by.two()
    for row, content in ((one, other), (other, one)):
        by.set(row["id"], **{name: content[name] for name in COLUMNS if name not in {"id", "ticket_id", "n"}})
    return "contents swapped", {one["ticket_id"], other["ticket_id"]}


def places_swapped(by: Attacker) -> tuple[str, set[int]]:
    """Two events change ticket and n, keeping everything else."""
    one, other = by.two()
    by.set(one["id"], ticket_id=ELSEWHERE)
    by.set(other["id"], ticket_id=one["ticket_id"], n=one["n"])
    by.set(one["id"], ticket_id=other["ticket_id"], n=other["n"])
    return "places swapped", {one["ticket_id"], other["ticket_id"]}


def ids_swapped(by: Attacker) -> tuple[str, set[int]]:
    """Two events of one ticket change ids, so that the public sequence would tell them the other way round."""
    ticket = by.one()["ticket_id"]
    one, other = by.dice.sample([row for row in by.rows if row["ticket_id"] == ticket], 2)
    by.set(one["id"], id=ELSEWHERE)
    by.set(other["id"], id=one["id"])
    by.set(ELSEWHERE, id=other["id"])
    return "ids swapped", {ticket}


def number_removed(by: Attacker) -> tuple[str, set[int]]:
    """An event loses its public number, or a number points at another event that does not exist."""
    seq, event_id = by.dice.choice(by.session.execute(select(Published.seq, Published.event_id)).all())
    owner = next(row["ticket_id"] for row in by.rows if row["id"] == event_id)
    if by.dice.random() < 0.5:
        by.run("DELETE FROM published WHERE seq = :seq", seq=seq)
    else:
        by.run("UPDATE published SET event_id = :new WHERE seq = :seq", new=event_id + 100_000, seq=seq)
    return "public number", {owner}


Kind = Callable[[Attacker], tuple[str, set[int]]]
KINDS: dict[str, tuple[int, Kind]] = {
    "column": (60, column_changed),
    "detail": (15, detail_changed),
    "head": (8, head_changed),
    "head deleted": (1, head_deleted),
    "deleted": (3, row_deleted),
    "tail": (2, tail_cut),
    "inserted": (4, row_inserted),
    "contents": (3, contents_swapped),
    "places": (2, places_swapped),
    "ids": (1, ids_swapped),
    "number": (1, number_removed),
}


@pytest.fixture
def attacker(county: County) -> Iterator[Attacker]:
    """An attacker with a copy of nine tickets' events, the index that forbids duplicates dropped too."""
    a_log(county, tickets=9, events=7)
    with unguarded(county, "DROP INDEX uq_ticket_events_ticket_n") as session:
        rows = [dict(row) for row in session.execute(text("SELECT * FROM ticket_events ORDER BY id")).mappings()]
        yield Attacker(session, random.Random(SEED), rows)


def seen(attacker: Attacker, key: bytes, tickets: set[int]) -> bool:
    return any(any(log.verify(attacker.session, key, ticket)) for ticket in tickets)


def test_ten_thousand_random_changes_are_all_found(county: County, attacker: Attacker) -> None:
    key, session = county.office.chain_key, attacker.session
    assert list(log.verify(session, key)) == [None] * len(attacker.rows), "the log is not sound to begin with"
    missed = []
    for n in range(CHANGES[county.kind]):
        with session.begin_nested() as savepoint:
            what, tickets = attacker.change()
            attacker.tried[what] += 1
            if not seen(attacker, key, tickets):
                missed.append((n, what, tickets))
            savepoint.rollback()
    assert missed == []
    assert list(log.verify(session, key)) == [None] * len(attacker.rows), "something was left behind"
    assert set(COLUMNS) - {"details"} <= set(attacker.tried), attacker.tried


def test_each_kind_of_change_shows_in_a_walk_over_the_whole_log(county: County, attacker: Attacker) -> None:
    for kind, (_, change) in KINDS.items():
        for _ in range(20):
            with attacker.session.begin_nested() as savepoint:
                change(attacker)
                assert any(log.verify(attacker.session, county.office.chain_key)), kind
                savepoint.rollback()


def test_a_public_number_whose_event_is_gone_is_found_even_with_its_ticket_wiped_out(
    county: County, attacker: Attacker
) -> None:
    """Somebody who removes a ticket with everything that belongs to it still leaves its numbers behind."""
    ticket = attacker.rows[0]["ticket_id"]
    for table, column in (("ticket_events", "ticket_id"), ("chain_heads", "ticket_id"), ("tickets", "id")):
        attacker.session.execute(text(f"DELETE FROM {table} WHERE {column} = :t"), {"t": ticket})
    found = [fault for fault in log.verify(attacker.session, county.office.chain_key) if fault]
    assert found
    assert all("public number" in fault.reason for fault in found)


@pytest.mark.parametrize("engine_kind", ["sqlite"], indirect=False)
@pytest.mark.parametrize("value", ["x'ff00'", "cast(x'ff00' AS TEXT)", "12"])
def test_a_value_that_is_no_text_does_not_end_the_walk(county: County, attacker: Attacker, value: str) -> None:
    """SQLite stores whatever it is given; the walk must name it and go on."""
    attacker.session.execute(text(f"UPDATE ticket_events SET note = {value} WHERE id IN (3, 13)"))
    found = [fault for fault in log.verify(attacker.session, county.office.chain_key) if fault]
    assert [fault.reason for fault in found] == ["its content was changed"] * 2
