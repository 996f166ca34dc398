"""A new edition of the map: accounts and open tickets follow it; and a person may say which grid it is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from command_center.errors import NotACandidate, OutsideCounty, RoleNotAllowed, SameGrid, WrongNode
from command_center.escalation.alarms import MAP_NOT_FOLLOWED, OFF_THE_MAP, alarms
from command_center.escalation.clocks import read_clocks
from command_center.events.log import verify
from command_center.events.relay import streams
from command_center.notices.consumer import catch_up
from command_center.notices.models import Notice
from command_center.people.access import visible
from command_center.people.following import grids_without_worker
from command_center.people.models import User
from command_center.regions import editions
from command_center.regions.editions import About
from command_center.regions.models import MapEdition
from command_center.scheduler import make_follower
from command_center.statistics.consumer import rebuild
from command_center.statistics.models import Rollup
from command_center.tickets import relocation
from command_center.tickets.actions import act, locked
from command_center.tickets.deed import Form
from command_center.tickets.models import Ticket
from command_center.tickets.office import Office
from command_center.tickets.queries import mine
from command_center.tickets.relocation import Relocated, relocate_all
from command_center.tickets.sight import visible_tickets
from command_center.tickets.standing import Node, Tier
from command_center.tickets.workflow import Action
from gis.grid_index import GridIndex
from tests.builders import ELSEWHERE, NOW, TOWN, Hand, a_ticket, spot
from tests.county import County
from tests.regions.maps import VILLAGE, Map, a_new_code, second_edition, shipped
from tests.tickets.life import last_event, told

SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(days=2)
A, B, C, D = [a_new_code(VILLAGE, number) for number in (1, 2, 3, 4)]
FIRST, SECOND, THIRD, FOURTH, FIFTH = Map().grids()[:5]
RECODED = f"{VILLAGE[:9]}977"
Follow = Callable[..., Relocated]


@pytest.fixture(scope="session")
def second_index() -> GridIndex:
    return index_near(second_edition())


def index_near(plan: Map) -> GridIndex:
    """An index of the town's grids alone: all tickets here lie in it, and it is built in no time."""
    return GridIndex.of(boundary for boundary in plan.done() if boundary.code.startswith(TOWN[:9]))


@pytest.fixture
def office(county: County, second_index: GridIndex) -> Office:
    """The office with the second edition in memory."""
    return replace(county.office, grids=second_index, map_edition=2)


def enter(county: County, plan: Map) -> None:
    with county.sessions.begin() as session:
        editions.store(session, plan.done(), About(source="grids.gpkg"), LATER)


@pytest.fixture
def follow(county: County, office: Office) -> Follow:
    """Let the second edition take effect and everything follow it."""

    def followed(**how: Any) -> Relocated:
        enter(county, second_edition())
        return relocate_all(county.sessions, office, lambda: LATER, **how)

    return followed


def in_grid(county: County, code: str, **more: Any) -> Hand:
    """A ticket reported from the middle of a grid."""
    lon, lat = spot(county, code)
    return a_ticket(county, lon=lon, lat=lat, **more)


def edition(county: County, version: int = 2) -> MapEdition:
    with county.sessions.read() as session:
        return session.get_one(MapEdition, version)


def test_each_open_ticket_whose_grid_changed_gets_one_event(county: County, follow: Follow) -> None:
    split, merged, recoded, same = (in_grid(county, code) for code in (FIRST, SECOND, FOURTH, FIFTH))
    before = {hand.id: hand.look() for hand in (split, merged, recoded, same)}
    done = follow()
    assert (done.looked_at, done.moved, done.outside, done.failed, done.finished) == (4, 3, 0, 0, True)
    assert split.look().grid_code in (A, B)
    assert (merged.look().grid_code, recoded.look().grid_code) == (C, D)
    for hand in (split, merged, recoded):
        assert told(county, hand) == ["report", "relocate"]
        assert hand.look().version == before[hand.id].version + 1
    event = last_event(county, merged)
    assert event.actor_role == "system" and event.grid_code == C
    assert event.details["from_grid"] == {"code": SECOND, "name": Map()[SECOND].name}
    assert event.details["to_grid"]["code"] == C and "from_village" not in event.details
    assert (event.details["edition"], event.details["from_edition"], event.details["left"]) == (2, 1, [SECOND])


