"""Whether two outlines share ground."""

import shapely


def overlap(one: bytes, other: bytes) -> bool:
    """one, other: WKB. A touch along a border is no overlap: a square metre (1e-10 square degrees) is."""
    return bool(shapely.area(shapely.intersection(shapely.from_wkb(one), shapely.from_wkb(other))) > 1e-10)
