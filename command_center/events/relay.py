"""The relay: gives committed events their public number, in order, and hands them to whoever shows them.

One relay numbers at a time, held by a lock of the database (PostgreSQL: advisory; SQLite: a lock file beside it), and
keeps it while it publishes, so that two web processes never send seq 12 before seq 11. Publishing is a hint: a
process killed between the two loses the message, not the event, and clients fetch what they miss.
"""

import fcntl
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from command_center.database import Sessions
from command_center.events.models import Published, StreamHead, TicketEvent, Unpublished

log = logging.getLogger(__name__)
BATCH = 500
RELAY_LOCK = 0x67726964
# Seconds between two rounds of the consumers while events come in, and at the most.
COUNT_EVERY, COUNT_ANYWAY = 0.5, 30.0
# Seconds between two batches at least.
PAUSE = 0.025


@dataclass(frozen=True)
class Numbered:
    """A committed event with its public number, and for each stream it belongs to the number before it."""

    seq: int
    event: TicketEvent
    previous: dict[str, int]


Publish = Callable[[Sequence[Numbered]], None]
Consume = Callable[[], object]


def streams(event: TicketEvent) -> list[str]:
    """Name the streams an event belongs to: its grid, village, town and county, and the departments' own.

    One that moved the ticket belongs to the regions it left, too: their screens must let go of it.
    """
    names = [event.grid_code, event.base_grid_code, event.village_code, event.town_code, event.county_code]
    names += event.details.get("left", ())
    helping = event.details.get("assisting", ())
    departments = dict.fromkeys((event.from_department_code, event.department_code, *helping))
    return [name for name in names if name] + [department_stream(code) for code in departments if code]


def department_stream(code: str) -> str:
    return f"department:{code}"


def number(session: Session, limit: int = BATCH) -> list[Numbered]:
    """Number the events that are committed and not numbered yet, oldest first. The caller holds the relay's lock."""
    rows = session.scalars(
        select(TicketEvent)
        .join(Unpublished, Unpublished.event_id == TicketEvent.id)
        .order_by(TicketEvent.id)
        .limit(limit)
    ).all()
    if not rows:
        return []
    seq = session.scalar(select(func.max(Published.seq))) or 0
    names = {name for event in rows for name in streams(event)}
    heads = {head.stream: head for head in session.scalars(select(StreamHead).where(StreamHead.stream.in_(names)))}
    numbered = []
    for event in rows:
        seq += 1
        session.add(Published(seq=seq, event_id=event.id))
        previous = {}
        for name in streams(event):
            head = heads.get(name)
            if head is None:
                head = heads[name] = StreamHead(stream=name, seq=0)
                session.add(head)
            previous[name], head.seq = head.seq, seq
        numbered.append(Numbered(seq, event, previous))
    session.execute(delete(Unpublished).where(Unpublished.event_id.in_([event.id for event in rows])))
    return numbered


def last_seq(session: Session, stream: str) -> int:
    """Tell the last number of a stream, 0 when nothing has happened there."""
    head = session.get(StreamHead, stream)
    return head.seq if head is not None else 0


class Relay:
    """Runs in the background of each web process; `nudge` wakes it right after a commit of this process."""

    def __init__(
        self,
        sessions: Sessions,
        home: Path,
        publish: Publish,
        consumers: Iterable[Consume],
        beat: Consume,
        every: float,
    ) -> None:
        self._sessions, self._home, self._publish = sessions, home, publish
        self._consumers, self._beat, self._every = tuple(consumers), beat, every
        self._wake = Event()
        self._stop = False

    def nudge(self) -> None:
        """Say that something was committed."""
        self._wake.set()

    def stop(self) -> None:
        self._stop = True
        self._wake.set()

    def run(self) -> None:
        """Relay until stopped. A fault is logged and tried again: nothing is lost, the events are in the log."""
        behind, counted, published = True, -COUNT_ANYWAY, -PAUSE
        while not self._stop:
            try:
                # An event alone goes at once; in a rush some go together, which costs the process far less.
                time.sleep(max(0.0, published + PAUSE - time.monotonic()))
                while self.publish_batch():
                    behind, published = True, time.monotonic()
                    self._beat()  # a flood may take a while; that is no relay that hangs
                # Screens first: the statistics follow when there is a moment, and now and then in any case, for
                # what another process published and did not live to count.
                age = time.monotonic() - counted
                if (behind and age >= COUNT_EVERY) or age >= COUNT_ANYWAY:
                    self.consume()
                    behind, counted = False, time.monotonic()
                self._beat()
            except Exception:
                log.exception("the relay could not work; it tries again in a second")
                self._wake.wait(1.0)
                continue
            self._wake.wait(self._every)
            self._wake.clear()

    def once(self) -> int:
        """Number and publish one batch, then let the consumers catch up. Returns its size."""
        published = self.publish_batch()
        if published:
            self.consume()
        return published

    def publish_batch(self) -> int:
        """Number and publish what is committed, one batch at most. Returns its size."""
        with self._sessions.read() as session:
            if session.scalar(select(Unpublished.event_id).limit(1)) is None:
                return 0
        with self._lock():
            with self._sessions.begin() as session:
                numbered = number(session)
            if numbered:
                self._publish(numbered)
        return len(numbered)

    def consume(self) -> None:
        """Let the consumers (statistics) read what was published."""
        for consume in self._consumers:
            consume()

    @contextmanager
    def _lock(self) -> Iterator[None]:
        if self._sessions.is_sqlite:
            with self._file_lock():
                yield
            return
        with self._sessions.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": RELAY_LOCK})
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": RELAY_LOCK})

    @contextmanager
    def _file_lock(self) -> Iterator[None]:
        """A file beside the SQLite database, tried without blocking so that a gevent loop goes on meanwhile."""
        with (self._home / "relay.lock").open("w") as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    self._wake.wait(0.01)
            yield
