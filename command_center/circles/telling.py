"""Who is inside and who is outside: the grids of a region held against the circles, with their workers.

A grid's state is judged by the circle of its *own* village's, town's or county's center; beside it stands whether any
center of that level reaches it. The three states are defined once, in `gis.reach.state_of`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.circles.centers import LEVELS, Place
from command_center.circles.work import Answer, Shares
from command_center.people.models import Role, User
from command_center.regions.models import Outline, Region
from command_center.regions.paths import contains, path_to_county, significant
from gis.metres import distance_m
from gis.reach import State, state_of

NOT_REACHED = (0.0, False)
BELOW = {"county": "town", "town": "village", "village": "village"}


class Held(NamedTuple):
    """How a grid lies to circles: the share of its area, its own point, and the state that follows from the share."""

    share: float
    point: bool
    state: State


@dataclass(frozen=True)
class Grid:
    """A grid of the map in force and who works there."""

    code: str
    name: str
    kind: str
    village: str
    town: str
    lon: float
    lat: float
    workers: tuple[str, ...]

    def center_of(self, level: str) -> str:
        return str(getattr(path_to_county(self.code), level))


class Holding:
    """An answer turned over: asked for a grid, not for a circle."""

    def __init__(self, answer: Answer) -> None:
        self._own: dict[str, Shares] = defaultdict(dict)
        self._anybody = answer.anybody
        for circle in answer.circles:
            prefix = significant(circle.code)
            self._own[circle.level].update(
                {code: share for code, share in circle.grids.items() if code.startswith(prefix)}
            )

    def own(self, code: str, level: str) -> Held:
        """How a grid lies to the circle of its own center of this level."""
        return _held(self._own.get(level, {}), code)

    def anybody(self, code: str, level: str) -> Held:
        """How it lies to all circles of this level together."""
        return _held(self._anybody.get(level, {}), code)

    def figures(self, codes: Iterable[str], level: str) -> dict[str, Any]:
        """Count grids: by state, those whose point lies outside, and those out of every center's reach."""
        own: Counter[str] = Counter()
        points = elsewhere = nobody = 0
        for code in codes:
            held = self.own(code, level)
            own[held.state] += 1
            points += not held.point
            if held.state == "outside":
                reached = self.anybody(code, level).state != "outside"
                elsewhere += reached
                nobody += not reached
        return {
            "grids": own.total(),
            "inside": own["inside"],
            "partly": own["partly"],
            "outside": own["outside"],
            "point_outside": points,
            "reached_by_another": elsewhere,
            "reached_by_nobody": nobody,
        }


def _held(shares: Mapping[str, tuple[float, bool]], code: str) -> Held:
    share, point = shares.get(code, NOT_REACHED)
    return Held(share, point, state_of(share))


def grids_of(session: Session, region: str) -> list[Grid]:
    """The grids of the map in force below a region, by code, with the names of those who work there."""
    below = Region.code.startswith(significant(region), autoescape=True)
    rows = session.scalars(
        select(Region)
        .join(Outline, Outline.region_code == Region.code)
        .where(Region.level == "grid", below, Region.lon.is_not(None))
        .order_by(Region.code)
    ).all()
    above = select(Region.code, Region.name).where(Region.level.in_(("town", "village")))
    names: dict[str, str] = {row.code: row.name for row in session.execute(above)}
    workers = workers_of(session, region)
    return [
        Grid(
            code=row.code,
            name=row.name,
            kind=row.kind or "",
            village=names.get(row.code[:12], ""),
            town=names.get(row.code[:9] + "000", ""),
            lon=row.lon or 0.0,
            lat=row.lat or 0.0,
            workers=tuple(workers.get(row.code, ())),
        )
        for row in rows
    ]


def workers_of(session: Session, region: str) -> dict[str, list[str]]:
    """Names of the active grid workers below a region, by grid."""
    found: dict[str, list[str]] = defaultdict(list)
    rows = session.execute(
        select(User.region_code, User.name)
        .where(
            User.role == Role.GRID_WORKER,
            User.active.is_(True),
            User.region_code.startswith(significant(region), autoescape=True),
        )
        .order_by(User.region_code, User.name)
    )
    for code, name in rows:
        found[code].append(name)
    return found


def totals(holding: Holding, grids: Sequence[Grid], region: str, level_of_region: str) -> list[dict[str, Any]]:
    """The figures of each region directly below, for every level of centers."""
    below = BELOW[level_of_region]
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for grid in grids:
        groups[grid.center_of(below), grid.town if below == "town" else grid.village].append(grid.code)
    return [
        {"code": code, "name": name, **{level: holding.figures(codes, level) for level in LEVELS}}
        for (code, name), codes in sorted(groups.items())
    ]


def circles_of(answer: Answer, places: Sequence[Place], region: str, level: str) -> list[tuple[Any, Place]]:
    """The circles of one level that concern a region: of centers below it, and of the one above it."""
    known = {place.code: place for place in places}
    return [
        (circle, known[circle.code])
        for circle in answer.circles
        if circle.level == level
        and circle.code in known
        and (contains(region, circle.code) or contains(circle.code, region))
    ]


def listed(
    holding: Holding, grids: Iterable[Grid], places: Sequence[Place], level: str, states: Iterable[str]
) -> list[dict[str, Any]]:
    """One line for each grid in one of these states, by code, as the table and the exports show it."""
    centers = {place.code: place for place in places}
    wanted = set(states)
    lines = []
    for grid in grids:
        own, anybody = holding.own(grid.code, level), holding.anybody(grid.code, level)
        place = centers.get(grid.center_of(level))
        if own.state not in wanted or place is None:
            continue
        lines.append(
            {
                "code": grid.code,
                "name": grid.name,
                "kind": grid.kind,
                "village": {"code": grid.code[:12], "name": grid.village},
                "town": {"code": grid.code[:9] + "000", "name": grid.town},
                "center": {"code": place.code, "name": place.name, "assumed": place.assumed},
                "state": own.state,
                "share": own.share,
                "point": own.point,
                "reached_by_another": anybody.state != "outside" and own.state == "outside",
                "distance_m": round(distance_m(grid.lon, grid.lat, place.lon, place.lat)),
                "workers": list(grid.workers),
            }
        )
    return lines
