"""The long run: `python -m tests.life --steps 50000 [--engine postgresql] [--seed N]`.

Lets people and time loose on tickets until that many random steps were taken, and exits 1 at the first thing that is
not as the model says. Prints the seed of each batch, so that it can be run again.
"""

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from app import create_app
from tests.county import County, a_database, build, settings_of
from tests.life.machine import LifeOfTickets
from tests.requirements import require_postgresql

EXAMPLES, STEPS_EACH = 25, 50


def main() -> int:
    """Run batches, each with its own seed, until enough steps were taken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=50_000)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="life-", ignore_cleanup_errors=True)))
        url = None if wanted.engine == "sqlite" else stack.enter_context(a_database(require_postgresql()))
        build(home, url)
        county = County(wanted.engine, create_app(settings_of(home, url)))
        stack.callback(county.sessions.engine.dispose)
        machine = type("Life", (LifeOfTickets,), {"county": county, "steps": 0, "accepted": 0, "maps": []})
        started, number = time.monotonic(), wanted.seed
        while machine.steps < wanted.steps:
            print(f"seed {number}: ", end="", flush=True)
            seed(number)(machine)
            run_state_machine_as_test(machine, settings=_settings())
            print(f"{machine.steps:,} steps, {machine.accepted:,} actions done, {time.monotonic() - started:.0f} s")
            number += 1
    print(f"{wanted.engine}: {machine.steps:,} random steps, everything as the model says")
    return 0


def _settings() -> settings:
    return settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS_EACH,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )


if __name__ == "__main__":
    sys.exit(main())
