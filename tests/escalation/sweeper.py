"""A sweeper in a process of its own, which is killed right after it wrote so many events, before it commits them.

Called with the database's URL, the event log's key, the time and the number of events. Needs no map: nothing is placed.
"""

import os
import signal
import sys
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import event

from command_center.database import Sessions, make_engine
from command_center.deadlines import reference
from command_center.escalation.sweep import sweep
from command_center.tickets.office import Office

BATCH = 7  # an odd few a commit, so that a kill leaves some of them committed and one batch under way


def main(url: str, key: str, now: str, last: str) -> None:
    sessions = Sessions(make_engine(url))
    with sessions.read() as session:
        calendar = reference.read(session)
    nowhere: Any = None
    office = Office(nowhere, calendar, key.encode(), ZoneInfo("Asia/Shanghai"))

    written = 0

    def count(*execution: Any) -> None:
        nonlocal written
        if execution[2].startswith("INSERT INTO ticket_events"):
            columns = execution[2].partition(")")[0].count(",") + 1
            written += len(execution[3]) // columns  # one statement may write several
            if written >= int(last):
                os.kill(os.getpid(), signal.SIGKILL)

    event.listen(sessions.engine, "after_cursor_execute", count)
    sweep(sessions, office, datetime.fromisoformat(now), batch=BATCH)


if __name__ == "__main__":
    main(*sys.argv[1:])
