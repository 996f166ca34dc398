"""Service circles: who is reached from the centers in their minutes and who is not, and what that assumes."""

import gzip
import hashlib
import json
from collections import defaultdict
from datetime import datetime
from typing import Any, NamedTuple

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import Field

from command_center.circles import assumptions, outputs, results, run, telling
from command_center.circles.centers import LEVELS, Place
from command_center.circles.inputs import Inputs
from command_center.circles.telling import Grid, Holding
from command_center.circles.work import Answer
from command_center.errors import NotAllowed
from command_center.people.access import check_region
from command_center.people.models import Role
from command_center.texts import t
from command_center.web import caller, center, now, signed_in
from gis.reach import NOTHING, WHOLE
from mobile_api import answers
from mobile_api.blueprint import api
from mobile_api.schemas import Body, parse

STATES = ("outside", "partly", "inside")
# Who plans services and patrols; a grid worker's or a department's day does not depend on them.
NOT_FOR = {Role.GRID_WORKER, Role.DEPARTMENT_OFFICER}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class AssumptionsForm(Body):
    """The next edition of what the circles assume; `based_on`: the version it was edited from."""

    document: dict[str, Any]
    note: str = Field("", max_length=500)
    based_on: int = Field(ge=0)


class Asked(NamedTuple):
    """A question put to the circles, with all that is needed to answer it."""

    inputs: Inputs
    answer: Answer
    computed_at: datetime | None
    region: str
    region_name: str
    region_level: str
    grids: list[Grid]
    level: str


@api.get("/service-circles")
@signed_in
def read_circles() -> ResponseReturnValue:
    """Show one level's service circles as GeoJSON, and how many grids of a region lie within, partly, outside."""
    asked = ask()
    holding = Holding(asked.answer)
    own: dict[str, list[str]] = defaultdict(list)
    for grid in asked.grids:
        own[grid.center_of(asked.level)].append(grid.code)
    found = telling.circles_of(asked.answer, asked.inputs.places, asked.region, asked.level)
    features = [
        {
            "type": "Feature",
            "geometry": circle.geometry,
            "properties": _circle(place, circle, asked, holding.figures(own[place.code], asked.level)),
        }
        for circle, place in found
    ]
    body = {
        "type": "FeatureCollection",
        "features": features,
        "region": {"code": asked.region, "name": asked.region_name, "level": asked.region_level},
        "level": asked.level,
        "figures": {level: holding.figures([grid.code for grid in asked.grids], level) for level in LEVELS},
        "states": _states(holding, asked),
        "totals": telling.totals(holding, asked.grids, asked.region, asked.region_level),
        "definition": {"inside_from": WHOLE, "outside_up_to": NOTHING},
        "method": _method(asked.inputs),
        "computed_at": asked.computed_at.isoformat() if asked.computed_at else None,
    }
    return _cacheable(body)


@api.get("/service-circles/grids")
@signed_in
def list_circle_grids() -> Response:
    """List the grids of a region that a level's own circles do not reach, or in part, with their workers."""
    lines = _lines(ask())
    size, cursor = answers.limit(), answers.words("cursor", 16)
    rest = [line for line in lines if cursor is None or line["code"] > cursor]
    page = rest[:size]
    return answers.page(page, page[-1]["code"] if len(rest) > size else None, total=len(lines))


@api.get("/service-circles/grids.xlsx")
@signed_in
def circle_grids_workbook() -> Response:
    """Give the same list as a workbook, its second sheet saying how it was computed."""
    asked = ask()
    return _file(outputs.workbook(_lines(asked), outputs.method(asked.inputs, t), t), XLSX, asked, "xlsx")


@api.get("/service-circles/grids.csv")
@signed_in
def circle_grids_csv() -> Response:
    """Give the same list as CSV."""
    asked = ask()
    return _file(outputs.as_csv(_lines(asked), t), "text/csv", asked, "csv")


@api.get("/service-circles/assumptions")
@signed_in
def read_assumptions() -> Response:
    """Show what the circles assume, and its earlier editions."""
    _require_planner()
    wired = center()
    with wired.sessions.read() as session:
        newest = assumptions.newest(session, wired.settings.data)
        history = assumptions.history(session)
    items = [
        {
            "version": row.version,
            "document": row.document,
            "note": row.note,
            "created_at": row.created_at.isoformat(),
            "created_by": row.created_by,
        }
        for row in history
    ]
    return answers.page(items, version=newest.version, document=newest.assumptions.model_dump())


