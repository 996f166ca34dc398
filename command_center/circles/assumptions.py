"""What the circles assume: minutes, speeds, detour. Data with a history; the first edition is the file's."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.circles.errors import AssumptionsStale, AssumptionsWrong
from command_center.circles.models import CircleAssumptions

Minutes = Annotated[float, Field(gt=0, le=120)]


class OfLevels(BaseModel):
    """Minutes around a center of each level."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    county: Minutes
    town: Minutes
    village: Minutes


class Assumptions(BaseModel):
    """One edition. Their meaning: data/circles/README.md."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    minutes: OfLevels
    kmh: Annotated[float, Field(ge=1, le=150)]
    detour: Annotated[float, Field(ge=1, le=5)]
    off_road_kmh: Annotated[float, Field(ge=1, le=30)]
    beside_m: Annotated[float, Field(ge=10, le=2000)]
    fill_km2: Annotated[float, Field(ge=0, le=25)]
    use_roads: bool


class Edition(NamedTuple):
    """An edition with its number; 0 is the file's."""

    version: int
    assumptions: Assumptions


def newest(session: Session, data: Path) -> Edition:
    """Read the edition that counts."""
    row = session.scalars(select(CircleAssumptions).order_by(CircleAssumptions.version.desc()).limit(1)).first()
    if row is not None:
        return Edition(row.version, Assumptions.model_validate(row.document))
    path = data / "circles" / "assumptions.json"
    return Edition(0, Assumptions.model_validate(json.loads(path.read_text("utf-8"))))


def history(session: Session) -> list[CircleAssumptions]:
    """The stored editions, the newest first; a hundred at most."""
    return list(session.scalars(select(CircleAssumptions).order_by(CircleAssumptions.version.desc()).limit(100)))


def store(
    session: Session, data: Path, document: dict[str, Any], *, note: str, by: str, based_on: int, now: datetime
) -> Edition:
    """Store the next edition. Raises: AssumptionsWrong, AssumptionsStale."""
    try:
        checked = Assumptions.model_validate(document)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise AssumptionsWrong(reason=f"{field}: {first['msg']}", field=field) from wrong
    present = newest(session, data).version
    if based_on != present:
        raise AssumptionsStale(version=present)
    session.add(
        CircleAssumptions(
            version=present + 1, document=checked.model_dump(), note=note[:500], created_at=now, created_by=by
        )
    )
    session.flush()
    return Edition(present + 1, checked)
