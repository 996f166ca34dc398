"""Make the synthetic outlines of 大石桥市 once more, byte for byte: `python -m gis.synthesize`.

Outlines of towns, villages and grids are not public. This draws made-up ones inside the real county outline,
with the real codes and names of `data/regions/`, and writes `data/geometry/{county,towns,villages,grids}.geojson`.
How:

1. a fine mesh is laid over the county: jittered open land, and blocks along straight streets in the towns;
2. towns are grown over the mesh from their rough real places, villages inside their town, grids inside
   their village; communities and their grids are cut along the streets;
3. each border becomes one arc, bent by noise in the country and left straight in town, rounded once and used
   by both sides, so that grids tile their village, villages their town and towns the county;
4. schools and enterprises get small lots inside single urban-rural grids.

The same seed gives the same bytes with the same versions of NumPy and Shapely, which each file names.
"""

import argparse
import csv
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from gis.synthesis import county_plan
from gis.synthesis.lots import Lot, lay_out, plain_name
from gis.synthesis.mesh import build_mesh
from gis.synthesis.outlines import arcs, bend, polygons, thin
from gis.synthesis.partition import county_in_plane, share_out
from gis.synthesis.plane import Noise

SEED = 20_210_882
DATA = Path(__file__).resolve().parent.parent / "data"
COUNTY = "210882000000"
KIND_DIGIT = {"urban_rural": "1", "school": "2", "enterprise": "3"}
NOTE = (
    "Synthetic outlines, made by `python -m gis.synthesize`; "
    "only codes, names and the county's outline are real. 合成边界，仅供演示。"
)
COUNTY_NOTE = (
    "The real outline of data/regions/county.geojson, with the points where borders of towns and grids meet it."
)

Feature = dict[str, Any]


def main() -> None:
    """Write the four files; with --out elsewhere than into data/geometry."""
    parser = argparse.ArgumentParser(description="Make the synthetic outlines of the county.")
    parser.add_argument("--out", type=Path, default=DATA / "geometry")
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    for name, content in synthesize(chosen.seed).items():
        (chosen.out / name).write_bytes(content)
        sys.stdout.write(f"{chosen.out / name}: {len(content) / 1e6:.2f} MB\n")


def synthesize(seed: int = SEED) -> dict[str, bytes]:
    """The four files' contents, by file name. About 15 s."""
    names = _names()
    outline = _county_outline()
    rng = np.random.default_rng(seed)
    noise = Noise(rng)
    places = county_plan.settlements()
    mesh = build_mesh(county_in_plane(outline), places, rng, noise)
    grid_of, village_of = share_out(mesh, names, rng, noise)
    shapes = thin(np.array(polygons(bend(arcs(mesh, grid_of), places, noise), outline, len(village_of), village_of)))
    by_village: dict[str, list[shapely.Polygon]] = defaultdict(list)

    for village, shape in zip(village_of, shapes, strict=True):
        by_village[village].append(shape)
    lots = lay_out(mesh, by_village, names, rng)
    villages = {code: shapely.coverage_union_all(parts) for code, parts in sorted(by_village.items())}
    towns = {
        town: shapely.coverage_union_all([shape for code, shape in villages.items() if code.startswith(town)])
        for town in sorted(county_plan.TOWNS)
    }
    # The real outline once more, with the points where borders meet it: then the tiling is exact in any projection.
    county = _feature(COUNTY, names[COUNTY], "county", None, None, shapely.coverage_union_all(list(towns.values())))
    county["properties"]["synthetic"] = False
    return {
        "county.geojson": _collection(seed, [county], synthetic=False),
        "towns.geojson": _collection(
            seed,
            [_feature(town + "000", names[town + "000"], "town", None, COUNTY, shape) for town, shape in towns.items()],
        ),
        "villages.geojson": _collection(
            seed,
            [_feature(code, names[code], "village", None, code[:9] + "000", shape) for code, shape in villages.items()],
        ),
        "grids.geojson": _collection(seed, _grids(by_village, lots, names)),
    }


def _grids(by_village: dict[str, list[shapely.Polygon]], lots: list[Lot], names: dict[str, str]) -> list[Feature]:
    found: list[Feature] = []
    for village in sorted(by_village):
        said = plain_name(names[village])
        for n, shape in enumerate(_west_to_east(by_village[village]), 1):
            found.append(_feature(f"{village}1{n:03d}", f"{said}第{n}网格", "grid", "urban_rural", village, shape))
        for kind in ("school", "enterprise"):
            mine = {lot.shape: lot.name for lot in lots if lot.village == village and lot.kind == kind}
            for n, shape in enumerate(_west_to_east(list(mine)), 1):
                code = f"{village}{KIND_DIGIT[kind]}{n:03d}"
                found.append(_feature(code, mine[shape], "grid", kind, village, shape))
    return found


def _west_to_east(shapes: list[shapely.Polygon]) -> list[shapely.Polygon]:
    """The order of grid numbers: by centroid from west to east, then from north to south."""
    return sorted(shapes, key=lambda shape: (round(shape.centroid.x, 5), -round(shape.centroid.y, 5)))


def _feature(code: str, name: str, level: str, kind: str | None, parent: str | None, shape: shapely.Polygon) -> Feature:
    properties = {
        "code": code,
        "name": name,
        "level": level,
        "kind": kind,
        "parent_code": parent,
        "synthetic": True,
    }
    if kind is None:
        del properties["kind"]
    # Rings start where they are least, so that the same shape is written in the same way by every version.
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": shapely.geometry.mapping(shapely.normalize(shape)),
    }


def _collection(seed: int, features: list[Feature], synthetic: bool = True) -> bytes:
    head = {
        "type": "FeatureCollection",
        "synthetic": synthetic,
        "note": NOTE if synthetic else COUNTY_NOTE,
        "seed": seed,
        "made_with": {
            "numpy": np.__version__,
            "shapely": shapely.__version__,
            "geos": shapely.geos_version_string,
        },
    }
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features)
    opening = json.dumps(head, ensure_ascii=False, separators=(",", ":"))[:-1]
    return f'{opening},"features":[\n{lines}\n]}}\n'.encode()


def _names() -> dict[str, str]:
    with (DATA / "regions" / "regions.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


def _county_outline() -> shapely.Polygon:
    collection = shapely.from_geojson((DATA / "regions" / "county.geojson").read_text(encoding="utf-8"))
    return collection.geoms[0]


if __name__ == "__main__":
    main()
