"""Simplified outlines for the web's first view: small, and still one mosaic.

The urban-rural grids are simplified once, as a coverage, and everything above is dissolved from them: a
village's line on the map lies exactly on its grids' lines. Schools and enterprises overlap that mosaic and
are rounded apart from it. Never place a point on these outlines; that is `gis.grid_index`'s business, on the
full ones.
"""

import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.boundaries import LEVELS, Boundary, Level

TOLERANCE_M = 80.0
"""Root of the least triangle area that a vertex must span to be kept (Visvalingam); lines move by some 20
m."""
DECIMALS = 5
"""About 1 m: finer than the tolerance, and five digits less to send for each number."""
_MOST_TRIES = 6


@dataclass(frozen=True, slots=True)
class Layer:
    """One level's outlines, ready to be sent. `etag`: quoted, of the content; `gzipped`: the same body
    compressed."""

    body: bytes
    gzipped: bytes
    etag: str


def build_layers(boundaries: Sequence[Boundary], tolerance_m: float = TOLERANCE_M) -> Mapping[Level, Layer]:
    """GeoJSON of each level. Properties: `code`, `name`, `parent`, and `kind` of grids; WGS 84.

    The collection is marked `"synthetic": true` when any outline in it is, as is each such feature's level.
    """
    outlines = simplified(boundaries, tolerance_m)
    return MappingProxyType({level: _layer([b for b in boundaries if b.level == level], outlines) for level in LEVELS})


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


def _layer(boundaries: Sequence[Boundary], outlines: Mapping[str, shapely.Geometry]) -> Layer:
    features = [_feature(b, outlines[b.code]) for b in sorted(boundaries, key=lambda b: b.code)]
    collection = {
        "type": "FeatureCollection",
        "synthetic": any(b.synthetic for b in boundaries),
        "features": features,
    }
    body = json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()
    # Without a time stamp in the header, the same body always compresses to the same bytes.
    return Layer(body, gzip.compress(body, 9, mtime=0), f'"{hashlib.sha256(body).hexdigest()[:24]}"')


def _feature(boundary: Boundary, shape: shapely.Geometry) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "code": boundary.code,
        "name": boundary.name,
        "parent": boundary.parent_code,
    }
    if boundary.kind is not None:
        properties["kind"] = boundary.kind
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": shapely.geometry.mapping(_without_repeats(shape)),
    }


def _without_repeats(shape: shapely.Geometry) -> shapely.Geometry:
    """Rounding can make two vertices one; sending it twice says nothing."""
    return shapely.remove_repeated_points(shape)
