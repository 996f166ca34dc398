"""The relay: every committed event gets its public number once, in order, and is told to whoever listens."""

import threading
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import func, select

from command_center.errors import CommandCenterError
from command_center.events.models import Published, StreamHead, TicketEvent, Unpublished
from command_center.events.relay import Numbered, Relay, last_seq
from command_center.tickets.actions import act, locked
from command_center.tickets.deed import Form
from command_center.tickets.intake import report
from command_center.tickets.standing import Node, Tier
from command_center.tickets.workflow import Action
from tests.builders import NOW, TOWN, VILLAGE, a_draft, a_ticket, spot
from tests.conftest import Counties
from tests.county import County


class Listener:
    """Stands where the screens stand."""

    def __init__(self, county: County) -> None:
        self.heard: list[Numbered] = []
        self.counted = 0
        self.relay = Relay(
            county.sessions, county.settings.home, self.publish, [self.count], beat=lambda: None, every=0.05
        )

    def publish(self, batch: Sequence[Numbered]) -> None:
        self.heard.extend(batch)

    def count(self) -> None:
        self.counted += 1

    def drain(self) -> None:
        while self.relay.once():
            pass

    @property
    def seqs(self) -> list[int]:
        return [item.seq for item in self.heard]


@pytest.fixture
def listener(county: County) -> Listener:
    return Listener(county)


def test_nothing_committed_is_nothing_to_relay(county: County, listener: Listener) -> None:
    assert listener.relay.once() == 0
    assert (listener.heard, listener.counted) == ([], 0)


def test_events_are_numbered_without_gaps_and_told_in_order(county: County, listener: Listener) -> None:
    a_ticket(county, node=Node.CLOSED)
    listener.drain()
    a_ticket(county)
    listener.drain()
    assert listener.seqs == list(range(1, len(listener.seqs) + 1))
    with county.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(TicketEvent)) == len(listener.seqs)
        assert session.scalar(select(func.count()).select_from(Unpublished)) == 0


def test_an_event_is_told_once_only(county: County, listener: Listener) -> None:
    a_ticket(county)
    listener.drain()
    listener.drain()
    assert listener.seqs == [1]


def test_what_was_rolled_back_is_not_told(county: County, listener: Listener) -> None:
    hand = a_ticket(county)
    with pytest.raises(CommandCenterError), county.sessions.begin() as session:
        ticket = locked(session, hand.id)
        act(session, county.office, ticket, Action.ACCEPT, Form(), county.actor("village"), NOW)
        act(session, county.office, ticket, Action.ACCEPT, Form(), county.actor("village"), NOW)
    listener.drain()
    assert [item.event.action for item in listener.heard] == ["report"]


def test_each_streams_events_are_linked_by_the_number_before(county: County, listener: Listener) -> None:
    a_ticket(county, node=Node.CLOSE, tier=Tier.TOWN)
    lon, lat = spot(county, "210882003001")
    a_ticket(county, lon=lon, lat=lat, by="hotline")
    a_ticket(county)
    listener.drain()
    last: dict[str, int] = defaultdict(int)
    for item in listener.heard:
        for stream, previous in item.previous.items():
            assert previous == last[stream], stream
            last[stream] = item.seq
    with county.sessions.read() as session:
        assert {head.stream: head.seq for head in session.scalars(select(StreamHead))} == last
        assert last_seq(session, TOWN) == last[TOWN] == listener.seqs[-1]
        assert last_seq(session, "nobody's") == 0


def test_an_event_belongs_to_its_grid_village_town_and_county(county: County, listener: Listener) -> None:
    a_ticket(county)
    listener.drain()
    grid = county.user("grid").region_code
    assert set(listener.heard[0].previous) == {grid, VILLAGE, TOWN, "210882000000"}


