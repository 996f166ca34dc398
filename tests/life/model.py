"""What a ticket must look like, kept beside the real one in the plainest way: who has it, and when it ends."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from command_center.deadlines.working_time import OFFICE_HOURS, Unit, add_running, duration, elapsed
from command_center.tickets.office import Office
from command_center.tickets.standing import Node, Tier

SHARES = {Tier.VILLAGE: Fraction(1, 4), Tier.TOWN: Fraction(1, 4), Tier.COUNTY: Fraction(1, 2)}


@dataclass
class Run:
    """A clock as one thinks of it: so many seconds of running time, running from then on, or standing still."""

    left: timedelta
    since: datetime | None

    def end(self, unit: Unit, office: Office, from_then: datetime | None = None) -> datetime:
        start = self.since or from_then
        assert start is not None
        return add_running(start, self.left, unit, office.calendar, OFFICE_HOURS)

    def stop(self, now: datetime, unit: Unit, office: Office) -> None:
        assert self.since is not None
        used = elapsed(self.since, now, unit, office.calendar, OFFICE_HOURS)
        self.left = max(timedelta(), self.left - timedelta(seconds=used // timedelta(seconds=1)))
        self.since = None


@dataclass
class Model:
    """One ticket. `events`: how many its record must have; `grid`: where it lies, or was said to lie."""

    id: int
    grid: str
    limit_value: float
    unit: Unit
    node: Node
    tier: Tier
    matter: Run
    tier_run: Run
    events: int = 1
    version: int = 1
    extensions: int = 0
    suspended_until: datetime | None = None
    suspensions: int = 0
    hands: tuple[str | None, int | None] = (None, None)  # department, own user
    chosen: bool = False  # the grid, by a person
    merged_into: int | None = None

    @classmethod
    def reported(cls, id: int, limit_value: float, unit: Unit, now: datetime, grid: str) -> "Model":
        model = cls(
            id,
            grid,
            limit_value,
            unit,
            Node.INTAKE,
            Tier.VILLAGE,
            Run(duration(limit_value, unit), now),
            Run(timedelta(), now),
        )
        model.start_tier(now)
        return model

    def start_tier(self, now: datetime) -> None:
        self.tier_run = Run(duration(Fraction(str(self.limit_value)) * SHARES[self.tier], self.unit), now)

    def due_at(self, office: Office) -> datetime:
        return self.matter.end(self.unit, office, self.suspended_until)

    def tier_due_at(self, office: Office) -> datetime:
        return self.tier_run.end(self.unit, office, self.suspended_until)

    def extend(self) -> None:
        more = duration(self.limit_value, self.unit)
        self.matter.left += more
        self.tier_run.left += more
        self.extensions += 1

    def suspend(self, now: datetime, until: datetime, office: Office) -> None:
        self.matter.stop(now, self.unit, office)
        self.tier_run.stop(now, self.unit, office)
        self.suspended_until = until
        self.suspensions += 1

    def resume(self, now: datetime) -> None:
        self.matter.since = self.tier_run.since = now
        self.suspended_until = None

    def reopen(self, now: datetime) -> None:
        if self.node is Node.MERGED:
            self.merged_into = None
        else:
            self.matter = Run(duration(self.limit_value, self.unit), now)
        self.start_tier(now)

    @property
    def is_open(self) -> bool:
        return self.node not in (Node.CLOSED, Node.REJECTED, Node.MERGED)
