"""Who reported without an account is asked once, by one text message, how it was settled."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from command_center.notices.consumer import catch_up
from command_center.notices.invitations import links_of
from command_center.notices.models import Outgoing
from command_center.tickets import rating_links
from command_center.tickets.standing import Node, Tier
from command_center.tickets.workflow import Action
from tests.builders import Hand, a_ticket
from tests.conftest import Counties
from tests.county import County
from tests.notices.inboxes import publish

SITE = "https://wg.example.gov.cn"
GATEWAY = {"sms_url": "https://sms.example.gov.cn/send", "sms_token": "the gateway's token"}
PHONE = "13800001234"


@pytest.fixture
def inviting(open_county: Counties) -> County:
    return open_county(public_url=f"{SITE}/", **GATEWAY)


def closed_ticket(county: County, **draft: Any) -> Hand:
    return a_ticket(county, node=Node.CLOSED, tier=Tier.VILLAGE, **{"reporter": {"name": "王", "phone": PHONE}} | draft)


def messages(county: County, hand: Hand, **later: float) -> list[Outgoing]:
    """Publish, let the notices catch up, and look what is queued for people without an account."""
    publish(county)
    now = hand.now + timedelta(minutes=1) + timedelta(**later)
    catch_up(county.sessions, county.settings.zone, now, sms=True, links=links_of(county.settings))
    with county.sessions.read() as session:
        rows = session.scalars(select(Outgoing).where(Outgoing.recipient.like("phone:%")).order_by(Outgoing.id))
        return list(rows)


def test_the_reporter_of_a_closed_ticket_gets_the_link_once(inviting: County) -> None:
    hand = closed_ticket(inviting)
    (message,) = messages(inviting, hand)
    ticket = hand.look()
    assert (message.recipient, message.ticket_id) == (f"phone:{PHONE}", ticket.id)
    assert message.words is not None
    address = message.words[message.words.index(SITE) :]
    assert address == SITE + rating_links.path_of(inviting.settings.signing_key, ticket)
    assert ticket.number in message.words and "王" not in message.words
    assert len(messages(inviting, hand)) == 1


def test_what_happens_to_a_closed_ticket_afterwards_sends_no_second_link(inviting: County) -> None:
    hand = closed_ticket(inviting)
    messages(inviting, hand)
    hand.take(Action.CALLBACK, "hotline", reached=False)
    assert len(messages(inviting, hand)) == 1


def test_a_ticket_closed_again_gets_a_link_of_its_own(inviting: County) -> None:
    hand = closed_ticket(inviting)
    messages(inviting, hand)
    hand.take(Action.REOPEN, "village", note="未修好")
    for action, by in ((Action.CLAIM, "village"), (Action.DISPATCH, "village")):
        hand.take(action, by)
    hand.take(Action.RESOLVE, hand.desk(), note="重做")
    hand.take(Action.CLOSE, "village", note="核实")
    first, second = messages(inviting, hand)
    assert first.words != second.words


def test_whoever_reported_the_same_matter_is_asked_too(inviting: County) -> None:
    main = a_ticket(inviting, node=Node.HANDLE, tier=Tier.VILLAGE, reporter={"name": "", "phone": PHONE})
    other = a_ticket(inviting, reporter={"name": "", "phone": "13900005678"})
    other.take(Action.MERGE, "village", into=main.look().number)
    main.take(Action.RESOLVE, main.desk(), note="已处置")
    main.take(Action.CLOSE, "village", note="核实")
    assert [row.recipient for row in messages(inviting, main)] == [f"phone:{PHONE}", "phone:13900005678"]


@pytest.mark.parametrize(
    "draft",
    [{"reporter": None}, {"reporter": {"name": "王", "phone": ""}}, {"simulated": True}],
    ids=["nobody", "no phone", "simulated"],
)
def test_nobody_is_asked_who_has_no_phone_or_does_not_exist(inviting: County, draft: dict[str, Any]) -> None:
    assert messages(inviting, closed_ticket(inviting, **draft)) == []


def test_what_was_closed_long_before_is_not_asked_about(inviting: County) -> None:
    assert messages(inviting, closed_ticket(inviting), hours=2) == []


@pytest.mark.parametrize("missing", ["public_url", "sms_url"])
def test_without_a_gateway_or_an_address_nobody_is_asked(open_county: Counties, missing: str) -> None:
    county = open_county(**{"public_url": SITE, **GATEWAY, missing: None})
    assert links_of(county.settings) is None
    assert messages(county, closed_ticket(county)) == []


@pytest.mark.parametrize("address", ["wg.example.gov.cn", "ftp://a", "https://a b", "https://u:p@a", "https://a/?x=1"])
def test_an_address_that_is_none_is_refused_at_the_start(open_county: Counties, address: str) -> None:
    with pytest.raises(ValidationError, match="COMMAND_CENTER_PUBLIC_URL"):
        open_county(public_url=address)
