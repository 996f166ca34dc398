"""How the processes of an import behave beside the web process."""

import os
import resource
from contextlib import suppress
from pathlib import Path

MOST_MEMORY = 12 * 1024**3


def give_way() -> None:
    """Keep files to ourselves, work after others, and end before others when memory runs short."""
    os.umask(0o077)
    os.nice(5)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    memory = min(MOST_MEMORY, machine // 2)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
