"""Lists of tickets: who sees what, what the filters leave, and that paging shows everything exactly once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from command_center.errors import BadCursor, TicketNotFound
from command_center.people.models import User
from command_center.tickets.models import Ticket
from command_center.tickets.queries import Filter, by_number, encode, events_after, find
from command_center.tickets.standing import Node, Tier
from tests.builders import CABLE, ELSEWHERE, JUSTICE, NOW, RECORD, TOWN, VILLAGE, Hand, a_ticket, spot
from tests.county import County

FAR_VILLAGE = "210882003001"


def found(county: County, username: str, now: Any = NOW, **wanted: Any) -> list[int]:
    """The ids of a list's first page, as somebody sees it."""
    with county.sessions.read() as session:
        page, _, _ = find(session, county.user(username), Filter(**wanted), now, limit=200, cursor=None)
        return [ticket.id for ticket in page]


def far_away(county: County, **more: Any) -> Hand:
    """A ticket in another town, reported by its own worker."""
    lon, lat = spot(county, FAR_VILLAGE)
    return a_ticket(county, lon=lon, lat=lat, by="hotline", **more)


def pages(county: County, username: str, limit: int, **wanted: Any) -> list[list[int]]:
    """Walk a list to its end."""
    walked, cursor = [], None
    while True:
        with county.sessions.read() as session:
            page, cursor, _ = find(session, county.user(username), Filter(**wanted), NOW, limit=limit, cursor=cursor)
        walked.append([ticket.id for ticket in page])
        if cursor is None:
            return walked


@pytest.fixture
def mixed(county: County) -> list[int]:
    """Open and closed tickets, several with the very same due time."""
    hands = [a_ticket(county) for _ in range(4)] + [a_ticket(county, category=CABLE) for _ in range(3)]
    hands += [a_ticket(county, node=Node.REJECTED) for _ in range(3)]
    hands += [a_ticket(county, category=JUSTICE, now=NOW - timedelta(days=9))]
    return [hand.id for hand in hands]


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3, 200])
def test_paging_walks_everything_exactly_once_in_order(
    county: County, mixed: list[int], limit: int, newest_first: bool
) -> None:
    walked = [id for page in pages(county, "county", limit, newest_first=newest_first) for id in page]
    assert walked == pages(county, "county", 200, newest_first=newest_first)[0]
    assert sorted(walked) == sorted(mixed)


def test_the_first_due_comes_first_and_the_closed_come_last(county: County, mixed: list[int]) -> None:
    with county.sessions.read() as session:
        page, _, total = find(session, county.user("county"), Filter(), NOW, limit=50, cursor=None)
    keys = [(ticket.closed_at is not None, ticket.due_at, ticket.id) for ticket in page]
    assert keys == sorted(keys)
    assert total == len(mixed)


def test_newest_first_is_by_age(county: County, mixed: list[int]) -> None:
    assert found(county, "county", newest_first=True) == sorted(mixed, reverse=True)


@pytest.mark.parametrize(
    "cursor",
    [
        "!",
        "x" * 300,
        "线缆",
        encode({}),
        encode({"id": "1"}),
        encode({"id": True, "due": NOW.isoformat()}),
        encode({"id": 1, "due": "tomorrow"}),
        encode({"id": 1, "due": "2026-11-20T09:00:00"}),
        encode({"id": 1, "due": "0001-01-01T00:00:00+14:00"}),
        encode({"id": 2**80, "due": NOW.isoformat()}),
    ],
)
def test_a_cursor_that_is_none_is_refused(county: County, cursor: str) -> None:
    with county.sessions.read() as session, pytest.raises(BadCursor):
        find(session, county.user("county"), Filter(), NOW, limit=5, cursor=cursor)


def test_each_role_sees_exactly_its_own(county: County) -> None:
    here = a_ticket(county).id
    there = far_away(county).id
    cable = a_ticket(county, node=Node.HANDLE, tier=Tier.COUNTY, by="hotline").id
    everything = sorted([here, there, cable])
    seen = {
        "county": everything,
        "leader": everything,
        "hotline": everything,
        "admin": everything,
        "town": [here, cable],
        "village": [here, cable],
        "grid": [here, cable],
        "department": [cable],
        f"t{ELSEWHERE}": [there],
        f"v{FAR_VILLAGE}": [there],
        "d.police": [],
        "w2108820040041002": [],
    }
    for username, own in seen.items():
        assert sorted(found(county, username)) == own, username


def test_a_worker_sees_what_they_reported_elsewhere(county: County) -> None:
    lon, lat = spot(county, FAR_VILLAGE)
    elsewhere = a_ticket(county, lon=lon, lat=lat, by="grid").id
    assert found(county, "grid") == [elsewhere]


def test_a_worker_sees_what_was_handed_to_them_elsewhere(county: County) -> None:
    hand = far_away(county)
    with county.sessions.begin() as session:
        session.execute(update(Ticket).where(Ticket.id == hand.id).values(handler_id=county.user("grid").id))
    assert found(county, "grid") == [hand.id]


def test_a_hidden_ticket_and_an_absent_one_are_refused_alike(county: County) -> None:
    hidden = far_away(county).look().number
    absent = hidden[:-3] + "99"
    texts = []
    for number in (hidden, absent, "nonsense", "\x00"):
        with county.sessions.read() as session, pytest.raises(TicketNotFound) as refused:
            by_number(session, number, county.user("village"))
        texts.append(str(refused.value).replace(number, "N"))
    assert len(set(texts)) == 1


