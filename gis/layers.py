"""Simplified outlines for the web: a small first view of the whole county, and detail where one looks.

The urban-rural grids are simplified once for each degree of detail, as a coverage, and everything above is dissolved
from them: a village's line on the map lies exactly on its grids' lines. Schools and enterprises overlap that mosaic
and are rounded apart from it. Never place a point on these outlines; that is `gis.grid_index`'s business, on the full
ones.
"""

import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.boundaries import LEVELS, Boundary, Level
from gis.topology import Raster, Shape, topology

METHOD = 1
"""How outlines are drawn here; raise it whenever that changes, because clients keep what they have for good."""
TOLERANCE_M = 80.0
"""Root of the least triangle area that a vertex must span to be kept (Visvalingam); lines move by some 20
m."""
NEAR_M = 15.0
"""The same, where one looks at a town; lines move by some 4 m."""
DECIMALS = 5
"""About 1 m: finer than the tolerance, and five digits less to send for each number."""
FULL_DECIMALS = 6
"""About 0.1 m, for full detail."""
Detail = Literal["near", "full"]
DETAILS: tuple[Detail, ...] = ("near", "full")
_MOST_TRIES = 6


@dataclass(frozen=True, slots=True)
class Layer:
    """One document of outlines, ready to be sent. `etag`: quoted, of the content; `gzipped`: the same body
    compressed."""

    body: bytes
    gzipped: bytes
    etag: str


class Layers(Mapping[Level, Layer]):
    """What maps draw of one edition of the outlines; read only.

    `layers[level]`: GeoJSON of a level. `overview`: all levels in one TopoJSON document, where a line that neighbours
    share stands once. `part`: the same in more detail, for a piece of the county. `edition`: changes with any outline,
    and with how they are drawn.
    """

    def __init__(self, boundaries: Sequence[Boundary], tolerance_m: float = TOLERANCE_M) -> None:
        self._boundaries = {b.code: b for b in sorted(boundaries, key=lambda b: (LEVELS.index(b.level), b.code))}
        in_order = list(self._boundaries.values())
        self._below: dict[str, list[Boundary]] = defaultdict(list)
        for b in in_order:
            if b.parent_code is not None:
                self._below[b.parent_code].append(b)
        west, south = np.floor(shapely.total_bounds([b.geometry for b in in_order])[:2])
        self._origin = (float(west), float(south))
        self.edition = _fingerprint(in_order, tolerance_m)
        outlines = simplified(in_order, tolerance_m)
        self._near = simplified(in_order, NEAR_M)
        self._levels = {level: _layer([b for b in in_order if b.level == level], outlines) for level in LEVELS}
        self.overview = self._drawn(in_order, outlines, DECIMALS)
        # Each part is written when it is first looked at, and there are no more of them than regions.
        self._parts: dict[tuple[Detail, str], Layer] = {}

    def __getitem__(self, level: Level) -> Layer:
        return self._levels[level]

    def __iter__(self) -> Iterator[Level]:
        return iter(self._levels)

    def __len__(self) -> int:
        return len(self._levels)

    def part(self, detail: Detail, code: str) -> Layer:
        """More detail for a region: `near`, a town with all in it; `full`, a village with its grids, as surveyed.

        Above that it is the region's own outline; `near` has the county's with its towns. Raises: KeyError.
        """
        key = (detail, code)
        if key not in self._parts:
            own = self._boundaries[code]
            wanted = self._near_of(own) if detail == "near" else self._full_of(own)
            outlines = self._near if detail == "near" else {b.code: b.geometry for b in wanted}
            self._parts[key] = self._drawn(wanted, outlines, DECIMALS if detail == "near" else FULL_DECIMALS)
        return self._parts[key]

    def _near_of(self, own: Boundary) -> list[Boundary]:
        below = self._below[own.code]
        return [own, *below, *(b for village in below if village.level == "village" for b in self._below[village.code])]

    def _full_of(self, own: Boundary) -> list[Boundary]:
        return [own, *(self._below[own.code] if own.level == "village" else [])]

    def _drawn(self, boundaries: Sequence[Boundary], outlines: Mapping[str, shapely.Geometry], decimals: int) -> Layer:
        objects: dict[str, list[Shape]] = {
            level: [Shape(b.code, _properties(b), outlines[b.code]) for b in boundaries if b.level == level]
            for level in LEVELS
        }
        more = {"edition": self.edition, "synthetic": any(b.synthetic for b in boundaries)}
        shown = {level: shapes for level, shapes in objects.items() if shapes}
        return _packed(topology(shown, Raster(self._origin, decimals), more))


