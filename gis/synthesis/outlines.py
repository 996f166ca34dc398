"""From cells to outlines: chains of cell edges become arcs, arcs are bent, and arcs close to polygons.

Each arc is bent once and used by both its neighbours, and rounded once, so that no gap or overlap can arise.
"""

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.synthesis.mesh import Mesh, Settlement, urbanity
from gis.synthesis.plane import METRES_PER_DEGREE_LAT, Floats, Noise, to_degrees, to_plane

DECIMALS = 6
"""About 0.1 m."""
STEP_M = 45.0
SAME_LINE_M2 = 40.0
"""Vertices whose triangle with their neighbours is smaller than this say nothing."""
RING_STEPS = 1024
"""A border meets the county's outline at a 1,024th of an outline's segment: such points are exact in
floating point."""
BENDS = ((1_500.0, 150.0), (500.0, 48.0), (180.0, 14.0))
"""Wavelength and strength in metres. Each strength is small against its wavelength, so that nothing folds
over."""


@dataclass(frozen=True)
class Arc:
    """A border between two regions. `path`: (n, 2) metres; `left`, `right`: grid numbers."""

    path: Floats
    left: int
    right: int


def arcs(mesh: Mesh, label: NDArray[np.int64]) -> list[Arc]:
    """Chain the edges between cells of different label, from junction to junction."""
    left_of: dict[tuple[int, int], int] = {}
    for cell, ring in enumerate(mesh.rings):
        region = int(label[cell])
        for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
            left_of[a, b] = region
    onward: dict[int, list[int]] = defaultdict(list)
    borders = {edge for edge, region in left_of.items() if left_of.get((edge[1], edge[0]), region) != region}
    for a, b in sorted(borders):
        onward[a].append(b)
    junctions = [corner for corner in sorted(onward) if len(onward[corner]) != 2]
    used: set[tuple[int, int]] = set()
    found: list[Arc] = []
    # Junctions first; what is then unused are closed rings, which may start anywhere.
    for start in junctions + sorted(onward):
        for step in onward[start]:
            if (start, step) in used:
                continue
            chain = [start, step]
            while len(onward[chain[-1]]) == 2 and chain[-1] != start:
                ahead = onward[chain[-1]]
                chain.append(ahead[0] if ahead[1] == chain[-2] else ahead[1])
            for a, b in pairwise(chain):
                used.update([(a, b), (b, a)])
            found.append(Arc(mesh.corner[chain] / 100.0, left_of[start, step], left_of[step, start]))
    return found


def bend(straight: list[Arc], settlements: list[Settlement], noise: Noise) -> list[Arc]:
    """Round off the mesh's corners in the country, then bend everything by the noise. Streets stay nearly
    straight.

    All arcs are laid end to end in one array, their ends held, so that junctions stay joined.
    """
    path = np.vstack([arc.path for arc in straight])
    length = np.array([len(arc.path) for arc in straight])
    town = urbanity(path, settlements, noise, 250.0)
    path = _evened(path, _ends(length), np.where(town > 0.8, 0.0, 1.0), 3)
    path, length = _even_steps(path, length)
    path = _evened(path, _ends(length), 1.0 - urbanity(path, settlements, noise, 250.0), 4)
    for wavelength, strength in BENDS:
        open_land = 1.0 - 0.95 * urbanity(path, settlements, noise, 1_200.0)
        shift = np.column_stack([noise.at(path + 31_000.0, wavelength), noise.at(path - 57_000.0, wavelength)])
        path = path + strength * open_land[:, None] * shift
    pieces = np.split(path, np.cumsum(length)[:-1])
    return [Arc(piece, arc.left, arc.right) for piece, arc in zip(pieces, straight, strict=True)]


