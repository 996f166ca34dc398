"""Somebody who receives, and a courier who brings it to them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from command_center.notices import outbox
from command_center.notices.courier import Courier
from command_center.notices.models import Webhook
from command_center.people.actions import set_phone
from tests.builders import COUNTY, NOW
from tests.conftest import Counties
from tests.county import County
from tests.notices.inboxes import SOON
from tests.notices.receiver import Receiver, receiving

PHONE = "13800001234"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@dataclass
class Post:
    """A courier with a clock that a test sets."""

    county: County
    now: datetime = SOON

    def __post_init__(self) -> None:
        self.courier = Courier(self.county.sessions, self.county.settings, clock=lambda: self.now)

    def run(self, **later: float) -> None:
        """Send all that is due, some time later."""
        self.now += timedelta(**later)
        while self.courier.send_next():
            pass


@pytest.fixture
def texting(open_county: Counties, receiver: Receiver) -> County:
    """A county with an SMS gateway; the village's officer has a phone."""
    county = open_county(
        sms_url=f"{receiver.url}/sms",
        sms_token="the gateway's token",
        sms_template='{"to": ["{phone}"], "msg": "{text}"}',
    )
    with county.sessions.begin() as session:
        set_phone(session, "village", PHONE)
    return county


def a_webhook(county: County, url: str, region: str = COUNTY, kinds: tuple[str, ...] = ()) -> Webhook:
    with county.sessions.begin() as session:
        return outbox.add_webhook(session, url, region, kinds, NOW)
