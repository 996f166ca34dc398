"""Tickets and events as plain JSON: the shapes of the REST interface, the live messages and the screens."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from command_center.attachments.models import Attachment
from command_center.categories.models import Category, Condition, Department
from command_center.deadlines.clocks import Policy, colour
from command_center.events.models import TicketEvent
from command_center.people.models import Role, User
from command_center.regions.editions import successor
from command_center.regions.models import Region
from command_center.tickets import camera, placing
from command_center.tickets.actor import Actor
from command_center.tickets.models import Assist, Ticket
from command_center.tickets.record import holder_of, load_regions, standing_of
from command_center.tickets.standing import Node, is_terminal
from command_center.tickets.workflow import Action, Need, Rule, allowed, names
from command_center.tickets.zoning import default_department

SUMMARY_WORDS = 200
LOADED = (
    joinedload(Ticket.condition).joinedload(Condition.minor).joinedload(Category.parent),
    joinedload(Ticket.department),
    joinedload(Ticket.handler),
    joinedload(Ticket.reported_by),
)
NEEDS = {
    Need.NOTE: "note",
    Need.DEPARTMENT_OR_TO: "department",
    Need.PASSED: "passed",
    Need.PLACE: "place",
    Need.COLOUR: "colour",
    Need.DEPARTMENTS: "departments",
    Need.UNTIL: "until",
    Need.INTO: "into",
    Need.SCORE: "score",
    Need.REACHED: "reached",
    Need.GRID: "grid",
}
# What a form may bring along without being asked for.
MAY_BRING = {
    Action.ACCEPT: ("category",),
    Action.CLAIM: ("category",),
    Action.DISPATCH: ("category",),
    Action.ASSIST: ("until",),
    Action.CALLBACK: ("satisfied",),
}


def moment(at: datetime | None) -> str | None:
    """Spell a time for other machines: RFC 3339, UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def named(row: Any) -> dict[str, str] | None:
    """`{code, name}`, and the English name of what has one."""
    if row is None:
        return None
    english = {"name_en": row.name_en} if getattr(row, "name_en", None) else {}
    return {"code": row.code, "name": row.name, **english}


def summary(session: Session, ticket: Ticket, now: datetime) -> dict[str, Any]:
    """Describe a ticket as a line of a list."""
    place = {
        level: named(session.get(Region, code))
        for level, code in (
            ("grid", ticket.grid_code),
            ("village", ticket.village_code),
            ("town", ticket.town_code),
            ("county", ticket.county_code),
        )
    }
    grid = session.get_one(Region, ticket.grid_code)
    stopped = is_terminal(Node(ticket.node)) or ticket.suspended_at is not None
    return {
        "number": ticket.number,
        "node": ticket.node,
        "tier": ticket.tier,
        "region": place,
        "base_grid": named(session.get(Region, ticket.base_grid_code)) if ticket.base_grid_code else None,
        "grid_kind": grid.kind,
        "category": category(ticket.condition),
        "description": ticket.description[:SUMMARY_WORDS],
        "lon": ticket.lon,
        "lat": ticket.lat,
        "placed": ticket.placed,
        "distance_m": ticket.distance_m,
        "created_at": moment(ticket.created_at),
        "captured_at": moment(ticket.captured_at),
        "updated_at": moment(ticket.updated_at),
        "due_at": moment(ticket.due_at),
        "tier_due_at": moment(ticket.tier_due_at),
        "warn_at": moment(ticket.warn_at),
        "tier_warn_at": moment(ticket.tier_warn_at),
        "closed_at": moment(ticket.closed_at),
        "colour": colour(now, ticket.warn_at, ticket.due_at, stopped),
        "tier_colour": colour(now, ticket.tier_warn_at, ticket.tier_due_at, stopped),
        "deadline_provisional": ticket.deadline_provisional,
        "version": ticket.version,
        "settling_tier": ticket.settling_tier,
        "department": named(ticket.department),
        "holder": holder_of(session, ticket),
        "supervision": ticket.supervision,
        "rework_count": ticket.rework_count,
        "suspended_until": moment(ticket.suspended_until),
        "awaits": ticket.awaits,
        "disputed": ticket.disputed_at is not None,
        "follow_up_due_at": moment(ticket.follow_up_due_at),
        "reopened_count": ticket.reopened_count,
        "simulated": ticket.simulated,
        "source": ticket.source,
        "urgent": ticket.urgent,
        "zone_rules": ticket.zone_rules or [],
    }


