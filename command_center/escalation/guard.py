"""The clock guard: while the system clock cannot be trusted, nothing is escalated until an operator agrees.

A clock set forward by a day would move every matter up, turn it red and say so in a log that is never edited. So
before each sweep, and again before each of its batches, the guard looks at the clock. It freezes escalation when

- `jump`: the wall clock moved by more than two minutes against the machine's clock that nobody can set, within an
  hour: at once, or in small steps. What any process of the same machine and boot wrote down counts, too, so a jump is
  seen across a restart of the program;
- `behind`: the wall clock stands more than two minutes before a time that is already on record (the last sweep's, a
  heartbeat's);
- `database`: on PostgreSQL, the wall clock is more than two minutes off the database server's own;
- `another`: this machine agrees with the database server, but another one has left a sign of life from the future.

What cannot be told apart. A program that was down for a weekend finds the wall clock far ahead of the last time on
record: that is no jump, whatever happened meanwhile, unless the machine stayed up, when its other clock tells. So a
machine that was started with a clock that is *ahead* is believed on SQLite; on PostgreSQL the server's clock shows it.
A virtual machine that was paused looks like one whose clock was set forward: its escalation freezes, and a person
decides. Slewing, by which NTP moves a clock gently, moves both clocks and is no jump.

The frozen state is a row (`clock_guard`). It is read in the transaction of each batch, under a lock that whoever
freezes must wait for: once frozen, no process applies another step. While frozen, people's reports and actions go on;
what they do meanwhile gets its times by the wrong clock, and the alarm says so.
"""

import logging
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from command_center.database import Sessions, insert_or_ignore
from command_center.escalation.clocks import ReadClocks, Reading, read_clocks, whoami
from command_center.escalation.errors import ClockNotFrozen, ClockStillWrong, OtherFreeze
from command_center.escalation.models import ONLY, ClockGuardState
from command_center.events.models import Heartbeat
from command_center.tickets.models import DueStep

log = logging.getLogger(__name__)
LIMIT_S = 120.0
WINDOW_S = 3600.0
SAMPLE_EVERY_S = 60.0
WRITE_EVERY = timedelta(seconds=5)
MOST_MACHINES = 16
JUMP, BEHIND, DATABASE, ANOTHER = "jump", "behind", "database", "another"


class Fault(NamedTuple):
    """What is wrong with the clock. seconds: how far off, above 0 when it went ahead; since: the reading before."""

    reason: str
    seconds: float
    since: Reading | None = None


class Standing(NamedTuple):
    """How the guard stands, and what agreeing would do.

    off_seconds: how far the clock stands from where the machine's other clock says it should; None: not known here.
    due: steps that would be done at once. due_by_jump: those of them that are due only because the clock is off.
    """

    frozen: bool
    frozen_at: datetime | None
    reason: str | None
    jump_seconds: float | None
    seen_by: str | None
    agreed_at: datetime | None
    agreed_by: str | None
    off_seconds: float | None
    due: int
    due_by_jump: int | None


def is_open(session: Session) -> bool:
    """Whether steps may be applied in this transaction, which keeps it so until its end."""
    state = session.scalar(select(ClockGuardState).with_for_update(read=True).execution_options(populate_existing=True))
    return state is None or not _frozen(state)


