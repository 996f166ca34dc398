"""Number and count what was written, in batches, so that the first page somebody opens is complete."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from command_center.database import Sessions
from command_center.events.relay import number
from command_center.statistics.consumer import advance

BATCH = 2000


def publish_all(sessions: Sessions, zone: ZoneInfo, expected: int, progress: Callable[[float], None]) -> int:
    """Do the relay's and the statistics' work on all events that wait. Returns how many were numbered.

    Nobody listens yet, so nothing is sent. expected: about how many events, for `progress` (0 to 1).
    """
    numbered = counted = 0
    total = max(1, 2 * expected)
    while True:
        with sessions.begin() as session:
            batch = len(number(session, BATCH))
        numbered += batch
        progress(min(1.0, (numbered + counted) / total))
        if not batch:
            break
    while True:
        with sessions.begin() as session:
            batch = advance(session, zone, BATCH)
        counted += batch
        progress(min(1.0, (numbered + counted) / total))
        if not batch:
            return numbered