def test_a_ticket_whose_grid_stayed_is_only_noted_silently(county: County, follow: Follow) -> None:
    hand = in_grid(county, FIFTH)
    before = hand.look()
    follow()
    after = hand.look()
    assert told(county, hand) == ["report"]
    assert (after.version, after.updated_at) == (before.version, before.updated_at)
    assert after.map_edition == 2


def test_closed_tickets_keep_their_grid(county: County, follow: Follow) -> None:
    closed = in_grid(county, SECOND, node=Node.CLOSED)
    follow()
    assert (closed.look().grid_code, closed.look().map_edition) == (SECOND, 1)
    assert told(county, closed)[-1] == "close"


def test_no_clock_is_touched(county: County, follow: Follow) -> None:
    hands = [in_grid(county, SECOND), in_grid(county, SECOND, node=Node.HANDLE)]
    hands[1].take(Action.SUSPEND, "village", note="等材料", until=LATER + timedelta(days=5))
    names = [c.key for c in Ticket.__table__.columns if "due_at" in c.key or "clock" in c.key or "tier" in c.key]
    before = [[getattr(hand.look(), name) for name in names] for hand in hands]
    follow()
    assert [hand.look().grid_code for hand in hands] == [C, C]
    assert [[getattr(hand.look(), name) for name in names] for hand in hands] == before


def test_the_record_stays_sound_and_the_statistics_count_the_ticket_in_its_new_grid(
    county: County, follow: Follow
) -> None:
    in_grid(county, SECOND, node=Node.HANDLE)
    county.relay()
    assert reported(county, SECOND) == 1
    follow()
    county.relay()
    assert (reported(county, SECOND), reported(county, C), reported(county, VILLAGE)) == (0, 1, 1)
    with county.sessions.begin() as session:
        assert rebuild(session, county.office.zone) == 0
        assert [fault for fault in verify(session, county.office.chain_key) if fault is not None] == []


def reported(county: County, region: str) -> int:
    with county.sessions.read() as session:
        found = select(Rollup.reported).where(Rollup.region_code == region, Rollup.dimension == "total")
        return session.scalar(found) or 0


def test_accounts_of_a_grid_that_ended_follow_its_land(county: County, follow: Follow) -> None:
    demo, second, fourth = "grid", f"w{SECOND}", f"w{FOURTH}"
    follow()
    assert [county.user(name).region_code for name in (demo, second, fourth)] == [A, C, D]
    listed = {line["username"]: line for line in (edition(county).people or {})["accounts"]}
    assert set(listed) == {demo, second, f"w{THIRD}", fourth}
    assert (listed[demo]["how"], listed[demo]["to"]["code"]) == ("split", A)
    assert [other["code"] for other in listed[demo]["others"]] == [B]
    with county.sessions.read() as session:
        assert [grid.code for grid in grids_without_worker(session)] == [B]


def test_whoever_had_to_verify_may_still_do_so_wherever_the_ticket_went(county: County, follow: Follow) -> None:
    """The demo worker's grid is split; the account goes to the greater part, a ticket lies in the other."""
    plan = second_edition()
    point = plan[B].geometry.representative_point()
    hand = a_ticket(county, node=Node.CLOSE, lon=point.x, lat=point.y)
    follow()
    ticket, worker = hand.look(), county.user("grid")
    assert (ticket.grid_code, ticket.former_grid_code, worker.region_code) == (B, A, A)
    with county.sessions.read() as session:
        for which in (visible(Ticket, worker), mine(worker)):
            assert hand.id in session.scalars(select(Ticket.id).where(which)).all()
    county._actors.clear()  # the account is another one now
    assert hand.verify(passed=True, now=LATER).node == "closed"


