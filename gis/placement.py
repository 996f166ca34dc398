"""Answers to "which grid is this point in": one, many at once, and the grids that an inexact point may mean."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Placed = Literal["inside", "border", "nearest"]


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a point belongs, and how that was found. All codes.

    `base_grid`: the urban-rural grid under a school's or enterprise's, which wins over it, else None.
    `placed`: `inside`, on the `border` of its grid, or outside all and given to the `nearest`, `distance_m` away.
    `also`: other grids with the same claim, which lost to the lower code: those that share the border, lie as near,
    or overlap; ascending.
    """

    grid: str
    base_grid: str | None
    village: str
    town: str
    county: str
    placed: Placed
    distance_m: float
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placements:
    """Many placements as arrays of shape (n,).

    `grid`, `base_grid`: codes, "" for none; `placed`: as in Placement, or "outside" (farther than that,
    or no coordinates at all); `distance_m`: in the local projection, 0 inside, NaN where there is no point.
    """

    grid: NDArray[np.object_]
    base_grid: NDArray[np.object_]
    placed: NDArray[np.object_]
    distance_m: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A grid that an inexact point may lie in.

    `base_grid`: as in Placement; `distance_m`: from the point to the grid, 0 inside and on the border; `share`: which
    part of the circle the rule of placing would give to this grid, 0 to 1.
    """

    grid: str
    base_grid: str | None
    distance_m: float
    share: float


@dataclass(frozen=True, slots=True)
class Circle:
    """The grids that a circle of accuracy touches: first the one the point is placed in, then by distance.

    `placed`: where the point itself belongs; `radius_m`: what was looked at, at most WIDEST_M, however inaccurate the
    point; `left_out`: further grids in that circle, when it touches more than MOST_CANDIDATES.
    """

    placed: Placement
    radius_m: float
    candidates: tuple[Candidate, ...]
    left_out: int
