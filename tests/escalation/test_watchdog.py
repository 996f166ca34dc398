"""A scheduler that stopped or hangs is noticed by the monotonic clock, whatever the wall clock says."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from command_center import scheduler as wiring
from command_center.events import heartbeats
from command_center.events.heartbeats import ALL_PARTS, SCHEDULER, missing
from command_center.events.models import Heartbeat
from command_center.events.watchdog import Watchdog
from command_center.scheduler import make_scheduler
from tests.county import County

EVERY, WITHIN, PATIENCE_S = 0.05, 1.0, 20.0


def until(true: Callable[[], Any]) -> bool:
    last = time.monotonic() + PATIENCE_S
    while time.monotonic() < last:
        if true():
            return True
        time.sleep(0.02)
    return False


class Counted:
    """A scheduler whose turns are counted, and may be held up."""

    def __init__(self, county: County) -> None:
        self.turns = 0
        self.go_on = threading.Event()
        self.go_on.set()
        self.watchdog = Watchdog()
        self.scheduler: BackgroundScheduler = make_scheduler(
            county.sessions, lambda: self._office(county), lambda: None, EVERY, watchdog=self.watchdog
        )

    def _office(self, county: County) -> Any:
        self.turns += 1
        self.go_on.wait(PATIENCE_S)
        return county.office

    def start(self) -> None:
        self.watchdog.expect(SCHEDULER, WITHIN)
        self.scheduler.start()


@pytest.fixture
def counted(county: County) -> Iterator[Counted]:
    made = Counted(county)
    yield made
    made.go_on.set()
    if made.scheduler.running:
        made.scheduler.shutdown()


def test_a_scheduler_at_work_is_well(counted: Counted) -> None:
    counted.start()
    time.sleep(1.5 * WITHIN)
    assert counted.turns > 3 and counted.watchdog.stalled() == {}


def test_a_scheduler_that_was_stopped_is_noticed(counted: Counted) -> None:
    counted.start()
    assert until(lambda: counted.turns > 1)
    counted.scheduler.shutdown()
    assert until(lambda: SCHEDULER in counted.watchdog.stalled())
    assert counted.watchdog.stalled()[SCHEDULER] > WITHIN


def test_a_turn_that_hangs_is_noticed_and_so_is_its_recovery(
    counted: Counted, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "apscheduler")
    counted.start()
    assert until(lambda: counted.turns > 1)
    counted.go_on.clear()
    assert until(lambda: SCHEDULER in counted.watchdog.stalled())
    counted.go_on.set()
    assert until(lambda: not counted.watchdog.stalled())


def test_a_scheduler_that_never_started_is_noticed(counted: Counted) -> None:
    counted.watchdog.expect(SCHEDULER, 0.05)
    assert until(lambda: SCHEDULER in counted.watchdog.stalled())


def test_a_sweep_that_fails_each_time_is_noticed(counted: Counted, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    counted.go_on.wait = lambda *_: 1 / 0  # type: ignore[method-assign,assignment]
    counted.start()
    assert until(lambda: counted.turns > 3)
    assert until(lambda: SCHEDULER in counted.watchdog.stalled())


def test_set_back_by_a_day_the_clock_does_not_stop_the_scheduler(
    counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """APScheduler by itself would wait until the old time comes round again."""
    counted.start()
    assert until(lambda: counted.turns > 1)

    class DayBefore(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) - timedelta(days=1)

    monkeypatch.setattr("apscheduler.schedulers.base.datetime", DayBefore)
    monkeypatch.setattr(wiring, "datetime", DayBefore)
    turns = counted.turns
    assert until(lambda: counted.turns > turns + 5)


class Told(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.getMessage()}")


def test_what_stalls_is_logged_once_and_again_when_it_is_back() -> None:
    at, told = [0.0], Told()
    logging.getLogger("command_center.events.watchdog").addHandler(told)
    watchdog = Watchdog(lambda: at[0])
    watchdog.expect("relay", 30)
    for at[0] in (10.0, 31.0, 36.0, 41.0):
        watchdog.look()
    watchdog.seen("relay")
    watchdog.look()
    logging.getLogger("command_center.events.watchdog").removeHandler(told)
    assert [line.split()[0] for line in told.lines] == ["ERROR", "WARNING"]
    assert "relay" in told.lines[0] and "31 s" in told.lines[0]


def test_the_watchdogs_thread_looks_until_stopped() -> None:
    stop, looked = threading.Event(), threading.Event()

    class Seen(Watchdog):
        def look(self) -> None:
            looked.set()

    thread = threading.Thread(target=Seen().run, args=(stop, 0.01))
    thread.start()
    assert looked.wait(PATIENCE_S)
    stop.set()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()


def test_a_process_told_to_stop_expects_nothing() -> None:
    at = [0.0]
    watchdog = Watchdog(lambda: at[0])
    watchdog.expect("relay", 1)
    at[0] = 5.0
    watchdog.forget()
    assert watchdog.stalled() == {}


def beats(county: County, at: datetime) -> None:
    with county.sessions.begin() as session:
        for part in ALL_PARTS:
            session.merge(Heartbeat(name=part, at=at))


def test_a_clock_set_back_does_not_hide_that_a_part_is_dead(county: County) -> None:
    now = datetime.now(UTC)
    beats(county, now + timedelta(days=1))
    assert missing(county.sessions, now) == list(ALL_PARTS)


def test_machines_may_differ_a_little(county: County) -> None:
    now = datetime.now(UTC)
    beats(county, now + timedelta(seconds=100))
    assert missing(county.sessions, now) == []


def test_after_a_jump_the_next_sign_of_life_puts_it_right(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeats, "BEAT_EVERY", 0.0)
    now = datetime.now(UTC)
    for at in (now, now + timedelta(days=1), now):
        for part in ALL_PARTS:
            heartbeats.beater(county.sessions, part, now=lambda at=at: at)()
        assert missing(county.sessions, at) == []
