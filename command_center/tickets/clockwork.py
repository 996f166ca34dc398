"""How a ticket's clocks are started, stopped and moved: columns on the ticket, and the steps that fall due.

The two clocks are stretches of running time (`deadlines.stretches`): what is left of them, and since when it runs.
Their ends, `due_at` and `tier_due_at`, are computed from that and written nowhere else. What falls due is rows; the
sweep applies them, once each.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session

from command_center.categories.models import Condition
from command_center.database import table_of
from command_center.deadlines.clocks import Policy
from command_center.deadlines.stretches import SECOND, Stretch
from command_center.deadlines.working_time import BeyondCalendar, Unit
from command_center.tickets.models import DueStep, Ticket
from command_center.tickets.office import Office

MATTER, TIER = "matter", "tier"
SUSPEND, ASSIST, ORDER, FOLLOW_UP = "suspend", "assist", "order", "followup"
WARN, DUE, RESUME = "warn", "due", "resume"
ENDED_WITH_THE_TICKET = (MATTER, TIER, SUSPEND, ASSIST, ORDER)
OVERDUE, CANCELLED, PARKED = "overdue", "cancelled", "parked"
PENDING: dict[str, Any] = {"done_at": None, "outcome": None}


def policy_of(condition: Condition, office: Office) -> Policy:
    """Freeze the rules for one ticket. `office.speed` shortens the limit in drills and tests."""
    limit, unit = Decimal(condition.limit_value), Unit(condition.limit_unit)
    return office.edition.policy(condition.code, limit, unit).hastened(Decimal(str(office.speed)))


def matter_stretch(ticket: Ticket) -> Stretch:
    """Read the matter's clock off the ticket."""
    return Stretch(ticket.clock_total_s * SECOND, ticket.clock_left_s * SECOND, ticket.clock_since)


def tier_stretch(ticket: Ticket) -> Stretch:
    """Read the tier's clock off the ticket."""
    return Stretch(ticket.tier_total_s * SECOND, ticket.tier_left_s * SECOND, ticket.tier_clock_since)


def set_matter(ticket: Ticket, stretch: Stretch, office: Office, *, from_then: datetime | None = None) -> None:
    """Write the matter's clock and its ends. `from_then`: for one that stands still, when it will go on."""
    policy = Policy.from_json(ticket.policy)
    ticket.clock_total_s, ticket.clock_left_s = stretch.total // SECOND, stretch.left // SECOND
    ticket.clock_since = stretch.since
    seen = stretch if from_then is None else stretch.going_on(from_then)
    clock = seen.clock(Fraction(policy.warn_share), policy.limit_unit, office.calendar, policy.hours)
    ticket.warn_at, ticket.due_at, ticket.deadline_provisional = clock.warn_at, clock.due_at, clock.provisional


def due_if_extended(ticket: Ticket, office: Office) -> datetime | None:
    """Say when a matter whose clock runs would be due with one more original limit; None beyond the calendar."""
    policy = Policy.from_json(ticket.policy)
    stretch = matter_stretch(ticket).extended(policy.limit)
    try:
        return stretch.clock(Fraction(policy.warn_share), policy.limit_unit, office.calendar, policy.hours).due_at
    except BeyondCalendar:
        return None


def set_tier(ticket: Ticket, stretch: Stretch, office: Office, *, from_then: datetime | None = None) -> None:
    """Write the tier's clock and its ends."""
    policy = Policy.from_json(ticket.policy)
    ticket.tier_total_s, ticket.tier_left_s = stretch.total // SECOND, stretch.left // SECOND
    ticket.tier_clock_since = stretch.since
    seen = stretch if from_then is None else stretch.going_on(from_then)
    clock = seen.clock(Fraction(policy.tier_warn_share), policy.limit_unit, office.calendar, policy.hours)
    ticket.tier_warn_at, ticket.tier_due_at = clock.warn_at, clock.due_at


def start_matter_clock(ticket: Ticket, office: Office, now: datetime) -> None:
    """Start the promise to the citizen. It runs until the ticket is closed, whoever has it."""
    set_matter(ticket, Stretch.begin(Policy.from_json(ticket.policy).limit, now), office)


