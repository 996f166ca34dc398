"""From degrees to metres: a projection that fits the place."""

import pyproj
import shapely
from numpy.typing import NDArray

EARTH = pyproj.Geod(ellps="WGS84")
_FIRST_ZONE, _LAST_ZONE = 25, 45
_EPSG_OF_FIRST = 4534


def local_projection(shapes: NDArray) -> pyproj.Transformer:  # type: ignore[type-arg]
    """WGS 84 to CGCS2000 in the 3-degree zone (EPSG:4534–4554) of the outlines' middle.

    Metres, true to 1 : 10,000 within a county. Transformers may be shared between threads.
    """
    zone = central_meridian(shapes) // 3
    return pyproj.Transformer.from_crs("EPSG:4490", f"EPSG:{_EPSG_OF_FIRST + zone - _FIRST_ZONE}", always_xy=True)


def central_meridian(shapes: NDArray) -> int:  # type: ignore[type-arg]
    """The middle of the 3-degree zone that outlines lie in, degrees east."""
    west, _, east, _ = shapely.total_bounds(shapes)
    return 3 * min(max(round((west + east) / 2 / 3), _FIRST_ZONE), _LAST_ZONE)


def distance_m(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Measure between two places, along the ellipsoid. Degrees, WGS 84; answers metres."""
    return float(EARTH.inv(lon, lat, other_lon, other_lat)[2])
