"""What an event says about a ticket: in whose hands it was and is, where it stood and stands."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.categories.models import Department
from command_center.events import log
from command_center.events.models import TicketEvent
from command_center.people.models import User
from command_center.regions.models import Region
from command_center.tickets.actor import Actor
from command_center.tickets.models import Ticket
from command_center.tickets.office import Office
from command_center.tickets.standing import AT_THE_TIER, Awaited, Node, Standing, Tier


def standing_of(ticket: Ticket) -> Standing:
    """Reduce a ticket to what the workflow's rules look at."""
    request = ticket.request or {}
    assists = ticket.assists if ticket.assist_count else ()
    return Standing(
        node=Node(ticket.node),
        tier=Tier(ticket.tier),
        settling_tier=Tier(ticket.settling_tier),
        village_code=ticket.village_code,
        town_code=ticket.town_code,
        county_code=ticket.county_code,
        worker_grids=frozenset(
            code for code in (ticket.grid_code, ticket.base_grid_code, ticket.former_grid_code) if code
        ),
        department_code=ticket.department_code,
        handler_id=ticket.handler_id,
        reported_by_id=ticket.reported_by_id,
        for_a_citizen=ticket.reporter is not None,
        followers=frozenset((ticket.followers or {}).values()),
        due_at=ticket.due_at,
        closed_at=ticket.closed_at,
        suspended=ticket.suspended_at is not None,
        suspensions=ticket.suspensions,
        awaits=Awaited(ticket.awaits) if ticket.awaits else None,
        asked_by_id=request.get("asked_by_id"),
        decided_by_ids=frozenset(request.get("decided_by_ids", ())),
        extensions=ticket.extensions,
        appealed=ticket.appeal is not None,
        disputed=ticket.disputed_at is not None,
        rated=ticket.rating is not None,
        follow_up=ticket.follow_up_due_at is not None,
        assisting=frozenset(assist.department_code for assist in assists),
        owing=frozenset(assist.department_code for assist in ticket.owed),
    )


def load_regions(session: Session, rows: Iterable[Any]) -> None:
    """Bring the regions of these tickets or events into the session with one query, if they are not there.

    They are kept in `session.info`: a session alone holds what it read only weakly, and would ask again for each.
    """
    kept: dict[str, Region] = session.info.setdefault("regions", {})
    wanted = {
        code
        for row in rows
        for code in (row.grid_code, row.base_grid_code, row.village_code, row.town_code, row.county_code)
        if code and code not in kept
    }
    if wanted:
        kept.update((row.code, row) for row in session.scalars(select(Region).where(Region.code.in_(wanted))))


def holder_of(session: Session, ticket: Ticket) -> dict[str, Any]:
    """Say in whose hands a ticket is: `{kind, code, name}`."""
    node = Node(ticket.node)
    if node in AT_THE_TIER:
        code = {Tier.VILLAGE: ticket.village_code, Tier.TOWN: ticket.town_code, Tier.COUNTY: ticket.county_code}
        region = session.get_one(Region, code[Tier(ticket.tier)])
        return {"kind": "tier", "code": region.code, "name": region.name}
    if node is Node.HANDLE and ticket.handler_id is not None:
        user = session.get_one(User, ticket.handler_id)
        return {"kind": "user", "code": user.username, "name": user.name}
    if node is Node.HANDLE and ticket.department_code is not None:
        department = session.get_one(Department, ticket.department_code)
        return {"kind": "department", "code": department.code, "name": department.name}
    if node is Node.CLOSE:
        grid = session.get_one(Region, ticket.grid_code)
        return {"kind": "workers", "code": grid.code, "name": grid.name}
    return {"kind": "none", "code": None, "name": None}


def record(
    session: Session,
    office: Office,
    ticket: Ticket,
    action: str,
    by: Actor,
    now: datetime,
    *,
    before: dict[str, Any] | None,
    was: Standing | None,
    note: str = "",
    details: dict[str, Any] | None = None,
) -> TicketEvent:
    """Append the one event of an action, with everything that statistics and the timeline are told from."""
    # Whoever waited for the lock read the clock before; the record of a ticket never runs backwards.
    ticket.updated_at = now.astimezone(UTC) if was is None else max(now.astimezone(UTC), ticket.updated_at)
    assisting = sorted({assist.department_code for assist in ticket.assists}) if ticket.assist_count else []
    event = TicketEvent(
        ticket_id=ticket.id,
        number=ticket.number,
        at=ticket.updated_at,
        action=str(action),
        actor_id=by.id,
        actor_username=by.username,
        actor_name=by.name,
        actor_role=by.role,
        from_node=str(was.node) if was else None,
        from_tier=str(was.tier) if was else None,
        to_node=ticket.node,
        to_tier=ticket.tier,
        grid_code=ticket.grid_code,
        base_grid_code=ticket.base_grid_code,
        village_code=ticket.village_code,
        town_code=ticket.town_code,
        county_code=ticket.county_code,
        department_code=ticket.department_code,
        from_department_code=was.department_code if was else None,
        note=note,
        details={
            **(details or {}),
            **({"assisting": assisting} if assisting else {}),
            "from_holder": before,
            "to_holder": holder_of(session, ticket),
            "due_at": ticket.due_at.isoformat(),
            "tier_due_at": ticket.tier_due_at.isoformat(),
        },
    )
    return log.append(session, office.chain_key, event, first=was is None)
