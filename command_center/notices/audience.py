"""Find the people the table of rules names, for a batch of events at once."""

import logging
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, or_, select, tuple_
from sqlalchemy.orm import Session

from command_center.events.models import TicketEvent
from command_center.notices.rules import Address, Kind, Whom, addresses, lines
from command_center.people.models import Role, User
from command_center.regions.editions import successor
from command_center.regions.models import Region
from command_center.tickets.models import Ticket

log = logging.getLogger(__name__)
ASKED = {"decide_extension": "request_extension", "decide_appeal": "appeal"}
IN_ONE_QUERY = 400
MOST_FOLLOWERS = 200


class Person(NamedTuple):
    """Somebody who can be told: their id, and the phone that reaches them, if any."""

    id: int
    phone: str | None


class Told(NamedTuple):
    """One person is told of one event, as one kind of notice."""

    person: Person
    kind: Kind


class Audience(NamedTuple):
    """Of which kinds an event is by the table, and who is told."""

    event: TicketEvent
    kinds: list[Kind]
    told: list[Told]


def audiences(session: Session, events: Iterable[TicketEvent]) -> Iterator[Audience]:
    """Say for each event who is told, once each, by the first line of the table that fits them."""
    met = [(event, _by_the_table(event)) for event in events]
    called = [(event, named, list(_calls(session, event, named))) for event, named in met]
    people = _find(session, {address for _, _, calls in called for _, address in calls})
    for event, named, calls in called:
        told: dict[int, Told] = {}
        for kind, address in calls:
            for person in people.get(address, ()):
                if person.id != event.actor_id:
                    told.setdefault(person.id, Told(person, kind))
        yield Audience(event, list(dict.fromkeys(kind for kind, _, _ in named)), list(told.values()))


Named = list[tuple[Kind, Whom, list[Address]]]


def _calls(session: Session, event: TicketEvent, named: Named) -> Iterator[tuple[Kind, Address]]:
    for kind, whom, found in named:
        for address in found or _known_elsewhere(session, whom, event):
            yield kind, address


def _by_the_table(event: TicketEvent) -> Named:
    """Read the table for one event. One that it cannot read must not keep all later ones from being told."""
    try:
        return [(rule.kind, whom, addresses(whom, event)) for rule in lines(event) for whom in rule.to]
    except (AttributeError, KeyError, TypeError, ValueError):
        log.exception("event %s of ticket %s was told to nobody: its details cannot be read", event.n, event.number)
        return []


def _known_elsewhere(session: Session, whom: Whom, event: TicketEvent) -> list[Address]:
    """Those whom the event does not name: they stand in the ticket, or earlier in its log."""
    match whom:
        case Whom.REPORTER:
            ids = [session.scalar(select(Ticket.reported_by_id).where(Ticket.id == event.ticket_id))]
        case Whom.FOLLOWERS:
            ids = _followers(session, event)
        case Whom.ASKER:
            ids = [_last_actor(session, event, ASKED.get(event.action, ""))]
        case Whom.SUPERVISOR:
            ids = [_last_actor(session, event, "supervise")]
        case _:
            ids = []
    return [("id", str(id)) for id in ids if id is not None]


def _followers(session: Session, event: TicketEvent) -> list[int | None]:
    """Who reported what was merged into this ticket: they follow it to its end."""
    return list(
        session.scalars(select(Ticket.reported_by_id).where(Ticket.merged_into_id == event.ticket_id).limit(200))
    )


def _last_actor(session: Session, event: TicketEvent, action: str) -> int | None:
    """Who took this action on the ticket last, before the event."""
    return session.scalar(
        select(TicketEvent.actor_id)
        .where(TicketEvent.ticket_id == event.ticket_id, TicketEvent.n < event.n, TicketEvent.action == action)
        .order_by(TicketEvent.n.desc())
        .limit(1)
    )


def _find(session: Session, wanted: set[Address]) -> dict[Address, list[Person]]:
    """Look the addresses up. An account nobody can open and no phone belongs to is nobody: it needs no inbox."""
    found: dict[Address, list[Person]] = {}
    ordered = sorted(wanted)
    for start in range(0, len(ordered), IN_ONE_QUERY):
        some = set(ordered[start : start + IN_ONE_QUERY])
        reachable = or_(User.password_hash.is_not(None), User.phone.is_not(None))
        for user in session.scalars(select(User).where(User.active.is_(True), reachable, _any_of(session, some))):
            person = Person(user.id, user.phone)
            for address in _addresses_of(user):
                if address in some:
                    found.setdefault(address, []).append(person)
    return found


def _addresses_of(user: User) -> list[Address]:
    own: list[Address] = [(user.role, code) for code in user.region_codes]
    own += [("username", user.username), ("id", str(user.id))]
    if user.role == Role.DEPARTMENT_OFFICER and user.department_code:
        own.append(("department", user.department_code))
    return own


def _any_of(session: Session, wanted: set[Address]) -> ColumnElement[bool]:
    kinds = {"department", "username", "id"}
    named = {kind: [code for what, code in wanted if what == kind] for kind in kinds}
    posts = [address for address in wanted if address[0] not in kinds]
    # What was closed before a new edition of the map names regions that are no longer on it.
    ended = Region.code.in_([code for _, code in posts]), Region.retired_at.is_not(None)
    heirs = {code: successor(session, code) for code in session.scalars(select(Region.code).where(*ended))}
    posts += [(role, heirs[code]) for role, code in posts if code in heirs]
    return or_(
        tuple_(User.role, User.region_code).in_(posts),
        and_(User.role == str(Role.DEPARTMENT_OFFICER), User.department_code.in_(named["department"])),
        User.username.in_(named["username"]),
        User.id.in_([int(id) for id in named["id"]]),
    )
