"""How densely points lie: counted in hexagons of equal area, in metres."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import TooFine
from gis.metres import local_projection

MOST_CELLS = 20_000
LEAST_PART = 0.5
"""Of a cell on the border only the part inside counts as area, but a half at least: one report in a sliver is no
hot spot."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One hexagon with points in it, cut at the border. `outline`: WGS 84; `area_km2`: what `count` is divided by."""

    outline: shapely.Geometry
    count: int
    area_km2: float

    @property
    def density(self) -> float:
        """Points per km²."""
        return self.count / self.area_km2


def cell_area_km2(width_m: float) -> float:
    """The area of a hexagon that measures so many metres from side to side."""
    return math.sqrt(3) / 2 * width_m**2 / 1e6


def cells(lons: Sequence[float], lats: Sequence[float], border: shapely.Geometry, width_m: float) -> list[Cell]:
    """Count points (degrees, WGS 84) in hexagons `width_m` from side to side; west to east, then north.

    The lattice lies still, whatever the points: two periods can be compared cell by cell. Raises: TooFine when the
    border's area would take more than MOST_CELLS.
    """
    projection = local_projection(np.array([border]))
    inside = _projected(border, projection)
    if inside.area / 1e6 / cell_area_km2(width_m) > MOST_CELLS:
        raise TooFine(width_m)
    if not len(lons):
        return []
    x, y = projection.transform(np.asarray(lons), np.asarray(lats))
    keys, counts = np.unique(_lattice(np.asarray(x), np.asarray(y), width_m), axis=0, return_counts=True)
    shapes = _hexagons(keys, width_m)
    shapely.prepare(inside)
    # A point that is placed in a grid may lie a little outside of the border: its cell counts, with a half.
    cut = shapes.copy()
    astride = ~shapely.covers(inside, shapes)
    cut[astride] = shapely.intersection(shapes[astride], inside)
    full = cell_area_km2(width_m)
    found = []
    for whole, part, split, count in zip(shapes, cut, astride, counts, strict=True):
        # Whole cells are as large as each other to the last digit: equal numbers are equal densities.
        area = max(part.area / 1e6, LEAST_PART * full) if split else full
        back = shapely.transform(part if part.area else whole, lambda xy: _inverse(projection, xy))
        found.append(Cell(back, int(count), area))
    return found


def _projected(shape: shapely.Geometry, projection: object) -> shapely.Geometry:
    return shapely.transform(shape, lambda lonlat: np.column_stack(projection.transform(*lonlat.T)))  # type: ignore[attr-defined]


def _inverse(projection: object, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack(projection.transform(*xy.T, direction="INVERSE"))  # type: ignore[attr-defined]


def _lattice(x: NDArray[np.float64], y: NDArray[np.float64], width: float) -> NDArray[np.int64]:
    """The cell of each point: two rectangular lattices shifted by half a cell; the nearer centre has the point."""
    height = width * math.sqrt(3)
    first = np.column_stack([np.round(x / width), np.round(y / height)])
    second = np.column_stack([np.floor(x / width) + 0.5, np.floor(y / height) + 0.5])
    far = [(x - a[:, 0] * width) ** 2 + (y - a[:, 1] * height) ** 2 for a in (first, second)]
    chosen = np.where((far[0] <= far[1])[:, None], first, second)
    return (chosen * 2).astype(np.int64)[:, ::-1]


def _hexagons(keys: NDArray[np.int64], width: float) -> NDArray[np.object_]:
    centres = np.column_stack([keys[:, 1] / 2 * width, keys[:, 0] / 2 * width * math.sqrt(3)])
    angles = np.deg2rad(np.arange(30, 390, 60))
    corners = np.column_stack([np.cos(angles), np.sin(angles)]) * width / math.sqrt(3)
    return np.asarray(shapely.polygons(centres[:, None, :] + corners[None, :, :]))
