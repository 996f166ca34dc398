"""The link under which a reporter without an account rates a closed ticket.

Whoever holds the link may give one score for this one closing: it names the ticket and how often it was reopened
before, so that a link of an earlier closing says nothing about a later one. It carries no date: whether it is still
time to rate, the workflow's table says.
"""

from datetime import datetime
from typing import NamedTuple

from itsdangerous import BadSignature, URLSafeSerializer

from command_center.errors import CommandCenterError
from command_center.tickets.actor import CITIZEN
from command_center.tickets.models import Ticket
from command_center.tickets.record import standing_of
from command_center.tickets.workflow import Action, find_rule

SALT = "rating link"
LONGEST = 200


class Link(NamedTuple):
    """What a link says. generation: how often the ticket was reopened before it was made."""

    number: str
    generation: int


def path_of(key: str, ticket: Ticket) -> str:
    """The address of the rating page for the ticket's latest closing, without the site's own."""
    return f"/rate/{_serializer(key).dumps([ticket.number, ticket.reopened_count])}"


def read(key: str, token: str) -> Link | None:
    """Read a link's token; None when it is not one of ours."""
    if len(token) > LONGEST:
        return None
    try:
        number, generation = _serializer(key).loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    return Link(number, generation) if isinstance(number, str) and isinstance(generation, int) else None


def is_open(ticket: Ticket, now: datetime) -> bool:
    """Whether the reporter may rate the ticket now."""
    assert CITIZEN.caller is not None
    try:
        find_rule(Action.RATE, standing_of(ticket), CITIZEN.caller, now)
    except CommandCenterError:
        return False
    return True


def _serializer(key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt=SALT)
