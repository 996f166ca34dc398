"""Every rate is defined here, once: what is counted above the line and below it.

All figures are about the tickets *reported* in the period, so a rate never exceeds 100 % and two tiers always add
up. The definitions are shown on the dashboards from `DEFINITIONS`.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from command_center.categories.models import Category, Department
from command_center.regions.models import Region
from command_center.regions.paths import significant
from command_center.statistics.models import MEASURES, Rollup

BY = ("town", "village", "grid", "category", "department", "day")


@dataclass(frozen=True)
class Rate:
    """A rate: `numerator` ÷ the sum of `denominator`, both names of measures."""

    key: str
    numerator: str
    denominator: tuple[str, ...]
    zh: str
    en: str


RATES = (
    Rate(
        "closure_rate",
        "closed",
        ("accepted",),
        "办结率 = 已办结 ÷ 已受理",
        "closure rate = closed ÷ accepted",
    ),
    Rate(
        "on_time_rate",
        "closed_on_time",
        ("closed_on_time", "late"),
        "按期办结率 = 按期办结 ÷（按期办结 + 已逾期，含未办结的逾期件）",
        "on-time closure rate = closed on time ÷ (closed on time + overdue, whether closed since or not)",
    ),
    Rate(
        "acceptance_rate",
        "accepted",
        ("reported",),
        "立案率 = 已受理 ÷ 上报",
        "case rate = accepted ÷ reported",
    ),
    Rate(
        "rework_rate",
        "reworked",
        ("handled",),
        "返工率 = 返工件 ÷ 已处置",
        "rework rate = reworked ÷ handled",
    ),
)
DEFINITIONS = {rate.key: {"zh": rate.zh, "en": rate.en} for rate in RATES}


def figures(
    session: Session, region: Region, by: str | None, first: date, last: date
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Tell the figures of a region for tickets reported from `first` to `last`: by something, and in total.

    by: one of BY. Regions without any ticket are listed too, with zeros.
    """
    total = _sums(session, select(*_columns()).where(_in(region.code, "total", first, last)))
    whole = _line(region.code, region.name, total.get((), Counter()))
    if by is None:
        return [], whole
    if by == "day":
        return _by_day(session, region, first, last), whole
    if by in ("category", "department"):
        return _by_key(session, region, by, first, last), whole
    return _by_region(session, region, by, first, last), whole


def _columns() -> list[Any]:
    return [func.coalesce(func.sum(getattr(Rollup, measure)), 0) for measure in MEASURES]


def _in(region_code: str, dimension: str, first: date, last: date) -> Any:
    return (Rollup.region_code == region_code) & (Rollup.dimension == dimension) & Rollup.day.between(first, last)


def _sums(session: Session, statement: Select[Any]) -> dict[tuple[Any, ...], Counter[str]]:
    """Read rows of (keys…, measures…) into counters by their keys."""
    found = {}
    for row in session.execute(statement):
        keys, counts = tuple(row[: -len(MEASURES)]), row[-len(MEASURES) :]
        found[keys] = Counter(dict(zip(MEASURES, map(int, counts), strict=True)))
    return found


def _by_day(session: Session, region: Region, first: date, last: date) -> list[dict[str, Any]]:
    sums = _sums(
        session,
        select(Rollup.day, *_columns()).where(_in(region.code, "total", first, last)).group_by(Rollup.day),
    )
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [_line(day.isoformat(), day.isoformat(), sums.get((day,), Counter())) for day in days]


def _by_key(session: Session, region: Region, by: str, first: date, last: date) -> list[dict[str, Any]]:
    sums = _sums(session, select(Rollup.key, *_columns()).where(_in(region.code, by, first, last)).group_by(Rollup.key))
    table: Any = Category if by == "category" else Department
    names = {row.code: row for row in session.scalars(select(table).where(table.code.in_([key for (key,) in sums])))}
    lines = [
        _line(key, names[key].name if key in names else key, counts)
        | {"name_en": names[key].name_en if key in names else key}
        for (key,), counts in sums.items()
        if any(counts.values())
    ]
    return sorted(lines, key=lambda line: (-line["reported"], line["code"]))


def _by_region(session: Session, region: Region, level: str, first: date, last: date) -> list[dict[str, Any]]:
    below = _below(region, level)
    regions = session.scalars(select(Region).where(*below).order_by(Region.code)).all()
    sums = _sums(
        session,
        select(Rollup.region_code, *_columns())
        .join(Region, Region.code == Rollup.region_code)
        .where(*below, Rollup.dimension == "total", Rollup.day.between(first, last))
        .group_by(Rollup.region_code),
    )
    return [
        _line(row.code, row.name, sums.get((row.code,), Counter())) | {"kind": row.kind, "parent": row.parent_code}
        for row in regions
    ]


def _below(region: Region, level: str) -> list[Any]:
    """Regions of a level inside a region: the codes say it."""
    return [Region.level == level, Region.code.startswith(significant(region.code))]


def _line(code: str, name: str, counts: Counter[str]) -> dict[str, Any]:
    line: dict[str, Any] = {"code": code, "name": name, **{measure: counts[measure] for measure in MEASURES}}
    for rate in RATES:
        above, below = counts[rate.numerator], sum(counts[measure] for measure in rate.denominator)
        line[rate.key] = {"numerator": above, "denominator": below, "value": above / below if below else None}
    return line
