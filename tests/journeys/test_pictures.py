"""Pictures of the county in a real Chromium: the page that draws them, and a page from a USB stick without network."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from gis.maps import draw
from tests.gis.pictures import NASTY, a_picture, crowd
from tests.served import Served

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_MS = 60_000
Open = Callable[..., Page]


def test_a_page_from_a_usb_stick_is_drawn_without_any_network(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "map.html"
    picture = a_picture(title=NASTY, areas=(*crowd(5), *a_picture().areas))
    file.write_text(draw(picture, ROOT / "node_modules/leaflet/dist"), encoding="utf-8")
    context = browser.new_context(offline=True)
    try:
        page = context.new_page()
        asked: list[str] = []
        faults: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.goto(file.as_uri())
        expect(page.locator("path.leaflet-interactive")).not_to_have_count(0)
        expect(page.locator(".region-name", has_text="第0街道办事处")).to_have_count(1)
        expect(page.locator(".leaflet-control-scale-line")).to_contain_text("km")
        expect(page.locator("h1")).to_have_text(NASTY)
        page.locator(".dot").first.click()
        expect(page.locator(".leaflet-popup-content")).to_have_text("2026-0001 裸露线缆")
        assert faults == []
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    finally:
        context.close()


@pytest.fixture
def maps(open_as: Callable[..., Page], calm_county: Served) -> Page:
    return open_as(calm_county, "county", "/maps")


def ready(page: Page) -> None:
    page.wait_for_selector("html[data-ready=true]", timeout=PATIENCE_MS)


def test_a_map_is_chosen_looked_at_and_downloaded(maps: Page, leaving: list[str]) -> None:
    ready(maps)
    expect(maps.locator("#sheet")).to_be_visible()
    maps.select_option("#town", label="钢都街道")
    expect(maps.locator("#village")).to_be_visible()
    maps.wait_for_url("**region=210882004000**")
    ready(maps)
    with maps.expect_download(timeout=PATIENCE_MS) as download:
        maps.click("[data-form=pdf]")
    assert download.value.suggested_filename.startswith("situation-210882004000-")
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
    maps.click("[data-how=html]")
    ready(maps)
    expect(maps.frame_locator("#page").locator("h1")).to_have_text("钢都街道工单态势图")
    maps.check("[name=kind][value=edition]")
    expect(maps.locator("#told")).to_contain_text("没有可与之比较的前一版地图", timeout=PATIENCE_MS)
    expect(maps.locator(".downloads")).to_be_hidden()
    assert leaving == []
