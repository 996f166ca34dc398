"""The watchdog: notices a background part of this process that stopped or hangs, whatever the wall clock says.

Heartbeats in the database are wall times: any process can read them, and a clock that was set can make them look
fresh or old. This one counts seconds by the monotonic clock of this process, and only sees what runs in it. A part
that takes the whole process with it (a loop that never yields) stops the watchdog, too; gunicorn then ends the
process after its own time-out.
"""

import logging
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)
STALLED_AFTER_S = 30.0
LOOK_EVERY_S = 5.0


class Watchdog:
    """Knows when each part of this process was last seen at work."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._within: dict[str, float] = {}
        self._seen: dict[str, float] = {}
        self._told: set[str] = set()

    def expect(self, part: str, within: float = STALLED_AFTER_S) -> None:
        """From now on this part has to be seen at least once in so many seconds."""
        self._within[part], self._seen[part] = within, self._clock()

    def seen(self, part: str) -> None:
        """This part is at work right now."""
        self._seen[part] = self._clock()

    def watched(self, part: str, beat: Callable[[], object]) -> Callable[[], None]:
        """Make a sign of life that is seen here, too."""

        def beat_and_tell() -> None:
            beat()
            self.seen(part)

        return beat_and_tell

    def forget(self) -> None:
        """Expect nothing any more: the process is told to stop."""
        self._within.clear()

    def stalled(self) -> dict[str, float]:
        """Name the parts that were not seen in time, and for how many seconds. Needs no thread of its own."""
        at = self._clock()
        silent = {part: at - self._seen[part] for part in self._within}
        return {part: seconds for part, seconds in silent.items() if seconds > self._within[part]}

    def look(self) -> None:
        """Log each part that stalled, and each that is back, once."""
        stalled = self.stalled()
        for part in sorted(stalled.keys() - self._told):
            log.error("the %s of this process was not at work for %.0f s: restart the process", part, stalled[part])
        for part in sorted(self._told - stalled.keys()):
            log.warning("the %s of this process is at work again", part)
        self._told = set(stalled)

    def run(self, stop: threading.Event, every: float = LOOK_EVERY_S) -> None:
        """Look until stopped."""
        while not stop.wait(every):
            self.look()