def test_a_ticket_outside_the_new_map_stays_and_says_so(county: County, county_without: Office) -> None:
    lon, lat = spot(county, FIRST)
    hand = a_ticket(county, lon=lon, lat=lat, node=Node.CLOSE)
    enter(county, without_a_town())
    done = relocate_all(county.sessions, county_without, lambda: LATER)
    assert (done.moved, done.outside, done.finished) == (0, 1, True)
    event = last_event(county, hand)
    assert (event.action, event.details["outside"], event.grid_code) == ("relocate", True, FIRST)
    assert hand.look().map_edition == 2
    assert edition(county).counts["tickets_outside"] == 1
    assert OFF_THE_MAP in alarmed(county, LATER)
    county._actors.clear()
    assert hand.verify(passed=True, now=LATER).node == "closed", "the worker whose grid ended has nobody in their place"


def without_a_town() -> Map:
    return Map(b for b in shipped() if not b.code.startswith(TOWN[:9]))


@pytest.fixture
def county_without(county: County) -> Office:
    elsewhere = [b for b in shipped() if b.code.startswith(ELSEWHERE[:9])]
    return replace(county.office, grids=GridIndex.of(elsewhere), map_edition=2)


def test_nothing_moves_while_this_process_has_the_old_map(county: County) -> None:
    hand = in_grid(county, SECOND)
    enter(county, second_edition())
    done = relocate_all(county.sessions, county.office, lambda: LATER)
    assert (done.looked_at, done.finished) == (0, False)
    assert hand.look().grid_code == SECOND
    assert MAP_NOT_FOLLOWED not in alarmed(county, LATER + timedelta(minutes=4))
    assert MAP_NOT_FOLLOWED in alarmed(county, LATER + timedelta(minutes=6))


def alarmed(county: County, now: datetime) -> list[str]:
    with county.sessions.read() as session:
        return [alarm.name for alarm in alarms(session, read_clocks()._replace(wall=now))]


def test_a_report_that_another_process_took_in_with_the_old_map_is_found_later(
    county: County, office: Office, follow: Follow
) -> None:
    follow()
    assert edition(county).finished_at == LATER
    lon, lat = spot(county, SECOND)
    late = a_ticket(county, lon=lon, lat=lat, now=LATER + timedelta(seconds=1))
    assert late.look().grid_code == SECOND, "that process still has edition 1"
    with county.sessions.read() as session:
        assert relocation.is_pending(session) and relocation.left(session) == 1
    done = relocate_all(county.sessions, office, lambda: LATER + timedelta(seconds=2))
    assert done.moved == 1 and late.look().grid_code == C


def test_what_stops_in_between_goes_on_where_it_stopped(
    county: County, office: Office, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relocation, "BATCH", 2)
    hands = [in_grid(county, SECOND) for _ in range(5)]
    batches: list[int] = []
    done = follow(tell=batches.append, enough=lambda: len(batches) >= 1)
    assert (done.moved, done.finished, batches) == (2, False, [2])
    assert edition(county).finished_at is None
    done = relocate_all(county.sessions, office, lambda: LATER)
    assert (done.moved, done.finished) == (3, True)
    assert [told(county, hand) for hand in hands] == [["report", "relocate"]] * 5
    assert edition(county).counts["tickets_moved"] == 5


def test_one_ticket_that_fails_does_not_hold_up_the_others(county: County, office: Office, follow: Follow) -> None:
    broken, fine = in_grid(county, SECOND), in_grid(county, THIRD)
    with county.sessions.begin() as session:
        session.execute(update(Ticket).where(Ticket.id == broken.id).values(lat=95.0))
    done = follow()
    assert (done.moved, done.failed, done.finished) == (1, 1, False)
    assert fine.look().grid_code == C and told(county, broken) == ["report"]
    assert edition(county).finished_at is None