def _ends(length: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which points of the arcs laid end to end are the first or last of their arc."""
    ends = np.zeros(length.sum(), np.bool_)
    ends[np.cumsum(length) - 1] = ends[np.cumsum(length) - length] = True
    return ends


def _evened(path: Floats, held: NDArray[np.bool_], freedom: Floats, rounds: int) -> Floats:
    """Draw each point towards the middle of its two neighbours, as far as its freedom (0 to 1) lets it."""
    share = np.where(held, 0.0, freedom)[1:-1, None]
    for _ in range(rounds):
        middle = 0.5 * path[1:-1] + 0.25 * (path[:-2] + path[2:])
        path = np.vstack([path[:1], path[1:-1] * (1 - share) + middle * share, path[-1:]])
    return path


def _even_steps(path: Floats, length: NDArray[np.int64]) -> tuple[Floats, NDArray[np.int64]]:
    """Add points so that no step is longer than STEP_M; the points that are there stay."""
    last = np.cumsum(length) - 1
    step = np.vstack([np.diff(path, axis=0), [[0.0, 0.0]]])
    parts = np.maximum(1, np.ceil(np.hypot(*step.T) / STEP_M)).astype(np.int64)
    parts[last] = 1
    base = np.repeat(np.arange(len(path)), parts)
    share = (np.arange(len(base)) - np.repeat(np.cumsum(parts) - parts, parts)) / parts[base]
    denser = path[base] + step[base] * share[:, None]
    return denser, np.add.reduceat(parts, np.cumsum(length) - length)


def polygons(bent: list[Arc], county: shapely.Polygon, count: int, village_of: list[str]) -> list[shapely.Polygon]:
    """Close the arcs to one polygon per grid number, clipped to the county. In degrees, rounded.

    The county's own vertices are kept exactly as they are in its file.
    """
    lines = [np.round(to_degrees(arc.path), DECIMALS) for arc in bent]
    lines = [line[np.r_[True, (np.diff(line, axis=0) != 0).any(axis=1)]] for line in lines]
    left_of: dict[tuple[float, ...], int] = {}
    for arc, line in zip(bent, lines, strict=True):
        for a, b in zip(line[:-1].tolist(), line[1:].tolist(), strict=True):
            left_of[(*a, *b)], left_of[(*b, *a)] = arc.left, arc.right
    drawn = [shapely.LineString(line) for line in lines if len(line) > 1]
    noded = shapely.unary_union([*drawn, county.exterior])
    faces = [
        face
        for face in shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
        if shapely.contains_properly(county.buffer(1e-9), face.representative_point())
    ]
    faces = list(shapely.orient_polygons(np.array(faces)))
    shape = _one_piece_each(faces, [_label(face, left_of) for face in faces], count, village_of)
    known = {tuple(point) for line in lines for point in line.tolist()}
    return list(_meet_outline_exactly(np.array(shape), county, known))


def _label(face: shapely.Polygon, left_of: dict[tuple[float, ...], int]) -> int:
    """The grid on the left of any edge of the face (its rings run with the face on their left); -1 if cut
    up."""
    for ring in (face.exterior, *face.interiors):
        points = list(ring.coords)
        for a, b in pairwise(points):
            found = left_of.get((*a, *b))
            if found is not None:
                return found
    return -1


def _one_piece_each(
    faces: list[shapely.Polygon], label: list[int], count: int, village_of: list[str]
) -> list[shapely.Polygon]:
    """Give bits that the county's outline cut off to the neighbour with the longest common border."""
    area = shapely.area(faces)
    owner = [-1] * len(faces)
    main: dict[int, int] = {}
    for face in np.argsort(-area, kind="stable").tolist():
        if label[face] >= 0 and label[face] not in main:
            main[label[face]], owner[face] = face, label[face]
    if len(main) != count:
        raise ValueError(f"{count - len(main)} grids lie outside the county; change the seed")
    beside: dict[int, list[tuple[int, float]]] = defaultdict(list)
    tree = shapely.STRtree(faces)
    loose = [face for face in range(len(faces)) if owner[face] < 0]
    for face in loose:
        for other in sorted(tree.query(faces[face], "intersects").tolist()):
            common = shapely.length(shapely.intersection(faces[face].boundary, faces[other].boundary))
            if other != face and common > 0:
                beside[face].append((other, float(common)))
    while loose:
        given = [face for face in loose if any(owner[other] >= 0 for other, _ in beside[face])]
        for face in given:
            home = village_of[label[face]] if label[face] >= 0 else ""
            near = [
                (village_of[owner[other]] == home, common, owner[other])
                for other, common in beside[face]
                if owner[other] >= 0
            ]
            owner[face] = max(near)[2]
        if not given:
            raise ValueError("a piece of the county has no neighbour")
        loose = [face for face in loose if owner[face] < 0]
    parts: dict[int, list[shapely.Polygon]] = defaultdict(list)
    for face, number in enumerate(owner):
        parts[number].append(faces[face])
    return [shapely.coverage_union_all(parts[n]) if len(parts[n]) > 1 else parts[n][0] for n in range(count)]


def _meet_outline_exactly(
    shape: NDArray[np.object_], county: shapely.Polygon, known: set[tuple[float, ...]]
) -> NDArray[np.object_]:
    """Put each point where a border meets the county's outline exactly onto it, so that no sliver is left."""
    ring = shapely.get_coordinates(county.exterior)
    start, along = ring[:-1], np.diff(ring, axis=0)
    known = known | {tuple(point) for point in ring.tolist()}
    exact: dict[tuple[float, ...], list[float]] = {}
    for point in np.unique(shapely.get_coordinates(shape), axis=0).tolist():
        if tuple(point) in known:
            continue
        share = np.clip(((point - start) * along).sum(axis=1) / (along**2).sum(axis=1), 0, 1)
        away = np.hypot(*(start + share[:, None] * along - point).T)
        nearest = int(np.argmin(away))
        if away[nearest] * METRES_PER_DEGREE_LAT > 0.01:
            exact[tuple(point)] = np.round(point, DECIMALS).tolist()  # Two borders crossed between their vertices.
            continue
        step = np.clip(np.round(share[nearest] * RING_STEPS), 1, RING_STEPS - 1) / RING_STEPS
        exact[tuple(point)] = (start[nearest] + step * along[nearest]).tolist()
    return np.array(
        shapely.transform(shape, lambda points: np.array([exact.get(tuple(point), point) for point in points.tolist()]))
    )


def thin(shape: NDArray[np.object_]) -> NDArray[np.object_]:
    """Drop vertices that say nothing, for both neighbours alike; the county's outline keeps all of its
    own."""
    flat = shapely.transform(shape, to_plane)
    thinned = shapely.coverage_simplify(flat, SAME_LINE_M2**0.5, simplify_boundary=False)
    # Back by looking up, not by computing, so that the kept vertices are the very same numbers as before.
    before = {
        tuple(a): b
        for a, b in zip(shapely.get_coordinates(flat).tolist(), shapely.get_coordinates(shape).tolist(), strict=True)
    }
    return np.array(shapely.transform(thinned, lambda points: np.array([before[tuple(p)] for p in points.tolist()])))
