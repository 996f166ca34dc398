"""The main line of a ticket, told in verbs."""

from command_center.tickets.workflow import Node, Tier
from tests.builders import World


def test_a_cable_goes_up_to_the_county_and_is_closed_after_a_check_on_site(world: World) -> None:
    ticket = world.a_ticket(at=Node.CLOSED, tier=Tier.COUNTY)
    assert (ticket.node, ticket.tier) == ("closed", "county")
    assert ticket.department_code == "power"
    assert ticket.closed_at is not None


def test_a_village_matter_is_settled_in_the_village(world: World) -> None:
    ticket = world.a_ticket(at=Node.CLOSED, tier=Tier.VILLAGE, self_handled=True)
    assert (ticket.node, ticket.tier) == ("closed", "village")
