"""A small picture of three towns, for the tests of pages and sheets."""

from dataclasses import replace
from typing import Any

import shapely

from gis.picture import Area, Dot, Entry, Legend, Look, Picture, Table

NASTY = "</script><img src=x onerror=alert(1)>{{ 7*7 }}{% raw %}😀"
LOOKS = (
    Look(fill="#fecc5c"),
    Look(fill="#f0f2f4", hatch="rising", ink="#7d8794"),
    Look(fill="#b2182b", mark="diamond"),
    Look(ink="#b2182b", dashed=True),
)


def square(west: float, south: float, east: float, north: float) -> str:
    return shapely.box(west, south, east, north).wkb.hex()


def a_picture(**changes: Any) -> Picture:
    """Two towns side by side with their county's line; `changes`: fields of the picture."""
    whole = Picture(
        language="zh",
        title="大石桥市上报密度图",
        subtitle="2026-10-01 至 2026-10-31",
        looks=LOOKS,
        areas=(
            Area("town", square(122.4, 40.5, 122.5, 40.6), 0, "东镇", "东镇：3/12"),
            Area("town", square(122.5, 40.5, 122.6, 40.6), 1, "西镇", "西镇：太少"),
            Area("county", square(122.4, 40.5, 122.6, 40.6)),
        ),
        dots=(Dot(122.45, 40.55, 2, "2026-0001 裸露线缆"),),
        legends=(Legend("逾期占比", (Entry(0, "< 6.7%"), Entry(1, "不足 5 件")), "分级：平均 9.7% 上下"),),
        table=Table("各处逾期", ("乡镇", "件"), (("东镇", "3"), ("西镇", "0")), "另有 {n} 行"),
        facts=("来源：工单库。", "地图版次：第 1 版。"),
        mark="合成边界，仅供演示",
        north="北",
        scale="比例尺 {ratio}",
        produced="2026-11-20T09:00:00+08:00",
    )
    return replace(whole, **changes)


def crowd(count: int) -> tuple[Area, ...]:
    """So many narrow towns side by side, with names wider than they are."""
    width = 0.2 / count
    return tuple(
        Area("town", square(122.4 + n * width, 40.5, 122.4 + (n + 1) * width, 40.6), 0, f"第{n}街道办事处")
        for n in range(count)
    )
