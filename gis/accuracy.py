"""How a circle of accuracy is shared out between grids."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

WIDEST_M = 1_000.0
"""A circle is looked at up to this radius. A point that is less exact was taken from a radio mast, not from the sky."""
MOST_CANDIDATES = 12
"""More than a person can choose from on a phone."""
_CORNERS = 16  # A quarter of the circle in so many steps: 0.2 % less area than a circle, which the shares do not show.

Shapes = NDArray[np.object_]


def shares(point: shapely.Point, radius_m: float, special: Shapes, base: Shapes) -> NDArray[np.float64]:
    """The part of the circle that each outline gets, special ones first, as the rule of placing has it.

    point, outlines: in metres; both arrays by code. Special outlines beat base ones, and the lower code the higher.
    """
    circle = point.buffer(radius_m, quad_segs=_CORNERS)
    own = []
    taken = shapely.Polygon()
    for shape in special:
        part = shapely.intersection(shape, circle)
        own.append(shapely.area(shapely.difference(part, taken)))
        taken = shapely.union(taken, part)
    parts = shapely.difference(shapely.intersection(base, circle), taken)
    return np.array([*own, *shapely.area(parts)]) / circle.area


def base_under(special: shapely.Geometry, base: Shapes, codes: Sequence[str]) -> str | None:
    """The urban-rural grid that most of a special one lies in; of equals the lowest code."""
    overlap = shapely.area(shapely.intersection(base, special))
    return codes[int(np.argmax(overlap))] if len(codes) and overlap.max() > 0 else None
