"""Counties, towns, villages and grids in full detail: as they are in force, or as they were at a time.

An edition of the map that waits for its time is for those who prepare it: it is not shown, and ends nothing yet.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from command_center.regions.editions import in_force, version_in_force
from command_center.regions.models import MapEdition, RegionVersion
from command_center.tickets.describe import moment
from mobile_api.ogc.features import Feature, Page
from mobile_api.ogc.paging import cut
from mobile_api.ogc.query import Box, Period, Query

FILTERS = ("code", "level", "kind", "parent_code", "source_code")
LOOKED_UP_AT_ONCE = 500
_since, _until = aliased(MapEdition), aliased(MapEdition)
BEGINS, ENDS = _since.entered_at, _until.entered_at
Versions = TypeVar("Versions", bound=Select[*tuple[Any, ...]])
Key = tuple[str, int]
"""code and first edition: names one version of a region, for good"""


@dataclass(frozen=True)
class Regions:
    """The regions of one level. `bounds`: what is known of where versions lie; shared, and only ever added to."""

    level: str
    bounds: dict[Key, tuple[float, float, float, float]]

    def page(self, session: Session, query: Query, now: datetime) -> Page:
        """One page, by code."""
        newest = version_in_force(session)
        keys = self._keys(session, query, newest)
        if query.boxes:
            keys = self._inside(session, keys, query.boxes)
        shown, last, first = cut(keys, query, _read)
        return Page(self._features(session, shown, newest), len(keys), _spelt(last), _spelt(first))

    def one(self, session: Session, fid: str, now: datetime) -> Feature | None:
        """A region by its code, as it is in force or was last; or one of its versions as `code.edition`."""
        newest = version_in_force(session)
        code, since = _read(fid)
        if since == LATEST:
            known = select(func.max(RegionVersion.since)).where(RegionVersion.code == code)
            since = session.scalar(known.where(RegionVersion.since <= newest)) or 0
        found = self._features(session, [(code, since)], newest)
        return found[0] if found and found[0].properties["level"] == self.level else None

    def stamp(self, session: Session) -> str:
        """Changes whenever an answer could, another map under the same number included."""
        made = in_force(session)
        return f"{made.version} {made.created_at} {made.entered_at} {made.sha256}" if made else "none"

    def extent(self, session: Session, now: datetime) -> tuple[float, float, float, float]:
        newest = version_in_force(session)
        keys = self._keys(session, Query(), newest)
        boxes = self._boxes(session, keys)
        return (*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist()) if keys else (0.0,) * 4

    def begins(self, session: Session, now: datetime) -> datetime | None:
        """When the first edition took effect."""
        return session.scalar(select(func.min(MapEdition.entered_at)))

    def _keys(self, session: Session, query: Query, newest: int) -> list[Key]:
        wanted = select(RegionVersion.code, RegionVersion.since).where(RegionVersion.level == self.level)
        for name, value in query.equals:
            wanted = wanted.where(getattr(RegionVersion, name) == value)
        if query.period is None:
            wanted = wanted.where(_valid(newest))
        else:
            wanted = _timed(wanted).where(*_during(query.period))
        found = session.execute(wanted.order_by(RegionVersion.code, RegionVersion.since))
        return [(code, since) for code, since in found]

    def _inside(self, session: Session, keys: Sequence[Key], boxes: Iterable[Box]) -> list[Key]:
        """The keys of what meets any of the boxes: by their bounds, and only where these cross it by their outlines."""
        known = self._boxes(session, keys)
        hit = np.zeros(len(keys), dtype=bool)
        for west, south, east, north in boxes:
            meets = (known[:, 0] <= east) & (known[:, 2] >= west) & (known[:, 1] <= north) & (known[:, 3] >= south)
            within = (known[:, 0] >= west) & (known[:, 2] <= east) & (known[:, 1] >= south) & (known[:, 3] <= north)
            doubtful = np.flatnonzero(meets & ~within & ~hit)
            frame = shapely.box(west, south, east, north)
            shapely.prepare(frame)
            for start in range(0, len(doubtful), LOOKED_UP_AT_ONCE):
                some = doubtful[start : start + LOOKED_UP_AT_ONCE].tolist()
                rows = _rows(session, [keys[n] for n in some])
                shapes = shapely.from_wkb([rows[keys[n]].wkb for n in some])
                hit[some] |= shapely.intersects(frame, shapes)
            hit |= within
        return [key for key, meets in zip(keys, hit.tolist(), strict=True) if meets]

    def _boxes(self, session: Session, keys: Sequence[Key]) -> NDArray[np.float64]:
        """The bounds of versions, looked up once: a version never changes."""
        missing = [key for key in keys if key not in self.bounds]
        for start in range(0, len(missing), LOOKED_UP_AT_ONCE):
            rows = _rows(session, missing[start : start + LOOKED_UP_AT_ONCE])
            found = shapely.bounds(shapely.from_wkb([row.wkb for row in rows.values()])).tolist()
            self.bounds.update(zip(rows, map(tuple, found), strict=True))
        return np.array([self.bounds[key] for key in keys]).reshape(-1, 4)

    def _features(self, session: Session, keys: Sequence[Key], newest: int) -> list[Feature]:
        found: list[Feature] = []
        for start in range(0, len(keys), LOOKED_UP_AT_ONCE):
            some = keys[start : start + LOOKED_UP_AT_ONCE]
            rows = _rows(session, some)
            there = [rows[key] for key in some if key in rows]
            shapes = shapely.from_wkb([row.wkb for row in there])
            found += [_feature(row, shape, newest) for row, shape in zip(there, shapes, strict=True)]
        return found


LATEST = 2**30
"""The edition of a code that is given without one."""


def _spelt(key: Key | None) -> str | None:
    return f"{key[0]}.{key[1]}" if key else None


def _read(fid: str) -> Key:
    code, _, since = fid.partition(".")
    return code[:16], int(since) if since.isascii() and since.isdigit() and len(since) < 9 else LATEST


def _valid(version: int) -> ColumnElement[bool]:
    until = RegionVersion.until
    return and_(RegionVersion.since <= version, or_(until.is_(None), until > version))


def _during(period: Period) -> list[ColumnElement[bool]]:
    """In force at some moment of the period."""
    found: list[ColumnElement[bool]] = []
    if period.ends is not None:
        found.append(period.ends >= BEGINS)
    if period.begins is not None:
        found.append(or_(ENDS.is_(None), period.begins < ENDS))
    return found


def _timed(versions: Versions) -> Versions:
    """Join when versions began and ended: those of editions that entered, and no end by one that did not."""
    begun = versions.join(_since, and_(_since.version == RegionVersion.since, BEGINS.is_not(None)))
    return begun.outerjoin(_until, _until.version == RegionVersion.until)


def _rows(session: Session, keys: Sequence[Key]) -> dict[Key, Any]:
    """Versions with the times they began and ended, by key; only those that are there."""
    columns = [
        getattr(RegionVersion, name)
        for name in ("code", "since", "until", "name", "level", "kind", "parent_code", "source_code", "synthetic")
    ]
    rows = session.execute(
        _timed(select(*columns, RegionVersion.wkb, BEGINS.label("begins"), ENDS.label("ends"))).where(
            RegionVersion.code.in_({code for code, _ in keys})
        )
    )
    wanted = set(keys)
    return {(row.code, row.since): row for row in rows if (row.code, row.since) in wanted}


def _feature(row: Any, shape: shapely.Geometry, newest: int) -> Feature:
    is_in_force = row.since <= newest and (row.until is None or row.until > newest)
    return Feature(
        row.code if is_in_force else f"{row.code}.{row.since}",
        shape,
        {
            "code": row.code,
            "name": row.name,
            "level": row.level,
            "kind": row.kind,
            "parent_code": row.parent_code,
            "source_code": row.source_code,
            "synthetic": row.synthetic,
            "valid_from": moment(row.begins),
            "valid_to": moment(row.ends),
        },
    )
