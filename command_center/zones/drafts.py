"""A zone as somebody draws, imports or tries it out: read from plain JSON and checked against the county.

Reading names the key at fault, in both languages; nothing is taken that does not hold.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.categories.models import Category, Condition, Department
from command_center.deadlines.editions import LONGEST
from command_center.deadlines.working_time import Unit
from command_center.people.models import Role, User
from command_center.regions.models import Outline, Region
from command_center.zones.errors import ZoneInvalid
from command_center.zones.models import ZoneVersion
from command_center.zones.rules import Effects, Kind, Limit, Recipient, To
from gis.zones import FARTHEST_M, MOST_VERTICES, Season, ShapeFault, fault_of, reaches, sound_buffer

LONGEST_NAME, LONGEST_NAME_EN, LONGEST_NOTE, LONGEST_SOURCE = 100, 200, 500, 200
MOST_CATEGORIES, MOST_RECIPIENTS = 300, 20
FARTHEST_AHEAD = timedelta(days=5 * 366)
NEAR_DEGREES = 0.3
"""How far a zone may reach beyond the county's bounds: a forest does not end at the border, a slip of a digit does."""
# A department's officers are named by their department.
TOLD_ROLES = tuple(str(role) for role in Role if role is not Role.DEPARTMENT_OFFICER)

# What can be wrong with a key, in both languages.
FAULTS = {
    "text": ("须为文字，不超过 {most} 个字", "must be a text of {most} characters at most"),
    "missing": ("请填写", "must be given"),
    "choice": ("须为 {allowed} 之一", "must be one of {allowed}"),
    "number": ("须为数字", "must be a number"),
    "range": ("须为 0 至 {most} 米", "must be 0 to {most} metres"),
    "flag": ("须为 true 或 false", "must be true or false"),
    "object": ("须为 JSON 对象", "must be a JSON object"),
    "list": ("须为列表，最多 {most} 项", "must be a list of {most} at most"),
    "season": ("须为月-日，如 11-01", "must be month and day, as 11-01"),
    "category": ("没有代码为 {code} 的大类、小类或立案条件", "there is no category or case condition {code}"),
    "department": ("没有代码为 {code} 的部门", "there is no department {code}"),
    "user": ("没有用户 {code}", "there is no user {code}"),
    "limit": ("时限须大于 0，不超过 {most} {unit}", "a limit is above 0 and at most {most} {unit}"),
    "nothing": ("规则没有任何作用：请至少设一项", "the rule does nothing: give it one effect at least"),
    "moment": ("须为带时区的时间", "must be a time with its zone"),
    "past": ("不能早于现在", "must not lie before now"),
    "ahead": ("不能晚于五年之后", "must lie within five years"),
    "order": ("须晚于生效时间", "must come after the beginning"),
    "unchanged": ("与现行版本完全相同", "says what the newest version says already"),
    "type": ("须为面，或带缓冲距离的线", "must be an area, or a line with metres around it"),
    "empty": ("图形是空的", "the shape is empty"),
    "numbers": ("坐标不是经纬度", "the coordinates are no degrees"),
    "vertices": ("顶点过多，最多 {most} 个", "has too many vertices, {most} at most"),
    "unsound": ("图形有误（{reason}），如边线自相交", "is not sound ({reason}), its outline may cross itself"),
    "line": ("线须有大于 0 的缓冲距离", "a line needs metres around it"),
    "outside": ("不在本县范围内", "does not lie in the county"),
    "far": ("伸出县界太远", "reaches too far beyond the county"),
}


class ZoneFault(ValueError):
    """A key of a zone's document is wrong. `where`: its name, as `limit.value`."""

    def __init__(self, where: str, fault: str, **facts: Any) -> None:
        self.where = where
        zh, en = FAULTS[fault]
        self.zh, self.en = zh.format(**facts), en.format(**facts)
        super().__init__(f"{where}: {self.en}")

    def refusal(self) -> ZoneInvalid:
        """The same as an error of the command center."""
        return ZoneInvalid(field=self.where, where=self.where, why_zh=self.zh, why_en=self.en)


@dataclass(frozen=True)
class Draft:
    """What a zone shall be. `shape`: degrees, WGS 84; a `valid_from` of None means at once."""

    kind: Kind
    name: str
    name_en: str
    shape: shapely.Geometry
    buffer_m: float
    season: Season | None
    categories: tuple[str, ...]
    effects: Effects
    note: str = ""
    source: str = ""
    synthetic: bool = False
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    def content(self) -> dict[str, Any]:
        """The columns of a version that say what the zone is."""
        season = self.season.spelt() if self.season else (None, None)
        return {
            "kind": str(self.kind),
            "name": self.name,
            "name_en": self.name_en,
            "wkb": shapely.to_wkb(self.shape),
            "buffer_m": self.buffer_m,
            "season_from": season[0],
            "season_to": season[1],
            "categories": list(self.categories),
            "effects": self.effects.to_json(),
            "source": self.source,
            "synthetic": self.synthetic,
        }


