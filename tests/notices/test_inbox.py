"""The inbox: everybody concerned is told once, whoever fills it and whatever is cut short."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import delete, func, select, update

from command_center.events.models import Published
from command_center.notices import inbox
from command_center.notices.consumer import advance, catch_up
from command_center.notices.models import Notice, NoticesCursor
from command_center.people.actions import set_phone
from command_center.people.models import User
from command_center.tickets.workflow import Node, Tier
from tests.builders import NOW, TOWN, a_ticket
from tests.conftest import Counties
from tests.county import County
from tests.notices.inboxes import SOON, department, happens, notices, of, publish, tell_all, tier


def test_a_report_is_told_to_the_village_and_to_nobody_else(county: County) -> None:
    a_ticket(county)
    tell_all(county)
    assert notices(county) == [("village", "report")]


def test_nobody_is_told_of_what_they_did_themselves(county: County) -> None:
    a_ticket(county, node=Node.HANDLE, tier=Tier.VILLAGE, to="village")
    tell_all(county)
    assert of(county, "village") == ["report"]


def test_the_whole_story_is_told_to_those_who_have_it_next(county: County) -> None:
    a_ticket(county, node=Node.CLOSED, tier=Tier.COUNTY)
    tell_all(county)
    assert notices(county) == [
        ("village", "report"),
        ("town", "hands"),
        ("county", "hands"),
        ("department", "hands"),
        ("grid", "verify"),
        ("grid", "closed"),  # who reported it
    ]


def test_supervision_is_told_to_the_holder_and_the_town(county: County) -> None:
    hand = a_ticket(county, node=Node.HANDLE, tier=Tier.COUNTY)
    happens(county, hand, "supervise", by="leader", from_holder=department("power"), to_holder=department("power"))
    happens(county, hand, "report_missed", n=99, from_holder=department("power"), to_holder=department("power"))
    tell_all(county)
    assert [entry for entry in notices(county) if entry[1] in ("supervision", "missed")] == [
        ("department", "supervision"),
        ("town", "supervision"),
        ("department", "missed"),
        ("leader", "missed"),
    ]


def test_who_asked_hears_what_was_decided(county: County) -> None:
    hand = a_ticket(county, node=Node.HANDLE, tier=Tier.COUNTY)
    same = {"from_holder": department("power"), "to_holder": department("power")}
    happens(county, hand, "request_extension", by="department", **same)
    happens(county, hand, "decide_extension", by="county", **same, details={"passed": True, "step": 1})
    happens(county, hand, "decide_extension", by="leader", **same, details={"passed": True, "step": 2, "granted": True})
    tell_all(county)
    assert [entry for entry in notices(county) if entry[1].startswith("decide")] == [
        ("county", "decide"),
        ("leader", "decide"),
        ("department", "decided"),
    ]


def test_the_real_actions_tell_what_the_table_says(county: County) -> None:
    """The events above are made by hand; these are the tickets' own."""
    with county.sessions.begin() as session:
        set_phone(session, "d.water_supply", "13800001234")
    hand = a_ticket(county, node=Node.HANDLE, tier=Tier.COUNTY)
    hand.take("assist", "department", departments=("water_supply",), note="请停水")
    hand.take("request_extension", "department", note="需挖开路面")
    hand.take("decide_extension", "county", passed=True, note="同意")
    hand.take("decide_extension", "leader", passed=True, note="同意")
    hand.take("supervise", "leader", colour="red", note="请今天解决")
    hand.take("remind", "hotline")
    hand.take("resolve", "d.water_supply", note="已停水")
    told = [entry.message for entry in tell_all(county, NOW + timedelta(hours=1))]
    assert notices(county)[4:] == [
        ("d.water_supply", "assist"),
        ("county", "decide"),
        ("leader", "decide"),
        ("department", "decided"),
        ("department", "supervision"),
        ("town", "supervision"),
        ("department", "remind"),
        ("department", "answered"),
    ]
    assert not [message for message in told if "未定" in message["text_zh"]], "every time it speaks of is there"
    assert any("前答复" in message["text_zh"] and "请停水" in message["text_zh"] for message in told)


def test_whoever_reported_what_was_merged_follows_the_main_ticket(county: County) -> None:
    main, other = a_ticket(county, by="hotline", node=Node.CLOSE), a_ticket(county, by="grid")
    with county.sessions.begin() as session:
        session.execute(
            update(type(other.look())).where(type(other.look()).id == other.id).values(merged_into_id=main.id)
        )
    main.take("close", "village", note="电话核实")
    tell_all(county)
    assert [entry for entry in notices(county) if entry[1] == "closed"] == [("grid", "closed"), ("hotline", "closed")]


def test_an_account_nobody_can_open_has_no_inbox(county: County) -> None:
    a_ticket(county)
    with county.sessions.begin() as session:
        session.execute(update(User).where(User.username == "village").values(active=False))
    tell_all(county)
    assert notices(county) == []  # the village's other account has no password yet


def test_one_event_makes_one_notice_for_each(county: County) -> None:
    """The town's officers have it, and watch over it: they are told once."""
    hand = a_ticket(county)
    happens(county, hand, "supervise", by="leader", from_holder=tier(TOWN), to_holder=tier(TOWN))
    tell_all(county)
    assert of(county, "town") == ["supervision"]


