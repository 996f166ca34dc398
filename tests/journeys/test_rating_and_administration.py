"""A citizen rates on an old phone; a worker verifies from afar; an administrator changes the rules and the calendar."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Open
from tests.served import Served

pytestmark = pytest.mark.chromium
CABLE = "050701"
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}


def call(server: Served, account: str, path: str, body: Any = None, **headers: str) -> Any:
    address, said = f"{server.url}/api/v1/{path}", server.headers(account) | headers
    answer = (
        httpx.get(address, headers=said, timeout=30)
        if body is None
        else httpx.post(address, headers=said, json=body, timeout=30)
    )
    answer.raise_for_status()
    return answer.json()


def act(server: Served, account: str, number: str, action: str, **form: Any) -> Any:
    return call(server, account, f"tickets/{number}/actions/{action}", form, **{"If-Match": "*"})


def resolved(server: Served, key: str) -> tuple[str, dict[str, Any]]:
    """A cable in the worker's grid that the power company has just repaired. Returns its number, and the grid."""
    grid = call(server, "grid", f"regions/{call(server, 'grid', 'me')['region']['code']}")
    body = {"category": "0507", "description": "楼后线缆断落", "lon": grid["lon"], "lat": grid["lat"], "datum": "wgs84"}
    body["reporter"] = {"name": "王桂芬", "phone": "13812345678"}
    number = call(server, "hotline", "reports", body, **{"Idempotency-Key": key})["number"]
    act(server, "village", number, "accept")
    for officer in ("village", "town"):
        act(server, officer, number, "claim")
        act(server, officer, number, "escalate", note="本级无权处置")
    act(server, "county", number, "claim")
    act(server, "county", number, "dispatch")
    act(server, "department", number, "resolve", note="已断电修复并固定")
    return number, grid


@pytest.fixture
def old_phone(browser: Browser) -> Iterator[Page]:
    """A phone without scripts, cookies or an account."""
    context = browser.new_context(java_script_enabled=False, locale="zh-CN", **PHONE)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def test_a_worker_who_is_far_away_gives_a_reason_and_the_citizen_rates_without_script(
    calm_county: Served, open_as: Open, old_phone: Page, leaving: list[str]
) -> None:
    number, grid = resolved(calm_county, "6f1c7f1e-0000-4000-8000-000000000001")
    far = {"longitude": grid["lon"] + 0.02, "latitude": grid["lat"], "accuracy": 8}
    phone = open_as(calm_county, "grid", "/m/", geolocation=far, permissions=["geolocation"], **PHONE)
    phone.goto(f"{calm_county.url}/m/#ticket/{number}")
    phone.locator("[data-action=verify]").click()
    phone.locator("[data-testid=passed]").click()
    expect(phone.locator(".form .place-detail")).to_contain_text("距工单位置约")
    phone.locator("[data-testid=send-action]").click()
    # The server's question comes back with the form as it was filled in.
    expect(phone.locator(".form .notice.refused")).to_contain_text("超过 200 米")
    expect(phone.locator(".form .shown")).to_contain_text("显示在办理经过里")
    expect(phone.locator("[data-testid=passed]")).to_have_attribute("aria-pressed", "true")
    phone.locator("[data-testid=send-action]").click()
    expect(phone.locator(".missing:visible")).to_contain_text("请写明原因")
    phone.locator("[data-testid=note]").fill("道路被水淹没，已视频核实")
    phone.locator("[data-testid=send-action]").click()
    expect(phone.locator("[data-what=verify] .away")).to_contain_text("不在现场")
    expect(phone.locator("[data-testid=refused]")).to_have_count(0)

    link = call(calm_county, "hotline", f"tickets/{number}")["rating_link"]
    old_phone.goto(calm_county.url + link)
    expect(old_phone.locator("main, .main")).to_contain_text("已断电修复并固定")
    expect(old_phone.locator("body")).not_to_contain_text("王桂芬")
    for line in old_phone.locator(".score label").all():
        assert (line.bounding_box() or {})["height"] >= 48
    old_phone.locator("label[for=score-2]").click()
    old_phone.locator("textarea").fill("又断了")
    old_phone.locator("button").click()
    expect(old_phone.locator("[data-state=thanks]")).to_contain_text("再看一次")
    assert old_phone.evaluate("document.documentElement.scrollWidth <= innerWidth") is True
    rated = call(calm_county, "county", f"tickets/{number}")
    assert (rated["rating"]["score"], rated["rating"]["words"]) == (2, "又断了")
    assert rated["follow_up_due_at"] and rated["rating_link"] is None
    assert leaving == []


