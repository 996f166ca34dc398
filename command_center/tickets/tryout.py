"""A rule zone tried out on the tickets of a past period, before it takes effect: what it would have touched.

Read a week at a time, the newest first, and judged in bulk; between two weeks others have their turn, and after a while
it stops and says how far it came. It reads only.

A ticket counts as late when it was still open at its end, by now or when it was closed; what was suspended or extended
later is not taken into account for the rule's own limit.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from time import monotonic
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.aside import beside_the_loop
from command_center.categories.models import Category, Condition
from command_center.database import Sessions
from command_center.regions.models import Region
from command_center.tickets.models import Ticket
from command_center.tickets.office import Office
from command_center.tickets.zoning import ends_at
from command_center.zones.drafts import Draft
from command_center.zones.errors import TryOutBusy
from gis.zones import Zone, ZoneIndex

WEEK = timedelta(days=7)
BATCH = 2_000
LISTED = 500
LONGEST_DAYS = 5 * 366
PATIENCE_S = 20.0
AT_ONCE = 2
_seats = threading.BoundedSemaphore(AT_ONCE)
COLUMNS = (
    *(Ticket.id, Ticket.number, Ticket.lon, Ticket.lat, Ticket.condition_code, Ticket.village_code),
    *(Ticket.created_at, Ticket.due_at, Ticket.closed_at, Ticket.urgent),
)


@dataclass
class Outcome:
    """What the rule would have touched from `since` to `until`; `through`: how far back it looked.

    `urgent`: would have been marked so and were not; `tightened`: would have got less time; `late_before`,
    `late_after`: of those touched, late by their own limit, and by the rule's.
    """

    since: datetime
    until: datetime
    through: datetime
    complete: bool = False
    looked_at: int = 0
    touched: int = 0
    urgent: int = 0
    tightened: int = 0
    late_before: int = 0
    late_after: int = 0
    by_minor: Counter[str] = field(default_factory=Counter)
    by_month: Counter[str] = field(default_factory=Counter)
    by_village: Counter[str] = field(default_factory=Counter)
    tickets: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def a_seat() -> Iterator[None]:
    """Only a few try-outs at once. Raises: TryOutBusy."""
    if not _seats.acquire(blocking=False):
        raise TryOutBusy
    try:
        yield
    finally:
        _seats.release()


def try_out(
    sessions: Sessions,
    office: Office,
    draft: Draft,
    since: datetime,
    now: datetime,
    *,
    tell: Callable[[int], object] = lambda days: None,
    rest: Callable[[], object] = lambda: time.sleep(0),
    patience: float = PATIENCE_S,
) -> Outcome:
    """Judge the tickets reported since then. tell: hears how many days were looked through; rest: others' turn."""
    outcome, stop_at = Outcome(since, now, now), monotonic() + patience
    with sessions.read() as session:
        minors = _minors(session, draft.categories)
    index = beside_the_loop(ZoneIndex, [Zone(draft.shape, draft.buffer_m)])
    assert index.box is not None
    end = now
    while end > since:
        begin = max(since, end - WEEK)
        for rows in _tickets(sessions, list(minors), index.box, begin, end):
            _count(outcome, rows, index, draft, office, now, minors)
            rest()
        outcome.through = begin
        tell((end - begin).days)
        end = begin
        rest()
        if monotonic() > stop_at:
            break
    outcome.complete = end <= since
    return outcome


def _minors(session: Session, codes: Sequence[str]) -> dict[str, str]:
    """The minor class of each case condition that these codes mean, retired ones included."""
    rows = session.execute(
        select(Condition.code, Condition.minor_code, Category.parent_code).join(
            Category, Category.code == Condition.minor_code
        )
    )
    return {row.code: row.minor_code for row in rows if {row.code, row.minor_code, row.parent_code} & set(codes)}


