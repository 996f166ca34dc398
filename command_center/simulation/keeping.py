"""Keep what is asked for again and again in the session's memory.

A session forgets an object as soon as nobody holds it; with thousands of deeds in one transaction each would load its
village, its people and the head of its chain anew, which is a third of the whole time.
"""

from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from command_center.categories.models import Condition, Department
from command_center.events.models import ChainHead
from command_center.people.models import User
from command_center.regions.models import Region
from command_center.tickets.models import Ticket, TicketCounter

KEPT = (Ticket, ChainHead, Region, User, Department, Condition, TicketCounter)


def keep(session: Session) -> None:
    """Hold every object of these kinds until the session is closed."""
    held: list[Any] = []

    def hold(_: Session, instance: Any) -> None:
        if isinstance(instance, KEPT):
            held.append(instance)

    event.listen(session, "loaded_as_persistent", hold)
    event.listen(session, "pending_to_persistent", hold)
