"""The figures leaders live by, each with numerator and denominator."""

from datetime import timedelta

from flask import Response, jsonify, request

from command_center.errors import Invalid
from command_center.people.access import check_region
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
        lines, total = figures(session, region, by, first, last)
    return jsonify(
        {
            "region": {"code": region.code, "name": region.name, "level": region.level},
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
