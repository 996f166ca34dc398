"""The figures leaders live by, each with numerator and denominator.

A department's officer is told of the department's own matters only, whatever they are broken down by: how others
fare is for the center that dispatches.
"""

from contextlib import nullcontext
from datetime import timedelta

from flask import Response, jsonify, request
from sqlalchemy.orm import Session

from command_center.aside import beside_the_loop
from command_center.categories.models import Department
from command_center.errors import Invalid
from command_center.people.access import check_region
from command_center.people.models import Role, User
from command_center.regions import editions
from command_center.statistics import by_map
from command_center.statistics.rates import BY, DEFINITIONS, figures
from command_center.web import caller, center, now, signed_in
from mobile_api import answers
from mobile_api.blueprint import api

LONGEST = timedelta(days=3 * 366)


@api.get("/statistics")
@signed_in
def read_statistics() -> Response:
    """Tell the figures of the tickets reported in a period, in a region, by something.

    With `map`, the version of an edition: told by that map, each ticket counted in the grid it lies in there.
    """
    user, at = caller(), now()
    today = at.astimezone(center().settings.zone).date()
    last = answers.day("to") or today
    first = answers.day("from") or last - timedelta(days=29)
    if first > last or last - first > LONGEST:
        raise Invalid(field="from", reason="from must not be after to, and the period at most three years")
    by = answers.choice("by", BY)
    version = edition_asked_for()
    if version is not None:
        place_tickets(version)
    turn = nullcontext() if version is None else center().maps.turn()
    with turn, center().sessions.read() as session:
        region = check_region(session, user, request.args.get("region") or user.region_code)
        department = _own_department(session, user)
        if version is not None:
            by_map.check(session, version, region.code)
        lines, total = figures(session, region, by, first, last, department.code if department else None, version)
        maps = by_map.told_by(session)
    return jsonify(
        {
            "region": {"code": region.code, "name": region.name, "level": region.level},
            "department": {"code": department.code, "name": department.name} if department else None,
            "by": by,
            "map": next((one for one in maps if one["version"] == version), None),
            "maps": maps,
            "from": first.isoformat(),
            "to": last.isoformat(),
            "as_of": at.isoformat(timespec="seconds"),
            "items": lines,
            "total": total,
            "definitions": DEFINITIONS,
            "next_cursor": None,
        }
    )


def edition_asked_for() -> int | None:
    """Read `map`, the version of an edition of the map. Raises: Invalid."""
    version = answers.integer("map", 0)
    if request.args.get("map") and not 0 < version < 2**31:
        raise Invalid(field="map", reason="map must be the version of an edition of the map")
    return version or None


def place_tickets(version: int) -> None:
    """Place on an edition what came since it was last asked for. Raises: EditionNotFound, MapFiguresBusy."""
    wired = center()
    with wired.sessions.read() as session:
        editions.edition(session, version)
        waiting = by_map.behind(session, version)
    if waiting:
        with wired.maps.turn():
            by_map.place(wired.sessions, version, wired.map_of(version, beside_the_loop))


def _own_department(session: Session, user: User) -> Department | None:
    """Say to whose matters the figures are limited."""
    if user.role != Role.DEPARTMENT_OFFICER:
        return None
    return session.get_one(Department, user.department_code)
