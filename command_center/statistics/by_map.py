"""The figures told by an edition of the map, whichever edition the tickets were placed in.

A ticket's figures stand in the rollups of the grid it has. Told by another edition, only the tickets that lie in
another grid there are counted elsewhere: they are found by their points, kept in `ticket_places`, and moved from one
row to the other when figures are asked for. What a rate is stays defined in `rates` and `facts`; the county's total is
the same whichever map tells it.
"""

import math
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, bindparam, delete, func, insert, or_, select
from sqlalchemy.orm import Session

from command_center.database import Sessions, insert_or_ignore, table_of
from command_center.errors import EditionNotFound, MapFiguresBusy, UnknownRegion
from command_center.events.models import Published, TicketEvent
from command_center.regions import editions
from command_center.regions.models import MapEdition, RegionVersion
from command_center.regions.paths import path_to_county, significant
from command_center.statistics.facts import Cell, Regions, entries, regions
from command_center.statistics.models import MapPlacing, StatisticsCursor, TicketFact, TicketPlace
from command_center.tickets.models import Ticket
from command_center.tickets.placing import CHOSEN
from gis.bulk import DRIFT_M
from gis.errors import GisError
from gis.grid_index import GridIndex

BATCH = 2000
AT_ONCE = 500
"""Tickets that are counted before others in the server have their turn: some 20 ms of computing."""
PATIENCE = 10.0
"""Seconds to wait for others who have figures told by a map, or an index of one built."""
KEPT = 2
"""Indexes of other editions than the one in force that a process keeps: some tens of MB each."""
MOVES = ("report", "relocate")
Group = tuple[Any, ...]
UPWARDS = ("grid", "village", "town", "county")


class Place(NamedTuple):
    """Where a point lies on an edition: codes, and how that was found. `distance_m`: metres, 0 inside."""

    grid: str
    base_grid: str | None
    placed: str
    distance_m: float


Beside = Callable[[Callable[[], GridIndex]], GridIndex]


def at_once(work: Callable[[], GridIndex]) -> GridIndex:
    """Work where one stands: right for a command, and in a server without gevent."""
    return work()


class Indexes:
    """Indexes of editions, built when they are asked for; the latest KEPT stay."""

    def __init__(self) -> None:
        self._built: OrderedDict[int, GridIndex] = OrderedDict()
        self._building = threading.Lock()
        self._telling = threading.Lock()

    def of(self, sessions: Sessions, version: int, beside: Beside = at_once) -> GridIndex:
        """Find or build the index of an edition; building computes for a second, and is left to `beside`.

        Raises: EditionNotFound, MapFiguresBusy.
        """
        with _in_turn(self._building):
            if version not in self._built:
                with sessions.read() as session:
                    rows = editions.boundaries(session, version)
                self._built[version] = beside(lambda: _index(rows))
            self._built.move_to_end(version)
            while len(self._built) > KEPT:
                self._built.popitem(last=False)
            return self._built[version]

    def turn(self) -> AbstractContextManager[None]:
        """Have figures told by a map, one at a time in a process: they are added up here. Raises: MapFiguresBusy."""
        return _in_turn(self._telling)


@contextmanager
def _in_turn(lock: threading.Lock) -> Iterator[None]:
    if not lock.acquire(timeout=PATIENCE):
        raise MapFiguresBusy
    try:
        yield
    finally:
        lock.release()


def _index(rows: Iterable[editions.OutlineRow]) -> GridIndex:
    return GridIndex((row.code, row.kind, row.wkb) for row in rows if row.kind)


def behind(session: Session, version: int) -> int:
    """How many published events have not been looked at for an edition."""
    placing = session.get(MapPlacing, version)
    cursor = session.scalar(select(func.max(StatisticsCursor.seq))) or 0
    return cursor - (placing.seq if placing else 0)


