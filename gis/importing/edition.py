"""From sound rows to an edition: grids that share their vertices, and villages, towns and the county made of them."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import shapely

from gis.boundaries import LEVELS, Boundary, Level, faults, parent_code
from gis.importing.places import Places
from gis.importing.records import Choices, Fault, Present
from gis.importing.rows import Row
from gis.importing.shaping import areas_of, rounded
from gis.importing.tables import Shapes
from gis.importing.tiling import Plane, is_tight, mended
from gis.importing.words import fault

_TRIES = 4
_SAME_M2 = 1.0


def tight(degrees: Shapes, plane: Plane, gap_m: float) -> Shapes:
    """Grids that share the vertices of their common borders in stored degrees. Left alone when they already do.

    gap_m: enclosed gaps up to this width are closed. What cannot be made tight is returned as it got.
    """
    if is_tight(degrees):
        return degrees
    flat = plane.flat(degrees)
    for attempt in range(_TRIES):
        flat = mended(flat, gap_m if attempt == 0 else 0.0)
        stored = np.array([areas_of(shape) for shape in shapely.transform(plane.back(flat), rounded)], dtype=object)
        if all(shape is not None for shape in stored) and is_tight(stored):
            return stored
        # Rounding folded a line over, or made two corners one: clean what it made, and look again.
        sound = np.array([areas_of(s) if s is not None else None for s in shapely.make_valid(stored)], dtype=object)
        if any(shape is None for shape in sound):
            return stored
        flat = plane.flat(sound)
    return stored


def assembled(
    rows: Sequence[Row], shapes: Shapes, kept: Sequence[Boundary], places: Places, present: Present
) -> list[Boundary]:
    """The whole edition. shapes: of the rows, sound and tight; kept: present grids that stay beside them."""
    before = {b.code: b for b in present.boundaries}
    grids = [
        Boundary(
            row.new_code,
            row.name,
            "grid",
            row.kind,
            row.village,
            as_before(shapes[n], before.get(row.new_code)),
            row.synthetic,
            row.code if row.code != row.new_code else None,
        )
        for n, row in enumerate(rows)
        if row.level == "grid"
    ]
    grids = sorted([*grids, *kept], key=lambda b: b.code)
    sources = {row.new_code: row.code for row in rows if row.level != "grid" and row.code != row.new_code}
    levels: dict[Level, list[Boundary]] = {"grid": grids}
    below = [b for b in grids if b.kind == "urban_rural"]
    for level in reversed(LEVELS[:3]):
        below = [
            _above(code, level, parts, places, before, sources.get(code)) for code, parts in _by_parent(below).items()
        ]
        levels[level] = below
    return [b for level in LEVELS for b in levels[level]]


def _by_parent(boundaries: Sequence[Boundary]) -> dict[str, list[Boundary]]:
    groups: dict[str, list[Boundary]] = defaultdict(list)
    for b in boundaries:
        if b.parent_code is not None:
            groups[b.parent_code].append(b)
    return dict(sorted(groups.items()))


def _above(
    code: str, level: Level, parts: Sequence[Boundary], places: Places, before: dict[str, Boundary], source: str | None
) -> Boundary:
    """A village, town or county as the union of its parts; real where it is the real one it was before."""
    shape = shapely.coverage_union_all([b.geometry for b in parts])
    old = before.get(code)
    synthetic = any(b.synthetic for b in parts)
    if synthetic and old is not None and not old.synthetic:
        synthetic = not _same(shape, old.geometry)
    name = places.names[code]
    shape = as_before(shape, old)
    known = source or (old.source_code if old is not None else None)
    return Boundary(code, name, level, None, parent_code(code), shape, synthetic, known)


def as_before(shape: shapely.Geometry, old: Boundary | None) -> shapely.Geometry:
    """The present outline, where the new one is the same but for where its rings start and which way they run."""
    if old is None or not shapely.equals_exact(shapely.normalize(shape), shapely.normalize(old.geometry)):
        return shape
    return old.geometry


def _same(shape: shapely.Geometry, other: shapely.Geometry) -> bool:
    degrees2 = shapely.area(shapely.symmetric_difference(shape, other))
    middle = np.deg2rad(shapely.centroid(shape).y)
    return bool(degrees2 * 111_320.0**2 * np.cos(middle) < _SAME_M2)


def named(rows: Sequence[Row], present: Present, places: Places) -> None:
    """Names for grids of a file that has no names: the present one, else after the village."""
    before = {b.code: b.name for b in present.boundaries}
    for row in rows:
        if row.level == "grid" and not row.name and row.new_code:
            village = places.names.get(row.village or "", "")
            for ending in ("村民委员会", "村委会", "居委会"):
                village = village.removesuffix(ending)
            kind = {"urban_rural": "", "school": "学校", "enterprise": "企业"}[row.kind or "urban_rural"]
            row.name = before.get(row.new_code) or f"{village}{kind}第{int(row.new_code[13:])}网格"


def remaining(boundaries: Sequence[Boundary]) -> list[Fault]:
    """What is still wrong with a whole edition; nothing, if the survey did its work."""
    return [fault("unsettled", detail=told) for told in faults(boundaries)]


def repair_width(choices: Choices) -> float:
    """Up to which width gaps are closed: as chosen, else not at all."""
    return choices.gap_m if choices.repair else 0.0
