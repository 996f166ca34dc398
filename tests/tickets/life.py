"""Short words for the tests of a ticket's whole life."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from command_center.escalation.sweep import sweep
from command_center.events.models import TicketEvent
from command_center.tickets.describe import detail
from command_center.tickets.models import DueStep, Ticket
from command_center.tickets.standing import Node, Tier
from tests.builders import NOW, Hand, a_ticket, spot
from tests.county import County

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def last_event(county: County, hand: Hand) -> TicketEvent:
    with county.sessions.read() as session:
        return session.scalars(
            select(TicketEvent).where(TicketEvent.ticket_id == hand.id).order_by(TicketEvent.n.desc()).limit(1)
        ).one()


def told(county: County, hand: Hand) -> list[str]:
    with county.sessions.read() as session:
        events = select(TicketEvent).where(TicketEvent.ticket_id == hand.id).order_by(TicketEvent.n)
        return [event.action for event in session.scalars(events)]


def pending(county: County, hand: Hand) -> dict[tuple[str, str], datetime]:
    with county.sessions.read() as session:
        steps = select(DueStep).where(DueStep.ticket_id == hand.id, DueStep.done_at.is_(None))
        return {(step.clock, step.step): step.due_at for step in session.scalars(steps)}


def swept(county: County, now: datetime) -> dict[str, int]:
    return dict(sweep(county.sessions, county.office, now))


def shown(county: County, hand: Hand, to: str, now: datetime | None = None) -> dict[str, Any]:
    with county.sessions.read() as session:
        return detail(session, session.get_one(Ticket, hand.id), now or hand.now, county.actor(to))


def with_a_department(county: County, **more: Any) -> Hand:
    """At the county, in the power company's hands."""
    return a_ticket(county, node=Node.HANDLE, tier=Tier.COUNTY, **more)


def extended(hand: Hand) -> None:
    hand.take("request_extension", "department", note="等配件")
    hand.take("decide_extension", "county", passed=True)
    hand.take("decide_extension", "leader", passed=True)


def elsewhere(county: County) -> dict[str, float]:
    lon, lat = spot(county, "210882003001")
    return {"lon": lon, "lat": lat}


def helped(county: County) -> Hand:
    hand = with_a_department(county)
    hand.take("assist", "department", departments=["police", "fire"], note="配合断电", until=NOW + DAY)
    return hand


def late_and_closed(county: County) -> Hand:
    hand = with_a_department(county)
    hand.take("resolve", "department", note="修好了", now=hand.look().due_at + HOUR)
    hand.verify(passed=True)
    return hand
