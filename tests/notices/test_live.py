"""Notices reach the screens of their user at once, from one server and, with Redis, from another; and only theirs."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.builders import VILLAGE, a_body
from tests.county import ENGINES, County, SharedMap, Template, copied
from tests.notices.conftest import a_webhook
from tests.notices.inboxes import messages, notices
from tests.notices.receiver import Receiver
from tests.realtime.conftest import opened
from tests.realtime.processes import Process, Screen, process, until
from tests.requirements import require_redis


class Bell(Screen):
    """A screen that listens for notices; it need not watch any region."""

    def __init__(self, server: Process, county: County, username: str) -> None:
        token = county.phone(username).headers["Authorization"].removeprefix("Bearer ")
        self.rung: list[dict[str, Any]] = []
        super().__init__(server.url, {"token": token})
        self._client.on("notice", self.rung.append, namespace="/live")


def act(server: Process, county: County, number: str, by: str, action: str, **form: Any) -> None:
    answer = server.post(f"tickets/{number}/actions/{action}", form, county, by, If_Match="*")
    assert answer.status_code == 200, answer.text


@pytest.fixture
def bells() -> Iterator[list[Bell]]:
    opened_ones: list[Bell] = []
    yield opened_ones
    for bell in opened_ones:
        bell.close()


def story(county: County, home: Path, servers: tuple[Process, Process], bells: list[Bell]) -> None:
    """A report and a supervision order through one server, seen on the screens of another."""
    first, second = servers
    for server, who in ((second, "village"), (first, "village"), (second, "town"), (second, "grid")):
        bells.append(Bell(server, county, who))
    number = first.report(county, a_body(county)).json()["number"]
    until(lambda: all(bell.rung for bell in bells[:2]))
    act(second, county, number, "leader", "supervise", colour="red", note="请今天解决")
    until(lambda: len(bells[0].rung) == 2 and len(bells[1].rung) == 2 and bool(bells[2].rung))
    assert bells[0].rung == bells[1].rung
    report, order = bells[0].rung
    assert (report["kind"], report["number"], report["unread"]) == ("report", number, 1)
    assert (order["kind"], order["unread"], order["to_acknowledge"]) == ("supervision", 2, True)
    assert "请今天解决" in order["text_zh"] and "Supervision red" in order["text_en"]
    assert [message["kind"] for message in bells[2].rung] == ["supervision"]
    assert bells[3].rung == [], "it is not the grid worker's"
    assert notices(county) == [("village", "report"), ("town", "supervision"), ("village", "supervision")]


def test_a_notice_rings_on_every_screen_of_its_user_and_on_no_other(
    sqlite_template: Template, shared_map: SharedMap, tmp_path: Path, bells: list[Bell], receiver: Receiver
) -> None:
    home = tmp_path / "home"
    with copied(sqlite_template, home) as url:
        county = opened(sqlite_template, shared_map, home, url)
        a_webhook(county, receiver.url, VILLAGE)
        server = process(home, url)
        try:
            story(county, home, (server, server), bells)
            # The server's own couriers send: the first event at once, the second in two minutes.
            until(lambda: len(receiver.calls) == 1 and messages(county)[0].state == "sent")
        finally:
            server.stop()
            county.sessions.engine.dispose()
    assert receiver.calls[0].json["events"][0]["kind"] == "report"


@pytest.mark.redis
@pytest.mark.parametrize("kind", ENGINES)
def test_with_redis_a_notice_crosses_from_one_process_to_the_other(
    request: pytest.FixtureRequest, kind: str, shared_map: SharedMap, tmp_path: Path, bells: list[Bell]
) -> None:
    redis = require_redis()
    template: Template = request.getfixturevalue(f"{kind}_template")
    home = tmp_path / "home"
    with copied(template, home) as url:
        county = opened(template, shared_map, home, url)
        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(lambda _: process(home, url, redis_url=redis, event_log_key=str(home)), range(2))
        try:
            story(county, home, (first, second), bells)
        finally:
            first.stop()
            second.stop()
            county.sessions.engine.dispose()
