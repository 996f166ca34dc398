"""Questions about rule zones: which versions there are, which is in force, and all of them as a book."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from command_center.zones.book import ZoneBook
from command_center.zones.errors import UnknownZone
from command_center.zones.models import ZoneVersion
from command_center.zones.rules import Effects, Rule
from gis.zones import Season, Zone


@dataclass(frozen=True)
class Period:
    """A version, and when it is in force; `begins` is None for one that never was and never will be."""

    row: ZoneVersion
    begins: datetime | None
    ends: datetime | None

    def holds(self, at: datetime) -> bool:
        return self.begins is not None and self.begins <= at and (self.ends is None or at < self.ends)


def edition(session: Session) -> int:
    """Tell how many versions are stored: whoever knew fewer has an old book. Versions are never removed."""
    return session.scalar(select(func.count()).select_from(ZoneVersion)) or 0


def book(session: Session) -> ZoneBook:
    """Read all zones that are in force at some time as a book."""
    found = [period for each in all_periods(session).values() for period in each]
    return ZoneBook([rule_of(period) for period in found if period.begins is not None], len(found))


def versions_of(session: Session, code: str) -> list[ZoneVersion]:
    """All versions of a zone, the oldest first. Raises: UnknownZone."""
    wanted = select(ZoneVersion).where(ZoneVersion.zone_code == code[:17]).order_by(ZoneVersion.version)
    rows = list(session.scalars(wanted))
    if not rows:
        raise UnknownZone(zone=code[:16])
    return rows


def all_periods(session: Session, begun_by: datetime | None = None) -> dict[str, list[Period]]:
    """When each version of each zone is in force, by zone, in the order of versions.

    begun_by: as if there were no versions from a later date.
    """
    wanted = select(ZoneVersion).order_by(ZoneVersion.zone_code, ZoneVersion.version)
    rows = session.scalars(wanted if begun_by is None else wanted.where(ZoneVersion.valid_from <= begun_by))
    return {code: periods(list(group)) for code, group in groupby(rows, key=lambda row: row.zone_code)}


def periods(rows: Sequence[ZoneVersion]) -> list[Period]:
    """When each of one zone's versions is in force: from its own date until a later version begins, or it ends itself.

    rows: all versions of one zone, in order. The later version wins from its date on, so a version that was to begin
    after a later one's date never does. An end (a retired version) is in force as little.
    """
    found: list[Period] = []
    next_begins: datetime | None = None
    for row in reversed(rows):
        ends = min((end for end in (row.valid_until, next_begins) if end is not None), default=None)
        never = row.retired or (ends is not None and ends <= row.valid_from)
        found.append(Period(row, None if never else row.valid_from, None if never else ends))
        next_begins = row.valid_from if next_begins is None else min(next_begins, row.valid_from)
    return found[::-1]


def rule_of(period: Period) -> Rule:
    """What a version says, ready to be applied."""
    row = period.row
    assert period.begins is not None, "a version that is never in force is no rule"
    return Rule(
        zone=row.zone_code,
        version=row.version,
        kind=row.kind,
        name=row.name,
        name_en=row.name_en,
        place=Zone(shapely.from_wkb(row.wkb), row.buffer_m, season_of(row)),
        categories=frozenset(row.categories),
        effects=Effects.from_json(row.effects),
        begins=period.begins,
        ends=period.ends,
    )


def season_of(row: ZoneVersion) -> Season | None:
    """The season of a version; none: all the year."""
    return Season.read(row.season_from, row.season_to) if row.season_from and row.season_to else None