def _tickets(
    sessions: Sessions, conditions: list[str], bounds: Sequence[float], begin: datetime, end: datetime
) -> Iterator[list[Any]]:
    """The tickets of some days near the zone, newest first, in batches of a transaction each."""
    west, south, east, north = bounds
    wanted = (
        select(*COLUMNS)
        .where(
            Ticket.created_at >= begin,
            Ticket.created_at < end,
            Ticket.lon.between(west, east),
            Ticket.lat.between(south, north),
            Ticket.condition_code.in_(conditions),
        )
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
        .limit(BATCH)
    )
    before = wanted
    while True:
        with sessions.read() as session:
            rows = session.execute(before).all()
        if rows:
            yield list(rows)
        if len(rows) < BATCH:
            return
        last = rows[-1]
        before = wanted.where(
            (Ticket.created_at < last.created_at) | ((Ticket.created_at == last.created_at) & (Ticket.id < last.id))
        )


def _count(
    outcome: Outcome,
    rows: list[Any],
    index: ZoneIndex,
    draft: Draft,
    office: Office,
    now: datetime,
    minors: dict[str, str],
) -> None:
    outcome.looked_at += len(rows)
    numbers, _ = index.hits_many([row.lon for row in rows], [row.lat for row in rows])
    for row in (rows[n] for n in numbers):
        local = row.created_at.astimezone(office.zone)
        if draft.season is not None and not draft.season.holds(local.date()):
            continue
        judged = _judged(row, draft, office, now)
        outcome.touched += 1
        outcome.urgent += judged["urgent"]
        outcome.tightened += judged["tightened"]
        outcome.late_before += judged["late_before"]
        outcome.late_after += judged["late_after"]
        outcome.by_minor[minors[row.condition_code]] += 1
        outcome.by_month[local.strftime("%Y-%m")] += 1
        outcome.by_village[row.village_code] += 1
        if len(outcome.tickets) < LISTED:
            place = {"number": row.number, "lon": row.lon, "lat": row.lat, "created_at": row.created_at}
            codes = {"minor": minors[row.condition_code], "village": row.village_code}
            outcome.tickets.append(place | codes | judged)


def _judged(row: Any, draft: Draft, office: Office, now: datetime) -> dict[str, bool]:
    """How one ticket would have fared."""
    limit, ended = draft.effects.limit, row.closed_at or now
    due = row.due_at
    if limit is not None:
        policy = office.edition.policy("", limit.value, limit.unit).hastened(Decimal(str(office.speed)))
        due = min(due, ends_at(office, policy, row.created_at))
    return {
        "urgent": draft.effects.urgent and not row.urgent,
        "tightened": due < row.due_at,
        "late_before": ended > row.due_at,
        "late_after": ended > due,
    }


def told(session: Session, outcome: Outcome) -> dict[str, Any]:
    """The outcome as plain JSON, with the names behind the codes."""
    categories = {row.code: row for row in session.scalars(select(Category).where(Category.code.in_(outcome.by_minor)))}
    villages = {row.code: row for row in session.scalars(select(Region).where(Region.code.in_(outcome.by_village)))}

    def moment(at: datetime) -> str:
        return at.isoformat(timespec="seconds").replace("+00:00", "Z")

    def category(code: str) -> dict[str, Any]:
        row = categories[code]
        return {"code": code, "name": row.name, "name_en": row.name_en}

    def village(code: str) -> dict[str, Any]:
        return {"code": code, "name": villages[code].name if code in villages else code}

    return {
        "from": moment(outcome.since),
        "to": moment(outcome.until),
        "through": moment(outcome.through),
        "complete": outcome.complete,
        "looked_at": outcome.looked_at,
        "touched": outcome.touched,
        "urgent": outcome.urgent,
        "tightened": outcome.tightened,
        "late_before": outcome.late_before,
        "late_after": outcome.late_after,
        "by_category": [category(code) | {"n": n} for code, n in outcome.by_minor.most_common()],
        "by_month": [{"month": month, "n": n} for month, n in sorted(outcome.by_month.items())],
        "by_village": [village(code) | {"n": n} for code, n in outcome.by_village.most_common(50)],
        "items": [
            {
                **{name: one[name] for name in ("number", "lon", "lat", "urgent", "late_before", "late_after")},
                "created_at": moment(one["created_at"]),
                "category": category(one["minor"]),
                "village": village(one["village"]),
            }
            for one in outcome.tickets
        ],
        "listed": len(outcome.tickets),
    }
