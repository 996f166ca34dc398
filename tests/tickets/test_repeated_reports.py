"""A phone that is not sure sends its report again: one ticket, however often, and at whatever moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from command_center.errors import KeyReused, OutsideCounty
from command_center.events.log import verify
from command_center.events.models import TicketEvent
from command_center.tickets.intake import first_time, remember, report
from command_center.tickets.models import RepeatableWrite, Ticket
from tests.builders import NOW, a_body, a_draft, a_key
from tests.county import County

AT_ONCE = 10


def send(county: County, key: str, body: dict[str, Any], by: str = "grid", **draft: Any) -> tuple[int, bool]:
    """Report as the door does, in one transaction. Returns the ticket's id and whether it is a new one."""
    actor = county.actor(by)
    made = a_draft(county, **draft)
    with county.sessions.begin() as session:
        before = first_time(session, actor, key, body, NOW)
        if before is not None:
            assert before.ticket_id is not None, "an answer is seen only when it is whole"
            return before.ticket_id, False
        ticket = report(session, county.office, made, actor, NOW)
        remember(session, actor, key, ticket)
        return ticket.id, True


def tickets(county: County) -> int:
    with county.sessions.read() as session:
        return session.scalar(select(func.count()).select_from(Ticket)) or 0


def test_the_same_key_again_finds_the_first_ticket(county: County) -> None:
    key, body = a_key(), a_body(county)
    first = send(county, key, body)
    again = send(county, key, dict(reversed(body.items())))  # the order of the fields does not matter
    assert (first, again) == ((first[0], True), (first[0], False))
    assert tickets(county) == 1


def test_the_same_key_with_another_body_is_refused_and_keeps_the_first(county: County) -> None:
    key, body = a_key(), a_body(county)
    first, _ = send(county, key, body)
    for changes in ({"description": "另一件事"}, {"lon": body["lon"] + 1e-9}, {"photos": []}, {"category": None}):
        with pytest.raises(KeyReused):
            send(county, key, body | changes)
    assert send(county, key, body) == (first, False)
    assert tickets(county) == 1


def test_another_key_or_another_person_is_another_report(county: County) -> None:
    key, body = a_key(), a_body(county)
    sent = [send(county, key, body), send(county, a_key(), body), send(county, key, body, by="village")]
    assert [new for _, new in sent] == [True, True, True]
    assert tickets(county) == 3


def test_a_report_that_was_refused_leaves_its_key_free(county: County) -> None:
    key, body = a_key(), a_body(county)
    with pytest.raises(OutsideCounty):
        send(county, key, body, lon=121.0, lat=41.5)
    with county.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(RepeatableWrite)) == 0
    assert send(county, key, body)[1]


def all_at_once(county: County, *calls: Callable[[], Any]) -> list[Any]:
    """Let everybody call at the same moment; what was refused is returned like an answer."""
    start = Barrier(len(calls))

    def one(call: Callable[[], Any]) -> Any:
        start.wait(30)
        try:
            return call()
        except KeyReused as refused:
            return refused

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def test_ten_identical_posts_at_once_make_one_ticket(county: County) -> None:
    key, body = a_key(), a_body(county)
    answers = all_at_once(county, *[lambda: send(county, key, body)] * AT_ONCE)
    assert len({ticket for ticket, _ in answers}) == 1
    assert sorted(new for _, new in answers) == [False] * (AT_ONCE - 1) + [True]
    with county.sessions.read() as session:
        assert [event.action for event in session.scalars(select(TicketEvent))] == ["report"]


def test_of_ten_different_bodies_under_one_key_at_once_one_is_taken(county: County) -> None:
    key, body = a_key(), a_body(county)
    bodies = [body | {"description": f"第{n}件"} for n in range(AT_ONCE)]
    answers = all_at_once(county, *[lambda body=body: send(county, key, body) for body in bodies])
    assert sum(isinstance(answer, KeyReused) for answer in answers) == AT_ONCE - 1
    assert tickets(county) == 1


def test_ten_reports_of_their_own_at_once_are_ten_tickets_with_sound_chains(county: County) -> None:
    body = a_body(county)
    answers = all_at_once(county, *[lambda: send(county, a_key(), body)] * AT_ONCE)
    assert len({ticket for ticket, _ in answers}) == AT_ONCE
    with county.sessions.read() as session:
        assert len(set(session.scalars(select(Ticket.number)))) == AT_ONCE
        assert list(verify(session, county.office.chain_key)) == [None] * AT_ONCE
