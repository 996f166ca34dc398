"""Signs of life of the background parts, kept in the database so that any process can tell who is missing."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from command_center.database import Sessions, insert_or_ignore
from command_center.events.models import Heartbeat

BEAT_EVERY = 5.0
MISSING_AFTER = timedelta(seconds=30)
# Clocks of several machines may differ a little. What lies further ahead was written by a clock that was wrong: it
# says nothing about now, and must not hide for a day that a part is dead.
FROM_THE_FUTURE = timedelta(minutes=2)
ALL_PARTS = SCHEDULER, RELAY = ("scheduler", "relay")


def read_wall() -> datetime:
    return datetime.now(UTC)


def beater(sessions: Sessions, name: str, *, now: Callable[[], datetime] = read_wall) -> Callable[[], None]:
    """Make a function that notes, every few seconds at most, that a part is alive."""
    last = -BEAT_EVERY

    def beat() -> None:
        nonlocal last
        if time.monotonic() - last < BEAT_EVERY:
            return
        with sessions.begin() as session:
            at = now()
            session.execute(insert_or_ignore(session, Heartbeat.__table__, {"name": name, "at": at}))
            session.get_one(Heartbeat, name).at = at
        last = time.monotonic()

    return beat


def missing(sessions: Sessions, now: datetime) -> list[str]:
    """Name the parts that have not been seen at work lately."""
    with sessions.read() as session:
        seen = {beat.name: beat.at for beat in session.scalars(select(Heartbeat))}
    return [name for name in ALL_PARTS if name not in seen or not -FROM_THE_FUTURE <= now - seen[name] <= MISSING_AFTER]
