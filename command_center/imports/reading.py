"""How the readers `map_reader` and `roster_reader` run: they open strange files and know no database and no keys.

Each is a process of its own, started by `work` with a job's folder: the task is in `task.json`, the progress goes to
stdout, a line each, and the findings into the report.
"""

import ctypes
import json
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from command_center.imports.folder import Folder
from command_center.imports.manners import give_way
from command_center.people.roster_file import RosterUnreadable
from gis.errors import Unreadable

CPU_SECONDS = 7200
PR_SET_PDEATHSIG = 1


def begin(read: Callable[[Folder], dict[str, Any]], path: str) -> None:
    """Read by `read`, politely and with limits; what is no such file at all is an outcome, too."""
    give_way()
    # It ends with its coordinator: an orphan would go on writing into a report that somebody else begins anew.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # It ends for certain, whatever the file does to it.
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    folder = Folder(Path(path))
    try:
        outcome = read(folder)
    except (Unreadable, RosterUnreadable) as wrong:
        outcome = {"unreadable": {"reason": wrong.reason, "text": wrong.text, "text_en": wrong.text_en}}
    (folder.report / "outcome.json").write_text(json.dumps(outcome, ensure_ascii=False), encoding="utf-8")


def tell(step: str, done: int, total: int) -> None:
    """Say how far it is."""
    sys.stdout.write(json.dumps({"step": step, "done": done, "total": total}) + "\n")
    sys.stdout.flush()
