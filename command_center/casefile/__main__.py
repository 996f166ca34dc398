"""Draw one case file: its JSON on stdin, the PDF on stdout. Started by `render`, politely, with limits."""

import os
import resource
import sys

from command_center.casefile.contents import AS_JSON
from command_center.casefile.document import draw

CPU_SECONDS = 60


def main() -> None:
    """Give way to the web process, and end for certain."""
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    sys.stdout.buffer.write(draw(AS_JSON.validate_json(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
