"""A rule zone is drawn, tried out and saved; the next report in it is urgent, and everybody sees why."""

import uuid
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Open
from tests.served import Served

pytestmark = pytest.mark.chromium
CABLE = "0507"
NAME = "老城线缆整治区"


def report(server: Served) -> dict[str, Any]:
    """The demo worker reports a cable in the own grid."""
    headers = server.headers("grid")
    own = httpx.get(f"{server.url}/api/v1/me", headers=headers, timeout=30).json()["region"]["code"]
    grid = httpx.get(f"{server.url}/api/v1/regions/{own}", headers=headers, timeout=30).json()
    body = {"category": CABLE, "description": "线缆垂落", "lon": grid["lon"], "lat": grid["lat"], "datum": "wgs84"}
    key = {"Idempotency-Key": str(uuid.uuid4())}
    answer = httpx.post(f"{server.url}/api/v1/reports", headers=headers | key, json=body, timeout=30)
    answer.raise_for_status()
    told: dict[str, Any] = answer.json()
    return told


def draw_a_square(page: Page, reach: int) -> None:
    """Click four corners around the middle of the map, and the first one again."""
    box = page.locator("#zones-map").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)):
        page.mouse.move(middle[0] + x * reach - 3, middle[1] + y * reach)
        page.mouse.move(middle[0] + x * reach, middle[1] + y * reach)
        page.wait_for_timeout(100)
        page.mouse.click(middle[0] + x * reach, middle[1] + y * reach)
        page.wait_for_timeout(100)


def test_a_zone_is_drawn_tried_out_saved_and_makes_the_next_report_urgent(
    calm_county: Served, open_as: Open, leaving: list[str]
) -> None:
    before = report(calm_county)
    assert before["urgent"] is False
    page = open_as(calm_county, "admin", "/administration/zones", viewport={"width": 1366, "height": 768})
    # The building site lies 2 km from the worker's grid: from there the map is wide enough after two steps out.
    page.get_by_role("button", name="镁都街道示例工地").click()
    expect(page.get_by_test_id("zone-detail")).to_be_visible()
    for _ in range(4):
        page.locator(".leaflet-control-zoom-out").click()
        page.wait_for_timeout(300)
    page.get_by_test_id("new-zone").click()
    expect(page.locator("[data-draw=Polygon]")).to_have_attribute("aria-pressed", "true")
    draw_a_square(page, 200)
    expect(page.locator("#zone-size")).to_contain_text("平方公里")

    page.locator("#zone-kind").select_option("other")
    page.get_by_test_id("zone-name").fill(NAME)
    page.locator("#zone-category").fill("线缆裸露")
    page.locator(f".zones-choice[data-code='{CABLE}']").click()
    page.get_by_test_id("zone-urgent").check()
    page.get_by_test_id("try-out").click()
    found = page.get_by_test_id("trial")
    expect(found.locator("[data-figure=touched]")).not_to_contain_text("0")
    found.locator("summary").click()
    expect(found).to_contain_text(before["number"])

    page.get_by_test_id("save-zone").click()
    page.get_by_test_id("ask-note").fill("线缆整治月")
    page.get_by_test_id("confirm").click()
    expect(page.get_by_test_id("zone-detail")).to_contain_text(NAME)
    expect(page.get_by_test_id("zone-detail")).to_contain_text("线缆整治月")

    after = report(calm_county)
    assert after["urgent"] and after["zone_rules"][0]["name"] == NAME
    desk = open_as(calm_county, "village", f"/desk?ticket={after['number']}")
    expect(desk.locator("[data-standing=zone]")).to_contain_text(NAME)
    row = desk.locator(f"[data-ticket='{after['number']}'] [data-mark=urgent]")
    expect(row).to_have_attribute("title", f"按规则「{NAME}」列为紧急")

    page.get_by_test_id("retire-zone").click()
    page.get_by_test_id("ask-note").fill("整治结束")
    page.get_by_test_id("confirm").click()
    expect(page.get_by_test_id("zone-detail").locator("[data-state=retired]")).to_be_visible()
    assert report(calm_county)["urgent"] is False
    assert leaving == []
