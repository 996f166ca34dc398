"""More time and standing still: what moves a clock, and what does not."""

from datetime import timedelta

import pytest

from command_center.errors import (
    NoteMissing,
    NothingAsked,
    OwnRequest,
    RequestPending,
    TicketSuspended,
    UntilMissing,
    UntilOutOfRange,
)
from command_center.tickets.standing import Node, Tier
from tests.builders import NOW, a_ticket, at
from tests.county import County
from tests.tickets.life import DAY, HOUR, MINUTE, extended, last_event, pending, shown, swept, told, with_a_department


def test_an_extension_takes_two_agreements_and_adds_one_original_limit(county: County) -> None:
    hand = with_a_department(county)  # two urgent hours
    before = hand.look()
    hand.take("request_extension", "department", note="等配件")
    assert hand.look().awaits == "extension_1"
    assert hand.take("decide_extension", "county", passed=True).due_at == before.due_at
    ticket = hand.take("decide_extension", "leader", passed=True)
    assert ticket.due_at == before.due_at + 2 * HOUR
    assert ticket.tier_due_at == before.tier_due_at + 2 * HOUR
    assert (ticket.extensions, ticket.awaits, ticket.request) == (1, None, None)
    assert ticket.warn_at == before.created_at + 0.8 * 4 * HOUR
    assert pending(county, hand)["matter", "due"] == ticket.due_at
    assert last_event(county, hand).details["granted"] is True


@pytest.mark.parametrize("by", ["county", "leader"])
def test_either_of_the_two_may_refuse_with_a_reason(county: County, by: str) -> None:
    hand = with_a_department(county)
    before = hand.look().due_at
    hand.take("request_extension", "department", note="等配件")
    if by == "leader":
        hand.take("decide_extension", "county", passed=True)
    with pytest.raises(NoteMissing):
        hand.take("decide_extension", by, passed=False)
    ticket = hand.take("decide_extension", by, passed=False, note="不同意")
    assert (ticket.awaits, ticket.due_at, ticket.extensions) == (None, before, 0)
    with pytest.raises(NothingAsked):
        hand.take("decide_extension", by, passed=True)


def test_the_same_person_does_not_agree_twice(county: County) -> None:
    hand = with_a_department(county)
    hand.take("request_extension", "department", note="等配件")
    hand.take("decide_extension", "leader", passed=True)
    with pytest.raises(OwnRequest):
        hand.take("decide_extension", "leader", passed=True)


def test_there_are_two_extensions_at_most_and_one_request_at_a_time(county: County) -> None:
    hand = with_a_department(county)
    hand.take("request_extension", "department", note="一")
    with pytest.raises(RequestPending):
        hand.take("request_extension", "department", note="二")
    with pytest.raises(RequestPending):
        hand.take("suspend", "county", note="挂", until=NOW + DAY)
    hand.take("decide_extension", "county", passed=True)
    hand.take("decide_extension", "leader", passed=True)
    extended(hand)
    assert "request_extension" not in shown(county, hand, "department")["allowed_actions"]


def test_what_the_department_asked_for_lapses_when_it_returns_the_ticket(county: County) -> None:
    hand = with_a_department(county)
    hand.take("request_extension", "department", note="等配件")
    assert hand.take("return", "department", note="不归我管").awaits is None
    assert last_event(county, hand).details["extension_lapsed"] is True


def test_an_extension_granted_after_the_deadline_starts_the_steps_again(county: County) -> None:
    hand = with_a_department(county)
    hand.take("request_extension", "department", note="等配件")
    late = hand.look().due_at
    swept(county, late)
    hand.take("decide_extension", "county", now=late + MINUTE, passed=True)
    ticket = hand.take("decide_extension", "leader", passed=True)
    assert ticket.due_at == late + 2 * HOUR
    assert pending(county, hand)["matter", "due"] == ticket.due_at
    assert swept(county, ticket.due_at)["overdue"] >= 1


