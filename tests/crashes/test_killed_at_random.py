"""Servers killed at random under load: nothing acknowledged is lost, nothing is done twice, nothing is left out.

`python -m tests.crashes` does the same for longer. The seed is drawn anew each time and printed when it fails.
"""

import secrets
from pathlib import Path

import pytest

from tests.county import Template, copied
from tests.crashes.ordeal import ordeal
from tests.crashes.servers import county_of
from tests.requirements import require_redis

pytestmark = pytest.mark.timeout(900)  # servers start some twenty times, which on a busy machine takes its time
MEANT = ("reports acknowledged", "actions acknowledged", "steps warned", "screens: connections", "screens: live")


def endured(template: Template, home: Path, kills: int, redis: str | None = None, apart: bool = False) -> None:
    """Let a county go through the ordeal, and insist that it was one."""
    with copied(template, home) as url:
        county = county_of(template.kind, home, url)
        seed = secrets.randbelow(10**6)
        outcome = ordeal(county, home, url, redis, kills=kills, seed=seed, apart=apart)
        county.sessions.engine.dispose()
    told = f"python -m tests.crashes --engine {template.kind} --kills {kills} --seed {seed}; the logs are in {home}"
    assert not outcome.violations, "\n".join([told, *outcome.violations])
    assert outcome.figures["kills"] == kills
    assert all(outcome.figures.get(name, 0) > 0 for name in MEANT), (told, outcome.figures)


def test_sqlite_survives_the_death_of_its_one_process(sqlite_template: Template, tmp_path: Path) -> None:
    endured(sqlite_template, tmp_path / "home", kills=8)


@pytest.mark.redis
@pytest.mark.postgresql
@pytest.mark.parametrize(("apart", "kills"), [(False, 8), (True, 4)], ids=["two equals", "the scheduler apart"])
def test_postgresql_survives_the_death_of_one_or_both(
    postgresql_template: Template, tmp_path: Path, apart: bool, kills: int
) -> None:
    endured(postgresql_template, tmp_path / "home", kills, require_redis(), apart)
