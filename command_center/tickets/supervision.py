"""Supervision orders (督办) and reminders (催办): who must report back, by when, and whether they did."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from command_center.deadlines.clocks import Policy
from command_center.tickets import clockwork
from command_center.tickets.actor import SYSTEM, Actor
from command_center.tickets.deed import Deed
from command_center.tickets.models import Ticket
from command_center.tickets.office import Office
from command_center.tickets.record import holder_of, record, standing_of
from command_center.tickets.standing import Who, standings
from command_center.tickets.workflow import Action

USUAL_COLOUR = "yellow"
ANSWERS = (Who.OFFICER_OF_THE_TIER, Who.DEPARTMENT_IN_CHARGE, Who.OWN_HANDLER, Who.WORKER_ON_SITE)
REPORTS = (
    *(Action.ACCEPT, Action.CLAIM, Action.DISPATCH, Action.START, Action.REQUEST_EXTENSION),
    *(Action.RESOLVE, Action.VERIFY, Action.CLOSE),
)
SEVERITY = ("red", "yellow", "blue")


def supervise(deed: Deed) -> None:
    """Put the ticket under supervision in one of three colours."""
    colour = deed.form.colour or USUAL_COLOUR
    deed.details["supervision"] = order(
        deed.session, deed.office, deed.ticket, colour, deed.form.note, deed.by, deed.now
    )


def order(
    session: Session, office: Office, ticket: Ticket, colour: str, note: str, by: Actor, now: datetime
) -> dict[str, Any]:
    """Give an order, with the day on which its colour must be reported back.

    Earlier orders that were not answered stand beside it; the most severe one is shown first.
    """
    days = Policy.from_json(ticket.policy).supervision_days[colour]
    report_back_at = now + timedelta(days=days) / office.speed
    ticket.supervisions += 1
    new = {
        "n": ticket.supervisions,
        "colour": colour,
        "note": note,
        "by": by.name,
        "by_username": by.username,
        "at": now.isoformat(),
        "report_back_at": report_back_at.isoformat(),
    }
    _keep(ticket, [*_orders(ticket), new])
    clockwork.add_step(session, ticket, clockwork.ORDER, ticket.supervisions, clockwork.DUE, report_back_at)
    return new


def _orders(ticket: Ticket) -> list[dict[str, Any]]:
    """List the orders on a ticket, each without the others."""
    if ticket.supervision is None:
        return []
    first = {name: value for name, value in ticket.supervision.items() if name != "others"}
    return [first, *ticket.supervision.get("others", [])]


def _keep(ticket: Ticket, orders: list[dict[str, Any]]) -> None:
    """Put the most severe order that awaits an answer first, of equals the latest; beside it the rest."""
    ranked = sorted(orders, key=lambda o: (bool(o.get("answered_at")), SEVERITY.index(o["colour"]), -o.get("n", 0)))
    others = [one for one in ranked[1:] if not one.get("answered_at")]
    ticket.supervision = ranked[0] | ({"others": others} if others else {})


def unanswered(ticket: Ticket) -> list[int]:
    """Name the orders that still await a report."""
    return [one.get("n", 0) for one in _orders(ticket) if not one.get("answered_at")]


def remind(deed: Deed) -> None:
    """Urge whoever has it, without an order."""
    deed.ticket.reminders += 1
    deed.details["reminders"] = deed.ticket.reminders


def note_report_back(deed: Deed) -> None:
    """Count work told in words, by those who have the ticket, as their report on every order."""
    waiting, caller = unanswered(deed.ticket), deed.by.caller
    if not waiting or caller is None or deed.rule.action not in REPORTS or not deed.form.note.strip():
        return
    if standings(deed.was, caller).intersection(deed.rule.by).intersection(ANSWERS):
        told = {"answered_at": deed.now.isoformat(), "answered_by": deed.by.name}
        _keep(deed.ticket, [one if one.get("answered_at") else one | told for one in _orders(deed.ticket)])
        deed.details["reported_back"] = True
        clockwork.cancel_steps(deed.session, deed.ticket, deed.now, clock=clockwork.ORDER)


def miss_report(session: Session, office: Office, ticket: Ticket, n: int, now: datetime) -> bool:
    """The report-back date of an order passed: say so on the record. Returns whether it was still unanswered."""
    if n not in unanswered(ticket):
        return False
    before, was = holder_of(session, ticket), standing_of(ticket)
    missed = {"missed_at": now.isoformat()}
    _keep(ticket, [one | missed if one.get("n", 0) == n else one for one in _orders(ticket)])
    order_missed = next(one for one in _orders(ticket) if one.get("n", 0) == n)
    details = {"clock": clockwork.ORDER, "supervision": order_missed}
    record(session, office, ticket, "report_missed", SYSTEM, now, before=before, was=was, details=details)
    return True