def test_a_suspended_ticket_stands_still_and_goes_on_with_what_was_left(county: County) -> None:
    hand = with_a_department(county)
    until = at("2026-12-20 09:00")
    hand.take("suspend", "county", note="等上级批文", until=until, now=NOW + 30 * MINUTE)
    suspended = hand.look()
    assert (suspended.suspended_until, suspended.clock_since) == (until, None)
    assert pending(county, hand) == {("suspend", "resume"): until}
    assert shown(county, hand, "county", NOW + 20 * DAY)["colour"] == "grey"
    assert swept(county, until - MINUTE) == {}
    assert swept(county, until + 3 * MINUTE) == {"resumed": 1}
    ticket = hand.look()
    assert ticket.due_at == until + 90 * MINUTE, "half an hour of two was used"
    assert ticket.suspended_at is None
    assert pending(county, hand)["matter", "due"] == ticket.due_at
    assert told(county, hand)[-1] == "resume"


def test_it_may_be_resumed_before_the_date(county: County) -> None:
    hand = with_a_department(county)
    hand.take("suspend", "county", note="等批文", until=NOW + 100 * DAY, now=NOW + 30 * MINUTE)
    ticket = hand.take("resume", "county", now=NOW + 5 * DAY)
    assert ticket.due_at == NOW + 5 * DAY + 90 * MINUTE
    assert ("suspend", "resume") not in pending(county, hand)


def test_while_it_stands_still_nothing_moves_but_orders_and_reminders_go(county: County) -> None:
    hand = with_a_department(county)
    hand.take("suspend", "county", note="等批文", until=NOW + 100 * DAY)
    with pytest.raises(TicketSuspended):
        hand.take("resolve", "department", note="修好了")
    hand.take("remind", "county")
    hand.take("supervise", "leader", note="盯住", colour="blue")
    assert shown(county, hand, "department")["allowed_actions"] == ["start"]  # which is how one reports back


def test_a_step_done_before_the_suspension_is_not_done_again_after_it(county: County) -> None:
    hand = with_a_department(county)
    warn = hand.look().warn_at
    swept(county, warn)
    before = told(county, hand).count("warn")
    hand.take("suspend", "county", note="等批文", until=warn + 10 * DAY, now=warn + MINUTE)
    swept(county, warn + 10 * DAY)
    assert told(county, hand).count("warn") == before


@pytest.mark.parametrize("days", [-1, 0, 365.01, 5000])
def test_a_suspension_ends_ahead_and_within_a_year(county: County, days: float) -> None:
    hand = with_a_department(county)
    with pytest.raises(UntilOutOfRange):
        hand.take("suspend", "county", note="等批文", until=NOW + timedelta(days=days), now=NOW + MINUTE)
    with pytest.raises(UntilMissing):
        hand.take("suspend", "county", note="等批文")


def test_a_year_of_suspension_and_two_extensions_still_have_a_deadline(county: County) -> None:
    hand = a_ticket(county, node=Node.HANDLE, tier=Tier.VILLAGE, now=at("2027-12-20 09:00"))
    hand.take("suspend", "village", note="等批文", until=hand.now + timedelta(days=364))
    ticket = hand.look()
    assert ticket.due_at > hand.now + timedelta(days=364)
    assert ticket.deadline_provisional


def test_a_tier_that_ran_out_in_a_departments_hands_still_climbs_after_a_late_extension(county: County) -> None:
    hand = a_ticket(county, node=Node.HANDLE, tier=Tier.TOWN)
    hand.take("request_extension", hand.desk(), note="等材料")
    late = hand.look().tier_due_at + 60 * DAY
    swept(county, late)
    hand.take("decide_extension", "town", passed=True, now=late + MINUTE)
    hand.take("decide_extension", "county", passed=True)
    assert hand.look().tier_due_at < hand.now
    hand.take("return", hand.desk(), note="不归我管")
    swept(county, hand.now + MINUTE)
    assert (hand.look().node, hand.look().tier) == ("claim", "county")