class ClockGuard:
    """Watches the clock for one sweeping process. The wall time it answers is the one to sweep by, and no other."""

    def __init__(self, sessions: Sessions, *, read: ReadClocks = read_clocks, name: str | None = None) -> None:
        self._sessions, self._read, self._name = sessions, read, name or whoami()
        self._samples: deque[Reading] = deque()
        self._last: Reading | None = None
        self._agreed: datetime | None = None

    def look(self) -> datetime | None:
        """Look at the clock before a sweep. Returns the time to sweep by; None while escalation is frozen."""
        with self._sessions.read() as session:
            state = session.get(ClockGuardState, ONLY)
            newest = session.scalar(select(func.max(Heartbeat.at)))
            off = _off_server(session, self._read)
        reading = self._read()  # after the record was read: a database that was slow to answer is no clock behind it
        self._hear_agreement(state, reading)
        self._last = reading
        if state is not None and _frozen(state):
            return None
        fault = (
            self._jump(reading)
            or _moved(_recorded(state, reading), reading)
            or (Fault(DATABASE, off) if off is not None and abs(off) > LIMIT_S else None)
            or _behind(state, newest, reading, right=off is not None)
        )
        if fault is not None:
            with self._sessions.begin() as session:
                self._freeze(session, reading, fault)
            return None
        if state is None or _is_old(state, reading):
            self._write_down(reading)
        self._sample(reading)
        return reading.wall

    def permits(self, session: Session) -> bool:
        """Look once more, in a batch's own transaction: a sweep begun before a jump does not go on after it."""
        reading = self._read()
        if (fault := self._jump(reading)) is not None:
            self._freeze(session, reading, fault)
            return False
        return is_open(session)

    def _jump(self, reading: Reading) -> Fault | None:
        """Compare the two clocks over the last hour of this process."""
        since = max(self._samples, key=lambda sample: abs(reading.offset - sample.offset), default=None)
        return _moved(since, reading)

    def _hear_agreement(self, state: ClockGuardState | None, reading: Reading) -> None:
        """Forget what was before an operator's agreement, if it was given by a clock that agrees with ours."""
        agreed = state.agreed_at if state is not None and not _frozen(state) else None
        if agreed is None or agreed == self._agreed:
            return
        self._agreed = agreed
        if self._last is not None:
            # It was given since we last looked, so by a clock like ours it is at most that old.
            age, elapsed = (reading.wall - agreed).total_seconds(), reading.ticks - self._last.ticks
            if not -LIMIT_S <= age <= elapsed + LIMIT_S:
                return
        self._samples.clear()

    def _sample(self, reading: Reading) -> None:
        if not self._samples or reading.ticks - self._samples[-1].ticks >= SAMPLE_EVERY_S:
            self._samples.append(reading)
        while len(self._samples) > 1 and reading.ticks - self._samples[0].ticks > WINDOW_S:
            self._samples.popleft()

    def _write_down(self, reading: Reading) -> None:
        with self._sessions.begin() as session:
            state = _locked(session)
            if _frozen(state):
                return
            state.last_wall = max(state.last_wall or reading.wall, reading.wall)
            state.machines = _with(state.machines, reading)

    def _freeze(self, session: Session, reading: Reading, fault: Fault) -> None:
        state = _locked(session)
        if _frozen(state):
            return
        state.frozen_at, state.reason, state.jump_seconds = reading.wall, fault.reason, round(fault.seconds, 1)
        state.seen_by, state.agreed_at, state.agreed_by = self._name, None, None
        if fault.since is not None:
            state.machines = _with(state.machines, fault.since)
        log.error(
            "escalation is frozen: the system clock is off by %.0f s (%s, seen by %s). See `flask clock status`",
            *(fault.seconds, fault.reason, self._name),
        )


def standing(session: Session, reading: Reading) -> Standing:
    """Tell how the guard stands, and how many steps an agreement would let fall due at once."""
    state = session.get(ClockGuardState, ONLY) or ClockGuardState(id=ONLY, machines={})
    frozen = _frozen(state)
    since = _recorded(state, reading) if frozen else None
    off = round(reading.offset - since.offset, 1) if since is not None else None
    due = _due(session, reading.wall)
    by_jump = max(0, due - _due(session, reading.wall - timedelta(seconds=off))) if off is not None else None
    return Standing(
        *(frozen, state.frozen_at, state.reason, state.jump_seconds, state.seen_by),
        *(state.agreed_at, state.agreed_by, off, due, by_jump),
    )


