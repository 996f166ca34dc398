"""The rule book of the clocks, one edition of it: from it each ticket takes the policy it keeps for life.

A document is what an administrator edits and what is stored: plain JSON, numbers as text or as numbers. Reading it
names the key at fault; what it leaves out is the default, what it says too much is refused.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal, InvalidOperation
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from command_center.deadlines.clocks import (
    DEFAULT_LATER,
    LaterStep,
    Policy,
    default_minutes,
    default_shares,
    default_supervision_days,
    hours_to_json,
    text_of,
)
from command_center.deadlines.working_time import OFFICE_HOURS, Unit, WorkingHours, duration

TIERS = ("village", "town", "county")
COLOURS = ("red", "yellow", "blue")
BULLETIN = "bulletin"
LATER = (BULLETIN,)
"""The steps after a deadline that the sweep knows how to take."""
MINUTES = ("accept", "dispatch", "verify")
LONGEST_MINUTES = 24 * 60
LONGEST_DAYS = 366
NEAREST_M, FARTHEST_M = Decimal(10), Decimal(10_000)
MOST_SPANS = 8
LONGEST = {unit: 366 * 24 if unit in (Unit.URGENT_HOUR, Unit.WORK_HOUR) else 366 for unit in Unit}
"""No limit is longer than a year, in its own unit: within that, no clock can outrun the calendar."""

# What can be wrong with a key, in both languages.
FAULTS = {
    "unknown": ("没有这一项；可用：{allowed}", "there is no such key; use {allowed}"),
    "missing": ("缺少这一项", "this key is missing"),
    "object": ("须为 JSON 对象", "must be a JSON object"),
    "list": ("须为列表", "must be a list"),
    "number": ("须为数字", "must be a number"),
    "whole": ("须为整数", "must be a whole number"),
    "range": ("须大于等于 {least} 且不超过 {most}", "must be at least {least} and at most {most}"),
    "share": ("份额须大于 0 且不超过 1", "a share must be above 0 and at most 1"),
    "sum": ("各级份额之和不得超过 1", "the shares of the tiers must not add up to more than 1"),
    "limit": ("时限须至少一秒，最长一年（{most} {unit}）", "a limit is one second to one year ({most} {unit})"),
    "unit": ("单位须为 {allowed} 之一", "the unit must be one of {allowed}"),
    "together": ("limit_value 与 limit_unit 须同时给出", "limit_value and limit_unit come together"),
    "empty": ("没有任何内容", "says nothing"),
    "twice": ("重复", "stands twice"),
    "timezone": ("没有这个时区", "there is no such time zone"),
    "span": ('须为当地时间的起止，如 ["08:00", "12:00"]', 'must be local times from and to, as ["08:00", "12:00"]'),
    "spans": (
        "须为一至 {most} 段，按先后排列，互不相接、互不重叠",
        "must be 1 to {most} spans in order that neither touch nor overlap",
    ),
    "condition": ("没有这个立案条件", "there is no such case condition"),
    "unchanged": ("与现行版本完全相同", "says what the newest edition says already"),
}


class PolicyFault(ValueError):
    """A key of a policy document is wrong. `field`: its path, as `conditions.0507.limit_unit`."""

    def __init__(self, field: str, fault: str, **facts: Any) -> None:
        self.field = field
        zh, en = FAULTS[fault]
        self.zh, self.en = zh.format(**facts), en.format(**facts)
        super().__init__(f"{field}: {self.en}")


@dataclass(frozen=True, slots=True)
class Override:
    """What one case condition has of its own; None: as everybody."""

    limit_value: Decimal | None = None
    limit_unit: Unit | None = None
    shares: Mapping[str, Decimal] | None = field(default=None, hash=False)


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of the rules. Never changed once stored: an edit is the next version."""

    version: int = 1
    shares: Mapping[str, Decimal] = field(default_factory=default_shares, hash=False)
    warn_share: Decimal = Decimal("0.8")
    tier_warn_share: Decimal = Decimal("0.8")
    hours: WorkingHours = OFFICE_HOURS
    later: tuple[LaterStep, ...] = DEFAULT_LATER
    supervision_days: Mapping[str, int] = field(default_factory=default_supervision_days, hash=False)
    follow_up_days: int = 5
    verification_m: Decimal = Decimal(200)
    minutes: Mapping[str, int] = field(default_factory=default_minutes, hash=False)
    conditions: Mapping[str, Override] = field(default_factory=dict, hash=False)

    def policy(self, condition_code: str, limit_value: Decimal, limit_unit: Unit) -> Policy:
        """Freeze the rules for a ticket under a case condition with this limit, unless the edition names another."""
        own = self.conditions.get(condition_code, Override())
        if own.limit_value is not None and own.limit_unit is not None:
            limit_value, limit_unit = own.limit_value, own.limit_unit
        return Policy(
            limit_value=limit_value,
            limit_unit=limit_unit,
            shares=dict(own.shares or self.shares),
            warn_share=self.warn_share,
            tier_warn_share=self.tier_warn_share,
            hours=self.hours,
            later=self.later,
            supervision_days=dict(self.supervision_days),
            follow_up_days=self.follow_up_days,
            verification_m=self.verification_m,
            minutes=dict(self.minutes),
            version=self.version,
        )

    def to_document(self) -> dict[str, Any]:
        """Give the whole document, every key said, in its one spelling."""
        return {
            "shares": {tier: text_of(self.shares[tier]) for tier in TIERS},
            "warn_share": {"matter": text_of(self.warn_share), "tier": text_of(self.tier_warn_share)},
            "hours": hours_to_json(self.hours),
            "minutes": {name: self.minutes[name] for name in MINUTES},
            "later_steps": [
                {"step": later.step, "value": text_of(later.value), "unit": later.unit.value} for later in self.later
            ],
            "supervision_days": {colour: self.supervision_days[colour] for colour in COLOURS},
            "follow_up_days": self.follow_up_days,
            "verification_distance_m": text_of(self.verification_m),
            "conditions": {code: _override_to_json(self.conditions[code]) for code in sorted(self.conditions)},
        }

    @classmethod
    def from_document(cls, document: Any, version: int = 1) -> Self:
        """Read a document. Raises: PolicyFault, which names the key."""
        said = _object("document", document, READERS)
        values: dict[str, Any] = {}
        for name, content in said.items():
            values |= READERS[name](name, content)
        _check_later(values)
        return cls(version=version, **values)


