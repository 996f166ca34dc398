"""Many people, sweepers and relays at once: nothing is lost, done twice, or waits for ever."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from command_center.attachments.models import Attachment
from command_center.errors import CommandCenterError, UnknownAttachment, VersionStale
from command_center.escalation.sweep import sweep
from command_center.events import log
from command_center.events.models import Published, TicketEvent, Unpublished
from command_center.statistics.consumer import catch_up, rebuild
from command_center.tickets.actions import act, locked
from command_center.tickets.deed import Form
from command_center.tickets.intake import first_time, remember, report
from command_center.tickets.models import RepeatableWrite, Ticket
from command_center.tickets.standing import Node
from command_center.tickets.workflow import Action
from tests.builders import CABLE, NOW, RECORD, a_draft, a_key, a_ticket
from tests.conftest import Counties
from tests.county import County

PATIENCE_S = 60
PEOPLE = {"village": ["accept", "claim", "escalate", "dispatch"], "town": ["claim", "escalate", "return"]}
PEOPLE |= {"county": ["claim", "dispatch", "supervise", "return"], "d.police": ["start", "resolve", "return"]}
PEOPLE |= {"department": ["resolve", "return"], "grid": ["verify"], "leader": ["supervise"]}
FORM = Form(note="同时", passed=True, lon=122.5, lat=40.6)


def together(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Let threads begin at the same moment; their results, and the errors of our own that they met."""
    start = threading.Barrier(count)

    def one(index: int) -> Any:
        start.wait(PATIENCE_S)
        try:
            return work(index)
        except CommandCenterError as refused:
            return refused

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count), timeout=PATIENCE_S))


def test_of_several_who_act_on_the_same_version_one_succeeds(county: County) -> None:
    hand = a_ticket(county)
    village, hotline = county.actor("village"), county.actor("hotline")

    def accept(index: int) -> int:
        with county.sessions.begin() as session:
            ticket = locked(session, hand.id, version=1)
            act(session, county.office, ticket, Action.ACCEPT, Form(), (village, hotline)[index % 2], NOW)
            return ticket.version

    outcomes = Counter(result if isinstance(result, int) else type(result) for result in together(6, accept))
    assert outcomes == {2: 1, VersionStale: 5}
    with county.sessions.read() as session:
        assert session.scalars(select(TicketEvent.action).order_by(TicketEvent.n)).all() == ["report", "accept"]


def test_the_same_key_at_once_makes_one_ticket_and_the_others_get_it(county: County) -> None:
    key, by, draft = a_key(), county.actor("grid"), a_draft(county)

    def send(_: int) -> tuple[bool, int | None]:
        with county.sessions.begin() as session:
            before = first_time(session, by, key, {"same": "body"}, NOW)
            if before is not None:
                return False, before.ticket_id
            ticket = report(session, county.office, draft, by, NOW)
            remember(session, by, key, ticket)
            return True, ticket.id

    results = together(10, send)
    assert sum(first for first, _ in results) == 1
    assert len({ticket for _, ticket in results}) == 1
    with county.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(Ticket)) == 1


def test_a_key_whose_first_report_failed_under_way_is_the_next_ones(county: County) -> None:
    key, by, draft = a_key(), county.actor("grid"), a_draft(county)
    taken, may_fail = threading.Event(), threading.Event()

    def first() -> None:
        try:
            with county.sessions.begin() as session:
                assert first_time(session, by, key, {}, NOW) is None
                taken.set()
                assert may_fail.wait(PATIENCE_S)
                raise ConnectionAbortedError
        except ConnectionAbortedError:
            pass

    thread = threading.Thread(target=first)
    thread.start()
    assert taken.wait(PATIENCE_S)
    threading.Timer(0.3, may_fail.set).start()
    with county.sessions.begin() as session:
        assert first_time(session, by, key, {}, NOW) is None
        remember(session, by, key, report(session, county.office, draft, by, NOW))
    thread.join(PATIENCE_S)
    with county.sessions.read() as session:
        assert session.scalars(select(RepeatableWrite.ticket_id)).one() is not None


