"""How fast points find their grid: one by one with the whole rule, and a million at once, beside PostGIS and
geopandas.sjoin over the same outlines; how large the index is; and the same in a county of ten times the size.

Run alone: `python -m tests.benchmarks.bench_placing`, or by `make bench`. Times depend on the machine, ratios hardly.
"""

import subprocess
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
from tests.benchmarks.postgis import PostGIS, PostGISMissing
from tests.gis.big_county import tenfold

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
SINGLE, BULK = 100_000, 1_000_000
SINGLE_POSTGIS = 20_000
ROUNDS = 3
Result = dict[str, Any]
# What the process holds more after the index is built than before, in MB: of what is left, not of the peak.
MEMORY = """
import gc, sys
from pathlib import Path
from gis.boundaries import load
from gis.grid_index import GridIndex
from tests.gis.big_county import tenfold
def held():
    gc.collect()
    return next(int(l.split()[1]) for l in Path("/proc/self/status").read_text().splitlines() if l.startswith("VmRSS"))
boundaries = load(Path("data"))
records = [(b.code, b.kind, shapely.to_wkb(b.geometry)) for b in (tenfold(boundaries) if BIG else boundaries) if b.kind]
del boundaries
before = held()
grids = GridIndex(records)
print((held() - before) / 1024)
"""


def run() -> list[Result]:
    """One row for each figure: `name, value, unit, peer, ratio, aim, ok`."""
    boundaries = load(DATA)
    grids, built = _timed(lambda: GridIndex.of(boundaries))
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
        _row("grids within an accuracy of 30 m, median", _circles(grids, xy[:2_000]), "µs"),
        *_beside_postgis(boundaries, grids, xy, median, ours),
        _row(
            "place 1,000,000 points",
            ours,
            "s",
            peer=f"geopandas.sjoin({peer}) {theirs:.2f} s",
            ratio=theirs / ours,
            aim="≥ 10 times faster",
            ok=theirs / ours >= 10,
        ),
        _row("build the index", built, "s"),
        _row("memory of the index", _memory(big=False), "MB"),
        _row("first view of the map, compressed", first_view, "kB", aim="≤ 200", ok=first_view <= 200),
        *_ten_times(boundaries, xy),
    ]


def _beside_postgis(
    boundaries: list[Boundary], grids: GridIndex, xy: NDArray[np.float64], median: float, bulk: float
) -> list[Result]:
    """The same points by SQL; one line that says so where there is no PostGIS."""
    try:
        with PostGIS(boundaries) as peer:
            same = peer.agrees(grids, xy[:2_000])
            inside, asked = peer.one_by_one(xy[:SINGLE_POSTGIS])
            theirs = peer.in_bulk(xy)
    except PostGISMissing as missing:
        return [_row("beside PostGIS", float("nan"), "", peer=f"not measured: {missing}")]
    return [
        _row("same answers as PostGIS, of 2,000 points", same, "points", ok=same == 2_000),
        _row(
            "place one point, beside PostGIS in its server",
            median,
            "µs",
            peer=f"PostGIS, prepared, GiST {inside:.1f} µs",
            ratio=inside / median,
            aim="≥ 2 times faster",
            ok=inside / median >= 2,
        ),
        _row(
            "place one point, beside asking PostGIS",
            median,
            "µs",
            peer=f"the same from Python {asked:.0f} µs",
            ratio=asked / median,
        ),
        _row(
            "place 1,000,000 points, beside PostGIS",
            bulk,
            "s",
            peer=f"PostGIS, one join {theirs:.1f} s",
            ratio=theirs / bulk,
        ),
    ]


def _ten_times(boundaries: list[Boundary], xy: NDArray[np.float64]) -> list[Result]:
    big = tenfold(boundaries)
    grids, built = _timed(lambda: GridIndex.of(big))
    median, p99 = _one_by_one(grids, xy[:SINGLE])
    bulk = _fastest(lambda: grids.place_many(xy[:, 0], xy[:, 1]), 1)
    return [
        _row("17,980 grids: place one point, median", median, "µs", aim="≤ 15", ok=median <= 15),
        _row("17,980 grids: place one point, p99", p99, "µs"),
        _row("17,980 grids: place 1,000,000 points", bulk, "s"),
        _row("17,980 grids: build the index", built, "s"),
        _row("17,980 grids: memory of the index", _memory(big=True), "MB"),
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


def _circles(grids: GridIndex, xy: NDArray[np.float64]) -> float:
    took = []
    for lon, lat in xy.tolist():
        started = perf_counter_ns()
        grids.circle(lon, lat, 30.0)
        took.append(perf_counter_ns() - started)
    return float(np.median(took) / 1_000)


def _sjoin(boundaries: list[Boundary], xy: NDArray[np.float64], predicate: str) -> float:
    """Seconds for the join alone, to urban-rural grids only: it has no rule for borders, drift or special grids."""
    base = [b for b in boundaries if b.kind == "urban_rural"]
    polygons = geopandas.GeoDataFrame({"code": [b.code for b in base]}, geometry=[b.geometry for b in base], crs=4326)
    points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(xy[:, 0], xy[:, 1]), crs=4326)
    return _fastest(lambda: geopandas.sjoin(points, polygons, predicate=predicate), ROUNDS)


def _memory(big: bool) -> float:
    """Measured in a process of its own; not a number where there is no /proc."""
    if not Path("/proc/self/status").exists():
        return float("nan")
    code = f"import shapely\nBIG = {big}\n{MEMORY}"
    return float(subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True).stdout)


def _timed(work: Callable[[], GridIndex]) -> tuple[GridIndex, float]:
    started = perf_counter()
    return work(), perf_counter() - started


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
        figure = f"{row['value']:10.3f} {row['unit']:6}"
        sys.stdout.write(f"{row['name']:46} {figure} {row['peer']:36} {ratio:8} {row['aim']:18} {verdict}\n")
