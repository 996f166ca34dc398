"""Ask the reporter of a closed matter how it was settled: one text message with the link to the rating page.

Only people without an account need it, and only where there is an SMS gateway and an address to send them to.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.events.models import TicketEvent
from command_center.notices.outbox import to_citizen
from command_center.notices.rules import closed
from command_center.notices.wording import texts
from command_center.settings import Settings
from command_center.tickets import rating_links
from command_center.tickets.models import Ticket
from command_center.tickets.standing import RATING_DAYS

MOST_FOLLOWERS = 200


class Links(NamedTuple):
    """What a link is made of: the key that signs it, and the address at which people find this site."""

    key: str
    site: str


def links_of(settings: Settings) -> Links | None:
    """None where nobody can be invited: no gateway, or no address."""
    if settings.sms is None or settings.public_url is None:
        return None
    return Links(settings.signing_key, settings.public_url)


def invite(session: Session, events: Iterable[TicketEvent], links: Links, now: datetime) -> int:
    """Queue one message to each telephone that reported what these events closed. Returns how many."""
    ids = {event.ticket_id for event in events if closed(event) and event.from_node != event.to_node}
    tickets = [session.get_one(Ticket, id) for id in sorted(ids)]
    return sum(
        to_citizen(session, phone, _text(ticket, links), ticket.id, now)
        for ticket in tickets
        if not ticket.simulated and rating_links.is_open(ticket, now)
        for phone in _phones(session, ticket)
    )


def _phones(session: Session, ticket: Ticket) -> list[str]:
    """The reporter's telephone, and those of whoever reported the same matter: they follow the main ticket."""
    merged = session.scalars(
        select(Ticket.reporter)
        .where(Ticket.merged_into_id == ticket.id, Ticket.reporter.is_not(None))
        .order_by(Ticket.id)
        .limit(MOST_FOLLOWERS)
    )
    found = [(reporter or {}).get("phone") or "" for reporter in (ticket.reporter, *merged)]
    return list(dict.fromkeys(phone for phone in found if phone))


def _text(ticket: Ticket, links: Links) -> str:
    text = texts("zh")["invitation"].format(
        category=ticket.condition.minor.name,
        number=ticket.number,
        days=RATING_DAYS,
        link=links.site + rating_links.path_of(links.key, ticket),
    )
    return texts("zh")["sms"].format(text=text)
