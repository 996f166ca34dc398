"""Who sees which tickets: by region and department, as helpers, and as reporters of what was merged."""

from sqlalchemy import ColumnElement, exists, or_
from sqlalchemy.orm import InstrumentedAttribute, aliased

from command_center.events.models import TicketEvent
from command_center.people.access import visible
from command_center.people.models import Role, User
from command_center.tickets.models import Assist, Ticket


def visible_tickets(user: User) -> ColumnElement[bool]:
    """Filter tickets to what the user may see."""
    seen = visible(Ticket, user)
    if user.role == Role.DEPARTMENT_OFFICER:
        return or_(seen, assisted(Ticket.id, user))
    if user.role == Role.GRID_WORKER:
        return or_(seen, follows(user))
    return seen


def once_held(user: User) -> ColumnElement[bool]:
    """Filter to the tickets that the user's department had at some time: it still sees where they went."""
    return exists().where(TicketEvent.ticket_id == Ticket.id, TicketEvent.department_code == user.department_code)


def assisted(ticket_id: InstrumentedAttribute[int], user: User) -> ColumnElement[bool]:
    """Filter to the tickets on which the user's department was asked for help."""
    return exists().where(Assist.ticket_id == ticket_id, Assist.department_code == user.department_code)


def follows(user: User) -> ColumnElement[bool]:
    """Filter to the tickets into which one that the user reported was merged."""
    merged = aliased(Ticket)
    return exists().where(merged.merged_into_id == Ticket.id, merged.reported_by_id == user.id)
