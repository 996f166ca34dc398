"""Drawing a case file beside the web process.

It takes a second or two of pure Python. In a thread that would hold the interpreter's lock, and with it every
client of this process; a process of its own stalls nobody, ends with its memory, and may be killed.
"""

import logging
import subprocess
import sys
import threading
from pathlib import Path

from command_center.casefile.contents import AS_JSON, CaseFile
from command_center.casefile.errors import CaseFileBusy, CaseFileFailed

log = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 2
PATIENCE = 30.0
LIMIT = 90.0
_seats = threading.BoundedSemaphore(AT_ONCE)


def render(file: CaseFile) -> bytes:
    """Draw a case file in a process of its own; a few at once. Raises: CaseFileBusy, CaseFileFailed."""
    if not _seats.acquire(timeout=PATIENCE):
        raise CaseFileBusy
    try:
        # Nothing of our own environment: it holds the keys.
        drawn = subprocess.run(
            [sys.executable, "-m", "command_center.casefile"],
            input=AS_JSON.dump_json(file),
            capture_output=True,
            timeout=LIMIT,
            cwd=ROOT,
            env={"OPENBLAS_NUM_THREADS": "1", "LANG": "C.UTF-8"},
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        log.error("the case file of %s took more than %s s", file.number, LIMIT)
        raise CaseFileFailed from late
    finally:
        _seats.release()
    if drawn.returncode != 0 or not drawn.stdout.startswith(b"%PDF-"):
        log.error("no case file of %s: %s", file.number, drawn.stderr.decode("utf-8", "replace")[-2000:])
        raise CaseFileFailed
    return drawn.stdout
