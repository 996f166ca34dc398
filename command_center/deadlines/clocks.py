"""The rules that a ticket's two clocks follow, frozen into the ticket, and a clock's colour.

The matter's clock is the promise to the citizen: it starts with the report and no touch resets it.
The tier's clock says how long the present tier has had the ticket: it starts anew at each tier.
Both run in the case condition's own unit and warn when a share of the running time is used.
How a clock stands still and goes on is `stretches`; the rules a policy is taken from are `editions`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, Protocol, Self
from zoneinfo import ZoneInfo

from command_center.deadlines import working_time
from command_center.deadlines.working_time import OFFICE_HOURS, Unit, WorkingHours

Colour = Literal["blue", "yellow", "red", "grey"]


class ConfirmedCalendar(working_time.Calendar, Protocol):
    """A working calendar that knows which of its days are not confirmed yet."""

    def touches_provisional(self, start: datetime, end: datetime, zone: ZoneInfo) -> bool:
        """Whether any day between the two moments is unconfirmed."""


def default_shares() -> dict[str, Decimal]:
    """Each tier's part of the limit. Source: common practice [C]; data/policy.json says the same."""
    return {"village": Decimal("0.25"), "town": Decimal("0.25"), "county": Decimal("0.5")}


def default_supervision_days() -> dict[str, int]:
    """Days until a supervision order (督办) of a colour must be reported back. Source: local practice [L]."""
    return {"red": 1, "yellow": 2, "blue": 3}


def default_minutes() -> dict[str, int]:
    """Minutes in which a tier accepts and dispatches, and a worker verifies. Source: domain facts on time."""
    return {"accept": 15, "dispatch": 15, "verify": 30}


@dataclass(frozen=True, slots=True)
class LaterStep:
    """What happens so long after the matter's deadline, when the matter is still open then."""

    step: str
    value: Decimal
    unit: Unit