def test_the_scheduler_lets_tickets_follow_and_leaves_a_failure_alone_for_a_while(
    county: County, office: Office
) -> None:
    hand = in_grid(county, SECOND)
    enter(county, second_edition())
    alive: list[int] = []
    turn = make_follower(county.sessions, lambda: office, lambda: alive.append(1))
    assert turn(LATER) is True and alive
    assert hand.look().grid_code == C
    assert turn(LATER) is False, "nothing is left to do"
    broken = in_grid(county, FOURTH)
    with county.sessions.begin() as session:
        session.execute(update(Ticket).where(Ticket.id == broken.id).values(lat=95.0))
    assert turn(LATER) is False
    with county.sessions.begin() as session:
        session.execute(update(Ticket).where(Ticket.id == broken.id).values(lat=hand.look().lat))
    assert turn(LATER) is False and broken.look().grid_code == FOURTH, "it is tried again after a minute"


def test_a_scheduled_edition_is_entered_when_its_time_has_come(county: County) -> None:
    with county.sessions.begin() as session:
        editions.store(session, second_edition().done(), About(effective_at=LATER), NOW)
    assert relocation.enter_due(county.sessions, LATER - timedelta(seconds=1)) is False
    assert relocation.enter_due(county.sessions, LATER) is True
    assert relocation.enter_due(county.sessions, LATER) is False


def test_a_person_moves_a_ticket_to_another_grid_it_may_lie_in(county: County) -> None:
    hand, other = inexact(county)
    ticket = hand.take(Action.RELOCATE, "village", to=other)
    assert (ticket.grid_code, ticket.placed, ticket.version) == (other, "chosen", 2)
    event = last_event(county, hand)
    assert (event.action, event.actor_username, event.details["to_grid"]["code"]) == ("relocate", "village", other)
    county.relay()
    with county.sessions.begin() as session:
        assert rebuild(session, county.office.zone) == 0


def inexact(county: County, **more: Any) -> tuple[Hand, str]:
    """A ticket of the demo worker's, accurate to 400 m, and another grid of the same village it may lie in."""
    lon, lat = spot(county, FIRST)
    hand = a_ticket(county, lon=lon, lat=lat, accuracy_m=400.0, **more)
    near = [one.grid for one in county.office.grids.circle(lon, lat, 400.0).candidates]
    return hand, next(code for code in near if code != FIRST and code[:13] == f"{VILLAGE}1")


@pytest.mark.parametrize(
    ("by", "to", "refusal"),
    [
        ("village", "2108820030010001", NotACandidate),
        ("village", "no grid", NotACandidate),
        ("village", None, NotACandidate),
        ("village", FIRST, SameGrid),
        ("department", SECOND, RoleNotAllowed),
        (f"w{FIFTH}", SECOND, RoleNotAllowed),
    ],
)
def test_nobody_moves_a_ticket_to_where_it_cannot_lie(
    county: County, by: str, to: str | None, refusal: type[Exception]
) -> None:
    hand, _ = inexact(county)
    with pytest.raises(refusal):
        hand.take(Action.RELOCATE, by, to=to)
    assert told(county, hand) == ["report"]


def test_who_reported_it_may_correct_the_grid_until_it_is_closed(county: County) -> None:
    hand, other = inexact(county, node=Node.HANDLE)
    assert hand.take(Action.RELOCATE, "grid", to=other).grid_code == other
    closed, other = inexact(county, node=Node.CLOSED)
    with pytest.raises(WrongNode):
        closed.take(Action.RELOCATE, "grid", to=other)


def test_the_hotline_corrects_it_at_intake_only(county: County) -> None:
    hand, other = inexact(county)
    assert hand.take(Action.RELOCATE, "hotline", to=other).grid_code == other
    later, other = inexact(county, node=Node.DISPATCH, tier=Tier.VILLAGE)
    with pytest.raises(RoleNotAllowed):
        later.take(Action.RELOCATE, "hotline", to=other)


