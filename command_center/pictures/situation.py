"""The situation map: the open tickets as they stand, by colour, and how many each part of the region has."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, case, func, select

from command_center.deadlines.clocks import colour
from command_center.pictures.canvas import MOST_DOTS, Canvas
from command_center.regions.paths import LEVELS
from command_center.tickets.describe import LOADED
from command_center.tickets.models import Ticket
from gis.map_style import INK, MARKS, Colour
from gis.picture import Dot, Look, Table

COLOURS: tuple[Colour, ...] = ("red", "yellow", "blue", "grey")


def compose(canvas: Canvas) -> None:
    """Draw the open tickets. None at all is a picture, too, and a good one."""
    canvas.land()
    canvas.lines(finest=LEVELS[min(LEVELS.index(canvas.child) + 1, len(LEVELS) - 1)])
    looks = {name: canvas.look(Look(fill=INK[name], mark=MARKS[name])) for name in COLOURS}
    total = count_open(canvas)
    mark(canvas, open_tickets(canvas), looks)
    canvas.legend(
        canvas.tell("open_tickets", n=total), [(looks[name], canvas.tell(f"colour_{name}")) for name in COLOURS]
    )
    _table(canvas)


def count_open(canvas: Canvas, *more: ColumnElement[bool]) -> int:
    """How many open tickets the caller may see; the picture says so where it cannot mark them all."""
    total = canvas.session.scalar(select(func.count()).select_from(Ticket).where(*_open(canvas), *more)) or 0
    if total > MOST_DOTS:
        canvas.notes.append(canvas.tell("most_urgent", n=MOST_DOTS, total=total))
    return total


def open_tickets(canvas: Canvas, *more: ColumnElement[bool]) -> Sequence[Ticket]:
    """The most urgent open tickets that the caller may see."""
    rows = select(Ticket).where(*_open(canvas), *more).order_by(Ticket.due_at, Ticket.id)
    return canvas.session.scalars(rows.limit(MOST_DOTS).options(*LOADED)).all()


def mark(canvas: Canvas, tickets: Sequence[Ticket], looks: Mapping[Colour, int]) -> None:
    """Mark tickets by colour, the most urgent on top."""
    for ticket in reversed(tickets):
        shown = colour(canvas.now, ticket.warn_at, ticket.due_at, ticket.suspended_at is not None)
        condition = ticket.condition.name_en if canvas.language == "en" else ticket.condition.name
        tip = f"{ticket.number} {condition} {canvas.word('node.' + ticket.node)}"
        canvas.dots.append(Dot(ticket.lon, ticket.lat, looks[shown], tip))
        canvas.simulated |= ticket.simulated


def _open(canvas: Canvas) -> tuple[ColumnElement[bool], ...]:
    return canvas.mine(Ticket.closed_at.is_(None))


def _table(canvas: Canvas) -> None:
    """How many open and overdue tickets each part of the region has, the most overdue first."""
    column = getattr(Ticket, f"{canvas.child}_code")
    late = case(((Ticket.due_at <= canvas.now) & Ticket.suspended_at.is_(None), 1), else_=0)
    rows = canvas.session.execute(
        select(column, func.count(), func.coalesce(func.sum(late), 0)).where(*_open(canvas)).group_by(column)
    )
    counted = {code: (total, overdue) for code, total, overdue in rows}
    lines = [(canvas.short(place.name), *counted.get(place.code, (0, 0))) for place in canvas.places(canvas.child)]
    lines.sort(key=lambda line: (-line[2], -line[1]))
    canvas.table = Table(
        canvas.tell("table_open"),
        (canvas.tell(f"level_{canvas.child}"), canvas.tell("open"), canvas.tell("overdue")),
        tuple((name, str(total), str(overdue)) for name, total, overdue in lines),
        canvas.tell("left_out", n="{n}"),
    )
