"""A picture as a sheet for print: PNG at 300 dpi or PDF of vectors, A4 or A3, drawn by matplotlib without a screen.

Everything is laid out in millimetres from the sheet's lower left corner. The map is drawn in metres of the local zone
of CGCS2000, true to 1 : 10,000 within a county, so its scale bar is as true as the printer.
"""

import io
import math
from datetime import datetime
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from gis.lettering import POINT_MM, clean, width_mm, wrapped
from gis.picture import Picture
from gis.plate import BROWN, GREY, INK, Plate
from gis.plate_map import draw_map
from gis.plate_panel import draw_panel, panel_depth

Paper = Literal["A4", "A3"]
Lie = Literal["landscape", "portrait"]
PAPERS: dict[Paper, tuple[float, float]] = {"A4": (297.0, 210.0), "A3": (420.0, 297.0)}
DPI = 300
BAR_PARTS = {1: 4, 2: 4, 3: 3, 4: 4, 5: 5, 6: 3, 8: 4}
"""How long a scale bar may be, times a power of ten, and into how many parts it is cut."""


def draw(
    picture: Picture, form: Literal["png", "pdf"], paper: Paper = "A4", lie: Lie = "landscape", dpi: int = DPI
) -> bytes:
    """Draw a sheet. The same picture gives the same bytes. `dpi`: of a PNG."""
    with mpl.rc_context({"hatch.linewidth": 0.5, "pdf.fonttype": 42, "svg.hashsalt": "plate"}):
        plate = lay_out(picture, paper, lie)
        out = io.BytesIO()
        if form == "png":
            # The sheet in whole pixels, so that it measures what it says.
            plate.figure.set_size_inches(
                (round(plate.width / 25.4 * dpi) + 1e-6) / dpi, (round(plate.height / 25.4 * dpi) + 1e-6) / dpi
            )
            metadata: dict[str, Any] = {"Software": "command center", "Title": picture.title}
        else:
            made = datetime.fromisoformat(picture.produced)
            metadata = {"Title": picture.title, "Creator": "command center", "Subject": picture.subtitle}
            metadata |= {"CreationDate": made, "Author": None}
        plate.figure.savefig(out, format=form, dpi=dpi, metadata=metadata)
    return out.getvalue()


def lay_out(picture: Picture, paper: Paper, lie: Lie) -> Plate:
    """Lay everything out on the sheet."""
    width, height = PAPERS[paper] if lie == "landscape" else PAPERS[paper][::-1]
    unit = 1.0 if paper == "A4" else 1.35
    figure = Figure(figsize=(width / 25.4, height / 25.4), facecolor="white")
    FigureCanvasAgg(figure)
    page = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(0, height))
    page.set_axis_off()
    page.set_zorder(2)  # names and frame lie over the map
    plate = Plate(figure, page, width, height, unit)
    margin, gap = 10 * unit, 5 * unit
    top = _head(plate, picture, margin)
    low = margin + _footer_height(plate, picture, margin)
    if lie == "landscape":
        panel = 66 * unit
        columns = [(width - margin - panel, panel)]
        frame = (margin, low, width - margin - panel - gap, top)
        draw_panel(plate, picture, columns, top, low)
    else:
        count = 3
        panel = (width - 2 * margin - (count - 1) * gap) / count
        columns = [(margin + n * (panel + gap), panel) for n in range(count)]
        deep = min(panel_depth(plate, picture, panel, count), (top - low) * 0.42)
        frame = (margin, low + deep + gap, width - margin, top)
        draw_panel(plate, picture, columns, low + deep, low)
    draw_map(plate, picture, frame)
    _footer(plate, picture, margin, low)
    return plate


def _head(plate: Plate, picture: Picture, margin: float) -> float:
    """Title, subtitle and the word synthetic. Returns how far down the sheet is taken."""
    u, room = plate.unit, plate.width - 2 * margin
    y = plate.height - margin
    points = 17 * u
    while width_mm(clean(picture.title), points) > room and points > 8:
        points -= 0.5
    y -= points * POINT_MM
    plate.text(margin, y + 0.8 * u, picture.title, points)
    small = 9 * u
    mark = clean(picture.mark)
    beside = width_mm(mark, small) + 5 * u if mark else 0.0
    for n, line in enumerate(wrapped(picture.subtitle, room - beside, small)):
        y -= small * POINT_MM * 1.45
        plate.text(margin, y, line, small, GREY)
        if mark and n == 0:
            x = plate.width - margin - beside + 2 * u
            box = Rectangle((x - 1.5 * u, y - 1.3 * u), beside - 0.5 * u, small * POINT_MM + 1.8 * u)
            box.set(facecolor="#fdf0e0", edgecolor=BROWN, linewidth=0.5 * u)
            plate.page.add_patch(box)
            plate.text(x, y, mark, small, BROWN)
    return y - 3 * u


def _facts(plate: Plate, picture: Picture, margin: float) -> list[str]:
    return wrapped("　".join(picture.facts), plate.width - 2 * margin - 78 * plate.unit, 6.8 * plate.unit)


def _footer_height(plate: Plate, picture: Picture, margin: float) -> float:
    lines = len(_facts(plate, picture, margin))
    return max(12 * plate.unit, (lines * 6.8 * POINT_MM * 1.4 + 3) * plate.unit)


def _footer(plate: Plate, picture: Picture, margin: float, low: float) -> None:
    """North, the scale bar, and where it all comes from."""
    u, points = plate.unit, 6.8 * plate.unit
    y = low - 3 * u
    for line in _facts(plate, picture, margin):
        y -= points * POINT_MM * 1.4
        plate.text(margin + 78 * u, y + 1.2 * u, line, points, GREY)
    if not plate.metres_per_mm:
        return
    x, base = margin + 3 * u, margin
    arrow = np.array([(0, 6.8), (2, 0), (0, 1.5), (-2, 0)]) * u + (x, base)
    plate.page.add_patch(Polygon(arrow, closed=True, facecolor=INK, linewidth=0))
    plate.text(x, base + 7.4 * u, picture.north, 7 * u, align="center")
    _scale_bar(plate, picture, x + 9 * u, base + 1.2 * u)


def _scale_bar(plate: Plate, picture: Picture, x: float, y: float) -> None:
    u = plate.unit
    wanted = 50 * u * plate.metres_per_mm
    power = 10 ** math.floor(math.log10(wanted))
    step = max(step for step in BAR_PARTS if step * power <= wanted)
    plate.bar_m = step * power
    plate.bar_mm = plate.bar_m / plate.metres_per_mm
    parts = BAR_PARTS[step]
    for n in range(parts):
        piece = Rectangle((x + plate.bar_mm * n / parts, y), plate.bar_mm / parts, 1.4 * u, gid="scale-bar")
        piece.set(facecolor=INK if n % 2 == 0 else "white", edgecolor=INK, linewidth=0.5 * u)
        plate.page.add_patch(piece)
    kilometres = plate.bar_m >= 1000
    for part in (0.0, 1.0):
        value = plate.bar_m * part / (1000 if kilometres else 1)
        unit = (" km" if kilometres else " m") if part else ""
        plate.text(x + plate.bar_mm * part, y + 2.4 * u, f"{value:g}{unit}", 7 * u, align="center")
    ratio = f"{round(plate.metres_per_mm * 1000):,}".replace(",", " ")
    plate.text(x + plate.bar_mm / 2, y + 2.4 * u, picture.scale.format(ratio=f"1:{ratio}"), 7 * u, align="center")
