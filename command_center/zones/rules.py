"""What a rule zone says: of which matters, from when to when, and what happens to them. Pure."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum, auto
from typing import Any, Self

from command_center.deadlines.clocks import text_of
from command_center.deadlines.working_time import Unit
from gis.zones import Zone


class Kind(StrEnum):
    """What a zone is there for."""

    FOREST_FIRE = auto()
    SCHOOL = auto()
    RIVER = auto()
    CONSTRUCTION = auto()
    OTHER = auto()


class To(StrEnum):
    """How somebody is named who is told besides."""

    ROLE = auto()
    DEPARTMENT = auto()
    USER = auto()


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is told: a role at the ticket's place, a department's desk, or one user, by code."""

    kind: To
    code: str


@dataclass(frozen=True, slots=True)
class Limit:
    """How much time a matter has."""

    value: Decimal
    unit: Unit


@dataclass(frozen=True, slots=True)
class Effects:
    """What the rule does. `limit` holds where it is stricter than the matter's own."""

    limit: Limit | None = None
    urgent: bool = False
    department: str | None = None
    recipients: tuple[Recipient, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.limit or self.urgent or self.department or self.recipients)

    def to_json(self) -> dict[str, Any]:
        """Give plain JSON; the limit's number as text."""
        return {
            "limit": {"value": text_of(self.limit.value), "unit": self.limit.unit.value} if self.limit else None,
            "urgent": self.urgent,
            "department": self.department,
            "recipients": [{"kind": str(one.kind), "code": one.code} for one in self.recipients],
        }

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Self:
        """Read what `to_json` gave."""
        limit = said["limit"]
        return cls(
            Limit(Decimal(limit["value"]), Unit(limit["unit"])) if limit else None,
            said["urgent"],
            said["department"],
            tuple(Recipient(To(one["kind"]), one["code"]) for one in said["recipients"]),
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a zone while it is in force: from `begins` until before `ends`, aware; none: no end is known."""

    zone: str
    version: int
    kind: str
    name: str
    name_en: str
    place: Zone
    categories: frozenset[str]
    effects: Effects
    begins: datetime
    ends: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether this version is in force at a moment, whatever the season."""
        return self.begins <= at and (self.ends is None or at < self.ends)

    def to_json(self) -> dict[str, Any]:
        """What a ticket remembers of a rule it met."""
        return {
            "zone": self.zone,
            "version": self.version,
            "kind": self.kind,
            "name": self.name,
            "name_en": self.name_en,
            "effects": self.effects.to_json(),
        }
