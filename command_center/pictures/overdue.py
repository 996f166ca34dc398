"""The overdue map: which share of the tickets ran late, or how many are overdue, by town, village or grid.

Counted by the statistics' own rollups, so it says what the dashboards say: overdue share = 1 - on-time closure rate.
"""

from collections.abc import Sequence
from itertools import pairwise

from sqlalchemy import ColumnElement, exists, func, select

from command_center.people.models import Role
from command_center.pictures.canvas import Canvas, Place, ranges
from command_center.pictures.errors import NothingToDraw
from command_center.pictures.situation import count_open, mark, open_tickets
from command_center.regions.models import Region
from command_center.regions.paths import significant
from command_center.statistics.facts import CATEGORY, DEPARTMENT, DEPARTMENT_CATEGORY, TOTAL
from command_center.statistics.models import Rollup
from command_center.tickets.models import Ticket
from gis.classes import around, load
from gis.map_style import DIVERGING, FEW, INK, MARKS, shades
from gis.picture import Look, Table

FEWEST = 5
"""Below this denominator a share says nothing; the dashboards use the same."""
Count = tuple[int, int, int]
"""Late ones that count, all that were due, and those that are overdue now."""


def compose(canvas: Canvas) -> None:
    """Draw the shares or numbers of the tickets reported in the period. Raises: NothingToDraw."""
    order = canvas.order
    counted = _counted(canvas, order.by, canvas.region.code)
    if not any(due for _, due, _ in counted.values()) and not any(now for *_, now in counted.values()):
        raise NothingToDraw(
            reason_zh="该区域在所选时段上报的工单中，没有已到期或已办结的。",
            reason_en="none of the tickets reported here in this period is closed or due.",
        )
    places = canvas.places(order.by)
    if order.measure == "share":
        _shares(canvas, places, counted)
    else:
        _numbers(canvas, places, counted)
    canvas.lines(finest=canvas.order.by)
    red = canvas.look(Look(fill=INK["red"], mark=MARKS["red"]))
    late = (Ticket.due_at <= canvas.now, Ticket.suspended_at.is_(None), *canvas.in_period())
    tickets = open_tickets(canvas, *late)
    canvas.simulated = bool(
        canvas.session.scalar(select(exists().where(*canvas.mine(*canvas.in_period()), Ticket.simulated)))
    )
    mark(canvas, tickets, {"red": red})
    canvas.legend(canvas.tell("points"), [(red, canvas.tell("overdue_now", n=count_open(canvas, *late)))])
    _table(canvas, places, counted)


def _shares(canvas: Canvas, places: Sequence[Place], counted: dict[str, Count]) -> None:
    home = canvas.user.region_code if canvas.user else _county(canvas)
    late, due = _mean(canvas, home)
    mean = late / due if due else 0.0
    classes = around(mean)
    looks = [canvas.look(Look(fill=colour)) for colour in DIVERGING]
    few = canvas.look(Look(fill=FEW, hatch="rising", ink="#7d8794"))
    for place in places:
        own, of, _ = counted.get(place.code, (0, 0, 0))
        look = looks[classes.of(own / of)] if of >= FEWEST else few
        share = f"{own / of:.1%}" if of else "–"
        canvas.add(place, look, tip=canvas.tell("tip_share", name=place.name, late=own, due=of, share=share))
    # A class that no share can reach is no entry: the mean may be near nothing or all.
    reach = [-1.0, *classes.breaks, 2.0]
    entries = [(look, _range(low, high)) for look, (low, high) in zip(looks, pairwise(reach), strict=True)]
    name = canvas.session.get_one(Region, home).name
    canvas.legend(
        canvas.tell("overdue_share"),
        [*entries, (few, canvas.tell("too_few", n=FEWEST))],
        canvas.tell("rule_mean", region=name, mean=f"{mean:.1%}", late=late, due=due),
    )


