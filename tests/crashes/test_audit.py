"""The audit after the ordeal sees what it is there to see: each fault is made on purpose, and named."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from command_center.events.models import ChainHead, Published
from command_center.statistics.models import Rollup
from command_center.tickets.models import DueStep, Ticket
from tests.builders import COUNTY, NOW, VILLAGE, Hand, a_key, a_ticket
from tests.county import County
from tests.crashes import audit
from tests.crashes.followers import Follower
from tests.crashes.people import Sent

LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def engine_kind() -> str:
    """The checks read both engines alike; one is enough here."""
    return "sqlite"


def reported(county: County, key: str) -> tuple[Hand, Sent]:
    hand = a_ticket(county, description=key)
    return hand, Sent(key, "grid", "report", hand.look().number, status=201, attempts=1)


def found(county: County, check: Any, *arguments: Any) -> list[str]:
    with county.sessions.read() as session:
        return list(check(session, *arguments))


def change(county: County, *statements: Any) -> None:
    with county.sessions.begin() as session:
        for statement in statements:
            session.execute(statement)


def test_it_finds_nothing_in_a_sound_county(county: County) -> None:
    hand, report = reported(county, a_key())
    hand.take("accept", "village", note="k1")
    action = Sent("k1", "village", "accept", report.number, version=1, status=200)
    county.relay()
    assert found(county, audit.reports, [report]) == []
    assert found(county, audit.actions, [action]) == []
    assert found(county, audit.sequence) == []
    assert found(county, audit.steps, LATER) == []
    assert found(county, audit.holders) == []


def test_it_misses_a_lost_report(county: County) -> None:
    _, report = reported(county, a_key())
    lost = Sent(a_key(), "grid", "report", "210882-20261120-99999-1", status=201)
    assert len(found(county, audit.reports, [report, lost])) == 1


def test_it_sees_a_report_that_was_taken_twice(county: County) -> None:
    key = a_key()
    _, report = reported(county, key)
    reported(county, key)
    assert any("made 2 tickets" in fault for fault in found(county, audit.reports, [report]))


def test_it_sees_a_ticket_that_nobody_reported(county: County) -> None:
    reported(county, a_key())
    assert any("by nobody" in fault for fault in found(county, audit.reports, []))


@pytest.mark.parametrize(
    ("key", "status", "times", "seen"),
    [("k1", 200, 0, True), ("k1", 412, 1, True), ("k1", 200, 1, False), ("k1", 412, 0, False), ("k2", 0, 0, False)],
    ids=["lost", "refused yet done", "done", "refused", "never answered"],
)
def test_it_holds_every_answer_against_the_record(
    county: County, key: str, status: int, times: int, seen: bool
) -> None:
    hand, report = reported(county, a_key())
    if times:
        hand.take("accept", "village", note=key)
    action = Sent(key, "village", "accept", report.number, version=1, status=status)
    assert bool(found(county, audit.actions, [action])) == seen


def test_it_sees_two_who_acted_on_one_version(county: County) -> None:
    hand, report = reported(county, a_key())
    hand.take("accept", "village", note="k1")
    hand.take("claim", "village", note="k2")
    sent = [Sent("k1", "village", "accept", report.number, version=1, status=200)]
    sent += [Sent("k2", "village", "claim", report.number, version=1, status=200)]
    assert [fault for fault in found(county, audit.actions, sent) if "acted on 2 times" in fault]


def test_it_sees_a_gap_in_the_public_sequence(county: County) -> None:
    reported(county, a_key())
    reported(county, a_key())
    county.relay()
    change(county, update(Published).where(Published.seq == 2).values(seq=3))
    assert any("gaps" in fault for fault in found(county, audit.sequence))


def test_it_sees_an_event_that_never_got_its_number(county: County) -> None:
    reported(county, a_key())
    county.relay()
    change(county, delete(Published))
    assert any("1 events, 0 of them numbered" in fault for fault in found(county, audit.sequence))


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"due_at": NOW}, "is not done"),
        ({"done_at": LATER, "outcome": "warned", "due_at": NOW}, "1 steps done, 0 events"),
        ({"done_at": NOW, "outcome": "cancelled"}, "the clock still runs"),
        ({"done_at": NOW, "outcome": "warned", "due_at": LATER}, "done before"),
    ],
    ids=["left out", "done without an event", "cancelled for no reason", "before its time"],
)
def test_it_sees_a_step_that_went_wrong(county: County, fault: dict[str, Any], words: str) -> None:
    reported(county, a_key())
    change(county, update(DueStep).where(DueStep.clock == "tier", DueStep.step == "warn").values(**fault))
    assert any(words in told for told in found(county, audit.steps, LATER))


def test_it_sees_a_step_that_was_never_written(county: County) -> None:
    reported(county, a_key())
    change(county, delete(DueStep).where(DueStep.clock == "matter", DueStep.step == "due"))
    assert any("has no steps" in fault for fault in found(county, audit.steps, LATER))


def test_it_sees_a_ticket_that_stands_elsewhere_than_its_last_event_says(county: County) -> None:
    reported(county, a_key())
    change(county, update(Ticket).values(node="claim"))
    assert any("its last event says otherwise" in fault for fault in found(county, audit.holders))


def test_it_sees_what_a_screen_missed_or_was_told_wrongly(county: County) -> None:
    hand, report = reported(county, a_key())
    hand.take("accept", "village")
    county.relay()
    screen = Follower([], {}, VILLAGE)
    assert len(found(county, audit.deliveries, screen, 2)) == 2
    assert found(county, audit.deliveries, screen, 0) == []
    screen.delivered = {1: (report.number, 1, "report"), 2: (report.number, 2, "reject")}
    assert len(found(county, audit.deliveries, screen, 2)) == 1
    screen.delivered = {2: (report.number, 2, "accept"), 1: (report.number, 1, "report")}
    assert found(county, audit.deliveries, screen, 2) == [f"{VILLAGE}'s screen was not told in order"]


@pytest.mark.parametrize(
    ("seq", "prev", "fault"), [(3, 2, False), (2, 1, False), (4, 1, True)], ids=["next", "again", "fork"]
)
def test_a_screen_sees_a_message_that_does_not_fit_its_stream(seq: int, prev: int, fault: bool) -> None:
    screen = Follower([], {}, COUNTY)
    for number in (1, 2):
        screen._deliver(number, ("n", number, "report"))
    event = {"number": "n", "n": seq, "what": "report"}
    screen._hear({"seq": seq, "prev": prev, "event": event}, "")
    assert bool(screen.faults) == fault


def test_it_sees_statistics_that_were_counted_twice(county: County) -> None:
    reported(county, a_key())
    county.relay()
    assert list(audit.statistics(county, "now")) == []
    change(county, update(Rollup).values(reported=Rollup.reported + 1))
    assert len(list(audit.statistics(county, "now"))) == 1


def test_it_sees_a_broken_chain(county: County) -> None:
    reported(county, a_key())
    change(county, update(ChainHead).values(n=ChainHead.n + 1))
    assert len(list(audit.chains(county))) == 1
