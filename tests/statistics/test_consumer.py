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
from command_center.statistics.models import MEASURES, Rollup, TicketFact
from command_center.tickets.workflow import Node, Tier
from tests.builders import COUNTY, VILLAGE, a_ticket
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


def stored(county: County) -> tuple[set[Any], set[Any]]:
    with county.sessions.read() as session:
        return (
            {tuple(row) for row in session.execute(select(Rollup.__table__))},
            {tuple(row) for row in session.execute(select(TicketFact.__table__))},
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
