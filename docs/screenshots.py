"""Take the README's pictures from a running demo: `make demo` in one terminal, `make pictures` in another.

The pictures tell the README's story, so the story is acted first: the demo worker reports a bare cable with a photo,
village and town pass it up, the county claims it (the desk's picture), the power company resolves it (the phone's).
At the end the worker verifies it, so that a run leaves one closed ticket behind.
"""

import io
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from PIL import Image, ImageDraw, ImageFilter
from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
CATEGORY = "线缆"
WORDS = "楼后架空线缆断落，线头裸露，居民绕行。已拉警戒带，请尽快处置。"
# Long enough for maps to be drawn and for the ring around what just happened to fade.
SETTLE_MS = 4000
WALL, DESK, PAGE, PHONE = (1920, 1080), (1440, 900), (1440, 1120), (390, 844)


class Demo:
    """The demo county over its REST interface, each account signed in once."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=f"{url}/api/v1/", timeout=30)
        self._tokens: dict[str, str] = {}

    def ask(self, account: str, method: str, path: str, *, headers: dict[str, str] | None = None, **body: Any) -> Any:
        if account not in self._tokens:
            answer = self._http.post("session", json={"username": account, "password": "demo"})
            self._tokens[account] = answer.raise_for_status().json()["access_token"]
        headers = {"Authorization": f"Bearer {self._tokens[account]}", **(headers or {})}
        return self._http.request(method, path, headers=headers, **body).raise_for_status().json()

    def own_grid(self) -> dict[str, Any]:
        """The grid of the demo worker, with a point inside."""
        code = self.ask("grid", "GET", "me")["region"]["code"]
        found: dict[str, Any] = self.ask("grid", "GET", f"regions/{code}")
        return found

    def report(self, grid: dict[str, Any]) -> str:
        """Report the cable. Returns the ticket's number."""
        photo = self.ask("grid", "POST", "attachments", files={"file": ("cable.jpg", drawn_cable(), "image/jpeg")})
        form = {
            "category": self._category(),
            "description": WORDS,
            "lon": grid["lon"],
            "lat": grid["lat"],
            "datum": "wgs84",
            "accuracy_m": 8,
            "captured_at": datetime.now(UTC).isoformat(),
            "photos": [photo["id"]],
        }
        ticket = self.ask("grid", "POST", "reports", json=form, headers={"Idempotency-Key": str(uuid.uuid4())})
        return str(ticket["number"])

    def _category(self) -> str:
        majors = self.ask("grid", "GET", "categories")["items"]
        return str(next(minor["code"] for major in majors for minor in major["children"] if CATEGORY in minor["name"]))

    def act(self, account: str, number: str, action: str, **form: Any) -> None:
        version = self.ask(account, "GET", f"tickets/{number}")["version"]
        path = f"tickets/{number}/actions/{action}"
        self.ask(account, "POST", path, json=form, headers={"If-Match": f'"{version}"'})


