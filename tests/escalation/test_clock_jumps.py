"""A system clock that jumps escalates nothing: what the scheduler does at each turn, with a clock that is turned."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from command_center.escalation import guard
from command_center.escalation.clocks import Reading
from command_center.escalation.guard import ClockGuard, Standing, agree, is_open, standing
from command_center.escalation.models import ClockGuardState
from command_center.escalation.sweep import sweep
from command_center.events.models import Heartbeat, TicketEvent
from command_center.scheduler import make_tick
from command_center.tickets.models import DueStep
from tests.builders import CABLE, NOW, Hand, a_ticket
from tests.county import County
from tests.escalation.machine import Machine

SECOND, MINUTE, HOUR, DAY = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))
PATIENCE_S = 20
JUMPS = [HOUR, -HOUR, DAY, -DAY]


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """A frozen clock is told as an error, which is meant; and the database server has the test's clock, not its own."""
    caplog.set_level(logging.CRITICAL, "command_center.escalation")
    monkeypatch.setattr(guard, "_off_server", lambda *_: None)


class Scheduler:
    """A process that sweeps, turn by turn."""

    def __init__(self, county: County, machine: Machine) -> None:
        self.county, self.machine = county, machine
        self.wakened = 0
        self._tick = make_tick(county.sessions, lambda: county.office, self._done, read=machine.read)

    def _done(self) -> None:
        self.wakened += 1

    def turn(self, passing: timedelta = 5 * SECOND) -> None:
        self.machine.let_pass(passing)
        self._tick()


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def scheduler(county: County, machine: Machine) -> Scheduler:
    made = Scheduler(county, machine)
    made.turn()
    return made


def stands(county: County, machine: Machine) -> Standing:
    with county.sessions.read() as session:
        return standing(session, machine.read())


def operator_agrees(county: County, machine: Machine) -> None:
    with county.sessions.begin() as session:
        agree(session, "county", machine.read(), read=machine.read)


def written(county: County) -> list[str]:
    """What the system wrote by itself."""
    with county.sessions.read() as session:
        wanted = select(TicketEvent.action).where(TicketEvent.actor_role == "system").order_by(TicketEvent.id)
        return list(session.scalars(wanted))


def done(county: County) -> int:
    with county.sessions.read() as session:
        return session.scalar(select(func.count()).select_from(DueStep).where(DueStep.done_at.is_not(None))) or 0


def place(hand: Hand) -> tuple[str, str]:
    ticket = hand.look()
    return ticket.node, ticket.tier


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_a_jump_escalates_nothing_and_freezes(
    county: County, machine: Machine, scheduler: Scheduler, jump: timedelta
) -> None:
    hand = a_ticket(county, category=CABLE, now=machine.wall)
    scheduler.turn()
    machine.set_clock(jump)
    for _ in range(3):
        scheduler.turn()
    assert (place(hand), written(county), done(county)) == (("intake", "village"), [], 0)
    found = stands(county, machine)
    assert (found.frozen, found.reason, found.jump_seconds) == (True, "jump", jump.total_seconds())
    assert found.off_seconds == jump.total_seconds()


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_put_back_and_agreed_everything_goes_on_in_its_own_time(
    county: County, machine: Machine, scheduler: Scheduler, jump: timedelta
) -> None:
    hand = a_ticket(county, category=CABLE, now=machine.wall)
    due = hand.look().tier_due_at
    machine.set_clock(jump)
    scheduler.turn()
    machine.set_clock(-jump)
    scheduler.turn()
    found = stands(county, machine)
    assert (found.frozen, found.off_seconds, found.due) == (True, 0.0, 0)
    operator_agrees(county, machine)
    scheduler.turn()
    assert not stands(county, machine).frozen and written(county) == []
    scheduler.turn(due - machine.wall - SECOND)
    assert place(hand) == ("intake", "village")
    scheduler.turn(SECOND)
    assert place(hand) == ("claim", "town")


