"""What simulated people do beside the main line: more time, help, disputes, and what follows closing.

Read off where a ticket stands and its fate; nothing here changes either.
"""

from collections.abc import Callable
from datetime import timedelta
from random import Random

from command_center.people.models import Role
from command_center.simulation.fate import Fate
from command_center.simulation.moves import Move, move
from command_center.simulation.pace import full_limit, limit_of
from command_center.simulation.world import World
from command_center.tickets.actor import CITIZEN, Actor
from command_center.tickets.models import Ticket
from command_center.tickets.standing import TIERS, Awaited, Standing, Tier, region_of_tier
from command_center.tickets.workflow import Action

DAY = timedelta(days=1)
# Of running time: shorter limits leave no room for others' answers, or for more time and suspension.
ROOM_FOR_HELP, LONG = timedelta(hours=8), timedelta(hours=24)
SUSPENDED_DAYS = (3, 4, 5, 7, 10)
ANSWER_HOURS = (24, 36, 48)

Turn = Callable[[Ticket, Standing, Fate, World, Random], Move | None]


def _officer(standing: Standing, world: World) -> Actor | None:
    return world.officer(standing.tier, region_of_tier(standing, standing.tier))


def _superior(standing: Standing, world: World) -> Actor | None:
    """Find the officer one tier up; above the county, the leader."""
    above = TIERS[TIERS.index(standing.tier) + 1 :]
    if above:
        return world.officer(above[0], region_of_tier(standing, above[0]))
    return world.someone(Role.LEADER, standing.county_code)


def _county(standing: Standing, world: World) -> Actor | None:
    return world.officer(Tier.COUNTY, standing.county_code)


def _is_long(ticket: Ticket) -> bool:
    return full_limit(*limit_of(ticket)) >= LONG


def while_waiting(ticket: Ticket, standing: Standing, fate: Fate, world: World, rng: Random) -> Move | None:
    """Say who ends a pause or decides a request, before anything else can happen."""
    note = world.matters.note
    if standing.suspended:
        officer = _officer(standing, world) if fate.resumed_early else None
        return move(Action.RESUME, officer, note=note("resume", rng))
    by = _officer(standing, world) if standing.awaits is Awaited.EXTENSION_1 else _superior(standing, world)
    # What is refused is refused by the second: the first passes it on.
    passed = fate.granted or standing.awaits is Awaited.EXTENSION_1
    said = note("extension_granted" if passed else "extension_refused", rng)
    return move(Action.DECIDE_EXTENSION, by, passed=passed, note=said)


def in_hand(ticket: Ticket, standing: Standing, fate: Fate, world: World, rng: Random) -> Move | None:
    """Say what happens to a ticket in a department's hands before it is settled; None: nothing more."""
    note = world.matters.note
    if standing.owing:
        return _answer(ticket, standing, fate, world, rng)
    if fate.transferred:
        others = [code for code in world.departments if code != ticket.department_code]
        return move(
            Action.TRANSFER, _officer(standing, world), department=rng.choice(others), note=note("transfer", rng)
        )
    if fate.assists and not ticket.assist_count and full_limit(*limit_of(ticket)) >= ROOM_FOR_HELP:
        others = [code for code in world.departments if code != ticket.department_code]
        until = ticket.updated_at + timedelta(hours=rng.choice(ANSWER_HOURS))
        asked = tuple(rng.sample(others, fate.assists))
        return move(
            Action.ASSIST, world.desk(ticket.department_code), departments=asked, until=until, note=note("assist", rng)
        )
    if fate.suspended and _is_long(ticket):
        until = ticket.updated_at + DAY * rng.choice(SUSPENDED_DAYS)
        return move(Action.SUSPEND, _officer(standing, world), until=until, note=note("suspend", rng))
    if fate.extension and _is_long(ticket):
        return move(Action.REQUEST_EXTENSION, world.desk(ticket.department_code), note=note("extension", rng))
    if fate.reminded:
        urges = world.someone(Role.HOTLINE_OPERATOR, standing.county_code) or _county(standing, world)
        return move(Action.REMIND, urges, note=note("remind", rng))
    return None


def _answer(ticket: Ticket, standing: Standing, fate: Fate, world: World, rng: Random) -> Move | None:
    """Let those who were asked answer, one after the other; of some the last never does, and is overruled."""
    owed = [assist for assist in ticket.assists if assist.is_owed]
    if len(owed) == 1 and fate.half_answered and _is_long(ticket):
        lead = world.desk(ticket.department_code)
        return move(Action.RESOLVE, lead, note=world.matters.note("overrule", rng), overrule=True)
    return move(Action.RESOLVE, world.desk(owed[0].department_code), note=world.matters.note("answer", rng))


def afterwards(ticket: Ticket, standing: Standing, fate: Fate, world: World, rng: Random) -> Move | None:
    """Say what follows closing: the appeal, the citizen's word, the call, and what is made of a complaint."""
    turns = (_appeal, _rating, _call, _follow_up, _again)
    return next((found for turn in turns if (found := turn(ticket, standing, fate, world, rng))), None)


def _appeal(ticket: Ticket, standing: Standing, fate: Fate, world: World, rng: Random) -> Move | None:
    note = world.matters.note
    if standing.awaits is Awaited.APPEAL_1:
        return move(Action.DECIDE_APPEAL, _county(standing, world), passed=True, note=note("appeal_passed", rng))
    if standing.awaits is Awaited.APPEAL_2:
        leader = world.someone(Role.LEADER, standing.county_code)
        said = note("appeal_passed" if fate.approved else "appeal_refused", rng)
        return move(Action.DECIDE_APPEAL, leader, passed=fate.approved, note=said)
    was_late = standing.closed_at is not None and standing.closed_at > standing.due_at
    if not (fate.appeal and was_late) or standing.appealed:
        return None
    return move(
        Action.APPEAL, world.desk(ticket.department_code) or _officer(standing, world), note=note("appeal", rng)
    )


def _rating(ticket: Ticket, standing: Standing, fate: Fate, world: World, rng: Random) -> Move | None:
    if not fate.score or standing.rated:
        return None
    return move(Action.RATE, CITIZEN, score=fate.score, note=world.matters.note(_mood(fate.score > 2), rng))


def _call(ticket: Ticket, standing: Standing, fate: Fate, world: World, rng: Random) -> Move | None:
    if not fate.calls:
        return None
    by = world.someone(Role.HOTLINE_OPERATOR, standing.county_code) or _county(standing, world)
    if not fate.reached:
        return move(Action.CALLBACK, by, reached=False, note=world.matters.note("no_answer", rng))
    said = world.matters.note(_mood(fate.satisfied), rng)
    return move(Action.CALLBACK, by, reached=True, satisfied=fate.satisfied, note=said)


def _mood(satisfied: bool) -> str:
    return "content" if satisfied else "discontent"


def _follow_up(ticket: Ticket, standing: Standing, fate: Fate, world: World, rng: Random) -> Move | None:
    if not standing.follow_up or standing.awaits is not None:
        return None
    note, officer = world.matters.note, _officer(standing, world)
    if fate.complaint_reopens:
        return move(Action.REOPEN, officer, note=note("reopen", rng))
    said = note("complaint_refused" if fate.complaint_refused else "complaint_corrected", rng)
    return move(Action.FOLLOW_UP, officer, passed=not fate.complaint_refused, note=said)


def _again(ticket: Ticket, standing: Standing, fate: Fate, world: World, rng: Random) -> Move | None:
    if not fate.reopened or standing.awaits is not None:
        return None
    return move(Action.REOPEN, _officer(standing, world), note=world.matters.note("reopen", rng))