def drawn_cable() -> bytes:
    """Draw what the worker's phone would see: a torn cable in front of a house. No real place is shown."""
    picture = Image.new("RGB", (1200, 900), "#a9c3d6")
    pen = ImageDraw.Draw(picture)
    for row in range(520):
        pen.line([(0, row), (1200, row)], fill=(150 + row // 8, 178 + row // 10, 205 + row // 14))
    pen.rectangle([(0, 150), (520, 640)], fill="#b98d6d")
    for top in (200, 350, 500):
        for left in (50, 210, 370):
            pen.rectangle([(left, top), (left + 100, top + 90)], fill="#5d7487", outline="#e8e2d6", width=8)
    pen.rectangle([(0, 640), (1200, 900)], fill="#8b8a7f")
    pen.polygon([(250, 900), (560, 640), (700, 640), (1000, 900)], fill="#6f7072")
    pen.rectangle([(905, 90), (945, 760)], fill="#6b5a45")
    pen.rectangle([(830, 130), (1020, 150)], fill="#54463a")
    for height in (128, 138):
        pen.line([(520, 60 + height), (700, 130 + height), (925, 20 + height)], fill="#333333", width=5)
    pen.line([(925, 140), (860, 360), (790, 520), (700, 640), (610, 742), (560, 748)], fill="#191919", width=11)
    pen.line([(560, 748), (536, 738), (522, 754)], fill="#d98032", width=7)
    pen.line([(470, 700), (1010, 690)], fill="#e9c22e", width=9)
    out = io.BytesIO()
    picture.filter(ImageFilter.GaussianBlur(0.8)).save(out, "JPEG", quality=88)
    return out.getvalue()


@contextmanager
def signed_in(
    browser: Browser, url: str, account: str, size: tuple[int, int], language: str, **options: Any
) -> Iterator[Page]:
    """Open a browser of its own, sign in as a demo account."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN", **options)
    try:
        page = context.new_page()
        page.goto(f"{url}/?lang={language}")
        page.fill("[name=username] >> visible=true", account)
        page.fill("[name=password] >> visible=true", "demo")
        page.press("[name=password] >> visible=true", "Enter")
        page.wait_for_url(lambda address: not address.split("?")[0].endswith("/") or "/m/" in address)
        yield page
    finally:
        context.close()


def keep(page: Page, name: str) -> None:
    """Wait until the page rests, take it, and store it small enough for a README."""
    page.wait_for_timeout(SETTLE_MS)
    path = IMAGES / f"{name}.webp"
    Image.open(io.BytesIO(page.screenshot())).convert("RGB").save(path, "WEBP", quality=84, method=6)
    sys.stdout.write(f"{path.name}  {path.stat().st_size // 1024} kB\n")


def screens(browser: Browser, demo: Demo, number: str) -> None:
    """Take what hangs on a wall and stands on a desk."""
    with signed_in(browser, demo.url, "county", WALL, "zh") as page:
        page.goto(f"{demo.url}/command?lang=zh")
        keep(page, "command")
    with signed_in(browser, demo.url, "county", DESK, "zh") as page:
        page.goto(f"{demo.url}/desk?lang=zh&ticket={number}")
        page.locator("[data-testid=timeline] [data-what]").first.wait_for()
        keep(page, "desk")
    for language, name in (("zh", "dashboards"), ("en", "dashboards-en")):
        with signed_in(browser, demo.url, "leader", PAGE, language) as page:
            page.goto(f"{demo.url}/dashboards?lang={language}")
            keep(page, name)


@contextmanager
def phone(browser: Browser, demo: Demo, grid: dict[str, Any]) -> Iterator[Page]:
    """The worker's phone, standing in the worker's grid."""
    place = {"longitude": grid["lon"], "latitude": grid["lat"], "accuracy": 8}
    options = {"is_mobile": True, "has_touch": True, "device_scale_factor": 2, "permissions": ["geolocation"]}
    with signed_in(browser, demo.url, "grid", PHONE, "zh", geolocation=place, **options) as page:
        yield page


def phone_report(browser: Browser, demo: Demo, grid: dict[str, Any]) -> None:
    """Take the report page, filled in and not sent."""
    with phone(browser, demo, grid) as page:
        page.locator("[data-testid=photo-input]").set_input_files(
            {"name": "cable.jpg", "mimeType": "image/jpeg", "buffer": drawn_cable()}
        )
        page.locator(".photo img").first.wait_for()
        page.locator("[data-testid=category]").click()
        page.locator("[data-testid=category-search]").fill(CATEGORY)
        page.locator("dialog [data-category]").first.click()
        page.locator("[data-testid=description]").fill(WORDS)
        page.locator("[data-testid=place-name]", has_text=grid["name"]).wait_for()
        page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
        keep(page, "phone-report")


def phone_ticket(browser: Browser, demo: Demo, grid: dict[str, Any], number: str) -> None:
    """Take the ticket that awaits the worker's check on site."""
    with phone(browser, demo, grid) as page:
        page.goto(f"{demo.url}/m/#ticket/{number}")
        page.locator("[data-action=verify]").wait_for()
        keep(page, "phone-ticket")


def main(url: str) -> None:
    IMAGES.mkdir(exist_ok=True)
    demo = Demo(url)
    grid = demo.own_grid()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        phone_report(browser, demo, grid)
        number = demo.report(grid)
        demo.act("village", number, "accept")
        demo.act("village", number, "claim")
        demo.act("village", number, "escalate", note="社区无权处置供电线路，请上级协调。")
        demo.act("town", number, "claim")
        demo.act("town", number, "escalate", note="街道无权处置，须由供电部门办理。")
        demo.act("county", number, "claim")
        screens(browser, demo, number)
        demo.act("county", number, "dispatch", department="power")
        demo.act("department", number, "start")
        demo.act("department", number, "resolve", note="已断电抢修，线缆重新架设并固定。")
        phone_ticket(browser, demo, grid, number)
        demo.act("grid", number, "verify", passed=True, lon=grid["lon"], lat=grid["lat"], note="现场已恢复。")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
