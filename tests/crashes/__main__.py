"""The long run: `python -m tests.crashes --kills 200 [--engine sqlite|postgresql] [--seed N]`.

Prints a table; its exit code is 1 when anything was lost, done twice, left out or told wrongly.
"""

import argparse
import secrets
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.county import ENGINES, County, a_database, build
from tests.crashes.ordeal import Outcome, ordeal
from tests.crashes.servers import county_of
from tests.requirements import require_postgresql, require_redis


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crashes", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--kills", type=int, default=200, help="how often servers are killed, on each engine")
    parser.add_argument("--engine", choices=ENGINES, help="one engine only")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="the same seed, the same kills")
    asked = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are ended with us
    violations = 0
    for kind in [asked.engine] if asked.engine else ENGINES:
        # On PostgreSQL half of it with two equal processes, half with the scheduler in a process of its own.
        halves = [(asked.kills, False)]
        if kind == "postgresql":
            halves = [(asked.kills - asked.kills // 2, False), (asked.kills // 2, True)]
        for kills, apart in halves:
            print(f"— {kind}{', the scheduler apart' if apart else ''}: {kills} kills, seed {asked.seed}", flush=True)
            with a_county(kind) as (county, home, url):
                redis = require_redis() if kind == "postgresql" else None
                outcome = ordeal(county, home, url, redis, kills=kills, seed=asked.seed, apart=apart)
            show(outcome)
            violations += len(outcome.violations)
    return 1 if violations else 0


@contextmanager
def a_county(kind: str) -> Iterator[tuple[County, Path, str | None]]:
    """Build a county for one run, and throw it away afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        if kind == "sqlite":
            yield from _built(kind, home, None)
        else:
            with a_database(require_postgresql()) as url:
                yield from _built(kind, home, url)


def _built(kind: str, home: Path, url: str | None) -> Iterator[tuple[County, Path, str | None]]:
    build(home, url)
    county = county_of(kind, home, url)
    yield county, home, url
    county.sessions.engine.dispose()


def show(outcome: Outcome) -> None:
    for name, value in outcome.figures.items():
        print(f"  {name:<34} {value:>10,}")
    for violation in outcome.violations:
        print(f"  VIOLATION: {violation}")
    print(f"  {'violations':<34} {len(outcome.violations):>10,}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
