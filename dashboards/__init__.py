"""The screens: sign-in, the command wall, the closure-rate dashboards, the printable situation map, the ticket desk.

They read through the REST interface that every other system uses, so a figure on a screen can be had by a program too.
"""

from dashboards import administration, entry, rates, rating, situation, wall
from dashboards.blueprint import screens

__all__ = ["administration", "entry", "rates", "rating", "screens", "situation", "wall"]
