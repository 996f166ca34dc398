"""Taking reports in from phones."""

import uuid
from typing import Any

from flask import Response, jsonify, request

from command_center.errors import KeyInvalid, KeyMissing
from command_center.people.models import Role
from command_center.tickets.intake import Draft, first_time, remember, report
from command_center.tickets.models import Ticket
from command_center.tickets.record import load_regions
from command_center.web import actor, caller, center, now, signed_in
from mobile_api.blueprint import api
from mobile_api.place import to_wgs84
from mobile_api.schemas import Report, parse
from mobile_api.tickets import whole


@api.post("/reports")
@signed_in
def create_report() -> tuple[Response, int] | Response:
    """Take a report in: 201 and the ticket; the same Idempotency-Key again: 200 and the same ticket."""
    key = idempotency_key()
    if key is None:
        raise KeyMissing
    form = parse(Report, request.get_data())
    lon, lat = to_wgs84(form.lon, form.lat, form.datum)
    by, at = actor(), now()
    draft = Draft(
        category=form.category,
        lon=lon,
        lat=lat,
        description=form.description,
        datum=form.datum,
        raw_lon=form.lon,
        raw_lat=form.lat,
        accuracy_m=form.accuracy_m,
        grid=form.grid,
        captured_at=form.captured_at,
        photos=tuple(form.photos),
        reporter=form.reporter.model_dump() if form.reporter else None,
        source=form.source or ("hotline" if caller().role == Role.HOTLINE_OPERATOR else "patrol"),
    )
    wired = center()
    with wired.sessions.begin() as session:
        session.info["caller"] = session.merge(caller(), load=False)  # known already: the answer names who reported
        before = first_time(session, by, key, _said(form), at)
        if before is None:
            ticket = report(session, wired.office, draft, by, at)
            remember(session, by, key, ticket)
        else:
            ticket = session.get_one(Ticket, before.ticket_id)
        load_regions(session, [ticket])
        content = whole(session, ticket, at, by)
    wired.committed()
    answer = jsonify(content)
    answer.set_etag(str(content["version"]))
    answer.headers["Location"] = f"/api/v1/tickets/{content['number']}"
    return answer, 200 if before else 201


def _said(form: Report) -> dict[str, Any]:
    """What makes two reports the same; a grid that nobody chose is not said, as by phones that know no choice."""
    return form.model_dump(mode="json", exclude=None if form.grid else {"grid"})


def idempotency_key() -> str | None:
    """Read the Idempotency-Key, a UUID in any spelling, as 36 characters. Raises: KeyInvalid."""
    text = request.headers.get("Idempotency-Key", "").strip().strip('"')
    if not text:
        return None
    try:
        return str(uuid.UUID(text))
    except ValueError as wrong:
        raise KeyInvalid from wrong
