"""What leaves the house: signed, bundled, tried again, and named when it cannot be delivered."""

import hashlib
import hmac
import json
import logging
import socket
import time
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from command_center.errors import CommandCenterError, UnknownRegion
from command_center.events.models import TicketEvent
from command_center.notices import leases, outbox, sending
from command_center.notices.errors import BadPhone, BadWebhookAddress, UnknownKind
from command_center.notices.models import Outgoing, OutgoingGate
from command_center.tickets.workflow import Node, Tier
from tests.builders import COUNTY, ELSEWHERE, NOW, TOWN, VILLAGE, a_ticket
from tests.conftest import Counties
from tests.county import County
from tests.notices.conftest import PHONE, Post, a_webhook
from tests.notices.inboxes import SOON, happens, messages, tell_all
from tests.notices.receiver import Receiver


def checked(secret: str, header: str, body: bytes) -> bool:
    """How a receiver checks the signature; the operator's guide shows the same lines."""
    parts = dict(part.split("=", 1) for part in header.split(","))
    right = hmac.new(secret.encode(), f"{parts['t']}.".encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(parts["v1"], right)


def test_a_webhook_gets_the_events_of_its_region_signed(county: County, receiver: Receiver) -> None:
    hook = a_webhook(county, f"{receiver.url}/events", TOWN)
    a_ticket(county)
    tell_all(county)
    Post(county).run()
    (call,) = receiver.calls
    (event,) = call.json["events"]
    assert call.path == "/events"
    assert (event["action"], event["kind"], event["village"], event["n"]) == ("report", "report", VILLAGE, 1)
    assert "富丽社区" in event["text_zh"] and event["text_en"]
    assert checked(hook.secret, call.headers["X-Signature"], call.body)
    assert not checked(hook.secret, call.headers["X-Signature"], call.body + b" ")
    assert not checked("another secret", call.headers["X-Signature"], call.body)
    assert call.headers["X-Signature"].startswith(f"t={int(SOON.timestamp())},v1=")
    assert call.headers["X-Delivery-Id"] == call.json["delivery"] == messages(county)[0].delivery_id


def test_a_webhook_gets_nothing_of_other_regions_or_kinds(county: County, receiver: Receiver) -> None:
    a_webhook(county, receiver.url, ELSEWHERE)
    a_webhook(county, receiver.url, COUNTY, ("overdue", "supervision"))
    hand = a_ticket(county)
    tell_all(county)
    assert messages(county) == []
    happens(county, hand, "overdue")
    tell_all(county)
    Post(county).run()
    assert [[event["kind"] for event in call.json["events"]] for call in receiver.calls] == [["overdue"]]


def test_a_storm_is_one_message_at_once_and_one_digest(county: County, receiver: Receiver) -> None:
    a_webhook(county, receiver.url, kinds=("remind",))
    hand, post = a_ticket(county), Post(county)
    happens(county, hand, "remind")
    tell_all(county)
    post.run()
    for _ in range(499):
        happens(county, hand, "remind")
    tell_all(county)
    post.run(seconds=1)
    assert [call.json["count"] for call in receiver.calls] == [1]
    post.run(seconds=118)
    assert len(receiver.calls) == 1
    post.run(seconds=1)
    post.run(minutes=30)
    assert [call.json["count"] for call in receiver.calls] == [1, 499]
    seqs = [event["seq"] for call in receiver.calls for event in call.json["events"]]
    assert len(set(seqs)) == 500
    assert {message.state for message in messages(county)} == {"sent"}


def test_each_recipient_has_two_minutes_of_its_own(county: County, receiver: Receiver) -> None:
    a_webhook(county, f"{receiver.url}/one")
    a_webhook(county, f"{receiver.url}/two")
    a_ticket(county)
    tell_all(county)
    Post(county).run()
    assert sorted(call.path for call in receiver.calls) == ["/one", "/two"]


def test_a_text_message_goes_to_those_it_must_reach(texting: County, receiver: Receiver) -> None:
    hand = a_ticket(texting)
    tell_all(texting, sms=True)
    assert messages(texting) == [], "a new report is no reason to ring a phone"
    happens(texting, hand, "supervise", by="leader", details={"supervision": {"colour": "red"}})
    tell_all(texting, sms=True)
    Post(texting).run()
    (call,) = receiver.calls
    assert (call.path, call.json["to"]) == ("/sms", [PHONE])
    assert call.json["msg"].startswith("【网格化指挥中心】红色督办：")
    assert call.headers["Authorization"] == "Bearer the gateway's token"


def test_several_matters_are_one_text_message(texting: County, receiver: Receiver) -> None:
    hand, post = a_ticket(texting), Post(texting)
    happens(texting, hand, "remind", by="county")
    tell_all(texting, sms=True)
    post.run()
    for _ in range(5):
        happens(texting, hand, "overdue")
    tell_all(texting, sms=True)
    post.run(minutes=2)
    first, digest = (call.json["msg"] for call in receiver.calls)
    assert "催办" in first and "共" not in first
    assert digest.startswith("【网格化指挥中心】共 5 件：已逾期") and digest.count("已逾期") == 3
    assert len(digest) < 300


def test_what_a_person_wrote_cannot_break_out_of_the_gateways_form(texting: County, receiver: Receiver) -> None:
    evil = '", "to": "{phone}", "x": "\\'
    with texting.sessions.begin() as session:
        assert outbox.to_citizen(session, PHONE, evil, None, NOW)
    Post(texting).run()
    assert receiver.calls[0].json == {"to": [PHONE], "msg": evil}


def test_without_a_gateway_no_text_message_is_queued(county: County) -> None:
    hand = a_ticket(county)
    happens(county, hand, "overdue")
    tell_all(county)
    assert messages(county) == []


def test_old_events_leave_no_house(county: County, receiver: Receiver) -> None:
    a_webhook(county, receiver.url)
    a_ticket(county, now=NOW - timedelta(hours=2))
    tell_all(county)
    assert messages(county) == []


def test_a_citizen_gets_a_text_of_their_own_and_the_log_no_number(
    texting: County, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="command_center")
    hand = a_ticket(texting)
    with texting.sessions.begin() as session:
        assert outbox.to_citizen(session, "139-1234 5678", "请评价：https://grid/r/abc", hand.id, NOW)
        assert not outbox.to_citizen(session, "无", "请评价", hand.id, NOW)
        assert not outbox.to_citizen(session, "", "请评价", hand.id, NOW)
    Post(texting).run()
    assert receiver.calls[0].json == {"to": ["13912345678"], "msg": "请评价：https://grid/r/abc"}
    (message,) = messages(texting)
    assert (message.state, message.words) == ("sent", None), "the link is not kept once it is sent"
    assert "13912345678" not in caplog.text and "phone:139****78" in caplog.text
    assert "13912345678" not in json.dumps(outbox.described(message))


def test_a_receiver_that_fails_is_tried_again_later_and_later_and_then_named(
    county: County, receiver: Receiver
) -> None:
    receiver.status = 503
    a_webhook(county, receiver.url)
    a_ticket(county)
    tell_all(county)
    post = Post(county)
    waits: list[float] = []
    for _ in range(30):
        post.run()
        (message,) = messages(county)
        if message.state == "dead":
            break
        waits.append((message.next_at - post.now).total_seconds())
        post.now = message.next_at
    assert (message.state, message.attempts, message.last_error) == ("dead", 10, "HTTP 503")
    assert len(receiver.calls) == 10
    assert len({call.headers["X-Delivery-Id"] for call in receiver.calls}) == 1
    assert len({call.body for call in receiver.calls}) == 1, "the same bytes each time"
    for wait, usual in zip(waits, (30, 60, 120, 240, 480, 960, 1920, 3600, 3600), strict=True):
        assert 0.8 * usual <= wait <= min(1.2 * usual, 3600)


def test_what_comes_while_a_receiver_is_away_waits_in_one_message(county: County, receiver: Receiver) -> None:
    receiver.status = 500
    a_webhook(county, receiver.url)
    hand, post = a_ticket(county), Post(county)
    tell_all(county)
    post.run()
    for _ in range(5):
        happens(county, hand, "remind")
        tell_all(county)
        post.run(minutes=5)
    assert [len(message.matters) for message in messages(county)] == [1, 5]
    receiver.status, tried = 200, len(receiver.calls)
    post.run(hours=1)
    post.run(minutes=2)
    assert [call.json["count"] for call in receiver.calls[tried:]] == [1, 5]


def test_a_dead_letter_that_is_tried_again_keeps_its_contents_and_its_name(county: County, receiver: Receiver) -> None:
    a_webhook(county, receiver.url)
    hand, post = a_ticket(county), Post(county)
    tell_all(county)
    with county.sessions.begin() as session:
        session.execute(update(Outgoing).values(state="dead", attempts=10))
        dead = outbox.retry(session, messages(county)[0].id, post.now)
    happens(county, hand, "remind")
    tell_all(county)
    post.run()
    assert [(call.json["count"], call.headers["X-Delivery-Id"]) for call in receiver.calls] == [(1, dead.delivery_id)]


@pytest.mark.parametrize("status", [301, 302, 307, 308, 304, 400, 401, 404, 410, 429, 500])
def test_only_a_2xx_is_a_delivery_and_no_redirect_is_followed(
    county: County, receiver: Receiver, status: int, engine_kind: str
) -> None:
    receiver.status, receiver.location = status, f"{receiver.url}/elsewhere"
    a_webhook(county, receiver.url)
    a_ticket(county)
    tell_all(county)
    Post(county).run()
    assert [call.path for call in receiver.calls] == ["/"]
    assert (messages(county)[0].state, messages(county)[0].last_error) == ("pending", f"HTTP {status}")


def test_nobody_at_the_address_is_a_reason_to_try_again(county: County) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    a_webhook(county, f"http://127.0.0.1:{port}/?key=hidden")
    a_ticket(county)
    tell_all(county)
    Post(county).run()
    assert (messages(county)[0].state, messages(county)[0].last_error) == ("pending", "ConnectError")


def test_an_endless_answer_is_not_read(receiver: Receiver) -> None:
    receiver.endless = True
    begun = time.monotonic()
    sending.send(sending.Call(receiver.url, b"{}", {}))
    assert time.monotonic() - begun < 5


def test_an_answer_that_drips_is_cut_off(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    receiver.drip = True
    monkeypatch.setattr(sending, "LONGEST_CALL_S", 0.5)
    begun = time.monotonic()
    with pytest.raises(sending.NotSent):
        sending.send(sending.Call(receiver.url, b"{}", {}))
    assert time.monotonic() - begun < 5


def test_what_waits_for_a_closed_webhook_becomes_a_dead_letter(county: County, receiver: Receiver) -> None:
    hook = a_webhook(county, receiver.url)
    a_ticket(county)
    tell_all(county)
    with county.sessions.begin() as session:
        outbox.close_webhook(session, hook.id)
    Post(county).run()
    assert (messages(county)[0].state, messages(county)[0].last_error) == ("dead", "the webhook was closed")
    a_ticket(county)
    tell_all(county)
    assert (len(messages(county)), receiver.calls) == (1, [])


def test_a_phone_that_was_taken_away_gets_nothing(texting: County, receiver: Receiver) -> None:
    hand = a_ticket(texting)
    happens(texting, hand, "overdue")
    tell_all(texting, sms=True)
    with texting.sessions.begin() as session:
        session.execute(update(type(texting.user("village"))).values(phone=None))
    Post(texting).run()
    assert (messages(texting)[0].state, receiver.calls) == ("dead", [])


def test_a_text_message_that_lay_a_day_without_a_gateway_is_not_sent(texting: County, receiver: Receiver) -> None:
    with texting.sessions.begin() as session:
        outbox.to_citizen(session, PHONE, "请评价", None, NOW - timedelta(days=2))
    Post(texting).run()
    assert (messages(texting)[0].state, receiver.calls) == ("dead", [])


def test_a_leased_message_is_nobody_elses_until_the_lease_ends(county: County, receiver: Receiver) -> None:
    a_webhook(county, receiver.url)
    a_ticket(county)
    tell_all(county)
    channels = (outbox.WEBHOOK,)
    with county.sessions.begin() as session:
        first = leases.lease(session, "one", SOON, channels)
    assert first is not None
    with county.sessions.begin() as session:
        assert leases.lease(session, "two", SOON + timedelta(seconds=119), channels) is None
    with county.sessions.begin() as session:
        second = leases.lease(session, "two", SOON + timedelta(minutes=2), channels)
    assert second is not None and second.delivery_id == first.delivery_id
    with county.sessions.begin() as session:
        assert not leases.sent(session, first, SOON), "it took too long, and lost its lease"
        assert not leases.failed(session, first, "late", SOON, 0.5)
        assert leases.sent(session, second, SOON)


def test_a_sender_that_is_cut_short_every_time_gives_up_in_the_end(county: County, receiver: Receiver) -> None:
    a_webhook(county, receiver.url)
    a_ticket(county)
    tell_all(county)
    at = SOON
    for _ in range(15):
        with county.sessions.begin() as session:
            leases.lease(session, "cut short", at, (outbox.WEBHOOK,))
        at += timedelta(minutes=3)
    assert (messages(county)[0].state, messages(county)[0].attempts) == ("dead", 10)


def test_an_enormous_storm_makes_messages_of_a_bounded_size(county: County) -> None:
    with county.sessions.begin() as session:
        outbox.enqueue(session, outbox.WEBHOOK, "webhook:1", [(seq, "remind") for seq in range(1500)], NOW)
        outbox.enqueue(session, outbox.WEBHOOK, "webhook:1", [(seq, "remind") for seq in range(1500, 2200)], NOW)
    assert [len(message.matters) for message in messages(county)] == [1000, 1000, 200]


def test_what_is_long_done_is_swept_out(county: County) -> None:
    with county.sessions.begin() as session:
        for age, state in ((31, "sent"), (29, "sent"), (100, "dead"), (181, "dead"), (400, "pending")):
            outbox.to_citizen(session, PHONE, f"{age} {state}", None, NOW - timedelta(days=age))
            row = session.scalars(select(Outgoing).order_by(Outgoing.id.desc()).limit(1)).one()
            row.state, row.sent_at = state, row.created_at if state == "sent" else None
        session.add(OutgoingGate(channel="sms", recipient="user:1", free_at=NOW - timedelta(days=2)))
    with county.sessions.begin() as session:
        assert outbox.prune(session, NOW, 500) == 2
    with county.sessions.read() as session:
        assert session.scalars(select(OutgoingGate)).all() == []
    assert [message.words for message in messages(county)] == ["29 sent", "100 dead", "400 pending"]


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://grid.example.gov.cn/hook?a=1", True),
        ("http://127.0.0.1:8080/hook", True),
        ("http://localhost/hook", True),
        ("http://[::1]:80/hook", True),
        ("http://grid.example.gov.cn/hook", False),
        ("http://10.0.0.5/hook", False),
        ("ftp://127.0.0.1/hook", False),
        ("https://user:password@grid.example.gov.cn/", False),
        ("https:///hook", False),
        ("https://host:port/", False),
        ("https://host/a b", False),
        ("https://host/\r\nX: y", False),
        (f"https://host/{'x' * 500}", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_a_webhook_is_called_over_https_or_on_this_machine(url: str, good: bool) -> None:
    assert outbox.may_call(url) is good


@pytest.mark.parametrize(
    ("url", "region", "kinds", "fault"),
    [
        ("http://elsewhere.example/", COUNTY, (), BadWebhookAddress),
        ("https://elsewhere.example/", "210882", (), UnknownRegion),
        ("https://elsewhere.example/", COUNTY, ("gossip",), UnknownKind),
    ],
)
def test_a_webhook_that_will_not_do_is_refused(
    county: County, url: str, region: str, kinds: tuple[str, ...], fault: type[CommandCenterError]
) -> None:
    with pytest.raises(fault):
        a_webhook(county, url, region, kinds)


@pytest.mark.parametrize(
    ("spelt", "number"),
    [("138 0000-1234", "13800001234"), ("+86 (417) 555-1234", "+864175551234"), ("12345", None), ("1380000x234", None)],
)
def test_a_telephone_number_is_digits(spelt: str, number: str | None) -> None:
    if number is None:
        with pytest.raises(BadPhone):
            outbox.clean_phone(spelt)
    else:
        assert outbox.clean_phone(spelt) == number


def test_no_citizens_name_or_phone_leaves_with_an_event(county: County, receiver: Receiver) -> None:
    a_webhook(county, receiver.url)
    a_ticket(county, by="hotline", reporter={"name": "王大妈", "phone": "13911112222"})
    tell_all(county)
    Post(county).run()
    assert "王大妈" not in receiver.calls[0].body.decode() and b"13911112222" not in receiver.calls[0].body
    with county.sessions.read() as session:
        assert session.scalars(select(TicketEvent)).first() is not None


def test_a_matter_nobody_settles_is_not_held_up_by_a_sender(open_county: Counties, receiver: Receiver) -> None:
    """Two couriers on one queue: each message goes out once."""
    counties = [open_county() for _ in range(2)]
    hooks = [a_webhook(counties[0], f"{receiver.url}/{n}") for n in range(8)]
    a_ticket(counties[0], node=Node.CLAIM, tier=Tier.VILLAGE)
    tell_all(counties[0])
    posts = [Post(county) for county in counties]
    busy = True
    while busy:
        busy = sum(post.courier.send_next() for post in posts) > 0
    assert sorted(call.path for call in receiver.calls) == [f"/{n}" for n in range(len(hooks))]
