"""What moves a clock, apart from the tiers: extension (延期), suspension (挂账), reopening, a corrected calendar."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from command_center.errors import UntilMissing
from command_center.tickets import clockwork, supervision
from command_center.tickets.actor import SYSTEM
from command_center.tickets.dates import date_ahead
from command_center.tickets.deed import Deed
from command_center.tickets.models import Ticket
from command_center.tickets.office import Office
from command_center.tickets.record import holder_of, record, standing_of
from command_center.tickets.standing import Awaited, Node, is_terminal


def request_extension(deed: Deed) -> None:
    """Ask for one more original limit; two people will decide."""
    ask(deed, "extension", Awaited.EXTENSION_1)


def ask(deed: Deed, kind: str, awaited: Awaited) -> None:
    """Put a request on the ticket and say whose decision is awaited."""
    deed.ticket.awaits = str(awaited)
    deed.ticket.request = {
        "kind": kind,
        "note": deed.form.note,
        "asked_by_id": deed.by.id,
        "asked_by": deed.by.name,
        "asked_at": deed.now.isoformat(),
        "decided_by_ids": [],
    }


def pass_on(deed: Deed, awaited: Awaited) -> None:
    """The first of two has agreed: the second decides."""
    request = deed.ticket.request or {}
    decided = [*request.get("decided_by_ids", []), deed.by.id]
    deed.ticket.awaits = str(awaited)
    deed.ticket.request = request | {"decided_by_ids": decided, "first_by": deed.by.name}


def decide_extension(deed: Deed) -> None:
    """Agree or refuse. The second agreement grants it; the table says that it extends the clocks."""
    step = 1 if deed.was.awaits is Awaited.EXTENSION_1 else 2
    deed.details |= {"passed": deed.form.passed, "step": step, "granted": False}
    if deed.form.passed and step == 1:
        pass_on(deed, Awaited.EXTENSION_2)
        return
    deed.ticket.request = deed.ticket.awaits = None
    deed.details["granted"] = bool(deed.form.passed)


def extend(deed: Deed) -> None:
    """Add one original limit to both clocks."""
    session, ticket, office, now = deed.session, deed.ticket, deed.office, deed.now
    more = deed.policy.limit
    ticket.extensions += 1
    deed.details |= {"due_before": ticket.due_at.isoformat(), "extensions": ticket.extensions}
    clockwork.set_matter(ticket, clockwork.matter_stretch(ticket).extended(more), office)
    clockwork.renew_steps(session, ticket, office, now, clockwork.MATTER)
    # Whoever was granted the time must also be left the time.
    clockwork.set_tier(ticket, clockwork.tier_stretch(ticket).extended(more), office)
    clockwork.renew_steps(session, ticket, office, now, clockwork.TIER)


def lapse(deed: Deed) -> None:
    """The ticket left the hands that asked, or is open again: what was asked for is void, and may be asked anew."""
    if deed.ticket.awaits is None:
        return
    about_the_clock = deed.ticket.awaits in (Awaited.EXTENSION_1, Awaited.EXTENSION_2)
    deed.ticket.request = deed.ticket.awaits = None
    if about_the_clock:
        deed.details["extension_lapsed"] = True
    else:
        deed.ticket.appeal = None
        deed.details["appeal_lapsed"] = True


def suspend(deed: Deed) -> None:
    """Stop both clocks until a date. Raises: UntilMissing, UntilOutOfRange."""
    if deed.form.until is None:
        raise UntilMissing(field="until")
    until = date_ahead(deed.form.until, deed)
    clockwork.stand_still(deed.session, deed.ticket, deed.office, deed.now, until)
    deed.details["until"] = until.isoformat()


def resume(deed: Deed) -> None:
    """Let both clocks go on before the date."""
    since = deed.ticket.suspended_at
    clockwork.go_on(deed.session, deed.ticket, deed.office, deed.now)
    deed.details["suspended_at"] = since.isoformat() if since else None


def resume_by_itself(session: Session, office: Office, ticket: Ticket, now: datetime) -> None:
    """The date has come: the clocks go on (the system acts). They count from the date, not from the sweep."""
    before, was, until = holder_of(session, ticket), standing_of(ticket), ticket.suspended_until
    since = ticket.suspended_at
    clockwork.go_on(session, ticket, office, until or now)
    ticket.version += 1
    details = {"suspended_at": since.isoformat() if since else None, "until": until.isoformat() if until else None}
    record(session, office, ticket, "resume", SYSTEM, now, before=before, was=was, details=details)


def start_anew(deed: Deed) -> None:
    """Reopen with a new generation of both clocks; a ticket that was merged goes on with the promise it had."""
    session, ticket, office, now = deed.session, deed.ticket, deed.office, deed.now
    ticket.closed_at = None
    ticket.reopened_count += 1
    ticket.handler_id = ticket.department_code = None
    ticket.rating = ticket.callback = None
    lapse(deed)
    if deed.was.node is Node.MERGED:
        # The calendar may have been corrected meanwhile.
        clockwork.set_matter(ticket, clockwork.matter_stretch(ticket), office)
        clockwork.renew_steps(session, ticket, office, now, clockwork.MATTER)
        clockwork.revive_steps(session, ticket, clockwork.ORDER, supervision.unanswered(ticket))
    else:
        ticket.supervision = None
        ticket.clock_generation += 1
        clockwork.start_matter_clock(ticket, office, now)
        clockwork.add_steps(session, ticket, office, clockwork.MATTER)
    ticket.tier_generation += 1
    clockwork.start_tier_clock(ticket, office, now)
    clockwork.add_steps(session, ticket, office, clockwork.TIER)
    deed.details["generation"] = ticket.clock_generation


def recompute(
    session: Session, office: Office, ticket: Ticket, now: datetime, *, calendar_edition: int | None = None
) -> bool:
    """Compute an open ticket's ends anew after the calendar was corrected. Returns whether they moved.

    What is left of a clock, and since when it runs, is not touched. The caller holds the ticket's lock.
    """
    if is_terminal(Node(ticket.node)):
        return False
    before, was = holder_of(session, ticket), standing_of(ticket)
    ends = (ticket.due_at, ticket.tier_due_at, ticket.deadline_provisional)
    then = ticket.suspended_until
    clockwork.set_matter(ticket, clockwork.matter_stretch(ticket), office, from_then=then)
    clockwork.set_tier(ticket, clockwork.tier_stretch(ticket), office, from_then=then)
    if ticket.suspended_at is None:
        _renew_or_retime(session, office, ticket, now, ends)
    if ends == (ticket.due_at, ticket.tier_due_at, ticket.deadline_provisional):
        return False
    details: dict[str, Any] = {
        "due_before": ends[0].isoformat(),
        "tier_due_before": ends[1].isoformat(),
        "provisional": ticket.deadline_provisional,
        "calendar": calendar_edition,
    }
    record(session, office, ticket, "recompute", SYSTEM, now, before=before, was=was, details=details)
    return True


def _renew_or_retime(
    session: Session, office: Office, ticket: Ticket, now: datetime, ends: tuple[datetime, datetime, bool]
) -> None:
    """A clock whose end moved gets new steps; of another, a warning or the bulletin may have moved."""
    for clock, moved in ((clockwork.MATTER, ends[0] != ticket.due_at), (clockwork.TIER, ends[1] != ticket.tier_due_at)):
        if moved:
            clockwork.renew_steps(session, ticket, office, now, clock)
        else:
            clockwork.retime_steps(session, ticket, office, clock)
