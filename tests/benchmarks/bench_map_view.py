"""The first view of the map: bytes over the wire and time until it is drawn in Chromium; then where one looks closely.

The peer of the bytes is the same county as GeoJSON, one document for each level.
"""

import statistics
import time
from typing import Any

import httpx
from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.requirements import require_chromium
from tests.served import Served, served

LEVELS = ("county", "town", "village", "grid")
ROUNDS = 5
LAYERS = "/api/v1/layers/"
# Asked in the page itself: the first frame after every outline of the county was handed to the canvas.
DRAWN = """
async () => {
  const { createMap, layer, outlines } = await import("/static/shared/map.js");
  const box = document.createElement("div");
  box.style.cssText = "position:fixed;inset:0;z-index:9999";
  document.body.replaceChildren(box);
  const start = performance.now();
  const map = createMap(box);
  for (const level of ["county", "town", "village", "grid"]) outlines(map, await layer(level), { level });
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  window.benchMap = map;
  return performance.now() - start;
}
"""
LOOKED = """
async (zoom) => {
  const start = performance.now();
  window.benchMap.setView([40.632, 122.505], zoom, { animate: false });
  let last = start, count = 0;
  for (;;) {
    await new Promise((done) => setTimeout(done, 30));
    const now = performance.getEntriesByType("resource").filter((one) => one.name.includes("/layers/")).length;
    if (now !== count) { count = now; last = performance.now(); }
    else if (performance.now() - last > 400) return last - start;
  }
}
"""


def run() -> list[dict[str, Any]]:
    with served() as server, sync_playwright() as playwright:
        one_by_one = sum(size(server, f"{level}.geojson") for level in LEVELS)
        together = size(server, "overview.topojson")
        browser = playwright.chromium.launch(
            executable_path=require_chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        drawn, near, full, again = [], [], [], []
        for _ in range(ROUNDS):
            context = browser.new_context(viewport={"width": 1920, "height": 1080})
            page = signed_in(context, server)
            wire = Wire(context, page)
            drawn.append(page.evaluate(DRAWN))
            near.append(looked(page, wire, 13.5))
            full.append(looked(page, wire, 16))
            page.reload()
            wire.clear()
            page.evaluate(DRAWN)
            again.append(wire.bytes())
            context.close()
        browser.close()
    return [
        line("first view, all 1,798 grids and all above, packed", together / 1000, "kB", 200, one_by_one / 1000),
        line(f"drawn in Chromium, 1920 × 1080, p50 of {ROUNDS}", statistics.median(drawn), "ms", None),
        line("a screen full at zoom 13.5, packed", statistics.median(n for n, _ in near) / 1000, "kB", None),
        line("the same, until the last piece is there", statistics.median(ms for _, ms in near), "ms", None),
        line(
            "a screen full at zoom 16, in full detail, packed", statistics.median(n for n, _ in full) / 1000, "kB", None
        ),
        line("the same, until the last piece is there", statistics.median(ms for _, ms in full), "ms", None),
        line("second visit", statistics.median(again) / 1000, "kB", 1),
    ]


def line(name: str, value: float, unit: str, aim: float | None, peer: float | None = None) -> dict[str, Any]:
    told: dict[str, Any] = {"name": name, "value": value, "unit": unit}
    if aim is not None:
        told |= {"aim": f"at most {aim} {unit}", "ok": value <= aim}
    if peer is not None:
        told |= {"peer": "GeoJSON, level by level", "ratio": value / peer}
    return told


def size(server: Served, name: str) -> int:
    """Bytes of the packed body."""
    headers = server.headers("county") | {"Accept-Encoding": "gzip"}
    with httpx.stream("GET", f"{server.url}{LAYERS}{name}", headers=headers) as answer:
        answer.raise_for_status()
        return sum(len(chunk) for chunk in answer.iter_raw())


def signed_in(context: BrowserContext, server: Served) -> Page:
    """Open a page that has no map, so that the first one is a first one."""
    page = context.new_page()
    page.goto(f"{server.url}/?next=/downloads")
    page.fill("[name=username] >> visible=true", "county")
    page.fill("[name=password] >> visible=true", "demo")
    page.press("[name=password] >> visible=true", "Enter")
    page.wait_for_url("**/downloads*")
    return page


class Wire:
    """Counts the bytes of outlines that come over the wire."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self._addresses: dict[str, str] = {}
        self._sizes: list[float] = []
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": False})
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.loadingFinished", self._finished)

    def _sent(self, event: Any) -> None:
        self._addresses[event["requestId"]] = event["request"]["url"]

    def _finished(self, event: Any) -> None:
        if LAYERS in self._addresses.get(event["requestId"], ""):
            self._sizes.append(event["encodedDataLength"])

    def clear(self) -> None:
        self._sizes.clear()

    def bytes(self) -> float:
        return sum(self._sizes)


def looked(page: Page, wire: Wire, zoom: float) -> tuple[float, float]:
    """Bytes and milliseconds until the map has what that zoom shows."""
    wire.clear()
    took = page.evaluate(LOOKED, zoom)
    time.sleep(0.2)
    return wire.bytes(), took
