"""What the person whose turn it is does next with a ticket: read off where it stands and its temper."""

from dataclasses import replace
from random import Random

from command_center.people.models import Role
from command_center.simulation import byways
from command_center.simulation.moves import Move
from command_center.simulation.moves import move as _move
from command_center.simulation.temper import Temper
from command_center.simulation.world import Scene, World
from command_center.tickets.actor import Actor
from command_center.tickets.intake import Draft
from command_center.tickets.models import Ticket
from command_center.tickets.record import standing_of
from command_center.tickets.standing import Node, Standing, Tier, has_authority, region_of_tier
from command_center.tickets.workflow import Action

LEFT_ALONE_AT = (Node.INTAKE, Node.CLAIM, Node.DISPATCH)
NEAR = 0.0002  # degrees, some twenty metres


def draft(scene: Scene, source: str, month: int, world: World, rng: Random) -> tuple[Draft, Actor]:
    """Make up a report and who brings it in. Hotline calls are taken down by the hotline, if there is one."""
    matter = world.matters.choose(scene.where, month, rng)
    worker = world.someone(Role.GRID_WORKER, scene.placement.grid)
    operator = world.someone(Role.HOTLINE_OPERATOR, scene.placement.county)
    if source == "hotline" and operator is None:
        source = "wechat"
    by = operator if source == "hotline" else worker
    if by is None:
        raise LookupError(scene.placement.grid)
    accuracy = round(rng.lognormvariate(1.8, 0.5), 1) if source == "patrol" else None
    return (
        Draft(
            category=matter.condition,
            lon=scene.lon,
            lat=scene.lat,
            description=world.matters.describe(matter, scene.where, rng),
            accuracy_m=accuracy,
            source=source,
            simulated=True,
        ),
        by,
    )


def twin_of(ticket: Ticket, by_chance: Draft, world: World, rng: Random) -> Draft | None:
    """Let somebody else report the same matter a few steps away; None when that is another village's."""
    lon = round(ticket.lon + rng.uniform(-NEAR, NEAR), 6)
    lat = round(ticket.lat + rng.uniform(-NEAR, NEAR), 6)
    place = world.place(lon, lat)
    if place.village != ticket.village_code or not world.is_ours(place.grid, place.base_grid):
        return None
    words = ticket.description
    return replace(by_chance, category=ticket.condition_code, lon=lon, lat=lat, description=words, accuracy_m=None)


def next_move(ticket: Ticket, temper: Temper, world: World, rng: Random) -> Move | None:
    """Decide who does what next; None when the ticket is done with, left alone, or nobody is there to act."""
    standing = standing_of(ticket)
    node, tier = standing.node, standing.tier
    if node is Node.CLOSED:
        return byways.afterwards(ticket, standing, temper.fate, world, rng)
    if standing.suspended or standing.awaits is not None:
        return byways.while_waiting(ticket, standing, temper.fate, world, rng)
    if node in LEFT_ALONE_AT and tier in temper.idle:
        return None
    officer = world.officer(tier, region_of_tier(standing, tier))
    if node is Node.INTAKE:
        return _at_intake(ticket, standing, temper, officer, world, rng)
    if node is Node.CLAIM:
        return _move(Action.CLAIM, officer, note=world.matters.note("claim", rng))
    if node is Node.DISPATCH:
        return _at_dispatch(ticket, standing, temper, officer, world, rng)
    if node is Node.HANDLE:
        return _at_handle(ticket, standing, temper, world, rng)
    if node is Node.CLOSE:
        return _at_close(ticket, temper, officer, world, rng)
    return None


def _at_intake(
    ticket: Ticket, standing: Standing, temper: Temper, officer: Actor | None, world: World, rng: Random
) -> Move | None:
    note = world.matters.note
    if temper.fate.twin is not None:
        return _move(Action.MERGE, officer, into=temper.fate.twin, note=note("merge", rng))
    if temper.source == "hotline":
        officer = world.someone(Role.HOTLINE_OPERATOR, standing.county_code) or officer
    if temper.rejected:
        return _move(Action.REJECT, officer, note=note("reject", rng))
    category = world.matters.kindred(ticket.condition_code, rng) if temper.fate.corrected else None
    return _move(Action.ACCEPT, officer, note=note("accept", rng), category=category)


def _at_dispatch(
    ticket: Ticket, standing: Standing, temper: Temper, officer: Actor | None, world: World, rng: Random
) -> Move | None:
    note = world.matters.note
    below_county = standing.tier is not Tier.COUNTY
    if not has_authority(standing):
        return _move(Action.ESCALATE, officer, note=note("no_authority", rng))
    if temper.passed_up and below_county:
        return _move(Action.ESCALATE, officer, note=note("hard", rng))
    if temper.self_handled and below_county:
        own = world.someone(Role.GRID_WORKER, ticket.grid_code) if standing.tier is Tier.VILLAGE else officer
        if own is not None:
            return _move(Action.DISPATCH, officer, note=note("self", rng), to=own.username)
    # What a department is going to send back was, half of the time, sent to the wrong one; none: the authority list's.
    wrong = temper.returns > 0 and rng.random() < 0.5
    department = rng.choice(world.departments) if wrong else None
    return _move(Action.DISPATCH, officer, note=note("dispatch", rng), department=department)


def _at_handle(ticket: Ticket, standing: Standing, temper: Temper, world: World, rng: Random) -> Move | None:
    note = world.matters.note
    if ticket.handler_id is not None:
        return _move(Action.RESOLVE, world.person(ticket.handler_id), note=note("resolve", rng))
    desk = world.desk(ticket.department_code)
    if (aside := byways.in_hand(ticket, standing, temper.fate, world, rng)) is not None:
        return aside
    if temper.returns > 0:
        return _move(Action.RETURN, desk, note=note("return", rng))
    if temper.starts > 0:
        return _move(Action.START, desk)
    if temper.supervisions > 0:
        supervisor, colour = _supervisor(standing, temper, world, rng)
        if supervisor is not None:
            return _move(Action.SUPERVISE, supervisor, note=note("supervise", rng), colour=colour)
    return _move(Action.RESOLVE, desk, note=note("rework" if ticket.rework_count else "resolve", rng))


def _supervisor(standing: Standing, temper: Temper, world: World, rng: Random) -> tuple[Actor | None, str]:
    """Find who urges: the leader for what is late; else the county, or the town for what lies in the town."""
    leader = world.someone(Role.LEADER, standing.county_code)
    if temper.is_late and leader is not None and rng.random() < 0.5:
        return leader, "red"
    if standing.tier is Tier.COUNTY or rng.random() < 0.4:
        return world.officer(Tier.COUNTY, standing.county_code), "yellow"
    return world.officer(Tier.TOWN, standing.town_code), "blue"


def _at_close(ticket: Ticket, temper: Temper, officer: Actor | None, world: World, rng: Random) -> Move | None:
    note = world.matters.note
    worker = world.someone(Role.GRID_WORKER, ticket.grid_code)
    if temper.failures > 0:
        return _move(Action.VERIFY, worker, note=note("failed", rng), passed=False, lon=ticket.lon, lat=ticket.lat)
    if temper.desk_closes:
        return _move(Action.CLOSE, officer, note=note("close", rng))
    return _move(Action.VERIFY, worker, note=note("passed", rng), passed=True, lon=ticket.lon, lat=ticket.lat)
