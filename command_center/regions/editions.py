"""Editions of the map: stored whole, entered at their time, withdrawn before it, and told apart by their lineage.

`regions` and `outlines` hold the map in force. Each edition writes only what changed in it (`region_versions`: a row
is valid from the edition `since` up to the one before `until`), and what became of every region (`lineage`). A region
that leaves the map is retired: its row stays, because tickets and accounts go on naming it, and its code is never
given out again. Nothing commits: the caller holds the one transaction, so an edition is stored, or entered, as a whole
or not at all.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any, NamedTuple, Protocol

import numpy as np
import shapely
from sqlalchemy import ColumnElement, bindparam, delete, func, insert, or_, select, text, update
from sqlalchemy.orm import Session

from command_center.database import table_of
from command_center.errors import (
    BadEdition,
    EditionNotFound,
    EditionScheduled,
    Invalid,
    MapBusy,
    MapChanged,
    MapUnchanged,
)
from command_center.errors import EditionNotScheduled as NotScheduled
from command_center.regions.models import Lineage, MapEdition, Outline, Region, RegionVersion
from command_center.regions.paths import LEVELS, level_of
from gis.lineage import HOWS, Descent, Outlines, descents, heirs, same

REFERENCE = "load-reference"
"""The source of editions that came with the program; the county's own map takes their place for good."""
FIRST, MOST = 1, 2**31
FIRST_YEAR, MOST_AHEAD_YEARS = 2000, 10
MAP_LOCK = 0x6D617000
ROWS_AT_ONCE = 2000


class OutlineRow(NamedTuple):
    """A region of an edition. `wkb`: lon/lat degrees, WGS 84; lon, lat: a point inside."""

    code: str
    name: str
    level: str
    kind: str | None
    parent_code: str | None
    synthetic: bool
    wkb: bytes
    source_code: str | None = None
    lon: float | None = None
    lat: float | None = None


class Boundary(Protocol):
    """A place with its outline, as `gis.boundaries` reads it from a file."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def kind(self) -> str | None: ...
    @property
    def parent_code(self) -> str | None: ...
    @property
    def synthetic(self) -> bool: ...
    @property
    def geometry(self) -> Any: ...
    @property
    def source_code(self) -> str | None: ...


@dataclass(frozen=True)
class About:
    """What is said of an edition. effective_at: aware; none, or not after now: at once.

    based_on: the newest edition when it was checked; None: whatever is the newest.
    """

    name: str = ""
    source: str = ""
    sha256: str | None = None
    note: str = ""
    effective_at: datetime | None = None
    by_id: int | None = None
    based_on: int | None = None


@dataclass(frozen=True)
class Changes:
    """What a map would change of the newest one. The lists hold codes; `lineage` tells what became of each region.

    rows: the map itself; based_on: the edition that it was compared with, 0: there was none.
    """

    rows: list[OutlineRow]
    based_on: int
    lineage: list[Descent]
    added: list[str]
    ended: list[str]
    changed: list[str]
    redrawn: list[str]
    renamed: list[str]
    counts: dict[str, int]

    def __bool__(self) -> bool:
        return bool(self.added or self.ended or self.changed)


def newest(session: Session) -> MapEdition | None:
    """The edition stored last, which may still be scheduled."""
    alive = MapEdition.withdrawn_at.is_(None)
    return session.scalar(select(MapEdition).where(alive).order_by(MapEdition.version.desc()).limit(1))


def in_force(session: Session) -> MapEdition | None:
    """The edition that `regions` and `outlines` hold; None before any map was loaded."""
    entered = MapEdition.entered_at.is_not(None)
    return session.scalar(select(MapEdition).where(entered).order_by(MapEdition.version.desc()).limit(1))


def version_in_force(session: Session) -> int:
    """The number of the edition in force, 0 before any: one look at a small table."""
    entered = MapEdition.entered_at.is_not(None)
    return session.scalar(select(func.max(MapEdition.version)).where(entered)) or 0


def scheduled(session: Session) -> MapEdition | None:
    """The one edition that waits for its time."""
    return session.scalar(select(MapEdition).where(*_waiting()))


def require_none_scheduled(session: Session) -> None:
    """Only one edition may wait for its time. Raises: EditionScheduled."""
    waiting = scheduled(session)
    if waiting is not None:
        raise EditionScheduled(version=waiting.version, at=f"{waiting.effective_at:%Y-%m-%d %H:%M} UTC")


def beginning(day: date, zone: tzinfo, now: datetime) -> datetime:
    """The moment at which a map whose first day this is takes effect. Raises: Invalid: too far from now."""
    if not FIRST_YEAR <= day.year <= now.year + MOST_AHEAD_YEARS:
        raise Invalid(field="effective", reason=f"effective: within {MOST_AHEAD_YEARS} years")
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def _waiting() -> tuple[ColumnElement[bool], ...]:
    return MapEdition.entered_at.is_(None), MapEdition.withdrawn_at.is_(None)


def editions(session: Session) -> Sequence[MapEdition]:
    """All editions, the newest first, those withdrawn among them."""
    return session.scalars(select(MapEdition).order_by(MapEdition.version.desc())).all()


def edition(session: Session, version: int) -> MapEdition:
    """Raises: EditionNotFound."""
    found = session.get(MapEdition, version) if 0 < version < MOST else None
    if found is None:
        raise EditionNotFound(version=version)
    return found


def own_name(row: MapEdition) -> str:
    """An edition's name where it says more than its number, else none."""
    return "" if row.name == _plain_name(row.version) else row.name


