"""The story that must work end to end, told in a real browser.

A worker of 富丽社区 reports a bare cable; the village and the town have no authority; the county dispatches it to the
power company; the worker checks on site; it is closed. A second report is left alone and climbs by itself.
"""

import re
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Open
from tests.served import Served

pytestmark = pytest.mark.chromium
WITHIN_MS = 10_000


def api(server: Served, account: str, path: str) -> Any:
    answer = httpx.get(f"{server.url}/api/v1/{path}", headers=server.headers(account), timeout=30)
    answer.raise_for_status()
    return answer.json()


def own_grid(server: Served) -> dict[str, Any]:
    me = api(server, "grid", "me")
    region: dict[str, Any] = api(server, "grid", f"regions/{me['region']['code']}")
    return region


def on_the_phone(server: Served, open_as: Open) -> Page:
    """The worker's phone, standing in the worker's own grid."""
    grid = own_grid(server)
    return open_as(
        server,
        "grid",
        "/m/",
        viewport={"width": 360, "height": 740},
        has_touch=True,
        is_mobile=True,
        geolocation={"longitude": grid["lon"], "latitude": grid["lat"], "accuracy": 8},
        permissions=["geolocation"],
    )


def report(phone: Page, words: str, search: str, photo: Path | None = None) -> str:
    """Report something in a few taps. Returns the ticket's number."""
    fill_in(phone, words, search, photo)
    sent = phone.locator("[data-testid=sent-number]")
    expect(sent).to_be_visible(timeout=WITHIN_MS)
    return sent.get_attribute("data-ticket") or ""


def fill_in(phone: Page, words: str, search: str, photo: Path | None = None) -> None:
    """Photo, category, place, send."""
    expect(phone.locator("[data-tab=report]")).to_have_attribute("aria-current", "page")
    if photo is not None:
        phone.locator("[data-testid=photo-input]").set_input_files(photo)
        expect(phone.locator(".photo img")).to_be_visible()
    phone.locator("[data-testid=category]").click()
    phone.locator("[data-testid=category-search]").fill(search)
    phone.locator("dialog [data-category]").first.click()
    expect(phone.locator("[data-testid=place-name]")).to_contain_text("富丽社区")
    phone.locator("[data-testid=description]").fill(words)
    phone.locator("[data-testid=send]").click()


def at_the_desk(server: Served, desk: Page, number: str, action: str, note: str = "", **fields: str) -> None:
    """Open the ticket at the desk and take one action, with its form and its confirmation where it has one."""
    desk.goto(f"{server.url}/desk?ticket={number}")
    desk.locator(f"[data-action={action}]").click()
    if note:
        desk.locator("form textarea").fill(note)
    for name, value in fields.items():
        desk.locator(f"[data-field={name}]").select_option(value)
    submit = desk.locator("[data-testid=submit-action]")
    if submit.count():
        submit.click()
    confirm = desk.locator("[data-testid=confirm]")
    if action in ("escalate", "return", "reject", "close"):
        confirm.click()
    expect_event(server, desk, number, action)


def expect_event(server: Served, page: Page, number: str, action: str) -> None:
    """Wait until the ticket's timeline tells of the action; the page's own requests go on meanwhile."""
    deadline = time.monotonic() + WITHIN_MS / 1000
    told: list[str] = []
    while time.monotonic() < deadline:
        told = [event["what"] for event in api(server, "county", f"tickets/{number}/timeline")["items"]]
        if told and told[-1] == action:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{action} is not the last of {told}")


