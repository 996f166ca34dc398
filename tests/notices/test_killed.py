"""Processes that are killed: every message arrives at least once, and every event is told exactly once."""

import os
import signal
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from command_center.notices.consumer import catch_up
from command_center.tickets.workflow import Node, Tier
from tests.builders import a_ticket
from tests.county import County
from tests.notices.conftest import Post, a_webhook
from tests.notices.inboxes import SOON, messages, notices, publish, tell_all
from tests.notices.receiver import Receiver

ROOT = Path(__file__).resolve().parents[2]
SENDER, READER = (Path(__file__).with_name(name) for name in ("sender.py", "reader.py"))
PATIENCE_S = 30


def killed_at(county: County, word: str, now: datetime, *, script: Path = SENDER, times: int = 1) -> None:
    """Start a courier or a reader in a process of its own and kill it right after it said a word so many times."""
    url = county.sessions.engine.url.render_as_string(hide_password=False)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, str(script), url, now.isoformat()],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as sender:
        assert sender.stdout is not None
        while times:
            said = sender.stdout.readline().strip()
            assert said, "it ended before that"
            times -= said == word
        sender.send_signal(signal.SIGKILL)
        sender.wait(PATIENCE_S)


@pytest.mark.parametrize("word", ["calling", "called"])
def test_what_a_killed_sender_had_in_hand_is_taken_again(county: County, receiver: Receiver, word: str) -> None:
    receiver.drip = word == "calling"  # so that it is still under way
    a_webhook(county, receiver.url)
    a_ticket(county)
    tell_all(county)
    killed_at(county, word, SOON)
    receiver.over.set()
    receiver.drip = False
    assert messages(county)[0].state == "pending"
    Post(county, SOON + timedelta(seconds=100)).run()
    assert messages(county)[0].state == "pending", "the lease holds: it might only be slow"
    Post(county, SOON + timedelta(minutes=2)).run()
    (message,) = messages(county)
    assert (message.state, message.attempts) == ("sent", 2)
    assert {call.headers["X-Delivery-Id"] for call in receiver.calls} == {message.delivery_id}
    assert {call.body for call in receiver.calls} == {receiver.calls[0].body}
    assert len(receiver.calls) <= 2


def test_many_kills_lose_no_message(county: County, receiver: Receiver) -> None:
    hooks = [a_webhook(county, f"{receiver.url}/{n}") for n in range(12)]
    a_ticket(county)
    tell_all(county)
    now = SOON
    for word in ("calling", "called", "calling", "called"):
        killed_at(county, word, now)
        now += timedelta(minutes=3)
    Post(county, now).run()
    Post(county, now + timedelta(minutes=3)).run()
    assert {message.state for message in messages(county)} == {"sent"}
    assert {call.path for call in receiver.calls} == {f"/{n}" for n in range(len(hooks))}


def test_killed_readers_tell_every_event_once(county: County) -> None:
    for _ in range(40):
        a_ticket(county, node=Node.CLAIM, tier=Tier.TOWN)
    publish(county)
    a_webhook(county, "https://grid.example.gov.cn/", kinds=("hands",))
    for times in (1, 2, 4):
        killed_at(county, "told", SOON, script=READER, times=times)
    assert 0 < len(notices(county)) < 80, "the kills must hit a reader that is under way"
    catch_up(county.sessions, county.settings.zone, SOON)
    told = notices(county)
    assert (told.count(("village", "report")), told.count(("town", "hands")), len(told)) == (40, 40, 80)
    matters = [seq for message in messages(county) for seq, _ in message.matters]
    assert len(matters) == len(set(matters)) == 40


def test_senders_stop_when_they_are_told_to(county: County, receiver: Receiver) -> None:
    courier = Post(county).courier
    courier.start()
    senders = [thread for thread in threading.enumerate() if thread.name.startswith("courier")]
    assert senders
    courier.stop()
    for thread in senders:
        thread.join(10)
    assert not any(thread.is_alive() for thread in senders)
