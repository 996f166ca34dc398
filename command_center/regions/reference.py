"""Put the county's places and outlines into the database, and read them back for the map's index."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from command_center.errors import UnknownRegion
from command_center.regions.models import Outline, Region
from command_center.regions.paths import LEVELS


class OutlineRow(NamedTuple):
    """What the map's index and its layers are built from. `wkb`: lon/lat degrees, WGS 84."""

    code: str
    name: str
    level: str
    kind: str | None
    parent_code: str | None
    synthetic: bool
    wkb: bytes


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


def load(session: Session, boundaries: Iterable[Boundary]) -> dict[str, int]:
    """Store regions and outlines, parents first; existing ones are updated. Returns how many of each level."""
    counts = dict.fromkeys(LEVELS, 0)
    for boundary in sorted(boundaries, key=lambda b: (LEVELS.index(b.level), b.code)):
        point = boundary.geometry.representative_point()
        session.merge(
            Region(
                code=boundary.code,
                name=boundary.name,
                level=boundary.level,
                kind=boundary.kind,
                parent_code=boundary.parent_code,
                lon=point.x,
                lat=point.y,
                synthetic=boundary.synthetic,
            )
        )
        session.merge(Outline(region_code=boundary.code, wkb=boundary.geometry.wkb))
        counts[boundary.level] += 1
    session.flush()
    return counts


def outlines(session: Session) -> Sequence[OutlineRow]:
    """Read all regions with their outlines, lowest code first."""
    rows = session.execute(
        select(
            Region.code,
            Region.name,
            Region.level,
            Region.kind,
            Region.parent_code,
            Region.synthetic,
            Outline.wkb,
        )
        .join(Outline, Outline.region_code == Region.code)
        .order_by(Region.code)
    )
    return [OutlineRow(*row) for row in rows]


def children(session: Session, code: str) -> int:
    """Count the regions directly below this one."""
    return session.scalar(select(func.count()).select_from(Region).where(Region.parent_code == code)) or 0


def path(session: Session, region: Region) -> list[Region]:
    """List a region and its ancestors, the county first. Raises: UnknownRegion for a broken chain."""
    line = [region]
    while line[0].parent_code is not None:
        parent = session.get(Region, line[0].parent_code)
        if parent is None or len(line) > len(LEVELS):
            raise UnknownRegion(region=line[0].parent_code)
        line.insert(0, parent)
    return line