def test_what_was_rolled_back_is_told_the_next_time(county: County) -> None:
    a_ticket(county, node=Node.CLOSED, tier=Tier.TOWN)
    publish(county)
    with county.sessions.begin() as session:
        assert advance(session, SOON)[0] > 0
        session.rollback()
    assert notices(county) == []
    catch_up(county.sessions, county.settings.zone, SOON)
    first = notices(county)
    assert first
    assert catch_up(county.sessions, county.settings.zone, SOON) == 0
    assert notices(county) == first


def test_several_readers_at_once_tell_everything_once(open_county: Counties) -> None:
    counties = [open_county() for _ in range(3)]
    for _ in range(12):
        a_ticket(counties[0], node=Node.HANDLE, tier=Tier.TOWN)
    publish(counties[0])
    start = Barrier(3)

    def one(county: County) -> int:
        start.wait(30)
        read = 0
        while True:
            with county.sessions.begin() as session:
                batch, _ = advance(session, SOON, limit=5)
            read += batch
            if not batch:
                return read

    with ThreadPoolExecutor(3) as pool:
        read = sum(pool.map(one, counties))
    with counties[0].sessions.read() as session:
        assert read == session.scalar(select(func.count()).select_from(Published))
        assert session.get_one(NoticesCursor, 1).seq == read
    told = notices(counties[0])
    assert (told.count(("village", "report")), told.count(("town", "hands"))) == (12, 12)


def test_a_cursor_that_was_set_back_tells_nobody_twice(county: County) -> None:
    a_ticket(county, node=Node.CLOSED, tier=Tier.TOWN)
    tell_all(county)
    before = notices(county)
    with county.sessions.begin() as session:
        session.execute(update(NoticesCursor).values(seq=0))
    catch_up(county.sessions, county.settings.zone, SOON)
    assert notices(county) == before


def test_history_is_no_news(county: County) -> None:
    """Simulated or imported months must not drown anybody, neither the first time nor later."""
    a_ticket(county, now=NOW - timedelta(days=3))
    tell_all(county)
    a_ticket(county, now=NOW - timedelta(days=2))
    a_ticket(county)
    tell_all(county)
    assert notices(county) == [("village", "report")]
    with county.sessions.begin() as session:
        session.execute(delete(NoticesCursor))
        session.execute(delete(Notice))
    catch_up(county.sessions, county.settings.zone, SOON)
    assert notices(county) == [("village", "report")]


def test_the_live_messages_tell_in_both_languages_and_count(county: County) -> None:
    hands = [a_ticket(county) for _ in range(2)]
    live = tell_all(county)
    assert [entry.user_id for entry in live] == [county.user("village").id] * 2
    message = live[0].message
    assert (message["kind"], message["number"], message["unread"]) == ("report", hands[0].look().number, 2)
    assert "富丽社区" in message["text_zh"] and message["text_en"].startswith("New report: ")
    assert message["id"] < live[1].message["id"]


def test_a_flood_sends_the_newest_live_and_counts_all(county: County) -> None:
    for _ in range(30):
        a_ticket(county)
    live = tell_all(county)
    assert len(live) == 20
    assert {entry.message["unread"] for entry in live} == {30}


KINDS_TOLD = ("supervise", "remind", "warn", "overdue", "escalate", "assist", "bulletin", "rate", "answer_missed")


@pytest.mark.parametrize("action", KINDS_TOLD)
def test_every_kind_has_its_words(county: County, action: str) -> None:
    hand = a_ticket(county)
    details = {
        "satisfied": False,
        "department": "power",
        "clock": "tier",
        "supervision": {"colour": "red", "report_back_at": NOW.isoformat(), "by": "leader"},
    }
    happens(county, hand, action, to_holder=tier(TOWN), note="请  尽快\n处理", details=details)
    told = [entry.message for entry in tell_all(county) if entry.message["kind"] != "report"]
    assert told
    for message in told:
        assert "{" not in message["text_zh"] + message["text_en"]
        assert "请 尽快 处理" in message["text_zh"]
        assert not message["text_zh"].startswith("有新情况"), "it has words of its own"


def test_an_event_nobody_can_read_does_not_silence_the_next(county: County, caplog: pytest.LogCaptureFixture) -> None:
    hand = a_ticket(county)
    happens(county, hand, "remind", by="leader", to_holder="nonsense", details={"supervision": "nonsense"})
    happens(county, hand, "remind", by="leader")
    tell_all(county)
    assert of(county, "village") == ["report", "remind"]
    assert "told to nobody" in caplog.text


def test_old_notices_are_swept_out_in_batches(county: County) -> None:
    user = county.user("village").id
    ages = {1: 100, 2: 95, 3: 89, 4: 100, 5: 400}  # seq: days
    read = {1, 2, 3}
    with county.sessions.begin() as session:
        for seq, days in ages.items():
            at = NOW - timedelta(days=days)
            session.add(
                Notice(
                    user_id=user, seq=seq, kind="report", number="N", created_at=at, read_at=at if seq in read else None
                )
            )
    with county.sessions.begin() as session:
        assert inbox.prune(session, NOW, 2) == 2
    with county.sessions.begin() as session:
        assert inbox.prune(session, NOW, 2) == 1
        assert inbox.prune(session, NOW, 2) == 0
    with county.sessions.read() as session:
        assert session.scalars(select(Notice.seq).order_by(Notice.seq)).all() == [3, 4]