@api.post("/service-circles/assumptions")
@signed_in
def store_assumptions() -> tuple[Response, int]:
    """Store the next edition of what the circles assume; the circles are computed anew."""
    user = caller()
    if Role(user.role) is not Role.ADMINISTRATOR:
        raise NotAllowed
    form = parse(AssumptionsForm, request.get_data())
    wired = center()
    with wired.sessions.begin() as session:
        stored = assumptions.store(
            session,
            wired.settings.data,
            form.document,
            note=form.note,
            by=user.username,
            based_on=form.based_on,
            now=now(),
        )
    return jsonify(version=stored.version, document=stored.assumptions.model_dump()), 201


def ask() -> Asked:
    """Read the question off the address and find its answer.

    Raises: NotAllowed, UnknownRegion, RegionNotYours, CirclesComputing, CirclesFailed.
    """
    user = _require_planner()
    level = answers.choice("level", LEVELS) or "village"
    wired = center()
    with wired.sessions.read() as session:
        region = check_region(session, user, request.args.get("region") or user.region_code)
    wanted, answer = run.answer(wired.sessions, wired.settings.data, now())
    with wired.sessions.read() as session:
        grids = telling.grids_of(session, region.code)
        at = results.computed_at(session, wanted.key)
    return Asked(wanted, answer, at, region.code, region.name, region.level, grids, level)


def _require_planner() -> Any:
    user = caller()
    if Role(user.role) in NOT_FOR:
        raise NotAllowed
    return user


def _lines(asked: Asked) -> list[dict[str, Any]]:
    state = answers.choice("state", STATES)
    states = (state,) if state else ("outside", "partly")
    return telling.listed(Holding(asked.answer), asked.grids, asked.inputs.places, asked.level, states)


def _circle(place: Place, circle: Any, asked: Asked, figures: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": place.code,
        "region": place.region,
        "name": place.name,
        "lon": place.lon,
        "lat": place.lat,
        "minutes": getattr(asked.inputs.assumptions.minutes, asked.level),
        "assumed": place.assumed,
        "synthetic": place.synthetic,
        "off_road_m": circle.off_road_m,
        "figures": figures,
    }


def _states(holding: Holding, asked: Asked) -> dict[str, list[str]]:
    """Codes of the region's grids by state, for the map."""
    found: dict[str, list[str]] = {state: [] for state in STATES}
    for grid in asked.grids:
        found[holding.own(grid.code, asked.level).state].append(grid.code)
    return found


def _method(wanted: Inputs) -> dict[str, Any]:
    roads = wanted.roads
    return {
        "network": roads is not None,
        "roads": None
        if roads is None
        else {
            "version": roads.version,
            "name": roads.name,
            "synthetic": roads.synthetic,
            "counts": roads.counts,
            "created_at": roads.created_at.isoformat(),
        },
        "assumptions": {"version": wanted.assumptions_version, **wanted.assumptions.model_dump()},
        "map_edition": wanted.map_edition,
        "centers": len(wanted.places),
        "centers_assumed": sum(place.assumed for place in wanted.places),
        "sentences": outputs.method(wanted, t),
    }


def _cacheable(body: dict[str, Any]) -> ResponseReturnValue:
    """Answer with an ETag, compressed for whoever takes it: circles are many corners."""
    spelt = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    zipped = request.accept_encodings["gzip"] > 0
    answer = Response(gzip.compress(spelt, 6, mtime=0) if zipped else spelt, content_type="application/geo+json")
    if zipped:
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Vary"] = "Accept-Encoding, Cookie, Authorization"
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(hashlib.sha256(spelt).hexdigest()[:24] + ("-gz" if zipped else ""))
    return answer.make_conditional(request)


def _file(content: bytes, kind: str, asked: Asked, suffix: str) -> Response:
    answer = Response(content, mimetype=kind)
    name = f"service-circles-{asked.region}-{asked.level}.{suffix}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
