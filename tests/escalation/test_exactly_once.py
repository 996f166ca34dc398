"""Each step is done exactly once: with two sweepers at once, and with sweepers killed at any moment."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

from sqlalchemy import func, select

from command_center.escalation.sweep import sweep
from command_center.events.log import verify
from command_center.events.models import TicketEvent
from command_center.tickets.intake import report
from command_center.tickets.models import DueStep, Ticket
from tests.builders import CABLE, NOW, a_draft
from tests.county import KEYS, County

ROOT = Path(__file__).resolve().parents[2]
SWEEPER = Path(__file__).with_name("sweeper.py")
MANY = 40
LATE = NOW + timedelta(minutes=30)
PATIENCE_S = 30
ONCE = ["report", "warn tier", "escalate tier"]


def many_tickets(county: County, how_many: int = MANY) -> None:
    draft = a_draft(county, CABLE)
    with county.sessions.begin() as session:
        for _ in range(how_many):
            report(session, county.office, draft, county.actor("grid"), NOW)


def written(county: County) -> list[list[str]]:
    """What the log says of each ticket, in order."""
    stories: dict[int, list[str]] = {}
    with county.sessions.read() as session:
        for event in session.scalars(select(TicketEvent).order_by(TicketEvent.ticket_id, TicketEvent.n)):
            word = event.action if event.action == "report" else f"{event.action} {event.details['clock']}"
            stories.setdefault(event.ticket_id, []).append(word)
    return list(stories.values())


def pending(county: County) -> int:
    with county.sessions.read() as session:
        due = select(func.count()).select_from(DueStep).where(DueStep.done_at.is_(None), DueStep.due_at <= LATE)
        return session.scalar(due) or 0


def check(county: County, how_many: int = MANY) -> None:
    assert written(county) == [ONCE] * how_many
    with county.sessions.read() as session:
        assert not [fault for fault in verify(session, county.office.chain_key) if fault]
        tiers = session.execute(
            select(Ticket.tier, Ticket.tier_generation, func.count()).group_by("tier", "tier_generation")
        )
        assert [tuple(row) for row in tiers] == [("town", 2, how_many)]
        steps = session.execute(
            select(DueStep.clock, DueStep.generation, DueStep.step, DueStep.outcome, func.count()).group_by(
                DueStep.clock, DueStep.generation, DueStep.step, DueStep.outcome
            )
        )
        assert {tuple(row[:4]): row[4] for row in steps} == {
            ("tier", 1, "warn", "warned"): how_many,
            ("tier", 1, "due", "escalated"): how_many,
            ("tier", 2, "warn", None): how_many,
            ("tier", 2, "due", None): how_many,
            ("matter", 1, "warn", None): how_many,
            ("matter", 1, "due", None): how_many,
            ("matter", 1, "bulletin", None): how_many,
        }


def test_two_sweepers_at_once_do_each_step_once(open_county: Callable[..., County]) -> None:
    counties = [open_county(), open_county()]
    many_tickets(counties[0])
    start = Barrier(2)

    def one(county: County) -> Counter[str]:
        start.wait(PATIENCE_S)
        done: Counter[str] = Counter()
        while pending(county):
            done += sweep(county.sessions, county.office, LATE, batch=3)
        return done

    with ThreadPoolExecutor(2) as pool:
        together = sum(pool.map(one, counties), Counter[str]())
    assert (together["warned"], together["escalated"], together["failed"]) == (MANY, MANY, 0)
    check(counties[0])


def test_a_killed_sweeper_leaves_no_step_out_and_does_none_twice(county: County) -> None:
    many_tickets(county)
    progress = [pending(county)]
    for events in (1, 9, 20):
        kill_after(county, events)
        progress.append(pending(county))
    assert progress[0] > progress[-1] > 0, "the kills must hit a sweep that is under way"
    last = time.monotonic() + PATIENCE_S
    while pending(county):  # a server may need a moment to notice that its client is dead, and to let go the locks
        assert time.monotonic() < last
        assert sweep(county.sessions, county.office, LATE)["failed"] == 0
    check(county)


def kill_after(county: County, events: int) -> None:
    """Let a sweeper in a process of its own die right after it wrote so many events."""
    url = county.sessions.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, str(SWEEPER), url, KEYS["event_log_key"], LATE.isoformat(), str(events)]
    died = subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, timeout=2 * PATIENCE_S)
    assert died.returncode == -signal.SIGKILL
