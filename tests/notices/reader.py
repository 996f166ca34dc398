"""A reader of the log in a process of its own, which tells each write to an inbox, so that a test can kill it then."""

import sys
from datetime import datetime
from typing import Any

from sqlalchemy import event

from command_center.database import Sessions, make_engine
from command_center.notices.consumer import advance

BATCH = 7  # an odd few a commit, so that a kill leaves some of them committed and one batch under way


def main(url: str, now: str) -> None:
    sessions = Sessions(make_engine(url))

    def tell(*execution: Any) -> None:
        if execution[2].startswith("INSERT INTO notices "):
            sys.stdout.write("told\n")
            sys.stdout.flush()

    event.listen(sessions.engine, "after_cursor_execute", tell)
    while True:
        with sessions.begin() as session:
            read, _ = advance(session, datetime.fromisoformat(now), limit=BATCH)
        if not read:
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