def start_tier_clock(ticket: Ticket, office: Office, now: datetime) -> None:
    """Start the clock of the tier that has the ticket now."""
    ticket.tier_since = now
    set_tier(ticket, Stretch.begin(Policy.from_json(ticket.policy).share(ticket.tier), now), office)


def step_times(ticket: Ticket, clock: str, office: Office) -> dict[str, datetime]:
    """Tell when the steps of a clock fall due."""
    if clock == TIER:
        return {WARN: ticket.tier_warn_at, DUE: ticket.tier_due_at}
    later = Policy.from_json(ticket.policy).later_steps(ticket.due_at, office.calendar)
    return {WARN: ticket.warn_at, DUE: ticket.due_at, **dict(later)}


def generation_of(ticket: Ticket, clock: str) -> int:
    """Tell which of a ticket's many clocks of a kind is the present one: the steps of earlier ones are void."""
    generations = {
        MATTER: ticket.clock_generation,
        TIER: ticket.tier_generation,
        SUSPEND: ticket.suspensions,
        ORDER: ticket.supervisions,
        FOLLOW_UP: ticket.follow_ups,
    }
    return generations[clock]


def add_steps(session: Session, ticket: Ticket, office: Office, *clocks: str) -> None:
    """Write the steps that each newly started clock will need."""
    rows = [
        (clock, generation_of(ticket, clock), step, at)
        for clock in clocks
        for step, at in step_times(ticket, clock, office).items()
    ]
    _insert(session, ticket, rows)


def add_step(session: Session, ticket: Ticket, clock: str, generation: int, step: str, at: datetime) -> None:
    """Write a single step: a reply date, a report-back date, the end of a suspension."""
    _insert(session, ticket, [(clock, generation, step, at)])


def _insert(session: Session, ticket: Ticket, rows: Iterable[tuple[str, int, str, datetime]]) -> None:
    values = [
        {"ticket_id": ticket.id, "clock": clock, "generation": generation, "step": step, "due_at": at}
        for clock, generation, step, at in rows
    ]
    if values:
        # Past the session: what else it has to write waits, and goes with the others of a batch.
        session.connection().execute(insert(table_of(DueStep)), values)


def cancel_steps(
    session: Session, ticket: Ticket, now: datetime, *, clock: str | None = None, generation: int | None = None
) -> None:
    """Cancel the steps that were not done: of one clock, or of all when the ticket ends.

    Only a complaint outlives its ticket: it must come to an end of its own.
    """
    _end_pending(session, ticket, now, CANCELLED, ENDED_WITH_THE_TICKET if clock is None else (clock,), generation)


def _end_pending(
    session: Session,
    ticket: Ticket,
    now: datetime,
    outcome: str,
    clocks: tuple[str, ...],
    generation: int | None = None,
) -> None:
    steps = table_of(DueStep).c
    pending = [steps.ticket_id == ticket.id, steps.done_at.is_(None)]
    if clocks:
        pending.append(steps.clock.in_(clocks))
    if generation is not None:
        pending.append(steps.generation == generation)
    # Past the session, too: no step is kept there but the sweep's own, which it writes after this.
    session.connection().execute(update(table_of(DueStep)).where(*pending).values(done_at=now, outcome=outcome))


def revive_steps(session: Session, ticket: Ticket, clock: str, generations: Iterable[int]) -> None:
    """Let steps that were cancelled when the ticket ended fall due after all."""
    for generation in generations:
        _change(session, ticket, clock, generation, DueStep.outcome == CANCELLED, **PENDING)


def rearm_tier_step(session: Session, ticket: Ticket) -> None:
    """Let a tier's clock that ran out in a department's hands count again.

    There it could only turn red; back in the tier's own hands the ticket climbs with the next sweep.
    """
    ran_out = (DueStep.step == DUE, DueStep.outcome == OVERDUE)
    _change(session, ticket, TIER, ticket.tier_generation, *ran_out, **PENDING)


