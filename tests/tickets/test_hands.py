"""Into whose hands a matter goes: corrected, refused, disputed, transferred."""

import pytest

from command_center.errors import (
    DepartmentMissing,
    RoleNotAllowed,
    SameHands,
)
from command_center.tickets.queries import Filter, find
from command_center.tickets.standing import Node, Tier
from tests.builders import CABLE, NOW, RECORD, a_ticket
from tests.county import County
from tests.tickets.life import helped, last_event, shown, with_a_department


def test_the_receiver_corrects_the_category_and_no_clock_moves(county: County) -> None:
    hand = a_ticket(county, category=RECORD)
    hand.take("accept", "village")
    before = hand.look()
    ticket = hand.take("claim", "village", category=CABLE)
    assert (ticket.condition_code.startswith(CABLE), ticket.settling_tier) == (True, "county")
    assert (ticket.due_at, ticket.tier_due_at, ticket.policy) == (before.due_at, before.tier_due_at, before.policy)
    assert last_event(county, hand).details["corrected"]["minor"] == CABLE


def test_a_department_that_refuses_twice_makes_it_a_disputed_matter_for_the_county(county: County) -> None:
    hand = a_ticket(county, node=Node.HANDLE, tier=Tier.TOWN)
    desk = hand.desk()
    assert hand.take("return", desk, note="不归我管").disputed_at is None
    hand.take("dispatch", "town")
    assert hand.take("return", desk, note="真的不归我管").disputed_at == hand.now
    assert last_event(county, hand).details["disputed"] is True
    with county.sessions.read() as session:
        listed, _, _ = find(session, county.user("county"), Filter(topic="disputed"), NOW, limit=9, cursor=None)
    assert [ticket.id for ticket in listed] == [hand.id]
    ticket = hand.take("dispatch", "county", department="power", note="现场会定")
    assert (ticket.node, ticket.department_code, ticket.disputed_at) == ("handle", "power", None)
    assert last_event(county, hand).details["dispute_settled"] is True


def test_refusals_of_two_departments_are_no_dispute_of_one(county: County) -> None:
    hand = a_ticket(county, node=Node.HANDLE, tier=Tier.TOWN)
    hand.take("return", hand.desk(), note="不归我管")
    hand.take("dispatch", "town", department="power")
    ticket = hand.take("return", "department", note="也不归我管")
    assert ticket.disputed_at is None and sorted(ticket.refusals or {}) == ["justice", "power"]


def test_a_transfer_changes_the_hands_and_neither_node_nor_clock(county: County) -> None:
    hand = with_a_department(county)
    before = hand.look()
    ticket = hand.take("transfer", "county", department="urban_management", note="改派")
    assert (ticket.node, ticket.department_code) == ("handle", "urban_management")
    assert (ticket.due_at, ticket.tier_due_at, ticket.tier_since) == (
        before.due_at,
        before.tier_due_at,
        before.tier_since,
    )
    event = last_event(county, hand)
    assert (event.from_department_code, event.department_code) == ("power", "urban_management")


def test_a_department_cannot_transfer_what_it_does_not_want(county: County) -> None:
    with pytest.raises(RoleNotAllowed):
        with_a_department(county).take("transfer", "department", department="water", note="转给他们")


def test_what_the_former_hands_asked_for_lapses_at_a_transfer(county: County) -> None:
    hand = with_a_department(county)
    hand.take("request_extension", "department", note="等配件")
    assert hand.take("transfer", "county", department="police", note="改派").awaits is None


def test_a_helper_that_becomes_the_lead_owes_itself_nothing(county: County) -> None:
    hand = helped(county)
    hand.take("transfer", "county", department="police", note="改派")
    hand.take("resolve", "d.fire", note="已到场")
    assert hand.take("resolve", "d.police", note="修好了").node == "close"


def test_a_transfer_names_other_hands(county: County) -> None:
    hand = with_a_department(county)
    with pytest.raises(DepartmentMissing):
        hand.take("transfer", "county", note="改派")
    with pytest.raises(SameHands):
        hand.take("transfer", "county", department="power", note="改派")


def test_only_the_department_in_charge_sees_who_reported(county: County) -> None:
    hand = with_a_department(county, reporter={"name": "王女士", "phone": "13800000000"})
    hand.take("assist", "department", departments=["fire"], note="配合")
    assert shown(county, hand, "department")["reporter"]["name"] == "王女士"
    assert shown(county, hand, "d.fire")["reporter"] is None
    hand.take("return", "department", note="不归我管")
    assert shown(county, hand, "department")["reporter"] is None