def detail(session: Session, ticket: Ticket, now: datetime, by: Actor) -> dict[str, Any]:
    """Describe a ticket whole, with what this person may do with it now."""
    assert by.caller is not None
    policy = Policy.from_json(ticket.policy)
    rules = allowed(standing_of(ticket), by.caller, now)
    reporter = ticket.reported_by
    return summary(session, ticket, now) | {
        "description": ticket.description,
        "datum": ticket.datum,
        "raw_lon": ticket.raw_lon,
        "raw_lat": ticket.raw_lat,
        "accuracy_m": ticket.accuracy_m,
        **placing.explain(session, ticket),
        "default_department": named(_default_department(session, ticket)),
        "reported_by": {"username": reporter.username, "name": reporter.name} if reporter else None,
        "reporter": ticket.reporter if may_see_reporter(by, ticket) else None,
        "limit": {"value": float(policy.limit_value), "unit": str(policy.limit_unit)},
        "photos": photos(session, ticket, by),
        "allowed_actions": names(rules),
        "actions": {str(rule.action): _button(rule, ticket) for rule in rules},
        **_further(session, ticket),
    }


def _default_department(session: Session, ticket: Ticket) -> Department:
    return session.get_one(Department, default_department(session, ticket))


def _button(rule: Rule, ticket: Ticket) -> dict[str, Any]:
    """Describe what a form must and may bring along."""
    may = list(MAY_BRING.get(rule.action, ()))
    if rule.action is Action.RESOLVE and rule.to is not None and ticket.owed:
        may.append("overrule")
    return {
        "needs": [NEEDS[need] for need in rule.needs],
        "may": may,
        "usual": rule.usual,
        "final": rule.final,
    }


def _further(session: Session, ticket: Ticket) -> dict[str, Any]:
    """Describe what most tickets do not have: links, sub-tasks, requests, and what came after closing."""
    main = session.get(Ticket, ticket.merged_into_id) if ticket.merged_into_id is not None else None
    request = ticket.request
    return {
        "merged_into": main.number if main else None,
        "merged": sorted(ticket.followers or {}),
        "assists": [_assist(assist) for assist in ticket.assists] if ticket.assist_count else [],
        "request": {name: request.get(name) for name in ("kind", "note", "asked_by", "asked_at", "first_by")}
        if request
        else None,
        "extensions": ticket.extensions,
        "suspensions": ticket.suspensions,
        "suspended_at": moment(ticket.suspended_at),
        "refusals": ticket.refusals or {},
        "disputed_at": moment(ticket.disputed_at),
        "reminders": ticket.reminders,
        "rating": ticket.rating,
        "callback": ticket.callback,
        "follow_up": ticket.follow_up,
        "appeal": ticket.appeal,
        "policy_version": Policy.from_json(ticket.policy).version,
    }


def _assist(assist: Assist) -> dict[str, Any]:
    return {
        "n": assist.n,
        "department": named(assist.department),
        "task": assist.task,
        "asked_at": moment(assist.asked_at),
        "due_at": moment(assist.due_at),
        "answer": assist.answer,
        "answered_at": moment(assist.answered_at),
        "missed": assist.missed_at is not None,
        "overruled": assist.overruled_at is not None,
    }


def may_see_reporter(by: Actor, ticket: Ticket) -> bool:
    """A citizen's name and phone are for those who must call back, not for every screen, nor for those who help."""
    if by.role == Role.DEPARTMENT_OFFICER:
        return by.caller is not None and by.caller.department_code == ticket.department_code
    return by.role != Role.LEADER and by.role != Role.GRID_WORKER


def may_pass_the_link_on(by: Actor, ticket: Ticket) -> bool:
    """Who is judged does not hold the ballot: the hotline and the county pass it on, or the account concerned."""
    if by.role in (Role.HOTLINE_OPERATOR, Role.COUNTY_OFFICER):
        return True
    return ticket.reporter is None and by.id is not None and by.id == ticket.reported_by_id


