"""The verbs: every write to a ticket is one of them. None commits; the caller holds the one transaction.

Each verb locks the ticket, looks again at where it stands, asks the workflow's table, changes the ticket, its
clocks and its steps, and appends one event. The time is passed in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.attachments.models import Attachment
from command_center.categories.models import Department
from command_center.errors import (
    DepartmentMissing,
    Invalid,
    NoteMissing,
    TicketNotFound,
    UnknownAttachment,
    UnknownDepartment,
    UnknownPerson,
    VersionStale,
)
from command_center.people.models import User
from command_center.tickets import clockwork
from command_center.tickets.actor import SYSTEM, Actor
from command_center.tickets.models import Ticket
from command_center.tickets.office import Office
from command_center.tickets.record import holder_of, record, standing_of
from command_center.tickets.workflow import (
    OFFICER_OF,
    TIERS,
    Action,
    Move,
    Need,
    Node,
    Rule,
    Tier,
    after,
    climbs_when_late,
    find_rule,
    is_terminal,
    region_of_tier,
)

SUPERVISION_DAYS = {"red": 1, "yellow": 2, "blue": 3}


@dataclass(frozen=True)
class Form:
    """What an action may bring along; which of it is needed says the workflow's table."""

    note: str = ""
    department: str | None = None
    to: str | None = None
    passed: bool | None = None
    lon: float | None = None
    lat: float | None = None
    colour: str | None = None
    photos: Sequence[str] = ()
    details: dict[str, Any] = field(default_factory=dict)


def locked(session: Session, ticket_id: int, version: int | None = None) -> Ticket:
    """Take the ticket's row lock and look again. Raises: TicketNotFound, VersionStale."""
    ticket = session.scalar(
        select(Ticket)
        .where(Ticket.id == ticket_id)
        .with_for_update(of=Ticket)
        .execution_options(populate_existing=True)
    )
    if ticket is None:
        raise TicketNotFound(number=ticket_id)
    if version is not None and ticket.version != version:
        raise VersionStale
    return ticket


def act(session: Session, office: Office, ticket: Ticket, action: Action, form: Form, by: Actor, now: datetime) -> Rule:
    """Let a person take an action on a locked ticket.

    Raises: RoleNotAllowed, WrongNode, WrongTier, NoAuthority, or Invalid's kin for what the form lacks.
    """
    assert by.caller is not None, "the system does not act by the table of people"
    rule = find_rule(action, standing_of(ticket), by.caller)
    check_form(rule, form)
    before = holder_of(session, ticket)
    standing = standing_of(ticket)
    node, tier = after(rule, standing, failed=form.passed is False)
    details: dict[str, Any] = dict(form.details)
    _change_hands(session, ticket, rule, form, node, details)
    _move(session, office, ticket, rule.move, node, tier, now)
    if action is Action.SUPERVISE:
        details["supervision"] = _supervise(ticket, form.colour or "yellow", form.note, now)
    photos = take_photos(session, ticket, form.photos, by)
    details |= {"photos": [photo.id for photo in photos]} if photos else {}
    event = record(
        session, office, ticket, action, by, now, before=before, was=standing, note=form.note, details=details
    )
    for photo in photos:
        photo.event_n = event.n
    return rule


def check_form(rule: Rule, form: Form) -> None:
    """Refuse a form that lacks what the rule needs. A department that is not named is the authority list's."""
    if Need.NOTE in rule.needs and not form.note.strip():
        raise NoteMissing(field="note")
    if Need.PASSED in rule.needs and form.passed is None:
        raise Invalid(reason="passed (true/false)", field="passed")
    if Need.PLACE in rule.needs and (form.lon is None or form.lat is None):
        raise Invalid(reason="lon, lat", field="lon")
    if Need.PASSED in rule.needs and form.passed is False and not form.note.strip():
        raise NoteMissing(field="note")
    if form.department and form.to:
        raise DepartmentMissing(field="to")
    if form.colour is not None and form.colour not in SUPERVISION_DAYS:
        raise Invalid(reason="colour: red, yellow, blue", field="colour")


