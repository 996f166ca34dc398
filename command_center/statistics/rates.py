"""Every rate is defined here, once: what is counted above the line and below it.

All figures are about the tickets *reported* in the period, so a rate never exceeds 100 % and two tiers always add
up. The definitions are shown on the dashboards from `DEFINITIONS`.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from command_center.categories.models import Category, Department
from command_center.regions.models import Region
from command_center.regions.paths import significant
from command_center.statistics import by_map
from command_center.statistics.facts import DEPARTMENT, DEPARTMENT_CATEGORY, TOTAL, Cell
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
        "办结率 = 已办结 ÷ 已受理；并案件随主件统计，不计入",
        "closure rate = closed ÷ accepted; a report merged into another is counted with that one only",
    ),
    Rate(
        "on_time_rate",
        "closed_on_time",
        ("due",),
        "按期办结率 = 按期办结 ÷（按期办结 + 已逾期，含未办结的逾期件；不含挂账中的件和申诉获准免责的件）",
        "on-time closure rate = closed on time ÷ (closed on time + overdue, whether closed since or not;"
        " without those suspended now and those exempted on appeal)",
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
    Rate(
        "reached_rate",
        "reached",
        ("called",),
        "回访接通率 = 回访接通的件 ÷ 已回访的件",
        "reached rate = tickets whose reporter was reached ÷ tickets called back about",
    ),
    Rate(
        "satisfaction_rate",
        "satisfied",
        ("reached",),
        "满意率 = 最近一次接通时表示满意 ÷ 回访接通的件",
        "satisfaction rate = satisfied when last reached ÷ tickets whose reporter was reached",
    ),
    Rate(
        "satisfaction_of_all_rate",
        "satisfied",
        ("called",),
        "满意率（全部回访）= 表示满意 ÷ 已回访的件，含未接通",
        "satisfaction rate, all callbacks = satisfied ÷ tickets called back about, reached or not",
    ),
    Rate(
        "rating_rate",
        "rated_well",
        ("rated",),
        "评价满意率 = 群众最近一次评价 3 分及以上 ÷ 已评价的件",
        "rating rate = last rated 3 or better by the reporter ÷ tickets rated",
    ),
    Rate(
        "correction_rate",
        "follow_ups_ended",
        ("follow_ups",),
        "整改率 = 已整改或已书面说明理由 ÷ 不满意反馈，目标 100%",
        "correction rate = put right, or refused with a reason ÷ dissatisfied answers followed up; the aim is 100 %",
    ),
)
# What is counted apart, where the name alone does not say how.
COUNTS = {
    "department": (
        "部门数据：计入当前承办或办结时承办的部门；退回、升级、重开后未再分派的，以及自行处置的，不计入任何部门",
        "a department's figures: matters it has, or had when they were closed; what it gave back, what climbed or was"
        " reopened and is not dispatched anew, and what is self-settled counts for none",
    ),
    "merged": ("并案：并入另一件的上报", "merged: reports that follow another ticket"),
    "late": (
        "逾期：办结前群众承诺时限已到；期限内申请并获准延期的、因日历更正而顺延的不算；重开后，前一轮的逾期仍算",
        "late: its own time ran out before it was closed; not when an extension asked for in time was granted, or a"
        " corrected calendar moved the date; after reopening, the first round's lateness stays",
    ),
    "exempt": ("免责：超时申诉两级获准；逾期事实保留", "exempt: an appeal was approved twice; that it was late stays"),
    "suspended": ("挂账：目前时钟停走的件", "suspended: their clocks stand still now"),
    "reopened": ("重开：办结后又重开过的件", "reopened: opened again after closing"),
    "self_settled": (
        "自行处置：由本级人员自行处置，不计入部门",
        "self-settled: by the tier's own people, out of the departments' figures",
    ),
    "supervised": ("督办：曾被督办的件", "supervised: under a supervision order at least once"),
    "disputed": (
        "权责争议：同一部门两次退回的件",
        "disputed: returned twice by the same department",
    ),
    "returned": ("退回：部门退回的次数，记在退回的部门", "returned: how often departments gave matters back, by name"),
    "assists": ("协办：请部门协办的次数，记在协办部门", "assists: how often departments were asked to help, by name"),
    "answers_missed": (
        "协办逾期：到期未答复的协办，记在该部门",
        "answers missed: requests for help not answered by their date, by name",
    ),
}
DEFINITIONS = {rate.key: {"zh": rate.zh, "en": rate.en} for rate in RATES} | {
    key: {"zh": zh, "en": en} for key, (zh, en) in COUNTS.items()
}


@dataclass(frozen=True)
class Scope:
    """Whose figures are told: those of a region, or of one department's matters in it; days from first to last.

    edition: of the map that tells them; None: each ticket counts in the grid that it has.
    """

    region: Region
    first: date
    last: date
    department: str | None = None
    edition: int | None = None

    def rows(self, dimension: str, key: str = "") -> list[ColumnElement[bool]]:
        """Filter the rollups to this region, to these days, and to a dimension."""
        chosen = [
            Rollup.region_code == self.region.code,
            Rollup.dimension == dimension,
            Rollup.day.between(self.first, self.last),
        ]
        return [*chosen, Rollup.key == key] if key else chosen

    @property
    def whole(self) -> tuple[str, str]:
        """The dimension and key of what is told of in total."""
        return (DEPARTMENT, self.department) if self.department else (TOTAL, "")


def figures(
    session: Session,
    region: Region,
    by: str | None,
    first: date,
    last: date,
    department: str | None = None,
    edition: int | None = None,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Tell the figures of a region for tickets reported from `first` to `last`: by something, and in total.

    by: one of BY. department: only the matters that count for this one. Regions without any ticket are listed too,
    with zeros, unless they have left the map. edition: of the map that tells them, on which the tickets were placed.
    """
    scope = Scope(region, first, last, department, edition)
    total = _sums(session, select(*_columns()).where(*scope.rows(*scope.whole)))
    _move(session, scope, region.level, total, lambda key: key == scope.whole, lambda cell: ())
    whole = _line(region.code, region.name, total.get((), Counter()))
    if by is None:
        return [], whole
    if by == "day":
        return _by_day(session, scope), whole
    if by in ("category", "department"):
        return _by_key(session, scope, by), whole
    return _by_region(session, scope, by), whole