@pytest.mark.parametrize("jump", [HOUR, DAY], ids=str)
def test_agreed_as_it_stands_what_was_foretold_is_done(
    county: County, machine: Machine, scheduler: Scheduler, jump: timedelta
) -> None:
    hand = a_ticket(county, category=CABLE, now=machine.wall)
    machine.set_clock(jump)
    scheduler.turn()
    found = stands(county, machine)
    assert found.due == found.due_by_jump >= 2
    operator_agrees(county, machine)
    assert done(county) == 0
    scheduler.turn()
    assert done(county) >= found.due
    assert place(hand) == ("claim", "town")
    assert not stands(county, machine).frozen


@pytest.mark.parametrize("jump", [-HOUR, -DAY], ids=str)
def test_agreed_to_an_earlier_time_it_goes_on_from_there(
    county: County, machine: Machine, scheduler: Scheduler, jump: timedelta
) -> None:
    machine.set_clock(jump)
    scheduler.turn()
    operator_agrees(county, machine)
    hand = a_ticket(county, category=CABLE, now=machine.wall)
    scheduler.turn()
    assert not stands(county, machine).frozen
    scheduler.turn(30 * MINUTE)
    assert place(hand) == ("claim", "town")


def test_a_jump_back_and_forth_between_two_turns_is_none(
    county: County, machine: Machine, scheduler: Scheduler
) -> None:
    machine.set_clock(-DAY)
    machine.set_clock(DAY)
    scheduler.turn()
    assert not stands(county, machine).frozen


def test_a_jump_back_and_then_forth_stays_frozen_until_somebody_agrees(
    county: County, machine: Machine, scheduler: Scheduler
) -> None:
    hand = a_ticket(county, category=CABLE, now=machine.wall)
    for jump in (-HOUR, HOUR, DAY, -DAY):
        machine.set_clock(jump)
        scheduler.turn()
    scheduler.turn(HOUR)
    assert (stands(county, machine).frozen, place(hand)) == (True, ("intake", "village"))


@pytest.mark.parametrize("step", [1.9 * SECOND, -1.9 * SECOND], ids=str)
def test_a_clock_that_is_put_right_gently_is_no_jump(
    county: County, machine: Machine, scheduler: Scheduler, step: timedelta
) -> None:
    for _ in range(120):  # almost two seconds a minute, and under two minutes an hour
        machine.set_clock(step)
        scheduler.turn(MINUTE)
    assert not stands(county, machine).frozen


@pytest.mark.parametrize("step", [20 * SECOND, -20 * SECOND], ids=str)
def test_many_small_steps_are_a_jump_as_well(
    county: County, machine: Machine, scheduler: Scheduler, step: timedelta
) -> None:
    for _ in range(6):
        machine.set_clock(step)
        scheduler.turn(5 * MINUTE)
        assert not stands(county, machine).frozen
    machine.set_clock(step)
    scheduler.turn(5 * MINUTE)
    assert stands(county, machine).frozen


@pytest.mark.parametrize(("jump", "frozen"), [(119 * SECOND, False), (121 * SECOND, True), (-121 * SECOND, True)])
def test_two_minutes_are_the_limit(
    county: County, machine: Machine, scheduler: Scheduler, jump: timedelta, frozen: bool
) -> None:
    machine.set_clock(jump)
    scheduler.turn()
    assert stands(county, machine).frozen is frozen


def test_a_weekend_without_the_program_is_no_jump(county: County, machine: Machine, scheduler: Scheduler) -> None:
    machine.let_pass(3 * DAY)
    Scheduler(county, machine).turn()
    machine.let_pass(3 * DAY)
    machine.start_anew("another boot")
    Scheduler(county, machine).turn()
    assert not stands(county, machine).frozen


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_a_clock_set_while_the_program_was_down_is_found_when_it_starts(
    county: County, machine: Machine, scheduler: Scheduler, jump: timedelta
) -> None:
    hand = a_ticket(county, category=CABLE, now=machine.wall)
    scheduler.turn()
    machine.let_pass(MINUTE)
    machine.set_clock(jump)
    Scheduler(county, machine).turn()
    assert (stands(county, machine).frozen, place(hand)) == (True, ("intake", "village"))


