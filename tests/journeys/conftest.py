"""A real server, a real Chromium, and people who click."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

from tests.requirements import require_chromium
from tests.served import Served, served

PATIENCE_MS = 15_000


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = require_chromium()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=executable,
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"],
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def fast_county() -> Iterator[Served]:
    """A county in which an hour of limit passes in a minute: the second story needs time to run out."""
    with served(COMMAND_CENTER_POLICY_SPEED="60", COMMAND_CENTER_SWEEP_SECONDS="1") as server:
        yield server


@pytest.fixture(scope="session")
def calm_county() -> Iterator[Served]:
    """A county at its real pace."""
    with served(COMMAND_CENTER_SWEEP_SECONDS="1") as server:
        yield server


Open = Callable[..., Page]


@pytest.fixture
def leaving() -> list[str]:
    """Requests that tried to leave the machine; a journey ends by looking that there were none."""
    return []


@pytest.fixture
def open_as(browser: Browser, leaving: list[str]) -> Iterator[Open]:
    """Open a page as one of the demo accounts, each with cookies of its own."""
    contexts: list[BrowserContext] = []

    def watch(route: Route) -> None:
        address = route.request.url
        if address.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")):
            route.continue_()
        else:
            leaving.append(address)
            route.abort()

    def open_page(server: Served, account: str, path: str, **options: object) -> Page:
        context = browser.new_context(locale="zh-CN", **options)  # type: ignore[arg-type]
        contexts.append(context)
        context.route("**/*", watch)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{server.url}/?next={path}")
        page.fill("[name=username] >> visible=true", account)
        page.fill("[name=password] >> visible=true", "demo")
        page.press("[name=password] >> visible=true", "Enter")
        page.wait_for_url(f"**{path.split('?')[0]}*")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of a cable, as a phone would take it."""
    path = tmp_path_factory.mktemp("photos") / "cable.jpg"
    picture = Image.new("RGB", (1200, 900), "#8aa5b8")
    pen = ImageDraw.Draw(picture)
    pen.line([(0, 200), (400, 420), (800, 600), (1200, 640)], fill="#222222", width=14)
    pen.rectangle([(780, 560), (860, 900)], fill="#6b5a45")
    picture.save(path, quality=85)
    return path
