"""Tickets with a history written by hand: the log does not care which actions there are."""

import random
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.events import log
from command_center.events.models import Published, TicketEvent, Unpublished
from tests.builders import NOW, a_ticket
from tests.county import County

ACTIONS = ("accept", "claim", "dispatch", "start", "resolve", "verify", "warn", "remind", "supervise")


def further_event(first: TicketEvent, action: str, minutes: float, **changes: Any) -> TicketEvent:
    """An event of the same ticket, so many minutes after the first; by whom and what else is for `changes`."""
    columns = {name: getattr(first, name) for name in log.HASHED if name not in {"n", "previous_hash", "hash", "id"}}
    details = {
        "from_holder": {"kind": "tier", "code": first.village_code, "name": "富丽社区"},
        "to_holder": {"kind": "department", "code": "power", "name": "供电公司"},
        "due_at": (NOW + timedelta(hours=2)).isoformat(),
        "tier_due_at": (NOW + timedelta(minutes=30)).isoformat(),
    }
    given = {
        "at": first.at + timedelta(minutes=minutes),
        "action": action,
        "from_node": "handle",
        "from_tier": "county",
        "to_node": "handle",
        "to_tier": "county",
        "department_code": "power",
        "from_department_code": "power",
    }
    return TicketEvent(**columns | given | changes | {"details": details | changes.get("details", {})})


def first_event(session: Session, ticket_id: int) -> TicketEvent:
    return session.scalars(select(TicketEvent).where(TicketEvent.ticket_id == ticket_id, TicketEvent.n == 1)).one()


def tell(county: County, ticket_id: int, *events: tuple[str, dict[str, Any]]) -> None:
    """Append events to a ticket, one minute after another: `(action, changes)`."""
    with county.sessions.begin() as session:
        first = first_event(session, ticket_id)
        for minutes, (action, changes) in enumerate(events, first.n):
            log.append(session, county.office.chain_key, further_event(first, action, minutes, **changes))


def a_log(county: County, tickets: int, events: int, seed: int = 1) -> list[int]:
    """Some tickets with so many events each, one after the other in turn; half of them are published. Returns ids."""
    dice = random.Random(seed)
    ids = [a_ticket(county).id for _ in range(tickets)]
    for n in range(1, events):
        for ticket_id in ids:
            action = dice.choice(ACTIONS)
            score = {"distance_m": round(dice.uniform(0, 500), 1), "passed": dice.random() < 0.5, "list": [n, "线缆"]}
            tell(county, ticket_id, (action, {"note": dice.choice(["", "已处置", "no 'quotes'\n"]), "details": score}))
    with county.sessions.begin() as session:
        awaiting = session.scalars(select(Unpublished).order_by(Unpublished.event_id)).all()
        for seq, row in enumerate(awaiting[: len(awaiting) // 2], 1):
            session.add(Published(seq=seq, event_id=row.event_id))
            session.delete(row)
    return ids