def test_a_machine_started_with_a_clock_behind_the_record_freezes(
    county: County, machine: Machine, scheduler: Scheduler
) -> None:
    machine.start_anew("another boot")
    machine.set_clock(-HOUR)
    Scheduler(county, machine).turn()
    found = stands(county, machine)
    assert (found.frozen, found.reason, found.off_seconds) == (True, "behind", None)


def test_a_sign_of_life_from_the_future_freezes_until_somebody_agrees(county: County, machine: Machine) -> None:
    with county.sessions.begin() as session:
        session.merge(Heartbeat(name="relay", at=NOW + HOUR))
    scheduler = Scheduler(county, machine)
    scheduler.turn()
    assert stands(county, machine).reason == "behind"
    operator_agrees(county, machine)
    scheduler.turn()
    assert not stands(county, machine).frozen


def test_a_machine_that_slept_is_none(county: County, machine: Machine, scheduler: Scheduler) -> None:
    scheduler.turn(8 * HOUR)
    assert not stands(county, machine).frozen


def test_frozen_by_one_process_no_other_applies_a_step(county: County, machine: Machine, scheduler: Scheduler) -> None:
    hand = a_ticket(county, category=CABLE, now=machine.wall)
    other = Machine(machine.wall, machine.ticks, "another machine")
    elsewhere = Scheduler(county, other)
    elsewhere.turn()
    machine.set_clock(DAY)
    scheduler.turn()
    elsewhere.turn(2 * HOUR)
    assert (place(hand), written(county)) == (("intake", "village"), [])
    assert not sweep(county.sessions, county.office, other.wall)


def test_a_sweep_begun_before_the_jump_does_not_go_on_after_it(county: County, machine: Machine) -> None:
    hands = [a_ticket(county, category=CABLE, now=machine.wall) for _ in range(6)]
    looked = ClockGuard(county.sessions, read=machine.read)
    looked.look()
    machine.let_pass(HOUR)
    now = looked.look()
    assert now is not None
    batches = 0

    def jump_after_the_first_batch() -> None:
        nonlocal batches
        batches += 1
        machine.set_clock(DAY)

    done_now = sweep(
        county.sessions, county.office, now, batch=2, permits=looked.permits, alive=jump_after_the_first_batch
    )
    assert (batches, sum(done_now.values())) == (1, 2)
    assert stands(county, machine).frozen
    assert [place(hand) for hand in hands].count(("claim", "town")) <= 2


def test_a_sweep_goes_by_the_time_that_was_found_good(county: County, machine: Machine) -> None:
    """The clock jumps right after it was looked at: the sweep's time is the one from before."""
    a_ticket(county, category=CABLE, now=machine.wall)
    readings = [machine.read() for _ in range(3)]

    def read() -> Reading:
        if readings:
            return readings.pop()
        machine.set_clock(DAY)
        return machine.read()

    tick = make_tick(county.sessions, lambda: county.office, lambda: None, read=read)
    for _ in range(3):
        tick()
    assert written(county) == []


@pytest.mark.parametrize("engine_kind", ["postgresql"])
def test_whoever_freezes_waits_for_the_batch_under_way_and_none_begins_after(
    county: County, machine: Machine, open_county: Callable[..., County]
) -> None:
    looking = ClockGuard(open_county().sessions, read=machine.read)
    looking.look()
    machine.set_clock(DAY)
    with ThreadPoolExecutor(1) as pool:
        with county.sessions.begin() as batch:
            assert is_open(batch)
            freezing = pool.submit(looking.look)
            with pytest.raises(TimeoutError):
                freezing.result(0.5)
        assert freezing.result(PATIENCE_S) is None
    with county.sessions.begin() as batch:
        assert not is_open(batch)


