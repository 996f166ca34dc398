"""The county as the simulation sees it: grids to report from, and the people whose turn it may be.

Read once; simulated people are the accounts of the reference data, so a demo account is used only where there is
no other (hotline, leader).
"""

from dataclasses import dataclass
from random import Random

import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.categories.models import Condition, Department
from command_center.errors import NotReady, UnknownRegion
from command_center.people.models import Role, User
from command_center.people.reference import demo_grid
from command_center.regions.models import Outline, Region
from command_center.simulation.matters import Matters
from command_center.tickets.actor import Actor
from command_center.tickets.office import Office, Placement
from command_center.tickets.standing import OFFICER_OF, Tier

WEIGHTS = {"urban": 5.0, "rural": 1.6, "school": 1.2, "enterprise": 1.0}
FIRST_VILLAGE_NUMBER = 200  # in a region's code, below it: a community
FIRST_TOWN_NUMBER = 100  # below it: a subdistrict
TRIES = 200


@dataclass(frozen=True)
class Spot:
    """A grid somebody may report from. `where`: urban, rural, school or enterprise."""

    code: str
    where: str
    shape: shapely.Geometry


@dataclass(frozen=True)
class Scene:
    """A point found for a report."""

    lon: float
    lat: float
    where: str
    placement: Placement


class World:
    """What does not change while the simulation runs. Raises: NotReady when the reference data is not loaded."""

    def __init__(self, session: Session, office: Office) -> None:
        self._office = office
        self.forbidden = _forbidden_grid(session)
        self._spots = _spots(session, self.forbidden)
        if not self._spots:
            raise NotReady(what="flask load-reference")
        self._weights = [WEIGHTS[spot.where] for spot in self._spots]
        self._where = {spot.code: spot.where for spot in self._spots}
        self.matters = Matters(set(session.scalars(select(Condition.code).where(Condition.active.is_(True)))))
        self.departments = list(
            session.scalars(select(Department.code).where(Department.active.is_(True)).order_by(Department.code))
        )
        towns = select(Region.code).where(Region.level == "town", Region.retired_at.is_(None))
        self.towns = list(session.scalars(towns.order_by(Region.code)))
        self._by_place: dict[tuple[str, str], Actor] = {}
        self._by_department: dict[str, Actor] = {}
        self._by_id: dict[int, Actor] = {}
        self._hire(session)

    def _hire(self, session: Session) -> None:
        """Take on everyone with an account; of several for one post the one that nobody can sign in with."""
        everyone = session.scalars(select(User).where(User.active.is_(True)).order_by(User.username)).all()
        for user in sorted(everyone, key=lambda user: user.password_hash is not None):
            actor = Actor.of(user)
            self._by_id[user.id] = actor
            if user.role == Role.DEPARTMENT_OFFICER and user.department_code is not None:
                self._by_department.setdefault(user.department_code, actor)
            else:
                self._by_place.setdefault((user.role, user.region_code), actor)

    def someone(self, role: Role, region: str) -> Actor | None:
        """Find who has this role for this region."""
        return self._by_place.get((str(role), region))

    def officer(self, tier: Tier, region: str) -> Actor | None:
        """Find the officer of a tier's center."""
        return self.someone(OFFICER_OF[tier], region)

    def desk(self, department: str | None) -> Actor | None:
        """Find the officer at a department's desk."""
        return self._by_department.get(department or "")

    def person(self, user_id: int | None) -> Actor | None:
        """Find somebody by the account's id."""
        return self._by_id.get(user_id or 0)

    def is_ours(self, grid: str, base_grid: str | None) -> bool:
        """Say whether simulated people may touch what lies in this grid: never the demo worker's."""
        return self.forbidden not in (grid, base_grid)

    def place(self, lon: float, lat: float) -> Placement:
        """Find where a point lies. lon, lat: degrees, WGS 84."""
        return self._office.grids.place(lon, lat)

    def scene(self, rng: Random) -> Scene:
        """Choose a place to report from: a random point of a random grid, built-up ones more often."""
        for _ in range(TRIES):
            spot = rng.choices(self._spots, self._weights)[0]
            lon, lat = _point_in(spot.shape, rng)
            placement = self._office.grids.place(lon, lat)
            if self.is_ours(placement.grid, placement.base_grid) and self.someone(Role.GRID_WORKER, placement.grid):
                return Scene(lon, lat, self._where[placement.grid], placement)
        raise NotReady(what="flask load-reference")


def _forbidden_grid(session: Session) -> str | None:
    try:
        return demo_grid(session).code
    except UnknownRegion:
        return None


def _spots(session: Session, forbidden: str | None) -> list[Spot]:
    rows = session.execute(
        select(Region.code, Region.kind, Outline.wkb)
        .join(Outline, Outline.region_code == Region.code)
        .where(Region.level == "grid")
        .order_by(Region.code)
    ).all()
    spots = [
        Spot(row.code, _where(row.code, row.kind), shapely.from_wkb(row.wkb)) for row in rows if row.code != forbidden
    ]
    shapely.prepare([spot.shape for spot in spots])
    return spots


def _where(code: str, kind: str) -> str:
    if kind in ("school", "enterprise"):
        return kind
    is_urban = int(code[6:9]) < FIRST_TOWN_NUMBER or int(code[9:12]) < FIRST_VILLAGE_NUMBER
    return "urban" if is_urban else "rural"


def _point_in(shape: shapely.Geometry, rng: Random) -> tuple[float, float]:
    """Draw a point, to six decimals of a degree (a decimetre), evenly over the outline."""
    west, south, east, north = shape.bounds
    for _ in range(TRIES):
        lon, lat = round(rng.uniform(west, east), 6), round(rng.uniform(south, north), 6)
        if shapely.contains_xy(shape, lon, lat):
            return lon, lat
    inner = shape.representative_point()
    return inner.x, inner.y