def test_a_new_edition_leaves_what_a_person_chose_while_it_may_still_lie_there(county: County, office: Office) -> None:
    hand, _ = inexact(county)
    lon, lat = spot(county, FIRST)
    near = [one.grid for one in county.office.grids.circle(lon, lat, 400.0).candidates]
    stays = next(code for code in near if code in (FIFTH, Map().grids()[5]))
    hand.take(Action.RELOCATE, "village", to=stays)
    ended, _ = inexact(county)
    ended.take(Action.RELOCATE, "village", to=THIRD)
    enter(county, second_edition())
    relocate_all(county.sessions, office, lambda: LATER)
    assert (hand.look().grid_code, hand.look().placed) == (stays, "chosen")
    assert ended.look().grid_code in (A, B), "its chosen grid ended: it is found by its point again"


def test_officers_of_a_village_with_a_new_code_are_not_told_what_they_had_already(
    county: County,
) -> None:
    """A whole village is re-coded: officers and workers go along, so nobody gets a new matter."""
    new, plan = RECODED, recoded_village()
    hand = in_grid(county, FIRST)
    assert kinds_told(county, "village") == ["report"]
    enter(county, plan)
    office = replace(county.office, grids=index_near(plan), map_edition=2)
    relocate_all(county.sessions, office, lambda: SOON)
    assert hand.look().village_code == new == county.user("village").region_code
    assert last_event(county, hand).details["same_hands"] is True
    assert kinds_told(county, "village") == ["report"]
    with county.sessions.read() as session:
        assert session.scalars(select(User.region_code).where(User.username == f"w{FIFTH}")).one() == new + FIFTH[12:]


def recoded_village() -> Map:
    """The same map, with another code for a village and so for its grids."""
    plan = Map()
    grids = [*plan.grids(), *plan.grids(kind="school"), *plan.grids(kind="enterprise")]
    plan.recode(VILLAGE, RECODED)
    for grid in grids:
        plan.recode(grid, RECODED + grid[12:])
    return plan


@pytest.fixture
def recode(county: County) -> Callable[[], Office]:
    """Give the village its other code, and let everything follow."""

    def recoded() -> Office:
        plan = recoded_village()
        enter(county, plan)
        office = replace(county.office, grids=index_near(plan), map_edition=2)
        relocate_all(county.sessions, office, lambda: LATER)
        county._actors.clear()
        return office

    return recoded


def seen(county: County, username: str) -> list[int]:
    user = county.user(username)
    with county.sessions.read() as session:
        return list(session.scalars(select(Ticket.id).where(visible_tickets(user)).order_by(Ticket.id)))


def test_what_was_closed_in_a_village_stays_its_officers_under_its_new_code(
    county: County, recode: Callable[[], Office]
) -> None:
    late, closed = in_grid(county, FIRST, node=Node.CLOSE), in_grid(county, FIFTH, node=Node.CLOSED, by="county")
    late.verify(passed=True, now=late.look().due_at + timedelta(hours=1))
    before = {name: seen(county, name) for name in ("village", f"w{FIFTH}", "town", f"v{VILLAGE[:9]}005")}
    assert before["village"] == [late.id, closed.id] and before[f"w{FIFTH}"] == [closed.id]
    office = recode()
    assert {name: seen(county, name) for name in before} == before
    phone = county.phone("village")
    assert phone.get(f"tickets/{closed.look().number}").status_code == 200
    assert late.take(Action.APPEAL, "village", note="系统故障", now=LATER + timedelta(days=9)).appeal is not None
    closed.take(Action.REOPEN, "village", note="又断了", now=LATER + timedelta(days=9))
    assert relocate_all(county.sessions, office, lambda: LATER + timedelta(days=9)).moved == 1
    assert (closed.look().village_code, closed.look().grid_code) == (RECODED, RECODED + FIFTH[12:])
    assert seen(county, "village") == before["village"]


