"""The system clock jumped: the wall and the desk say so in words, and who may agree, agrees there."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from command_center.database import Sessions, make_engine
from command_center.escalation.models import ClockGuardState
from tests.journeys.conftest import Open
from tests.served import Served, served

SOON_MS = 45_000  # the banner is looked after every thirty seconds


@pytest.fixture(scope="module")
def own_county() -> Iterator[Served]:
    """A county of its own: what is frozen here must not freeze another journey."""
    with served() as server:
        yield server


def freeze(server: Served) -> None:
    """What a guard writes that found the clock a day ahead."""
    sessions = Sessions(make_engine(f"sqlite:///{server.home}/command_center.db"))
    with sessions.begin() as session:
        ahead = datetime.now(UTC) + timedelta(days=1)
        session.execute(
            update(ClockGuardState).values(
                frozen_at=ahead, reason="jump", jump_seconds=86400.0, seen_by="test", agreed_at=None
            )
        )
    sessions.engine.dispose()


def test_the_banner_comes_by_itself_and_goes_when_the_county_agrees(
    own_county: Served, open_as: Open, leaving: list[str]
) -> None:
    wall = open_as(own_county, "leader", "/command")
    wall.wait_for_selector("html[data-ready=true]")
    assert wall.locator("#alarms").is_hidden()
    freeze(own_county)
    expect(wall.locator("#alarms")).to_contain_text("系统时钟跳变，自动升级已暂停，等待确认", timeout=SOON_MS)
    assert wall.locator("#alarms button").count() == 0, "a leader sees it, and does not agree"

    desk = open_as(own_county, "county", "/desk")
    banner = desk.locator("#alarms")
    expect(banner).to_contain_text("1 天")
    banner.get_by_role("button", name="确认系统时钟").click()
    expect(desk.locator("dialog[open]")).to_contain_text(re.compile(r"立即执行 \d+ 个到期步骤"))
    desk.locator("dialog[open]").get_by_role("button", name="确定").click()
    expect(banner).to_be_hidden()
    expect(wall.locator("#alarms")).to_be_hidden(timeout=SOON_MS)
    assert leaving == []


def test_who_can_do_nothing_about_it_is_not_alarmed(own_county: Served, open_as: Open) -> None:
    page = open_as(own_county, "department", "/desk")
    page.wait_for_selector(".desk-list")
    assert page.locator("#alarms").count() == 0
