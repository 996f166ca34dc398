"""The map of a sheet: areas, marks and names, in metres of the local zone of CGCS2000."""

import math
from collections import defaultdict
from itertools import groupby
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.patheffects import Stroke
from numpy.typing import NDArray

from gis.ground import Ground
from gis.labels import Wanted, place
from gis.lettering import POINT_MM, clean, face
from gis.map_style import LINES, PRINTED
from gis.picture import Look, Picture
from gis.plate import INK, MARKERS, Plate

FINE_MM = 0.05
"""Lines may move by so much on the sheet."""
NAME_POINTS = {"town": 8.5, "village": 7.0, "grid": 6.0, "county": 9.0, "cell": 6.0}


def draw_map(plate: Plate, picture: Picture, frame: tuple[float, float, float, float]) -> None:
    """Draw the map into a frame (x, y, x, y) and tell the plate its scale."""
    left, low, right, top = frame
    u = plate.unit
    border = Rectangle((left, low), right - left, top - low, facecolor="none", edgecolor="#9ca3af", linewidth=0.6 * u)
    plate.page.add_patch(border)
    if not picture.areas:
        return
    ground = Ground(picture.areas)
    west, south, east, north = ground.bounds
    air = 4 * u
    metres = max((east - west) / (right - left - 2 * air), (north - south) / (top - low - 2 * air))
    plate.metres_per_mm = metres = _round_scale(metres)
    middle = ((west + east) / 2, (south + north) / 2)
    wide, high = (right - left) * metres, (top - low) * metres
    axes = plate.figure.add_axes(
        (left / plate.width, low / plate.height, (right - left) / plate.width, (top - low) / plate.height),
        xlim=(middle[0] - wide / 2, middle[0] + wide / 2),
        ylim=(middle[1] - high / 2, middle[1] + high / 2),
    )
    axes.set_axis_off()
    shapes = ground.simplified(FINE_MM * metres)
    _areas(axes, picture, shapes, u)
    places = ground.places(picture.dots)
    _dots(axes, picture, places, u)

    def on_sheet(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return (xy - (middle[0] - wide / 2, middle[1] - high / 2)) / metres + (left, low)

    wanted = _wanted(picture, np.asarray(shapely.transform(shapes, on_sheet)), u)
    plate.labels = place(wanted, on_sheet(places), (left + 1, low + 1, right - 1, top - 1))
    _names(plate)


def _wanted(picture: Picture, outlines: NDArray[np.object_], u: float) -> list[Wanted]:
    """The names to be written; one of a grid keeps off the special grids that lie over it."""
    pairs = list(zip(picture.areas, outlines, strict=True))
    over = shapely.union_all([outline for area, outline in pairs if area.over and area.name])
    found = []
    for area, outline in pairs:
        if area.name:
            free = outline if area.over else outline.difference(over)
            room = outline if free.is_empty else free
            found.append(Wanted(clean(area.name), room, NAME_POINTS[area.level] * u))
    return found


def _round_scale(metres_per_mm: float) -> float:
    """The next smaller scale with two digits: 1 : 290 000."""
    power = 10 ** (math.floor(math.log10(metres_per_mm)) - 1)
    return math.ceil(metres_per_mm / power - 1e-9) * power


def _areas(axes: Axes, picture: Picture, shapes: NDArray[np.object_], u: float) -> None:
    """Areas run by run, the first at the bottom; in a run nothing overlaps, so all of one look are drawn at once."""

    def run(n: int) -> tuple[str, bool]:
        return picture.areas[n].level, picture.areas[n].over

    for z, (_, group) in enumerate(groupby(range(len(shapes)), key=run)):
        looked = defaultdict(list)
        for n in group:
            looked[picture.areas[n].level, picture.areas[n].look].extend(_paths(shapes[n]))
        for (level, look), paths in looked.items():
            style = _style(level, picture.looks[look] if look is not None else Look(), u)
            axes.add_collection(PathCollection(paths, **style, zorder=1 + z / 1000), autolim=False)


def _style(level: str, look: Look, u: float) -> dict[str, Any]:
    line = LINES[level]
    style: dict[str, Any] = {
        "facecolor": look.fill or "none",
        "edgecolor": look.ink if look.dashed else line["color"],
        "linewidth": (1.1 if look.dashed else line["weight"] * 0.45) * u,
    }
    if look.dashed:
        style["linestyle"] = (0, (4, 2))
    if look.hatch:
        style |= {"hatch": PRINTED[look.hatch], "hatchcolor": look.ink}
    return style


def _paths(shape: shapely.Geometry) -> list[Path]:
    """One path for each polygon, holes and all."""
    found = []
    for polygon in shapely.get_parts(shape):
        if polygon.geom_type != "Polygon":
            continue
        rings = [np.asarray(ring.coords)[:, :2] for ring in (polygon.exterior, *polygon.interiors)]
        codes = [[Path.MOVETO, *[Path.LINETO] * (len(ring) - 2), Path.CLOSEPOLY] for ring in rings]
        found.append(Path(np.concatenate(rings), np.concatenate(codes)))
    return found


def _dots(axes: Axes, picture: Picture, places: NDArray[np.float64], u: float) -> None:
    looks = np.array([dot.look for dot in picture.dots], dtype=int)
    for n in sorted(set(looks.tolist()), reverse=True):
        look = picture.looks[n]
        x, y = places[looks == n].T
        marker = MARKERS[look.mark or "circle"]
        size = (3.4 if marker == "D" else 4.2) * u
        axes.plot(x, y, marker, color=look.fill, ms=size, mec="white", mew=0.35 * u, ls="none", zorder=3)


def _names(plate: Plate) -> None:
    """Write the names: first a white rim as shapes, then the text itself, which stays text in a PDF."""
    u = plate.unit
    for label in plate.labels:
        if label.to:
            plate.page.plot([label.to[0], label.x], [label.to[1], label.y], color=INK, linewidth=0.4 * u, zorder=3.5)
    for label in plate.labels:
        # Centred by its own measure: the middle of a line of type is not the middle of its letters.
        x, y = label.x, label.y - label.points * POINT_MM * 0.36
        style: dict[str, Any] = {"fontproperties": face(label.points), "ha": "center", "va": "baseline"}
        style["parse_math"] = False
        rim = plate.page.text(x, y, label.text, color="white", zorder=4, **style)
        rim.set_path_effects([Stroke(linewidth=1.8 * u, foreground="white")])
        plate.page.text(x, y, label.text, color=INK, zorder=4.1, **style)
