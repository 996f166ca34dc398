"""Taking actions on tickets: one, the same on many, and the hotline's call back."""

import logging
import time
from datetime import datetime
from typing import Any

from flask import Response, jsonify, request
from sqlalchemy.orm import Session

from command_center.errors import CommandCenterError, Invalid, NothingHere, VersionMissing, VersionStale
from command_center.problems import problem_body
from command_center.tickets import describe
from command_center.tickets.actions import act, locked
from command_center.tickets.deed import Form
from command_center.tickets.intake import first_time, remember
from command_center.tickets.models import Ticket
from command_center.tickets.queries import by_number
from command_center.tickets.record import load_regions, standing_of
from command_center.tickets.workflow import Action, find_rule
from command_center.web import actor, caller, center, now, signed_in
from mobile_api import answers
from mobile_api.blueprint import api
from mobile_api.place import to_wgs84
from mobile_api.reports import idempotency_key
from mobile_api.schemas import ActionForm, BulkForm, CallbackForm, parse
from mobile_api.tickets import whole, with_etag

log = logging.getLogger(__name__)


@api.post("/tickets/<number>/actions/<name>")
@signed_in
def take_action(number: str, name: str) -> Response:
    """Take one action on a ticket that nobody changed since the caller looked (If-Match)."""
    action, by, data, key = action_named(name), actor(), request.get_data() or b"{}", idempotency_key()
    wired = center()
    with wired.sessions.begin() as session:
        ticket = locked(session, by_number(session, number, caller()).id)
        at = now()  # read when the lock is ours: whoever waited for it acts after whoever had it
        if key is None or first_time(session, by, key, [number, name, data.decode("utf-8", "replace")], at) is None:
            # Judged in the order of the contract: role and region, node and tier, version, body.
            may(ticket, action, at)
            check_version(ticket)
            act(session, wired.office, ticket, action, to_form(parse(ActionForm, data)), by, at)
            if key is not None:
                remember(session, by, key, ticket)
        load_regions(session, [ticket])
        content = whole(session, ticket, at, by)
    wired.committed()
    return with_etag(content)


def action_named(name: str) -> Action:
    """Raises: NothingHere."""
    if name not in {str(action) for action in Action}:
        raise NothingHere
    return Action(name)


def may(ticket: Ticket, action: Action, at: datetime) -> None:
    """Ask the table before anything of the form is looked at. Raises: NotAllowed's and Conflict's kin."""
    by = actor().caller
    assert by is not None
    find_rule(action, standing_of(ticket), by, at)


def to_form(body: ActionForm) -> Form:
    """Translate what came in; a place becomes WGS 84. Raises: the coordinates' errors."""
    content = body.model_dump(exclude={"datum", "items"})
    if body.lon is not None and body.lat is not None:
        content["lon"], content["lat"] = to_wgs84(body.lon, body.lat, body.datum)
    content["note"] = body.note.strip()
    if body.lon is not None and body.datum != "wgs84":
        content["details"] = {"datum": body.datum, "raw_lon": body.lon, "raw_lat": body.lat}
    return Form(**content)


def check_version(ticket: Ticket) -> None:
    """Compare If-Match with the ticket's version. Raises: VersionMissing, VersionStale."""
    header = request.headers.get("If-Match")
    if header is None or not header.strip():
        raise VersionMissing
    if header.strip() != "*" and str(ticket.version) not in request.if_match.as_set(include_weak=True):
        raise VersionStale(version=ticket.version)


@api.post("/tickets/actions/<name>")
@signed_in
def take_action_on_many(name: str) -> Response:
    """Take the same action on up to 200 tickets; each is done, or refused, for itself."""
    action = action_named(name)
    body = parse(BulkForm, request.get_data())
    if body.photos:
        raise Invalid(field="photos", reason="photos belong to one ticket: act on that one alone")
    form, results = to_form(body), []
    wired = center()
    for item in body.items:
        try:
            with wired.sessions.begin() as session:
                ticket, at = locked(session, by_number(session, item.number, caller()).id), now()
                may(ticket, action, at)
                if item.version is None:
                    raise VersionMissing
                if ticket.version != item.version:
                    raise VersionStale(version=ticket.version)
                act(session, wired.office, ticket, action, form, actor(), at)
                load_regions(session, [ticket])
                done = describe.summary(session, ticket, at)
            results.append({"number": item.number, "status": 200, "ticket": done})
        except CommandCenterError as refused:
            results.append({"number": item.number, "status": refused.status, "problem": problem_body(refused)})
        except Exception:
            # The tickets before this one are done: whatever went wrong here, the caller must learn of them.
            log.exception("the action %s on ticket %s failed", name, item.number)
            results.append({"number": item.number, "status": 500, "problem": problem_body(CommandCenterError())})
        wired.committed()
        time.sleep(0)  # under gevent: let the other callers have their turn between two tickets
    done_count = sum(result["status"] == 200 for result in results)
    return jsonify({"items": results, "done": done_count, "refused": len(results) - done_count})


@api.post("/tickets/<number>/callbacks")
@signed_in
def call_back(number: str) -> tuple[Response, int]:
    """Record the hotline's call to the reporter: reached, satisfied, words."""
    by, data, key = actor(), request.get_data(), idempotency_key()
    wired = center()
    with wired.sessions.begin() as session:
        ticket, at = locked(session, by_number(session, number, caller()).id), now()
        body = ["callback", number, data.decode("utf-8", "replace")]
        if key is None or first_time(session, by, key, body, at) is None:
            may(ticket, Action.CALLBACK, at)
            if request.headers.get("If-Match"):
                check_version(ticket)
            said = parse(CallbackForm, data)
            form = Form(note=said.words.strip(), reached=said.reached, satisfied=said.satisfied)
            act(session, wired.office, ticket, Action.CALLBACK, form, by, at)
            if key is not None:
                remember(session, by, key, ticket)
        load_regions(session, [ticket])
        content: dict[str, Any] = {**(ticket.callback or {}), "ticket": whole(session, ticket, at, by)}
    wired.committed()
    answer = jsonify(content)
    answer.set_etag(str(content["ticket"]["version"]))
    return answer, 201


@api.get("/tickets/<number>/callbacks")
@signed_in
def list_callbacks(number: str) -> Response:
    """List every call to the reporter, the latest last."""
    with center().sessions.read() as session:
        return answers.page(callbacks_of(session, by_number(session, number, caller())))


def callbacks_of(session: Session, ticket: Ticket) -> list[dict[str, Any]]:
    """Tell the calls from the record."""
    return [
        {"at": line["when"], "by": line["who"]["name"], "words": line["note"]}
        | {name: line["details"].get(name) for name in ("reached", "satisfied")}
        for line in describe.timeline(session, ticket, now())
        if line["what"] == str(Action.CALLBACK)
    ]
