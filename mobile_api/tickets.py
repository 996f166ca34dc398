"""Reading tickets."""

from datetime import datetime
from typing import Any

from flask import Response, jsonify, request
from sqlalchemy.orm import Session

from command_center.aside import beside_the_loop
from command_center.errors import Invalid
from command_center.regions.paths import path_to_county
from command_center.statistics import by_map
from command_center.tickets import clockwork, describe, rating_links
from command_center.tickets.actor import Actor
from command_center.tickets.models import Ticket
from command_center.tickets.queries import TOPICS, Filter, by_number, find
from command_center.tickets.record import load_regions
from command_center.tickets.similar import similar
from command_center.tickets.standing import Node, Tier
from command_center.tickets.workflow import Action
from command_center.web import actor, caller, center, now, signed_in
from mobile_api import answers
from mobile_api.blueprint import api
from mobile_api.statistics import edition_asked_for

NODES = tuple(str(node) for node in Node)
TIERS = tuple(str(tier) for tier in Tier)
ABOUT_EXTENSIONS = {str(Action.REQUEST_EXTENSION), str(Action.DECIDE_EXTENSION)}


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
            topic=answers.choice("topic", tuple(TOPICS)),
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
    """Show one ticket whole, with what the caller may do now.

    With `map`, the version of an edition: `on_map` tells where the ticket lies on that map.
    """
    at, version = now(), edition_asked_for()
    with center().sessions.read() as session:
        ticket = by_number(session, number, caller())
        load_regions(session, [ticket])
        content = whole(session, ticket, at, actor())
        if version is not None:
            content["on_map"] = _on_map(session, ticket, version)
        return with_etag(content)


def _on_map(session: Session, ticket: Ticket, version: int) -> dict[str, Any]:
    """Tell a ticket's place on an edition of the map. Raises: EditionNotFound."""
    by_map.check(session, version, ticket.county_code)
    place = by_map.where(ticket, center().map_of(version, beside_the_loop))
    path = path_to_county(place.grid)
    named = by_map.names(session, version, [*path, place.base_grid])
    return {
        "edition": version,
        **{level: named[code] for level, code in path._asdict().items()},
        "base_grid": named.get(place.base_grid or ""),
        "placed": place.placed,
        "distance_m": round(place.distance_m, 2),
        "same_grid": place.grid == ticket.grid_code,
    }


@api.get("/tickets/<number>/timeline")
@signed_in
def read_timeline(number: str) -> Response:
    """Tell everything that happened to a ticket, in order."""
    with center().sessions.read() as session:
        ticket = by_number(session, number, caller())
        return answers.page(describe.timeline(session, ticket, now()))


@api.get("/tickets/<number>/similar")
@signed_in
def list_similar(number: str) -> Response:
    """List open tickets near by that may be about the same matter, for merging."""
    at, user = now(), caller()
    with center().sessions.read() as session:
        found = similar(session, by_number(session, number, user), user)
        return answers.page(
            [
                describe.summary(session, one.ticket, at)
                | {"distance_m": round(one.distance_m, 1), "same_category": one.same_minor}
                for one in found
            ]
        )


def whole(session: Session, ticket: Ticket, at: datetime, by: Actor) -> dict[str, Any]:
    """Describe a ticket whole; while its reporter may rate it, with the link for those who may pass it on.

    Whoever asks for an extension, or decides on one, sees when the matter would then be due.
    """
    content = describe.detail(session, ticket, at, by)
    link = None
    if describe.may_pass_the_link_on(by, ticket) and rating_links.is_open(ticket, at):
        link = rating_links.path_of(center().settings.signing_key, ticket)
    due = None
    if ABOUT_EXTENSIONS.intersection(content["allowed_actions"]):
        due = clockwork.due_if_extended(ticket, center().office)
    return content | {"rating_link": link, "due_if_extended": describe.moment(due)}


def with_etag(content: dict[str, Any]) -> Response:
    answer = jsonify(content)
    answer.set_etag(str(content["version"]))
    return answer