def test_a_department_hears_when_it_gets_a_matter_and_when_it_loses_it(county: County, listener: Listener) -> None:
    hand = a_ticket(county, node=Node.HANDLE, tier=Tier.COUNTY)
    hand.take("return", "department", note="不属于我单位")
    hand.take("dispatch", "county", department="water_supply")
    listener.drain()
    power = [item.event.action for item in listener.heard if "department:power" in item.previous]
    water = [item.event.action for item in listener.heard if "department:water_supply" in item.previous]
    assert (power, water) == (["dispatch", "return"], ["dispatch"])


def test_more_than_one_batch_is_relayed_whole(county: County, listener: Listener) -> None:
    with county.sessions.begin() as session:
        draft = a_draft(county)
        for _ in range(620):
            report(session, county.office, draft, county.actor("grid"), NOW)
    listener.drain()
    assert listener.seqs == list(range(1, 621))


def test_a_screen_that_fails_costs_no_event_its_number(county: County, listener: Listener) -> None:
    def broken(batch: Sequence[Numbered]) -> None:
        raise ConnectionError("the screens are away")

    a_ticket(county)
    lame = Relay(county.sessions, county.settings.home, broken, [], beat=lambda: None, every=1)
    with pytest.raises(ConnectionError):
        lame.once()
    a_ticket(county)
    listener.drain()
    assert listener.seqs == [2]  # 1 is committed: whoever missed it fetches it
    with county.sessions.read() as session:
        assert session.scalars(select(Published.seq).order_by(Published.seq)).all() == [1, 2]


def test_two_relays_at_once_number_nothing_twice(open_county: Counties) -> None:
    listeners = [Listener(open_county()) for _ in range(3)]
    county = open_county()
    threads = [threading.Thread(target=listener.relay.run) for listener in listeners]
    for thread in threads:
        thread.start()
    try:
        for _ in range(25):
            a_ticket(county)
        wait_until(lambda: sum(len(listener.heard) for listener in listeners) >= 25)
    finally:
        for listener in listeners:
            listener.relay.stop()
        for thread in threads:
            thread.join(10)
    heard = sorted(seq for listener in listeners for seq in listener.seqs)
    assert heard == list(range(1, 26))
    assert all(listener.seqs == sorted(listener.seqs) for listener in listeners)


def wait_until(done: Any, patience: float = 20.0) -> None:
    pause = threading.Event()
    for _ in range(int(patience / 0.02)):
        if done():
            return
        pause.wait(0.02)
    raise AssertionError("it did not happen in time")


@pytest.mark.parametrize("engine_kind", ["postgresql"], indirect=False)
def test_an_event_committed_after_one_with_a_higher_id_is_not_skipped(county: County, listener: Listener) -> None:
    first, second = a_ticket(county), a_ticket(county)
    listener.drain()
    slow, village = threading.Event(), county.actor("village")
    wrote = threading.Event()

    def accept_slowly() -> None:
        with county.sessions.begin() as session:
            act(session, county.office, locked(session, first.id), Action.ACCEPT, Form(), village, NOW)
            session.flush()
            wrote.set()
            assert slow.wait(10)

    thread = threading.Thread(target=accept_slowly)
    thread.start()
    assert wrote.wait(10)
    second.take("accept", "village")
    listener.drain()
    slow.set()
    thread.join(10)
    listener.drain()
    assert listener.seqs == [1, 2, 3, 4]
    late, early = listener.heard[3].event, listener.heard[2].event
    assert (early.ticket_id, late.ticket_id) == (second.id, first.id)
    assert late.id < early.id


def test_the_relay_counts_what_another_did_not_live_to_count(county: County) -> None:
    a_ticket(county)
    died = Listener(county)
    died.relay.publish_batch()
    listener = Listener(county)
    thread = threading.Thread(target=listener.relay.run)
    thread.start()
    try:
        wait_until(lambda: listener.counted)
    finally:
        listener.relay.stop()
        thread.join(10)
    assert listener.counted >= 1
