"""The verbs on real tickets: the main line, and every way off it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from command_center.attachments.models import Attachment
from command_center.errors import (
    CommandCenterError,
    DepartmentMissing,
    Invalid,
    NoAuthority,
    NotACandidate,
    NoteMissing,
    RoleNotAllowed,
    UnknownAttachment,
    UnknownDepartment,
    UnknownPerson,
    VersionStale,
    WrongNode,
)
from command_center.events.models import TicketEvent
from command_center.tickets.actions import act, locked
from command_center.tickets.deed import Form
from command_center.tickets.describe import detail, timeline
from command_center.tickets.models import DueStep
from command_center.tickets.record import standing_of
from command_center.tickets.standing import TIERS, Node, Tier
from command_center.tickets.workflow import Action
from tests.builders import BY_TIER, CABLE, NOW, TOWN, VILLAGE, Hand, a_ticket, spot
from tests.county import County

FULL: dict[str, Any] = {
    "note": "说明",
    "passed": True,
    "lon": 122.5,
    "lat": 40.6,
    "departments": ["fire"],
    "until": NOW + timedelta(days=30),
    "score": 5,
    "reached": True,
    "satisfied": True,
}
PEOPLE = ("grid", "village", "town", "county", "department", "d.police", "hotline", "leader", "admin", "v210882003001")
PLACES = [
    *((node, tier) for tier in TIERS for node in (Node.CLAIM, Node.DISPATCH, Node.HANDLE, Node.CLOSE)),
    (Node.INTAKE, Tier.VILLAGE),
    (Node.CLOSED, Tier.VILLAGE),
    (Node.REJECTED, Tier.VILLAGE),
]


def full(action: Action, main: str) -> Form:
    """A form that brings all an action may need; a transfer names whom it goes to."""
    return Form(**FULL, into=main, department="water_supply" if action is Action.TRANSFER else None)


def events(county: County, hand: Hand) -> list[TicketEvent]:
    with county.sessions.read() as session:
        return list(
            session.scalars(select(TicketEvent).where(TicketEvent.ticket_id == hand.id).order_by(TicketEvent.n))
        )


def lines(county: County, hand: Hand) -> list[dict[str, Any]]:
    with county.sessions.read() as session:
        return timeline(session, locked(session, hand.id), hand.now)


@pytest.mark.parametrize(("node", "tier"), PLACES, ids=str)
def test_the_actions_offered_are_exactly_those_that_succeed(county: County, node: Node, tier: Tier) -> None:
    hand, main = a_ticket(county, node=node, tier=tier), a_ticket(county).look().number
    for name in PEOPLE:
        person, taken = county.actor(name), []
        with county.sessions.read() as session:
            offered = detail(session, locked(session, hand.id), NOW, person)["allowed_actions"]
        for action in Action:
            with county.sessions.begin() as session, session.begin_nested() as attempt:
                try:
                    act(session, county.office, locked(session, hand.id), action, full(action, main), person, NOW)
                    taken.append(str(action))
                except NotACandidate:  # refused is this grid, not the action
                    taken.append(str(action))
                except CommandCenterError as refused:
                    assert refused.status in (403, 409), refused
                attempt.rollback()
        assert sorted(offered) == sorted(taken), name


def test_a_bare_cable_goes_from_the_worker_up_to_the_power_company_and_back(county: County) -> None:
    hand = a_ticket(county, category=CABLE)
    hand.take("accept", "village")
    hand.take("claim", "village")
    with pytest.raises(NoAuthority):
        hand.take("dispatch", "village")
    hand.take("escalate", "village", note="村里无权处置")
    hand.take("claim", "town")
    hand.take("escalate", "town", note="街道无权处置")
    hand.take("claim", "county")
    hand.take("dispatch", "county")
    hand.take("start", "department")
    hand.take("resolve", "department", note="已修复")
    lon, lat = spot(county)
    ticket = hand.take("verify", "grid", passed=True, lon=lon, lat=lat)
    assert (ticket.node, ticket.tier, ticket.closed_at) == ("closed", "county", hand.now)
    told = lines(county, hand)
    assert [line["what"] for line in told] == (
        [
            "report",
            "accept",
            "claim",
            "escalate",
            "claim",
            "escalate",
            "claim",
            "dispatch",
            "start",
            "resolve",
            "verify",
        ]
    )
    assert [line["to"]["holder"]["name"] for line in told[:8]] == (
        [
            *["富丽社区", "富丽社区", "富丽社区", "钢都街道", "钢都街道", "大石桥市", "大石桥市"],
            told[7]["to"]["holder"]["name"],
        ]
    )
    assert told[7]["to"]["holder"] == told[8]["from"]["holder"]
    assert told[7]["to"]["holder"]["code"] == "power"
    assert [line["held_seconds"] for line in told] == [60, 60, 120, 60, 60, 60, 60, 60, 60, 60, 0]


def test_each_action_raises_the_version_by_one(county: County) -> None:
    hand = a_ticket(county)
    versions = [hand.look().version, hand.take("accept", "village").version, hand.take("claim", "village").version]
    assert versions == [1, 2, 3]


def test_a_stale_version_is_refused(county: County) -> None:
    hand = a_ticket(county)
    hand.take("accept", "village")
    with county.sessions.begin() as session, pytest.raises(VersionStale):
        locked(session, hand.id, version=1)


@pytest.mark.parametrize("tier", [Tier.VILLAGE, Tier.TOWN])
@pytest.mark.parametrize("node", [Node.CLAIM, Node.DISPATCH, Node.HANDLE])
def test_a_matter_that_a_tier_could_settle_may_still_be_passed_up(county: County, node: Node, tier: Tier) -> None:
    hand = a_ticket(county, node=node, tier=tier)
    before = hand.look()
    ticket = hand.take("escalate", {Tier.VILLAGE: "village", Tier.TOWN: "town"}[tier], note="请上级处置")
    assert (ticket.node, ticket.tier) == ("claim", TIERS[TIERS.index(tier) + 1])
    assert (ticket.department_code, ticket.handler_id) == (None, None)
    assert ticket.tier_since == hand.now
    assert ticket.tier_generation == before.tier_generation + 1
    assert ticket.due_at == before.due_at


def test_passing_up_ends_at_the_county(county: County) -> None:
    hand = a_ticket(county, node=Node.CLAIM, tier=Tier.COUNTY)
    with pytest.raises(CommandCenterError, match="county"):
        hand.take("escalate", "county", note="再上一级")


def test_a_department_that_returns_a_matter_gives_it_back_to_be_dispatched(county: County) -> None:
    hand = a_ticket(county, node=Node.HANDLE, tier=Tier.COUNTY)
    ticket = hand.take("return", "department", note="不属于我单位")
    assert (ticket.node, ticket.tier, ticket.department_code) == ("dispatch", "county", None)


@pytest.mark.parametrize("node", [Node.CLAIM, Node.DISPATCH])
def test_a_matter_returned_to_the_tier_below_is_to_be_claimed_anew(county: County, node: Node) -> None:
    hand = a_ticket(county, node=node, tier=Tier.TOWN)
    due = hand.look().due_at
    ticket = hand.take("return", "town", note="请村里先核实")
    assert (ticket.node, ticket.tier, ticket.tier_since, ticket.due_at) == ("claim", "village", hand.now, due)
    assert hand.take("claim", "village").node == "dispatch"


def test_the_tiers_pending_steps_are_replaced_when_it_changes(county: County) -> None:
    hand = a_ticket(county, node=Node.CLAIM, tier=Tier.TOWN)
    with county.sessions.read() as session:
        steps = session.scalars(select(DueStep).where(DueStep.ticket_id == hand.id, DueStep.clock == "tier")).all()
    pending = {(step.generation, step.step) for step in steps if step.done_at is None}
    assert pending == {(2, "warn"), (2, "due")}
    assert {step.outcome for step in steps if step.generation == 1} == {"cancelled"}


def test_a_tier_handles_a_matter_itself_by_its_own_worker(county: County) -> None:
    hand = a_ticket(county, node=Node.DISPATCH, tier=Tier.VILLAGE)
    ticket = hand.take("dispatch", "village", to="grid")
    assert (ticket.node, ticket.handler_id, ticket.department_code) == ("handle", county.actor("grid").id, None)
    assert events(county, hand)[-1].details["to_holder"]["kind"] == "user"
    hand.take("start", "grid")
    assert hand.take("resolve", "grid", note="已清理").node == "close"


def test_an_own_user_who_returns_a_matter_gives_it_back(county: County) -> None:
    hand = a_ticket(county, node=Node.HANDLE, tier=Tier.VILLAGE, to="grid")
    ticket = hand.take("return", "grid", note="做不了")
    assert (ticket.node, ticket.handler_id) == ("dispatch", None)


@pytest.mark.parametrize("to", ["town", "d.police", "w2108820030011001", "nobody", "leader"])
def test_only_the_tiers_own_people_can_be_dispatched_to(county: County, to: str) -> None:
    hand = a_ticket(county, node=Node.DISPATCH, tier=Tier.VILLAGE)
    with pytest.raises(UnknownPerson):
        hand.take("dispatch", "village", to=to)


def test_a_department_and_an_own_user_at_once_are_refused(county: County) -> None:
    hand = a_ticket(county, node=Node.DISPATCH, tier=Tier.VILLAGE)
    with pytest.raises(DepartmentMissing):
        hand.take("dispatch", "village", to="grid", department="power")


def test_a_department_that_does_not_exist_is_refused(county: County) -> None:
    hand = a_ticket(county, node=Node.DISPATCH, tier=Tier.VILLAGE)
    with pytest.raises(UnknownDepartment):
        hand.take("dispatch", "village", department="wizards")


def test_another_department_than_the_lists_can_be_chosen(county: County) -> None:
    hand = a_ticket(county, node=Node.DISPATCH, tier=Tier.VILLAGE)
    assert hand.take("dispatch", "village", department="power").department_code == "power"


def test_a_failed_verification_is_rework_for_the_same_department(county: County) -> None:
    hand = a_ticket(county, node=Node.CLOSE, tier=Tier.COUNTY)
    due = hand.look().due_at
    ticket = hand.verify(passed=False, note="仍有裸露")
    assert (ticket.node, ticket.department_code, ticket.rework_count) == ("handle", "power", 1)
    assert (ticket.due_at, ticket.closed_at) == (due, None)
    assert hand.take("resolve", "department", note="重新处置").node == "close"
    assert hand.verify(passed=True).rework_count == 1


def test_a_failed_verification_needs_a_note(county: County) -> None:
    hand = a_ticket(county, node=Node.CLOSE, tier=Tier.COUNTY)
    with pytest.raises(NoteMissing):
        hand.verify(passed=False)


@pytest.mark.parametrize("form", [{}, {"passed": True}, {"passed": True, "lon": 122.5}, {"lon": 122.5, "lat": 40.6}])
def test_a_verification_needs_its_outcome_and_its_place(county: County, form: dict[str, Any]) -> None:
    hand = a_ticket(county, node=Node.CLOSE, tier=Tier.COUNTY)
    with pytest.raises(Invalid):
        hand.take("verify", "grid", **form)


@pytest.mark.parametrize("note", ["", "   ", "\n"])
def test_a_note_of_blanks_is_no_note(county: County, note: str) -> None:
    hand = a_ticket(county)
    with pytest.raises(NoteMissing):
        hand.take("reject", "village", note=note)


@pytest.mark.parametrize(("by", "colour", "days"), [("leader", "red", 1), ("county", "yellow", 2), ("town", "blue", 3)])
@pytest.mark.parametrize("node", [Node.INTAKE, Node.HANDLE, Node.CLOSE])
def test_supervision_moves_nothing(county: County, node: Node, by: str, colour: str, days: int) -> None:
    hand = a_ticket(county, node=node)
    before = hand.look()
    after = hand.take("supervise", by, note="请加紧办理", colour=colour)
    same = ("node", "tier", "due_at", "tier_due_at", "tier_generation", "department_code", "handler_id")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    assert after.supervision is not None
    assert after.supervision["colour"] == colour
    assert after.supervision["report_back_at"] == (hand.now + timedelta(days=days)).isoformat()
    assert events(county, hand)[-1].details["supervision"] == after.supervision


def test_a_town_may_not_supervise_in_another_town(county: County) -> None:
    with pytest.raises(RoleNotAllowed):
        a_ticket(county).take("supervise", "t210882003000", note="督办", colour="red")


def test_a_closed_ticket_has_no_pending_steps(county: County) -> None:
    hand = a_ticket(county, node=Node.CLOSED)
    with county.sessions.read() as session:
        steps = session.scalars(select(DueStep).where(DueStep.ticket_id == hand.id)).all()
    assert {step.outcome for step in steps} == {"cancelled"}
    with pytest.raises(WrongNode):
        hand.take("supervise", "leader", note="督办", colour="red")


def test_a_refused_action_changes_nothing(county: County) -> None:
    hand = a_ticket(county, node=Node.DISPATCH, tier=Tier.TOWN)
    before = county.contents()
    for by, action, form in (
        ("village", "claim", {}),
        ("town", "resolve", {"note": "x"}),
        ("town", "dispatch", {"department": "wizards"}),
        ("town", "escalate", {}),
        ("town", "escalate", {"note": "照片", "photos": ["not-a-photo"]}),
    ):
        with pytest.raises(CommandCenterError):
            hand.take(action, by, **form)
    assert county.contents() == before


def a_photo(county: County, by: str) -> str:
    with county.sessions.begin() as session:
        photo = Attachment(
            id=f"photo-of-{by}",
            sha256="0" * 64,
            width=1,
            height=1,
            byte_size=1,
            uploaded_by_id=county.actor(by).id,
            created_at=NOW,
        )
        session.add(photo)
        return photo.id


def test_a_photo_goes_with_one_action_of_who_uploaded_it(county: County) -> None:
    photo = a_photo(county, "village")
    hand = a_ticket(county)
    hand.take("accept", "village", photos=[photo, photo])
    assert lines(county, hand)[-1]["photos"][0]["id"] == photo
    with pytest.raises(UnknownAttachment):
        hand.take("claim", "village", photos=[photo])


def test_a_photo_of_somebody_else_is_refused(county: County) -> None:
    photo = a_photo(county, "town")
    with pytest.raises(UnknownAttachment):
        a_ticket(county).take("accept", "village", photos=[photo])


@pytest.mark.parametrize("tier", TIERS)
def test_the_settling_tier_is_frozen_from_the_authority_list(county: County, tier: Tier) -> None:
    ticket = a_ticket(county, category=BY_TIER[tier]).look()
    assert ticket.settling_tier == tier
    assert standing_of(ticket).village_code == VILLAGE
    assert standing_of(ticket).town_code == TOWN
