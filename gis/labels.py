"""Names into their areas: none over another, off the marks, beside the area, with a line, where there is no room."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.lettering import POINT_MM, width_mm

_ROWS = 9
_ON_A_MARK = 1.5
_AIR = 0.6
_FAR = (3.0, 6.0, 10.0, 15.0, 21.0)
_AROUND = 16


@dataclass(frozen=True, slots=True)
class Wanted:
    """A name and the outline it belongs to, millimetres on the sheet."""

    text: str
    outline: shapely.Geometry
    points: float


@dataclass(frozen=True, slots=True)
class Label:
    """Where a name is written: its centre, and the spot that a line leads to, if it stands beside its area."""

    text: str
    x: float
    y: float
    points: float
    box: tuple[float, float, float, float]
    to: tuple[float, float] | None = None


def place(
    wanted: Sequence[Wanted], marks: NDArray[np.float64], frame: tuple[float, float, float, float]
) -> list[Label]:
    """Place names, those of small areas first. `marks`: shape (n, 2), to be kept free if possible.

    frame: x, y, x, y. A name that finds no room at all is left out: it stands in the table and the page.
    """
    placed: list[Label] = []
    for one in sorted(wanted, key=lambda one: (one.outline.area, one.text)):
        label = _best(one, placed, marks, frame)
        if label:
            placed.append(label)
    return placed


def _best(
    one: Wanted, placed: Sequence[Label], marks: NDArray[np.float64], frame: tuple[float, float, float, float]
) -> Label | None:
    wide, high = width_mm(one.text, one.points), one.points * POINT_MM * 1.1
    pole = shapely.maximum_inscribed_circle(one.outline, 0.2).coords[0]
    shapely.prepare(one.outline)
    best: tuple[float, Label] | None = None
    for x, y, beside in _candidates(one.outline, pole, wide, high):
        box = (x - wide / 2 - _AIR, y - high / 2 - _AIR / 2, x + wide / 2 + _AIR, y + high / 2 + _AIR / 2)
        if not _free(box, placed, frame):
            continue
        covered = float(((marks >= box[:2]) & (marks <= box[2:])).all(axis=1).sum()) if len(marks) else 0.0
        off = 1 - one.outline.intersection(shapely.box(*box)).area / ((box[2] - box[0]) * (box[3] - box[1]))
        away = float(np.hypot(x - pole[0], y - pole[1])) / (wide + high)
        cost = _ON_A_MARK * covered + (2.5 + away if beside else 6 * off + away)
        if best is None or cost < best[0]:
            best = cost, Label(one.text, x, y, one.points, box, (pole[0], pole[1]) if beside else None)
    return best[1] if best else None


def _candidates(
    outline: shapely.Geometry, pole: tuple[float, ...], wide: float, high: float
) -> Iterator[tuple[float, float, bool]]:
    """The middle, a lattice within, and places beside, whose line must not be hidden by the name itself."""
    yield pole[0], pole[1], False
    west, south, east, north = outline.bounds
    for y in np.linspace(south, north, _ROWS + 2)[1:-1]:
        for x in np.linspace(west, east, _ROWS + 2)[1:-1]:
            if outline.contains(shapely.Point(x, y)):
                yield float(x), float(y), False
    for far in _FAR:
        for angle in np.linspace(0, 2 * np.pi, _AROUND, endpoint=False):
            x = pole[0] + np.cos(angle) * (far + wide / 2)
            yield float(x), float(pole[1] + np.sin(angle) * (far + high / 2)), True


def _free(
    box: tuple[float, float, float, float], placed: Sequence[Label], frame: tuple[float, float, float, float]
) -> bool:
    if box[0] < frame[0] or box[1] < frame[1] or box[2] > frame[2] or box[3] > frame[3]:
        return False
    return all(
        box[2] < other.box[0] or other.box[2] < box[0] or box[3] < other.box[1] or other.box[3] < box[1]
        for other in placed
    )
