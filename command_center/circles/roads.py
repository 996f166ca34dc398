"""The road network's editions: the newest one counts."""

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from command_center.circles.models import RoadEdition
from command_center.regions.models import Region
from gis.road_files import RoadSurvey
from gis.roads import network, packed

MARGIN_DEGREES = 0.3


def newest(session: Session) -> RoadEdition | None:
    """The edition that counts, without its lines."""
    return session.scalars(select(RoadEdition).order_by(RoadEdition.version.desc()).limit(1)).first()


def around(session: Session) -> tuple[float, float, float, float] | None:
    """The box that roads must touch: the county and what lies some 25 to 30 km beyond it."""
    columns = (func.min(Region.lon), func.min(Region.lat), func.max(Region.lon), func.max(Region.lat))
    west, south, east, north = session.execute(select(*columns).where(Region.level == "grid")).one()
    if west is None or south is None or east is None or north is None:
        return None
    return west - MARGIN_DEGREES, south - MARGIN_DEGREES, east + MARGIN_DEGREES, north + MARGIN_DEGREES


def classes_file(data: Path) -> Path:
    return data / "circles" / "road_classes.csv"


def store(
    session: Session, survey: RoadSurvey, *, name: str, sha256: str, synthetic: bool, by: str, now: datetime
) -> RoadEdition:
    """Store the next edition. Raises: BadRoads when the roads make no network."""
    made = network(survey.roads)
    counts: dict[str, Any] = {
        **survey.counts,
        "stretches": len(made.lines),
        "crossings": len(made.points),
        "faults": len(survey.faults),
    }
    version = (session.scalar(select(func.max(RoadEdition.version))) or 0) + 1
    edition = RoadEdition(
        version=version,
        name=name[:200],
        sha256=sha256,
        synthetic=synthetic,
        counts=counts,
        lines=packed(survey.roads),
        created_at=now,
        created_by=by,
    )
    session.add(edition)
    session.flush()
    return edition
