"""What the synthetic county should be like: where its towns lie, how large they are, how many grids a
village has.

The places of the towns are rough, from general knowledge of the county; sizes and counts per village are
made up to be plausible. The totals are those reported for 大石桥市: 1,480 urban-rural, 69 school, 249
enterprise grids.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.synthesis.mesh import Settlement
from gis.synthesis.plane import Floats

URBAN_RURAL, SCHOOL, ENTERPRISE = 1_480, 69, 249
CITY = Settlement(122.512, 40.642, 2_700.0, 27.0, (96.0, 138.0))
STORY_VILLAGE = "210882004004"
"""富丽社区, where the demonstration takes place: it needs several grids, some free of schools and firms."""


@dataclass(frozen=True)
class TownPlan:
    """`village_km2`: usual size of a village; `industry`: how many of the county's firms, relatively."""

    lon: float
    lat: float
    village_km2: float
    industry: float
    seat_angle_deg: float = 0.0
    seat_radius_m: float = 0.0


TOWNS: dict[str, TownPlan] = {
    "210882003": TownPlan(122.470, 40.662, 4.2, 2.0, 27.0, 560.0),  # 金桥街道
    "210882004": TownPlan(122.500, 40.650, 2.2, 1.6),  # 钢都街道
    "210882005": TownPlan(122.545, 40.625, 3.6, 2.6),  # 百寨街道
    "210882006": TownPlan(122.522, 40.634, 2.6, 1.4),  # 镁都街道
    "210882101": TownPlan(122.405, 40.862, 4.4, 0.5, 12.0, 420.0),  # 水源镇
    "210882102": TownPlan(122.285, 40.832, 5.0, 0.5, 40.0, 400.0),  # 沟沿镇
    "210882103": TownPlan(122.455, 40.785, 6.0, 0.6, -8.0, 380.0),  # 石佛镇
    "210882104": TownPlan(122.335, 40.772, 4.6, 0.9, 18.0, 520.0),  # 高坎镇
    "210882105": TownPlan(122.190, 40.797, 4.4, 0.5, -20.0, 420.0),  # 旗口镇
    "210882106": TownPlan(122.545, 40.712, 8.0, 1.2, 33.0, 450.0),  # 虎庄镇
    "210882107": TownPlan(122.600, 40.640, 6.5, 2.6, 15.0, 450.0),  # 官屯镇
    "210882112": TownPlan(122.485, 40.545, 7.0, 1.0, 50.0, 420.0),  # 博洛铺镇
    "210882113": TownPlan(122.535, 40.585, 5.5, 1.8, 24.0, 420.0),  # 永安镇
    "210882114": TownPlan(122.630, 40.535, 6.5, 1.6, -15.0, 480.0),  # 汤池镇
    "210882115": TownPlan(122.905, 40.405, 12.0, 0.8, 62.0, 330.0),  # 建一镇
    "210882116": TownPlan(122.800, 40.465, 8.0, 0.9, 35.0, 360.0),  # 黄土岭镇
    "210882117": TownPlan(122.770, 40.545, 7.5, 0.7, -30.0, 340.0),  # 周家镇
}
COMMUNITY_KM2 = 0.55


def settlements() -> list[Settlement]:
    """The city and the seats of the towns."""
    seats = [
        Settlement(town.lon, town.lat, town.seat_radius_m, town.seat_angle_deg, (85.0, 115.0))
        for town in TOWNS.values()
        if town.seat_radius_m
    ]
    return [CITY, *seats]


def is_community(village: str) -> bool:
    """Communities (社区) have 001–199 as the village's part of the code, villages (村) 200–399."""
    return village[9:] < "200"


def wished_area(village: str, rng: np.random.Generator) -> float:
    """km², scattered as real villages are."""
    usual = COMMUNITY_KM2 if is_community(village) else TOWNS[village[:9]].village_km2
    return float(usual * np.exp(rng.normal(0.0, 0.22)))


def grids_per_village(villages: list[str], rng: np.random.Generator) -> dict[str, int]:
    """How many urban-rural grids each village has: 2 to 12, more where more people live, 1,480 in all."""
    people = np.array([rng.lognormal(0.0, 0.28) * (1.75 if is_community(village) else 1.0) for village in villages])
    low, high = np.full(len(villages), 2), np.full(len(villages), 12)
    low[villages.index(STORY_VILLAGE)] = 5
    return dict(zip(villages, apportion(people, URBAN_RURAL, low, high).tolist(), strict=True))


def apportion(weight: Floats, total: int, low: NDArray[np.int64], high: NDArray[np.int64]) -> NDArray[np.int64]:
    """Share `total` by weight within bounds, always giving next to whoever is most below its share."""
    count = low.copy()
    while count.sum() < total:
        need = np.where(count < high, weight / (count + 0.5), -1.0)
        count[int(np.argmax(need))] += 1
    return count