def _plain_name(version: int) -> str:
    return f"第 {version} 版"


def state(row: MapEdition, now_in_force: int) -> str:
    """Say how an edition stands: in_force, scheduled, past or withdrawn."""
    if row.withdrawn_at is not None:
        return "withdrawn"
    if row.entered_at is None:
        return "scheduled"
    return "in_force" if row.version == now_in_force else "past"


def boundaries(session: Session, version: int | None = None) -> list[OutlineRow]:
    """Read the regions of an edition with their outlines, lowest code first; of the one in force when none is named.

    Raises: EditionNotFound, also for one that was withdrawn: nothing is kept of it.
    """
    if version is None:
        version = version_in_force(session)
    elif edition(session, version).withdrawn_at is not None:
        raise EditionNotFound(version=version)
    return _read(session, *valid_in(version))


def _read(session: Session, *which: ColumnElement[bool]) -> list[OutlineRow]:
    columns = [getattr(RegionVersion, name) for name in OutlineRow._fields]
    found = session.execute(select(*columns).where(*which).order_by(RegionVersion.code))
    return [OutlineRow(*row) for row in found]


def valid_in(version: int) -> tuple[ColumnElement[bool], ...]:
    """Filter `region_versions` to the regions of an edition."""
    until = RegionVersion.until
    return RegionVersion.since <= version, or_(until.is_(None), until > version)


def lineage(session: Session, version: int) -> list[Descent]:
    """What became of every region in an edition; of the first one nothing is told. Raises: EditionNotFound."""
    edition(session, version)
    row = Lineage
    lines: Any = select(row.old_code, row.new_code, row.how, row.share_of_old, row.share_of_new)
    return [Descent(*line) for line in session.execute(lines.where(row.edition == version).order_by(row.id))]


def ended(session: Session, version: int) -> list[str]:
    """The codes that left the map in an edition."""
    after = select(RegionVersion.code).where(*valid_in(version))
    last = select(RegionVersion.code).where(RegionVersion.until == version, RegionVersion.code.not_in(after))
    return sorted(session.scalars(last))


def successors(session: Session, version: int) -> dict[str, list[Descent]]:
    """Who has the land of the regions that left the map in an edition, the greatest part first."""
    return heirs(lineage(session, version), ended(session, version))