def test_an_administrator_stores_a_new_version_and_confirms_a_year(
    calm_county: Served, open_as: Open, leaving: list[str]
) -> None:
    page = open_as(calm_county, "admin", "/administration", viewport={"width": 1366, "height": 768})
    expect(page.locator("#panel-rules .rules-head")).to_contain_text("第 1 版")
    save = page.locator("[data-testid=save-policy]")
    expect(save).to_be_disabled()
    page.locator("[name='shares.village']").fill("40")
    page.locator("[data-testid=override-search]").fill("线缆")
    page.locator(".found button").first.click()
    page.locator(f"[name='conditions.{CABLE}.limit_value']").fill("3")
    save.click()
    expect(page.locator("dialog .changes")).to_contain_text("25 %")
    page.locator("[data-testid=ask-note]").fill("线缆改为三小时")
    page.locator("[data-testid=confirm]").click()
    # 40 + 25 + 50: the server says no, the field says where, and nothing that was typed is lost.
    expect(page.locator("dialog .fault")).to_contain_text("份额之和")
    page.keyboard.press("Escape")
    expect(page.locator("[name='shares.village']")).to_have_attribute("aria-invalid", "true")
    page.locator("[name='shares.village']").fill("20")
    save.click()
    page.locator("[data-testid=ask-note]").fill("线缆改为三小时")
    page.locator("[data-testid=confirm]").click()
    expect(page.locator("#panel-rules .rules-head")).to_contain_text("第 2 版")
    page.locator("[data-version='2'] [data-testid=difference]").click()
    expect(page.locator("#history .changes")).to_contain_text("3 小时")
    stored = call(calm_county, "admin", "policies/2")
    assert stored["document"]["shares"]["village"] == "0.2"
    assert stored["document"]["conditions"] == {CABLE: {"limit_unit": "urgent_hour", "limit_value": "3"}}

    page.locator("[data-tab=rules]").press("ArrowRight")
    page.locator("[data-year='2027']").click()
    expect(page.locator("[data-status=provisional]")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_text("下载 2027 年文件").click()
    year = download.value.path().read_text(encoding="utf-8")
    page.set_input_files("[data-testid=year-file]", a_file(year.replace("2027-01-04,workday", "2027-01-04,makeup")))
    page.locator("[data-testid=confirm]").click()
    expect(page.locator("[data-testid=faults]")).to_contain_text("2027-01-04")
    page.locator("dialog").get_by_text("取消").click()
    page.set_input_files("[data-testid=year-file]", a_file(year))
    page.locator("[data-testid=confirm]").click()
    expect(page.locator("#year-result")).to_contain_text("已确认", timeout=30_000)
    expect(page.locator("[data-status=confirmed]")).to_be_visible()

    for tab, said in (("alarms", "系统时钟"), ("messages", "没有发送失败的消息")):
        page.locator(f"[data-tab={tab}]").click()
        expect(page.locator(f"#panel-{tab}")).to_contain_text(said)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth") is True
    assert leaving == []


def a_file(text: str) -> Any:
    return {"name": f"{time.time():.0f}.csv", "mimeType": "text/csv", "buffer": text.encode()}
