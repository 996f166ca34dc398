"""Put the county that comes with the program into the database, and read regions back."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from command_center.errors import MapUnchanged, UnknownRegion
from command_center.regions import editions
from command_center.regions.editions import REFERENCE, About, Boundary, OutlineRow
from command_center.regions.models import Region
from command_center.regions.paths import LEVELS

__all__ = ["Boundary", "OutlineRow", "children", "load", "outlines", "path"]
OWN = "edition of the map: the county's own, kept"


def load(session: Session, boundaries: Iterable[Boundary], now: datetime) -> dict[str, int]:
    """Store the shipped outlines as edition 1, or as the next one if they changed since; at once.

    A map that the county brought in itself is never overwritten: then nothing is stored, and `OWN` says which edition
    it is. Returns how many regions of each level the map has, and the number of the edition made.
    """
    last = editions.newest(session)
    if last is not None and last.source != REFERENCE:
        return {level: last.counts.get(level, 0) for level in LEVELS} | {OWN: last.version}
    about = About(name="随程序提供的界线", source=REFERENCE)
    try:
        made = editions.store(session, boundaries, about, now)
    except MapUnchanged:
        assert last is not None
        return {level: last.counts.get(level, 0) for level in LEVELS}
    return {level: made.counts.get(level, 0) for level in LEVELS} | {"edition of the map": made.version}


def outlines(session: Session) -> Sequence[OutlineRow]:
    """Read the regions of the map in force with their outlines, lowest code first."""
    return editions.boundaries(session)


def children(session: Session, code: str) -> int:
    """Count the regions directly below this one on the map in force."""
    below = (Region.parent_code == code, Region.retired_at.is_(None))
    return session.scalar(select(func.count()).select_from(Region).where(*below)) or 0


def path(session: Session, region: Region) -> list[Region]:
    """List a region and its ancestors, the county first. Raises: UnknownRegion for a broken chain."""
    line = [region]
    while line[0].parent_code is not None:
        parent = session.get(Region, line[0].parent_code)
        if parent is None or len(line) > len(LEVELS):
            raise UnknownRegion(region=line[0].parent_code)
        line.insert(0, parent)
    return line
