"""What every action needs besides the session: the map, the calendar, the clocks' rules, the log's key."""

from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from command_center.deadlines.calendar import WorkCalendar
from command_center.deadlines.editions import DEFAULT_EDITION, Edition


class Placement(Protocol):
    """Where a point lies: codes, how it was found (inside, border, nearest), and how far away, in metres."""

    @property
    def grid(self) -> str: ...
    @property
    def base_grid(self) -> str | None: ...
    @property
    def village(self) -> str: ...
    @property
    def town(self) -> str: ...
    @property
    def county(self) -> str: ...
    @property
    def placed(self) -> str: ...
    @property
    def distance_m(self) -> float: ...


class Grids(Protocol):
    """The map, as far as tickets need it; `app` hands in a `gis.grid_index.GridIndex`."""

    def place(self, lon: float, lat: float) -> Placement:
        """Find the grid of a point. lon, lat: degrees, WGS 84. Raises: gis.errors.OutsideCounty."""
        ...


@dataclass(frozen=True)
class Office:
    """Built once by `app` and never changed; a new map, calendar or edition of the rules makes a new one."""

    grids: Grids
    calendar: WorkCalendar
    chain_key: bytes
    zone: ZoneInfo
    speed: float = 1.0
    edition: Edition = DEFAULT_EDITION