def successor(session: Session, code: str) -> str:
    """The region on the map in force that has most of a region's land; itself while it is on it, or has no heir."""
    passed: set[str] = set()
    region = session.get(Region, code)
    while region is not None and region.retired_at is not None and code not in passed:
        passed.add(code)
        heir = (Lineage.old_code == code, Lineage.new_code.is_not(None))
        latest = Lineage.edition.desc(), Lineage.share_of_old.desc(), Lineage.new_code
        code = session.scalar(select(Lineage.new_code).where(*heir).order_by(*latest).limit(1)) or code
        region = session.get(Region, code)
    return code


def used_codes(session: Session) -> frozenset[str]:
    """Every code that any region has or had: none of them is given to another."""
    return frozenset(session.scalars(select(Region.code).union(select(RegionVersion.code))))


def changes_of(session: Session, found: Iterable[Boundary], *, whole: bool = True) -> Changes:
    """Tell what a map would change of the newest edition; nothing is written. Not whole: what is not named stays.

    Takes its time with a large map: call it where nobody waits for the session's transaction.
    Raises: BadEdition when it is no map: a code twice, a parent that is missing, no grids.
    """
    last = newest(session)
    present = boundaries(session, last.version) if last else []
    rows = _rows(found)
    if not whole:
        named = {row.code for row in rows}
        rows += [row for row in present if row.code not in named]
    return _compare(last.version if last else 0, present, _sound(rows))


def store(
    session: Session, found: Iterable[Boundary] | Changes, about: About, now: datetime, *, whole: bool = True
) -> MapEdition:
    """Store an edition and let it take effect, at once or at its time. Not whole: what is not named stays.

    Given what `changes_of` told of a map, it compares nothing, so that whoever else wants to write hardly waits.
    An edition for a time that has passed takes effect now. Raises: BadEdition, EditionScheduled (another one waits),
    MapChanged (a newer one than `based_on` is there), MapUnchanged, MapBusy (somebody else stores one right now).
    """
    _lock(session)
    last = newest(session)
    present = last.version if last else 0
    require_none_scheduled(session)
    if about.based_on not in (None, present):
        raise MapChanged(version=present)
    changes = found if isinstance(found, Changes) else changes_of(session, found, whole=whole)
    if changes.based_on != present:
        raise MapChanged(version=present)
    if last is not None and not changes:
        raise MapUnchanged(version=last.version)
    version = (session.scalar(select(func.max(MapEdition.version))) or 0) + 1
    made = MapEdition(
        version=version,
        name=about.name.strip() or _plain_name(version),
        note=about.note,
        source=about.source,
        sha256=about.sha256,
        synthetic=any(row.synthetic for row in changes.rows),
        effective_at=max(about.effective_at or now, now),
        created_at=now,
        created_by_id=about.by_id,
        counts=changes.counts,
    )
    session.add(made)
    session.flush()
    _write(session, version, changes)
    if made.effective_at <= now:
        _enter(session, made, now)
    return made


def enter_due(session: Session, now: datetime) -> MapEdition | None:
    """Let the scheduled edition take effect if its time has come. Returns it, or None: there was nothing to do."""
    if scheduled_version(session, now) is None or not _try_lock(session):
        return None
    waiting = scheduled(session)
    if waiting is None or waiting.effective_at > now:
        return None
    _enter(session, waiting, now)
    return waiting


def scheduled_version(session: Session, now: datetime) -> int | None:
    """The number of the edition whose time has come and that has not been entered."""
    return session.scalar(select(MapEdition.version).where(*_waiting(), MapEdition.effective_at <= now))


def withdraw(session: Session, version: int, now: datetime) -> MapEdition:
    """Take a scheduled edition back; its number stays used, its outlines are forgotten.

    Raises: EditionNotFound, EditionNotScheduled, MapBusy.
    """
    _lock(session)
    row = edition(session, version)
    session.refresh(row)
    if row.entered_at is not None or row.withdrawn_at is not None:
        raise NotScheduled(version=version)
    session.execute(delete(Lineage).where(Lineage.edition == version))
    session.execute(delete(RegionVersion).where(RegionVersion.since == version))
    session.execute(update(RegionVersion).where(RegionVersion.until == version).values(until=None))
    row.withdrawn_at = now
    session.flush()
    return row


