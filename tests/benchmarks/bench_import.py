"""How long a county's file takes from opening it to a sound edition: 1,798 grids, and 17,980.

Beside it: only reading the same file with GeoPandas, with no look at anything in it.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import geopandas

from gis.boundaries import Boundary, load
from gis.importing import Choices, Present, survey
from tests.gis.big_county import tenfold

DATA = Path(__file__).resolve().parents[2] / "data"
METRES = "EPSG:4528"
Result = dict[str, Any]


def run() -> list[Result]:
    """One row for each figure: `name, value, unit, peer, ratio, aim, ok`."""
    county = load(DATA)
    present = Present(county, frozenset(b.code for b in county if b.level == "grid"))
    with tempfile.TemporaryDirectory() as room:
        return [
            *_measured(county, present, Path(room), 5.0),
            *_measured(tenfold(county), present, Path(room), 60.0),
        ]


def _measured(boundaries: Sequence[Boundary], present: Present, room: Path, aim_s: float) -> list[Result]:
    grids = [b for b in boundaries if b.level == "grid"]
    table = geopandas.GeoDataFrame(
        {"网格编码": [b.code for b in grids], "网格名称": [b.name for b in grids], "网格类型": [b.kind for b in grids]},
        geometry=[b.geometry for b in grids],
        crs=4490,
    )
    found = []
    for told, crs in (("degrees", 4490), ("Gauss-Krüger", METRES)):
        path = room / f"{len(grids)}-{told}.gpkg"
        table.to_crs(crs).to_file(path, driver="GPKG")
        started = perf_counter()
        geopandas.read_file(path)
        read = perf_counter() - started
        started = perf_counter()
        done = survey(path, Choices(), present, lambda *_: None)
        took = perf_counter() - started
        found.append(
            {
                "name": f"survey {len(grids):,} grids, {told}",
                "value": took,
                "unit": "s",
                "peer": f"geopandas.read_file alone {read:.2f} s",
                "ratio": None,
                "aim": f"≤ {aim_s:g} s, and sound",
                "ok": done.ok and took <= aim_s,
            }
        )
    return found
