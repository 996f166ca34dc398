"""The caller's inbox, and for administrators the messages that could not leave the house."""

from typing import Annotated, Literal

from flask import Response, jsonify, request
from pydantic import Field

from command_center.errors import Invalid, RoleNotAllowed
from command_center.notices import inbox, outbox
from command_center.people.models import Role
from command_center.web import caller, center, now, signed_in
from mobile_api import answers
from mobile_api.blueprint import api
from mobile_api.schemas import Body, parse

LARGEST_ID = 2**53


class NoticesRead(Body):
    """Which notices were read: some by their ids, or all."""

    ids: list[Annotated[int, Field(ge=1, le=LARGEST_ID)]] = Field(default_factory=list, max_length=inbox.MOST_IDS)
    all: Literal[True] | None = None


@api.get("/notices")
@signed_in
def list_notices() -> Response:
    """List the caller's notices, newest first, with how many are unread."""
    user, size = caller(), answers.limit()
    unread = answers.flag("unread") is True
    with center().sessions.read() as session:
        found = inbox.page(session, user.id, unread=unread, before=_cursor(), limit=size + 1)
        items = inbox.described(session, found[:size], center().settings.zone)
        count = inbox.unread_count(session, user.id)
    return answers.page(items, str(found[size - 1].id) if len(found) > size else None, unread=count)


@api.post("/notices/read")
@signed_in
def read_notices() -> Response:
    """Mark notices as read: `{ids: […]}` or `{all: true}`; tells how many are still unread."""
    user, form = caller(), parse(NoticesRead, request.get_data())
    if not form.all and not form.ids:
        raise Invalid(field="ids", reason="ids, or all: true")
    with center().sessions.begin() as session:
        marked = inbox.read(session, user.id, None if form.all else form.ids, now())
        count = inbox.unread_count(session, user.id)
    return jsonify(read=marked, unread=count)


@api.post("/notices/<int:id>/acknowledge")
@signed_in
def acknowledge_notice(id: int) -> Response:
    """Say that a notice was seen and understood; it counts as read."""
    user = caller()
    with center().sessions.begin() as session:
        row = inbox.acknowledge(session, user.id, min(id, LARGEST_ID), now())
        session.flush()
        (item,) = inbox.described(session, [row], center().settings.zone)
        count = inbox.unread_count(session, user.id)
    return jsonify(item | {"unread": count})


@api.get("/outgoing")
@signed_in
def list_outgoing() -> Response:
    """List outgoing messages, newest first: dead letters, or those of another state. For administrators."""
    _require_administrator("outgoing")
    state, size = answers.choice("state", outbox.STATES), answers.limit()
    with center().sessions.read() as session:
        found = outbox.messages(session, state, _cursor(), size + 1)
        items = [outbox.described(row) for row in found[:size]]
        dead = outbox.count(session, outbox.DEAD)
    return answers.page(items, str(found[size - 1].id) if len(found) > size else None, dead=dead)


@api.post("/outgoing/<int:id>/retry")
@signed_in
def retry_outgoing(id: int) -> Response:
    """Put a dead letter back into the queue. For administrators."""
    _require_administrator("retry")
    with center().sessions.begin() as session:
        return jsonify(outbox.described(outbox.retry(session, min(id, LARGEST_ID), now())))


def _cursor() -> int | None:
    return answers.integer("cursor", 0) if request.args.get("cursor") else None


def _require_administrator(action: str) -> None:
    user = caller()
    if user.role != Role.ADMINISTRATOR:
        raise RoleNotAllowed(role=user.role, action=action)
