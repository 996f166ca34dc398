"""Outlines made ready to be drawn at a scale: no point that nobody could see, and still one mosaic."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from gis.metres import local_projection
from gis.picture import Area, Dot


class Ground:
    """The flat ground under a picture: metres in the local zone of CGCS2000. Raises: ValueError without any area."""

    def __init__(self, areas: Sequence[Area]) -> None:
        self.areas = areas
        shapes = np.array(shapely.from_wkb([bytes.fromhex(area.wkb) for area in areas]), dtype=object)
        self.projection: pyproj.Transformer = local_projection(shapes)
        self.shapes = np.array(shapely.transform(shapes, self.project), dtype=object)
        self.bounds = tuple(float(edge) for edge in shapely.total_bounds(self.shapes))

    def project(self, lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Degrees, WGS 84, of shape (n, 2), to metres."""
        return np.column_stack(self.projection.transform(lonlat[:, 0], lonlat[:, 1]))

    def back(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Metres to degrees."""
        return np.column_stack(self.projection.transform(xy[:, 0], xy[:, 1], direction="INVERSE"))

    def places(self, dots: Sequence[Dot]) -> NDArray[np.float64]:
        """Where the dots are, metres, of shape (n, 2)."""
        return self.project(np.array([(dot.lon, dot.lat) for dot in dots]).reshape(-1, 2))

    def simplified(self, tolerance_m: float) -> NDArray[np.object_]:
        """The outlines with lines moved by no more than about `tolerance_m`; neighbours keep their common line."""
        simple = self.shapes.copy()
        together = defaultdict(list)
        for n, area in enumerate(self.areas):
            if area.level != "cell":
                together[("over", n) if area.over else (area.level, 0)].append(n)
        for members in together.values():
            if len(members) == 1:
                simple[members] = shapely.simplify(simple[members], tolerance_m / 2)
            else:
                simple[members] = shapely.coverage_simplify(simple[members], tolerance_m)
        lost = shapely.is_empty(simple)
        simple[lost] = self.shapes[lost]
        return simple
