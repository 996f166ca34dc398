"""Computes open clocks anew in a process of its own and tells each event it wrote, so that a test can kill it then.

Called with the database's URL, the event log's key and the time. Needs no map: nothing is placed.
"""

import sys
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import event

from command_center.database import Sessions, make_engine
from command_center.deadlines import reference
from command_center.tickets import rulebook
from command_center.tickets.office import Office


def main(url: str, key: str, now: str) -> None:
    sessions = Sessions(make_engine(url))
    with sessions.read() as session:
        calendar = reference.read(session)
    nowhere: Any = None
    office = Office(nowhere, calendar, key.encode(), ZoneInfo("Asia/Shanghai"))
    rulebook.BATCH = 7  # an odd few a commit, so that a kill leaves some committed and one batch under way

    def tell(*execution: Any) -> None:
        if execution[2].startswith("INSERT INTO ticket_events"):
            sys.stdout.write("event\n")
            sys.stdout.flush()

    event.listen(sessions.engine, "after_cursor_execute", tell)
    at = datetime.fromisoformat(now)
    rulebook.recompute_touched(sessions, office, lambda: at, rest=lambda seconds: None)


if __name__ == "__main__":
    main(*sys.argv[1:])
