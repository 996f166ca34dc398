"""How a ticket's two clocks are started and stopped: columns on the ticket, and the steps that fall due."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from command_center.categories.models import Condition
from command_center.database import table_of
from command_center.deadlines.clocks import Clock, Policy, matter_clock, tier_clock
from command_center.deadlines.working_time import Unit
from command_center.tickets.models import DueStep, Ticket
from command_center.tickets.office import Office

MATTER, TIER = "matter", "tier"
WARN, DUE = "warn", "due"
OVERDUE = "overdue"


def policy_of(condition: Condition, office: Office) -> Policy:
    """Freeze the rules for one ticket. `office.speed` shortens the limit in drills and tests."""
    limit = Decimal(condition.limit_value) / Decimal(str(office.speed))
    return Policy(limit_value=limit, limit_unit=Unit(condition.limit_unit))


def start_matter_clock(ticket: Ticket, office: Office, now: datetime) -> Clock:
    """Start the promise to the citizen. It runs until the ticket is closed, whoever has it."""
    clock = matter_clock(Policy.from_json(ticket.policy), now, office.calendar)
    ticket.warn_at, ticket.due_at = clock.warn_at, clock.due_at
    ticket.deadline_provisional = clock.provisional
    return clock


def start_tier_clock(ticket: Ticket, office: Office, now: datetime) -> Clock:
    """Start the clock of the tier that has the ticket now."""
    clock = tier_clock(Policy.from_json(ticket.policy), ticket.tier, now, office.calendar)
    ticket.tier_since, ticket.tier_warn_at, ticket.tier_due_at = now, clock.warn_at, clock.due_at
    return clock


def add_steps(session: Session, ticket: Ticket, *clocks: str) -> None:
    """Write the two steps that each newly started clock will need: its warning and its end."""
    rows = []
    for clock in clocks:
        matter = clock == MATTER
        generation = ticket.clock_generation if matter else ticket.tier_generation
        times = (ticket.warn_at, ticket.due_at) if matter else (ticket.tier_warn_at, ticket.tier_due_at)
        common = {"ticket_id": ticket.id, "clock": clock, "generation": generation}
        rows += [common | {"step": step, "due_at": at} for step, at in zip((WARN, DUE), times, strict=True)]
    session.execute(insert(table_of(DueStep)), rows)


def cancel_steps(session: Session, ticket: Ticket, now: datetime, *, clock: str | None = None) -> None:
    """Cancel the steps that were not done: of one clock, or of both when the ticket ends."""
    pending = [DueStep.ticket_id == ticket.id, DueStep.done_at.is_(None)]
    if clock is not None:
        pending.append(DueStep.clock == clock)
    done = update(DueStep).where(*pending).values(done_at=now, outcome="cancelled")
    # Steps are never kept in the session: the sweep reads its own anew under the ticket's lock.
    session.execute(done, execution_options={"synchronize_session": False})


def rearm_tier_step(session: Session, ticket: Ticket) -> None:
    """Let a tier's clock that ran out in a department's hands count again.

    There it could only turn red; back in the tier's own hands the ticket climbs with the next sweep.
    """
    done = (
        DueStep.ticket_id == ticket.id,
        DueStep.clock == TIER,
        DueStep.generation == ticket.tier_generation,
        DueStep.step == DUE,
        DueStep.outcome == OVERDUE,
    )
    again = update(DueStep).where(*done).values(done_at=None, outcome=None)
    session.execute(again, execution_options={"synchronize_session": False})


def change_tier(session: Session, ticket: Ticket, tier: str, office: Office, now: datetime) -> None:
    """Hand the ticket to another tier: its clock starts anew, the matter's goes on."""
    cancel_steps(session, ticket, now, clock=TIER)
    ticket.tier = tier
    ticket.tier_generation += 1
    start_tier_clock(ticket, office, now)
    add_steps(session, ticket, TIER)
