"""Counties that are served by real processes: one on SQLite, two on PostgreSQL."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.county import ENGINES, County, Template, copied
from tests.crashes.servers import Server, a_server, county_of
from tests.requirements import require_redis


@dataclass
class Served:
    """A county and the processes that serve it."""

    county: County
    home: Path
    servers: list[Server]

    @property
    def urls(self) -> list[str]:
        return [server.url for server in self.servers]


@pytest.fixture(
    scope="module", params=[ENGINES[0], pytest.param(ENGINES[1], marks=[pytest.mark.postgresql, pytest.mark.redis])]
)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    template: Template = request.getfixturevalue(f"{request.param}_template")
    home = tmp_path_factory.mktemp("served")
    with copied(template, home) as url:
        county = county_of(template.kind, home, url)
        if template.kind == "sqlite":
            servers = [a_server(home, url)]
        else:
            redis = require_redis()
            servers = [a_server(home, url, redis_url=redis) for _ in range(2)]
        try:
            for server in servers:
                server.launch()
            for server in servers:
                server.wait_until_up()
            yield Served(county, home, servers)
        finally:
            for server in servers:
                server.kill()
            county.sessions.engine.dispose()
