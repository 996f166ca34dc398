"""The screens: sign-in, the command wall, the closure-rate dashboards, the maps for print, the ticket desk.

They read through the REST interface that every other system uses, so a figure on a screen can be had by a program too.
"""

from dashboards import (
    administration,
    circles,
    downloads,
    entry,
    map_administration,
    pictures,
    rates,
    rating,
    wall,
    zones,
)
from dashboards.blueprint import screens

__all__ = [
    "administration",
    "circles",
    "downloads",
    "entry",
    "map_administration",
    "pictures",
    "rates",
    "rating",
    "screens",
    "wall",
    "zones",
]
