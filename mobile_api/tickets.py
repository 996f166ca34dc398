"""Reading tickets, and taking actions on them."""

from datetime import datetime
from typing import Any

from flask import Response, jsonify, request
from sqlalchemy.orm import Session

from command_center.errors import Invalid, NothingHere, VersionMissing, VersionStale
from command_center.tickets import describe
from command_center.tickets.actions import Form, act, locked
from command_center.tickets.intake import first_time, remember
from command_center.tickets.models import Ticket
from command_center.tickets.queries import Filter, by_number, find
from command_center.tickets.record import load_regions, standing_of
from command_center.tickets.workflow import Action, Caller, Node, Tier, find_rule
from command_center.web import actor, caller, center, now, signed_in
from mobile_api import answers
from mobile_api.blueprint import api
from mobile_api.place import to_wgs84
from mobile_api.reports import idempotency_key
from mobile_api.schemas import ActionForm, parse

NODES = tuple(str(node) for node in Node)
TIERS = tuple(str(tier) for tier in Tier)


@api.get("/tickets")
@signed_in
def list_tickets() -> Response:
    """List the tickets that the caller's role and region allow."""
    user, at = caller(), now()
    with center().sessions.read() as session:
        wanted = Filter(
            region=answers.region(session, user),
            node=answers.choice("node", NODES),
            tier=answers.choice("tier", TIERS),
            overdue=answers.flag("overdue"),
            open=answers.flag("open"),
            mine=answers.flag("mine") or False,
            q=answers.words("q"),
            since=answers.instant("since"),
            category=answers.words("category", 16),
            department=answers.words("department", 32),
            bbox=_bbox(),
            newest_first=answers.choice("order", ("urgent", "newest")) == "newest",
        )
        tickets, cursor, total = find(
            session, user, wanted, at, limit=answers.limit(), cursor=answers.words("cursor", 400)
        )
        return answers.page([describe.summary(session, ticket, at) for ticket in tickets], cursor, total=total)


def _bbox() -> tuple[float, float, float, float] | None:
    text = request.args.get("bbox", "")
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as wrong:
        raise Invalid(field="bbox", reason="bbox must be west,south,east,north in degrees") from wrong
    return west, south, east, north


@api.get("/tickets/<number>")
@signed_in
def read_ticket(number: str) -> Response:
    """Show one ticket whole, with what the caller may do now."""
    at = now()
    with center().sessions.read() as session:
        ticket = by_number(session, number, caller())
        load_regions(session, [ticket])
        return with_etag(describe.detail(session, ticket, at, actor()))


@api.get("/tickets/<number>/timeline")
@signed_in
def read_timeline(number: str) -> Response:
    """Tell everything that happened to a ticket, in order."""
    with center().sessions.read() as session:
        ticket = by_number(session, number, caller())
        return answers.page(describe.timeline(session, ticket, now()))


@api.post("/tickets/<number>/actions/<name>")
@signed_in
def take_action(number: str, name: str) -> Response:
    """Take one action on a ticket that nobody changed since the caller looked (If-Match)."""
    if name not in {str(action) for action in Action}:
        raise NothingHere
    action, by, at, data, key = Action(name), actor(), now(), request.get_data() or b"{}", idempotency_key()
    wired = center()
    with wired.sessions.begin() as session:
        ticket = locked(session, by_number(session, number, caller()).id)
        if key is None or first_time(session, by, key, [number, name, data.decode("utf-8", "replace")], at) is None:
            _act(session, ticket, action, data, at)
            if key is not None:
                remember(session, by, key, ticket)
        load_regions(session, [ticket])
        content = describe.detail(session, ticket, at, by)
    wired.committed()
    return with_etag(content)


def _act(session: Session, ticket: Ticket, action: Action, data: bytes, at: datetime) -> None:
    """Judge in the order of the contract: role and region, node and tier, version, body."""
    by = actor()
    assert isinstance(by.caller, Caller)
    find_rule(action, standing_of(ticket), by.caller)
    check_version(ticket)
    form = parse(ActionForm, data)
    lon, lat = form.lon, form.lat
    if lon is not None and lat is not None:
        lon, lat = to_wgs84(lon, lat, form.datum)
    act(
        session,
        center().office,
        ticket,
        action,
        Form(
            note=form.note.strip(),
            department=form.department,
            to=form.to,
            passed=form.passed,
            lon=lon,
            lat=lat,
            colour=form.colour,
            photos=form.photos,
        ),
        by,
        at,
    )


def check_version(ticket: Ticket) -> None:
    """Compare If-Match with the ticket's version. Raises: VersionMissing, VersionStale."""
    header = request.headers.get("If-Match")
    if header is None or not header.strip():
        raise VersionMissing
    if header.strip() != "*" and str(ticket.version) not in request.if_match.as_set(include_weak=True):
        raise VersionStale(version=ticket.version)


def with_etag(content: dict[str, Any]) -> Response:
    answer = jsonify(content)
    answer.set_etag(str(content["version"]))
    return answer