def _lock(session: Session) -> None:
    if not _try_lock(session):
        raise MapBusy


def _try_lock(session: Session) -> bool:
    """One at a time writes editions. On SQLite the transaction itself is the lock: there is one writer."""
    if session.get_bind().dialect.name == "sqlite":
        return True
    return bool(session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": MAP_LOCK}))


def _rows(found: Iterable[Boundary]) -> list[OutlineRow]:
    rows = []
    for boundary in found:
        point = boundary.geometry.representative_point()
        rows.append(
            OutlineRow(
                boundary.code,
                boundary.name,
                boundary.level,
                boundary.kind,
                boundary.parent_code,
                boundary.synthetic,
                boundary.geometry.wkb,
                boundary.source_code,
                point.x,
                point.y,
            )
        )
    return rows


def _sound(rows: list[OutlineRow]) -> list[OutlineRow]:
    """Sort by code what makes a map. Its shapes were checked when the file was read. Raises: BadEdition."""
    codes = Counter(row.code for row in rows)
    faults = [f"{code}: {count} times" for code, count in sorted(codes.items()) if count > 1]
    for row in rows:
        if row.level != "county" and row.parent_code not in codes:
            faults.append(f"{row.code}: no parent {row.parent_code}")
        if row.level != level_of(row.code):
            faults.append(f"{row.code}: not the code of a {row.level}")
    if not any(row.kind == "urban_rural" for row in rows):
        faults.append("no urban-rural grids")
    if faults:
        more = f" … ({len(faults)})" if len(faults) > 10 else ""
        raise BadEdition(faults="; ".join(faults[:10]) + more)
    return sorted(rows, key=lambda row: row.code)


def _compare(based_on: int, present: Sequence[OutlineRow], rows: list[OutlineRow]) -> Changes:
    was, now = {row.code: row for row in present}, {row.code: row for row in rows}
    lines = descents(_outlines(present), _outlines(rows)) if present else []
    both = [code for code in now if code in was]
    redrawn = _redrawn(was, now, both)
    said = [code for code in both if _said(now[code]) != _said(was[code])]
    renamed = [code for code in both if now[code].name != was[code].name]
    added, ended = sorted(now.keys() - was.keys()), sorted(was.keys() - now.keys())
    hows = Counter(line.how for line in lines)
    counts: dict[str, int] = {level: sum(row.level == level for row in rows) for level in LEVELS}
    counts |= {kind: count for kind, count in Counter(row.kind for row in rows).items() if kind}
    counts |= {how: hows[how] for how in HOWS if present}
    counts |= {"added": len(added), "ended": len(ended), "redrawn": len(redrawn), "renamed": len(renamed)}
    changed = sorted({*redrawn, *said})
    return Changes(rows, based_on, lines, added, ended, changed, redrawn, renamed, counts)


def _outlines(rows: Sequence[OutlineRow]) -> Outlines:
    return Outlines.of(rows, shapely.from_wkb([row.wkb for row in rows]))


def _said(row: OutlineRow) -> tuple[Any, ...]:
    """What a row says besides its outline."""
    return row.name, row.level, row.kind, row.parent_code, row.synthetic, row.source_code


def _redrawn(was: dict[str, OutlineRow], now: dict[str, OutlineRow], codes: Sequence[str]) -> list[str]:
    doubtful = [code for code in codes if was[code].wkb != now[code].wkb]
    if not doubtful:
        return []
    first, second = (np.array(shapely.from_wkb([m[code].wkb for code in doubtful]), dtype=object) for m in (was, now))
    return [code for code, equal in zip(doubtful, same(first, second), strict=True) if not equal]


def _write(session: Session, version: int, changes: Changes) -> None:
    """Write what changed: rows that end, rows that begin, and the lineage."""
    table = table_of(RegionVersion)
    end = update(table).where(table.c.until.is_(None)).values(until=version)
    _for_codes(session, end, table.c.code, [*changes.changed, *changes.ended])
    beginning = {*changes.changed, *changes.added}
    span = {"since": version, "until": None}
    _executemany(session, insert(table), [row._asdict() | span for row in changes.rows if row.code in beginning])
    names = ("old_code", "new_code", "how", "share_of_old", "share_of_new")
    lines = [{"edition": version, **dict(zip(names, line, strict=True))} for line in changes.lineage]
    _executemany(session, insert(table_of(Lineage)), lines)


def _enter(session: Session, row: MapEdition, now: datetime) -> None:
    """Make the edition the map in force: rows that changed, parents first; what left is retired."""
    begun = sorted(
        _read(session, RegionVersion.since == row.version), key=lambda one: (LEVELS.index(one.level), one.code)
    )
    there = dict(session.execute(select(Region.code, Region.retired_at)).all())
    region, outline = table_of(Region), table_of(Outline)
    said = [{name: value for name, value in one._asdict().items() if name not in ("code", "wkb")} for one in begun]
    pairs = list(zip(begun, said, strict=True))
    _executemany(session, insert(region), [{"code": one.code} | of for one, of in pairs if one.code not in there])
    same_code = update(region).where(region.c.code == bindparam("b_code"))
    if pairs:
        again = same_code.values({name: bindparam(name) for name in said[0]} | {"retired_at": None})
        _executemany(session, again, [{"b_code": one.code} | of for one, of in pairs if one.code in there])
    gone = ended(session, row.version)
    _for_codes(session, update(region).values(retired_at=now), region.c.code, gone)
    back = [one.code for one in begun if there.get(one.code) is not None]
    _take_places(session, back, {code: str(lines[0].new) for code, lines in successors(session, row.version).items()})
    _for_codes(session, delete(outline), outline.c.region_code, [*gone, *(one.code for one in begun)])
    _executemany(session, insert(outline), [{"region_code": one.code, "wkb": one.wkb} for one in begun])
    row.entered_at = now
    if row.version == FIRST:
        row.finished_at = now
    session.flush()
    _forget_regions(session)


def _take_places(session: Session, back: Iterable[str], main: Mapping[str, str]) -> None:
    """Note whose places the regions have taken: closed tickets and old figures go on naming those.

    back: codes that are on the map again, and so nobody's predecessors; main: by code that ends, its main heir.
    """
    known = select(Region.code, Region.predecessors).where(Region.predecessors.is_not(None))
    was = {code: frozenset(those or ()) for code, those in session.execute(known)}
    now = dict(was)
    for code in back:
        again = now.get(code, frozenset()) | {code}
        now = {heir: those if heir == code else those - again for heir, those in now.items()}
    for code, heir in main.items():
        now[heir] = now.get(heir, frozenset()) | now.get(code, frozenset()) | {code}
    region = table_of(Region)
    noted = update(region).where(region.c.code == bindparam("b_code")).values(predecessors=bindparam("those"))
    changed = [code for code in sorted(now) if now[code] != was.get(code)]
    _executemany(session, noted, [{"b_code": code, "those": sorted(now[code]) or None} for code in changed])


def _forget_regions(session: Session) -> None:
    """Let the session read regions anew: they were written past its objects."""
    session.info.pop("regions", None)
    for loaded in list(session.identity_map.values()):
        if isinstance(loaded, (Region, Outline)):
            session.expire(loaded)


def _for_codes(session: Session, statement: Any, column: ColumnElement[str], codes: Sequence[str]) -> None:
    for start in range(0, len(codes), ROWS_AT_ONCE):
        session.connection().execute(statement.where(column.in_(codes[start : start + ROWS_AT_ONCE])))


def _executemany(session: Session, statement: Any, rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        session.connection().execute(statement, rows[start : start + ROWS_AT_ONCE])