def _check_later(values: dict[str, Any]) -> None:
    """A unit's length hangs on the working hours, so limits are judged when both are known."""
    hours = values.get("hours", OFFICE_HOURS)
    for at, later in enumerate(values.get("later", ())):
        _check_limit(f"later_steps.{at}.value", later.value, later.unit, hours)
    for code, own in values.get("conditions", {}).items():
        if own.limit_value is not None:
            _check_limit(f"conditions.{code}.limit_value", own.limit_value, own.limit_unit, hours)


def _check_limit(where: str, value: Decimal, unit: Unit, hours: WorkingHours) -> None:
    if not 0 < value <= LONGEST[unit] or not duration(value, unit, hours):
        raise PolicyFault(where, "limit", most=LONGEST[unit], unit=unit.value)


def _object(where: str, content: Any, allowed: Iterable[str] | None = None) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise PolicyFault(where, "object")
    if allowed is not None:
        for key in content:
            if key not in allowed:
                path = key if where == "document" else f"{where}.{key}"
                raise PolicyFault(path[:80], "unknown", allowed=", ".join(allowed))
    return content


def _complete(where: str, content: Any, names: tuple[str, ...]) -> dict[str, Any]:
    said = _object(where, content, names)
    for name in names:
        if name not in said:
            raise PolicyFault(f"{where}.{name}", "missing")
    return said


def _list(where: str, content: Any) -> list[Any]:
    if not isinstance(content, list):
        raise PolicyFault(where, "list")
    return content


def _decimal(where: str, content: Any) -> Decimal:
    if isinstance(content, bool) or not isinstance(content, int | float | str) or len(str(content)) > 24:
        raise PolicyFault(where, "number")
    try:
        number = Decimal(str(content))
    except InvalidOperation as wrong:
        raise PolicyFault(where, "number") from wrong
    if not number.is_finite() or abs(number.adjusted()) > 12:
        raise PolicyFault(where, "number")
    return number


def _share(where: str, content: Any) -> Decimal:
    share = _decimal(where, content)
    if not 0 < share <= 1:
        raise PolicyFault(where, "share")
    return share


def _shares(where: str, content: Any) -> dict[str, Decimal]:
    said = _complete(where, content, TIERS)
    shares = {tier: _share(f"{where}.{tier}", said[tier]) for tier in TIERS}
    if sum(shares.values()) > 1:
        raise PolicyFault(where, "sum")
    return shares


def _whole(where: str, content: Any, least: int, most: int) -> int:
    if isinstance(content, bool) or not isinstance(content, int):
        raise PolicyFault(where, "whole")
    if not least <= content <= most:
        raise PolicyFault(where, "range", least=least, most=most)
    return content


def _wholes(where: str, content: Any, names: tuple[str, ...], most: int) -> dict[str, int]:
    said = _complete(where, content, names)
    return {name: _whole(f"{where}.{name}", said[name], 1, most) for name in names}


def _unit(where: str, content: Any) -> Unit:
    try:
        return Unit(content)
    except ValueError as wrong:
        raise PolicyFault(where, "unit", allowed=", ".join(Unit)) from wrong


