"""The figures leaders live by, each with numerator and denominator.

A department's officer is told of the department's own matters only, whatever they are broken down by: how others
fare is for the center that dispatches.
"""

from datetime import timedelta

from flask import Response, jsonify, request
from sqlalchemy.orm import Session

from command_center.categories.models import Department
from command_center.errors import Invalid
from command_center.people.access import check_region
from command_center.people.models import Role, User
from command_center.statistics.rates import BY, DEFINITIONS, figures
from command_center.web import caller, center, now, signed_in
from mobile_api import answers
from mobile_api.blueprint import api

LONGEST = timedelta(days=3 * 366)


@api.get("/statistics")
@signed_in
def read_statistics() -> Response:
    """Tell the figures of the tickets reported in a period, in a region, by something."""
    user, at = caller(), now()
    today = at.astimezone(center().settings.zone).date()
    last = answers.day("to") or today
    first = answers.day("from") or last - timedelta(days=29)
    if first > last or last - first > LONGEST:
        raise Invalid(field="from", reason="from must not be after to, and the period at most three years")
    by = answers.choice("by", BY)
    with center().sessions.read() as session:
        region = check_region(session, user, request.args.get("region") or user.region_code)
        department = _own_department(session, user)
        lines, total = figures(session, region, by, first, last, department.code if department else None)
    return jsonify(
        {
            "region": {"code": region.code, "name": region.name, "level": region.level},
            "department": {"code": department.code, "name": department.name} if department else None,
            "by": by,
            "from": first.isoformat(),
            "to": last.isoformat(),
            "as_of": at.isoformat(timespec="seconds"),
            "items": lines,
            "total": total,
            "definitions": DEFINITIONS,
            "next_cursor": None,
        }
    )


def _own_department(session: Session, user: User) -> Department | None:
    """Say to whose matters the figures are limited."""
    if user.role != Role.DEPARTMENT_OFFICER:
        return None
    return session.get_one(Department, user.department_code)
