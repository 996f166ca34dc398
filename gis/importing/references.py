"""The coordinate reference of a file: told, chosen or guessed; and the way from it to WGS 84.

CGCS2000's Gauss-Krüger zones: 3° (EPSG:4513–4533 with the zone's number before the easting, 4534–4554 without) and
6° (4491–4501 and 4502–4512). Surveyors write X for north, so the two numbers may come the other way round.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from gis.datum import CHINA_LAT, CHINA_LON, to_wgs84
from gis.importing.records import Guess
from gis.importing.refusals import unreadable
from gis.importing.tables import Shapes
from gis.metres import EARTH

Floats = NDArray[np.float64]
SHIFTED = ("gcj02", "bd09")
ENOUGH_SHARE = 0.5
"""A reference that puts fewer of the outlines into the county than this is the wrong one."""
_NAMES = {
    "wgs84": ("WGS 84 经纬度", "WGS 84, degrees"),
    "cgcs2000": ("CGCS2000 经纬度", "CGCS2000, degrees"),
    "gcj02": ("GCJ-02（火星坐标）经纬度", "GCJ-02, degrees"),
    "bd09": ("BD-09（百度）经纬度", "BD-09 (Baidu), degrees"),
}
_DEGREES_BY_EPSG = {4326: "wgs84", 4490: "cgcs2000"}
_TRUE_DATUMS = (4326, 4490, 4479, 4480, 4978, 4979)
_SAMPLE = 400
_FARTHEST = 1e9
"""No reference has numbers as large as this."""


@dataclass(frozen=True)
class Reference:
    """A way to WGS 84. code: `wgs84 cgcs2000 gcj02 bd09` or `EPSG:n`; exact: to a metre or better."""

    code: str
    name: str
    name_en: str
    degrees: bool
    exact: bool
    _convert: Callable[[Any, Any], tuple[Any, Any]]

    def to_wgs84(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Arrays of one shape; what cannot be converted becomes infinite, which keeps a ring closed."""
        with np.errstate(all="ignore"):
            lon, lat = self._convert(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
        bad = ~(np.isfinite(lon) & np.isfinite(lat))
        return np.where(bad, np.inf, lon), np.where(bad, np.inf, lat)


_NAMED = re.compile(r"(EPSG|ESRI):\d{4,6}|\d{4,5}", re.IGNORECASE)
_WELL_KNOWN = re.compile(r"[A-Z_]{6,20}\[")


def reference(told: str) -> Reference:
    """By our word, `EPSG:n`, or well-known text as a file has it. Raises: Unreadable."""
    word = told.strip().lower().replace("-", "").replace("_", "").replace(" ", "")
    word = {"cgcs2000": "cgcs2000", "4326": "wgs84", "4490": "cgcs2000", "gcj02": "gcj02", "bd09": "bd09"}.get(
        word, word
    )
    if word in _NAMES:
        return _by_word(word)
    if not (_NAMED.fullmatch(told.strip()) or _WELL_KNOWN.match(told.strip())):
        # Anything else that PROJ understands may name files to be read.
        raise unreadable("unknown-crs", detail=told)
    return _by_definition(f"EPSG:{told.strip()}" if told.strip().isdigit() else told.strip())


def _by_word(word: str) -> Reference:
    chinese, english = _NAMES[word]
    return Reference(word, chinese, english, True, True, _shifted(word) if word in SHIFTED else lambda x, y: (x, y))


def _shifted(datum: str) -> Callable[[Floats, Floats], tuple[Floats, Floats]]:
    def convert(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        good = (x >= CHINA_LON[0]) & (x <= CHINA_LON[1]) & (y >= CHINA_LAT[0]) & (y <= CHINA_LAT[1])
        lon, lat = np.full(x.shape, np.nan), np.full(y.shape, np.nan)
        if good.any():
            lon[good], lat[good] = to_wgs84(x[good], y[good], datum)
        return lon, lat

    return convert


@lru_cache(maxsize=256)
def _by_definition(told: str) -> Reference:
    try:
        crs = pyproj.CRS.from_user_input(told)
        if crs.is_compound:
            crs = crs.sub_crs_list[0]
        if not (crs.is_geographic or crs.is_projected):
            raise unreadable("unknown-crs", detail=told[:60])
        epsg = crs.to_epsg(min_confidence=25 if crs.is_projected else 70)
        if epsg in _DEGREES_BY_EPSG:
            return _by_word(_DEGREES_BY_EPSG[epsg])
        base = crs.geodetic_crs
        way = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    except (pyproj.exceptions.ProjError, ValueError, TypeError) as error:
        raise unreadable("unknown-crs", detail=told[:60]) from error
    name = crs.name.replace("_", " ")
    true = base is not None and (base.to_epsg() in _TRUE_DATUMS or any(w in base.name for w in ("WGS", "2000")))
    code = f"EPSG:{epsg}" if epsg and _same(crs, epsg) else told
    return Reference(code, name, name, bool(crs.is_geographic), true, way.transform)


def _same(crs: pyproj.CRS, epsg: int) -> bool:
    """Whether the number means this reference: a low confidence of pyproj's may be off by a false easting."""
    known = pyproj.CRS.from_epsg(epsg)
    if not crs.is_projected or not known.is_projected:
        return True
    here = pyproj.Transformer.from_crs("EPSG:4490", crs, always_xy=True).transform(120.0, 36.0)
    there = pyproj.Transformer.from_crs("EPSG:4490", known, always_xy=True).transform(120.0, 36.0)
    return bool(np.allclose(here, there, atol=1e-3))


# How well a reference fits


@dataclass(frozen=True)
class Ground:
    """Where the outlines ought to fall. outline: of the county, WGS 84; None when nothing is known of it."""

    outline: shapely.Geometry | None

    def holds(self, lon: Floats, lat: Floats) -> NDArray[np.bool_]:
        """Which points lie in the county or within a kilometre or so of it; without a county: in China."""
        finite = np.isfinite(lon) & np.isfinite(lat)
        if self.outline is None:
            return finite & (lon >= 73.0) & (lon <= 135.5) & (lat >= 3.0) & (lat <= 54.0)
        inside = np.zeros(lon.shape, dtype=bool)
        near = shapely.buffer(shapely.convex_hull(self.outline), 0.01)
        shapely.prepare(near)
        inside[finite] = shapely.contains_xy(near, lon[finite], lat[finite])
        return inside


def centers(shapes: Shapes) -> tuple[Floats, Floats]:
    """The middle of each shape's box, in the file's own numbers; NaN where there is none."""
    west, south, east, north = shapely.bounds(shapes).T
    return (west + east) / 2, (south + north) / 2


def share_inside(shapes: Shapes, candidate: Reference, ground: Ground, swapped: bool = False) -> float:
    """The share of the shapes whose middle falls on the ground, of a sample."""
    x, y = _sample(shapes)
    if not len(x):
        return 0.0
    lon, lat = candidate.to_wgs84(y, x) if swapped else candidate.to_wgs84(x, y)
    return float(ground.holds(lon, lat).mean())


def _sample(shapes: Shapes) -> tuple[Floats, Floats]:
    x, y = centers(shapes)
    good = np.isfinite(x) & np.isfinite(y)
    x, y = x[good], y[good]
    step = max(1, len(x) // _SAMPLE)
    return x[::step], y[::step]


def guesses(shapes: Shapes, ground: Ground) -> list[Guess]:
    """References that would put the outlines into the county, best first; among equals the likelier."""
    x, y = _sample(shapes)
    if not len(x):
        return []
    found = []
    for code in _plausible(float(np.median(x)), float(np.median(y)), ground):
        candidate = reference(code)
        for swapped in (False, True):
            share = share_inside(shapes, candidate, ground, swapped)
            if share >= ENOUGH_SHARE:
                fit = _fit(shapes, candidate, ground) if candidate.degrees and not swapped else 0.0
                found.append((round(share, 2), fit, not swapped, candidate))
                break
    found.sort(key=lambda one: one[:3], reverse=True)
    return [Guess(candidate.code, candidate.name, candidate.name_en, share) for share, _, _, candidate in found]


def _plausible(x: float, y: float, ground: Ground) -> list[str]:
    """References whose numbers look like these. The size of the easting tells its zone, or that it has none."""
    if abs(x) <= 180 and abs(y) <= 180:
        return ["cgcs2000", "gcj02", "bd09"]
    east = max(x, y) if max(x, y) > 13_000_000 else min(x, y)
    if 13_000_000 <= east < 24_000_000:
        return [f"EPSG:{4491 + int(east // 1e6) - 13}", "EPSG:3857"]
    if 24_000_000 <= east < 46_000_000:
        return [f"EPSG:{4513 + int(east // 1e6) - 25}"]
    middle = float(shapely.centroid(ground.outline).x) if ground.outline is not None else None
    narrow = [n for n in range(21) if middle is None or abs(75 + 3 * n - middle) <= 3.5]
    wide = [n for n in range(11) if middle is None or abs(75 + 6 * n - middle) <= 4.5]
    return [
        *(f"EPSG:{4534 + n}" for n in narrow),
        *(f"EPSG:{4502 + n}" for n in wide),
        "EPSG:3857",
    ]


def _fit(shapes: Shapes, candidate: Reference, ground: Ground) -> float:
    return 1.0 - miss(rough_union(shapes), candidate, ground)


def rough_union(shapes: Shapes) -> shapely.Geometry | None:
    """What the shapes cover, in the file's own numbers; good enough to be compared with the county."""
    areas = shapes[np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)]
    numbers, of = shapely.get_coordinates(areas, return_index=True)
    with np.errstate(invalid="ignore"):
        areas = np.delete(areas, of[~(np.abs(numbers) < _FARTHEST).all(axis=1)])
    if not len(areas):
        return None
    if shapely.is_valid(areas).all() and shapely.coverage_is_valid(areas):
        return shapely.coverage_union_all(areas)
    return shapely.union_all(shapely.make_valid(areas))


def miss(covered: shapely.Geometry | None, candidate: Reference, ground: Ground) -> float:
    """The part of file and county together that only one of them covers: 0 fits, 1 does not touch."""
    if covered is None or ground.outline is None:
        return 1.0
    there = shapely.transform(covered, candidate.to_wgs84, interleaved=False)
    if not np.isfinite(shapely.bounds(there)).all():
        return 1.0
    there = shapely.make_valid(there)
    both = shapely.area(shapely.intersection(there, ground.outline))
    either = shapely.area(there) + shapely.area(ground.outline) - both
    return float(1.0 - both / either) if either else 1.0


def hidden_shift(shapes: Shapes, declared: Reference, ground: Ground) -> tuple[str, float] | None:
    """GCJ-02 or BD-09 under the name of WGS 84: the datum that fits far better, and the metres it moves things by."""
    if declared.code not in ("wgs84", "cgcs2000") or ground.outline is None:
        return None
    covered = rough_union(shapes[ground.holds(*declared.to_wgs84(*centers(shapes)))])
    as_told = miss(covered, declared, ground)
    if not 0.002 < as_told < 0.5:
        return None
    better = {code: miss(covered, reference(code), ground) for code in SHIFTED}
    best = min(better, key=lambda code: better[code])
    if better[best] * 3 > as_told:
        return None
    x, y = _sample(shapes)
    lon, lat = reference(best).to_wgs84(x, y)
    good = np.isfinite(lon)
    metres = EARTH.inv(x[good], y[good], lon[good], lat[good])[2]
    return best, float(np.median(metres))
