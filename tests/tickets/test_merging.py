"""Merging a report into another, and parting them again."""

import pytest
from sqlalchemy import select

from command_center.errors import (
    MergedIntoIt,
    NotOpenToMerge,
    UnknownInto,
)
from command_center.tickets.models import Ticket
from command_center.tickets.queries import Filter, find, mine
from command_center.tickets.similar import similar
from command_center.tickets.standing import Node, Tier
from tests.builders import NOW, a_ticket
from tests.county import County
from tests.tickets.life import DAY, HOUR, elsewhere, last_event, pending, shown


def test_a_merged_ticket_follows_the_main_one_and_both_records_say_so(county: County) -> None:
    main, double = a_ticket(county), a_ticket(county, by="village")
    ticket = double.take("merge", "village", into=main.look().number, note="同一处")
    assert (ticket.node, ticket.merged_into_id) == ("merged", main.id)
    assert ticket.closed_at is not None and pending(county, double) == {}
    assert last_event(county, double).details["into"] == main.look().number
    heard = last_event(county, main)
    assert (heard.action, heard.details["number"], heard.actor_username) == ("merged_in", ticket.number, "village")
    assert main.look().followers == {ticket.number: county.user("village").id}
    assert shown(county, main, "village")["merged"] == [ticket.number]
    assert shown(county, double, "village")["merged_into"] == main.look().number


def test_the_reporter_of_a_merged_ticket_sees_the_main_one_and_may_rate_it(county: County) -> None:
    other = "w2108820030011001"
    main = a_ticket(county)
    double = a_ticket(county, by=other)
    worker = county.user(other)
    double.take("merge", "village", into=main.look().number)
    with county.sessions.read() as session:
        found, _, _ = find(session, worker, Filter(mine=True), NOW, limit=10, cursor=None)
        assert {ticket.id for ticket in found} == {main.id, double.id}
        assert session.scalars(select(Ticket.id).where(mine(worker), Ticket.id == main.id)).one() == main.id
    main.go_to(Node.CLOSED, Tier.VILLAGE)
    assert "rate" in shown(county, main, other)["allowed_actions"]


def test_merging_leaves_the_version_of_the_main_ticket_alone(county: County) -> None:
    main, double = a_ticket(county), a_ticket(county)
    before = main.look().version
    double.take("merge", "village", into=main.look().number)
    assert main.look().version == before


def test_reopening_undoes_a_merge_and_the_promise_goes_on(county: County) -> None:
    main, double = a_ticket(county), a_ticket(county)
    due_at = double.look().due_at
    double.take("merge", "village", into=main.look().number)
    ticket = double.take("reopen", "village", note="不是同一处", now=NOW + HOUR)
    assert (ticket.node, ticket.merged_into_id, ticket.closed_at) == ("claim", None, None)
    assert ticket.due_at == due_at, "a merge is no reason for a later promise"
    assert ticket.tier_since == NOW + HOUR
    assert pending(county, double)["matter", "due"] == due_at
    assert main.look().followers is None
    assert last_event(county, main).action == "unmerged"


@pytest.mark.parametrize("into", ["", "210882-20261120-99999-0", "nonsense", "'; DROP TABLE tickets; --"])
def test_a_ticket_is_merged_into_one_that_is_there(county: County, into: str) -> None:
    with pytest.raises(UnknownInto):
        a_ticket(county).take("merge", "village", into=into)


def test_a_ticket_is_not_merged_into_itself(county: County) -> None:
    hand = a_ticket(county)
    with pytest.raises(UnknownInto):
        hand.take("merge", "village", into=hand.look().number)


def test_a_ticket_is_not_merged_into_one_that_has_ended_or_that_the_officer_does_not_see(county: County) -> None:
    ended, hidden = a_ticket(county, node=Node.CLOSED), a_ticket(county, **elsewhere(county))
    with pytest.raises(NotOpenToMerge):
        a_ticket(county).take("merge", "village", into=ended.look().number)
    with pytest.raises(UnknownInto):
        a_ticket(county).take("merge", "village", into=hidden.look().number)


def test_a_ticket_with_others_merged_into_it_is_not_merged_itself(county: County) -> None:
    main, double, third = a_ticket(county), a_ticket(county), a_ticket(county)
    double.take("merge", "village", into=main.look().number)
    with pytest.raises(MergedIntoIt):
        main.take("merge", "village", into=third.look().number)


def test_near_duplicates_are_the_open_tickets_near_by_of_the_same_major_class(county: County) -> None:
    hand = a_ticket(county, category="0507")
    place = hand.look()
    near = a_ticket(county, category="0507", lon=place.lon + 0.0005, lat=place.lat)
    kin = a_ticket(county, category="0501")
    a_ticket(county, category="0108")
    a_ticket(county, category="0507", lon=place.lon + 0.01, lat=place.lat)
    a_ticket(county, category="0507", now=NOW - 8 * DAY)
    a_ticket(county, category="0507").take("reject", "village", note="重复")
    with county.sessions.read() as session:
        found = similar(session, session.get_one(Ticket, hand.id), county.user("village"))
    assert [(one.ticket.id, one.same_minor) for one in found] == [(near.id, True), (kin.id, False)]
    assert found[0].distance_m == pytest.approx(42.5, abs=1)
