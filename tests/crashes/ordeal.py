"""The ordeal: people work, screens watch, clocks run out within seconds, and the servers are killed all the while."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from command_center.events.models import Published, Unpublished
from command_center.tickets.models import DueStep
from tests.builders import COUNTY, VILLAGE
from tests.county import County
from tests.crashes.audit import audit
from tests.crashes.followers import Follower
from tests.crashes.orders import PLACES
from tests.crashes.people import Crowd, cast_of
from tests.crashes.servers import FragileServer, a_fragile_server

# A limit of one hour is over in six seconds, a village's share of it in one and a half.
SPEED = 600
STUCK_AFTER_S = 60.0
DEMO = {"demo": "1", "demo_reports_per_hour": "0", "policy_speed": str(SPEED), "sweep_seconds": "0.4"}


@dataclass(frozen=True)
class Blow:
    """One kill, after `pause` seconds of work.

    how: `all`, master and worker; `worker`, which its master replaces; `starting`, all while it gets up again;
    `commit`, the worker at exactly the next commit of the function `place`, before or after it.
    """

    server: int
    how: str
    pause: float
    place: str
    after: bool


@dataclass
class Outcome:
    """What happened, and what was found wrong."""

    seed: int
    figures: dict[str, int | float] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)


def blows(seed: int, kills: int, servers: int) -> list[Blow]:
    """Draw when, how and whom to hit: the same seed gives the same."""
    dice = random.Random(seed)
    drawn: list[Blow] = []
    places: list[str] = []
    for _ in range(kills):
        server = dice.randrange(servers)
        how = dice.choices(("all", "worker", "commit", "starting"), (3, 2, 5, 1 if drawn else 0))[0]
        pause = dice.uniform(0.1, 2.5) if how == "starting" else dice.uniform(0.2, 1.4)
        # One that is starting is the one that was hit last.
        server = drawn[-1].server if how == "starting" else server
        if how == "commit" and not places:
            places = dice.sample(PLACES, len(PLACES))
        place = places.pop() if how == "commit" else ""
        drawn.append(Blow(server, how, pause, place, after=dice.random() < 0.8))
    return drawn


def servers_for(county: County, home: Path, url: str | None, redis: str | None, apart: bool) -> list[FragileServer]:
    """SQLite: one process. PostgreSQL: two; `apart`: one answers people, the other has the scheduler."""
    if county.kind == "sqlite":
        return [a_fragile_server(home, url, **DEMO)]
    shared = DEMO | {"redis_url": redis or ""}
    return [
        a_fragile_server(home, url, **shared, scheduler="0" if apart else "1"),
        a_fragile_server(home, url, **shared),
    ]


def ordeal(
    county: County, home: Path, url: str | None, redis: str | None, *, kills: int, seed: int, apart: bool = False
) -> Outcome:
    """Run it to the end and look at what is left."""
    outcome, begun = Outcome(seed), time.monotonic()
    servers = servers_for(county, home, url, redis, apart)
    urls = [server.url for server in (servers[:1] if apart else servers)]
    cast = cast_of(county)
    followers = [
        Follower(urls, cast.headers["county"], COUNTY),
        Follower(urls, cast.headers["village"], VILLAGE, first=1),
    ]
    try:
        for server in servers:
            server.launch()
        for server in servers:
            server.wait_until_up()
        for follower in followers:
            follower.start()
        with Crowd(cast, urls, seed) as crowd:
            _strike(servers, blows(seed, kills, len(servers)), outcome)
            for server in servers:
                server.wait_until_up()
            time.sleep(1.0)
        working = time.monotonic() - begun
        settled = datetime.now(UTC)
        _settle(county, settled)
        seq = _last_seq(county)
        for follower in followers:
            follower.stop()
            follower.catch_up()
    except (RuntimeError, TimeoutError) as fault:
        outcome.violations.append(f"it did not come to its end: {fault}")
        return outcome
    finally:
        for server in servers:
            server.kill()
        for follower in followers:
            if follower.is_alive():
                follower.stop()
    outcome.violations += audit(county, crowd.ledger, followers, settled=settled, seq=seq)
    outcome.figures |= figures(county, crowd, followers) | {
        "seconds under fire": round(working, 1),
        "seconds in all": round(time.monotonic() - begun, 1),
    }
    return outcome


def _strike(servers: Sequence[FragileServer], drawn: Sequence[Blow], outcome: Outcome) -> None:
    hits: Counter[str] = Counter()
    for blow in drawn:
        server = servers[blow.server]
        if blow.how != "starting":
            server.wait_until_up()
        time.sleep(blow.pause)
        if blow.how == "commit":
            server.die_at_a_commit(blow.place, blow.after)
        elif blow.how == "worker":
            server.kill_worker()
        else:
            server.kill()
            server.launch()
        hits[blow.how] += 1
    outcome.figures |= {"kills": len(drawn), **{f"kills, {how}": count for how, count in sorted(hits.items())}}


def _settle(county: County, settled: datetime) -> None:
    """Wait until everything that was due is done and told, as long as it gets less: a busy machine may take its time.

    What never gets done is the audit's to say.
    """
    least, last = None, time.monotonic() + STUCK_AFTER_S
    while time.monotonic() < last:
        with county.sessions.read() as session:
            pending = select(func.count()).select_from(DueStep)
            waiting = session.scalar(pending.where(DueStep.done_at.is_(None), DueStep.due_at <= settled)) or 0
            untold = session.scalar(select(func.count()).select_from(Unpublished)) or 0
        if not waiting and not untold:
            return
        if least is None or waiting < least:
            least, last = waiting, time.monotonic() + STUCK_AFTER_S
        time.sleep(0.2)


def _last_seq(county: County) -> int:
    with county.sessions.read() as session:
        return session.scalar(select(func.max(Published.seq))) or 0


def figures(county: County, crowd: Crowd, followers: Sequence[Follower]) -> dict[str, int | float]:
    """Count what happened, to show that the ordeal was one."""
    ledger = crowd.ledger
    reports, actions = ledger.of("report"), ledger.of()
    with county.sessions.read() as session:
        outcomes = session.execute(select(DueStep.outcome, func.count()).group_by(DueStep.outcome)).all()
        events = session.scalar(select(func.count()).select_from(Published)) or 0
    return {
        "reports acknowledged": sum(sent.acknowledged for sent in reports),
        "reports asked more than once": sum(sent.attempts > 1 for sent in reports),
        "actions acknowledged": sum(sent.acknowledged for sent in actions),
        "actions refused": sum(not sent.acknowledged for sent in actions),
        "actions asked more than once": sum(sent.attempts > 1 for sent in actions),
        "events": events,
        **{f"steps {name or 'pending'}": count for name, count in sorted(outcomes, key=str)},
        **{f"screens: {name}": sum(getattr(f, name) for f in followers) for name in COUNTED},
    }


COUNTED = ("connections", "live", "fetched", "duplicates", "gaps")
