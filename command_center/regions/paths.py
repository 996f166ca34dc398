"""How a region's code tells its place in the county. Source: 12-digit division codes, 16-digit grid codes."""

from typing import NamedTuple

LEVELS = ("county", "town", "village", "grid")


class Path(NamedTuple):
    """The codes from a grid up to its county."""

    grid: str
    village: str
    town: str
    county: str


def path_to_county(grid_code: str) -> Path:
    """Read the village, town and county off a grid's 16-digit code."""
    return Path(grid_code, grid_code[:12], grid_code[:9] + "000", grid_code[:6] + "000000")


def level_of(code: str) -> str:
    """Say at which level a region code stands: county, town, village or grid."""
    if len(code) > 12:
        return "grid"
    if code.endswith("000000"):
        return "county"
    return "town" if code.endswith("000") else "village"


def column_of(code: str) -> str:
    """Name the column of tickets and events that holds regions of this code's level."""
    return f"{level_of(code)}_code"


def contains(outer: str, inner: str) -> bool:
    """Say whether region `outer` is `inner` or lies above it, from the codes alone."""
    return inner.startswith(significant(outer))


def significant(code: str) -> str:
    """Cut the zeros that pad a county's or town's code: 210882004000 begins all of its villages as 210882004."""
    return {"county": code[:6], "town": code[:9]}.get(level_of(code), code)