def test_a_department_that_returned_a_matter_still_sees_it_by_its_number(county: County) -> None:
    hand = a_ticket(county, node=Node.HANDLE, tier=Tier.COUNTY)
    hand.take("return", "department", note="不属于我单位")
    number = hand.look().number
    with county.sessions.read() as session:
        assert by_number(session, number, county.user("department")).id == hand.id
        with pytest.raises(TicketNotFound):
            by_number(session, number, county.user("d.water_supply"))


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"node": "handle"}, ["cable"]),
        ({"tier": "county"}, ["cable"]),
        ({"tier": "town"}, []),
        ({"open": True}, ["here", "cable", "there"]),
        ({"open": False}, ["rejected"]),
        ({"overdue": True}, []),
        ({"category": "05"}, ["cable"]),
        ({"category": CABLE}, ["cable"]),
        ({"category": "0108"}, ["here", "there", "rejected"]),
        ({"category": "%"}, []),
        ({"department": "power"}, ["cable"]),
        ({"region": TOWN}, ["here", "cable", "rejected"]),
        ({"region": VILLAGE}, ["here", "cable", "rejected"]),
        ({"region": ELSEWHERE}, ["there"]),
        ({"q": "断落"}, ["cable"]),
        ({"q": "%"}, []),
        ({"q": "_"}, []),
        ({"q": "   "}, ["here", "cable", "there", "rejected"]),
        ({"q": "线缆"}, ["cable"]),
        ({"since": NOW + timedelta(minutes=1)}, ["cable", "rejected"]),
        ({"bbox": (0.0, 0.0, 1.0, 1.0)}, []),
        ({"bbox": (120.0, 39.0, 124.0, 42.0)}, ["here", "cable", "there", "rejected"]),
    ],
    ids=str,
)
def test_a_filter_leaves_what_it_names(county: County, wanted: dict[str, Any], expected: list[str]) -> None:
    names = {
        a_ticket(county).id: "here",
        a_ticket(county, node=Node.HANDLE, tier=Tier.COUNTY, description="电线断落").id: "cable",
        far_away(county).id: "there",
        a_ticket(county, node=Node.REJECTED).id: "rejected",
    }
    assert sorted(names[id] for id in found(county, "county", **wanted)) == sorted(expected)


def test_a_number_finds_its_ticket_however_it_is_typed(county: County) -> None:
    hand = a_ticket(county)
    a_ticket(county)
    number = hand.look().number
    assert found(county, "county", q=number.replace("-", " ")) == [hand.id]
    assert found(county, "county", q=number[7:21]) == [hand.id]


def test_overdue_means_open_and_past_its_time(county: County) -> None:
    late = a_ticket(county, category=CABLE)
    a_ticket(county, node=Node.REJECTED)
    a_ticket(county, category=RECORD)
    assert found(county, "county", NOW + timedelta(hours=2), overdue=True) == [late.id]
    assert found(county, "county", NOW + timedelta(hours=1), overdue=True) == []
    assert late.id not in found(county, "county", NOW + timedelta(hours=2), overdue=False)


@pytest.mark.parametrize(
    ("username", "expected"),
    [
        ("grid", ["intake", "close"]),  # reported both
        ("village", ["intake"]),
        ("town", ["dispatch"]),
        ("county", []),
        ("department", ["handle"]),
        ("hotline", ["intake"]),
        ("leader", []),
    ],
)
def test_mine_is_what_i_reported_or_have_in_my_hands(county: County, username: str, expected: list[str]) -> None:
    nodes = {
        a_ticket(county).id: "intake",
        a_ticket(county, node=Node.CLOSE).id: "close",
        a_ticket(county, node=Node.DISPATCH, tier=Tier.TOWN, by="leader").id: "dispatch",
        a_ticket(county, node=Node.HANDLE, tier=Tier.COUNTY, by="admin").id: "handle",
    }
    assert sorted(nodes[id] for id in found(county, username, mine=True)) == sorted(
        expected + (["dispatch"] if username == "leader" else [])
    )


def visible_events(county: County, user: User, after: int = 0, limit: int = 200) -> list[tuple[int, int]]:
    with county.sessions.read() as session:
        return [(seq, event.ticket_id) for seq, event in events_after(session, user, after, None, limit)]


def test_events_are_seen_by_whom_the_ticket_is_seen(county: County) -> None:
    here, there = a_ticket(county), far_away(county)
    cable = a_ticket(county, node=Node.HANDLE, tier=Tier.COUNTY)
    county.relay()
    everything = visible_events(county, county.user("county"))
    assert [seq for seq, _ in everything] == list(range(1, len(everything) + 1))
    assert {ticket for _, ticket in visible_events(county, county.user("village"))} == {here.id, cable.id}
    assert {ticket for _, ticket in visible_events(county, county.user(f"t{ELSEWHERE}"))} == {there.id}
    assert len(visible_events(county, county.user("department"))) == 1


def test_events_are_paged_by_their_number(county: County) -> None:
    a_ticket(county, node=Node.CLOSED)
    county.relay()
    user, walked = county.user("county"), list[int]()
    while page := visible_events(county, user, walked[-1] if walked else 0, 2):
        walked += [seq for seq, _ in page]
    assert walked == [seq for seq, _ in visible_events(county, user)]
