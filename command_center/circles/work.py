"""What a computing process is given and what it answers: plain data, so that it needs no database."""

from collections import defaultdict
from typing import Annotated, Any

import shapely
from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator

from command_center.circles.assumptions import Assumptions
from gis.reach import Covered, Ground, Reached, Travel, along_roads, circle
from gis.roads import Network, network, unpacked

DECIMALS = 5
SHARE_DECIMALS = 4
Hex = Annotated[
    bytes, PlainValidator(lambda v: bytes.fromhex(v) if isinstance(v, str) else v), PlainSerializer(lambda v: v.hex())
]
# Of a grid: the share of its area, and whether its point lies within.
Shares = dict[str, tuple[float, bool]]


class Spot(BaseModel):
    """A center. lon, lat: WGS 84."""

    model_config = ConfigDict(frozen=True)

    code: str
    level: str
    lon: float
    lat: float


class Work(BaseModel):
    """All that the circles depend on. grids: code and WKB; roads: as gis.roads packs them."""

    grids: list[tuple[str, Hex]]
    spots: list[Spot]
    assumptions: Assumptions
    roads: Hex | None


class Circle(BaseModel):
    """What is reached from one center, as GeoJSON, and the grids it touches."""

    code: str
    level: str
    geometry: dict[str, Any]
    off_road_m: float | None
    grids: Shares


class Answer(BaseModel):
    """Circles by the centers' order; `anybody`: by level, of each grid what all its circles together reach."""

    circles: list[Circle]
    anybody: dict[str, Shares]


def compute(work: Work) -> Answer:
    """Draw all circles and hold the grids against them."""
    codes = [code for code, _ in work.grids]
    ground = Ground(shapely.from_wkb([wkb for _, wkb in work.grids]))
    joined = network(unpacked(work.roads)) if work.roads is not None else None
    circles: list[Circle] = []
    areas: dict[str, list[shapely.Geometry]] = defaultdict(list)
    for spot in work.spots:
        reached = reach(spot, work.assumptions, joined)
        area = shapely.set_precision(reached.area, 10**-DECIMALS)
        areas[spot.level].append(area)
        circles.append(
            Circle(
                code=spot.code,
                level=spot.level,
                geometry=shapely.geometry.mapping(area),
                off_road_m=None if reached.off_road_m is None else round(reached.off_road_m, 1),
                grids=_shares(ground.covered(area), codes),
            )
        )
    anybody = {level: _shares(ground.covered(shapely.union_all(together)), codes) for level, together in areas.items()}
    return Answer(circles=circles, anybody=anybody)


def reach(spot: Spot, assumptions: Assumptions, joined: Network | None) -> Reached:
    """Draw one center's circle, along the roads when there are any."""
    travel = Travel(
        kmh=assumptions.kmh,
        detour=assumptions.detour,
        off_road_kmh=assumptions.off_road_kmh,
        beside_m=assumptions.beside_m,
        fill_m2=assumptions.fill_km2 * 1e6,
    )
    minutes = getattr(assumptions.minutes, spot.level)
    if joined is None:
        return circle(spot.lon, spot.lat, minutes, travel)
    return along_roads(joined, spot.lon, spot.lat, minutes, travel)


def _shares(covered: dict[int, Covered], codes: list[str]) -> Shares:
    return {codes[number]: (round(one.share, SHARE_DECIMALS), one.point) for number, one in covered.items()}