def _change_hands(
    session: Session, ticket: Ticket, rule: Rule, form: Form, node: Node, details: dict[str, Any]
) -> None:
    if rule.action is Action.DISPATCH:
        if form.to:
            ticket.handler_id, ticket.department_code = _own_user(session, ticket, form.to).id, None
            details["self_handled"] = True
        else:
            ticket.handler_id, ticket.department_code = (
                None,
                _department(session, ticket, form.department).code,
            )
    elif rule.action is Action.VERIFY:
        details |= {"passed": form.passed, "lon": form.lon, "lat": form.lat}
        if not form.passed:
            ticket.rework_count += 1
    elif node in (Node.CLAIM, Node.DISPATCH):
        ticket.handler_id, ticket.department_code = None, None


def _move(session: Session, office: Office, ticket: Ticket, move: Move, node: Node, tier: Tier, now: datetime) -> None:
    ticket.node = str(node)
    if move is not Move.STAY:
        clockwork.change_tier(session, ticket, str(tier), office, now)
    elif ticket.tier_due_at <= now and climbs_when_late(standing_of(ticket)):
        clockwork.rearm_tier_step(session, ticket)
    if is_terminal(node):
        ticket.closed_at = now
        clockwork.cancel_steps(session, ticket, now)
    ticket.version += 1
    ticket.updated_at = now


def _department(session: Session, ticket: Ticket, code: str | None) -> Department:
    department = session.get(Department, code or ticket.condition.department_code)
    if department is None or not department.active:
        raise UnknownDepartment(department=str(code)[:64], field="department")
    return department


def _own_user(session: Session, ticket: Ticket, to: str) -> User:
    """Find one of the tier's own people: its officers, or the grid workers of the ticket's place."""
    user = session.scalar(select(User).where(User.username == to, User.active.is_(True)))
    tier = Tier(ticket.tier)
    own_region = region_of_tier(standing_of(ticket), tier)
    is_officer = user is not None and user.role == OFFICER_OF[tier] and user.region_code == own_region
    is_worker = user is not None and user.region_code in standing_of(ticket).worker_grids
    if user is None or not (is_officer or is_worker):
        raise UnknownPerson(to=to[:64], field="to")
    return user


def _supervise(ticket: Ticket, colour: str, note: str, now: datetime) -> dict[str, Any]:
    report_back = now + timedelta(days=SUPERVISION_DAYS[colour])
    ticket.supervision = {
        "colour": colour,
        "note": note,
        "at": now.isoformat(),
        "report_back_at": report_back.isoformat(),
    }
    return ticket.supervision


def take_photos(session: Session, ticket: Ticket, ids: Sequence[str], by: Actor) -> list[Attachment]:
    """Give the actor's own unused photos to the ticket. Raises: UnknownAttachment."""
    photos = {}
    # Locked in one order for everybody, so that two who name the same photos never wait for each other in a ring.
    for wanted in sorted(set(ids)):
        photo = session.get(Attachment, wanted, with_for_update=True)
        if photo is None or photo.uploaded_by_id != by.id or photo.ticket_id is not None:
            raise UnknownAttachment(attachment=wanted[:64], field="photos")
        photo.ticket_id = ticket.id
        photos[wanted] = photo
    return [photos[wanted] for wanted in dict.fromkeys(ids)]


def climb(session: Session, office: Office, ticket: Ticket, now: datetime) -> None:
    """The tier's clock ran out: move the ticket one tier up, to be claimed there (the system acts)."""
    before, was = holder_of(session, ticket), standing_of(ticket)
    assert climbs_when_late(was), "the caller asks the table first"
    ticket.handler_id, ticket.department_code = None, None
    _move(session, office, ticket, Move.UP, Node.CLAIM, TIERS[TIERS.index(was.tier) + 1], now)
    record(session, office, ticket, "escalate", SYSTEM, now, before=before, was=was, details={"clock": "tier"})


def mark(session: Session, office: Office, ticket: Ticket, what: str, clock: str, now: datetime) -> None:
    """Note on the record that a clock warned (`warn`) or ran out (`overdue`); it stays where it is.

    A tier's clock that runs out where the ticket cannot climb puts it under red supervision as well.
    """
    before, was = holder_of(session, ticket), standing_of(ticket)
    details: dict[str, Any] = {"clock": clock}
    if what == "overdue" and clock == clockwork.TIER and was.node is not Node.CLOSE:
        details["supervision"] = _supervise(ticket, "red", "", now)
    ticket.updated_at = now
    record(session, office, ticket, what, SYSTEM, now, before=before, was=was, details=details)
