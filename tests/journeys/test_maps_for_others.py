"""In a real Chromium: the map sharpens where one looks and costs nothing the second time; downloads and the address."""

from collections.abc import Callable

import pyogrio
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.served import Served

Open = Callable[..., Page]
LAYERS = "/api/v1/layers/"


# By code: how far the boxes around an outline lie apart, read as TopoJSON and as GeoJSON.
SAME = """
async (level) => {
  const { layer } = await import("/static/shared/layers.js");
  const boxes = (collection) => new Map(collection.features.map(({ properties, geometry }) => {
    const flat = geometry.coordinates.flat(geometry.type === "Polygon" ? 1 : 2);
    const [lons, lats] = [flat.map(([lon]) => lon), flat.map(([, lat]) => lat)];
    return [properties.code + properties.name + properties.parent + properties.kind,
      [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)]];
  }));
  const geojson = await (await fetch(`/api/v1/layers/${level}.geojson`)).json();
  const [one, other] = [boxes(await layer(level)), boxes(geojson)];
  const far = (code, box) => Math.max(...box.map((at, n) => Math.abs(at - (other.get(code)?.[n] ?? 999))));
  const apart = [...one].map(([code, box]) => far(code, box));
  return [one.size, other.size, Math.max(...apart)];
}
"""


@pytest.fixture
def server(calm_county: Served) -> Served:
    return calm_county


def asked(page: Page) -> list[tuple[str, int]]:
    """The outlines this page has asked for: address and bytes over the wire."""
    found = page.evaluate(
        "performance.getEntriesByType('resource').filter((one) => one.name.includes('/api/v1/layers/'))"
        ".map((one) => [one.name, one.transferSize])"
    )
    return [(address.partition(LAYERS)[2], size) for address, size in found]


def test_the_wall_sharpens_where_one_looks_and_a_second_visit_costs_nothing(server: Served, browser: Browser) -> None:
    # Not by `open_as`: a browser whose requests are watched keeps nothing.
    with browser.new_context(locale="zh-CN", viewport={"width": 1600, "height": 900}) as context:
        wall = context.new_page()
        wall.goto(f"{server.url}/?next=/command")
        wall.fill("[name=username] >> visible=true", "county")
        wall.fill("[name=password] >> visible=true", "demo")
        wall.press("[name=password] >> visible=true", "Enter")
        wall.wait_for_url("**/command*")
        expect(wall.locator(".map-label").first).to_be_visible()
        assert [address for address, _ in asked(wall)] == ["overview.topojson"]
        zoom_in = wall.locator(".leaflet-control-zoom-in")
        for detail, steps in (("near", 6), ("full", 7)):
            with wall.expect_response(lambda answer, detail=detail: f"{LAYERS}{detail}/" in answer.url):
                for _ in range(steps):
                    zoom_in.click()
                    wall.wait_for_timeout(300)
        wall.reload()
        expect(wall.locator(".map-label").first).to_be_visible()
        assert asked(wall) == [("overview.topojson", 0)]


def test_a_layer_is_downloaded_read_right_and_the_address_copied(
    server: Served, open_as: Open, leaving: list[str]
) -> None:
    page = open_as(server, "village", "/downloads", permissions=["clipboard-read", "clipboard-write"])
    expect(page.locator("main .notice")).to_contain_text("synthetic")
    page.get_by_role("button", name="复制地址").click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{server.url}/ogc"

    page.select_option("[name=crs]", "4490")
    page.wait_for_url("**crs=4490*")
    with page.expect_download() as waiting:
        page.get_by_role("row", name="乡镇").get_by_role("link", name=".gpkg").click()
    file = waiting.value
    assert file.suggested_filename == "210882_towns_edition_1_synthetic_epsg4490.gpkg"
    assert pyogrio.read_info(file.path())["features"] == 17

    for level, count in (("county", 1), ("town", 17), ("village", 283), ("grid", 1_798)):
        one, other, apart = page.evaluate(SAME, level)
        assert (one, other) == (count, count) and apart < 1e-9

    page.reload()
    expect(page.get_by_role("row", name="乡镇")).to_contain_text("kB")
    page.get_by_role("link", name="在浏览器中查看").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("OGC API")
    page.get_by_role("link", name="data").click()
    expect(page.locator("main")).to_contain_text("grids")
    assert leaving == []
