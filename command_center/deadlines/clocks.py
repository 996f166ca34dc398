"""A ticket's two clocks, computed once from a policy that is frozen into the ticket.

The matter's clock is the promise to the citizen: it starts with the report and no touch resets it.
The tier's clock says how long the present tier has had the ticket: it starts anew at each tier.
Both run in the case condition's own unit and warn when a share of the running time is used.

Suspension and extension will change the running time a clock has left; they belong here, beside
`matter_clock`, as functions from a Clock to a Clock, and need `working_time.elapsed` and `add_running`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
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


def _default_shares() -> dict[str, Decimal]:
    return {"village": Decimal("0.25"), "town": Decimal("0.25"), "county": Decimal("0.5")}


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules a ticket's clocks follow, for its whole life, whatever is edited later.

    `shares`: each tier's part of the limit; `warn_share`: the part of a clock after which it turns
    yellow; `version`: the edition of the rules it was taken from.
    """

    limit_value: Decimal
    limit_unit: Unit
    shares: Mapping[str, Decimal] = field(default_factory=_default_shares)
    warn_share: Decimal = Decimal("0.8")
    hours: WorkingHours = OFFICE_HOURS
    version: int = 1

    def __post_init__(self) -> None:
        """Refuse a policy under which a clock would be late from the start.

        Raises: ValueError.
        """
        if not self.limit_value.is_finite() or self.limit_value <= 0:
            raise ValueError("a limit must be positive")
        if not 0 < self.warn_share <= 1:
            raise ValueError("the warning share must be above 0 and at most 1")
        if any(not 0 < share <= 1 for share in self.shares.values()):
            raise ValueError("a tier's share must be above 0 and at most 1")

    def to_json(self) -> dict[str, Any]:
        """Give plain JSON; numbers as text, so that 0.1 stays a tenth in every database."""
        return {
            "version": self.version,
            "limit": {"value": _text(self.limit_value), "unit": self.limit_unit.value},
            "shares": {str(tier): _text(share) for tier, share in sorted(self.shares.items())},
            "warn_share": _text(self.warn_share),
            "hours": {
                "timezone": self.hours.timezone,
                "spans": [[start.isoformat(), end.isoformat()] for start, end in self.hours.spans],
            },
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read what `to_json` gave.

        Raises: KeyError or ValueError for anything else.
        """
        spans = document["hours"]["spans"]
        return cls(
            limit_value=Decimal(str(document["limit"]["value"])),
            limit_unit=Unit(document["limit"]["unit"]),
            shares={tier: Decimal(str(share)) for tier, share in document["shares"].items()},
            warn_share=Decimal(str(document["warn_share"])),
            hours=WorkingHours(
                spans=tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in spans),
                timezone=document["hours"]["timezone"],
            ),
            version=document["version"],
        )


@dataclass(frozen=True, slots=True)
class Clock:
    """When it started, when it warns, when its time is used up; all UTC.

    `provisional`: it reaches into days of a calendar not confirmed yet, and will be computed anew.
    """

    started_at: datetime
    warn_at: datetime
    due_at: datetime
    provisional: bool


def matter_clock(policy: Policy, start: datetime, calendar: ConfirmedCalendar) -> Clock:
    """Start the matter's clock.

    Raises: BeyondCalendar; ValueError for a naive start.
    """
    return _clock(policy, Fraction(1), start, calendar)


def tier_clock(policy: Policy, tier: str, start: datetime, calendar: ConfirmedCalendar) -> Clock:
    """Start a tier's clock: its share of the whole limit.

    Raises: BeyondCalendar; KeyError for a tier without a share; ValueError for a naive start.
    """
    return _clock(policy, Fraction(policy.shares[tier]), start, calendar)


def colour(now: datetime, warn_at: datetime | None, due_at: datetime | None, stopped: bool) -> Colour:
    """Tell a clock's colour: blue in time, yellow after the warning, red when used up, grey when it stands.

    A ticket that has no clock (rejected, merged) is grey.
    """
    if stopped or due_at is None:
        return "grey"
    if now >= due_at:
        return "red"
    return "yellow" if warn_at is not None and now >= warn_at else "blue"


def _clock(policy: Policy, share: Fraction, start: datetime, calendar: ConfirmedCalendar) -> Clock:
    unit, hours = policy.limit_unit, policy.hours
    running = working_time.duration(Fraction(policy.limit_value) * share, unit, hours)
    warning = timedelta(seconds=round(Fraction(policy.warn_share) * (running // timedelta(seconds=1))))
    warn_at = working_time.add_running(start, warning, unit, calendar, hours)
    due_at = working_time.add_running(start, running, unit, calendar, hours)
    provisional = unit.is_working and calendar.touches_provisional(start, due_at, ZoneInfo(hours.timezone))
    return Clock(start.astimezone(UTC), warn_at, due_at, provisional)


def _text(number: Decimal) -> str:
    return format(number.normalize(), "f")
