"""The situation map for print: one HTML page drawn by folium, with Leaflet from our own assets and nothing
from elsewhere.

Folium's own scripts and styles come from content delivery networks, which a government's intranet does not
reach; they are replaced, not added to. Labels are handed over as data and become text nodes, never markup.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import folium
import numpy as np
import shapely
from branca.element import Element, Figure, MacroElement
from jinja2 import Environment
from markupsafe import Markup

from gis.map_style import INK, LINES, SHAPES, TEXTS, Colour, Language

DECIMALS = 5
_TEMPLATES = Environment(autoescape=True)
_SCRIPT = _TEMPLATES.from_string("""
(function (map) {
    const text = (value) => document.createTextNode(value);
    const boxed = (value) => {
        const box = document.createElement("div");
        box.appendChild(text(value));
        return box;
    };
    const names = [];
    for (const [style, features] of {{ layers|tojson }}) {
        L.geoJSON({type: "FeatureCollection", features}, {
            style, interactive: false,
            onEachFeature: (feature, layer) => {
                if (!feature.properties.spot) return;
                names.push(L.tooltip({permanent: true, direction: "center", className: "region-name"})
                    .setLatLng(feature.properties.spot).setContent(boxed(feature.properties.name)).addTo(map));
            },
        }).addTo(map);
    }
    const icons = {{ icons|tojson }};
    for (const [lat, lon, colour, label] of {{ dots|tojson }}) {
        L.marker([lat, lon], {
            icon: L.divIcon({html: icons[colour], className: "ticket", iconSize: [12, 12]}), keyboard: false,
        }).bindPopup(boxed(label)).addTo(map);
    }
    // A name that would lie on another one moves aside; one that finds no room is left out until the map is nearer.
    const aside = [[0, 0], [0, -14], [0, 14], [-30, 0], [30, 0], [-30, -14], [30, -14], [-30, 14], [30, 14]];
    const apart = (a, b) => a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top;
    const settle = () => {
        const taken = [];
        for (const name of names) {
            const shown = name.getElement();
            const free = aside.some((offset) => {
                name.options.offset = offset;
                name.update();
                const box = shown.getBoundingClientRect();
                return taken.every((other) => apart(box, other)) && taken.push(box);
            });
            shown.style.visibility = free ? "" : "hidden";
        }
    };
    map.on("zoomend resize", settle);
    settle();
})({{ map }});
""")
_HEAD = _TEMPLATES.from_string("""
<title>{{ title }}</title>
<style>
    @page { size: A3 landscape; margin: 8mm; }
    body { font-family: "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif;
           print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    .folium-map, .leaflet-container { background: #fff !important; }
    .frame { position: fixed; z-index: 1000; background: rgba(255, 255, 255, .92); padding: 8px 14px; }
    .frame h1 { font-size: 26px; margin: 0; } .frame p { margin: 2px 0; font-size: 14px; }
    .heading { top: 12px; left: 56px; } .legend { bottom: 16px; right: 16px; border: 1px solid #9ca3af; }
    .legend svg { vertical-align: -1px; margin-right: 6px; }
    .synthetic { color: #92400e; font-weight: 600; }
    .region-name { background: none; border: 0; box-shadow: none; padding: 0; color: #111827; font-size: 13px;
                   font-weight: 600; text-shadow: 0 0 3px #fff, 0 0 3px #fff, 0 0 3px #fff; }
    @media print { .leaflet-control-zoom { display: none; } }
</style>
""")
_FRAME = _TEMPLATES.from_string("""
<div class="frame heading"><h1>{{ title }}</h1><p>{{ date }}　{{ count }}</p></div>
<div class="frame legend">
    {% for icon, words in legend %}<p>{{ icon }}{{ words }}</p>{% endfor %}
    {% if mark %}<p class="synthetic">{{ mark }}</p>{% endif %}
</div>
""")


@dataclass(frozen=True, slots=True)
class Outline:
    """One region to draw. `geometry`: WGS 84 degrees; `level` decides the line; `named`: write the name into
    it."""

    name: str
    level: str
    geometry: shapely.Geometry
    named: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    """One ticket. lon, lat: WGS 84; `label`: plain text, shown on demand."""

    lon: float
    lat: float
    colour: Colour
    label: str


@dataclass(frozen=True, slots=True)
class SituationMap:
    """The page, and what a Content-Security-Policy must allow beside 'self' for its inline scripts to run."""

    html: str
    script_hashes: tuple[str, ...]


class _OwnMap(folium.Map):
    """A folium map that loads Leaflet from `asset_base`, and only that."""

    def __init__(self, asset_base: str, **options: Any) -> None:
        super().__init__(**options)
        base = asset_base.rstrip("/")
        self.default_js = [("leaflet", f"{base}/leaflet/leaflet.js")]
        self.default_css = [("leaflet_css", f"{base}/leaflet/leaflet.css")]


class _Verbatim(Element):
    """Finished text. A plain branca Element would read it as a template again, and a label's `{{ … }}` with
    it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def render(self, **kwargs: Any) -> str:
        return self.text


class _Drawing(MacroElement):
    """Outlines and dots in one script, because a folium object for each of thousands of dots takes
    seconds."""

    def __init__(self, outlines: Sequence[Outline], dots: Sequence[Dot]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "SituationDrawing"
        layers = [
            (style, [_feature(outline) for outline in outlines if outline.level == level])
            for level, style in reversed(list(LINES.items()))
        ]
        # The county's fill lies under everything, its line on top.
        style, county = layers.pop()
        self.layers = [(style, county), *layers, ({**style, "fill": False}, county)]
        self.dots = [(dot.lat, dot.lon, dot.colour, dot.label) for dot in dots]

    def render(self, **kwargs: Any) -> str:
        icons = {colour: _icon(colour) for colour in SHAPES}
        page = self._parent.get_name() if self._parent else ""
        text = _SCRIPT.render(map=page, layers=self.layers, icons=icons, dots=self.dots)
        _figure(self).script.add_child(_Verbatim(text), name=self.get_name())
        return ""


class _Frame(MacroElement):
    """Title, date, legend and the synthetic mark around the map."""

    def __init__(self, title: str, date: str, count: int, language: Language, synthetic: bool) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "SituationFrame"
        texts = TEXTS[language]
        self.parts = {
            "title": title,
            "date": date,
            "count": texts["count"].format(n=count),
            "legend": [(Markup(_icon(colour)), texts[colour]) for colour in SHAPES],
            "mark": texts["synthetic"] if synthetic else "",
        }

    def render(self, **kwargs: Any) -> str:
        figure = _figure(self)
        figure.header.add_child(_Verbatim(_HEAD.render(self.parts)), name=self.get_name())
        figure.html.add_child(_Verbatim(_FRAME.render(self.parts)), name=self.get_name())
        return ""


def _figure(element: Element) -> Figure:
    figure = element.get_root()
    assert isinstance(figure, Figure)  # So that type checkers know; folium makes one for each map.
    return figure


def situation_map(
    outlines: Sequence[Outline],
    dots: Sequence[Dot],
    *,
    title: str,
    date: str,
    language: Language = "zh",
    asset_base: str = "/vendor/",
    synthetic: bool = True,
    tiles: str | None = None,
    attribution: str = "",
) -> SituationMap:
    """Draw outlines and dots on one printable page.

    `date`: as it should read; `asset_base`: where `leaflet/leaflet.js` and `.css` are served; `tiles`: a
    tile server's URL pattern, for operators who have one (then `attribution` is needed); without, nothing
    leaves the machine.
    """
    page = _OwnMap(asset_base, tiles=None, zoom_snap=0.25, attribution_control=bool(tiles), zoom_control=True)
    if tiles:
        folium.TileLayer(tiles, attr=attribution).add_to(page)
    if outlines:
        west, south, east, north = shapely.total_bounds([outline.geometry for outline in outlines])
        page.fit_bounds([[south, west], [north, east]])
    page.add_child(_Drawing(outlines, dots))
    page.add_child(_Frame(title, date, len(dots), language, synthetic))
    html = page.get_root().render()
    return SituationMap(html, script_hashes(html))


def script_hashes(html: str) -> tuple[str, ...]:
    """`'sha256-…'` of each inline script, for the page's Content-Security-Policy."""
    found = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", html, re.DOTALL)
    return tuple(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in found)


def _icon(colour: Colour) -> str:
    size = 'width="12" height="12" viewBox="0 0 12 12"'
    return f'<svg {size} fill="{INK[colour]}" stroke="#fff">{SHAPES[colour]}</svg>'


def _feature(outline: Outline) -> dict[str, Any]:
    shape = shapely.transform(outline.geometry, lambda lonlat: np.round(lonlat, DECIMALS))
    spot = outline.geometry.representative_point()
    return {
        "type": "Feature",
        "geometry": shapely.geometry.mapping(shape),
        "properties": {"name": outline.name, "spot": [spot.y, spot.x] if outline.named else None},
    }
