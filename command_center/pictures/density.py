"""The density of reports: hexagons in metres, each with the reports per km² in it."""

import math
from collections.abc import Sequence

import numpy as np
import shapely
from sqlalchemy import func, select

from command_center.pictures.canvas import Canvas, Place, ranges
from command_center.pictures.errors import CellsTooFine, NothingToDraw, TooManyToDraw
from command_center.tickets.models import Ticket
from gis.classes import load
from gis.errors import TooFine
from gis.hexagons import MOST_CELLS, cells
from gis.map_style import LAND, shades
from gis.metres import local_projection
from gis.picture import Area, Look, Table

MOST_POINTS = 100_000


def compose(canvas: Canvas) -> None:
    """Draw the reports of the period. Raises: NothingToDraw, TooManyToDraw, CellsTooFine."""
    canvas.land()
    points = _points(canvas)
    own = next(place for place in canvas.places(canvas.region.level) if place.code == canvas.region.code)
    width = canvas.order.cell_m
    try:
        found = cells([lon for lon, _ in points], [lat for _, lat in points], shapely.from_wkb(own.wkb), width)
    except TooFine as fine:
        raise CellsTooFine(cell=width, most=f"{MOST_CELLS:,}", field="cell") from fine
    classes = load([cell.density for cell in found], canvas.order.rule)
    looks = [canvas.look(Look(fill=colour, ink="#9ca3af")) for colour in shades(len(classes))]
    number = np.zeros(len(classes), dtype=int)
    for cell in found:
        n = classes.of(cell.density)
        number[n] += 1
        tip = canvas.tell("tip_density", n=cell.count, density=f"{cell.density:.3g}")
        canvas.areas.append(Area("cell", cell.outline.wkb.hex(), looks[n], tip=tip))
    canvas.lines()
    words = ranges(classes, spelt, least=math.floor(min(cell.density for cell in found)))
    entries = [
        (look, canvas.tell("cells_of", range=one, n=int(count)))
        for look, one, count in zip(looks, words, number, strict=True)
    ]
    none = canvas.look(Look(fill=LAND, ink="#9ca3af"))
    canvas.legend(canvas.tell("reports_per_km2"), [(none, canvas.tell("no_reports")), *entries], canvas.rule(classes))
    canvas.notes.append(canvas.tell("note_density", cell=width, total=len(points)))
    _table(canvas)


def _points(canvas: Canvas) -> list[tuple[float, float]]:
    rows = select(Ticket.lon, Ticket.lat, Ticket.simulated).where(*canvas.mine(*canvas.in_period()))
    found = canvas.session.execute(rows.limit(MOST_POINTS + 1)).all()
    if not found:
        raise NothingToDraw(reason_zh="该区域在所选时段内没有上报。", reason_en="no reports here in this period.")
    if len(found) > MOST_POINTS:
        raise TooManyToDraw(most=f"{MOST_POINTS:,}", field="from")
    canvas.simulated |= any(row.simulated for row in found)
    return [(row.lon, row.lat) for row in found]


def _table(canvas: Canvas) -> None:
    """Reports and reports per km² of each part of the region, the densest first."""
    column = getattr(Ticket, f"{canvas.child}_code")
    rows = canvas.session.execute(
        select(column, func.count()).where(*canvas.mine(*canvas.in_period())).group_by(column)
    )
    counted: dict[str, int] = {code: total for code, total in rows}  # noqa: C416
    places = canvas.places(canvas.child)
    lines = [
        (canvas.short(place.name), counted.get(place.code, 0), counted.get(place.code, 0) / area)
        for place, area in zip(places, areas_km2(places), strict=True)
    ]
    lines.sort(key=lambda line: -line[2])
    canvas.table = Table(
        canvas.tell("table_density"),
        (canvas.tell(f"level_{canvas.child}"), canvas.tell("reports"), canvas.tell("per_km2")),
        tuple((name, str(total), f"{density:.3g}") for name, total, density in lines),
        canvas.tell("left_out", n="{n}"),
    )
    if canvas.child == "grid":
        canvas.tell_old_grids()


def spelt(value: float) -> str:
    """A break with all its digits: what the legend prints is what is drawn with."""
    return np.format_float_positional(value, trim="-")


def areas_km2(places: Sequence[Place]) -> list[float]:
    """How large each place is, km²."""
    shapes = np.array(shapely.from_wkb([place.wkb for place in places]), dtype=object)
    projection = local_projection(shapes)
    flat = shapely.transform(shapes, lambda lonlat: np.column_stack(projection.transform(*lonlat.T)))
    return [float(area) / 1e6 for area in shapely.area(flat)]
