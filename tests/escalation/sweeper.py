"""A sweeper in a process of its own, which tells each event it wrote, so that a test can kill it right then.

Called with the database's URL, the event log's key and the time. Needs no map: nothing is placed.
"""

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


def main(url: str, key: str, now: str) -> None:
    sessions = Sessions(make_engine(url))
    with sessions.read() as session:
        calendar = reference.read(session)
    nowhere: Any = None
    office = Office(nowhere, calendar, key.encode(), ZoneInfo("Asia/Shanghai"))

    def tell(*execution: Any) -> None:
        if execution[2].startswith("INSERT INTO ticket_events"):
            sys.stdout.write("event\n")
            sys.stdout.flush()

    event.listen(sessions.engine, "after_cursor_execute", tell)
    sweep(sessions, office, datetime.fromisoformat(now), batch=BATCH)


if __name__ == "__main__":
    main(*sys.argv[1:])