def _warn_shares(where: str, content: Any) -> dict[str, Any]:
    said = _complete(where, content, ("matter", "tier"))
    return {
        "warn_share": _share(f"{where}.matter", said["matter"]),
        "tier_warn_share": _share(f"{where}.tier", said["tier"]),
    }


def _hours(where: str, content: Any) -> WorkingHours:
    said = _complete(where, content, ("timezone", "spans"))
    zone = said["timezone"]
    try:
        ZoneInfo(zone if isinstance(zone, str) else "")
    except (ZoneInfoNotFoundError, OSError, ValueError) as wrong:
        raise PolicyFault(f"{where}.timezone", "timezone") from wrong
    spans = [_span(f"{where}.spans.{at}", span) for at, span in enumerate(_list(f"{where}.spans", said["spans"]))]
    try:
        hours = WorkingHours(tuple(spans), zone)
    except ValueError as wrong:
        raise PolicyFault(f"{where}.spans", "spans", most=MOST_SPANS) from wrong
    if len(spans) > MOST_SPANS:
        raise PolicyFault(f"{where}.spans", "spans", most=MOST_SPANS)
    return hours


def _span(where: str, content: Any) -> tuple[time, time]:
    if not isinstance(content, list) or len(content) != 2 or not all(isinstance(end, str) for end in content):
        raise PolicyFault(where, "span")
    try:
        start, end = (time.fromisoformat(text) for text in content)
    except ValueError as wrong:
        raise PolicyFault(where, "span") from wrong
    # Clocks are exact to the second; a zone of its own would contradict the one beside it.
    if any(at.tzinfo is not None or at.microsecond for at in (start, end)):
        raise PolicyFault(where, "span")
    return start, end


def _later(where: str, content: Any) -> tuple[LaterStep, ...]:
    found: list[LaterStep] = []
    for at, item in enumerate(_list(where, content)):
        here = f"{where}.{at}"
        said = _complete(here, item, ("step", "value", "unit"))
        if said["step"] not in LATER:
            raise PolicyFault(f"{here}.step", "unknown", allowed=", ".join(LATER))
        if any(said["step"] == earlier.step for earlier in found):
            raise PolicyFault(f"{here}.step", "twice")
        value, unit = _decimal(f"{here}.value", said["value"]), _unit(f"{here}.unit", said["unit"])
        found.append(LaterStep(said["step"], value, unit))
    return tuple(found)


def _distance(where: str, content: Any) -> Decimal:
    metres = _decimal(where, content)
    if not NEAREST_M <= metres <= FARTHEST_M:
        raise PolicyFault(where, "range", least=NEAREST_M, most=FARTHEST_M)
    return metres


def _conditions(where: str, content: Any) -> dict[str, Override]:
    return {code: _override(f"{where}.{code[:32]}", own) for code, own in _object(where, content).items()}


def _override(where: str, content: Any) -> Override:
    said = _object(where, content, ("limit_value", "limit_unit", "shares"))
    if not said:
        raise PolicyFault(where, "empty")
    if ("limit_value" in said) != ("limit_unit" in said):
        raise PolicyFault(f"{where}.{'limit_unit' if 'limit_value' in said else 'limit_value'}", "together")
    limited = "limit_value" in said
    return Override(
        limit_value=_decimal(f"{where}.limit_value", said["limit_value"]) if limited else None,
        limit_unit=_unit(f"{where}.limit_unit", said["limit_unit"]) if limited else None,
        shares=_shares(f"{where}.shares", said["shares"]) if "shares" in said else None,
    )


def _override_to_json(own: Override) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if own.limit_value is not None and own.limit_unit is not None:
        said |= {"limit_value": text_of(own.limit_value), "limit_unit": own.limit_unit.value}
    if own.shares is not None:
        said["shares"] = {tier: text_of(own.shares[tier]) for tier in TIERS}
    return said


Reader = Callable[[str, Any], dict[str, Any]]
READERS: dict[str, Reader] = {
    "shares": lambda where, said: {"shares": _shares(where, said)},
    "warn_share": _warn_shares,
    "hours": lambda where, said: {"hours": _hours(where, said)},
    "minutes": lambda where, said: {"minutes": _wholes(where, said, MINUTES, LONGEST_MINUTES)},
    "later_steps": lambda where, said: {"later": _later(where, said)},
    "supervision_days": lambda where, said: {"supervision_days": _wholes(where, said, COLOURS, LONGEST_DAYS)},
    "follow_up_days": lambda where, said: {"follow_up_days": _whole(where, said, 1, LONGEST_DAYS)},
    "verification_distance_m": lambda where, said: {"verification_m": _distance(where, said)},
    "conditions": lambda where, said: {"conditions": _conditions(where, said)},
}
"""The keys of a document, and how each is read."""

DEFAULT_EDITION = Edition()
"""What holds until an edition is stored; `data/policy.json` says the same, with its sources."""
