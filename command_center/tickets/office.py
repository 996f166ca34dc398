"""What every action needs besides the session: the map, the calendar, the clocks' rules, the log's key."""

from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from command_center.deadlines.calendar import WorkCalendar
from command_center.deadlines.editions import DEFAULT_EDITION, Edition
from command_center.zones.book import NO_ZONES, ZoneBook
from gis.placement import Circle


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
    @property
    def also(self) -> tuple[str, ...]: ...


class Grids(Protocol):
    """The map, as far as tickets need it; `app` hands in a `gis.grid_index.GridIndex`."""

    def place(self, lon: float, lat: float, accuracy_m: float = 0.0) -> Placement:
        """Find the grid of a point. lon, lat: degrees, WGS 84. Raises: gis.errors.OutsideCounty."""
        ...

    def circle(self, lon: float, lat: float, accuracy_m: float) -> Circle:
        """Find the grids that a circle of accuracy touches, the point's own first. Raises: as `place`."""
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
    map_edition: int = 1
    zones: ZoneBook = NO_ZONES
