"""A picture as one HTML page, drawn by folium, that opens from a USB stick without any network.

Folium's own scripts and styles come from content delivery networks; they are replaced by Leaflet's text, written into
the page with its images. Labels are handed over as data and become text nodes, never markup.
"""

import base64
import re
from pathlib import Path
from typing import Any

import folium
import numpy as np
import shapely
from branca.element import Element, Figure, MacroElement
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from gis.ground import Ground
from gis.map_style import HATCHES, LAND, LINES, SHAPES
from gis.picture import Area, Look, Picture

DECIMALS = 5
STEPS_ACROSS = 5000
"""A line may move by one part in so many of the picture's width."""
_TEMPLATES = Environment(autoescape=True, loader=FileSystemLoader(Path(__file__).parent / "templates"))


class _OwnMap(folium.Map):
    """A folium map that loads nothing: Leaflet is written into the page."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.default_js: list[tuple[str, str]] = []
        self.default_css: list[tuple[str, str]] = []


class _Verbatim(Element):
    """Finished text. A plain branca Element would read it as a template again, and a label's `{{ … }}` with it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def render(self, **kwargs: Any) -> str:
        return self.text


class _Drawing(MacroElement):
    """Areas and dots in one script, because a folium object for each of thousands takes seconds."""

    def __init__(self, picture: Picture, ground: Ground | None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Drawing"
        self.parts = {
            "areas": _areas(picture, ground) if ground else [],
            "dots": [(round(dot.lat, DECIMALS), round(dot.lon, DECIMALS), dot.look, dot.tip) for dot in picture.dots],
            "icons": [icon(look, n) for n, look in enumerate(picture.looks)],
            "north": picture.north,
        }

    def render(self, **kwargs: Any) -> str:
        page = self._parent.get_name() if self._parent else ""
        text = _TEMPLATES.get_template("drawing.js").render(map=page, **self.parts)
        _figure(self).script.add_child(_Verbatim(text), name=self.get_name())
        return ""


class _Frame(MacroElement):
    """Leaflet's own text, title, legend, table and facts around the map."""

    def __init__(self, picture: Picture, leaflet: Path) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Frame"
        self.parts = {
            "picture": picture,
            "icons": [Markup(icon(look, n)) for n, look in enumerate(picture.looks)],
            "hatches": [(n, look, Markup(HATCHES[look.hatch])) for n, look in enumerate(picture.looks) if look.hatch],
            "leaflet_script": Markup(leaflet_script(leaflet)),
            "leaflet_style": Markup(leaflet_style(leaflet)),
        }

    def render(self, **kwargs: Any) -> str:
        figure = _figure(self)
        for room, template in ((figure.header, "head.html"), (figure.html, "frame.html")):
            room.add_child(_Verbatim(_TEMPLATES.get_template(template).render(self.parts)), name=self.get_name())
        return ""


def _figure(element: Element) -> Figure:
    figure = element.get_root()
    assert isinstance(figure, Figure)  # So that type checkers know; folium makes one for each map.
    return figure


def draw(picture: Picture, leaflet: Path) -> str:
    """Draw a picture on one page. `leaflet`: the folder with `leaflet.js`, `leaflet.css` and `images/`."""
    ground = Ground(picture.areas) if picture.areas else None
    page = _OwnMap(tiles=None, zoom_snap=0.25, attribution_control=False, zoom_control=True)
    if ground:
        west, south, east, north = shapely.total_bounds(
            [shapely.from_wkb(bytes.fromhex(area.wkb)) for area in picture.areas]
        )
        page.fit_bounds([[float(south), float(west)], [float(north), float(east)]])
    page.add_child(_Drawing(picture, ground))
    page.add_child(_Frame(picture, leaflet))
    html: str = page.get_root().render()
    return html


def leaflet_script(folder: Path) -> str:
    """Leaflet's script as it may stand in a page: without its map of sources, which would be asked for."""
    return re.sub(r"\n//# sourceMappingURL=\S+", "", (folder / "leaflet.js").read_text(encoding="utf-8"))


def leaflet_style(folder: Path) -> str:
    """Leaflet's style sheet with its images in itself."""

    def inlined(found: re.Match[str]) -> str:
        data = base64.b64encode((folder / found.group(1)).read_bytes()).decode()
        return f"url(data:image/png;base64,{data})"

    style = (folder / "leaflet.css").read_text(encoding="utf-8")
    return re.sub(r"url\((images/[\w-]+\.png)\)", inlined, style.replace("behavior: url(#default#VML);", ""))


def icon(look: Look, n: int) -> str:
    """A look as a small SVG, for the legend and for marks; `n` names its hatch."""
    if look.mark:
        size = 'width="12" height="12" viewBox="0 0 12 12"'
        return f'<svg {size} fill="{look.fill}" stroke="#fff">{SHAPES[look.mark]}</svg>'
    dashes = ' stroke-dasharray="4 2"' if look.dashed else ""
    box = f'<rect x=".5" y=".5" width="19" height="11" fill="{{}}" stroke="{look.ink}"{dashes}/>'
    fills = [look.fill or "none", *([f"url(#hatch-{n})"] if look.hatch else [])]
    return f'<svg width="20" height="12" viewBox="0 0 20 12">{"".join(box.format(fill) for fill in fills)}</svg>'


def _areas(picture: Picture, ground: Ground) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Runs of areas of one level, the first at the bottom, each with its line."""
    west, south, east, north = ground.bounds
    simple = ground.simplified(max(east - west, north - south) / STEPS_ACROSS)
    shapes = shapely.transform(simple, lambda xy: np.round(ground.back(xy), DECIMALS))
    runs: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    last = ""
    for area, shape in zip(picture.areas, shapes, strict=True):
        if area.level != last:
            runs.append((dict(LINES[area.level]), []))
            last = area.level
        runs[-1][1].append(_feature(area, shape, picture))
    return runs


def _feature(area: Area, shape: shapely.Geometry, picture: Picture) -> dict[str, Any]:
    look = picture.looks[area.look] if area.look is not None else None
    style: dict[str, Any] = {"fill": look is not None and look.fill is not None}
    if look:
        style |= {"fillColor": look.fill or LAND, "fillOpacity": 1}
        if look.dashed:
            style |= {"color": look.ink, "dashArray": "6 4", "weight": 2}
    own: dict[str, Any] = {"style": style}
    if look and look.hatch:
        own["hatch"] = area.look
    if area.name:
        spot = shapely.maximum_inscribed_circle(shape, 0.0005).coords[0]
        own |= {"name": area.name, "spot": [round(spot[1], DECIMALS), round(spot[0], DECIMALS)]}
    if area.tip:
        own["tip"] = area.tip
    return {
        "type": "Feature",
        "geometry": shapely.geometry.mapping(shapely.remove_repeated_points(shape)),
        "properties": own,
    }
