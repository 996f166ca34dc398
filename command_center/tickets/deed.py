"""One action on one ticket while it is being done: who does it, under which rule, with which form, when."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from command_center.deadlines.clocks import Policy
from command_center.tickets.actor import Actor
from command_center.tickets.models import Ticket
from command_center.tickets.office import Office
from command_center.tickets.standing import Standing
from command_center.tickets.workflow import Rule


@dataclass(frozen=True)
class Form:
    """What an action may bring along; which of it is needed says the workflow's table.

    lon, lat: degrees, WGS 84. until: aware, or naive in the county's own time. score: 1 to 5.
    """

    note: str = ""
    department: str | None = None
    departments: Sequence[str] = ()
    to: str | None = None
    passed: bool | None = None
    lon: float | None = None
    lat: float | None = None
    colour: str | None = None
    until: datetime | None = None
    into: str | None = None
    score: int | None = None
    reached: bool | None = None
    satisfied: bool | None = None
    category: str | None = None
    overrule: bool = False
    photos: Sequence[str] = ()
    details: dict[str, Any] = field(default_factory=dict)


@dataclass
class Deed:
    """What the effects of an action work on. `details`: what the event will say of it."""

    session: Session
    office: Office
    ticket: Ticket
    rule: Rule
    form: Form
    by: Actor
    now: datetime
    was: Standing
    details: dict[str, Any]

    @property
    def policy(self) -> Policy:
        """The rules frozen into this ticket."""
        return Policy.from_json(self.ticket.policy)
