"""The background part that sends: a few senders in each web process, and the broom."""

import logging
import random
import socket
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic

from sqlalchemy.orm import Session

from command_center.database import Sessions
from command_center.notices import inbox, leases, outbox
from command_center.notices.sending import Call, NotSent, Undeliverable, prepare, send
from command_center.settings import Settings

log = logging.getLogger(__name__)
# One recipient that answers slowly holds up one sender; its gate keeps it from holding up the next.
SENDERS = 4
IDLE_S = 1.0
AFTER_A_FAULT_S = 5.0
SWEEP_EVERY_S = 3600.0
FIRST_SWEEP_S = 60.0
SWEPT_AT_ONCE = 500
MOST_BATCHES = 40


class Courier:
    """Sends what is in the queue until it is stopped; what it had in hand then is taken again by another."""

    def __init__(
        self,
        sessions: Sessions,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        post: Callable[[Call], None] = send,
    ) -> None:
        self._sessions, self._clock, self._post = sessions, clock, post
        self._sms, self._zone = settings.sms, settings.zone
        self._channels = (outbox.WEBHOOK, outbox.SMS) if self._sms is not None else (outbox.WEBHOOK,)
        self._name = f"{socket.gethostname()[:16]}-{uuid.uuid4().hex[:12]}"
        self._stop = threading.Event()

    def start(self) -> None:
        for n in range(SENDERS):
            threading.Thread(target=self._run, name=f"courier-{n}", daemon=True).start()
        threading.Thread(target=self._sweep, name="courier-broom", daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def send_next(self) -> bool:
        """Send one message if one is due. False: nothing was due."""
        with self._sessions.read() as session:
            if not leases.anything_due(session, self._clock(), self._channels):
                return False
        with self._sessions.begin() as session:
            leased = leases.lease(session, self._name, self._clock(), self._channels)
        if leased is not None:
            self._deliver(leased)
        return True

    def _deliver(self, leased: leases.Leased) -> None:
        fault, final = "", False
        try:
            with self._sessions.read() as session:
                call = prepare(session, leased, self._sms, self._zone, self._clock())
            self._post(call)
        except Undeliverable as never:
            fault, final = str(never), True
        except NotSent as reason:
            fault = str(reason)
        with self._sessions.begin() as session:
            if fault:
                chance = random.random()  # spreads retries; nothing secret hangs on it
                leases.failed(session, leased, fault, self._clock(), chance, final=final)
            else:
                leases.sent(session, leased, self._clock())
        to = f"{leased.channel} to {outbox.masked(leased.recipient)}, delivery {leased.delivery_id}"
        if fault:
            log.warning("%s was not sent (attempt %s): %s", to, leased.attempts, fault)
        else:
            log.info("%s was sent (%s matters)", to, len(leased.matters) or 1)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                if not self.send_next():
                    self._stop.wait(IDLE_S)
            except Exception:
                log.exception("a sender failed; it tries again in %s s", AFTER_A_FAULT_S)
                self._stop.wait(AFTER_A_FAULT_S)

    def _sweep(self) -> None:
        last = monotonic() - SWEEP_EVERY_S + FIRST_SWEEP_S
        while not self._stop.wait(IDLE_S):
            if monotonic() - last < SWEEP_EVERY_S:
                continue
            last = monotonic()
            try:
                self.sweep_out()
            except Exception:
                log.exception("old notices could not be swept out; tried again in an hour")

    def sweep_out(self) -> int:
        """Delete what is old, in batches of a bounded size, a bounded number of them. Returns how many rows."""
        return self._batches(inbox.prune) + self._batches(outbox.prune)

    def _batches(self, prune: Callable[[Session, datetime, int], int]) -> int:
        gone = 0
        for _ in range(MOST_BATCHES):
            with self._sessions.begin() as session:
                batch = prune(session, self._clock(), SWEPT_AT_ONCE)
            gone += batch
            if batch < SWEPT_AT_ONCE:
                break
        return gone
