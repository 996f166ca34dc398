"""The clocks' rules and the working calendar: everybody may read them, administrators change them."""

import time
from datetime import datetime
from typing import Any

from flask import Response, jsonify, request
from pydantic import Field
from sqlalchemy.orm import Session

from command_center.deadlines import confirming, policies
from command_center.deadlines import reference as calendar
from command_center.deadlines.calendar import WorkCalendar
from command_center.deadlines.confirming import Fault, Row
from command_center.deadlines.errors import UnknownYear
from command_center.deadlines.models import CalendarDay, PolicyVersion
from command_center.errors import BadCursor, Invalid, NotAllowed, NoteMissing
from command_center.people.models import Role
from command_center.tickets import rulebook
from command_center.web import Center, caller, center, now, signed_in
from mobile_api import answers
from mobile_api.blueprint import api
from mobile_api.schemas import Body, parse, read_json

LONGEST_YEARS = (2000, 2999)
MOST_ROWS = 4000
PATIENCE = 10.0
"""Seconds an answer may take; what is not done by then is done when the call is made again."""


class PolicyForm(Body):
    """The next version of the rules. `document` as GET tells it; `based_on`: the version it was edited from."""

    document: dict[str, Any]
    note: str = Field(min_length=1, max_length=policies.LONGEST_NOTE)
    based_on: int


class YearForm(Body):
    """The days of a year, each `{date, kind, name, source}` as in data/calendar/calendar.csv."""

    rows: list[dict[str, Any]] = Field(max_length=MOST_ROWS)


@api.get("/policies")
@signed_in
def list_policies() -> Response:
    """List the versions of the clocks' rules, the newest first; that one holds for new tickets."""
    limit, before = answers.limit(), _cursor()
    with center().sessions.read() as session:
        rows = policies.listed(session, before=before, limit=limit + 1)
        if not rows and before is None:
            rows = [policies.find(session, policies.newest_version(session))]
    more = str(rows[limit - 1].version) if len(rows) > limit else None
    return answers.page([_summary(row) for row in rows[:limit]], more)


def _cursor() -> int | None:
    text = request.args.get("cursor", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadCursor(field="cursor")
    return int(text)


@api.get("/policies/<int:version>")
@signed_in
def read_policy(version: int) -> Response:
    """Show one version of the clocks' rules, its document included."""
    with center().sessions.read() as session:
        row = policies.find(session, version)
    return jsonify(_summary(row) | {"document": row.document})


@api.post("/policies")
@signed_in
def create_policy() -> tuple[Response, int]:
    """Store the next version of the clocks' rules: 201; new tickets follow it, running ones keep theirs."""
    _check_administrator()
    content, wired = read_json(request.get_data()), center()
    with wired.sessions.begin() as session:
        based_on = content.get("based_on")
        if isinstance(based_on, int) and not isinstance(based_on, bool):
            policies.check_based_on(session, based_on)
        form = parse(PolicyForm, request.get_data())
        policies.check_based_on(session, form.based_on)
        if not form.note.strip():
            raise NoteMissing(field="note")
        edition = policies.checked(session, form.document, rulebook.conditions(session))
        row = policies.store(session, edition, form.note.strip(), caller().username, now())
    wired.county.refresh()
    answer = jsonify(_summary(row) | {"document": row.document})
    answer.headers["Location"] = f"/api/v1/policies/{row.version}"
    return answer, 201


def _summary(row: PolicyVersion) -> dict[str, Any]:
    return {
        "version": row.version,
        "note": row.note,
        "created_at": _told(row.created_at),
        "created_by": row.created_by,
    }


@api.get("/calendar")
@signed_in
def read_calendar() -> Response:
    """Show the days of a year and whether they are confirmed; the present year when none is named."""
    wired = center()
    year = answers.integer("year", now().astimezone(wired.settings.zone).year)
    with wired.sessions.read() as session:
        _check_year(year)
        return jsonify(_year(session, year))


@api.post("/calendar/<int:year>/confirm")
@signed_in
def confirm_calendar(year: int) -> Response:
    """Confirm a year by the State Council's notice (multipart `file`, or JSON `rows`) and compute open clocks anew.

    `remaining` says how many tickets are still to be looked at: call again until `finished`.
    """
    _check_year(year)
    _check_administrator()
    wired = center()
    rows, faults = _handed_in()
    days: list[confirming.Day] = []
    if not faults:
        days, faults = confirming.judge(year, rows)
    with wired.sessions.begin() as session:
        calendar.confirm(session, year, days, faults, caller().username, now())
    wired.county.refresh()
    done = _recompute(wired)
    with wired.sessions.read() as session:
        content = _year(session, year)
        remaining = rulebook.left(session, wired.settings.zone)
    return jsonify(
        content | {"moved": done.moved, "failed": done.failed, "finished": done.finished, "remaining": remaining}
    )


def _recompute(wired: Center) -> rulebook.Recomputed:
    """Work in small batches, so that other requests come in between, and not longer than a caller waits."""
    end = time.monotonic() + PATIENCE
    done = rulebook.recompute_touched(
        wired.sessions,
        wired.office,
        now,
        tell=lambda count: time.sleep(0),
        rest=time.sleep,
        enough=lambda: time.monotonic() > end,
    )
    if done.moved:
        wired.committed()
    return done


def _handed_in() -> tuple[list[Row], list[Fault]]:
    """Read the rows of the request: a CSV file, or JSON. Raises: Invalid's kin, Malformed's kin."""
    file = request.files.get("file")
    if file is not None:
        return confirming.read_csv(file.read())
    if request.mimetype == "multipart/form-data":
        raise Invalid(field="file", reason="file: the calendar as CSV")
    form = parse(YearForm, request.get_data())
    return list(enumerate(form.rows, start=1)), []


def _check_administrator() -> None:
    if caller().role != Role.ADMINISTRATOR:
        raise NotAllowed


def _check_year(year: int) -> None:
    if not LONGEST_YEARS[0] <= year <= LONGEST_YEARS[1]:
        raise UnknownYear(year=year)


def _year(session: Session, year: int) -> dict[str, Any]:
    """Tell a year's days. Raises: UnknownYear."""
    days = calendar.days_of(session, year)
    if not days:
        raise UnknownYear(year=year)
    years = WorkCalendar.from_rows(
        (day, kind, confirmed) for day, (kind, confirmed) in calendar.known(session).items()
    ).years
    return {
        "year": year,
        "status": years[year],
        "years": [{"year": each, "status": status} for each, status in years.items()],
        "recomputed": not rulebook.unfinished(session),
        "days": [_day(day) for day in days],
    }


def _day(day: CalendarDay) -> dict[str, Any]:
    return {
        "date": day.date.isoformat(),
        "kind": day.kind,
        "name": day.name,
        "source": day.source,
        "confirmed": day.confirmed,
    }


def _told(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
