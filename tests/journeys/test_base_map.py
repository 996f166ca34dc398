"""The base map in a real browser: drawn from the operator's file or from Tianditu, and asked of nobody else."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.gis import tiles
from tests.journeys.conftest import PATIENCE_MS, Open
from tests.served import Served, served_again

KEY = "0123456789abcdef0123456789abcdef"
# Of all canvases and pictures under the outlines: how many of their points have a colour of their own.
COLOURS = """() => {
  const seen = new Map();
  for (const tile of document.querySelectorAll(".leaflet-base-pane canvas, .leaflet-base-pane img")) {
    if (!tile.width || (tile.complete === false)) continue;
    const paper = Object.assign(document.createElement("canvas"), { width: 64, height: 64 });
    const pen = paper.getContext("2d");
    pen.drawImage(tile, 0, 0, 64, 64);
    const dots = pen.getImageData(0, 0, 64, 64).data;
    for (let i = 0; i < dots.length; i += 4) {
      if (dots[i + 3] > 200) seen.set(`${dots[i]},${dots[i + 1]},${dots[i + 2]}`, 1);
    }
  }
  return [...seen.keys()];
}"""


@pytest.fixture(scope="module")
def drawn_county(calm_county: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Path]]:
    """A county whose operator put a file under the outlines; the file can be exchanged."""
    path = tmp_path_factory.mktemp("base") / "base.pmtiles"
    tiles.vectors(path)
    with served_again(calm_county, COMMAND_CENTER_BASE_MAP=str(path)) as server:
        yield server, path


def colours(page: Page, at_least: int) -> list[str]:
    """The colours of the tiles, once there are enough of them."""
    found: list[str] = []
    for _ in range(PATIENCE_MS // 100):
        found = page.evaluate(COLOURS)
        if len(found) >= at_least:
            break
        page.wait_for_timeout(200)
    return found


def test_a_vector_file_is_drawn_under_the_outlines_and_can_be_turned_off(
    drawn_county: tuple[Served, Path], open_as: Open, leaving: list[str]
) -> None:
    server, path = drawn_county
    tiles.vectors(path)
    page = open_as(server, "county", "/dashboards")
    # Ground, water, road: more than one colour of paper.
    assert len(colours(page, 4)) >= 4
    expect(page.locator(".base-map-credit")).to_have_text("© 测绘院")
    page.locator(".base-map summary").click()
    page.get_by_label("无底图").check()
    expect(page.locator(".leaflet-base-pane canvas")).to_have_count(0)
    page.reload()
    page.locator(".base-map summary").click()
    expect(page.get_by_label("无底图")).to_be_checked()
    assert leaving == []


def test_a_file_of_another_make_is_drawn_by_the_names_of_its_layers(
    drawn_county: tuple[Served, Path], open_as: Open, leaving: list[str]
) -> None:
    server, path = drawn_county
    tiles.vectors(path, names=("land", "河流", "道路", "地名"))
    page = open_as(server, "county", "/dashboards")
    found = colours(page, 3)
    assert "217,232,210" in found and "185,214,234" in found
    assert leaving == []


def test_pictures_are_drawn_on_the_wall_and_on_the_phone(
    drawn_county: tuple[Served, Path], open_as: Open, leaving: list[str]
) -> None:
    server, path = drawn_county
    tiles.pictures(path)
    wall = open_as(server, "county", "/command", viewport={"width": 1920, "height": 1080})
    assert colours(wall, 1) == ["200,60,120"]
    phone = open_as(
        server,
        "grid",
        "/m/",
        viewport={"width": 390, "height": 844},
        geolocation={"longitude": 122.51, "latitude": 40.63},
        permissions=["geolocation"],
    )
    assert colours(phone, 1) == ["200,60,120"]
    assert leaving == []


def test_a_broken_file_leaves_the_map_as_it_is(
    drawn_county: tuple[Served, Path], open_as: Open, leaving: list[str]
) -> None:
    server, path = drawn_county
    path.write_bytes(b"no tiles")
    page = open_as(server, "county", "/dashboards")
    expect(page.locator(".map .map-label").first).to_be_attached()
    expect(page.locator(".base-map")).to_have_count(0)
    assert leaving == []


def test_with_a_key_the_tiles_come_from_tianditu_alone(calm_county: Served, browser: Browser, tmp_path: Path) -> None:
    picture = tiles.picture()
    asked: list[str] = []
    referers: set[str | None] = set()

    def answer(route: Route) -> None:
        address = route.request.url
        if address.startswith(("http://127.0.0.1", "data:", "blob:")):
            route.continue_()
            return
        asked.append(address)
        referers.add(route.request.headers.get("referer"))
        route.fulfill(body=picture, content_type="image/png", headers={"Access-Control-Allow-Origin": "*"})

    with served_again(calm_county, COMMAND_CENTER_TIANDITU_KEY=KEY) as server:
        context = browser.new_context(locale="zh-CN")
        context.route("**/*", answer)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{server.url}/?next=/dashboards")
        page.fill("[name=username] >> visible=true", "county")
        page.fill("[name=password] >> visible=true", "demo")
        page.press("[name=password] >> visible=true", "Enter")
        page.wait_for_url("**/dashboards*")
        page.locator(".base-map summary").click()
        page.get_by_label("天地图影像").check()
        expect(page.locator(".leaflet-base-pane img.leaflet-tile-loaded").nth(3)).to_be_attached()
        context.close()
    assert {urlsplit(address).hostname.split(".", 1)[1] for address in asked if urlsplit(address).hostname} == {
        "tianditu.gov.cn"
    }
    assert {"/vec_w/wmts", "/cva_w/wmts", "/img_w/wmts", "/cia_w/wmts"} == {urlsplit(one).path for one in asked}
    assert all(address.endswith(f"tk={KEY}") for address in asked)
    # A key may be bound to a domain; more than that nobody is told.
    assert referers == {f"{server.url}/"}