def test_a_bare_cable_is_reported_passed_up_repaired_checked_and_closed(
    calm_county: Served, open_as: Open, leaving: list[str], photo: Path
) -> None:
    wall = open_as(calm_county, "county", "/command", viewport={"width": 1920, "height": 1080})
    expect(wall.locator("#state")).to_have_attribute("data-state", "live")

    phone = on_the_phone(calm_county, open_as)
    number = report(phone, "楼后线缆断落 <b>带电</b> ⚡", "线缆", photo)
    grid = own_grid(calm_county)
    # Without a reload, in the right grid.
    listed = wall.locator(f"[data-ticket='{number}'][data-node]").first
    expect(listed).to_have_attribute("data-grid", grid["code"], timeout=WITHIN_MS)
    expect(listed).to_have_attribute("data-node", "intake")

    village = open_as(calm_county, "village", "/desk")
    village.goto(f"{calm_county.url}/desk?ticket={number}")
    expect(village.locator("[data-testid=description]")).to_have_text("楼后线缆断落 <b>带电</b> ⚡")
    at_the_desk(calm_county, village, number, "accept")
    at_the_desk(calm_county, village, number, "claim")
    village.goto(f"{calm_county.url}/desk?ticket={number}")
    expect(village.locator("[data-action=escalate]")).to_be_visible()
    expect(village.locator("[data-action=dispatch]")).to_have_count(0)
    at_the_desk(calm_county, village, number, "escalate", "村里无权处置供电线路")

    town = open_as(calm_county, "town", "/desk")
    at_the_desk(calm_county, town, number, "claim")
    at_the_desk(calm_county, town, number, "escalate", "街道无权处置供电线路")

    county = open_as(calm_county, "county", "/desk")
    at_the_desk(calm_county, county, number, "claim")
    at_the_desk(calm_county, county, number, "dispatch", department="power")

    power = open_as(calm_county, "department", "/desk")
    at_the_desk(calm_county, power, number, "resolve", "已断电修复并固定")

    phone.goto(f"{calm_county.url}/m/#ticket/{number}")
    phone.locator("[data-action=verify]").click()
    phone.locator("[data-testid=passed]").click()
    expect(phone.locator("form, .form").locator("[data-testid=place-name]")).to_contain_text("富丽社区")
    phone.locator("[data-testid=send-action]").click()
    expect_event(calm_county, phone, number, "verify")

    ticket = api(calm_county, "grid", f"tickets/{number}")
    assert ticket["node"] == "closed"
    assert len(ticket["photos"]) == 1
    expect(wall.locator(f"#tickets [data-ticket='{number}']")).to_have_count(0, timeout=WITHIN_MS)

    county.goto(f"{calm_county.url}/desk?ticket={number}")
    told = county.locator("[data-testid=timeline] [data-what]")
    expect(told).to_have_count(10)
    holders = [e["to"]["holder"]["name"] for e in api(calm_county, "county", f"tickets/{number}/timeline")["items"]]
    assert holders[0] == "富丽社区"
    assert holders[3] == "钢都街道"
    assert holders[5] == "大石桥市"
    assert "供电公司" in holders[7]
    assert all(e["held_seconds"] >= 0 for e in api(calm_county, "county", f"tickets/{number}/timeline")["items"])

    for account, region in (("village", "210882004004"), ("town", "210882004000"), ("leader", "210882000000")):
        figures = api(calm_county, account, f"statistics?region={region}")["total"]
        assert figures["closed"] >= 1, account
    page = open_as(calm_county, "village", "/dashboards")
    page.goto(f"{calm_county.url}/dashboards?region=210882004004")
    expect(page.locator("main")).to_contain_text(re.compile("富丽社区"))
    expect(page.locator(f"[data-code='{grid['code']}']").first).to_contain_text("1")
    assert leaving == []


def test_a_report_that_is_left_alone_climbs_to_the_county_and_is_red_everywhere(
    fast_county: Served, open_as: Open, leaving: list[str]
) -> None:
    wall = open_as(fast_county, "county", "/command", viewport={"width": 1920, "height": 1080})
    phone = on_the_phone(fast_county, open_as)
    number = report(phone, "井盖旁管道破裂", "管道破裂")
    listed = wall.locator(f"#tickets [data-ticket='{number}']")
    expect(listed).to_have_attribute("data-tier", "village", timeout=WITHIN_MS)
    expect(listed).to_have_attribute("data-tier", "town", timeout=60_000)
    expect(listed).to_have_attribute("data-tier", "county", timeout=60_000)
    expect(listed).to_have_attribute("data-colour", "red", timeout=60_000)
    told = [event["what"] for event in api(fast_county, "county", f"tickets/{number}/timeline")["items"]]
    assert told.count("escalate") == 2
    ticket = api(fast_county, "county", f"tickets/{number}")
    assert (ticket["tier"], ticket["node"], ticket["colour"]) == ("county", "claim", "red")
    for account in ("village", "town", "county", "leader"):
        numbers = [t["number"] for t in api(fast_county, account, "tickets?overdue=true")["items"]]
        assert number in numbers, account
        figures = api(fast_county, account, "statistics")["total"]
        assert figures["overdue"] >= 1, account
    desk = open_as(fast_county, "county", "/desk")
    desk.goto(f"{fast_county.url}/desk?ticket={number}")
    expect(desk.locator("#ticket")).to_contain_text("逾期")
    phone.goto(f"{fast_county.url}/m/#ticket/{number}")
    expect(phone.locator("[data-testid=ticket]")).to_contain_text("逾期")
    assert leaving == []


def test_a_report_made_without_network_is_kept_and_sent_once_the_network_is_back(
    calm_county: Served, open_as: Open, photo: Path
) -> None:
    phone = on_the_phone(calm_county, open_as)
    expect(phone.locator("[data-testid=place-name]")).to_contain_text("富丽社区")
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    before = api(calm_county, "grid", "tickets?q=没有信号")["total"]
    phone.context.set_offline(True)
    expect(phone.locator("[data-testid=offline]")).to_be_visible()
    fill_in(phone, "没有信号的地方", "线缆", photo)
    expect(phone.locator(".sent")).to_be_visible()
    # Kept on the phone, also when the app is closed and opened again without network.
    phone.goto(f"{calm_county.url}/m/#mine")
    phone.reload()
    expect(phone.locator("[data-draft][data-state=waiting]")).to_have_count(1)
    assert api(calm_county, "grid", "tickets?q=没有信号")["total"] == before
    phone.context.set_offline(False)
    phone.evaluate("window.dispatchEvent(new Event('online'))")
    expect(phone.locator("[data-draft][data-state=waiting]")).to_have_count(0, timeout=WITHIN_MS)
    found = api(calm_county, "grid", "tickets?q=没有信号")
    assert found["total"] == before + 1
    assert len(api(calm_county, "grid", f"tickets/{found['items'][0]['number']}")["photos"]) == 1
