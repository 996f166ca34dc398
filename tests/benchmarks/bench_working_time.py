"""How fast ends are found and used-up time is measured, for each unit, over the table and past it.

The peer walks day by day from the start, as calendars are usually asked; its answers are checked to be the same.
"""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

from command_center.deadlines.calendar import load_csv
from command_center.deadlines.working_time import OFFICE_HOURS, Unit, add_running, elapsed

CALENDAR = load_csv(Path(__file__).resolve().parents[2] / "data" / "calendar" / "calendar.csv")
COUNT = int(os.environ.get("BENCH_WORKING_TIME", "200000"))
WALKED = 2_000
ROUNDS = 3
LOCAL = ZoneInfo(OFFICE_HOURS.timezone)
SPAN = int((datetime(2029, 1, 1, tzinfo=UTC) - datetime(2024, 1, 2, tzinfo=UTC)).total_seconds())
Case = tuple[datetime, timedelta]


def run() -> list[dict[str, Any]]:
    """Lines `{name, value, unit, peer, ratio, aim, ok}`."""
    rng = Random(1)
    cases = [_case(rng) for _ in range(COUNT)]
    return [line for unit in Unit for line in _lines(unit, cases)]


def _lines(unit: Unit, cases: list[Case]) -> list[dict[str, Any]]:
    ends = [add_running(start, running, unit, CALENDAR) for start, running in cases]
    pairs = list(zip((start for start, _ in cases), ends, strict=True))
    adds = _a_second(lambda: [add_running(start, left, unit, CALENDAR) for start, left in cases], COUNT)
    measures = _a_second(lambda: [elapsed(start, end, unit, CALENDAR) for start, end in pairs], COUNT)
    assert all(elapsed(*pair, unit, CALENDAR) == case[1] for pair, case in zip(pairs, cases, strict=True))
    walked = _walked(cases, ends) if unit.is_working else None
    found = {
        "name": f"ends found, {unit}",
        "value": adds,
        "unit": "/s",
        "peer": f"day by day {walked:,.0f}/s" if walked else "",
        "ratio": adds / walked if walked else None,
        "aim": "≥ 50,000/s",
        "ok": adds >= 50_000,
    }
    return [found, {"name": f"used-up time measured, {unit}", "value": measures, "unit": "/s"}]


def _case(rng: Random) -> Case:
    """A start in the table's four years or the one past it, and up to thirty working days, to the second."""
    start = datetime(2024, 1, 2, tzinfo=UTC) + timedelta(seconds=rng.randrange(SPAN))
    return start, timedelta(seconds=rng.randrange(1, 30 * 8 * 3600))


def _a_second(work: Callable[[], object], count: int) -> float:
    took = []
    for _ in range(ROUNDS):
        started = perf_counter()
        work()
        took.append(perf_counter() - started)
    return count / min(took)


def _walked(cases: list[Case], ends: list[datetime]) -> float:
    worked = frozenset(CALENDAR.working_days)
    some = cases[:WALKED]
    assert [_walk(start, running, worked) for start, running in some] == ends[: len(some)]
    return _a_second(lambda: [_walk(start, running, worked) for start, running in some], len(some))


def _walk(start: datetime, running: timedelta, worked: frozenset[date]) -> datetime:
    at = start.astimezone(LOCAL)
    while True:
        day = at.date()
        if day in worked or (day > CALENDAR.last and day.weekday() < 5):
            for opens, closes in OFFICE_HOURS.spans:
                begins, ends = (datetime.combine(day, clock, LOCAL) for clock in (opens, closes))
                begins = max(begins, at)
                if begins < ends:
                    if running <= ends - begins:
                        return begins + running
                    running -= ends - begins
        at = datetime.combine(day + timedelta(days=1), datetime.min.time(), LOCAL)
