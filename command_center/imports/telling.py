"""What an import's report tells: what would change of the map and of accounts, before anybody agrees to it."""

import hashlib
from collections import Counter
from typing import Any

import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from command_center.errors import CommandCenterError
from command_center.imports.report import feature
from command_center.people import roster
from command_center.people.roster_faults import Fault
from command_center.regions import editions
from command_center.regions.paths import level_of
from command_center.tickets.models import Ticket
from gis.boundaries import Boundary

MOST_TOLD = 500
MOST_ADDED = 2000


def present_map(session: Session) -> tuple[int, list[editions.OutlineRow]]:
    """The newest edition's number, 0 before any, and its regions."""
    last = editions.newest(session)
    return (last.version, editions.boundaries(session, last.version)) if last else (0, [])


def used_grid_codes(session: Session) -> frozenset[str]:
    """Every code that a grid has or had."""
    return frozenset(code for code in editions.used_codes(session) if level_of(code) == "grid")


def changes_told(session: Session, changes: editions.Changes) -> dict[str, Any]:
    """What a map would change, in figures, and how many open tickets would be looked at anew."""
    # Where a grid's outline moved or its code ended, a ticket may get another one.
    touched = {*changes.ended, *changes.redrawn}
    by_grid = session.execute(
        select(Ticket.grid_code, Ticket.base_grid_code, func.count())
        .where(Ticket.closed_at.is_(None))
        .group_by(Ticket.grid_code, Ticket.base_grid_code)
    )
    moved = [line for line in changes.lineage if line.how != "kept"]
    return {
        "counts": changes.counts,
        "none": not changes,
        "open_tickets": sum(count for grid, base, count in by_grid if grid in touched or base in touched),
        "lineage": [line._asdict() for line in moved[:MOST_TOLD]],
        "lineage_total": len(moved),
    }


def previewed(
    session: Session, drawn: list[dict[str, Any]], edition: list[Boundary], changes: editions.Changes
) -> list[dict[str, Any]]:
    """Say of each outline what becomes of it; of a map too large to be shown whole, add what changes, and what goes."""
    recoded = [line for line in changes.lineage if line.how == "recoded"]
    how = dict.fromkeys(changes.redrawn, "changed") | dict.fromkeys(changes.added, "new")
    how |= dict.fromkeys((line.new for line in recoded if line.new), "recoded")
    shown = {one["properties"]["code"] for one in drawn}
    changed = [one for one in edition if one.code in how and one.code not in shown and one.level == "grid"]
    drawn += [feature(one.geometry, told_of(one)) for one in changed[:MOST_ADDED]]
    for one in drawn:
        one["properties"]["change"] = how.get(one["properties"]["code"], "kept")
    ended = set(changes.ended).difference(line.old for line in recoded if line.old)
    _, present = present_map(session) if ended else (0, [])
    gone = [row for row in present if row.code in ended and row.level == "grid"]
    return drawn + [feature(shapely.from_wkb(row.wkb), told_of(row) | {"change": "retired"}) for row in gone]


def told_of(one: Boundary | editions.OutlineRow) -> dict[str, Any]:
    """What the preview says of an outline."""
    return {"what": "file", "code": one.code, "name": one.name, "level": one.level, "kind": one.kind}


def failure(error: CommandCenterError) -> dict[str, str]:
    """An error as a job keeps it."""
    return {"code": error.code, "text": error.text_zh, "text_en": error.text_en}


def told(n: int, fault: Fault) -> dict[str, Any]:
    """A fault of a roster in the form of those of a map."""
    return {
        "n": n,
        "row": fault.row,
        "layer": None,
        "code": fault.code,
        "kind": fault.kind,
        "level": fault.level,
        "text": fault.text,
        "text_en": fault.text_en,
        "repairable": False,
        "repaired": False,
        "lon": None,
        "lat": None,
        "picture": False,
    }


def steps_told(plan: roster.Plan) -> list[dict[str, Any]]:
    """What happens to the first accounts of each kind, for people to look at."""
    seen: Counter[str] = Counter()
    lines = []
    # Among those that would be closed, people who work here come before accounts that nobody used.
    for step in sorted(plan.steps, key=lambda step: step.what == "closed" and step.never_used):
        seen[step.what] += 1
        if step.what == "same" or seen[step.what] > MOST_TOLD:
            continue
        lines.append(
            {
                "what": step.what,
                "username": step.username,
                "name": step.name,
                "role": step.role,
                "region": step.region_code,
                "row": step.person.row if step.person else None,
                "never_used": step.never_used,
                "changes": {name: list(pair) for name, pair in (step.changes or {}).items()},
            }
        )
    return lines


def open_tickets_of(session: Session, plan: roster.Plan) -> int:
    """How many open tickets are in the hands of people whose accounts would be closed."""
    closing = [step.user_id for step in plan.steps if step.what == "closed" and not step.never_used]
    return (
        session.scalar(
            select(func.count()).select_from(Ticket).where(Ticket.handler_id.in_(closing), Ticket.closed_at.is_(None))
        )
        or 0
    )


def fingerprint(plan: roster.Plan) -> str:
    """The same for plans that do the same."""
    return hashlib.sha256(repr(plan.steps).encode()).hexdigest()