def agree(
    session: Session, by: str, reading: Reading, *, seen: datetime | None = None, read: ReadClocks = read_clocks
) -> None:
    """Let escalation go on by the clock as it stands now; whatever is due by it is done at once.

    seen: the freeze that the operator looked at. Raises: ClockNotFrozen, OtherFreeze, ClockStillWrong.
    """
    state = _locked(session)
    if not _frozen(state):
        raise ClockNotFrozen
    if seen is not None and seen != state.frozen_at:
        raise OtherFreeze
    off = _off_server(session, read)
    if off is not None and abs(off) > LIMIT_S:
        raise ClockStillWrong(seconds=round(off))
    log.warning(
        "escalation goes on: %s agrees to the system clock, %s; it was frozen since %s (%s, %s s)",
        *(by, reading.wall.isoformat(), state.frozen_at, state.reason, state.jump_seconds),
    )
    state.agreed_at, state.agreed_by, state.last_wall = reading.wall, by[:128], reading.wall
    state.machines = _with({}, reading)
    # A sign of life that was given by the wrong clock must not freeze everything again.
    session.execute(update(Heartbeat).where(Heartbeat.at > reading.wall).values(at=reading.wall))


def _frozen(state: ClockGuardState) -> bool:
    return state.frozen_at is not None and state.agreed_at is None


def _locked(session: Session) -> ClockGuardState:
    session.execute(insert_or_ignore(session, ClockGuardState.__table__, {"id": ONLY, "machines": {}}))
    return session.get_one(ClockGuardState, ONLY, with_for_update=True, populate_existing=True)


def _moved(since: Reading | None, reading: Reading) -> Fault | None:
    if since is None:
        return None
    seconds = reading.offset - since.offset
    return Fault(JUMP, seconds, since) if abs(seconds) > LIMIT_S else None


def _behind(
    state: ClockGuardState | None, heartbeat: datetime | None, reading: Reading, *, right: bool
) -> Fault | None:
    """Compare with the times on record. right: the database server says that it is not our clock."""
    known = [at for at in (state.last_wall if state else None, heartbeat) if at is not None]
    seconds = min(((reading.wall - at).total_seconds() for at in known), default=0.0)
    if seconds >= -LIMIT_S:
        return None
    return Fault(ANOTHER, -seconds) if right else Fault(BEHIND, seconds)


def _off_server(session: Session, read: ReadClocks) -> float | None:
    """How far the wall clock is off the database server's, seconds; None on SQLite, which has no other clock."""
    if session.get_bind().dialect.name != "postgresql":
        return None
    before = read().wall
    server: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one().astimezone(UTC)
    after = read().wall
    # Anywhere between the two is right: the answer may have taken long, and that is not the clock's fault.
    return max(0.0, (before - server).total_seconds()) or min(0.0, (after - server).total_seconds())


def _recorded(state: ClockGuardState | None, reading: Reading) -> Reading | None:
    known = state.machines.get(reading.boot) if state is not None else None
    return Reading(datetime.fromisoformat(known["wall"]), known["ticks"], reading.boot) if known else None


def _with(machines: dict[str, dict[str, object]], reading: Reading) -> dict[str, dict[str, object]]:
    """The readings with this one: one for each boot of each machine, the newest few."""
    kept = {boot: known for boot, known in machines.items() if boot != reading.boot}
    newest = sorted(kept.items(), key=lambda item: str(item[1]["wall"]), reverse=True)[: MOST_MACHINES - 1]
    return dict(newest) | {reading.boot: {"wall": reading.wall.isoformat(), "ticks": reading.ticks}}


def _is_old(state: ClockGuardState, reading: Reading) -> bool:
    known = _recorded(state, reading)
    return known is None or abs(reading.wall - known.wall) >= WRITE_EVERY


def _due(session: Session, at: datetime) -> int:
    pending = select(func.count()).select_from(DueStep).where(DueStep.done_at.is_(None), DueStep.due_at <= at)
    return session.scalar(pending) or 0
