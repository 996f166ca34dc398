"""The page of the service circles in a real browser."""

from playwright.sync_api import expect

from tests.journeys.conftest import Open
from tests.served import Served


def test_a_leader_sees_who_is_outside_and_goes_down_to_a_town(
    calm_county: Served, open_as: Open, leaving: list[str]
) -> None:
    page = open_as(calm_county, "leader", "/circles")
    # The first question waits for the circles to be computed.
    expect(page.locator("#figures .value").first).to_have_text("1,798", timeout=60_000)
    expect(page.locator("#question")).to_contain_text("5 分钟")
    expect(page.locator("#totals tr")).to_have_count(17)
    expect(page.locator("#assumption")).to_contain_text("绕行系数")
    page.get_by_role("button", name="市 · 15 分钟").click()
    expect(page.locator("#question")).to_contain_text("15 分钟")
    expect(page.locator("#more")).to_contain_text("已显示 100 /")
    page.locator("#totals").get_by_role("button", name="钢都街道").click()
    page.wait_for_url("**region=210882004000*")
    expect(page.locator("#crumbs b")).to_have_text("钢都街道")
    with page.expect_download() as download:
        page.locator("#xlsx").click()
    assert download.value.suggested_filename == "service-circles-210882004000-county.xlsx"
    page.go_back()
    expect(page.locator("#totals tr")).to_have_count(17)
    assert leaving == []


def test_an_administrator_changes_what_is_assumed(calm_county: Served, open_as: Open, leaving: list[str]) -> None:
    page = open_as(calm_county, "admin", "/circles")
    expect(page.locator("#figures .value").first).to_have_text("1,798", timeout=60_000)
    page.locator("#change summary").click()
    expect(page.get_by_label("车速（km/h，无路网时）")).to_have_value("40")
    page.get_by_label("车速（km/h，无路网时）").fill("30")
    page.get_by_label("修改原因").fill("量过")
    page.get_by_role("button", name="保存并重算").click()
    expect(page.locator("#assumption")).to_contain_text("30 km/h", timeout=60_000)
    assert leaving == []
