"""`flask clock` and `flask sweep` at a terminal, while the system clock is trusted and while it is not."""

import logging
from datetime import timedelta

import pytest
from click.testing import Result

from command_center.escalation.clocks import read_clocks
from command_center.escalation.guard import ClockGuard
from command_center.escalation.models import ClockGuardState
from tests.builders import CABLE, Hand, a_ticket
from tests.county import County

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "command_center.escalation")


def flask(county: County, *args: str, answer: str | None = None) -> Result:
    return county.app.test_cli_runner().invoke(args=list(args), input=answer)


@pytest.fixture
def jumped(county: County) -> Hand:
    """A ticket whose village is out of time, by a clock that was just found an hour ahead."""
    real = read_clocks()
    hand = a_ticket(county, category=CABLE, now=real.wall - HOUR / 2 - timedelta(minutes=1))
    with county.sessions.begin() as session:
        before = (real.wall - HOUR).isoformat()
        session.get_one(ClockGuardState, 1).machines = {real.boot: {"wall": before, "ticks": real.ticks}}
    assert ClockGuard(county.sessions).look() is None
    return hand


def test_all_is_well(county: County) -> None:
    answer = flask(county, "clock", "status")
    assert answer.exit_code == 0 and "not frozen" in answer.output


def test_status_says_why_and_what_agreeing_would_do(county: County, jumped: Hand) -> None:
    answer = flask(county, "clock", "status")
    assert answer.exit_code == 1
    assert "FROZEN" in answer.output and "off by 1 h" in answer.output
    assert "agreeing lets 2 due steps be done at once, 2 of them only because of the clock" in answer.output
    assert "系统时钟跳变，自动升级已暂停，等待确认" in answer.output


def test_a_sweep_by_hand_obeys(county: County, jumped: Hand) -> None:
    answer = flask(county, "sweep")
    assert answer.exit_code == 1 and "frozen" in answer.output
    assert jumped.look().tier == "village"


def test_history_is_not_simulated_by_a_clock_that_nobody_trusts(county: County, jumped: Hand) -> None:
    answer = flask(county, "simulate", "--days", "1", "--rate", "1")
    assert answer.exit_code == 1 and "flask clock status" in answer.output


def test_the_doctor_tells(county: County, jumped: Hand) -> None:
    answer = flask(county, "doctor")
    assert "FAULT escalation: " in answer.output and "flask clock agree" in answer.output


def test_agreed_the_next_sweep_does_what_was_foretold(county: County, jumped: Hand) -> None:
    answer = flask(county, "clock", "agree", "--by", "王芳", answer="y\n")
    assert answer.exit_code == 0 and "2 due steps" in answer.output
    assert "王芳" in flask(county, "clock", "status").output
    assert flask(county, "sweep").exit_code == 0
    assert jumped.look().tier == "town"


def test_who_does_not_say_yes_does_not_agree(county: County, jumped: Hand) -> None:
    assert flask(county, "clock", "agree", answer="n\n").exit_code == 1
    assert flask(county, "clock", "status").exit_code == 1


def test_there_is_nothing_to_agree_to(county: County) -> None:
    answer = flask(county, "clock", "agree", "--yes")
    assert answer.exit_code == 1 and "not frozen" in answer.output
