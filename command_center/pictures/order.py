"""What picture is asked for, checked: kind, region, period, category, and how its classes are made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.categories.models import Category
from command_center.errors import Invalid, UnknownCategory, UnknownRegion, one_of
from command_center.people.access import WHOLE_COUNTY, check_region
from command_center.people.models import Role, User
from command_center.pictures.errors import PictureNotYours
from command_center.regions.models import Region
from command_center.regions.paths import LEVELS
from gis.classes import RULES, Rule

KINDS = ("situation", "density", "overdue", "coverage", "edition")
# These tell where colleagues were: a matter of their own command center.
OF_WORKERS = {"coverage"}
# What is told grid by grid unless another level is asked for.
OF_GRIDS = {"coverage", "edition"}
MEASURES = ("share", "number")
LONGEST = timedelta(days=3 * 366)
USUAL_DAYS = 30
CELL_M = (100, 10_000)
USUAL_CELL_M = {"county": 2000, "town": 500, "village": 200, "grid": 100}


@dataclass(frozen=True)
class Order:
    """One picture. first, last: local days, both included; `by`: the level that is coloured; `cell_m`: a hexagon's
    width; `edition`: the one that is compared with the one before it, none: the newest."""

    kind: str
    region: Region
    first: date
    last: date
    category: Category | None = None
    by: str = "town"
    measure: str = "share"
    rule: Rule = "natural"
    cell_m: int = 2000
    edition: int | None = None

    def key(self) -> tuple[object, ...]:
        """What tells this order from others."""
        category = self.category.code if self.category else None
        return (
            *(self.kind, self.region.code, self.first, self.last, category),
            *(self.by, self.measure, self.rule, self.cell_m, self.edition),
        )

    def span(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The period as instants, the last one excluded."""
        begin, end = (datetime.combine(day, time(), zone) for day in (self.first, self.last + timedelta(days=1)))
        return begin.astimezone(UTC), end.astimezone(UTC)


def ordered(session: Session, kind: str, given: Mapping[str, str], user: User | None, today: date) -> Order:
    """Read an order from a request's or a command's words; user None: the operator, who sees everything.

    Raises: Invalid, UnknownRegion, RegionNotYours, UnknownCategory, PictureNotYours.
    """
    if kind not in KINDS:
        raise one_of("kind", KINDS)
    if user is not None and not may_see(kind, user):
        raise PictureNotYours
    region = _region(session, given.get("region", ""), user)
    last = _day(given, "to") or today
    first = _day(given, "from") or last - timedelta(days=USUAL_DAYS - 1)
    if first > last or last - first > LONGEST:
        raise Invalid(
            field="from",
            reason_zh="from 不得晚于 to，且时段最长三年",
            reason_en="from must not be after to, and the period at most three years",
        )
    below = LEVELS[LEVELS.index(region.level) + 1 :] or ("grid",)
    usual = "grid" if kind in OF_GRIDS else below[0]
    return Order(
        kind=kind,
        region=region,
        first=first,
        last=last,
        category=_category(session, given.get("category", "")),
        by=_choice(given, "by", below) or usual,
        measure=_choice(given, "measure", MEASURES) or MEASURES[0],
        rule=_rule(given, "quantile" if kind == "density" else "natural"),
        cell_m=_number(given, "cell", *CELL_M) or USUAL_CELL_M[region.level],
        edition=_number(given, "edition", 1, 2**31 - 1),
    )


def may_see(kind: str, user: User) -> bool:
    """Whether a kind of picture is for this role; the region is judged apart."""
    return kind not in OF_WORKERS or Role(user.role) in {*WHOLE_COUNTY, Role.TOWN_OFFICER, Role.VILLAGE_OFFICER}


def _region(session: Session, code: str, user: User | None) -> Region:
    """A region that is on the map; the caller's own, or the county, when none is named."""
    region: Region | None
    if user is not None:
        region = check_region(session, user, code or user.region_code)
    elif code:
        region = session.get(Region, code) if code.isalnum() and len(code) <= 16 else None
    else:
        region = session.scalar(select(Region).where(Region.level == "county").order_by(Region.code).limit(1))
    if region is None or region.retired_at is not None:
        raise UnknownRegion(region=code[:32], field="region")
    return region


def _category(session: Session, code: str) -> Category | None:
    if not code:
        return None
    category = session.get(Category, code) if code.isalnum() and len(code) <= 16 else None
    if category is None:
        raise UnknownCategory(category=code[:32], field="category")
    return category


def _day(given: Mapping[str, str], name: str) -> date | None:
    text = given.get(name, "")
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError as wrong:
        raise Invalid(
            field=name,
            reason_zh=f"{name} 应为日期，如 2026-11-21",
            reason_en=f"{name} must be a date such as 2026-11-21",
        ) from wrong
    if found is not None and not 1900 <= found.year < 3000:
        raise Invalid(field=name, reason_zh=f"{name} 距今太远", reason_en=f"{name} is too far from now")
    return found


def _choice(given: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str | None:
    text = given.get(name, "")
    if text and text not in allowed:
        raise one_of(name, allowed)
    return text or None


def _rule(given: Mapping[str, str], usual: Rule) -> Rule:
    """Most cells have one or two reports, few have many: for them quantiles say more than natural breaks."""
    chosen = _choice(given, "classes", RULES) or usual
    return next(rule for rule in RULES if rule == chosen)


def _number(given: Mapping[str, str], name: str, least: int, most: int) -> int | None:
    text = given.get(name, "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 10 or not least <= int(text) <= most:
        raise Invalid(
            field=name,
            reason_zh=f"{name} 应为 {least} 至 {most} 的整数",
            reason_en=f"{name} must be a whole number from {least} to {most}",
        )
    return int(text)
