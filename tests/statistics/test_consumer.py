"""Events are counted once, whoever counts them and whatever is cut short; a recount tells what was tampered with."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update

from command_center.events.models import Published
from command_center.events.relay import number
from command_center.statistics.consumer import advance, catch_up, rebuild
from command_center.statistics.models import MEASURES, Rollup, StatisticsCursor, TicketFact
from command_center.tickets.standing import Node, Tier
from tests.builders import CABLE, COUNTY, JUSTICE, RECORD, VILLAGE, a_ticket
from tests.county import County

DAY = date(2026, 11, 20)
AT_THE_COUNTY = (Rollup.region_code == COUNTY) & (Rollup.dimension == "total")


def a_few_tickets(county: County) -> None:
    for node, tier in ((Node.CLOSED, Tier.COUNTY), (Node.HANDLE, Tier.TOWN), (Node.INTAKE, Tier.VILLAGE)):
        a_ticket(county, node=node, tier=tier)
    a_ticket(county, node=Node.CLOSED, to="grid")


def publish(county: County) -> None:
    """Number everything, and let nobody count it yet."""
    with county.sessions.begin() as session:
        while number(session):
            pass


def stored(county: County) -> tuple[set[str], set[str]]:
    with county.sessions.read() as session:
        return (
            {repr(tuple(row)) for row in session.execute(select(Rollup.__table__))},
            {repr(tuple(row)) for row in session.execute(select(TicketFact.__table__))},
        )


def recount(county: County) -> int:
    with county.sessions.begin() as session:
        return rebuild(session, county.settings.zone)


def test_what_was_rolled_back_is_counted_the_next_time(county: County) -> None:
    a_few_tickets(county)
    publish(county)
    with county.sessions.begin() as session:
        assert advance(session, county.settings.zone) > 0
        session.rollback()
    assert stored(county) == (set(), set())
    assert catch_up(county.sessions, county.settings.zone) > 0
    assert recount(county) == 0


STRAY = dict.fromkeys(MEASURES, 0) | {"region_code": VILLAGE, "dimension": "category", "key": "nonsense", "day": DAY}
TAMPERED: dict[str, Callable[[int], Any]] = {
    "a rollup raised": lambda _: update(Rollup).where(AT_THE_COUNTY).values(closed=Rollup.closed + 1),
    "a rollup lowered below nothing": lambda _: update(Rollup).where(AT_THE_COUNTY).values(rejected=-1),
    "a rollup gone": lambda _: delete(Rollup).where(AT_THE_COUNTY),
    "a rollup of nothing": lambda _: insert(Rollup).values(STRAY | {"reported": 1}),
    "a fact turned": lambda ticket: update(TicketFact).where(TicketFact.ticket_id == ticket).values(late=True),
    "a fact gone": lambda ticket: delete(TicketFact).where(TicketFact.ticket_id == ticket),
    "a fact moved to another day": lambda ticket: (
        update(TicketFact).where(TicketFact.ticket_id == ticket).values(day=date(2026, 1, 1))
    ),
}


def test_every_tampering_is_found_told_and_mended(county: County) -> None:
    a_few_tickets(county)
    county.relay()
    assert recount(county) == 0
    right = stored(county)
    with county.sessions.read() as session:
        ticket = session.scalars(select(TicketFact.ticket_id).limit(1)).one()
    for name, tampering in TAMPERED.items():
        with county.sessions.begin() as session:
            session.execute(tampering(ticket))
        assert stored(county) != right, name
        assert recount(county) == 1, name
        assert stored(county) == right, name
        assert recount(county) == 0, name


def test_a_recount_stops_where_the_statistics_have_read(county: County) -> None:
    a_few_tickets(county)
    county.relay()
    right = stored(county)
    a_ticket(county)
    publish(county)
    assert recount(county) == 0
    assert stored(county) == right
    assert catch_up(county.sessions, county.settings.zone) == 1
    assert stored(county) != right


def test_counting_one_by_one_counting_at_once_and_recounting_give_the_same_bytes(county: County) -> None:
    a_whole_life(county)
    publish(county)
    with county.sessions.begin() as session:
        assert advance(session, county.settings.zone, limit=3) == 3
    while advanced(county, limit=1):
        pass
    one_by_one = dump(county)
    assert recount(county) == 0
    assert dump(county) == one_by_one
    forget(county)
    catch_up(county.sessions, county.settings.zone)
    assert dump(county) == one_by_one
    forget(county, cursor=False)
    assert recount(county) > 0
    assert dump(county) == one_by_one


def a_whole_life(county: County) -> None:
    """Tickets that leave rows behind: another category, another department, merged and parted again."""
    a_few_tickets(county)
    hand = a_ticket(county)
    hand.take("accept", "village", category=JUSTICE)
    main = a_ticket(county, category=CABLE)
    hand.take("merge", "village", into=main.look().number)
    hand.take("reopen", "village", note="不是同一件事")
    passed_on = a_ticket(county, node=Node.HANDLE, tier=Tier.TOWN)
    passed_on.take("assist", "d.justice", departments=("police",), note="请到场")
    passed_on.take("resolve", "d.police", note="已到场")
    passed_on.take("return", "d.justice", note="不归我们")
    passed_on.take("dispatch", "town", to="town")
    passed_on.take("resolve", "town", note="已办")
    passed_on.take("close", "town", note="电话核实")
    passed_on.take("callback", "hotline", reached=True, satisfied=False, note="没修好")
    passed_on.take("reopen", "town", note="群众不满意")
    passed_on.take("claim", "town", category=RECORD)


def advanced(county: County, limit: int) -> int:
    with county.sessions.begin() as session:
        return advance(session, county.settings.zone, limit)


def forget(county: County, *, cursor: bool = True) -> None:
    with county.sessions.begin() as session:
        session.execute(delete(Rollup))
        session.execute(delete(TicketFact))
        if cursor:
            session.execute(delete(StatisticsCursor))


def dump(county: County) -> bytes:
    """What the engine's own dump says of the tables, in the order of their keys."""
    with county.sessions.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        if county.kind == "sqlite":
            lines = (line for line in raw.iterdump() if line.startswith(('INSERT INTO "rollups"', 'INSERT INTO "tic')))
            return "\n".join(sorted(line for line in lines if "ticket_facts" in line or "rollups" in line)).encode()
        told = b""
        for table, key in (("rollups", "1, 2, 3, 4"), ("ticket_facts", "1")):
            with raw.cursor().copy(f"COPY (SELECT * FROM {table} ORDER BY {key}) TO STDOUT") as rows:
                told += b"".join(bytes(part) for part in rows)
        return told


def test_no_cell_is_ever_negative_and_none_is_left_empty(county: County) -> None:
    a_whole_life(county)
    county.relay()
    with county.sessions.read() as session:
        for row in session.execute(select(*[getattr(Rollup, measure) for measure in MEASURES])):
            assert min(row) >= 0 and max(row) > 0


@pytest.mark.parametrize("rounds", [3])
def test_two_processes_that_count_at_once_count_each_event_once(
    open_county: Callable[..., County], rounds: int
) -> None:
    counties = [open_county(), open_county()]
    for _ in range(rounds):
        a_few_tickets(counties[0])
    publish(counties[0])
    with counties[0].sessions.read() as session:
        events = session.scalar(select(func.count()).select_from(Published)) or 0
    start = Barrier(2)

    def count(county: County) -> int:
        start.wait(30)
        counted = 0
        while True:
            with county.sessions.begin() as session:
                batch = advance(session, county.settings.zone, 4)
            counted += batch
            if not batch:
                return counted

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(count, counties)) == events
    assert recount(counties[0]) == 0