def _columns() -> list[Any]:
    return [func.coalesce(func.sum(getattr(Rollup, measure)), 0) for measure in MEASURES]


def _sums(session: Session, statement: Select[Any]) -> dict[tuple[Any, ...], Counter[str]]:
    """Read rows of (keys…, measures…) into counters by their keys."""
    found = {}
    for row in session.execute(statement):
        keys, counts = tuple(row[: -len(MEASURES)]), row[-len(MEASURES) :]
        found[keys] = Counter(dict(zip(MEASURES, map(int, counts), strict=True)))
    return found


def _by_day(session: Session, scope: Scope) -> list[dict[str, Any]]:
    rows = select(Rollup.day, *_columns()).where(*scope.rows(*scope.whole)).group_by(Rollup.day)
    sums = _sums(session, rows)
    _move(session, scope, scope.region.level, sums, lambda key: key == scope.whole, lambda cell: (cell.day,))
    days = [scope.first + timedelta(days=n) for n in range((scope.last - scope.first).days + 1)]
    return [_line(day.isoformat(), day.isoformat(), sums.get((day,), Counter())) for day in days]


def _by_key(session: Session, scope: Scope, by: str) -> list[dict[str, Any]]:
    """By category or department; a department sees its own line, and its own part of each category."""
    chosen, before = scope.rows(by), ""
    if scope.department and by == "department":
        chosen = scope.rows(DEPARTMENT, scope.department)
    elif scope.department:
        before = f"{scope.department}/"
        chosen = [*scope.rows(DEPARTMENT_CATEGORY), Rollup.key.startswith(before, autoescape=True)]

    def wanted(key: tuple[str, str]) -> bool:
        if scope.department and by == "department":
            return key == scope.whole
        dimension = DEPARTMENT_CATEGORY if scope.department else by
        return key[0] == dimension and key[1].startswith(before)

    rows = _sums(session, select(Rollup.key, *_columns()).where(*chosen).group_by(Rollup.key))
    _move(session, scope, scope.region.level, rows, wanted, lambda cell: (cell.key,))
    sums = {key.removeprefix(before): counts for (key,), counts in rows.items()}
    table: Any = Category if by == "category" else Department
    names = {row.code: row for row in session.scalars(select(table).where(table.code.in_(sums)))}
    lines = [
        _line(key, names[key].name if key in names else key, counts)
        | {"name_en": names[key].name_en if key in names else key}
        for key, counts in sums.items()
        if any(counts.values())
    ]
    return sorted(lines, key=lambda line: (-line["reported"], line["code"]))


def _by_region(session: Session, scope: Scope, level: str) -> list[dict[str, Any]]:
    below = _below(scope.region, level)
    regions: Sequence[Any]
    if scope.edition is None:
        regions = session.scalars(select(Region).where(*below).order_by(Region.code)).all()
        retired = {row.code for row in regions if row.retired_at is not None}
    else:
        regions = by_map.of_level(session, scope.edition, level, scope.region.code)
        retired = set()
    dimension, key = scope.whole
    sums = _sums(
        session,
        select(Rollup.region_code, *_columns())
        .join(Region, Region.code == Rollup.region_code)
        .where(*below, Rollup.dimension == dimension, Rollup.key == key, Rollup.day.between(scope.first, scope.last))
        .group_by(Rollup.region_code),
    )
    _move(session, scope, level, sums, lambda key: key == scope.whole, lambda cell: (cell.region_code,))
    return [
        _line(row.code, row.name, sums.get((row.code,), Counter())) | {"kind": row.kind, "parent": row.parent_code}
        for row in regions
        if row.code not in retired or any(sums.get((row.code,), Counter()).values())
    ]


def _move(
    session: Session,
    scope: Scope,
    level: str,
    sums: dict[tuple[Any, ...], Counter[str]],
    wanted: Callable[[tuple[str, str]], bool],
    grouped: Callable[[Cell], tuple[Any, ...]],
) -> None:
    """Count the tickets that lie elsewhere on the edition there, and no longer where they are counted otherwise.

    level: of the regions whose figures these are. The county has the same tickets on every edition.
    """
    if scope.edition is None or level == "county":
        return
    days = (scope.first, scope.last)
    found = by_map.moved(session, scope.edition, scope.region.code, level, days, wanted, grouped)
    for key, counts in found.items():
        sums.setdefault(key, Counter()).update(counts)


def _below(region: Region, level: str) -> list[Any]:
    """Regions of a level inside a region: the codes say it."""
    return [Region.level == level, Region.code.startswith(significant(region.code))]


def _line(code: str, name: str, counts: Counter[str]) -> dict[str, Any]:
    line: dict[str, Any] = {"code": code, "name": name, **{measure: counts[measure] for measure in MEASURES}}
    for rate in RATES:
        above, below = counts[rate.numerator], sum(counts[measure] for measure in rate.denominator)
        line[rate.key] = {"numerator": above, "denominator": below, "value": above / below if below else None}
    return line