@dataclass(frozen=True)
class Ground:
    """What the codes of a zone may name, and where it may lie: read once for many drafts."""

    categories: frozenset[str]
    departments: frozenset[str]
    county: shapely.Geometry | None

    @classmethod
    def of(cls, session: Session) -> "Ground":
        """Read the county's categories, departments and outline."""
        majors_and_minors = session.scalars(select(Category.code).where(Category.active.is_(True)))
        conditions = session.scalars(select(Condition.code).where(Condition.active.is_(True)))
        departments = session.scalars(select(Department.code).where(Department.active.is_(True)))
        outline = (
            select(Outline.wkb)
            .join(Region, Region.code == Outline.region_code)
            .where(Region.level == "county")
            .order_by(Region.code)
        )
        shapes = [shapely.from_wkb(wkb) for wkb in session.scalars(outline)]
        county = shapely.union_all(shapes) if shapes else None
        return cls(frozenset([*majors_and_minors, *conditions]), frozenset(departments), county)


def read(session: Session, ground: Ground, said: Mapping[str, Any], now: datetime) -> Draft:
    """Read a document as `docs/ground/zones.md` tells it. Raises: ZoneFault."""
    kind = _kind(said.get("kind"))
    name = _text("name", said.get("name"), LONGEST_NAME)
    if not name:
        raise ZoneFault("name", "missing")
    buffer_m = _buffer(said.get("buffer_m", 0))
    shape = _shape(said.get("geometry"), buffer_m, ground.county)
    season = _season(said.get("season"))
    effects = _effects(session, ground, said)
    valid_from, valid_until = (_moment(key, said.get(key), now) for key in ("valid_from", "valid_until"))
    if valid_until is not None and valid_until <= (valid_from or now):
        raise ZoneFault("valid_until", "order")
    return Draft(
        kind=kind,
        name=name,
        name_en=_text("name_en", said.get("name_en", ""), LONGEST_NAME_EN) or name,
        shape=shape,
        buffer_m=buffer_m,
        season=season,
        categories=_categories(ground, said.get("categories")),
        effects=effects,
        note=_text("note", said.get("note", ""), LONGEST_NOTE),
        source=_text("source", said.get("source", ""), LONGEST_SOURCE),
        synthetic=_flag("synthetic", said.get("synthetic", False)),
        valid_from=valid_from,
        valid_until=valid_until,
    )


def document_of(row: ZoneVersion) -> dict[str, Any]:
    """Tell a stored version as the document it could have been read from; without note and dates."""
    season = {"from": row.season_from, "to": row.season_to} if row.season_from else None
    return {
        "kind": row.kind,
        "name": row.name,
        "name_en": row.name_en,
        "geometry": json.loads(shapely.to_geojson(shapely.from_wkb(row.wkb))),
        "buffer_m": row.buffer_m,
        "season": season,
        "categories": row.categories,
        **row.effects,
        "source": row.source,
        "synthetic": row.synthetic,
    }


def _text(where: str, content: Any, most: int) -> str:
    content = "" if content is None else content
    if not isinstance(content, str) or len(content) > most or not content.replace("\n", " ").isprintable():
        raise ZoneFault(where, "text", most=most)
    return content.strip()


def _kind(content: Any) -> Kind:
    if content not in tuple(Kind):
        raise ZoneFault("kind", "choice", allowed=", ".join(Kind))
    return Kind(content)


def _flag(where: str, content: Any) -> bool:
    if not isinstance(content, bool):
        raise ZoneFault(where, "flag")
    return content


def _buffer(content: Any) -> float:
    if isinstance(content, bool) or not isinstance(content, int | float):
        raise ZoneFault("buffer_m", "number")
    if not math.isfinite(content) or not sound_buffer(float(content)):
        raise ZoneFault("buffer_m", "range", most=f"{FARTHEST_M:.0f}")
    return float(content)


def _shape(content: Any, buffer_m: float, county: shapely.Geometry | None) -> shapely.Geometry:
    if not isinstance(content, Mapping | shapely.Geometry):
        raise ZoneFault("geometry", "object")
    try:
        shape = content if isinstance(content, shapely.Geometry) else shapely.from_geojson(json.dumps(content))
    except (shapely.errors.GEOSException, ValueError, TypeError) as wrong:
        raise ZoneFault("geometry", "type") from wrong
    shape = shapely.force_2d(shape)
    fault: ShapeFault | None = fault_of(shape, buffer_m)
    if fault is not None:
        reason = shapely.is_valid_reason(shape)[:80] if fault == "unsound" else ""
        raise ZoneFault("geometry", fault, most=MOST_VERTICES, reason=reason)
    if county is not None:
        _near(shape, buffer_m, county)
    return shape


