"""Signs of life of the background parts, kept in the database so that any process can tell who is missing."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from command_center.database import Sessions, insert_or_ignore
from command_center.events.models import Heartbeat

BEAT_EVERY = 5.0
MISSING_AFTER = timedelta(seconds=30)
ALL_PARTS = SCHEDULER, RELAY = ("scheduler", "relay")


def beater(sessions: Sessions, name: str) -> Callable[[], None]:
    """Make a function that notes, every few seconds at most, that a part is alive."""
    last = -BEAT_EVERY

    def beat() -> None:
        nonlocal last
        if time.monotonic() - last < BEAT_EVERY:
            return
        with sessions.begin() as session:
            at = datetime.now(UTC)
            session.execute(insert_or_ignore(session, Heartbeat.__table__, {"name": name, "at": at}))
            session.get_one(Heartbeat, name).at = at
        last = time.monotonic()

    return beat


def missing(sessions: Sessions, now: datetime) -> list[str]:
    """Name the parts that have not been seen at work lately."""
    with sessions.read() as session:
        seen = {beat.name: beat.at for beat in session.scalars(select(Heartbeat))}
    return [name for name in ALL_PARTS if name not in seen or now - seen[name] > MISSING_AFTER]