def test_the_same_photos_in_any_order_at_once_go_to_one_ticket(county: County) -> None:
    by = county.actor("village")
    ids = [f"photo-{n}" for n in range(6)]
    with county.sessions.begin() as session:
        for id in ids:
            session.add(
                Attachment(id=id, sha256="0" * 64, width=1, height=1, byte_size=1, uploaded_by_id=by.id, created_at=NOW)
            )
    hands = [a_ticket(county) for _ in range(6)]

    def take(index: int) -> bool:
        with county.sessions.begin() as session:
            order = ids[index:] + ids[:index]
            ticket = locked(session, hands[index].id)
            act(session, county.office, ticket, Action.ACCEPT, Form(photos=order), by, NOW)
            return True

    outcomes = together(6, take)
    assert Counter(outcome if outcome is True else type(outcome) for outcome in outcomes) == {
        True: 1,
        UnknownAttachment: 5,
    }


def test_a_storm_of_actions_sweeps_and_relays_leaves_everything_consistent(open_county: Counties) -> None:
    counties = [open_county() for _ in range(2)]  # two processes' worth of engines and locks
    county = counties[0]
    hands = [a_ticket(county, category=(RECORD, CABLE)[n % 2]) for n in range(10)]
    faults: list[BaseException] = []
    over = threading.Event()

    def people(mine: County, seed: int) -> None:
        dice = random.Random(seed)
        for step in range(40):
            who = dice.choice(list(PEOPLE))
            now = NOW + timedelta(minutes=4 * step)
            try:
                with mine.sessions.begin() as session:
                    ticket = locked(session, dice.choice(hands).id)
                    act(session, mine.office, ticket, Action(dice.choice(PEOPLE[who])), FORM, mine.actor(who), now)
            except CommandCenterError:
                continue

    def sweeper(mine: County) -> None:
        for step in range(40):
            assert sweep(mine.sessions, mine.office, NOW + timedelta(minutes=4 * step), batch=3)["failed"] == 0

    def relay(mine: County) -> None:
        while not over.is_set():
            mine.center.relay.once()
            over.wait(0.01)

    def guarded(work: Callable[..., None], *arguments: Any) -> threading.Thread:
        def run() -> None:
            try:
                work(*arguments)
            except BaseException as fault:
                faults.append(fault)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    relays = [guarded(relay, mine) for mine in counties]
    busy = [guarded(people, mine, seed) for seed, mine in enumerate(counties * 2)]
    busy += [guarded(sweeper, mine) for mine in counties]
    for thread in busy:
        thread.join(PATIENCE_S)
    over.set()
    for thread in relays:
        thread.join(PATIENCE_S)
    assert faults == []
    county.relay()
    catch_up(county.sessions, county.settings.zone)
    with county.sessions.begin() as session:
        events = session.scalar(select(func.count()).select_from(TicketEvent)) or 0
        assert events > 60
        assert not [fault for fault in log.verify(session, county.settings.chain_key) if fault]
        assert session.scalar(select(func.count()).select_from(Unpublished)) == 0
        assert session.scalars(select(Published.seq).order_by(Published.seq)).all() == list(range(1, events + 1))
        in_order = session.execute(
            select(TicketEvent.ticket_id, TicketEvent.n).join(Published).order_by(Published.seq)
        ).all()
        assert rebuild(session, county.settings.zone) == 0
    for hand in hands:
        own = [n for ticket, n in in_order if ticket == hand.id]
        assert own == sorted(own)


def test_a_terminal_ticket_is_never_left_with_time_running(county: County) -> None:
    hand = a_ticket(county, node=Node.CLOSE)

    def close_or_sweep(index: int) -> Any:
        if index:
            return sweep(county.sessions, county.office, hand.look().due_at + timedelta(days=1))
        return hand.take("close", "village", now=hand.look().due_at + timedelta(days=1), note="已核实")

    together(4, close_or_sweep)
    sweep(county.sessions, county.office, hand.look().due_at + timedelta(days=2))
    with county.sessions.read() as session:
        told = session.scalars(select(TicketEvent.action).order_by(TicketEvent.n)).all()
    assert told[-1] == "close"