def category(condition: Condition) -> dict[str, Any]:
    """Describe what a ticket is about, from the major class down to the case condition."""
    minor = condition.minor
    bilingual = {"code": condition.code, "name": condition.name, "name_en": condition.name_en}
    return {
        "code": minor.code,
        "name": minor.name,
        "name_en": minor.name_en,
        "major": {"code": minor.parent.code, "name": minor.parent.name, "name_en": minor.parent.name_en}
        if minor.parent
        else None,
        "minor": {"code": minor.code, "name": minor.name, "name_en": minor.name_en},
        "condition": bilingual | {"closing": condition.closing, "closing_en": condition.closing_en},
    }


def photos(session: Session, ticket: Ticket, by: Actor) -> list[dict[str, Any]]:
    """List a ticket's photos; to who may know, with how far from the ticket's place each was taken."""
    rows = session.scalars(
        select(Attachment).where(Attachment.ticket_id == ticket.id).order_by(Attachment.event_n, Attachment.created_at)
    )
    if not camera.may_see(by, ticket):
        return [photo(row) for row in rows]
    return [photo(row) | {"camera": camera.compared(row, ticket)} for row in rows]


def photo(row: Attachment) -> dict[str, Any]:
    """Describe a photo by its addresses."""
    url = f"/api/v1/attachments/{row.id}"
    return {
        "id": row.id,
        "url": url,
        "thumbnail_url": f"{url}?size=thumbnail",
        "width": row.width,
        "height": row.height,
        "kind": "report" if row.event_n == 1 else "action",
    }


def timeline(session: Session, ticket: Ticket, now: datetime) -> list[dict[str, Any]]:
    """Tell every event of a ticket: who, what, when, from, to, note, and how long the hands before had it."""
    events = session.scalars(
        select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.n)
    ).all()
    lines = []
    for index, event in enumerate(events):
        following = events[index + 1].at if index + 1 < len(events) else (ticket.closed_at or now)
        lines.append(_line(session, event) | {"held_seconds": max(0, round((following - event.at).total_seconds()))})
    return lines


def _line(session: Session, event: TicketEvent) -> dict[str, Any]:
    details = dict(event.details)
    before, after = details.pop("from_holder", None), details.pop("to_holder", None)
    pictures = [session.get(Attachment, id) for id in details.pop("photos", [])]
    for way in ("from", "to"):
        if code := (details.get(f"{way}_place") or {}).get("grid"):
            details[f"{way}_grid"] = placing.names(session, [code])[code]
    return {
        "n": event.n,
        "who": {"username": event.actor_username, "name": event.actor_name, "role": event.actor_role},
        "what": event.action,
        "when": moment(event.at),
        "from": {"node": event.from_node, "tier": event.from_tier, "holder": before} if event.from_node else None,
        "to": {"node": event.to_node, "tier": event.to_tier, "holder": after},
        "note": event.note,
        "photos": [photo(row) for row in pictures if row is not None],
        "details": details,
        "hash": event.hash,
    }


def live_event(event: TicketEvent) -> dict[str, Any]:
    """Describe an event for a screen that follows along."""
    return {
        "what": event.action,
        "when": moment(event.at),
        "who": {"name": event.actor_name, "role": event.actor_role},
        "number": event.number,
        "n": event.n,
        "from": {"node": event.from_node, "tier": event.from_tier} if event.from_node else None,
        "to": {"node": event.to_node, "tier": event.to_tier},
        "note": event.note[:SUMMARY_WORDS],
        "clock": event.details.get("clock"),
    }


def summaries(session: Session, ids: Sequence[int], now: datetime) -> dict[int, dict[str, Any]]:
    """Describe several tickets at once, by id."""
    tickets = session.scalars(select(Ticket).where(Ticket.id.in_(ids)).options(*LOADED)).all()
    load_regions(session, tickets)
    return {ticket.id: summary(session, ticket, now) for ticket in tickets}


def own_people(session: Session, regions: Sequence[str], roles: Sequence[Role]) -> list[User]:
    """List the active people of these regions and roles, to whom a center may hand a matter.

    Of a region that left the map, its heir's people.
    """
    regions = [*regions, *(successor(session, code) for code in regions)]
    return list(
        session.scalars(
            select(User)
            .where(User.region_code.in_(regions), User.role.in_([str(r) for r in roles]), User.active.is_(True))
            .order_by(User.role, User.username)
            .limit(200)
        )
    )
