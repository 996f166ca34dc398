"""Questions about tickets. Every list is bounded and paged; every filter is an indexed comparison."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session

from command_center.categories.models import Condition
from command_center.errors import BadCursor, TicketNotFound
from command_center.events.models import Published, TicketEvent
from command_center.events.relay import department_stream
from command_center.people.access import in_region, is_own, visible
from command_center.people.models import Role, User
from command_center.tickets.describe import LOADED
from command_center.tickets.models import Assist, Ticket
from command_center.tickets.numbers import read
from command_center.tickets.record import load_regions
from command_center.tickets.sight import assisted, follows, once_held, visible_tickets
from command_center.tickets.standing import AT_THE_TIER, OFFICER_OF, Awaited, Node, Tier

COUNTED = 10_000
# Lists that somebody must keep an eye on.
TOPICS: dict[str, ColumnElement[bool]] = {
    "supervised": and_(Ticket.supervision.is_not(None), Ticket.closed_at.is_(None)),
    "suspended": Ticket.suspended_at.is_not(None),
    "disputed": Ticket.disputed_at.is_not(None),
    "extension": Ticket.awaits.in_((str(Awaited.EXTENSION_1), str(Awaited.EXTENSION_2))),
    "appeal": Ticket.awaits.in_((str(Awaited.APPEAL_1), str(Awaited.APPEAL_2))),
    "follow_up": Ticket.follow_up_due_at.is_not(None),
    "urgent": and_(Ticket.urgent.is_(True), Ticket.closed_at.is_(None)),
    "assisted": and_(Ticket.assist_count > 0, Ticket.closed_at.is_(None)),
    "provisional": and_(Ticket.deadline_provisional.is_(True), Ticket.closed_at.is_(None)),
}
TIER_OF = {str(role): tier for tier, role in OFFICER_OF.items()}


@dataclass(frozen=True)
class Filter:
    """What a list of tickets is narrowed to."""

    region: str | None = None
    node: str | None = None
    tier: str | None = None
    overdue: bool | None = None
    open: bool | None = None
    mine: bool = False
    q: str | None = None
    since: datetime | None = None
    category: str | None = None
    department: str | None = None
    topic: str | None = None
    bbox: tuple[float, float, float, float] | None = None
    newest_first: bool = False


def by_number(session: Session, number: str, user: User) -> Ticket:
    """Return the ticket if this user may see it. Raises: TicketNotFound, the same for hidden and absent."""
    spelt = read(number) or ""
    ticket = session.scalar(select(Ticket).where(Ticket.number == spelt, visible_tickets(user)).options(*LOADED))
    if ticket is None and spelt and user.role == Role.DEPARTMENT_OFFICER:
        ticket = _once_in_my_department(session, spelt, user)
    if ticket is None and spelt:
        ticket = _told_by_a_zone(session, spelt, user)
    if ticket is None:
        raise TicketNotFound(number=number[:40])
    return ticket


def _once_in_my_department(session: Session, number: str, user: User) -> Ticket | None:
    """A department that returned a matter still sees where it went."""
    return session.scalar(select(Ticket).where(Ticket.number == number, once_held(user)).options(*LOADED))


def _told_by_a_zone(session: Session, number: str, user: User) -> Ticket | None:
    """Whom a rule zone names, and so was told of a matter, sees it."""
    ticket = session.scalar(
        select(Ticket).where(Ticket.number == number, Ticket.zone_rules.is_not(None)).options(*LOADED)
    )
    rules = ticket.zone_rules if ticket is not None else None
    named = {(one["kind"], one["code"]) for rule in rules or () for one in rule["effects"]["recipients"]}
    return ticket if named & {("user", user.username), ("department", user.department_code)} else None


def mine(user: User) -> ColumnElement[bool]:
    """Filter to what I reported, or what is in my hands now."""
    reported = Ticket.reported_by_id == user.id
    self_handled = and_(Ticket.handler_id == user.id, Ticket.node == Node.HANDLE)
    role = Role(user.role)
    hands: ColumnElement[bool]
    if user.role in TIER_OF:
        tier = TIER_OF[user.role]
        own = {
            Tier.VILLAGE: Ticket.village_code,
            Tier.TOWN: Ticket.town_code,
            Tier.COUNTY: Ticket.county_code,
        }[tier]
        hands = and_(is_own(own, user), Ticket.tier == tier, Ticket.node.in_(AT_THE_TIER))
    elif role is Role.DEPARTMENT_OFFICER:
        owed = exists().where(
            Assist.ticket_id == Ticket.id,
            Assist.department_code == user.department_code,
            Assist.answered_at.is_(None),
            Assist.overruled_at.is_(None),
        )
        hands = or_(and_(Ticket.department_code == user.department_code, Ticket.node == Node.HANDLE), owed)
    elif role is Role.GRID_WORKER:
        hands = and_(
            or_(
                is_own(Ticket.grid_code, user),
                is_own(Ticket.base_grid_code, user),
                is_own(Ticket.former_grid_code, user),
            ),
            Ticket.node == Node.CLOSE,
        )
        reported = or_(reported, follows(user))
    elif role is Role.HOTLINE_OPERATOR:
        hands = and_(is_own(Ticket.county_code, user), Ticket.node == Node.INTAKE)
    else:
        return or_(reported, self_handled)
    return or_(reported, self_handled, hands)


def find(
    session: Session, user: User, wanted: Filter, now: datetime, *, limit: int, cursor: str | None
) -> tuple[list[Ticket], str | None, int]:
    """List tickets the user may see: one page, the cursor of the next, and their number (counted to 10,000).

    Open tickets come by urgency (first due first), closed ones after them; or all newest first.
    """
    rows = _filtered(select(Ticket), user, wanted, now)
    counted = _filtered(select(Ticket.id), user, wanted, now).limit(COUNTED).subquery()
    total = session.scalar(select(func.count()).select_from(counted)) or 0
    if wanted.newest_first:
        rows = rows.order_by(Ticket.id.desc())
        if cursor:
            rows = rows.where(Ticket.id < _number(decode(cursor), "id"))
    else:
        rows = _by_urgency(rows, cursor, open_only=bool(wanted.open or wanted.overdue))
    found = list(session.scalars(rows.options(*LOADED).limit(limit + 1)))
    page, more = found[:limit], len(found) > limit
    load_regions(session, page)
    return page, encode(_position(page[-1], wanted.newest_first)) if more else None, total


def _by_urgency(rows: Select[tuple[Ticket]], cursor: str | None, *, open_only: bool) -> Select[tuple[Ticket]]:
    closed = Ticket.closed_at.is_not(None)
    if cursor:
        at = decode(cursor)
        was_closed, ident = bool(at.get("closed")), _number(at, "id")
        due = _moment(at, "due")
        further = or_(Ticket.due_at > due, and_(Ticket.due_at == due, Ticket.id > ident))
        rows = rows.where(and_(closed, further) if was_closed else or_(closed, and_(~closed, further)))
    # Where no closed ones are among them, the index of the open ones has them in order: nothing is sorted.
    return rows.order_by(*(() if open_only else (closed,)), Ticket.due_at, Ticket.id)


def _position(ticket: Ticket, newest_first: bool) -> dict[str, Any]:
    if newest_first:
        return {"id": ticket.id}
    return {"closed": ticket.closed_at is not None, "due": ticket.due_at.isoformat(), "id": ticket.id}


def _filtered(rows: Select[Any], user: User, wanted: Filter, now: datetime) -> Select[Any]:
    rows = rows.where(visible_tickets(user))
    if wanted.region:
        rows = rows.where(in_region(Ticket, wanted.region))
    if wanted.node:
        rows = rows.where(Ticket.node == wanted.node)
    if wanted.tier:
        rows = rows.where(Ticket.tier == wanted.tier)
    if wanted.open is not None:
        rows = rows.where(Ticket.closed_at.is_(None) if wanted.open else Ticket.closed_at.is_not(None))
    if wanted.overdue is not None:
        late = and_(Ticket.closed_at.is_(None), Ticket.due_at <= now)
        rows = rows.where(late if wanted.overdue else ~late)
    if wanted.mine:
        rows = rows.where(mine(user))
    if wanted.since:
        rows = rows.where(Ticket.updated_at >= wanted.since)
    if wanted.category:
        rows = rows.where(Ticket.condition_code.in_(_conditions(wanted.category)))
    if wanted.department:
        rows = rows.where(Ticket.department_code == wanted.department)
    if wanted.topic:
        rows = rows.where(TOPICS[wanted.topic])
    if wanted.bbox:
        west, south, east, north = wanted.bbox
        rows = rows.where(Ticket.lon.between(west, east), Ticket.lat.between(south, north))
    return rows.where(_words(wanted.q)) if wanted.q else rows


def _conditions(code: str) -> Select[Any]:
    """The conditions of a minor or major class, or the condition itself, by the prefix of its code."""
    return select(Condition.code).where(Condition.code.startswith(code, autoescape=True))


def _words(q: str) -> ColumnElement[bool]:
    number = read(q)
    if number:
        return Ticket.number == number
    wanted = q.strip()
    if not wanted:
        return true()
    by_category = Ticket.condition_code.in_(
        select(Condition.code).where(
            or_(Condition.name.contains(wanted, autoescape=True), Condition.minor.has(name=wanted))
        )
    )
    return or_(
        Ticket.number.contains(wanted, autoescape=True),
        Ticket.description.contains(wanted, autoescape=True),
        by_category,
    )


def events_after(
    session: Session, user: User, after: int, region: str | None, limit: int
) -> list[tuple[int, TicketEvent]]:
    """List the published events after a number, in order, as far as the user may see them."""
    rows = (
        select(Published.seq, TicketEvent)
        .join(TicketEvent, TicketEvent.id == Published.event_id)
        .where(Published.seq > after, _visible_events(user))
        .order_by(Published.seq)
        .limit(limit)
    )
    if region:
        rows = rows.where(in_region(TicketEvent, region))
    return [(seq, event) for seq, event in session.execute(rows)]


def _visible_events(user: User) -> ColumnElement[bool]:
    seen = visible(TicketEvent, user)
    return or_(seen, assisted(TicketEvent.ticket_id, user)) if user.role == Role.DEPARTMENT_OFFICER else seen


def stream_of(user: User, code: str) -> str:
    """Name the stream a user gets for a region: a department officer sees the county's, but only their own matters."""
    if user.role == Role.DEPARTMENT_OFFICER and user.department_code:
        return department_stream(user.department_code)
    return code


def encode(position: dict[str, Any]) -> str:
    """Spell where a page ended, opaque to the client."""
    return base64.urlsafe_b64encode(json.dumps(position, separators=(",", ":")).encode()).decode().rstrip("=")


def decode(cursor: str) -> dict[str, Any]:
    """Read a cursor. Raises: BadCursor."""
    try:
        position = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as wrong:
        raise BadCursor(field="cursor") from wrong
    if not isinstance(position, dict):
        raise BadCursor(field="cursor")
    return position


def _number(position: dict[str, Any], key: str) -> int:
    value = position.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > 2**53:
        raise BadCursor(field="cursor")
    return value


def _moment(position: dict[str, Any], key: str) -> datetime:
    try:
        moment = datetime.fromisoformat(str(position.get(key)))
        if moment.tzinfo is None:
            raise BadCursor(field="cursor")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as wrong:
        raise BadCursor(field="cursor") from wrong
