"""Compute circles: the work as JSON on stdin, the answer on stdout. Started by `run`, politely, with limits."""

import os
import resource
import sys

from command_center.circles.work import Work, compute

CPU_SECONDS = 900
MEMORY = 4 * 1024**3


def main() -> None:
    """Give way to the web process, and end for certain."""
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    answer = compute(Work.model_validate_json(sys.stdin.buffer.read()))
    sys.stdout.buffer.write(answer.model_dump_json().encode())


if __name__ == "__main__":
    main()