def _change(
    session: Session, ticket: Ticket, clock: str, generation: int, *which: ColumnElement[bool], **values: Any
) -> None:
    """Change steps of one generation of a clock, whichever of them are meant."""
    theirs = (DueStep.ticket_id == ticket.id, DueStep.clock == clock, DueStep.generation == generation)
    changed = update(DueStep).where(*theirs, *which).values(**values)
    session.execute(changed, execution_options={"synchronize_session": False})


def change_tier(session: Session, ticket: Ticket, tier: str, office: Office, now: datetime) -> None:
    """Hand the ticket to another tier: its clock starts anew, the matter's goes on."""
    cancel_steps(session, ticket, now, clock=TIER)
    ticket.tier = tier
    ticket.tier_generation += 1
    start_tier_clock(ticket, office, now)
    add_steps(session, ticket, office, TIER)


def stand_still(session: Session, ticket: Ticket, office: Office, now: datetime, until: datetime) -> None:
    """Stop both clocks (挂账): their steps are parked, and the ticket goes on by itself at `until`."""
    policy = Policy.from_json(ticket.policy)
    terms = (policy.limit_unit, office.calendar, policy.hours)
    set_matter(ticket, matter_stretch(ticket).stopped(now, *terms), office, from_then=until)
    set_tier(ticket, tier_stretch(ticket).stopped(now, *terms), office, from_then=until)
    ticket.suspended_at, ticket.suspended_until = now, until
    ticket.suspensions += 1
    _end_pending(session, ticket, now, PARKED, (MATTER, TIER))
    add_step(session, ticket, SUSPEND, ticket.suspensions, RESUME, until)


def go_on(session: Session, ticket: Ticket, office: Office, now: datetime) -> None:
    """Let both clocks run again with what was left; the parked steps come back at their new times."""
    cancel_steps(session, ticket, now, clock=SUSPEND)
    set_matter(ticket, matter_stretch(ticket).going_on(now), office)
    set_tier(ticket, tier_stretch(ticket).going_on(now), office)
    ticket.suspended_at = ticket.suspended_until = None
    for clock in (MATTER, TIER):
        generation = generation_of(ticket, clock)
        for step, at in step_times(ticket, clock, office).items():
            parked = (DueStep.step == step, DueStep.outcome == PARKED)
            _change(session, ticket, clock, generation, *parked, **PENDING, due_at=at)


def retime_steps(session: Session, ticket: Ticket, office: Office, clock: str) -> None:
    """Set the steps of a clock that still lie ahead to their present times."""
    generation = generation_of(ticket, clock)
    for step, at in step_times(ticket, clock, office).items():
        ahead = (DueStep.step == step, DueStep.done_at.is_(None), DueStep.due_at != at)
        _change(session, ticket, clock, generation, *ahead, due_at=at)


def renew_steps(session: Session, ticket: Ticket, office: Office, now: datetime, clock: str) -> None:
    """Begin a new generation of a clock whose ends were moved: what lies ahead falls due then.

    What lies behind now and was done before is not done again, but carried over as done; what lies behind and was
    not, falls due at once.
    """
    was = (DueStep.ticket_id == ticket.id, DueStep.clock == clock, DueStep.generation == generation_of(ticket, clock))
    ended = select(DueStep.step, DueStep.done_at, DueStep.outcome).where(
        *was, DueStep.done_at.is_not(None), DueStep.outcome.not_in((CANCELLED, PARKED))
    )
    done = {row.step: row for row in session.execute(ended)}
    cancel_steps(session, ticket, now, clock=clock)
    if clock == MATTER:
        ticket.clock_generation += 1
    else:
        ticket.tier_generation += 1
    generation, ahead = generation_of(ticket, clock), []
    for step, at in step_times(ticket, clock, office).items():
        if at > now or (step not in done and step != WARN):
            ahead.append((clock, generation, step, at))
        elif step in done:
            common = {"ticket_id": ticket.id, "clock": clock, "generation": generation, "step": step, "due_at": at}
            carried = common | {"done_at": done[step].done_at, "outcome": done[step].outcome}
            session.execute(insert(table_of(DueStep)), [carried])
    _insert(session, ticket, ahead)