def build_layers(boundaries: Sequence[Boundary], tolerance_m: float = TOLERANCE_M) -> Layers:
    """Draw an edition. Properties: `code`, `name`, `parent`, and `kind` of grids; WGS 84.

    A document is marked `"synthetic": true` when any outline in it is.
    """
    return Layers(boundaries, tolerance_m)


def simplified(boundaries: Sequence[Boundary], tolerance_m: float = TOLERANCE_M) -> dict[str, shapely.Geometry]:
    """Simplified outline by code, degrees rounded to DECIMALS."""
    base = sorted((b for b in boundaries if b.kind == "urban_rural"), key=lambda b: b.code)
    outlines: dict[str, shapely.Geometry] = {}
    if base:
        mosaic = _mosaic(np.array([b.geometry for b in base], dtype=object), tolerance_m)
        outlines.update(zip((b.code for b in base), mosaic, strict=True))
    for length in (12, 9, 6):
        parts: dict[str, list[shapely.Geometry]] = defaultdict(list)
        for b, shape in zip(base, outlines.values(), strict=False):
            parts[b.code[:length].ljust(12, "0")].append(shape)
        outlines.update({code: shapely.coverage_union_all(shapes) for code, shapes in parts.items()})
    # What is not built from urban-rural grids, special grids above all, is rounded by itself.
    for b in boundaries:
        if b.code not in outlines:
            outlines[b.code] = shapely.transform(b.geometry, _rounded)
    return outlines


def _mosaic(shapes: NDArray[np.object_], tolerance_m: float) -> NDArray[np.object_]:
    """Simplify and round neighbours together; where rounding folds a line over, simplify less."""
    middle = float(np.mean(shapely.total_bounds(shapes)[[1, 3]]))
    scale = np.array([111_320.0 * np.cos(np.deg2rad(middle)), 111_050.0])
    flat = shapely.transform(shapes, lambda lonlat: lonlat * scale)
    for attempt in range(_MOST_TRIES):
        simple = shapely.coverage_simplify(flat, tolerance_m / 2**attempt)
        rounded = np.asarray(shapely.transform(simple, lambda xy: _rounded(xy / scale)))
        if shapely.is_valid(rounded).all() and shapely.coverage_is_valid(rounded):
            return rounded
    return np.asarray(shapely.transform(shapes, _rounded))


def _rounded(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.round(lonlat, DECIMALS)


def _fingerprint(boundaries: Sequence[Boundary], tolerance_m: float) -> str:
    drawn = (METHOD, tolerance_m, NEAR_M, DECIMALS, FULL_DECIMALS)
    digest = hashlib.sha256(f"{drawn}\n".encode())
    for b, wkb in zip(boundaries, shapely.to_wkb([b.geometry for b in boundaries]), strict=True):
        digest.update(f"{b.code}\t{b.name}\t{b.kind}\t{b.parent_code}\t{b.synthetic}\n".encode())
        digest.update(wkb)
    return digest.hexdigest()[:16]


def _layer(boundaries: Sequence[Boundary], outlines: Mapping[str, shapely.Geometry]) -> Layer:
    features = [_feature(b, outlines[b.code]) for b in sorted(boundaries, key=lambda b: b.code)]
    collection = {
        "type": "FeatureCollection",
        "synthetic": any(b.synthetic for b in boundaries),
        "features": features,
    }
    return _packed(json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode())


def _packed(body: bytes) -> Layer:
    # Without a time stamp in the header, the same body always compresses to the same bytes.
    return Layer(body, gzip.compress(body, 9, mtime=0), f'"{hashlib.sha256(body).hexdigest()[:24]}"')


def _feature(boundary: Boundary, shape: shapely.Geometry) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"code": boundary.code} | _properties(boundary),
        "geometry": shapely.geometry.mapping(_without_repeats(shape)),
    }


def _properties(boundary: Boundary) -> dict[str, Any]:
    kind = {} if boundary.kind is None else {"kind": boundary.kind}
    return {"name": boundary.name, "parent": boundary.parent_code} | kind


def _without_repeats(shape: shapely.Geometry) -> shapely.Geometry:
    """Rounding can make two vertices one; sending it twice says nothing."""
    return shapely.remove_repeated_points(shape)
