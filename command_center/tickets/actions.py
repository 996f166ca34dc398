"""The verbs: every write to a ticket is one of them. None commits; the caller holds the one transaction.

`act` locks nothing itself: the caller took the ticket's lock with `locked`. It looks again at where the ticket stands,
asks the workflow's table, lets the action's own effect work (`EFFECTS`), moves the ticket and its clocks, and appends
one event. The time is passed in.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.errors import (
    DepartmentMissing,
    Invalid,
    NotACandidate,
    NoteMissing,
    TicketNotFound,
    TooFarAway,
    UnknownInto,
    UntilMissing,
    VersionStale,
)
from command_center.tickets import adjustments, aftercare, assisting, clockwork, hands, merging, moving, supervision
from command_center.tickets.actor import SYSTEM, Actor
from command_center.tickets.deed import Deed, Form
from command_center.tickets.models import Ticket
from command_center.tickets.office import Office
from command_center.tickets.photos import take_photos
from command_center.tickets.record import holder_of, record, standing_of
from command_center.tickets.standing import (
    TIERS,
    Node,
    Tier,
    Who,
    climbs_when_late,
    is_terminal,
)
from command_center.tickets.workflow import Action, Clocks, Move, Need, Rule, after, find_rule
from gis.metres import distance_m

COLOURS = ("red", "yellow", "blue")


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

    Raises: RoleNotAllowed, or a Conflict when it cannot be done from where the ticket stands; Invalid's kin for what
    the form lacks.
    """
    assert by.caller is not None, "the system does not act by the table of people"
    was = standing_of(ticket)
    rule = find_rule(action, was, by.caller, now)
    check_form(rule, form)
    before = holder_of(session, ticket)
    deed = Deed(session, office, ticket, rule, form, by, now, was, dict(form.details))
    hands.correct(deed)
    EFFECTS.get(action, _nothing_more)(deed)
    if not is_refusal(rule, form):
        CLOCKS[rule.clocks](deed)
    supervision.note_report_back(deed)
    node, tier = after(rule, was, failed=is_refusal(rule, form))
    _move(deed, node, tier)
    photos = take_photos(session, ticket, form.photos, by)
    deed.details |= {"photos": [photo.id for photo in photos]} if photos else {}
    event = record(
        session, office, ticket, action, by, now, before=before, was=was, note=form.note, details=deed.details
    )
    for photo in photos:
        photo.event_n = event.n
    return rule


def is_refusal(rule: Rule, form: Form) -> bool:
    """Say whether a verification failed or a decision is no. Where nobody asks, `passed` means nothing."""
    return Need.PASSED in rule.needs and form.passed is False


def check_form(rule: Rule, form: Form) -> None:
    """Refuse a form that lacks what the rule needs. A department that is not named is the authority list's."""
    if Need.PASSED in rule.needs and form.passed is None:
        raise Invalid(reason="passed (true/false)", field="passed")
    if Need.REACHED in rule.needs and form.reached is None:
        raise Invalid(reason="reached (true/false)", field="reached")
    if Need.PLACE in rule.needs and (form.lon is None or form.lat is None):
        raise Invalid(reason="lon, lat", field="lon")
    if (Need.NOTE in rule.needs or is_refusal(rule, form)) and not form.note.strip():
        raise NoteMissing(field="note")
    if Need.UNTIL in rule.needs and form.until is None:
        raise UntilMissing(field="until")
    if Need.INTO in rule.needs and not form.into:
        raise UnknownInto(into="", field="into")
    if Need.GRID in rule.needs and not form.to:
        raise NotACandidate(grid="", field="to")
    if form.department and form.to:
        raise DepartmentMissing(field="to")
    if form.colour is not None and form.colour not in COLOURS:
        raise Invalid(reason="colour: red, yellow, blue", field="colour")


def _nothing_more(deed: Deed) -> None:
    """Nothing beyond what the table says of every action."""


def _resolve(deed: Deed) -> None:
    if Who.ASSISTING_DEPARTMENT in deed.rule.by:
        assisting.answer(deed)
    else:
        assisting.gather(deed)


def _verify(deed: Deed) -> None:
    """Whoever verifies must be there, or say why not. Raises: TooFarAway."""
    form, ticket = deed.form, deed.ticket
    assert form.lon is not None and form.lat is not None
    away = distance_m(form.lon, form.lat, ticket.lon, ticket.lat)
    limit = float(deed.policy.verification_m)
    if away > limit and not form.note.strip():
        raise TooFarAway(distance_m=away, limit=f"{limit:.0f}", field="note")
    deed.details |= {"passed": form.passed, "lon": form.lon, "lat": form.lat, "distance_m": round(away, 1)}
    if away > limit:
        deed.details["away"] = True
    if not form.passed:
        ticket.rework_count += 1


