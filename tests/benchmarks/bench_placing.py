"""How fast points find their grid: one by one with the whole rule, and a million at once beside geopandas.sjoin.

Run alone: `python tests/benchmarks/bench_placing.py`, or by `make bench`. Times depend on the machine; ratios do not.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, perf_counter_ns
from typing import Any

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.boundaries import Boundary, load
from gis.grid_index import GridIndex
from gis.layers import build_layers

DATA = Path(__file__).resolve().parents[2] / "data"
SINGLE, BULK = 100_000, 1_000_000
ROUNDS = 3
Result = dict[str, Any]


def run() -> list[Result]:
    """One row for each figure: `name, value, unit, peer, ratio, aim, ok`."""
    boundaries = load(DATA)
    started = perf_counter()
    grids = GridIndex.of(boundaries)
    built = perf_counter() - started
    xy = _points(boundaries, BULK)
    median, p99 = _one_by_one(grids, xy[:SINGLE])
    ours = _fastest(lambda: grids.place_many(xy[:, 0], xy[:, 1]), ROUNDS)
    peers = {predicate: _sjoin(boundaries, xy, predicate) for predicate in ("within", "intersects")}
    # The quicker of the two is the fairer peer.
    peer, theirs = min(peers.items(), key=lambda item: item[1])
    first_view = sum(len(layer.gzipped) for layer in build_layers(boundaries).values()) / 1_000
    return [
        _row("place one point, median", median, "µs", aim="≤ 15", ok=median <= 15),
        _row("place one point, p99", p99, "µs"),
        _row(
            "place 1,000,000 points",
            ours,
            "s",
            peer=f"geopandas.sjoin({peer}) {theirs:.2f} s",
            ratio=theirs / ours,
            aim="≥ 5 times faster",
            ok=theirs / ours >= 5,
        ),
        _row("build the index", built, "s"),
        _row("first view of the map, compressed", first_view, "kB", aim="≤ 200", ok=first_view <= 200),
    ]


def _row(
    name: str,
    value: float,
    unit: str,
    peer: str = "",
    ratio: float | None = None,
    aim: str = "",
    ok: bool | None = None,
) -> Result:
    return {"name": name, "value": value, "unit": unit, "peer": peer, "ratio": ratio, "aim": aim, "ok": ok}


def _points(boundaries: list[Boundary], count: int) -> NDArray[np.float64]:
    """Evenly scattered over the county, shape (count, 2)."""
    outline = next(b.geometry for b in boundaries if b.level == "county")
    shapely.prepare(outline)
    rng = np.random.default_rng(1)
    west, south, east, north = outline.bounds
    found = np.zeros((0, 2))
    while len(found) < count:
        xy = rng.uniform((west, south), (east, north), (count, 2))
        found = np.vstack([found, xy[shapely.contains_xy(outline, xy[:, 0], xy[:, 1])]])
    return found[:count]


def _one_by_one(grids: GridIndex, xy: NDArray[np.float64]) -> tuple[float, float]:
    """Median and 99th percentile in microseconds."""
    took = []
    for lon, lat in xy.tolist():
        started = perf_counter_ns()
        grids.place(lon, lat)
        took.append(perf_counter_ns() - started)
    median, p99 = np.percentile(took, [50, 99]) / 1_000
    return float(median), float(p99)


def _sjoin(boundaries: list[Boundary], xy: NDArray[np.float64], predicate: str) -> float:
    """Seconds for the join alone, to urban-rural grids only: it has no rule for borders, drift or special grids."""
    base = [b for b in boundaries if b.kind == "urban_rural"]
    polygons = geopandas.GeoDataFrame({"code": [b.code for b in base]}, geometry=[b.geometry for b in base], crs=4326)
    points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(xy[:, 0], xy[:, 1]), crs=4326)
    return _fastest(lambda: geopandas.sjoin(points, polygons, predicate=predicate), ROUNDS)


def _fastest(work: Callable[[], object], rounds: int) -> float:
    took = []
    for _ in range(rounds):
        started = perf_counter()
        work()
        took.append(perf_counter() - started)
    return min(took)


if __name__ == "__main__":
    for row in run():
        ratio = f"{row['ratio']:.1f} ×" if row["ratio"] else ""
        verdict = {True: "ok", False: "MISSED", None: ""}[row["ok"]]
        figure = f"{row['value']:10.3f} {row['unit']:3}"
        sys.stdout.write(f"{row['name']:36} {figure} {row['peer']:34} {ratio:8} {row['aim']:18} {verdict}\n")
