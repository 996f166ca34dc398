"""How maps look: colours, hatches, marks and lines. Colours never speak alone: a shape, a hatch or a word goes along.

YlOrRd and the blue–orange scale are ColorBrewer's (colorbrewer2.org), both told apart by colour-blind eyes.
"""

from collections.abc import Mapping
from typing import Any, Literal

Colour = Literal["blue", "yellow", "red", "grey"]
Mark = Literal["circle", "triangle", "diamond", "square"]
Hatch = Literal["rising", "falling", "crossed", "dotted", "level"]

INK: Mapping[Colour, str] = {"blue": "#2166ac", "yellow": "#b35806", "red": "#b2182b", "grey": "#6b7280"}
MARKS: Mapping[Colour, Mark] = {"blue": "circle", "yellow": "triangle", "red": "diamond", "grey": "square"}
"""Each colour has its own shape, so that a grey print-out says the same."""
SHAPES: Mapping[Mark, str] = {
    "circle": '<circle cx="6" cy="6" r="4.6"/>',
    "triangle": '<path d="M6 1 11.2 10.6H.8Z"/>',
    "diamond": '<path d="M6 .4 11.6 6 6 11.6.4 6Z"/>',
    "square": '<rect x="2" y="2" width="8" height="8"/>',
}
HATCHES: Mapping[Hatch, str] = {
    "rising": '<path d="M-1 9 9 -1M-1 1 1 -1M7 9 9 7"/>',
    "falling": '<path d="M-1 -1 9 9M7 -1 9 1M-1 7 1 9"/>',
    "crossed": '<path d="M-1 9 9 -1M-1 -1 9 9"/>',
    "dotted": '<circle cx="2" cy="2" r=".7"/><circle cx="6" cy="6" r=".7"/>',
    "level": '<path d="M0 2H8M0 6H8"/>',
}
"""A tile of 8 × 8 for each."""
PRINTED: Mapping[Hatch, str] = {
    "rising": "/////",
    "falling": "\\\\\\\\\\",
    "crossed": "xxxx",
    "dotted": "....",
    "level": "-----",
}
"""The same as matplotlib spells them."""
LOAD = ("#ffffb2", "#fecc5c", "#fd8d3c", "#f03b20", "#bd0026")
"""YlOrRd: little to much."""
DIVERGING = ("#2166ac", "#92c5de", "#f7f7f7", "#fdb863", "#b35806")
"""Far below the mean to far above it; of what is better low, blue is good."""
FEW = "#f0f2f4"
"""Under grey hatching: too few to say."""
LAND = "#f5f3ee"
LINES: Mapping[str, Mapping[str, Any]] = {
    "county": {"color": "#111827", "weight": 2.5},
    "town": {"color": "#374151", "weight": 1.5},
    "village": {"color": "#8a94a3", "weight": 0.8},
    "grid": {"color": "#a8b0bb", "weight": 0.5},
    "cell": {"color": "#ffffff", "weight": 0.3},
}
"""Weights are pixels on a screen, and points on paper after `gis.plates` made them finer."""


def shades(classes: int) -> tuple[str, ...]:
    """LOAD for so many classes: of fewer than five, the ends stay."""
    if classes <= 1:
        return LOAD[2:3]
    return tuple(LOAD[round(n * (len(LOAD) - 1) / (classes - 1))] for n in range(classes))
