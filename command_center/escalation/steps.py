"""What happens when a step falls due: one function for each kind of clock, all by way of the tickets' own verbs."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from command_center.tickets import clockwork
from command_center.tickets.actions import climb, mark
from command_center.tickets.adjustments import resume_by_itself
from command_center.tickets.aftercare import miss_follow_up
from command_center.tickets.assisting import miss_answer
from command_center.tickets.models import DueStep, Ticket
from command_center.tickets.office import Office
from command_center.tickets.record import standing_of
from command_center.tickets.standing import Node, climbs_when_late, is_terminal
from command_center.tickets.supervision import miss_report

Take = Callable[[Session, Office, Ticket, DueStep, datetime], str]
CANCELLED, MISSED = clockwork.CANCELLED, "missed"


def take(session: Session, office: Office, ticket: Ticket, step: DueStep, now: datetime) -> str:
    """Do what is due on a locked ticket, unless the ticket has moved on. Returns the step's outcome."""
    return BY_CLOCK[step.clock](session, office, ticket, step, now)


def _on_a_clock(session: Session, office: Office, ticket: Ticket, step: DueStep, now: datetime) -> str:
    """The matter's or the tier's clock warns, runs out, or ran out long ago."""
    if is_terminal(Node(ticket.node)) or step.generation != clockwork.generation_of(ticket, step.clock):
        return CANCELLED
    if step.step == clockwork.WARN:
        mark(session, office, ticket, "warn", step.clock, now)
        return "warned"
    if step.step != clockwork.DUE:
        mark(session, office, ticket, step.step, step.clock, now)
        return step.step
    if step.clock == clockwork.TIER and climbs_when_late(standing_of(ticket)):
        # The climb cancels what is still pending on the old clock, this step as well: its own outcome comes after that.
        climb(session, office, ticket, now)
        return "escalated"
    mark(session, office, ticket, "overdue", step.clock, now)
    return clockwork.OVERDUE


def _end_of_suspension(session: Session, office: Office, ticket: Ticket, step: DueStep, now: datetime) -> str:
    if ticket.suspended_at is None or step.generation != ticket.suspensions:
        return CANCELLED
    resume_by_itself(session, office, ticket, now)
    return "resumed"


def _reply_date(session: Session, office: Office, ticket: Ticket, step: DueStep, now: datetime) -> str:
    missed = not is_terminal(Node(ticket.node)) and miss_answer(session, office, ticket, step.generation, now)
    return MISSED if missed else CANCELLED


def _report_back_date(session: Session, office: Office, ticket: Ticket, step: DueStep, now: datetime) -> str:
    missed = not is_terminal(Node(ticket.node)) and miss_report(session, office, ticket, step.generation, now)
    return MISSED if missed else CANCELLED


def _follow_up_date(session: Session, office: Office, ticket: Ticket, step: DueStep, now: datetime) -> str:
    if ticket.follow_up_due_at is None or step.generation != ticket.follow_ups:
        return CANCELLED
    miss_follow_up(session, office, ticket, now)
    return MISSED


BY_CLOCK: dict[str, Take] = {
    clockwork.MATTER: _on_a_clock,
    clockwork.TIER: _on_a_clock,
    clockwork.SUSPEND: _end_of_suspension,
    clockwork.ASSIST: _reply_date,
    clockwork.ORDER: _report_back_date,
    clockwork.FOLLOW_UP: _follow_up_date,
}
