"""The sweep: 100,000 due steps at once, and 1,000 due among 1,000,000 open tickets, on both engines.

BENCH_SWEEP_DUE and BENCH_SWEEP_OPEN set the sizes, BENCH_SWEEP_ENGINES (SQLite,PostgreSQL) the engines. The tickets
are made beforehand (`many_tickets`), and the time for that is told apart. How the sweep grows is the time a step of
1,000 takes among 1,000,000 open tickets over the time it takes among 10,000.
"""

import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from app import create_app
from command_center.escalation.sweep import sweep
from command_center.events import log
from command_center.models import TicketEvent
from command_center.tickets.clockwork import BULLETIN, DUE, MATTER, TIER, WARN
from command_center.tickets.standing import Node, Tier
from tests.benchmarks.many_tickets import Copier, Pattern
from tests.builders import JUSTICE, NOW, RECORD, a_ticket
from tests.county import County, a_database, build, settings_of
from tests.requirements import POSTGRESQL, _postgresql_fault

DUE_AT_ONCE = int(os.environ.get("BENCH_SWEEP_DUE", "100000"))
OPEN = int(os.environ.get("BENCH_SWEEP_OPEN", "1000000"))
FEW, SOME = min(1_000, DUE_AT_ONCE), min(10_000, OPEN)
WARM_UP = 200
ENGINES = {"SQLite": None, "PostgreSQL": POSTGRESQL}
WANTED = os.environ.get("BENCH_SWEEP_ENGINES", ",".join(ENGINES)).split(",")
# A step is late after a minute: at 5 ms each, 12,000 may fall due at the same second.
AIM_MS, MOST_GROWTH = 5.0, 1.5


def run() -> list[dict[str, Any]]:
    """Lines `{name, value, unit, peer, ratio, aim, ok}`."""
    lines = []
    for name, url in ((name, url) for name, url in ENGINES.items() if name in WANTED):
        if url and _postgresql_fault():
            print("  no PostgreSQL server: left out")
            continue
        with a_county(url) as county:
            lines += _measure(name, county)
    return lines


@contextmanager
def a_county(server: str | None) -> Iterator[County]:
    """Load a county of its own."""
    with tempfile.TemporaryDirectory(prefix="bench-sweep-", ignore_cleanup_errors=True) as folder:
        if server is None:
            yield from _opened(Path(folder), None)
        else:
            with a_database(server) as url:
                yield from _opened(Path(folder), url)


def _opened(home: Path, url: str | None) -> Iterator[County]:
    build(home, url)
    county = County("postgresql" if url else "sqlite", create_app(settings_of(home, url)))
    yield county
    county.sessions.engine.dispose()


def patterns(county: County) -> tuple[list[Pattern], list[Pattern]]:
    """Make the real tickets. Returns the patterns of what falls due, and of what does not."""
    new = a_ticket(county, category=RECORD).id
    at_town = a_ticket(county, node=Node.DISPATCH, tier=Tier.TOWN, category=JUSTICE).id
    at_department = a_ticket(county, node=Node.HANDLE, tier=Tier.VILLAGE, category=RECORD).id
    falling = [
        Pattern(new, TIER, WARN, 25),
        Pattern(new, TIER, DUE, 30),
        Pattern(at_town, TIER, WARN, 10),
        Pattern(at_town, TIER, DUE, 10),
        Pattern(at_department, TIER, DUE, 5),
        Pattern(at_department, MATTER, WARN, 10),
        Pattern(at_department, MATTER, DUE, 7),
        Pattern(at_department, MATTER, BULLETIN, 3),
    ]
    resting = [
        Pattern(new, TIER, WARN, 90),
        Pattern(at_town, TIER, WARN, 5),
        Pattern(at_department, TIER, WARN, 5),
    ]
    return falling, resting


def _measure(name: str, county: County) -> list[dict[str, Any]]:
    falling, resting = patterns(county)
    copier = Copier(county.sessions.engine, county.office.chain_key, NOW)
    copier.copy(falling, WARM_UP, due=True)
    _swept(county, WARM_UP)
    building = time.perf_counter()
    copier.copy(falling, FEW, due=True)
    copier.copy(resting, SOME - FEW, due=False)
    building = time.perf_counter() - building
    _check_chains(county)
    few, _ = _swept(county, FEW)
    building -= time.perf_counter()
    copier.copy(falling, DUE_AT_ONCE, due=True)
    building += time.perf_counter()
    many, outcomes = _swept(county, DUE_AT_ONCE)
    building -= time.perf_counter()
    copier.copy(falling, FEW, due=True)
    copier.copy(resting, max(0, OPEN - SOME - DUE_AT_ONCE - FEW), due=False)
    building += time.perf_counter()
    copier.close()
    among_all, _ = _swept(county, FEW)
    growth = among_all / few
    return [
        {
            "name": f"{name}: {DUE_AT_ONCE:,} due steps, each",
            "value": 1000 * many / DUE_AT_ONCE,
            "unit": "ms",
            "aim": f"≤ {AIM_MS:g} ms",
            "ok": many <= DUE_AT_ONCE * AIM_MS / 1000,
        },
        {
            "name": f"{name}: {DUE_AT_ONCE:,} due steps ({', '.join(f'{n:,} {what}' for what, n in outcomes.items())})",
            "value": many,
            "unit": "s",
        },
        {
            "name": f"{name}: {FEW:,} due among {OPEN:,} open, each",
            "value": 1000 * among_all / FEW,
            "unit": "ms",
            "peer": f"{FEW:,} due among {SOME:,} open",
            "ratio": growth,
            "aim": f"at most {MOST_GROWTH:g} × slower",
            "ok": growth <= MOST_GROWTH,
        },
        {"name": f"{name}: making {OPEN:,} tickets beforehand", "value": building, "unit": "s"},
    ]


def _swept(county: County, due: int) -> tuple[float, Counter[str]]:
    """Sweep. Returns seconds, and how many steps had which outcome; each step wrote its event."""
    before, office = _last_event(county), county.office
    start = time.perf_counter()
    outcomes = sweep(county.sessions, office, NOW)
    seconds = time.perf_counter() - start
    assert outcomes.total() == due and not outcomes["failed"], outcomes
    assert _last_event(county) - before == due
    assert not sweep(county.sessions, office, NOW)
    return seconds, outcomes


def _last_event(county: County) -> int:
    with county.sessions.read() as session:
        return session.scalar(select(func.max(TicketEvent.id))) or 0


def _check_chains(county: County) -> None:
    with county.sessions.read() as session:
        log.one_moment(session)
        faults = [fault for fault in log.verify(session, county.office.chain_key) if fault is not None]
    assert not faults, faults[:3]
