"""Places: regions, and the grid of a point."""

from typing import Any

from flask import Response, jsonify, request
from sqlalchemy import select

from command_center.errors import Invalid, OutsideCountyQuery, UnknownRegion
from command_center.regions import reference
from command_center.regions.models import Region
from command_center.regions.paths import LEVELS
from command_center.tickets import placing
from command_center.tickets.describe import moment
from command_center.web import center, signed_in
from gis.errors import OutsideCounty
from mobile_api import answers
from mobile_api.blueprint import api
from mobile_api.place import to_wgs84
from mobile_api.schemas import WORST_ACCURACY_M


@api.get("/regions")
@signed_in
def list_regions() -> Response:
    """List regions of the map in force, of one level or below one parent; with `retired=1`, those that left it."""
    gone = answers.choice("retired", ("0", "1")) == "1"
    wanted = select(Region).order_by(Region.code)
    wanted = wanted.where(Region.retired_at.is_not(None) if gone else Region.retired_at.is_(None))
    if level := answers.choice("level", LEVELS):
        wanted = wanted.where(Region.level == level)
    size, cursor = answers.limit(), answers.words("cursor", 16)
    with center().sessions.read() as session:
        if parent := answers.words("parent", 16):
            if session.get(Region, parent) is None:
                raise UnknownRegion(region=parent, field="parent")
            wanted = wanted.where(Region.parent_code == parent)
        if cursor:
            wanted = wanted.where(Region.code > cursor)
        found = list(session.scalars(wanted.limit(size + 1)))
    page = found[:size]
    return answers.page([describe(row) for row in page], page[-1].code if len(found) > size else None)


@api.get("/regions/<code>")
@signed_in
def read_region(code: str) -> Response:
    """Show one region with its path from the county down."""
    with center().sessions.read() as session:
        region = session.get(Region, code) if code.isdigit() and len(code) <= 16 else None
        if region is None:
            raise UnknownRegion(region=code[:32])
        path = [{"code": row.code, "name": row.name} for row in reference.path(session, region)]
        return jsonify(describe(region) | {"path": path, "children": reference.children(session, code)})


@api.get("/regions/at")
@signed_in
def region_at() -> Response:
    """Tell in which grid, village, town and county a point lies, how that was found, and which grids it may mean.

    With `accuracy_m`, a radius in metres: `candidates` are the grids that this circle touches, the point's own first,
    each with its distance and its share of the circle; `candidates_limited` says when not all are listed.
    """
    lon, lat = answers.number("lon"), answers.number("lat")
    accuracy = answers.number("accuracy_m") if request.args.get("accuracy_m") else 0.0
    if not 0 <= accuracy <= WORST_ACCURACY_M:
        raise Invalid(
            field="accuracy_m",
            reason_zh="accuracy_m 应为半径，0 至 100,000 米",
            reason_en="accuracy_m must be a radius in metres, 0 to 100,000",
        )
    lon, lat = to_wgs84(lon, lat, request.args.get("datum") or "wgs84")
    office = center().office
    try:
        circle = office.grids.circle(lon, lat, accuracy)
    except OutsideCounty as far:
        raise OutsideCountyQuery(distance_m=far.distance_m, field="lon") from far
    place = circle.placed
    codes = {level: getattr(place, level) for level in ("grid", "base_grid", "village", "town", "county")}
    with center().sessions.read() as session:
        named = placing.names(session, [*codes.values(), *place.also, *(one.grid for one in circle.candidates)])
    answer: dict[str, Any] = {
        level: {"code": code, "name": named[code]["name"]} if code else None for level, code in codes.items()
    }
    distance = round(place.distance_m, 2)
    answer |= {
        "placed": place.placed,
        "distance_m": distance,
        "placed_how": {
            "rule": place.placed,
            "distance_m": distance,
            "special_over": answer["base_grid"],
            "also": [named[code] for code in place.also],
            "instead_of": None,
            "edition": office.map_edition,
        },
        "candidates": [
            {"grid": named[one.grid], "distance_m": round(one.distance_m, 2), "share": round(one.share, 4)}
            for one in circle.candidates
        ],
        "candidates_limited": circle.left_out > 0 or accuracy > circle.radius_m,
    }
    return jsonify(answer)


def describe(row: Region) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "level": row.level,
        "kind": row.kind,
        "parent": row.parent_code,
        "lon": row.lon,
        "lat": row.lat,
        "synthetic": row.synthetic,
        "source_code": row.source_code,
        "retired_at": moment(row.retired_at),
    }
