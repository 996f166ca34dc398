"""What an event teaches about a ticket, and what a ticket adds to the rollups. Pure."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from command_center.events.models import TicketEvent
from command_center.statistics.models import TicketFact


class Cell(NamedTuple):
    """The key of one rollup row."""

    region_code: str
    dimension: str
    key: str
    day: date


def learn(fact: TicketFact | None, event: TicketEvent, zone: ZoneInfo) -> TicketFact:
    """Advance what is known of a ticket by one event; the first event makes it."""
    if fact is None:
        fact = TicketFact(
            ticket_id=event.ticket_id,
            day=event.at.astimezone(zone).date(),
            grid_code=event.grid_code,
            village_code=event.village_code,
            town_code=event.town_code,
            county_code=event.county_code,
            minor_code=event.details.get("minor", ""),
            department_code="",
            **dict.fromkeys(("accepted", "rejected", "closed", "late", "handled", "reworked", "self_settled"), False),
        )
    if event.department_code:
        fact.department_code = event.department_code
    if event.from_node == "intake" and event.to_node not in ("intake", "rejected"):
        fact.accepted = True
    if event.action == "overdue" and event.details.get("clock") == "matter":
        fact.late = True
    if event.action == "dispatch":
        fact.self_settled = bool(event.details.get("self_handled"))
    if event.action == "resolve":
        fact.handled = True
    if event.action == "verify" and event.details.get("passed") is False:
        fact.reworked = True
    if event.to_node == "rejected":
        fact.rejected = True
    if event.to_node == "closed":
        fact.closed = True
        fact.late = fact.late or event.at > datetime.fromisoformat(event.details["due_at"])
    return fact


def share(fact: TicketFact) -> Counter[str]:
    """Say what a ticket adds to each rollup row it belongs to."""
    still_open = not (fact.closed or fact.rejected)
    return Counter(
        reported=1,
        accepted=int(fact.accepted),
        rejected=int(fact.rejected),
        closed=int(fact.closed),
        closed_on_time=int(fact.closed and not fact.late),
        late=int(fact.late and not fact.rejected),
        open=int(still_open),
        overdue=int(still_open and fact.late),
        handled=int(fact.handled),
        reworked=int(fact.reworked),
        self_settled=int(fact.self_settled and fact.handled),
    )


def cells(fact: TicketFact) -> Iterator[Cell]:
    """Name the rollup rows a ticket belongs to: its four regions, in total, by category, by department."""
    for region in (fact.grid_code, fact.village_code, fact.town_code, fact.county_code):
        yield Cell(region, "total", "", fact.day)
        yield Cell(region, "category", fact.minor_code, fact.day)
        if fact.department_code:
            yield Cell(region, "department", fact.department_code, fact.day)
