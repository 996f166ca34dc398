"""One county for each module of these tests and each engine: calls at the door leave each other alone."""

from collections.abc import Iterator

import pytest

from app import create_app
from tests.county import ENGINES, County, SharedMap, Template, center_of, copied, settings_of


@pytest.fixture(scope="module", params=ENGINES)
def door(
    request: pytest.FixtureRequest, shared_map: SharedMap, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[County]:
    """A loaded county; several tests may write to it, none may expect it empty."""
    template: Template = request.getfixturevalue(f"{request.param}_template")
    home = tmp_path_factory.mktemp("door")
    with copied(template, home) as url:
        app = create_app(settings_of(home, url))
        center_of(app).county = shared_map
        made = County(template.kind, app)
        yield made
        made.sessions.engine.dispose()
