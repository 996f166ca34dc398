"""Rule zones, as they are in force or were at a time. What a rule does is for those who may read rules, not for all.

A version that is still to begin is for those who may read rules as well: it is not shown, and ends nothing yet.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import shapely
from sqlalchemy.orm import Session

from command_center.tickets.describe import moment
from command_center.zones import queries
from command_center.zones.queries import Period
from mobile_api.ogc.features import Feature, Page
from mobile_api.ogc.paging import cut
from mobile_api.ogc.query import Query

FILTERS = ("code", "level", "kind", "parent_code")
LEVEL = "zone"
Key = tuple[str, int]
"""code and version"""


@dataclass(frozen=True)
class Zones:
    """There are a thousand at most: all are read, and a page is cut out."""

    def page(self, session: Session, query: Query, now: datetime) -> Page:
        """One page, by code."""
        found = {
            (one.row.zone_code, one.row.version): feature
            for one in self._all(session, now)
            if _during(one, query, now) and _says(feature := _feature(one, now), query)
        }
        if query.boxes and found:
            shapes = [feature.geometry for feature in found.values()]
            frames = [shapely.box(*box) for box in query.boxes]
            hit = np.any([shapely.intersects(frame, shapes) for frame in frames], axis=0)
            found = {key: feature for (key, feature), meets in zip(found.items(), hit, strict=True) if meets}
        shown, last, first = cut(list(found), query, _read)
        return Page([found[key] for key in shown], len(found), _spelt(last), _spelt(first))

    def one(self, session: Session, fid: str, now: datetime) -> Feature | None:
        """A zone by its code, as it is in force or was last; or one of its versions as `code.version`."""
        code, version = _read(fid)
        found = [one for one in self._all(session, now) if one.row.zone_code == code]
        if version != LATEST:
            return next((_feature(one, now) for one in found if one.row.version == version), None)
        best = next((one for one in found if one.holds(now)), found[-1] if found else None)
        return _feature(best, now) if best else None

    def stamp(self, session: Session) -> None:
        """None: a zone begins and ends by its dates, so an answer cannot be known to be the same."""

    def extent(self, session: Session, now: datetime) -> tuple[float, float, float, float] | None:
        shapes = [shapely.from_wkb(one.row.wkb) for one in self._all(session, now)]
        return tuple(shapely.total_bounds(shapes).tolist()) if shapes else None

    def begins(self, session: Session, now: datetime) -> datetime | None:
        return min((one.begins for one in self._all(session, now) if one.begins), default=None)

    def _all(self, session: Session, now: datetime) -> list[Period]:
        periods = queries.all_periods(session, now)
        return [one for code in sorted(periods) for one in periods[code] if one.begins is not None]


LATEST = 2**30
"""The version of a code that is given without one."""


def _spelt(key: Key | None) -> str | None:
    return f"{key[0]}.{key[1]}" if key else None


def _read(fid: str) -> Key:
    code, _, version = fid.partition(".")
    return code[:16], int(version) if version.isascii() and version.isdigit() and len(version) < 9 else LATEST


def _during(one: Period, query: Query, now: datetime) -> bool:
    if query.period is None:
        return one.holds(now)
    assert one.begins is not None
    begun = query.period.ends is None or one.begins <= query.period.ends
    return begun and (query.period.begins is None or one.ends is None or one.ends > query.period.begins)


def _says(feature: Feature, query: Query) -> bool:
    return all(feature.properties[name] == value for name, value in query.equals)


def _feature(one: Period, now: datetime) -> Feature:
    row = one.row
    return Feature(
        row.zone_code if one.holds(now) else f"{row.zone_code}.{row.version}",
        shapely.from_wkb(row.wkb),
        {
            "code": row.zone_code,
            "name": row.name,
            "name_en": row.name_en,
            "level": LEVEL,
            "kind": row.kind,
            "parent_code": None,
            "version": row.version,
            "buffer_m": row.buffer_m,
            "season_from": row.season_from,
            "season_to": row.season_to,
            "source": row.source,
            "synthetic": row.synthetic,
            "valid_from": moment(one.begins),
            "valid_to": moment(one.ends),
        },
    )
