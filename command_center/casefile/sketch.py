"""The little map of the place: the village's outline, its grids, the point, a scale bar and north, as vectors."""

import math
from collections.abc import Callable, Iterator, Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from command_center.casefile.contents import Map, Shape
from command_center.casefile.paper import BLACK, GREY, HEI, PALE, RED, Line, Paper

METRES_PER_DEGREE = 111_320.0
# Points closer than this on paper, millimetres, look like one.
FINE = 0.08
FILLS = {"village": (247, 247, 244), "own": (219, 232, 245)}
Point = tuple[float, float]
Project = Callable[[float, float], Point]


def draw(paper: Paper, place: Map, x: float, y: float, side: float) -> None:
    """Draw the map into a square of `side` millimetres whose upper left corner is at x, y."""
    pdf = paper.pdf
    shapes = [(shape.kind, outline) for shape in place.shapes if (outline := _read(shape)) is not None]
    bounds = _bounds([outline for _, outline in shapes], place)
    project, millimetres = _projection(bounds, place.lat, x, y, side)
    with pdf.rect_clip(x, y, side, side):
        pdf.set_fill_color(255, 255, 255)
        pdf.rect(x, y, side, side, style="F")
        for kind, thick, colour in (("village", 0.0, PALE), ("own", 0.0, PALE), ("grid", 0.12, GREY)):
            _outlines(paper, [o for k, o in shapes if k == kind], project, FILLS.get(kind), thick, colour)
        for kind, thick, colour in (("own", 0.35, (28, 74, 130)), ("village", 0.45, BLACK)):
            _outlines(paper, [o for k, o in shapes if k == kind], project, None, thick, colour)
        _mark(paper, *project(place.lon, place.lat))
        _north(paper, x + side - 6.5, y + 4, place.north)
        _scale(paper, x + 3, y + side - 4, millimetres)
    pdf.set_draw_color(*BLACK)
    pdf.set_line_width(0.2)
    pdf.rect(x, y, side, side)


def _read(shape: Shape) -> BaseGeometry | None:
    try:
        outline = shapely.from_wkb(bytes.fromhex(shape.wkb))
    except (ValueError, shapely.errors.GEOSException):
        return None
    return None if outline.is_empty else outline


def _bounds(outlines: Sequence[BaseGeometry], place: Map) -> tuple[float, float, float, float]:
    around = shapely.Point(place.lon, place.lat).buffer(0.0008)
    west, south, east, north = shapely.union_all([around.envelope, *(shapely.box(*o.bounds) for o in outlines)]).bounds
    return west, south, east, north


def _projection(
    bounds: tuple[float, float, float, float], lat: float, x: float, y: float, side: float
) -> tuple[Project, float]:
    """Lay degrees onto paper, the same scale in both directions. Returns also millimetres of paper per metre."""
    west, south, east, north = bounds
    eastwards = METRES_PER_DEGREE * math.cos(math.radians(lat))
    wide, high = (east - west) * eastwards, (north - south) * METRES_PER_DEGREE
    scale = side * 0.86 / max(wide, high)
    left, top = x + (side - wide * scale) / 2, y + (side - high * scale) / 2

    def project(lon: float, lat: float) -> Point:
        return left + (lon - west) * eastwards * scale, top + (north - lat) * METRES_PER_DEGREE * scale

    return project, scale


def _outlines(
    paper: Paper,
    outlines: Sequence[BaseGeometry],
    project: Project,
    fill: tuple[int, int, int] | None,
    thick: float,
    colour: tuple[int, int, int],
) -> None:
    pdf = paper.pdf
    pdf.set_draw_color(*colour)
    pdf.set_line_width(thick or 0.1)
    if fill:
        pdf.set_fill_color(*fill)
    for ring in (ring for outline in outlines for ring in _rings(outline, project)):
        if fill:
            pdf.polygon(ring, style="F")
        if thick:
            pdf.polygon(ring, style="D")


def _rings(outline: BaseGeometry, project: Project) -> Iterator[list[Point]]:
    """The outer rings on paper, without points that nobody could tell apart."""
    for polygon in getattr(outline, "geoms", [outline]):
        if isinstance(polygon, shapely.Polygon):
            ring = shapely.LinearRing([project(*point[:2]) for point in polygon.exterior.coords])
            yield [(x, y) for x, y in ring.simplify(FINE).coords]


def _mark(paper: Paper, x: float, y: float) -> None:
    pdf = paper.pdf
    pdf.set_draw_color(*RED)
    pdf.set_line_width(0.4)
    for dx, dy in ((1, 0), (0, 1)):
        pdf.line(x - 3.4 * dx, y - 3.4 * dy, x - 1.5 * dx, y - 1.5 * dy)
        pdf.line(x + 1.5 * dx, y + 1.5 * dy, x + 3.4 * dx, y + 3.4 * dy)
    pdf.circle(x, y, 1.5, style="D")
    pdf.set_fill_color(*RED)
    pdf.circle(x, y, 0.45, style="F")


def _north(paper: Paper, x: float, y: float, word: str) -> None:
    pdf = paper.pdf
    pdf.set_fill_color(*BLACK)
    pdf.polygon([(x, y), (x - 1.6, y + 6), (x, y + 4.6), (x + 1.6, y + 6)], style="F")
    paper.text(x - paper.width(word, HEI, 7.5) / 2, y + 9.2, Line(word, 7.5, HEI))


def _scale(paper: Paper, x: float, y: float, millimetres: float) -> None:
    """A bar of a round number of metres, about a quarter of the map long."""
    wanted = 18 / millimetres
    power = 10 ** math.floor(math.log10(wanted))
    metres = max(step * power for step in (1, 2, 5) if step * power <= wanted)
    length = metres * millimetres
    label = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    pdf = paper.pdf
    pdf.set_fill_color(255, 255, 255)
    pdf.rect(x - 1, y - 5, length + 2, 6.5, style="F")
    pdf.set_draw_color(*BLACK)
    pdf.set_line_width(0.35)
    for points in (((x, y), (x + length, y)), ((x, y - 1.2), (x, y)), ((x + length, y - 1.2), (x + length, y))):
        pdf.line(*points[0], *points[1])
    paper.text(x + (length - paper.width(label, HEI, 7)) / 2, y - 1.4, Line(label, 7, HEI))
