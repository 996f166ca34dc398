"""The surroundings of the schools as one rule zone, made from the school grids of the map."""

import json
from typing import Any

import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.errors import NotReady
from command_center.regions.models import Outline, Region
from command_center.zones.rules import Kind

SCHOOL = "school"
DECIMETRE = 1e-6


def document(session: Session, preset: dict[str, Any]) -> dict[str, Any]:
    """The document of a zone around all school grids, with the preset of its kind. Raises: NotReady without schools."""
    rows = session.execute(
        select(Outline.wkb, Region.synthetic)
        .join(Region, Region.code == Outline.region_code)
        .where(Region.kind == SCHOOL, Region.level == "grid", Region.retired_at.is_(None))
        .order_by(Region.code)
    ).all()
    if not rows:
        raise NotReady(what="school grids")
    shape = shapely.union_all([shapely.from_wkb(row.wkb) for row in rows])
    return preset | {
        "kind": str(Kind.SCHOOL),
        "name": "学校周边",
        "name_en": "School surroundings",
        "geometry": json.loads(shapely.to_geojson(shapely.set_precision(shape, DECIMETRE))),
        "source": f"{len(rows)} 个学校网格 · {len(rows)} school grids",
        "synthetic": any(row.synthetic for row in rows),
    }
