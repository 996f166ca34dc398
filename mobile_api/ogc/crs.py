"""The coordinate references that features can be asked in, with the order of their axes.

CGCS2000 is equal to WGS 84 for our purposes, so only the axes are turned.
"""

from dataclasses import dataclass

from command_center.errors import BadParameter


@dataclass(frozen=True, slots=True)
class Crs:
    """`uri`: its name; `lat_first`: latitude is the first axis."""

    uri: str
    lat_first: bool


CRS84 = Crs("http://www.opengis.net/def/crs/OGC/1.3/CRS84", lat_first=False)
EPSG_4326 = Crs("http://www.opengis.net/def/crs/EPSG/0/4326", lat_first=True)
EPSG_4490 = Crs("http://www.opengis.net/def/crs/EPSG/0/4490", lat_first=True)
KNOWN = {crs.uri: crs for crs in (CRS84, EPSG_4326, EPSG_4490)}


def crs_of(uri: str, parameter: str) -> Crs:
    """Find a coordinate reference by its name. Raises: BadParameter."""
    found = KNOWN.get(uri.replace("https://", "http://", 1))
    if found is None:
        known = ", ".join(KNOWN)
        raise BadParameter(
            parameter=parameter, reason_zh=f"应为以下之一：{known}", reason_en=f"use one of {known}", field=parameter
        )
    return found
