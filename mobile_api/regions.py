"""Places: regions, the grid of a point, and their outlines for maps."""

from typing import Any

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from command_center.errors import NothingHere, OutsideCountyQuery, UnknownRegion
from command_center.regions import reference
from command_center.regions.models import Region
from command_center.regions.paths import LEVELS
from command_center.web import center, signed_in
from gis.errors import OutsideCounty
from mobile_api import answers
from mobile_api.blueprint import api
from mobile_api.place import to_wgs84


@api.get("/regions")
@signed_in
def list_regions() -> Response:
    """List regions, of one level or below one parent."""
    wanted = select(Region).order_by(Region.code)
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
    """Tell in which grid, village, town and county a point lies."""
    lon, lat = answers.number("lon"), answers.number("lat")
    lon, lat = to_wgs84(lon, lat, request.args.get("datum") or "wgs84")
    try:
        place = center().grids.place(lon, lat)
    except OutsideCounty as far:
        raise OutsideCountyQuery(distance_m=far.distance_m, field="lon") from far
    with center().sessions.read() as session:
        codes = {level: getattr(place, level) for level in ("grid", "base_grid", "village", "town", "county")}
        rows = {row.code: row for row in session.scalars(select(Region).where(Region.code.in_(codes.values())))}
    answer: dict[str, Any] = {
        level: {"code": code, "name": rows[code].name} if code else None for level, code in codes.items()
    }
    return jsonify(answer | {"placed": place.placed, "distance_m": round(place.distance_m, 2)})


@api.get("/layers/<level>.geojson")
@signed_in
def layer(level: str) -> ResponseReturnValue:
    """Show simplified outlines of a level as GeoJSON, cacheable."""
    if level not in LEVELS:
        raise NothingHere
    drawn = center().layers[level]
    zipped = request.accept_encodings["gzip"] > 0
    answer: Response = Response(drawn.gzipped if zipped else drawn.body, content_type="application/geo+json")
    if zipped:
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Vary"] = "Accept-Encoding, Cookie, Authorization"
    answer.headers["Cache-Control"] = "private, max-age=300"
    answer.set_etag(drawn.etag.strip('"') + ("-gz" if zipped else ""))
    return answer.make_conditional(request)


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
    }
