"""Where grid workers were, as far as their work left a sign of it.

There are no patrols in the record yet. What there is: reports that a worker sent from a patrol, and checks on site
with the worker's position within the allowed distance. Each source of signs is a function in SIGNS; check-ins of
patrols become one more of them. A grid without a sign was not necessarily left alone, and the picture says so.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import shapely
from sqlalchemy import ColumnElement, func, select

from command_center.events.models import TicketEvent
from command_center.people.models import Role, User
from command_center.pictures.canvas import MOST_DOTS, Canvas, Place, ranges
from command_center.pictures.errors import NothingToDraw, TooManyToDraw
from command_center.regions.paths import contains
from command_center.tickets.models import Ticket
from gis.classes import load
from gis.map_style import INK
from gis.picture import Dot, Look, Table

MOST_SIGNS = 100_000
# ColorBrewer Blues: presence, not load.
PRESENCE = ("#deebf7", "#9ecae1", "#6baed6", "#3182bd", "#08519c")
ACTION = "verify"


class Sign(NamedTuple):
    """Something that says that a worker was in a place. lon, lat: WGS 84; `grid`: that of the ticket."""

    grid: str
    lon: float
    lat: float
    simulated: bool


def reports(canvas: Canvas) -> Iterator[Sign]:
    """Reports that workers sent from a patrol in the period."""
    rows = (
        select(Ticket.grid_code, Ticket.lon, Ticket.lat, Ticket.simulated)
        .join(User, User.id == Ticket.reported_by_id)
        .where(*canvas.mine(*canvas.in_period()), Ticket.source == "patrol", User.role == str(Role.GRID_WORKER))
        .limit(MOST_SIGNS + 1)
    )
    for row in canvas.session.execute(rows):
        yield Sign(*row)


def site_checks(canvas: Canvas) -> Iterator[Sign]:
    """Checks on site in the period, by a worker who stood within the allowed distance of the ticket's place."""
    begin, end = canvas.order.span(canvas.zone)
    # Events are numbered as they happen: the period's first is found by halving, not by reading all of the log.
    first = _first_event(canvas, begin)
    rows = (
        select(TicketEvent.grid_code, TicketEvent.details)
        .where(
            TicketEvent.id >= first,
            TicketEvent.at >= begin,
            TicketEvent.at < end,
            TicketEvent.action == ACTION,
            TicketEvent.actor_role == str(Role.GRID_WORKER),
            *_events_of(canvas),
        )
        .limit(MOST_SIGNS + 1)
    )
    for grid, details in canvas.session.execute(rows):
        if not details.get("away") and "lon" in details:
            yield Sign(grid, details["lon"], details["lat"], bool(details.get("simulated")))


SIGNS: dict[str, Callable[[Canvas], Iterator[Sign]]] = {"reports": reports, "checks": site_checks}
LOOKS = {
    "reports": Look(fill=INK["yellow"], mark="triangle"),
    "checks": Look(fill="#1b7837", mark="circle"),
}


def compose(canvas: Canvas) -> None:
    """Colour each grid by its signs; those without any are hatched. Raises: NothingToDraw, TooManyToDraw."""
    found = {name: list(read(canvas)) for name, read in SIGNS.items()}
    total = sum(len(signs) for signs in found.values())
    if not total:
        raise NothingToDraw(
            reason_zh="该区域在所选时段内没有巡查上报，也没有现场核查记录。",
            reason_en="no reports from patrols and no checks on site here in this period.",
        )
    if total > MOST_SIGNS:
        raise TooManyToDraw(most=f"{MOST_SIGNS:,}", field="from")
    canvas.simulated = any(sign.simulated for signs in found.values() for sign in signs)
    grids = canvas.places("grid")
    counts = _placed(grids, [sign for signs in found.values() for sign in signs])
    _grids(canvas, grids, counts)
    canvas.lines(finest="grid")
    canvas.notes.append(canvas.tell("note_coverage", **{name: len(signs) for name, signs in found.items()}))
    if canvas.region.level != "county" and total <= MOST_DOTS:
        _dots(canvas, found)
    _table(canvas, grids, counts)


