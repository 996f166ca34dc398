"""What the circles depend on, and the key that stands for it: other inputs, other circles."""

import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from command_center.circles import assumptions, centers, roads
from command_center.circles.assumptions import Assumptions
from command_center.circles.centers import Place
from command_center.circles.models import RoadEdition
from command_center.circles.work import Spot, Work
from command_center.regions import editions, reference

# Raised when the way of computing changes, so that what was kept is computed anew.
METHOD = 1


class Inputs(NamedTuple):
    """The inputs in short. `roads`: the edition used, None: none, or not to be used."""

    key: str
    map_edition: int
    assumptions_version: int
    assumptions: Assumptions
    roads: RoadEdition | None
    places: list[Place]

    def told(self) -> dict[str, Any]:
        """The inputs as they are kept beside a result."""
        return {
            "map_edition": self.map_edition,
            "assumptions": self.assumptions_version,
            "roads": self.roads.version if self.roads else None,
            "centers": len(self.places),
            "centers_assumed": sum(place.assumed for place in self.places),
        }


def inputs(session: Session, data: Path) -> Inputs:
    """Look what holds now; cheap, for every question."""
    version, assumed = assumptions.newest(session, data)
    used = roads.newest(session) if assumed.use_roads else None
    found = centers.places(session)
    edition = editions.version_in_force(session)
    spelt = json.dumps(
        [METHOD, edition, assumed.model_dump(), used.version if used else None, [_spot(p).model_dump() for p in found]],
        sort_keys=True,
    )
    return Inputs(hashlib.sha256(spelt.encode()).hexdigest(), edition, version, assumed, used, found)


def work(session: Session, data: Path) -> Work:
    """Gather everything for the computing process; some megabytes."""
    told = inputs(session, data)
    lines = None
    if told.roads is not None:
        chosen = select(RoadEdition).where(RoadEdition.version == told.roads.version)
        lines = session.scalars(
            chosen.options(undefer(RoadEdition.lines)).execution_options(populate_existing=True)
        ).one()
    return Work(
        grids=[(row.code, row.wkb) for row in reference.outlines(session) if row.level == "grid"],
        spots=[_spot(place) for place in told.places],
        assumptions=told.assumptions,
        roads=lines.lines if lines else None,
    )


def _spot(place: Place) -> Spot:
    return Spot(code=place.code, level=place.level, lon=place.lon, lat=place.lat)