def place(sessions: Sessions, version: int, grids: GridIndex, progress: Callable[[int], object] | None = None) -> int:
    """Find where the tickets lie on an edition, up to where the statistics have read. Resumable; each batch commits.

    Returns how many tickets were looked at.
    """
    looked = 0
    while True:
        with sessions.begin() as session:
            found, read = _place_some(session, version, grids)
        looked += found
        if progress is not None:
            progress(read)
        if not read:
            return looked
        time.sleep(0)  # in a server, others have their turn between the batches


def _place_some(session: Session, version: int, grids: GridIndex) -> tuple[int, int]:
    """Place one batch. Returns how many tickets, and how many events the cursor went on."""
    session.execute(insert_or_ignore(session, MapPlacing.__table__, {"edition": version, "seq": 0}))
    cursor = session.scalars(select(MapPlacing).where(MapPlacing.edition == version).with_for_update()).one()
    upto = session.scalar(select(func.max(StatisticsCursor.seq))) or 0
    rows = session.execute(
        select(
            Published.seq,
            TicketEvent.action,
            Ticket.id,
            Ticket.lon,
            Ticket.lat,
            Ticket.accuracy_m,
            Ticket.placed,
            TicketFact.grid_code,
        )
        .join(TicketEvent, TicketEvent.id == Published.event_id)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .join(TicketFact, TicketFact.ticket_id == Ticket.id)
        .where(Published.seq > cursor.seq, Published.seq <= upto, TicketEvent.action.in_(MOVES))
        .order_by(Published.seq)
        .limit(BATCH)
    ).all()
    before, cursor.seq = cursor.seq, rows[-1].seq if len(rows) == BATCH else upto
    if rows:
        _write(session, version, rows, grids)
    return len(rows), cursor.seq - before


def _write(session: Session, version: int, rows: Sequence[Any], grids: GridIndex) -> None:
    found = grids.place_many([row.lon for row in rows], [row.lat for row in rows], farthest_m=math.inf)
    table = table_of(TicketPlace)
    moved = [{"b_edition": version, "b_ticket": row.id} for row in rows if row.action != "report"]
    if moved:
        old = delete(table).where(table.c.edition == bindparam("b_edition"), table.c.ticket_id == bindparam("b_ticket"))
        session.connection().execute(old, moved)
    new: dict[int, dict[str, Any]] = {}
    for row, *told in zip(rows, found.grid, found.base_grid, found.placed, found.distance_m, strict=True):
        grid, base, placed, distance = told
        if grid != row.grid_code and not _still_chosen(row, grids):
            new[row.id] = {
                "edition": version,
                "ticket_id": row.id,
                "grid_code": grid,
                "base_grid_code": base or None,
                "placed": placed,
                "distance_m": float(distance),
            }
    if new:
        session.connection().execute(insert(table), list(new.values()))


def _still_chosen(row: Any, grids: GridIndex) -> bool:
    """Whether a person chose the ticket's grid, and it is one of those near on this edition, too."""
    if row.placed != CHOSEN:
        return False
    try:
        near = grids.candidates(row.lon, row.lat, (row.accuracy_m or 0.0) + DRIFT_M)
    except GisError:
        return False
    return any(one.grid == row.grid_code for one in near)


def where(ticket: Ticket, grids: GridIndex) -> Place:
    """Tell where one ticket lies on an edition: a grid that a person chose stays as long as it is near."""
    if _still_chosen(_Row(ticket.lon, ticket.lat, ticket.accuracy_m, ticket.placed, ticket.grid_code), grids):
        return Place(ticket.grid_code, ticket.base_grid_code, ticket.placed, ticket.distance_m)
    found = grids.place_many([ticket.lon], [ticket.lat], farthest_m=math.inf)
    return Place(found.grid[0], found.base_grid[0] or None, found.placed[0], float(found.distance_m[0]))


class _Row(NamedTuple):
    lon: float
    lat: float
    accuracy_m: float | None
    placed: str
    grid_code: str


class Named(NamedTuple):
    """A region of an edition."""

    code: str
    name: str
    kind: str | None
    parent_code: str | None