def _range(low: float, high: float) -> str:
    if low > 1 or high <= 0:
        return ""
    if low <= 0:
        return f"< {high:.1%}"
    return f"{low:.1%} – {high:.1%}" if high <= 1 else f"≥ {low:.1%}"


def _numbers(canvas: Canvas, places: Sequence[Place], counted: dict[str, Count]) -> None:
    values = [counted.get(place.code, (0, 0, 0))[2] for place in places]
    classes = load([value for value in values if value], canvas.order.rule, whole=True)
    looks = [canvas.look(Look(fill=colour)) for colour in shades(len(classes))]
    none = canvas.look(Look(fill="#ffffff"))
    for place, value in zip(places, values, strict=True):
        tip = canvas.tell("tip_overdue", name=place.name, n=value)
        canvas.add(place, looks[classes.of(value)] if value else none, tip=tip)
    words = ranges(classes, lambda value: f"{value:.0f}", whole=True, least=1)
    canvas.legend(
        canvas.tell("overdue_number"),
        [(none, "0"), *zip(looks, words, strict=True)] if any(values) else [(none, "0")],
        canvas.rule(classes, whole=True) if any(values) else "",
    )


def _counted(canvas: Canvas, level: str, code: str) -> dict[str, Count]:
    """By region of a level inside a region: late, due, and overdue now."""
    inside = Region.code.startswith(significant(code), autoescape=True)
    rows = canvas.session.execute(
        select(
            Rollup.region_code,
            func.sum(Rollup.due - Rollup.closed_on_time),
            func.sum(Rollup.due),
            func.sum(Rollup.overdue),
        )
        .join(Region, Region.code == Rollup.region_code)
        .where(
            inside,
            Region.level == level,
            *_dimension(canvas),
            Rollup.day.between(canvas.order.first, canvas.order.last),
        )
        .group_by(Rollup.region_code)
    )
    return {region: (int(late), int(due), int(now)) for region, late, due, now in rows}


def _dimension(canvas: Canvas) -> tuple[ColumnElement[bool], ...]:
    """Whose rollups: all, a category's, a department's own, or both."""
    category = canvas.order.category
    own = canvas.user.department_code if canvas.user and canvas.user.role == Role.DEPARTMENT_OFFICER else None
    if category is None:
        return (Rollup.dimension == DEPARTMENT, Rollup.key == own) if own else (Rollup.dimension == TOTAL,)
    before = f"{own}/{category.code}" if own else category.code
    dimension = DEPARTMENT_CATEGORY if own else CATEGORY
    return Rollup.dimension == dimension, Rollup.key.startswith(before, autoescape=True)


def _mean(canvas: Canvas, home: str) -> tuple[int, int]:
    """Late and due of the widest region that the caller sees."""
    level = canvas.session.get_one(Region, home).level
    late, due, _ = _counted(canvas, level, home).get(home, (0, 0, 0))
    return late, due


def _county(canvas: Canvas) -> str:
    return canvas.region.code[:6] + "000000"


def _table(canvas: Canvas, places: Sequence[Place], counted: dict[str, Count]) -> None:
    by_share = canvas.order.measure == "share"
    lines = [(canvas.short(place.name), *counted.get(place.code, (0, 0, 0))) for place in places]
    lines.sort(key=lambda line: (-(line[1] / line[2] if line[2] >= FEWEST else -1) if by_share else -line[3], -line[1]))
    heads = ("late", "due", "share") if by_share else ("overdue",)
    rows = [
        (name, str(late), str(due), f"{late / due:.1%}" if due >= FEWEST else "–") if by_share else (name, str(now))
        for name, late, due, now in lines
    ]
    canvas.table = Table(
        canvas.tell("table_overdue"),
        (canvas.tell(f"level_{canvas.order.by}"), *(canvas.tell(head) for head in heads)),
        tuple(rows),
        canvas.tell("left_out", n="{n}"),
    )
    canvas.notes.append(canvas.tell("note_overdue" if by_share else "note_overdue_number"))
    if canvas.order.by == "grid":
        canvas.tell_old_grids()
