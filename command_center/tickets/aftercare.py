"""After closing: what the citizen says, what is made of a complaint, and the appeal against "overdue"."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from command_center.deadlines import working_time
from command_center.deadlines.working_time import Unit
from command_center.errors import Invalid, ScoreMissing
from command_center.tickets import clockwork
from command_center.tickets.actor import SYSTEM
from command_center.tickets.adjustments import ask, pass_on
from command_center.tickets.deed import Deed
from command_center.tickets.models import Ticket
from command_center.tickets.office import Office
from command_center.tickets.record import holder_of, record, standing_of
from command_center.tickets.standing import Awaited

SATISFIED_FROM = 3
CORRECTED, REFUSED, APPROVED = "corrected", "refused", "approved"


def rate(deed: Deed) -> None:
    """Take the reporter's own score; a bad one opens a follow-up. Raises: ScoreMissing."""
    score = deed.form.score
    if score is None:
        raise ScoreMissing(field="score")
    satisfied = score >= SATISFIED_FROM
    deed.ticket.rating = {"score": score, "words": deed.form.note, "at": deed.now.isoformat()}
    deed.details |= {"score": score, "satisfied": satisfied}
    if not satisfied:
        open_follow_up(deed, "rating")


def call_back(deed: Deed) -> None:
    """Record a call to the reporter: reached or not; satisfied or not, in their words. Raises: Invalid."""
    reached, satisfied = deed.form.reached, deed.form.satisfied
    if reached and satisfied is None:
        raise Invalid(reason="satisfied (true/false)", field="satisfied")
    if not reached:
        satisfied = None
    said = {"reached": reached, "satisfied": satisfied, "words": deed.form.note}
    deed.ticket.callback = said | {"at": deed.now.isoformat(), "by": deed.by.name}
    deed.details |= said
    if satisfied is False:
        open_follow_up(deed, "callback")


def open_follow_up(deed: Deed, source: str) -> None:
    """A dissatisfied citizen: it must end in a correction or a reasoned refusal. One at a time."""
    ticket, policy = deed.ticket, deed.policy
    if ticket.follow_up_due_at is not None:
        return
    due_at = working_time.add(deed.now, policy.follow_up_days, Unit.WORK_DAY, deed.office.calendar, policy.hours)
    ticket.follow_ups += 1
    ticket.follow_up_due_at = due_at
    ticket.follow_up = {"source": source, "words": deed.form.note, "at": deed.now.isoformat(), "outcome": None}
    clockwork.add_step(deed.session, ticket, clockwork.FOLLOW_UP, ticket.follow_ups, clockwork.DUE, due_at)
    deed.details["follow_up"] = {"source": source, "due_at": due_at.isoformat()}


def end_follow_up(deed: Deed) -> None:
    """Say what was corrected, or why nothing will be."""
    _end(deed, CORRECTED if deed.form.passed else REFUSED)


def corrected_by_closing(deed: Deed) -> None:
    """A complaint for which the ticket was reopened is corrected when that is closed again."""
    if deed.ticket.follow_up_due_at is not None:
        _end(deed, CORRECTED)


def _end(deed: Deed, outcome: str) -> None:
    ticket = deed.ticket
    was = ticket.follow_up or {}
    ticket.follow_up = was | {"outcome": outcome, "ended_at": deed.now.isoformat(), "ended_by": deed.by.name}
    ticket.follow_up |= {"answer": deed.form.note}
    ticket.follow_up_due_at = None
    clockwork.cancel_steps(deed.session, ticket, deed.now, clock=clockwork.FOLLOW_UP)
    deed.details |= {"outcome": outcome, "source": was.get("source")}


def miss_follow_up(session: Session, office: Office, ticket: Ticket, now: datetime) -> None:
    """A complaint was left too long: say so on the record."""
    before, was = holder_of(session, ticket), standing_of(ticket)
    ticket.follow_up = (ticket.follow_up or {}) | {"missed_at": now.isoformat()}
    details: dict[str, Any] = {"clock": clockwork.FOLLOW_UP}
    record(session, office, ticket, "follow_up_overdue", SYSTEM, now, before=before, was=was, details=details)


def appeal(deed: Deed) -> None:
    """Appeal against "overdue", once; two people review it."""
    ask(deed, "appeal", Awaited.APPEAL_1)
    deed.ticket.appeal = {"by": deed.by.name, "note": deed.form.note, "at": deed.now.isoformat(), "outcome": None}
    deed.details["outcome"] = None


def decide_appeal(deed: Deed) -> None:
    """Review the appeal. Approved twice, the statistics exempt the ticket; that it was late stays."""
    step = 1 if deed.was.awaits is Awaited.APPEAL_1 else 2
    deed.details |= {"passed": deed.form.passed, "step": step, "outcome": None}
    if deed.form.passed and step == 1:
        pass_on(deed, Awaited.APPEAL_2)
        return
    outcome = APPROVED if deed.form.passed else REFUSED
    deed.ticket.request = deed.ticket.awaits = None
    deed.ticket.appeal = (deed.ticket.appeal or {}) | {
        "outcome": outcome,
        "decided_at": deed.now.isoformat(),
        "decided_by": deed.by.name,
        "reason": deed.form.note,
    }
    deed.details["outcome"] = outcome
