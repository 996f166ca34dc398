"""Into whose hands a matter goes: dispatched, transferred, given back, and what it is about put right on the way."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.categories.lookup import find_condition, find_department
from command_center.errors import DepartmentMissing, NoAuthority, SameHands, UnknownPerson
from command_center.people.models import User
from command_center.tickets import adjustments, assisting, zoning
from command_center.tickets.deed import Deed
from command_center.tickets.models import Ticket
from command_center.tickets.record import standing_of
from command_center.tickets.standing import OFFICER_OF, Given, Node, has_authority, region_of_tier
from command_center.tickets.workflow import Action

REFUSALS_TO_DISPUTE = 2
CORRECTED_AT = (Action.ACCEPT, Action.CLAIM, Action.DISPATCH)


def correct(deed: Deed) -> None:
    """Let the receiver correct what the matter is about. Its authority and department follow; its clocks do not.

    Only a rule zone that the matter turns out to meet may tighten them.
    """
    code = deed.form.category
    if not code or deed.rule.action not in CORRECTED_AT:
        return
    ticket, condition = deed.ticket, find_condition(deed.session, code)
    if condition.code == ticket.condition_code:
        return
    deed.details["corrected"] = {
        "from": ticket.condition_code,
        "to": condition.code,
        "minor": condition.minor_code,
        "name": condition.minor.name,
        "settling_tier": [ticket.settling_tier, condition.settling_tier],
    }
    ticket.condition, ticket.settling_tier = condition, condition.settling_tier
    if deed.rule.needs_authority and not has_authority(standing_of(ticket)):
        raise NoAuthority(settling_tier=ticket.settling_tier)
    zoning.judge_again(deed)


def hand_over(deed: Deed) -> None:
    """Dispatch or transfer: to a department, or to one of the tier's own people."""
    ticket, form = deed.ticket, deed.form
    if form.to:
        ticket.handler_id, ticket.department_code = _own_user(deed.session, ticket, form.to).id, None
        deed.details["self_handled"] = True
    else:
        code = form.department or zoning.default_department(deed.session, ticket)
        ticket.handler_id, ticket.department_code = None, find_department(deed.session, code).code
    if deed.rule.action is Action.DISPATCH:
        ticket.dispatched_at = deed.now
    if Given.DISPUTED in deed.rule.given:
        ticket.disputed_at = None
        deed.details["dispute_settled"] = True


def transfer(deed: Deed) -> None:
    """Pass it from one pair of hands to another. Raises: DepartmentMissing, SameHands."""
    if not deed.form.department and not deed.form.to:
        raise DepartmentMissing(field="department")
    hand_over(deed)
    if (deed.ticket.department_code, deed.ticket.handler_id) == (deed.was.department_code, deed.was.handler_id):
        raise SameHands(field="department")
    adjustments.lapse(deed)
    assisting.stop_waiting_for_the_lead(deed)


def _own_user(session: Session, ticket: Ticket, to: str) -> User:
    """Find one of the tier's own people: its officers, or the grid workers of the ticket's place."""
    user = session.scalar(select(User).where(User.username == to, User.active.is_(True)))
    standing = standing_of(ticket)
    own_region = region_of_tier(standing, standing.tier)
    is_officer = user is not None and user.role == OFFICER_OF[standing.tier] and own_region in user.region_codes
    is_worker = user is not None and not standing.worker_grids.isdisjoint(user.region_codes)
    if user is None or not (is_officer or is_worker):
        raise UnknownPerson(to=to[:64], field="to")
    return user


def give_back(deed: Deed) -> None:
    """Count a department's refusal; the second of the same one makes it a matter of disputed competence."""
    ticket, department = deed.ticket, deed.was.department_code
    if deed.was.node is not Node.HANDLE or department is None:
        return
    refusals = {**(ticket.refusals or {})}
    refusals[department] = refusals.get(department, 0) + 1
    ticket.refusals = refusals
    deed.details |= {"refused_by": department, "refusals": refusals[department]}
    if refusals[department] >= REFUSALS_TO_DISPUTE and ticket.disputed_at is None:
        ticket.disputed_at = deed.now
        deed.details["disputed"] = True
