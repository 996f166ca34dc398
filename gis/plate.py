"""A sheet while it is laid out, in millimetres from its lower left corner."""

from dataclasses import dataclass, field
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gis.labels import Label
from gis.lettering import clean, face

INK, GREY, BROWN = "#111827", "#465362", "#8f4604"
MARKERS = {"circle": "o", "triangle": "^", "diamond": "D", "square": "s"}


@dataclass
class Plate:
    """A sheet that is laid out. `unit`: how much larger than on A4 type and lines are; bar: the scale bar."""

    figure: Figure
    page: Axes
    width: float
    height: float
    unit: float
    metres_per_mm: float = 0.0
    bar_m: float = 0.0
    bar_mm: float = 0.0
    labels: list[Label] = field(default_factory=list)

    def text(self, x: float, y: float, text: str, points: float, colour: str = INK, align: str = "left") -> None:
        """Write a line; `y` is its baseline."""
        style: dict[str, Any] = {"fontproperties": face(points), "ha": align, "va": "baseline", "parse_math": False}
        self.page.text(x, y, clean(text), color=colour, zorder=5, **style)