def test_officers_are_told_of_what_was_closed_under_their_village_s_old_code(
    county: County, recode: Callable[[], Office]
) -> None:
    closed = in_grid(county, FIRST, node=Node.CLOSED)
    assert "follow_up" not in kinds_told(county, "village")
    recode()
    closed.take(Action.CALLBACK, "hotline", reached=True, satisfied=False, note="没有修好", now=LATER)
    assert kinds_told(county, "village")[-1] == "follow_up"
    closed.take(Action.FOLLOW_UP, "village", passed=True, note="已上门说明", now=LATER + timedelta(hours=1))


def test_the_figures_of_a_village_s_old_code_are_its_own(county: County, recode: Callable[[], Office]) -> None:
    recode()
    phone = county.phone("village")
    for region, status in ((VILLAGE, 200), (RECODED, 200), (f"{VILLAGE[:9]}005", 403)):
        assert phone.get("statistics", region=region).status_code == status
    assert county.phone(f"v{VILLAGE[:9]}005").get("statistics", region=VILLAGE).status_code == 403


def test_an_officer_puts_a_ticket_off_the_map_into_a_grid_of_the_village_s_heir(
    county: County, county_without: Office
) -> None:
    hand = in_grid(county, FIRST, accuracy_m=50.0)
    enter(county, recoded_village())
    assert relocate_all(county.sessions, county_without, lambda: LATER).outside == 1
    county._actors.clear()
    officer = county.user("village")
    with county.sessions.read() as session:
        assert session.scalars(select(Ticket.id).where(mine(officer))).all() == [hand.id]
    assert hand.take(Action.ACCEPT, "village", now=LATER).node == "claim"

    def put(to: str) -> Ticket:
        with county.sessions.begin() as session:
            ticket = locked(session, hand.id)
            act(session, county_without, ticket, Action.RELOCATE, Form(to=to), county.actor("village"), LATER)
            return ticket

    for nowhere in (FIFTH, f"{ELSEWHERE[:9]}0011001", "no grid"):
        with pytest.raises(OutsideCounty):
            put(nowhere)
    put(RECODED + FIFTH[12:])
    moved = hand.look()
    assert (moved.grid_code, moved.village_code, moved.placed) == (RECODED + FIFTH[12:], RECODED, "chosen")


def test_what_a_person_chose_stays_chosen_where_the_point_comes_to_lie_in_it(county: County) -> None:
    hand, other = inexact(county)
    hand.take(Action.RELOCATE, "village", to=other)
    plan = Map().merge(other, other, FIRST)
    enter(county, plan)
    office = replace(county.office, grids=index_near(plan), map_edition=2)
    assert relocate_all(county.sessions, office, lambda: LATER).moved == 0
    assert (hand.look().grid_code, hand.look().placed, hand.look().map_edition) == (other, "chosen", 2)


def test_officers_of_another_village_are_told_that_the_matter_is_theirs_now(county: County) -> None:
    neighbour, officer = f"{VILLAGE[:9]}005", f"v{VILLAGE[:9]}005"
    with county.sessions.begin() as session:
        session.execute(update(User).where(User.username == officer).values(phone="13800000000"))
    plan = Map().recode(FOURTH, a_new_code(neighbour, 1))
    hand = in_grid(county, FOURTH)
    assert kinds_told(county, officer) == []
    enter(county, plan)
    office = replace(county.office, grids=index_near(plan), map_edition=2)
    relocate_all(county.sessions, office, lambda: SOON)
    assert hand.look().village_code == neighbour
    assert kinds_told(county, officer) == ["hands"]
    event = last_event(county, hand)
    assert {event.details["from_village"]["code"], event.details["to_village"]["code"]} == {VILLAGE, neighbour}
    assert {VILLAGE, neighbour, TOWN} <= set(streams(event)), "the screens of both villages hear of it"


def kinds_told(county: County, username: str) -> list[str]:
    """Of which kinds the notices of somebody are, as told an hour after the report."""
    while county.center.relay.publish_batch():
        pass
    catch_up(county.sessions, county.office.zone, SOON)
    with county.sessions.read() as session:
        told_to = select(Notice.kind).join(User, User.id == Notice.user_id).where(User.username == username)
        return list(session.scalars(told_to.order_by(Notice.id)))