def _near(shape: shapely.Geometry, buffer_m: float, county: shapely.Geometry) -> None:
    west, south, east, north = county.bounds
    left, below, right, above = shape.bounds
    if right < west - NEAR_DEGREES or left > east + NEAR_DEGREES or above < south - NEAR_DEGREES:
        raise ZoneFault("geometry", "outside")
    if below > north + NEAR_DEGREES:
        raise ZoneFault("geometry", "outside")
    if left < west - NEAR_DEGREES or below < south - NEAR_DEGREES:
        raise ZoneFault("geometry", "far")
    if right > east + NEAR_DEGREES or above > north + NEAR_DEGREES:
        raise ZoneFault("geometry", "far")
    if not reaches(shape, buffer_m, county):
        raise ZoneFault("geometry", "outside")


def _season(content: Any) -> Season | None:
    if content is None:
        return None
    if not isinstance(content, Mapping):
        raise ZoneFault("season", "object")
    ends = []
    for name in ("from", "to"):
        text = content.get(name)
        try:
            Season.read(text, text) if isinstance(text, str) else None
        except ValueError as wrong:
            raise ZoneFault(f"season.{name}", "season") from wrong
        if not isinstance(text, str):
            raise ZoneFault(f"season.{name}", "season")
        ends.append(text)
    return Season.read(*ends)


def _list(where: str, content: Any, most: int) -> list[Any]:
    if not isinstance(content, list) or len(content) > most:
        raise ZoneFault(where, "list", most=most)
    return content


def _categories(ground: Ground, content: Any) -> tuple[str, ...]:
    codes = _list("categories", content, MOST_CATEGORIES)
    for code in codes:
        if not isinstance(code, str) or code not in ground.categories:
            raise ZoneFault("categories", "category", code=str(code)[:20])
    if not codes:
        raise ZoneFault("categories", "missing")
    return tuple(sorted(set(codes)))


def _effects(session: Session, ground: Ground, said: Mapping[str, Any]) -> Effects:
    department = said.get("department")
    if department is not None and (not isinstance(department, str) or department not in ground.departments):
        raise ZoneFault("department", "department", code=str(department)[:40])
    recipients = _list("recipients", said.get("recipients") or [], MOST_RECIPIENTS)
    found = Effects(
        limit=_limit(said.get("limit")),
        urgent=_flag("urgent", said.get("urgent", False)),
        department=department,
        recipients=tuple(dict.fromkeys(_recipient(session, ground, n, one) for n, one in enumerate(recipients))),
    )
    if not found:
        raise ZoneFault("effects", "nothing")
    return found


def _limit(content: Any) -> Limit | None:
    if content is None:
        return None
    if not isinstance(content, Mapping):
        raise ZoneFault("limit", "object")
    value, unit = content.get("value"), content.get("unit")
    if unit not in tuple(Unit):
        raise ZoneFault("limit.unit", "choice", allowed=", ".join(Unit))
    if isinstance(value, bool) or not isinstance(value, int | float | str) or len(str(value)) > 12:
        raise ZoneFault("limit.value", "number")
    try:
        number = Decimal(str(value))
    except InvalidOperation as wrong:
        raise ZoneFault("limit.value", "number") from wrong
    # A thousandth of an hour is some seconds: no clock of people is finer.
    if not number.is_finite() or number.adjusted() < -3 or not 0 < number <= LONGEST[Unit(unit)]:
        raise ZoneFault("limit.value", "limit", most=LONGEST[Unit(unit)], unit=unit)
    return Limit(number, Unit(unit))


def _recipient(session: Session, ground: Ground, n: int, content: Any) -> Recipient:
    where = f"recipients.{n}"
    if not isinstance(content, Mapping):
        raise ZoneFault(where, "object")
    kind, code = content.get("kind"), content.get("code")
    if kind not in tuple(To):
        raise ZoneFault(f"{where}.kind", "choice", allowed=", ".join(To))
    if not isinstance(code, str) or not code or len(code) > 64 or not code.isprintable():
        raise ZoneFault(f"{where}.code", "missing")
    if kind == To.ROLE and code not in TOLD_ROLES:
        raise ZoneFault(f"{where}.code", "choice", allowed=", ".join(TOLD_ROLES))
    if kind == To.DEPARTMENT and code not in ground.departments:
        raise ZoneFault(f"{where}.code", "department", code=code[:40])
    if kind == To.USER:
        known = select(User.id).where(User.username == code, User.active.is_(True))
        if session.scalar(known) is None:
            raise ZoneFault(f"{where}.code", "user", code=code[:40])
    return Recipient(To(kind), code)


def _moment(where: str, content: Any, now: datetime) -> datetime | None:
    if content is None or content == "":
        return None
    try:
        at = datetime.fromisoformat(content) if isinstance(content, str) else content
    except ValueError as wrong:
        raise ZoneFault(where, "moment") from wrong
    if not isinstance(at, datetime) or at.tzinfo is None:
        raise ZoneFault(where, "moment")
    if at.year < 1900 or at > now + FARTHEST_AHEAD:
        raise ZoneFault(where, "ahead" if at.year >= 1900 else "past")
    if at < now - timedelta(minutes=5):
        raise ZoneFault(where, "past")
    return at.astimezone(UTC)
