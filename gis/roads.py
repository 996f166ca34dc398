"""A road network from a file of lines: where one may turn from one road into another, and how fast one drives.

Lines meet where an end of one lies within the snapping distance of an end or of the course of another, and where
they share a vertex. Lines that merely cross, as a bridge does, do not meet. Everything is measured in metres of the
projection that fits the place.
"""

import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import networkx as nx
import numpy as np
import pyproj
import shapely
import shapely.ops
from numpy.typing import NDArray

from gis.errors import BadRoads
from gis.metres import local_projection

SNAP_M = 2.0
"""Ends of lines that are nearer than this are one crossing."""
SLOWEST_KMH, FASTEST_KMH = 1.0, 150.0
FORWARD, BACKWARD, BOTH = 1, -1, 0
_SCALE = 1e7
_MOST_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Road:
    """One line: lon/lat, WGS 84; `kmh`: driven on it; `way`: FORWARD, BACKWARD (against the line) or BOTH."""

    geometry: shapely.LineString
    kmh: float
    way: int = BOTH


@dataclass(frozen=True)
class Network:
    """Crossings and the stretches between them.

    x, y of the crossings: metres in `projection`; `lines`: the stretches in the same metres, from crossing `tail` to
    crossing `head`; `seconds`: to drive one; `way`: as of a road.
    """

    projection: pyproj.Transformer
    points: NDArray[np.float64]
    tails: NDArray[np.int64]
    heads: NDArray[np.int64]
    lines: NDArray[np.object_]
    seconds: NDArray[np.float64]
    ways: NDArray[np.int64]
    graph: "nx.DiGraph[int]" = field(repr=False)

    @cached_property
    def tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.lines)


def network(roads: Sequence[Road], snap_m: float = SNAP_M) -> Network:
    """Join the roads to a network. Raises: BadRoads when there are none."""
    if not roads:
        raise BadRoads("no-lines")
    shapes = np.array([road.geometry for road in roads], dtype=object)
    projection = local_projection(shapes)
    flat = np.asarray(shapely.transform(shapes, projection.transform, interleaved=False), dtype=object)
    pieces, owners = _split(flat, snap_m)
    points, ends = _crossings(pieces, snap_m)
    tails, heads = ends[0::2], ends[1::2]
    lengths = shapely.length(pieces)
    # A stretch shorter than the snapping distance that begins and ends at one crossing leads nowhere.
    kept = (tails != heads) | (lengths > 2 * snap_m)
    pieces, owners, tails, heads, lengths = (part[kept] for part in (pieces, owners, tails, heads, lengths))
    kmh = np.array([road.kmh for road in roads])[owners]
    ways = np.array([road.way for road in roads], dtype=np.int64)[owners]
    seconds = lengths / (kmh / 3.6)
    return Network(projection, points, tails, heads, pieces, seconds, ways, _graph(tails, heads, seconds, ways))


