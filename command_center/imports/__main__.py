"""The coordinator of one import, a process of its own: `run JOB LOCK` or `apply JOB LOCK`.

Started by `jobs`, which hands over the job's lock; the settings come in the environment, none from a file.
"""

import logging
import sys

from command_center.database import Sessions, make_engine
from command_center.imports.manners import give_way
from command_center.imports.work import Work
from command_center.settings import Settings


def main(what: str, job_id: str, lock: int) -> None:
    """Give way to the web process, and do one job."""
    give_way()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    settings = Settings(_env_file=None)
    work = Work(settings, Sessions(make_engine(settings.url)), job_id, lock)
    if what == "run":
        work.run()
    else:
        work.apply()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
