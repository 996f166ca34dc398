"""What the rule zones make of a ticket: at intake, and again when what it is about is corrected.

A zone's limit holds where it ends sooner than the matter's own; of several the soonest, then the lowest zone's. It is
frozen into the ticket as every limit is. A correction judges by the rules that were in force when the matter was
reported: it may only tighten the promise to the citizen, never loosen it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from command_center.categories.models import Condition, Department
from command_center.deadlines import working_time
from command_center.deadlines.clocks import Policy
from command_center.deadlines.stretches import SECOND, Stretch
from command_center.deadlines.working_time import BeyondCalendar
from command_center.tickets import clockwork
from command_center.tickets.deed import Deed
from command_center.tickets.models import Ticket
from command_center.tickets.office import Office
from command_center.zones.rules import Rule


@dataclass(frozen=True)
class Judgement:
    """The rules a matter meets, by the code of their zone; the policy it follows; and which rule set its limit."""

    rules: tuple[Rule, ...]
    policy: Policy
    limited_by: Rule | None = None

    @property
    def urgent(self) -> bool:
        return any(rule.effects.urgent for rule in self.rules)

    def to_json(self) -> list[dict[str, Any]] | None:
        """What the ticket and its event say; None where no rule was met."""
        return [rule.to_json() | {"limits": rule is self.limited_by} for rule in self.rules] or None


def judge(office: Office, condition: Condition, lon: float, lat: float, at: datetime) -> Judgement:
    """Judge a matter of this place, moment and category. lon, lat: degrees, WGS 84."""
    policy = clockwork.policy_of(condition, office)
    codes = [condition.code, condition.minor_code, condition.minor.parent_code or ""]
    rules = office.zones.apply(lon, lat, at.astimezone(office.zone), codes)
    strictest = _strictest(office, rules, policy, at)
    return Judgement(tuple(rules), limited(office, policy, strictest) if strictest else policy, strictest)


def limited(office: Office, policy: Policy, rule: Rule) -> Policy:
    """The policy with this rule's limit in place of its own. `office.speed` shortens it in drills and tests."""
    limit = rule.effects.limit
    assert limit is not None
    return replace(policy, limit_value=limit.value / Decimal(str(office.speed)), limit_unit=limit.unit)


def _strictest(office: Office, rules: list[Rule], policy: Policy, at: datetime) -> Rule | None:
    """The rule whose limit ends first, if before the matter's own. Units differ, so their ends are compared."""
    ends = [(ends_at(office, limited(office, policy, rule), at), rule) for rule in rules if rule.effects.limit]
    soonest = min(ends, key=lambda pair: (pair[0], pair[1].zone), default=None)
    return soonest[1] if soonest and soonest[0] < ends_at(office, policy, at) else None


def ends_at(office: Office, policy: Policy, at: datetime) -> datetime:
    """When a limit that begins now would end; what lies beyond the calendar ends last."""
    try:
        return working_time.add_running(at, policy.limit, policy.limit_unit, office.calendar, policy.hours)
    except BeyondCalendar:
        return datetime.max.replace(tzinfo=at.tzinfo)


def put_on(ticket: Ticket, judgement: Judgement) -> None:
    """Write on the ticket which rules it met."""
    ticket.zone_rules, ticket.urgent = judgement.to_json(), judgement.urgent


def default_department(session: Session, ticket: Ticket) -> str:
    """The department a dispatch goes to that names none: the first rule's that names one, else the authority list's."""
    for rule in ticket.zone_rules or ():
        code = rule["effects"]["department"]
        department = session.get(Department, code) if code else None
        if department is not None and department.active:
            return department.code
    return ticket.condition.department_code


def judge_again(deed: Deed) -> None:
    """The category was corrected: judge anew by the rules of the day of the report, and say what changed."""
    ticket, before = deed.ticket, deed.ticket.zone_rules
    judgement = judge(deed.office, ticket.condition, ticket.lon, ticket.lat, ticket.created_at)
    put_on(ticket, judgement)
    if judgement.limited_by is not None:
        _tighten(deed, judgement)
    if ticket.zone_rules != before:
        deed.details["zone_rules"] = ticket.zone_rules or []


def _tighten(deed: Deed, judgement: Judgement) -> None:
    """Let the rule's limit run from now, where that ends sooner than what was promised; else leave the clocks alone."""
    session, ticket, office, now = deed.session, deed.ticket, deed.office, deed.now
    policy = replace(judgement.policy, version=deed.policy.version)
    if ticket.suspended_at is not None or ends_at(office, policy, now) >= ticket.due_at:
        return
    deed.details["due_before"] = ticket.due_at.isoformat()
    # What the tier had left stays the most it has; it may be told in another unit from here on.
    left = working_time.elapsed(now, ticket.tier_due_at, policy.limit_unit, office.calendar, policy.hours)
    share = policy.share(ticket.tier)
    ticket.policy = policy.to_json()
    clockwork.set_matter(ticket, Stretch.begin(policy.limit, now), office)
    clockwork.set_tier(ticket, Stretch(share, min(share, max(left, timedelta())) // SECOND * SECOND, now), office)
    for clock in (clockwork.MATTER, clockwork.TIER):
        clockwork.renew_steps(session, ticket, office, now, clock)
