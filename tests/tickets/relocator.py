"""Lets tickets follow a new map in a process of its own and tells each event it wrote, so that a test can kill it then.

Called with the database's URL, the event log's key and the time. The map is the town's part of the second edition.
"""

import sys
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import event

from command_center.database import Sessions, make_engine
from command_center.regions import editions
from command_center.tickets import relocation
from command_center.tickets.office import Office
from gis.grid_index import GridIndex
from tests.builders import TOWN


def main(url: str, key: str, now: str) -> None:
    sessions = Sessions(make_engine(url))
    with sessions.read() as session:
        version = editions.version_in_force(session)
        rows = [row for row in editions.boundaries(session) if row.kind and row.code.startswith(TOWN[:9])]
    no_calendar: Any = None  # no clock is touched
    grids = GridIndex((row.code, str(row.kind), row.wkb) for row in rows)
    office = Office(grids, no_calendar, key.encode(), ZoneInfo("Asia/Shanghai"), map_edition=version)
    relocation.BATCH = 7  # an odd few a commit, so that a kill leaves some committed and one batch under way

    def tell(*execution: Any) -> None:
        if execution[2].startswith("INSERT INTO ticket_events"):
            sys.stdout.write("event\n")
            sys.stdout.flush()

    event.listen(sessions.engine, "after_cursor_execute", tell)
    relocation.relocate_all(sessions, office, lambda: datetime.fromisoformat(now))


if __name__ == "__main__":
    main(*sys.argv[1:])
