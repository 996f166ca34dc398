"""Tickets and times for tests, made by the same verbs as real ones."""

import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from command_center.regions.models import Region
from command_center.tickets.actions import act, locked
from command_center.tickets.deed import Form
from command_center.tickets.intake import Draft, report
from command_center.tickets.models import Ticket
from command_center.tickets.standing import Node, Tier
from command_center.tickets.workflow import Action
from tests.county import County

VILLAGE, TOWN, COUNTY = "210882004004", "210882004000", "210882000000"  # 富丽社区, 钢都街道, 大石桥市
ELSEWHERE = "210882003000"  # 金桥街道
OFFICERS = {Tier.VILLAGE: "village", Tier.TOWN: "town", Tier.COUNTY: "county"}
CABLE = "0507"  # a bare cable: 2 urgent hours, settled by the county, goes to the power company
RECORD = "0108"  # a tenancy record: 5 working days, settled by the village, goes to the police
JUSTICE = "0109"  # settled by the town: 3 working days
BY_TIER = {Tier.VILLAGE: RECORD, Tier.TOWN: JUSTICE, Tier.COUNTY: CABLE}


def at(text: str) -> datetime:
    """Read a local time of the county: `2026-11-20 09:00`, a Friday."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


NOW = at("2026-11-20 09:00")


def spot(county: County, code: str | None = None) -> tuple[float, float]:
    """A point inside a region; inside the demo worker's grid when none is named."""
    code = code or county.user("grid").region_code
    with county.sessions.read() as session:
        region = session.get_one(Region, code)
        assert region.lon is not None and region.lat is not None
        return region.lon, region.lat


def a_body(county: County, **changes: Any) -> dict[str, Any]:
    """A report as the phone sends it, in the demo worker's grid."""
    lon, lat = spot(county)
    return {"category": CABLE, "description": "楼后线缆断落", "lon": lon, "lat": lat, "datum": "wgs84"} | changes


def a_draft(county: County, category: str = RECORD, **changes: Any) -> Draft:
    lon, lat = spot(county)
    return Draft(**({"category": category, "lon": lon, "lat": lat} | changes))


def a_key() -> str:
    return str(uuid.uuid4())


class Hand:
    """Moves one ticket along, each step a transaction of its own, a minute after the one before."""

    def __init__(self, county: County, ticket_id: int, now: datetime) -> None:
        self.county, self.id, self.now = county, ticket_id, now

    def take(self, action: Action | str, by: str, now: datetime | None = None, **form: Any) -> Ticket:
        """Let somebody take an action."""
        self.now = now or self.now + timedelta(minutes=1)
        with self.county.sessions.begin() as session:
            ticket = locked(session, self.id)
            act(session, self.county.office, ticket, Action(action), Form(**form), self.county.actor(by), self.now)
        return self.look()

    def verify(self, *, passed: bool, note: str = "", now: datetime | None = None) -> Ticket:
        """Let the demo worker check on the very spot."""
        there = self.look()
        return self.take(Action.VERIFY, "grid", now, passed=passed, note=note, lon=there.lon, lat=there.lat)

    def look(self) -> Ticket:
        with self.county.sessions.read() as session:
            return session.get_one(Ticket, self.id)

    def climb_to(self, tier: Tier) -> None:
        """Pass an accepted ticket up, by hand."""
        for below, above in ((Tier.VILLAGE, Tier.TOWN), (Tier.TOWN, Tier.COUNTY)):
            if self.look().tier == tier:
                return
            self.take(Action.CLAIM, OFFICERS[below])
            self.take(Action.ESCALATE, OFFICERS[below], note="本级无权处置")
            assert self.look().tier == above

    def go_to(self, node: Node, tier: Tier, to: str | None = None) -> None:
        """Walk the main line from intake to a node at a tier."""
        officer = OFFICERS[tier]
        if node is Node.INTAKE:
            assert tier is Tier.VILLAGE, "a ticket stands at intake at the village only"
            return
        if node is Node.REJECTED:
            self.take(Action.REJECT, officer, note="不属实")
            return
        self.take(Action.ACCEPT, "village")
        self.climb_to(tier)
        steps: list[tuple[Node, Action, dict[str, Any]]] = [
            (Node.DISPATCH, Action.CLAIM, {}),
            (Node.HANDLE, Action.DISPATCH, {"to": to}),
            (Node.CLOSE, Action.RESOLVE, {"note": "已处置"}),
            (Node.CLOSED, Action.CLOSE, {"note": "电话核实"}),
        ]
        for reached, action, form in steps:
            if self.look().node == node:
                return
            by = (to or self.desk()) if action is Action.RESOLVE else officer
            assert self.take(action, by, **form).node == reached

    def desk(self) -> str:
        """The officer of the department that has it: the power company's desk is a demo account."""
        code = self.look().department_code
        return "department" if code == "power" else f"d.{code}"


def a_ticket(
    county: County,
    *,
    node: Node = Node.INTAKE,
    tier: Tier = Tier.VILLAGE,
    category: str | None = None,
    to: str | None = None,
    by: str = "grid",
    now: datetime = NOW,
    **draft: Any,
) -> Hand:
    """Report a matter that this tier may settle, and walk it to a node; `to`: handled by an own user."""
    with county.sessions.begin() as session:
        made = a_draft(county, category or BY_TIER[tier], **draft)
        ticket = report(session, county.office, made, county.actor(by), now)
    hand = Hand(county, ticket.id, now)
    hand.go_to(node, tier, to)
    return hand


def stands(session: Session, ticket_id: int) -> tuple[str, str]:
    """Where a ticket stands: node and tier."""
    ticket = session.get_one(Ticket, ticket_id)
    return ticket.node, ticket.tier