def test_signs_of_life_go_on_while_frozen(county: County, machine: Machine, scheduler: Scheduler) -> None:
    machine.set_clock(DAY)
    scheduler.turn()
    with county.sessions.begin() as session:
        for beat in session.scalars(select(Heartbeat)):
            session.delete(beat)
    Scheduler(county, machine).turn()
    with county.sessions.read() as session:
        assert session.get(Heartbeat, "scheduler") is not None


def test_reports_and_actions_go_on_while_frozen(county: County, machine: Machine, scheduler: Scheduler) -> None:
    machine.set_clock(DAY)
    scheduler.turn()
    hand = a_ticket(county, category=CABLE, now=machine.wall)
    hand.take("accept", "village")
    assert place(hand) == ("claim", "village")


def test_who_agreed_and_when_is_on_record_and_a_new_jump_freezes_again(
    county: County, machine: Machine, scheduler: Scheduler
) -> None:
    machine.set_clock(DAY)
    scheduler.turn()
    operator_agrees(county, machine)
    found = stands(county, machine)
    assert (found.agreed_by, found.agreed_at) == ("county", machine.wall)
    scheduler.turn()
    machine.set_clock(-DAY)
    scheduler.turn()
    again = stands(county, machine)
    assert (again.frozen, again.agreed_by, again.jump_seconds) == (True, None, -DAY.total_seconds())


def test_an_agreement_by_a_clock_that_is_not_ours_is_not_for_us(
    county: County, machine: Machine, scheduler: Scheduler
) -> None:
    machine.set_clock(DAY)
    scheduler.turn()
    operator_agrees(county, Machine(machine.wall - DAY, 5.0, "another machine"))
    scheduler.turn()
    assert stands(county, machine).frozen


def test_the_newest_good_time_is_kept_and_the_wrong_one_is_not(
    county: County, machine: Machine, scheduler: Scheduler
) -> None:
    scheduler.turn(MINUTE)
    good = machine.wall
    machine.set_clock(DAY)
    scheduler.turn()
    with county.sessions.read() as session:
        assert session.get_one(ClockGuardState, 1).last_wall == good


@pytest.mark.parametrize("engine_kind", ["postgresql"])
@pytest.mark.parametrize(("off", "frozen"), [(HOUR, True), (-HOUR, True), (MINUTE, False), (-MINUTE, False)], ids=str)
def test_the_database_servers_clock_is_a_witness(
    county: County, monkeypatch: pytest.MonkeyPatch, off: timedelta, frozen: bool
) -> None:
    monkeypatch.undo()
    machine = Machine(server_time(county) + off)
    assert (ClockGuard(county.sessions, read=machine.read).look() is None) is frozen
    found = stands(county, machine)
    assert (found.frozen, found.reason) == (frozen, "database" if frozen else None)
    if frozen:
        with pytest.raises(guard.ClockStillWrong), county.sessions.begin() as session:
            agree(session, "county", machine.read(), read=machine.read)


@pytest.mark.parametrize("engine_kind", ["postgresql"])
def test_a_database_that_is_slow_to_answer_is_no_wrong_clock(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    machine = Machine(server_time(county) - 8 * MINUTE)

    def read() -> Reading:
        machine.let_pass(5 * MINUTE)  # three minutes before the server's time, then two after it
        return machine.read()

    with county.sessions.read() as session:
        assert guard._off_server(session, read) == 0.0


@pytest.mark.parametrize("engine_kind", ["postgresql"])
def test_another_machine_whose_clock_is_ahead_is_told_apart(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    machine = Machine(server_time(county))
    with county.sessions.begin() as session:
        session.merge(Heartbeat(name="relay", at=machine.wall + HOUR))
    assert ClockGuard(county.sessions, read=machine.read).look() is None
    assert stands(county, machine).reason == "another"


def server_time(county: County) -> datetime:
    with county.sessions.read() as session:
        told: Any = session.scalar(select(func.clock_timestamp()))
        return told
