"""What is told about escalation's health: to a load balancer, to Prometheus, and to people who can do something."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from command_center.escalation.clocks import read_clocks
from command_center.escalation.guard import ClockGuard
from command_center.escalation.models import ClockGuardState
from command_center.escalation.sweep import sweep
from command_center.events.heartbeats import ALL_PARTS
from command_center.events.models import Heartbeat
from command_center.tickets.models import DueStep, Ticket
from tests.builders import CABLE, a_ticket
from tests.county import County

HOUR = timedelta(hours=1)
WATCHING, AGREEING = ("county", "leader", "admin", "town"), ("county", "admin")
OTHERS = ("grid", "village", "department", "hotline")


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "command_center.escalation")


@pytest.fixture
def county(county: County) -> County:
    """A county whose background parts were just seen at work."""
    with county.sessions.begin() as session:
        for part in ALL_PARTS:
            session.merge(Heartbeat(name=part, at=datetime.now(UTC)))
    return county


def freeze(county: County) -> None:
    """Let the guard find the real clock an hour ahead of what it was."""
    real = read_clocks()
    with county.sessions.begin() as session:
        state = session.get_one(ClockGuardState, 1)
        before = (real.wall - HOUR).isoformat()
        state.machines = {real.boot: {"wall": before, "ticks": real.ticks}}
    assert ClockGuard(county.sessions).look() is None


def health(county: County, path: str = "/health/ready") -> Any:
    return county.app.test_client().get(path)


def metrics(county: County) -> dict[str, float]:
    lines = [line.split() for line in health(county, "/metrics").text.splitlines() if not line.startswith("#")]
    return {name.removeprefix("command_center_"): float(value) for name, value in lines}


def make_late(county: County, by: timedelta) -> int:
    """Make every step late. Returns how many there are."""
    with county.sessions.begin() as session:
        session.execute(update(DueStep).values(due_at=datetime.now(UTC) - by))
        return session.scalar(select(func.count()).select_from(DueStep)) or 0


def agree(county: County, by: str, **form: Any) -> Any:
    return county.phone(by).post("alarms/clock/agree", form)


def test_all_is_well_without_alarms(county: County) -> None:
    assert health(county).json == {"status": "ok", "missing": [], "alarms": []}
    answer = county.phone("county").get("alarms")
    assert (answer.status_code, answer.json["items"], answer.json["may_agree"]) == (200, [], True)  # type: ignore[index]


def test_a_late_step_is_an_alarm_everywhere(county: County) -> None:
    a_ticket(county, category=CABLE, now=datetime.now(UTC))
    late = make_late(county, 2 * HOUR)
    assert late >= 4
    ready = health(county)
    assert ready.status_code == 200
    assert [(alarm["alarm"], alarm["count"]) for alarm in ready.json["alarms"]] == [("late-steps", late)]
    told = metrics(county)
    assert told["late_steps"] == late and told["late_steps_worst_seconds"] >= 7200
    shown = county.phone("leader").get("alarms").json["items"]  # type: ignore[index]
    assert shown[0]["alarm"] == "late-steps" and "2 小时" in shown[0]["text"] and "2 h" in shown[0]["text_en"]
    assert shown[0]["todo"] and shown[0]["todo_en"]


def test_a_step_that_fails_is_an_alarm_which_names_its_ticket_to_the_county_only(county: County) -> None:
    now = datetime.now(UTC)
    hand = a_ticket(county, category=CABLE, now=now - timedelta(minutes=45))
    with county.sessions.begin() as session:
        session.execute(update(Ticket).values(policy={}))
    sweep(county.sessions, county.office, now)
    number = hand.look().number
    names = {who: county.phone(who).get("alarms").text for who in WATCHING}
    assert {who for who, text in names.items() if number in text} == {"county", "leader", "admin"}
    assert all("failing-steps" in text for text in names.values())
    assert number not in health(county).text and "failing-steps" in health(county).text
    assert metrics(county)["failing_steps"] == 1


def test_a_frozen_clock_is_an_alarm_in_words(county: County) -> None:
    freeze(county)
    ready = health(county)
    assert ready.status_code == 200
    assert ready.json["alarms"][0]["alarm"] == "clock-frozen" and "seen_by" not in ready.text
    shown = county.phone("county").get("alarms").json["items"][0]  # type: ignore[index]
    assert "系统时钟跳变，自动升级已暂停，等待确认" in shown["text"] and "1 小时" in shown["text"]
    assert "paused" in shown["text_en"] and shown["due"] == 0
    assert metrics(county)["clock_frozen"] == 1


def test_while_the_clock_is_ahead_nothing_is_called_late_that_is_not(county: County) -> None:
    a_ticket(county, category=CABLE, now=datetime.now(UTC) - HOUR)
    with county.sessions.begin() as session:
        session.execute(update(DueStep).values(due_at=datetime.now(UTC) - HOUR / 2))
    freeze(county)
    assert [alarm["alarm"] for alarm in health(county).json["alarms"]] == ["clock-frozen"]


def test_what_an_agreement_would_do_is_told_beforehand_and_then_it_is_allowed(county: County) -> None:
    a_ticket(county, category=CABLE, now=datetime.now(UTC) - HOUR / 3)
    late = make_late(county, HOUR / 2)
    freeze(county)
    told = county.phone("county").get("alarms/clock").json
    assert told is not None
    assert (told["frozen"], told["due"], told["due_by_jump"], told["reason"]) == (True, late, late, "jump")
    answer = agree(county, "county", frozen_at=told["frozen_at"])
    assert (answer.status_code, answer.json["frozen"], answer.json["agreed_by"]) == (200, False, "county")
    assert ClockGuard(county.sessions).look() is not None
    assert metrics(county)["clock_frozen"] == 0


@pytest.mark.parametrize("who", AGREEING)
def test_who_may_agree(county: County, who: str) -> None:
    freeze(county)
    assert agree(county, who).status_code == 200


@pytest.mark.parametrize("who", ["leader", "town", *OTHERS])
def test_who_may_not_agree(county: County, who: str) -> None:
    freeze(county)
    assert agree(county, who).status_code == 403
    assert ClockGuard(county.sessions).look() is None


@pytest.mark.parametrize("path", ["alarms", "alarms/clock"])
def test_who_sees_the_alarms(county: County, path: str) -> None:
    assert {county.phone(who).get(path).status_code for who in WATCHING} == {200}
    assert {county.phone(who).get(path).status_code for who in OTHERS} == {403}
    assert county.phone(None).get(path).status_code == 401


def test_without_a_freeze_there_is_nothing_to_agree_to(county: County) -> None:
    answer = agree(county, "county")
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/clock-not-frozen")


def test_a_freeze_that_the_operator_did_not_see_is_not_agreed_to(county: County) -> None:
    freeze(county)
    answer = agree(county, "county", frozen_at="2026-01-01T00:00:00+00:00")
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/clock-frozen-anew")


@pytest.mark.parametrize("frozen_at", ["yesterday", [], "2026-01-01T00:00:00"])
def test_nonsense_is_refused(county: County, frozen_at: Any) -> None:
    assert agree(county, "county", frozen_at=frozen_at).status_code == 422


def test_a_part_that_stalled_in_this_process_is_missing_however_fresh_the_heartbeats(county: County) -> None:
    county.center.watchdog.expect("scheduler", 0.0)
    ready = health(county)
    assert (ready.status_code, ready.json["missing"]) == (503, ["scheduler"])
    assert metrics(county)["stalled_parts"] == 1
    county.center.watchdog.forget()
    assert health(county).status_code == 200


def test_the_real_guard_finds_the_real_clock_good(county: County) -> None:
    guard = ClockGuard(county.sessions)
    assert guard.look() is not None and guard.look() is not None
    with county.sessions.read() as session:
        assert session.scalars(select(ClockGuardState)).one().last_wall is not None
