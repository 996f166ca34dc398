"""School and enterprise grids: lots with buildings, laid over the urban-rural grids, never across their
borders."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from gis.synthesis import county_plan
from gis.synthesis.mesh import Mesh
from gis.synthesis.outlines import DECIMALS
from gis.synthesis.partition import nearest_settlement
from gis.synthesis.plane import Floats, to_degrees, to_plane

MARGIN_M = 9.0
"""A lot keeps this far from the border of its grid, and twice as far from other lots."""
SIDES_M = {"school": ((85.0, 170.0), (60.0, 120.0)), "enterprise": ((80.0, 300.0), (60.0, 190.0))}
SCHOOLS = ("小学", "小学", "小学", "中学", "幼儿园", "实验学校", "九年一贯制学校")
BRANDS_A = "鑫宏盛恒瑞永昌泰金辰兴顺聚丰东海远达广源"
BRANDS_B = "源达发隆鼎丰盛泰和诚辉阳利洋峰润华禹腾宇"
PRODUCTS = (
    "耐火材料厂",
    "镁砂厂",
    "镁砖厂",
    "镁制品厂",
    "电熔镁厂",
    "高纯镁砂厂",
    "镁碳砖厂",
    "轻烧镁厂",
    "滑石粉厂",
    "机械厂",
    "包装厂",
    "水泥制品厂",
)
PLAIN_PRODUCTS = ("米业加工厂", "饲料厂", "食品厂", "农机厂", "编织袋厂", "渔具厂", "耐火材料厂", "木器厂")
PLAIN_TOWNS = ("210882101", "210882102", "210882103", "210882104", "210882105")


@dataclass(frozen=True)
class Lot:
    """One school or enterprise. `shape`: degrees, rounded."""

    village: str
    kind: str
    name: str
    shape: shapely.Polygon


def plain_name(village_name: str) -> str:
    """The name people say: 盖家村委会 is the committee of 盖家村."""
    return village_name.removesuffix("委会") if village_name.endswith("村委会") else village_name


def numbers(villages: list[str], grid_count: dict[str, int], rng: np.random.Generator) -> dict[str, dict[str, int]]:
    """How many schools and enterprises each village has."""
    story = villages.index(county_plan.STORY_VILLAGE)
    size = np.array([grid_count[code] for code in villages], float)
    city = np.array([county_plan.is_community(code) for code in villages])
    school_weight = size * np.where(city, 3.0, 0.6) * rng.lognormal(0.0, 0.4, len(villages))
    low, high = np.zeros(len(villages), np.int64), np.where(city, 2, 1)
    for town in county_plan.TOWNS:
        low[max((size[n], n) for n, code in enumerate(villages) if code.startswith(town))[1]] = 1
    low[story] = high[story] = 1
    industry = np.array([county_plan.TOWNS[code[:9]].industry for code in villages])
    firm_weight = industry * np.where(city, 0.5, 1.0) * rng.lognormal(0.0, 0.7, len(villages))
    most = np.full(len(villages), 6)
    most[story] = 0
    schools = county_plan.apportion(school_weight, county_plan.SCHOOL, low, high)
    firms = county_plan.apportion(firm_weight, county_plan.ENTERPRISE, np.zeros(len(villages), np.int64), most)
    return {
        "school": dict(zip(villages, schools.tolist(), strict=True)),
        "enterprise": dict(zip(villages, firms.tolist(), strict=True)),
    }


def lay_out(
    mesh: Mesh, shapes: dict[str, list[shapely.Polygon]], names: dict[str, str], rng: np.random.Generator
) -> list[Lot]:
    """Place all lots. `shapes`: per village its urban-rural grids, in degrees."""
    villages = sorted(shapes)
    count = numbers(villages, {code: len(shape) for code, shape in shapes.items()}, rng)
    used: set[str] = set()
    lots: list[Lot] = []
    for village in villages:
        flat = [shapely.transform(shape, to_plane) for shape in shapes[village]]
        taken: list[shapely.Polygon] = []
        for kind in ("school", "enterprise"):
            for _ in range(count[kind][village]):
                lot = _find_room(mesh, flat, taken, kind, rng)
                taken.append(lot)
                name = _unused(_school if kind == "school" else _firm, village, names, used, rng)
                degrees = shapely.transform(lot, lambda xy: np.round(to_degrees(xy), DECIMALS))
                lots.append(Lot(village, kind, name + "网格", degrees))
    return lots


def _find_room(
    mesh: Mesh, flat: list[shapely.Polygon], taken: list[shapely.Polygon], kind: str, rng: np.random.Generator
) -> shapely.Polygon:
    """Try random spots and sizes, ever smaller, until a lot fits."""
    for attempt in range(4_000):
        home = flat[int(rng.integers(len(flat)))]
        west, south, east, north = home.bounds
        spot = np.array([rng.uniform(west, east), rng.uniform(south, north)])
        lot = _near_rectangle(spot, _street_angle(mesh, spot, rng), SIDES_M[kind], 0.9995**attempt, rng)
        free = all(shapely.distance(lot, other) > 2 * MARGIN_M for other in taken)
        if free and shapely.contains_properly(home, lot.buffer(MARGIN_M)):
            return lot
    raise ValueError("no room for a lot; change the seed")


def _street_angle(mesh: Mesh, spot: Floats, rng: np.random.Generator) -> float:
    cell = int(np.argmin(((mesh.centre - spot) ** 2).sum(axis=1)))
    if mesh.urban[cell] > 0.8:
        return nearest_settlement(mesh, np.array([cell])).street_angle_deg + rng.normal(0.0, 1.0)
    return float(rng.uniform(0.0, 180.0))


def _near_rectangle(
    spot: Floats,
    angle_deg: float,
    sides: tuple[tuple[float, float], ...],
    scale: float,
    rng: np.random.Generator,
) -> shapely.Polygon:
    """A turned rectangle with uneven corners; every third one has a corner cut out."""
    length, width = (rng.uniform(low, high) * scale for low, high in sides)
    corners = [[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]
    if rng.random() < 0.33:
        x, y = rng.uniform(0.05, 0.25, 2)
        corners[2:3] = [[0.5, y], [x, y], [x, 0.5]]
    xy = (np.array(corners) + rng.uniform(-0.03, 0.03, (len(corners), 2))) * [length, width]
    turn = np.deg2rad(angle_deg)
    turned = np.column_stack(
        [xy[:, 0] * np.cos(turn) - xy[:, 1] * np.sin(turn), xy[:, 0] * np.sin(turn) + xy[:, 1] * np.cos(turn)]
    )
    return shapely.Polygon(turned + spot)


def _school(village: str, names: dict[str, str], rng: np.random.Generator) -> str:
    stem = plain_name(names[village]).removesuffix("社区").removesuffix("村")
    town = names[village[:9] + "000"].removesuffix("街道").removesuffix("镇")
    kind = "小学" if village == county_plan.STORY_VILLAGE else SCHOOLS[int(rng.integers(len(SCHOOLS)))]
    return f"{stem if rng.random() < 0.85 or village == county_plan.STORY_VILLAGE else town}{kind}"


def _firm(village: str, names: dict[str, str], rng: np.random.Generator) -> str:
    products = PLAIN_PRODUCTS if village[:9] in PLAIN_TOWNS else PRODUCTS
    return (
        BRANDS_A[int(rng.integers(len(BRANDS_A)))]
        + BRANDS_B[int(rng.integers(len(BRANDS_B)))]
        + products[int(rng.integers(len(products)))]
    )


def _unused(
    make: Callable[[str, dict[str, str], np.random.Generator], str],
    village: str,
    names: dict[str, str],
    used: set[str],
    rng: np.random.Generator,
) -> str:
    for _ in range(500):
        name = make(village, names, rng)
        if name not in used and name[0] != name[1]:
            used.add(name)
            return name
    raise ValueError("ran out of names")