def _reopen(deed: Deed) -> None:
    if deed.was.node is Node.MERGED:
        merging.unmerge(deed)


EFFECTS: dict[Action, Callable[[Deed], None]] = {
    Action.MERGE: merging.merge,
    Action.DISPATCH: hands.hand_over,
    Action.TRANSFER: hands.transfer,
    Action.RETURN: hands.give_back,
    Action.ASSIST: assisting.ask,
    Action.REQUEST_EXTENSION: adjustments.request_extension,
    Action.DECIDE_EXTENSION: adjustments.decide_extension,
    Action.RESOLVE: _resolve,
    Action.VERIFY: _verify,
    Action.REOPEN: _reopen,
    Action.SUPERVISE: supervision.supervise,
    Action.REMIND: supervision.remind,
    Action.RATE: aftercare.rate,
    Action.CALLBACK: aftercare.call_back,
    Action.FOLLOW_UP: aftercare.end_follow_up,
    Action.APPEAL: aftercare.appeal,
    Action.DECIDE_APPEAL: aftercare.decide_appeal,
    Action.RELOCATE: moving.choose,
}
CLOCKS: dict[Clocks, Callable[[Deed], None]] = {
    Clocks.KEEP: _nothing_more,
    Clocks.STOP: adjustments.suspend,
    Clocks.GO_ON: adjustments.resume,
    Clocks.EXTEND: adjustments.extend,
    Clocks.ANEW: adjustments.start_anew,
}


def _move(deed: Deed, node: Node, tier: Tier) -> None:
    """Set the ticket down where the rule leads, with what that does to hands and clocks."""
    session, ticket, now = deed.session, deed.ticket, deed.now
    if deed.was.node is Node.HANDLE and node is not Node.HANDLE:
        adjustments.lapse(deed)
        if node is not Node.CLOSE:
            assisting.withdraw(deed)
    if node in (Node.CLAIM, Node.DISPATCH):
        ticket.handler_id = ticket.department_code = None
    if is_terminal(node) and not is_terminal(deed.was.node):
        ticket.closed_at, ticket.disputed_at = now, None
        if node is Node.CLOSED:
            aftercare.corrected_by_closing(deed)
        clockwork.cancel_steps(session, ticket, now)
    ticket.node = str(node)
    if deed.rule.move is not Move.STAY:
        clockwork.change_tier(session, ticket, str(tier), deed.office, now)
    elif not is_terminal(node) and ticket.tier_due_at <= now:
        _on_a_tier_that_is_late(deed, node)
    if not deed.rule.quiet:
        ticket.version += 1


def _on_a_tier_that_is_late(deed: Deed, node: Node) -> None:
    """Back in the tier's own hands it climbs with the next sweep; back in a department's it is supervised."""
    if climbs_when_late(standing_of(deed.ticket)):
        clockwork.rearm_tier_step(deed.session, deed.ticket)
    elif deed.was.node is Node.CLOSE and node is Node.HANDLE:
        deed.details["supervision"] = supervision.order(
            deed.session, deed.office, deed.ticket, "red", "", SYSTEM, deed.now
        )


def climb(session: Session, office: Office, ticket: Ticket, now: datetime) -> None:
    """The tier's clock ran out: move the ticket one tier up, to be claimed there (the system acts)."""
    before, was = holder_of(session, ticket), standing_of(ticket)
    assert climbs_when_late(was), "the caller asks the table first"
    rule = Rule(Action.ESCALATE, (was.node,), Node.CLAIM, (), move=Move.UP)
    tier = TIERS[TIERS.index(was.tier) + 1]
    _move(deed := Deed(session, office, ticket, rule, Form(), SYSTEM, now, was, {"clock": "tier"}), Node.CLAIM, tier)
    record(session, office, ticket, "escalate", SYSTEM, now, before=before, was=was, details=deed.details)


def mark(session: Session, office: Office, ticket: Ticket, what: str, clock: str, now: datetime) -> None:
    """Note on the record that a clock warned (`warn`), ran out (`overdue`) or a later step came (`bulletin`).

    A tier's clock that runs out where the ticket cannot climb puts it under red supervision as well.
    """
    before, was = holder_of(session, ticket), standing_of(ticket)
    details: dict[str, Any] = {"clock": clock}
    if what == "overdue" and clock == clockwork.TIER and was.node is not Node.CLOSE:
        details["supervision"] = supervision.order(session, office, ticket, "red", "", SYSTEM, now)
    record(session, office, ticket, what, SYSTEM, now, before=before, was=was, details=details)
