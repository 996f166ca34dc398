"""The place of a fault as a small picture: the outline, its neighbours, the offending part, and a scale bar."""

import math
from xml.sax.saxutils import escape

import numpy as np
import shapely

from gis.importing.records import Fault, Outline, Survey
from gis.importing.words import SHORT

WIDTH, HEIGHT = 360, 260
_FRAME = 12
_LEAST_M = 30.0
_MOST_NEIGHBOURS = 60
_DEGREE_M = 111_320.0
_PAPER, _LAND, _LINE, _OWN, _OWN_LINE, _BAD = "#f6f7f8", "#e4e9ee", "#8a97a5", "#cfe0f2", "#1f5fa8", "#c62828"
_BARS = (1, 2, 5)


def picture(fault: Fault, survey: Survey) -> str:
    """An SVG document of 360 × 260; every text in it is escaped. A fault without a place has only its words."""
    own = [o for o in survey.outlines if fault.row is not None and (o.row, o.layer) == (fault.row, fault.layer or "")]
    what = fault.geometry if fault.geometry is not None and not fault.geometry.is_empty else None
    looked_at = what if what is not None else (own[0].geometry if own else None)
    if looked_at is None or not np.isfinite(shapely.bounds(looked_at)).all():
        return _document(fault, [_text(WIDTH / 2, HEIGHT / 2, "没有图形 No shape", "middle")])
    view = _View(looked_at)
    drawn = [_outline(one, view, one in own) for one in _near(survey, view, own)]
    if what is not None:
        drawn.append(_offending(what, view))
    return _document(fault, [*(part for part in drawn if part), view.scale_bar()])


class _View:
    """A window around a place: from degrees to the picture's points, north up, true to scale."""

    def __init__(self, shape: shapely.Geometry) -> None:
        west, south, east, north = shapely.bounds(shape)
        self._lon, self._lat = (west + east) / 2, (south + north) / 2
        self._squeeze = math.cos(math.radians(min(abs(self._lat), 85.0)))
        wide = max((east - west) * _DEGREE_M * self._squeeze * 1.7, _LEAST_M)
        high = max((north - south) * _DEGREE_M * 1.7, _LEAST_M)
        self.metres = max(wide / (WIDTH - 2 * _FRAME), high / (HEIGHT - 2 * _FRAME))
        half_w, half_h = WIDTH / 2 * self.metres / _DEGREE_M / self._squeeze, HEIGHT / 2 * self.metres / _DEGREE_M
        self.box = (self._lon - half_w, self._lat - half_h, self._lon + half_w, self._lat + half_h)

    def drawn(self, shape: shapely.Geometry) -> shapely.Geometry:
        """What of a shape is in the window, in points of the picture."""
        west, south, east, north = self.box
        spare = (east - west) * 0.05
        seen = shapely.clip_by_rect(shape, west - spare, south - spare, east + spare, north + spare)
        return shapely.simplify(shapely.transform(seen, self._points), 0.3)

    def _points(self, lonlat: np.ndarray) -> np.ndarray:
        x = (lonlat[:, 0] - self._lon) * _DEGREE_M * self._squeeze / self.metres + WIDTH / 2
        y = HEIGHT / 2 - (lonlat[:, 1] - self._lat) * _DEGREE_M / self.metres
        return np.column_stack([x, y])

    def scale_bar(self) -> str:
        """A bar of a round length, about a quarter of the picture long."""
        most = WIDTH / 4 * self.metres
        power = 10.0 ** math.floor(math.log10(most))
        length = max(bar * power for bar in _BARS if bar * power <= most)
        points = length / self.metres
        told = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
        y = HEIGHT - 14
        return (
            f'<path d="M14 {y - 5}V{y}H{14 + points:.1f}V{y - 5}" fill="none" stroke="#333" stroke-width="1.5"/>'
            + _text(14 + points / 2, y - 5, told, "middle")
        )


def _near(survey: Survey, view: _View, own: list[Outline]) -> list[Outline]:
    """Outlines in the window; special grids over urban-rural ones, and its own over all."""
    if not survey.outlines:
        return []
    bounds = shapely.bounds([one.geometry for one in survey.outlines])
    west, south, east, north = view.box
    seen = (bounds[:, 0] <= east) & (bounds[:, 2] >= west) & (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
    others = [survey.outlines[n] for n in np.flatnonzero(seen) if survey.outlines[n] not in own]
    others = [one for one in others if one.level == "grid"][:_MOST_NEIGHBOURS]
    return [*sorted(others, key=lambda one: one.kind != "urban_rural"), *own]


def _outline(one: Outline, view: _View, own: bool) -> str:
    shape = view.drawn(one.geometry)
    path = _path(shape)
    if not path:
        return ""
    fill, line = (_OWN, _OWN_LINE) if own else (_LAND, _LINE)
    title = escape(_printable(f"{one.row} {one.code or ''} {one.name}".strip()))
    opacity = ' fill-opacity="0.7"' if one.kind != "urban_rural" else ""
    middle = shapely.point_on_surface(shape)
    label = "" if middle.is_empty else _text(middle.x, middle.y, str(one.row), "middle")
    return (
        f'<path d="{path}" fill="{fill}"{opacity} stroke="{line}" stroke-width="{1.6 if own else 1}" '
        f'fill-rule="evenodd"><title>{title}</title></path>{label}'
    )


def _offending(what: shapely.Geometry, view: _View) -> str:
    """The part at fault: an area or line in red, a point with a ring around it, so that the smallest can be seen."""
    shape = view.drawn(what)
    marks = []
    path = _path(shape)
    if path:
        marks.append(f'<path d="{path}" fill="{_BAD}" fill-opacity="0.45" stroke="{_BAD}" stroke-width="1.5"/>')
    west, south, east, north = shapely.bounds(shape)
    if not path or max(east - west, north - south) < 12:
        middle = shapely.centroid(shape if not shape.is_empty else what)
        if not middle.is_empty:
            marks.append(
                f'<circle cx="{middle.x:.1f}" cy="{middle.y:.1f}" r="9" fill="none" stroke="{_BAD}" stroke-width="2"/>'
            )
    return "".join(marks)


def _path(shape: shapely.Geometry) -> str:
    """Rings and lines as one path."""
    steps = []
    for part in shapely.get_parts(shapely.get_parts(shape)):
        lines = shapely.get_rings(part) if part.geom_type == "Polygon" else [part]
        for line in lines:
            if line.geom_type not in ("LinearRing", "LineString") or line.is_empty:
                continue
            points = " ".join(f"{x:.1f},{y:.1f}" for x, y in shapely.get_coordinates(line))
            steps.append(f"M{points}" + ("Z" if part.geom_type == "Polygon" else ""))
    return "".join(steps)


def _text(x: float, y: float, told: str, anchor: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-family="sans-serif" font-size="11" fill="#333" '
        'stroke="#fff" stroke-width="2.5" paint-order="stroke">'
        f"{escape(_printable(told))}</text>"
    )


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "�" for c in text)[:120]


def _document(fault: Fault, parts: list[str]) -> str:
    label = escape(_printable(" ".join(SHORT[fault.kind])), {'"': "&quot;"})
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" aria-label="{label}"><rect width="{WIDTH}" height="{HEIGHT}" fill="{_PAPER}"/>'
        + "".join(parts)
        + "</svg>"
    )
