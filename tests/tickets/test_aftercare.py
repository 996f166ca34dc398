"""What comes after closing: rating, callback, complaint, reopening, appeal."""

import pytest

from command_center.errors import (
    AlreadyRated,
    Invalid,
    NoteMissing,
    ScoreMissing,
)
from command_center.tickets.standing import Node, Tier
from tests.builders import CABLE, NOW, a_ticket, at
from tests.county import County
from tests.tickets.life import DAY, HOUR, last_event, late_and_closed, pending, shown, swept, told


def test_the_reporter_rates_once_within_fourteen_days(county: County) -> None:
    hand = a_ticket(county, node=Node.CLOSED)
    with pytest.raises(ScoreMissing):
        hand.take("rate", "grid")
    assert hand.take("rate", "grid", score=5, note="很快").rating == {
        "score": 5,
        "words": "很快",
        "at": hand.now.isoformat(),
    }
    with pytest.raises(AlreadyRated):
        hand.take("rate", "grid", score=1)


def test_a_bad_score_must_be_followed_up_to_an_end(county: County) -> None:
    hand = a_ticket(county, node=Node.CLOSED)
    ticket = hand.take("rate", "grid", score=1, note="没修好")
    assert ticket.follow_up_due_at == at("2026-11-27 09:00") + (hand.now - NOW)
    assert "follow_up" in shown(county, hand, "hotline")["allowed_actions"]
    with pytest.raises(NoteMissing):
        hand.take("follow_up", "village", passed=False)
    ticket = hand.take("follow_up", "village", passed=False, note="已现场解释，居民理解")
    assert (ticket.follow_up_due_at, (ticket.follow_up or {})["outcome"]) == (None, "refused")
    assert ("followup", "due") not in pending(county, hand)


def test_a_complaint_left_alone_is_told_on_the_record(county: County) -> None:
    hand = a_ticket(county, node=Node.CLOSED)
    due_at = hand.take("rate", "grid", score=2).follow_up_due_at
    assert due_at is not None
    assert swept(county, due_at) == {"missed": 1}
    assert told(county, hand)[-1] == "follow_up_overdue"


def test_a_complaint_for_which_the_ticket_is_reopened_is_corrected_when_it_closes_again(county: County) -> None:
    hand = a_ticket(county, node=Node.CLOSED)
    hand.take("callback", "hotline", reached=True, satisfied=False, note="还在漏")
    hand.take("reopen", "hotline", note="返工")
    assert hand.look().follow_up_due_at is not None
    for action, form in (("claim", {}), ("dispatch", {}), ("resolve", {"note": "重修"})):
        hand.take(action, hand.desk() if action == "resolve" else "village", **form)
    ticket = hand.verify(passed=True)
    assert (ticket.node, (ticket.follow_up or {})["outcome"], ticket.follow_up_due_at) == ("closed", "corrected", None)


def test_a_call_back_records_reached_satisfied_and_the_words(county: County) -> None:
    hand = a_ticket(county, node=Node.CLOSED)
    hand.take("callback", "hotline", reached=False)
    assert (hand.look().callback or {})["satisfied"] is None
    with pytest.raises(Invalid):
        hand.take("callback", "hotline", reached=True)
    hand.take("callback", "hotline", reached=True, satisfied=True, note="谢谢")
    assert hand.look().follow_up is None
    assert told(county, hand)[-2:] == ["callback", "callback"]


def test_reopening_starts_a_new_generation_of_both_clocks(county: County) -> None:
    hand = a_ticket(county, node=Node.CLOSED, category=CABLE, tier=Tier.COUNTY)
    first = hand.look()
    now = NOW + 10 * DAY
    ticket = hand.take("reopen", "county", note="又断了", now=now)
    assert (ticket.node, ticket.tier, ticket.closed_at, ticket.reopened_count) == ("claim", "county", None, 1)
    assert ticket.due_at == now + 2 * HOUR
    assert ticket.clock_generation == first.clock_generation + 1
    assert ticket.tier_since == now
    assert swept(county, now + 2 * HOUR)["overdue"] >= 1


def test_an_appeal_against_overdue_takes_two_reviews_and_the_fact_stays(county: County) -> None:
    hand = late_and_closed(county)
    due_at, closed_at = hand.look().due_at, hand.look().closed_at
    hand.take("appeal", "department", note="道路封闭")
    hand.take("decide_appeal", "county", passed=True, note="属实")
    ticket = hand.take("decide_appeal", "leader", passed=True, note="同意")
    assert (ticket.appeal or {})["outcome"] == "approved"
    assert (ticket.due_at, ticket.closed_at) == (due_at, closed_at)
    assert last_event(county, hand).details["outcome"] == "approved"
    assert "appeal" not in shown(county, hand, "department")["allowed_actions"]


def test_an_appeal_that_is_refused_is_not_made_again(county: County) -> None:
    hand = late_and_closed(county)
    hand.take("appeal", "department", note="道路封闭")
    assert (hand.take("decide_appeal", "county", passed=False, note="不属实").appeal or {})["outcome"] == "refused"
    assert "appeal" not in shown(county, hand, "department")["allowed_actions"]


def test_what_was_closed_in_time_needs_no_appeal(county: County) -> None:
    hand = a_ticket(county, node=Node.CLOSED, tier=Tier.COUNTY)
    assert "appeal" not in shown(county, hand, "department")["allowed_actions"]


def test_a_matter_overdue_by_five_working_days_is_named_in_the_bulletin(county: County) -> None:
    hand = a_ticket(county, node=Node.HANDLE)
    due_at = pending(county, hand)["matter", "bulletin"]
    assert swept(county, due_at).get("bulletin") == 1
    assert "bulletin" in told(county, hand)


def test_reopening_lets_a_pending_appeal_lapse_so_that_it_may_be_made_again(county: County) -> None:
    hand = late_and_closed(county)
    hand.take("appeal", "department", note="道路封闭")
    ticket = hand.take("reopen", "county", note="又断了")
    assert (ticket.awaits, ticket.appeal) == (None, None)
    assert last_event(county, hand).details["appeal_lapsed"] is True


@pytest.mark.parametrize(("first", "second"), [("county", "leader"), ("leader", "county")])
def test_two_people_decide_on_an_appeal_in_either_order(county: County, first: str, second: str) -> None:
    hand = late_and_closed(county)
    hand.take("appeal", "department", note="道路封闭")
    hand.take("decide_appeal", first, passed=True, note="属实")
    assert (hand.take("decide_appeal", second, passed=True, note="同意").appeal or {})["outcome"] == "approved"


def test_a_complaint_outlives_a_merge_and_can_be_ended_there(county: County) -> None:
    main, hand = a_ticket(county), a_ticket(county, node=Node.CLOSED)
    hand.take("callback", "hotline", reached=True, satisfied=False, note="还在漏")
    hand.take("reopen", "hotline", note="返工")
    hand.take("merge", "village", into=main.look().number)
    assert ("followup", "due") in pending(county, hand)
    ticket = hand.take("follow_up", "hotline", passed=True, note="由另一件一并整改")
    assert (ticket.follow_up_due_at, (ticket.follow_up or {})["outcome"]) == (None, "corrected")