def _split(lines: NDArray[np.object_], snap_m: float) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Cut each line where another one meets it. Returns the pieces and which line each is of."""
    cuts: dict[int, set[float]] = {}
    tree = shapely.STRtree(lines)
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    for end, line in tree.query(ends, "dwithin", snap_m).T:
        if end % len(lines) != line:
            cuts.setdefault(int(line), set()).add(round(float(shapely.line_locate_point(lines[line], ends[end])), 3))
    for line, at in _shared_vertices(lines):
        cuts.setdefault(line, set()).add(at)
    pieces: list[shapely.LineString] = []
    owners: list[int] = []
    for number, line in enumerate(lines):
        length = line.length
        inner = sorted(at for at in cuts.get(number, ()) if snap_m < at < length - snap_m)
        bounds = [0.0, *(at for i, at in enumerate(inner) if i == 0 or at - inner[i - 1] > snap_m), length]
        for start, stop in pairwise(bounds):
            pieces.append(line if len(bounds) == 2 else shapely.ops.substring(line, start, stop))
            owners.append(number)
    return np.array(pieces, dtype=object), np.array(owners, dtype=np.int64)


def _shared_vertices(lines: NDArray[np.object_]) -> Iterable[tuple[int, float]]:
    """Yield the places of vertices, to the centimetre, that several lines have in common."""
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    keys = np.round(xy, 2)
    _, number = np.unique(keys, axis=0, return_inverse=True)
    number = number.ravel()
    pairs = np.unique(np.stack([number, owner]), axis=1)
    shared = np.bincount(pairs[0]) > 1
    for index in np.flatnonzero(shared[number]):
        line = int(owner[index])
        yield line, round(float(shapely.line_locate_point(lines[line], shapely.Point(xy[index]))), 3)


def _crossings(pieces: NDArray[np.object_], snap_m: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Make one crossing of all ends near each other. Returns the crossings and, two for a piece, its ends' numbers."""
    both = np.empty(2 * len(pieces), dtype=object)
    both[0::2], both[1::2] = shapely.get_point(pieces, 0), shapely.get_point(pieces, -1)
    xy = shapely.get_coordinates(both)
    places, which = np.unique(np.round(xy, 3), axis=0, return_inverse=True)
    which = which.ravel()
    dots = shapely.points(places)
    near: nx.Graph[int] = nx.Graph()
    near.add_nodes_from(range(len(places)))
    near.add_edges_from(map(tuple, shapely.STRtree(dots).query(dots, "dwithin", snap_m).T.tolist()))
    member = np.empty(len(places), dtype=np.int64)
    # `unique` has sorted the places, so the westernmost one names its crossing: the same file, the same network.
    groups = sorted(min(group) for group in nx.connected_components(near))
    of_least = {least: number for number, least in enumerate(groups)}
    for group in nx.connected_components(near):
        member[list(group)] = of_least[min(group)]
    return places[groups], member[which]


def _graph(
    tails: NDArray[np.int64], heads: NDArray[np.int64], seconds: NDArray[np.float64], ways: NDArray[np.int64]
) -> "nx.DiGraph[int]":
    """Of several stretches between two crossings the quickest counts."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    for tail, head, cost, way in zip(tails.tolist(), heads.tolist(), seconds.tolist(), ways.tolist(), strict=True):
        for here, there, open_ in ((tail, head, way != BACKWARD), (head, tail, way != FORWARD)):
            if open_ and cost < graph.get_edge_data(here, there, {}).get("seconds", np.inf):
                graph.add_edge(here, there, seconds=cost)
    return graph


def packed(roads: Sequence[Road]) -> bytes:
    """Pack roads for keeping: degrees to seven decimals (a centimetre), speeds and ways, compressed."""
    shapes = np.array([road.geometry for road in roads], dtype=object)
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    whole = np.round(xy * _SCALE).astype(np.int64)
    columns = {
        "vertices": np.bincount(owner, minlength=len(roads)).astype(np.int32),
        # Neighbours differ little, and small numbers compress well.
        "steps": np.diff(whole, axis=0, prepend=0).astype(np.int32),
        "kmh": np.array([road.kmh for road in roads], dtype=np.float32),
        "ways": np.array([road.way for road in roads], dtype=np.int8),
    }
    spelt = io.BytesIO()
    np.savez(spelt, **columns)
    return zlib.compress(spelt.getvalue(), 9)


def unpacked(content: bytes) -> list[Road]:
    """Read what `packed` wrote. Raises: BadRoads."""
    try:
        spelt = zlib.decompressobj().decompress(content, _MOST_BYTES)
        with np.load(io.BytesIO(spelt), allow_pickle=False) as kept:
            columns: Mapping[str, NDArray[np.generic]] = {name: kept[name] for name in kept.files}
        xy = np.cumsum(columns["steps"].astype(np.int64), axis=0) / _SCALE
        owner = np.repeat(np.arange(len(columns["vertices"])), columns["vertices"].astype(np.int64))
        lines = shapely.linestrings(xy, indices=owner)
        return [
            Road(line, float(kmh), int(way))
            for line, kmh, way in zip(lines, columns["kmh"].tolist(), columns["ways"].tolist(), strict=True)
        ]
    except (ValueError, KeyError, EOFError, zlib.error, zipfile.BadZipFile, shapely.errors.GEOSException) as broken:
        raise BadRoads("not-readable") from broken
