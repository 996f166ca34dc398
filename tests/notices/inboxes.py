"""What the tests of the notices share: events made by hand, and a look into the inboxes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from command_center.events.log import append
from command_center.events.models import TicketEvent
from command_center.events.relay import number
from command_center.notices.consumer import Live, catch_up
from command_center.notices.models import Notice, Outgoing
from command_center.people.models import User
from tests.builders import COUNTY, NOW, TOWN, VILLAGE, Hand
from tests.county import County

SOON = NOW + timedelta(minutes=5)
BY_TIER = {"village": VILLAGE, "town": TOWN, "county": COUNTY}


def tier(code: str) -> dict[str, str]:
    return {"kind": "tier", "code": code, "name": code}


def department(code: str) -> dict[str, str]:
    return {"kind": "department", "code": code, "name": code}


def an_event(action: str, *, by: int | None = None, **changes: Any) -> TicketEvent:
    """An event made by hand, as the log would hold it: at the village, by the system unless told otherwise."""
    holders = {name: changes.pop(name, tier(VILLAGE)) for name in ("from_holder", "to_holder")}
    details = {"due_at": (NOW + timedelta(hours=2)).isoformat(), **holders, **changes.pop("details", {})}
    columns: dict[str, Any] = {
        "ticket_id": 1,
        "number": "N",
        "n": 1,
        "at": NOW,
        "actor_id": by,
        "actor_username": "somebody",
        "actor_name": "某人",
        "actor_role": "system" if by is None else "department_officer",
        "from_node": "claim",
        "from_tier": "village",
        "to_node": "claim",
        "to_tier": "village",
        "grid_code": f"{VILLAGE}1001",
        "base_grid_code": None,
        "village_code": VILLAGE,
        "town_code": TOWN,
        "county_code": COUNTY,
        "department_code": None,
        "from_department_code": None,
        "note": "",
    }
    return TicketEvent(action=action, details=details, **(columns | changes))


def happens(county: County, hand: Hand, action: str, *, by: str | None = None, **changes: Any) -> None:
    """Write an event made by hand into a ticket's log, for actions the tickets' own tests look after."""
    with county.sessions.begin() as session:
        ticket = hand.look()
        user = session.scalars(select(User).where(User.username == by)).one() if by else None
        event = an_event(
            action,
            by=user.id if user else None,
            **{
                "ticket_id": ticket.id,
                "number": ticket.number,
                "grid_code": ticket.grid_code,
                "to_node": ticket.node,
                "to_tier": ticket.tier,
                **changes,
            },
        )
        if user is not None:
            event.actor_username, event.actor_name, event.actor_role = user.username, user.name, user.role
        append(session, county.office.chain_key, event)


def publish(county: County) -> None:
    """Number everything, and let nobody be told yet."""
    with county.sessions.begin() as session:
        while number(session):
            pass


def tell_all(county: County, now: datetime = SOON, *, sms: bool = False) -> list[Live]:
    """Publish, and fill the inboxes. Returns the live messages."""
    live: list[Live] = []
    publish(county)
    catch_up(county.sessions, county.settings.zone, now, sms=sms, tell=live.extend)
    return live


def notices(county: County) -> list[tuple[str, str]]:
    """Who has which kind of notice, in order."""
    with county.sessions.read() as session:
        rows = session.execute(
            select(User.username, Notice.kind).join(User, User.id == Notice.user_id).order_by(Notice.seq, User.username)
        )
        return [(username, kind) for username, kind in rows]


def of(county: County, username: str) -> list[str]:
    return [kind for who, kind in notices(county) if who == username]


def messages(county: County) -> Sequence[Outgoing]:
    with county.sessions.read() as session:
        return session.scalars(select(Outgoing).order_by(Outgoing.id)).all()
