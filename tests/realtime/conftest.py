"""One county with one real server for each module; screens are closed after each test."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app import create_app
from tests.county import County, SharedMap, Template, center_of, copied, settings_of
from tests.realtime.processes import Process, Screen, process

Screens = Callable[..., Screen]


@dataclass
class Live:
    """A county, seen from inside and from outside."""

    county: County
    home: Path
    url: str | None
    server: Process


def opened(template: Template, shared_map: SharedMap, home: Path, url: str | None) -> County:
    app = create_app(settings_of(home, url))
    center_of(app).county = shared_map
    return County(template.kind, app)


@pytest.fixture(scope="module")
def live(sqlite_template: Template, shared_map: SharedMap, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server over the embedded database."""
    home = tmp_path_factory.mktemp("live")
    with copied(sqlite_template, home) as url:
        county = opened(sqlite_template, shared_map, home, url)
        server = process(home)
        yield Live(county, home, url, server)
        server.stop()
        county.sessions.engine.dispose()


@pytest.fixture
def screens() -> Iterator[Screens]:
    """Open screens on a server, signed in by token."""
    opened_ones: list[Screen] = []

    def open_one(server: Process, county: County, username: str) -> Screen:
        token = county.phone(username).headers["Authorization"].removeprefix("Bearer ")
        opened_ones.append(Screen(server.url, {"token": token}))
        return opened_ones[-1]

    yield open_one
    for screen in opened_ones:
        screen.close()
