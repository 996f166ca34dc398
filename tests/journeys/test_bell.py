"""The bell and its panel in a real Chromium, at the desk and on the phone, also without network."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.builders import RECORD, a_key
from tests.served import Served

PATIENCE_MS = 15_000
Open = Callable[..., Page]


@pytest.fixture
def server(calm_county: Served) -> Served:
    return calm_county


@pytest.fixture
def open_as(open_as: Callable[..., Page], server: Served) -> Open:
    """Open a page of this one county."""
    return lambda account, path, **options: open_as(server, account, path, **options)


def call(server: Served, who: str, path: str, body: Any, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = httpx.post(f"{server.url}/api/v1/{path}", json=body, headers=server.headers(who) | named, timeout=30)
    assert answer.is_success, answer.text
    return answer.json()


def reported(server: Served) -> str:
    """A report of the demo worker in their own grid, in the village's hands."""
    me = httpx.get(f"{server.url}/api/v1/me", headers=server.headers("grid")).json()
    grid = httpx.get(f"{server.url}/api/v1/regions/{me['region']['code']}", headers=server.headers("grid")).json()
    body = {"category": RECORD, "description": "测试", "lon": grid["lon"], "lat": grid["lat"], "datum": "wgs84"}
    return str(call(server, "grid", "reports", body, Idempotency_Key=a_key())["number"])


def act(server: Served, number: str, who: str, action: str, **form: Any) -> None:
    call(server, who, f"tickets/{number}/actions/{action}", form, If_Match="*")


def test_an_order_rings_at_the_desk_is_acknowledged_and_opened(server: Served, open_as: Open) -> None:
    desk = open_as("village", "/desk")
    expect(desk.locator("#live")).to_have_attribute("data-state", "live")
    desk.click("#bell")
    expect(desk.get_by_test_id("notices")).to_contain_text("没有消息")
    desk.keyboard.press("Escape")
    expect(desk.locator("#inbox-panel")).to_be_hidden()
    expect(desk.locator("#bell")).to_be_focused()

    number = reported(server)
    expect(desk.locator(".bell-count")).to_have_text("1")
    act(server, number, "leader", "supervise", colour="red", note="请今天解决")
    expect(desk.locator(".bell-count")).to_have_text("2")
    expect(desk.locator(".toasts")).to_contain_text("红色督办")
    expect(desk.locator("#bell")).to_have_attribute("aria-label", "消息，2 条未读")

    desk.focus("#bell")
    desk.keyboard.press("Enter")
    expect(desk.locator("[data-notice]")).to_have_count(2)
    desk.get_by_test_id("acknowledge").click()
    expect(desk.locator("[data-notice]").first).to_contain_text("已知悉")
    expect(desk.locator(".bell-count")).to_have_text("1")
    desk.keyboard.press("ArrowDown")
    expect(desk.locator(".inbox-text").nth(1)).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.locator("#ticket")).to_contain_text(number)
    expect(desk.locator("#inbox-panel")).to_be_hidden()
    expect(desk.locator(".bell-count")).to_be_hidden()


def test_a_list_that_cannot_be_fetched_says_so_and_tries_again(server: Served, open_as: Open) -> None:
    reported(server)
    board = open_as("village", "/dashboards")
    board.route(re.compile(r"/api/v1/notices\?limit=30"), lambda route: route.abort())
    board.click("#bell")
    expect(board.locator("#inbox-panel [role=alert]")).to_contain_text("无法连接服务器")
    board.unroute(re.compile(r"/api/v1/notices\?limit=30"))
    board.get_by_role("button", name="重试").last.click()
    expect(board.locator("[data-notice]").first).to_be_visible()
    board.get_by_test_id("read-all").click()
    expect(board.locator(".bell-count")).to_be_hidden()
    expect(board.locator("[data-notice]:not(.read)")).to_have_count(0)


def test_the_wall_has_the_bell_in_english_too(open_as: Open) -> None:
    wall = open_as("town", "/command")
    wall.goto(wall.url.split("?")[0] + "?lang=en")
    wall.click("#bell")
    expect(wall.locator("#inbox-title")).to_have_text("Notices")
    wall.mouse.click(5, 500)
    expect(wall.locator("#inbox-panel")).to_be_hidden()


def test_the_phone_lists_notices_also_without_network(server: Served, open_as: Open) -> None:
    number = reported(server)
    for action in ("accept", "claim"):
        act(server, number, "village", action)
    act(server, number, "village", "dispatch", to="grid")
    act(server, number, "town", "supervise", colour="yellow", note="请抓紧")
    phone = open_as("grid", "/m/", viewport={"width": 390, "height": 780})
    bell = phone.get_by_test_id("bell")
    expect(bell).to_contain_text(re.compile(r"[2-9]"))
    box = bell.bounding_box()
    assert box is not None and box["width"] >= 48 and box["height"] >= 48 and box["x"] > 300
    bell.click()
    first = phone.locator("[data-notice]").first
    expect(first).to_contain_text("黄色督办")
    expect(phone.locator("[data-kind=hands]").first).to_contain_text("富丽社区")

    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.context.set_offline(True)
    phone.reload()
    expect(phone.locator("[data-notice]").first).to_contain_text("黄色督办")
    phone.get_by_test_id("acknowledge").first.click()
    expect(phone.get_by_role("alert")).to_contain_text("没有网络")
    phone.context.set_offline(False)
    phone.get_by_test_id("acknowledge").first.click()
    expect(first).to_contain_text("已知悉")
    phone.locator(".notice-open").first.click()
    phone.wait_for_url(f"**#ticket/{number}")
