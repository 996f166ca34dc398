"""A county of four villages in a row, each of four square grids, a school and an enterprise; and its files, sound or
broken.

Two villages are called 腰屯村委会, in different towns. A side of a grid is a hundredth of a degree: 845 by 1,110 m.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas
import shapely

from gis.boundaries import Boundary
from gis.importing import Choices, Fault, Present, Survey, survey

WEST, SOUTH, SIDE = 122.40, 40.60, 0.01
COUNTY = "210882000000"
TOWNS = {"210882101000": "百寨镇", "210882102000": "钢都街道"}
VILLAGES = {
    "210882101201": "腰屯村委会",
    "210882101202": "东风村委会",
    "210882102001": "富丽社区居委会",
    "210882102201": "腰屯村委会",
}
KINDS = {"urban_rural": "城乡网格", "school": "学校网格", "enterprise": "企业网格"}


def square(column: float, row: float, width: float = 1.0, height: float = 1.0) -> shapely.Polygon:
    """A box in grid sides from the county's south-west corner."""
    x, y = WEST + column * SIDE, SOUTH + row * SIDE
    return shapely.box(round(x, 6), round(y, 6), round(x + width * SIDE, 6), round(y + height * SIDE, 6))


@dataclass(frozen=True)
class GridRow:
    """One row of a county's file."""

    code: str | None
    name: str | None
    kind: str | None
    village: str | None
    shape: shapely.Geometry | None
    town: str | None = None


def grid_rows() -> list[GridRow]:
    """Sound rows: village by village, four grids, the school, the enterprise."""
    rows = []
    for n, village in enumerate(VILLAGES):
        for m, (column, row) in enumerate([(0, 1), (0, 0), (1, 1), (1, 0)], 1):
            rows.append(GridRow(f"{village}1{m:03d}", f"第{m}网格", "城乡网格", village, square(2 * n + column, row)))
        rows.append(GridRow(f"{village}2001", "中心小学", "学校网格", village, square(2 * n + 0.2, 0.2, 0.2, 0.2)))
        rows.append(GridRow(f"{village}3001", "食品厂", "企业网格", village, square(2 * n + 1.2, 0.8, 0.3, 0.4)))
    return rows


def a_county(synthetic: bool = False) -> list[Boundary]:
    """The county as it is now."""
    kinds = {"1": "urban_rural", "2": "school", "3": "enterprise"}
    grids = [
        Boundary(row.code, row.name, "grid", kinds[row.code[12]], row.village, row.shape, synthetic)  # type: ignore
        for row in grid_rows()
    ]
    villages = [
        Boundary(code, name, "village", None, code[:9] + "000", _union(grids, code), synthetic)
        for code, name in VILLAGES.items()
    ]
    towns = [
        Boundary(code, name, "town", None, COUNTY, _union(grids, code[:9]), synthetic) for code, name in TOWNS.items()
    ]
    return [
        Boundary(COUNTY, "小石桥市", "county", None, None, _union(grids, "21"), synthetic),
        *towns,
        *villages,
        *grids,
    ]


def _union(grids: Sequence[Boundary], prefix: str) -> Any:
    return shapely.coverage_union_all(
        [b.geometry for b in grids if b.code.startswith(prefix) and b.kind == "urban_rural"]
    )


def present(boundaries: Sequence[Boundary] | None = None, *more_codes: str) -> Present:
    """What the county has now, with codes that were given up."""
    own = a_county() if boundaries is None else list(boundaries)
    return Present(own, frozenset({b.code for b in own if b.level == "grid"} | set(more_codes)))


def frame(rows: Sequence[GridRow], crs: Any = 4490) -> geopandas.GeoDataFrame:
    """The rows with the columns that a county would give them."""
    return geopandas.GeoDataFrame(
        {
            "网格编码": [row.code for row in rows],
            "网格名称": [row.name for row in rows],
            "网格类型": [row.kind for row in rows],
            "所属村": [row.village for row in rows],
            "乡镇": [row.town for row in rows],
        },
        geometry=[row.shape for row in rows],
        crs=crs,
    ).dropna(axis=1, how="all")


def written(rows: Sequence[GridRow], to: Path, crs: Any = 4490, **options: Any) -> Path:
    """A GeoPackage of these rows."""
    frame(rows, crs).to_file(to, **({"driver": "GPKG", "layer": "网格"} | options))
    return to


def look(path: Path, choices: Choices | None = None, now: Present | None = None, **chosen: Any) -> Survey:
    """Survey a file against the small county."""
    return survey(path, choices or Choices(**chosen), now or present(), lambda *_: None)


def change(rows: list[GridRow], n: int, **values: Any) -> list[GridRow]:
    """The rows with one of them changed."""
    return [*rows[:n], replace(rows[n], **values), *rows[n + 1 :]]


def kinds(found: Survey) -> list[str]:
    """Kinds of what keeps the file from being imported, in order."""
    return [fault.kind for fault in found.faults if fault.stands]


def only(found: Survey, kind: str) -> Fault:
    """The one finding of a kind."""
    (fault,) = [fault for fault in found.faults if fault.kind == kind]
    return fault
