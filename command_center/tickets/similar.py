"""Near-duplicates: open tickets about the same kind of thing, near by, at about the same time."""

import math
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.people.models import User
from command_center.tickets.describe import LOADED
from command_center.tickets.models import Ticket
from command_center.tickets.record import load_regions
from command_center.tickets.sight import visible_tickets
from gis.metres import distance_m

RADIUS_M = 200.0
DAYS = timedelta(days=7)
MOST = 10
LOOKED_AT = 200
METRES_A_DEGREE = 111_000.0


@dataclass(frozen=True)
class Similar:
    """A ticket that may be about the same matter; distance in metres."""

    ticket: Ticket
    distance_m: float
    same_minor: bool


def similar(session: Session, ticket: Ticket, user: User) -> list[Similar]:
    """List open tickets within 200 m and seven days that share the major class: same minor class first, then nearest.

    Only what the user may see, ten at most.
    """
    up = RADIUS_M / METRES_A_DEGREE
    aside = up / max(0.01, math.cos(math.radians(ticket.lat)))
    near = session.scalars(
        select(Ticket)
        .where(
            Ticket.closed_at.is_(None),
            Ticket.id != ticket.id,
            Ticket.lon.between(ticket.lon - aside, ticket.lon + aside),
            Ticket.lat.between(ticket.lat - up, ticket.lat + up),
            Ticket.created_at.between(ticket.created_at - DAYS, ticket.created_at + DAYS),
            visible_tickets(user),
        )
        .order_by(Ticket.id.desc())
        .limit(LOOKED_AT)
        .options(*LOADED)
    ).all()
    major = ticket.condition.minor.parent_code
    found = [_compared(ticket, other) for other in near if other.condition.minor.parent_code == major]
    found = [one for one in found if one.distance_m <= RADIUS_M]
    found.sort(key=lambda one: (not one.same_minor, one.distance_m, one.ticket.id))
    load_regions(session, [one.ticket for one in found[:MOST]])
    return found[:MOST]


def _compared(ticket: Ticket, other: Ticket) -> Similar:
    away = distance_m(ticket.lon, ticket.lat, other.lon, other.lat)
    return Similar(other, away, other.condition.minor_code == ticket.condition.minor_code)