def of_level(session: Session, version: int, level: str, within: str) -> list[Named]:
    """The regions of a level inside another, as an edition has them, by code."""
    columns = (RegionVersion.code, RegionVersion.name, RegionVersion.kind, RegionVersion.parent_code)
    rows = (
        select(*columns)
        .where(RegionVersion.level == level, RegionVersion.code.startswith(significant(within)), *_on(version))
        .order_by(RegionVersion.code)
    )
    return [Named(*row) for row in session.execute(rows)]


def names(session: Session, version: int, codes: Iterable[str | None]) -> dict[str, dict[str, Any]]:
    """`{code, name}` of regions as an edition calls them, by code."""
    wanted = {code for code in codes if code}
    rows = select(RegionVersion.code, RegionVersion.name).where(RegionVersion.code.in_(wanted), *_on(version))
    return {code: {"code": code, "name": name} for code, name in session.execute(rows)}


def check(session: Session, version: int, region: str) -> MapEdition:
    """Find an edition that has this region. Raises: EditionNotFound, UnknownRegion."""
    edition = editions.edition(session, version)
    if edition.withdrawn_at is not None:
        raise EditionNotFound(version=version)
    if session.scalar(select(RegionVersion.code).where(RegionVersion.code == region, *_on(version))) is None:
        raise UnknownRegion(region=region, field="region")
    return edition


def _on(version: int) -> tuple[ColumnElement[bool], ...]:
    return RegionVersion.since <= version, or_(RegionVersion.until.is_(None), RegionVersion.until > version)


def moved(
    session: Session,
    version: int,
    region: str,
    level: str,
    days: tuple[date, date],
    wanted: Callable[[tuple[str, str]], bool],
    grouped: Callable[[Cell], Group],
) -> dict[Group, Counter[str]]:
    """What must be added to the figures of a level's regions, in a region and on days from first to last, so that they
    tell by the edition.

    wanted: which dimensions and keys are asked for; grouped: by what the rows are added up.
    """
    inside, at = significant(region), UPWARDS.index(level)
    found: dict[Group, Counter[str]] = {}
    # Plain rows, which have all that a fact has: objects would cost three times as much.
    rows: Any = (
        select(*table_of(TicketFact).columns, TicketPlace.grid_code.label("grid_there"))
        .join(TicketPlace, TicketPlace.ticket_id == TicketFact.ticket_id)
        .where(
            TicketPlace.edition == version,
            TicketFact.day.between(*days),
            getattr(TicketFact, f"{level}_code") != _above(TicketPlace.grid_code, level),
            or_(TicketFact.grid_code.startswith(inside), TicketPlace.grid_code.startswith(inside)),
        )
        .execution_options(yield_per=AT_ONCE)
    )
    fact: Any
    for number, fact in enumerate(session.execute(rows), 1):
        if number % AT_ONCE == 0:
            time.sleep(0)
        here, there = regions(fact)[at], regions_of(fact.grid_there)[at]
        for key, counts in entries(fact).items():
            if not wanted(key):
                continue
            for code, sign in ((here, -1), (there, 1)):
                if code.startswith(inside):
                    tally = found.setdefault(grouped(Cell(code, *key, fact.day)), Counter())
                    for measure, count in counts.items():
                        if count:
                            tally[measure] += sign * count
    return found


def _above(grid: Any, level: str) -> Any:
    """A column of grids' codes, cut to their towns or villages as `regions_of` does it."""
    return {"village": func.substr(grid, 1, 12), "town": func.substr(grid, 1, 9, type_=String) + "000"}.get(level, grid)


def regions_of(grid: str) -> Regions:
    """The four regions of a grid: its code says them."""
    path = path_to_county(grid)
    return path.grid, path.village, path.town, path.county


def told_by(session: Session) -> list[dict[str, Any]]:
    """The editions that figures can be told by, the newest first."""
    now = editions.version_in_force(session)
    rows: Sequence[MapEdition] = editions.editions(session)
    return [
        {"version": row.version, "name": row.name, "effective_at": row.effective_at.isoformat(), "state": state}
        for row in rows
        if (state := editions.state(row, now)) != "withdrawn"
    ]
