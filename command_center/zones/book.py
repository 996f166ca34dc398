"""The rule zones of a county in memory, to be asked at each report. Pure, and never changed once built."""

from collections.abc import Collection, Iterable
from datetime import datetime

from command_center.zones.rules import Rule
from gis.zones import ZoneIndex


class ZoneBook:
    """All rules that are in force or will be; a newer version of a zone makes a new book.

    `edition`: how many versions of zones were stored when it was read.
    """

    def __init__(self, rules: Iterable[Rule] = (), edition: int = 0) -> None:
        self.edition = edition
        self.rules = tuple(sorted(rules, key=lambda rule: (rule.zone, rule.version)))
        self._index = ZoneIndex([rule.place for rule in self.rules])

    def __len__(self) -> int:
        return len(self.rules)

    def apply(self, lon: float, lat: float, at: datetime, codes: Collection[str]) -> list[Rule]:
        """The rules a matter meets, by the code of their zone: its place, its moment, and what it is about.

        lon, lat: degrees, WGS 84; at: aware, in the county's own time, whose date is looked at for the season; codes:
        of the case condition, its minor and its major class.
        """
        hit = [self.rules[number] for number in self._index.hits(lon, lat, at.date())]
        return [rule for rule in hit if rule.holds(at) and not rule.categories.isdisjoint(codes)]


NO_ZONES = ZoneBook()