DEFAULT_LATER = (LaterStep("bulletin", Decimal(5), Unit.WORK_DAY),)
"""Overdue and five working days: named in the bulletin (通报). Source: local practice [L]."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules one ticket follows for its whole life, whatever is edited later.

    `shares`: each tier's part of the limit; `warn_share`, `tier_warn_share`: the part of the matter's and of a
    tier's clock after which it turns yellow; `later`: the steps after the deadline; `supervision_days`: days to
    report back, by colour; `follow_up_days`: working days in which a dissatisfied citizen is answered;
    `verification_m`: metres from the ticket within which a verifier must stand;
    `minutes`: in which to accept, dispatch, verify; `version`: the edition of the rules it was taken from.
    """

    limit_value: Decimal
    limit_unit: Unit
    shares: Mapping[str, Decimal] = field(default_factory=default_shares)
    warn_share: Decimal = Decimal("0.8")
    tier_warn_share: Decimal = Decimal("0.8")
    hours: WorkingHours = OFFICE_HOURS
    later: tuple[LaterStep, ...] = DEFAULT_LATER
    supervision_days: Mapping[str, int] = field(default_factory=default_supervision_days)
    follow_up_days: int = 5
    verification_m: Decimal = Decimal(200)
    minutes: Mapping[str, int] = field(default_factory=default_minutes)
    version: int = 1

    def __post_init__(self) -> None:
        """Refuse a policy under which a clock would be late from the start.

        Raises: ValueError.
        """
        if not self.limit_value.is_finite() or self.limit_value <= 0:
            raise ValueError("a limit must be positive")
        if not (0 < self.warn_share <= 1 and 0 < self.tier_warn_share <= 1):
            raise ValueError("the warning share must be above 0 and at most 1")
        if any(not 0 < share <= 1 for share in self.shares.values()):
            raise ValueError("a tier's share must be above 0 and at most 1")
        if any(not step.value.is_finite() or step.value <= 0 for step in self.later):
            raise ValueError("a later step must come after the deadline")

    @property
    def limit(self) -> timedelta:
        """How much running time the matter has at first: one original limit."""
        return working_time.duration(self.limit_value, self.limit_unit, self.hours)

    def share(self, tier: str) -> timedelta:
        """How much running time a tier has. Raises: KeyError for a tier without a share."""
        part = Fraction(self.limit_value) * Fraction(self.shares[tier])
        return working_time.duration(part, self.limit_unit, self.hours)

    def hastened(self, speed: Decimal) -> Self:
        """Divide the limit, and what follows after it, by the speed of a drill."""
        later = tuple(LaterStep(step.step, step.value / speed, step.unit) for step in self.later)
        return replace(self, limit_value=self.limit_value / speed, later=later)

    def later_steps(self, due_at: datetime, calendar: working_time.Calendar) -> list[tuple[str, datetime]]:
        """Tell when the steps after a deadline come, each as (step, moment in UTC), in the policy's order.

        Raises: BeyondCalendar; ValueError for a naive time.
        """
        return [
            (later.step, working_time.add(due_at, later.value, later.unit, calendar, self.hours))
            for later in self.later
        ]

    def to_json(self) -> dict[str, Any]:
        """Give plain JSON; numbers as text, so that 0.1 stays a tenth in every database."""
        return {
            "version": self.version,
            "limit": {"value": text_of(self.limit_value), "unit": self.limit_unit.value},
            "shares": {str(tier): text_of(share) for tier, share in sorted(self.shares.items())},
            "warn_share": text_of(self.warn_share),
            "tier_warn_share": text_of(self.tier_warn_share),
            "hours": hours_to_json(self.hours),
            "later": [
                {"step": later.step, "value": text_of(later.value), "unit": later.unit.value} for later in self.later
            ],
            "supervision_days": dict(sorted(self.supervision_days.items())),
            "follow_up_days": self.follow_up_days,
            "verification_m": text_of(self.verification_m),
            "minutes": dict(sorted(self.minutes.items())),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read what `to_json` gave, also in the versions before: what they did not say yet is the default.

        Raises: KeyError or ValueError for anything else.
        """
        said: dict[str, Any] = {}
        if "later" in document:
            said["later"] = tuple(
                LaterStep(later["step"], Decimal(str(later["value"])), Unit(later["unit"]))
                for later in document["later"]
            )
        if "verification_m" in document:
            said["verification_m"] = Decimal(str(document["verification_m"]))
        if "follow_up_days" in document:
            said["follow_up_days"] = document["follow_up_days"]
        said |= {name: dict(document[name]) for name in ("supervision_days", "minutes") if name in document}
        # One share served both clocks at first.
        tier_warn_share = document.get("tier_warn_share", document["warn_share"])
        return cls(
            limit_value=Decimal(str(document["limit"]["value"])),
            limit_unit=Unit(document["limit"]["unit"]),
            shares={tier: Decimal(str(share)) for tier, share in document["shares"].items()},
            warn_share=Decimal(str(document["warn_share"])),
            tier_warn_share=Decimal(str(tier_warn_share)),
            hours=hours_from_json(document["hours"]),
            version=document["version"],
            **said,
        )


def hours_to_json(hours: WorkingHours) -> dict[str, Any]:
    """Give plain JSON: the time zone, and the spans as pairs of local times."""
    return {
        "timezone": hours.timezone,
        "spans": [[start.isoformat(), end.isoformat()] for start, end in hours.spans],
    }


def hours_from_json(document: Mapping[str, Any]) -> WorkingHours:
    """Read what `hours_to_json` gave. Raises: KeyError or ValueError for anything else."""
    spans = tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in document["spans"])
    return WorkingHours(spans=spans, timezone=document["timezone"])


@dataclass(frozen=True, slots=True)
class Clock:
    """When it started, when it warns, when its time is used up; all UTC.

    `provisional`: it reaches into days of a calendar not confirmed yet, and will be computed anew.
    """

    started_at: datetime
    warn_at: datetime
    due_at: datetime
    provisional: bool


def colour(now: datetime, warn_at: datetime | None, due_at: datetime | None, stopped: bool) -> Colour:
    """Tell a clock's colour: blue in time, yellow after the warning, red when used up, grey when it stands.

    A ticket that has no clock (rejected, merged) is grey.
    """
    if stopped or due_at is None:
        return "grey"
    if now >= due_at:
        return "red"
    return "yellow" if warn_at is not None and now >= warn_at else "blue"


def text_of(number: Decimal) -> str:
    """Spell a number as short as it can be, never with an exponent."""
    return format(number.normalize(), "f")
