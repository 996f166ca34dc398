"""Two web processes on one county show each other's events, with Redis between them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select

from command_center.tickets.models import Ticket
from tests.builders import COUNTY, VILLAGE, a_body, a_key
from tests.county import ENGINES, County, SharedMap, Template, copied
from tests.realtime.conftest import Screens, opened
from tests.realtime.processes import Process, process, until
from tests.requirements import require_redis

pytestmark = pytest.mark.redis


@dataclass
class Two:
    county: County
    servers: tuple[Process, Process]


@pytest.fixture(scope="module", params=ENGINES)
def two(
    request: pytest.FixtureRequest, shared_map: SharedMap, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Two]:
    redis = require_redis()
    template: Template = request.getfixturevalue(f"{request.param}_template")
    home = tmp_path_factory.mktemp("two")
    with copied(template, home) as url:
        county = opened(template, shared_map, home, url)
        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(lambda _: process(home, url, redis_url=redis, event_log_key=str(home)), range(2))
        yield Two(county, (first, second))
        first.stop()
        second.stop()
        county.sessions.engine.dispose()


def test_each_shows_the_other_s_events_once_and_in_order(two: Two, screens: Screens) -> None:
    watching = [screens(server, two.county, "county") for server in two.servers]
    starts = [screen.watch(COUNTY)["seq"] for screen in watching]
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda n: two.servers[n % 2].report(two.county, a_body(two.county)).json()["number"], range(20))
        )
    for screen, start in zip(watching, starts, strict=True):
        told = screen.wait(lambda told: set(answers) <= {message["ticket"]["number"] for message in told})
        seqs = [message["seq"] for message in told]
        assert seqs == sorted(set(seqs))
        assert [message["prev"] for message in told] == [start, *seqs][:-1]


def test_ten_identical_posts_to_both_make_one_ticket(two: Two) -> None:
    body, key = a_body(two.county, description="两台"), a_key()
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda n: two.servers[n % 2].report(two.county, body, key=key), range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    with two.county.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(Ticket).where(Ticket.description == "两台")) == 1


def test_when_one_is_killed_the_other_goes_on(two: Two, screens: Screens) -> None:
    first, second = two.servers
    screen = screens(second, two.county, "village")
    assert screen.watch(VILLAGE)["ok"]
    number = first.report(two.county, a_body(two.county)).json()["number"]
    first.kill()
    later = second.report(two.county, a_body(two.county)).json()["number"]
    numbers = {number, later}

    def all_found() -> bool:
        items = second.get("events", two.county, "village", limit=200)["items"]
        return numbers <= {item["ticket"]["number"] for item in items}

    until(all_found)
    screen.wait(lambda told: later in {message["ticket"]["number"] for message in told})
