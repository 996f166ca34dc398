"""Take the README's pictures from a running demo: `make demo` in one terminal, `make pictures` in another."""

import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

IMAGES = Path(__file__).parent / "images"
WAIT_MS = 4000
# file, account, address, width, height, language
PICTURES = (
    ("command.png", "county", "/command", 1920, 1080, "zh"),
    ("desk.png", "county", "/desk", 1440, 900, "zh"),
    ("dashboards.png", "leader", "/dashboards", 1440, 1200, "zh"),
    ("dashboards-en.png", "leader", "/dashboards", 1440, 1200, "en"),
    ("phone.png", "grid", "/m/", 390, 844, "zh"),
)


def take(browser: Browser, url: str, name: str, account: str, path: str, size: tuple[int, int], language: str) -> None:
    """Sign in as one of the demo accounts and picture one page."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{url}/?lang={language}")
    page.fill("[name=username]", account)
    page.fill("[name=password]", "demo")
    page.press("[name=password]", "Enter")
    page.wait_for_load_state("networkidle")
    page.goto(f"{url}{path}?lang={language}")
    page.wait_for_timeout(WAIT_MS)
    page.screenshot(path=IMAGES / name)
    context.close()


def main(url: str) -> None:
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        for name, account, path, width, height, language in PICTURES:
            take(browser, url, name, account, path, (width, height), language)
            sys.stdout.write(f"{name}\n")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