def _placed(grids: Sequence[Place], signs: Sequence[Sign]) -> Counter[str]:
    """Count signs by the grids of the map that is drawn, whatever grid a ticket was placed in by an earlier one.

    A place in a school's grid lies in the urban-rural grid around it as well: both were visited. One that lies a
    little outside of all grids counts for its ticket's.
    """
    tree = shapely.STRtree(shapely.from_wkb([grid.wkb for grid in grids]))
    points = shapely.points([(sign.lon, sign.lat) for sign in signs])
    which, inside = tree.query(points, predicate="intersects")
    counts = Counter(grids[n].code for n in inside.tolist())
    for n in set(range(len(signs))) - set(which.tolist()):
        counts[signs[n].grid] += 1
    return counts


def _grids(canvas: Canvas, grids: Sequence[Place], counts: Counter[str]) -> None:
    seen = [counts[grid.code] for grid in grids if counts[grid.code]]
    classes = load(seen, canvas.order.rule, whole=True)
    # The fewer classes, the darker the first: they are told from the pale hatching by more than the hatch.
    looks = [canvas.look(Look(fill=colour)) for colour in PRESENCE[len(PRESENCE) - len(classes) :]]
    none = canvas.look(Look(fill="#fff7ec", hatch="crossed", ink="#8f4604"))
    for grid in grids:
        n = counts[grid.code]
        canvas.add(grid, looks[classes.of(n)] if n else none, tip=canvas.tell("tip_signs", name=grid.name, n=n))
    without = sum(not counts[grid.code] for grid in grids)
    words = ranges(classes, lambda value: f"{value:.0f}", whole=True, least=1)
    canvas.legend(
        canvas.tell("signs"),
        [(none, canvas.tell("no_sign", n=without, of=len(grids))), *zip(looks, words, strict=True)],
        canvas.rule(classes, whole=True),
    )


def _dots(canvas: Canvas, found: dict[str, list[Sign]]) -> None:
    for name, signs in found.items():
        look = canvas.look(LOOKS[name])
        canvas.dots += [Dot(sign.lon, sign.lat, look, canvas.tell(f"sign_{name}")) for sign in signs]
    canvas.legend(
        canvas.tell("points"),
        [(canvas.look(LOOKS[name]), canvas.tell(f"sign_{name}")) for name, signs in found.items() if signs],
    )


def _table(canvas: Canvas, grids: Sequence[Place], counts: Counter[str]) -> None:
    """How many grids of each part have no sign, the greatest share first; of a village, the grids' own signs."""
    parts = canvas.places(canvas.child)
    if canvas.child == "grid":
        lines = sorted(((canvas.short(grid.name), counts[grid.code]) for grid in grids), key=lambda line: line[1])
        rows: list[tuple[str, ...]] = [(name, str(n)) for name, n in lines]
        heads = [canvas.tell("level_grid"), canvas.tell("signs_short")]
    else:
        inside = {part.code: [grid for grid in grids if contains(part.code, grid.code)] for part in parts}
        told = [
            (part.name, sum(not counts[grid.code] for grid in inside[part.code]), len(inside[part.code]))
            for part in parts
        ]
        told.sort(key=lambda line: -(line[1] / line[2] if line[2] else 0))
        rows = [(name, str(none), str(of), f"{none / of:.0%}" if of else "–") for name, none, of in told]
        heads = [canvas.tell(key) for key in (f"level_{canvas.child}", "without_sign", "grids", "share")]
    title = canvas.tell("table_signs" if canvas.child == "grid" else "table_coverage")
    canvas.table = Table(title, tuple(heads), tuple(rows), canvas.tell("left_out", n="{n}"))


def _first_event(canvas: Canvas, begin: object) -> int:
    """The number of an event not after the first one since `begin`."""
    low, high = 1, (canvas.session.scalar(select(func.max(TicketEvent.id))) or 0) + 1
    while low < high:
        middle = (low + high) // 2
        at = canvas.session.execute(
            select(TicketEvent.id, TicketEvent.at).where(TicketEvent.id >= middle).order_by(TicketEvent.id).limit(1)
        ).first()
        if at is None or at.at >= begin:
            high = middle
        else:
            low = at.id + 1
    return low


def _events_of(canvas: Canvas) -> tuple[ColumnElement[bool], ...]:
    """Events in the region and of the category, as far as the caller sees their tickets."""
    tickets = select(Ticket.id).where(*canvas.mine())
    return (TicketEvent.ticket_id.in_(tickets),)
