"""Counties for tests: the reference data is loaded once a run for each engine, every test gets a copy of its own."""

import fcntl
import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app import County as Map
from app import create_app
from tests.county import ENGINES, County, SharedMap, Template, build, center_of, command, copied, named, settings_of
from tests.requirements import POSTGRESQL, require_postgresql

TEMPLATE = "cc_test_template"
RUN = "COMMAND_CENTER_TEST_RUN"
Counties = Callable[..., County]


def pytest_configure(config: pytest.Config) -> None:
    """Name this run, for all its processes: what they make on a server carries the name."""
    os.environ.setdefault(RUN, uuid.uuid4().hex[:12])


def pytest_unconfigure(config: pytest.Config) -> None:
    """After the last process, remove the template from the server."""
    if not hasattr(config, "workerinput") and template_mark().exists():
        template_mark().unlink()
        command(POSTGRESQL, "DROP DATABASE IF EXISTS {} WITH (FORCE)", f"{TEMPLATE}_{os.environ[RUN]}")


def template_mark() -> Path:
    """A file that is there while this run has a template on the server."""
    return Path(tempfile.gettempdir()) / f"{TEMPLATE}_{os.environ[RUN]}"


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Of several test processes, let one in at a time."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all processes of this run share."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def sqlite_template(run_folder: Path) -> Template:
    path = run_folder / "template" / "command_center.db"
    with one_at_a_time(run_folder):
        if not path.exists():
            building = run_folder / "building"
            build(building, None)
            building.rename(path.parent)
    return Template("sqlite", str(path))


@pytest.fixture(scope="session")
def postgresql_template(run_folder: Path) -> Template:
    server = require_postgresql()
    name, mark = f"{TEMPLATE}_{os.environ[RUN]}", template_mark()
    with one_at_a_time(run_folder):
        if not mark.exists():
            command(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
            command(server, "CREATE DATABASE {} TEMPLATE template0", name)
            build(run_folder / "postgresql-home", named(server, name))
            mark.touch()
    return Template("postgresql", name, server)


@pytest.fixture(params=ENGINES)
def engine_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def template(request: pytest.FixtureRequest, engine_kind: str) -> Template:
    found: Template = request.getfixturevalue(f"{engine_kind}_template")
    return found


@pytest.fixture(scope="session")
def shared_map(sqlite_template: Template) -> SharedMap:
    """The map and the calendar in memory, built once for this process."""
    home = Path(sqlite_template.name).parent
    wired = center_of(create_app(settings_of(home)))
    made = wired.county
    assert isinstance(made, Map)
    _ = made.office
    wired.sessions.engine.dispose()
    return SharedMap(made)


@pytest.fixture
def open_county(template: Template, shared_map: SharedMap, tmp_path: Path) -> Iterator[Counties]:
    """Open an application over this test's copy; more than once for several processes' worth of it."""
    opened: list[County] = []
    home = tmp_path / "home"
    with copied(template, home) as url:

        def open_one(**settings: object) -> County:
            app = create_app(settings_of(home, url, **settings))
            if "policy_speed" not in settings:
                center_of(app).county = shared_map
            opened.append(County(template.kind, app))
            return opened[-1]

        yield open_one
        for county in opened:
            county.sessions.engine.dispose()


@pytest.fixture
def county(open_county: Counties) -> County:
    """A loaded county without tickets, with everybody's accounts."""
    return open_county()


# What starts servers and browsers waits more than it works: begun first, it fills the gaps instead of the end.
SLOW = ("tests/crashes/", "tests/journeys/", "tests/escalation/test_clock_jumps", "tests/events/test_tampering")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the slow files begin first, else in the order they were found."""
    items.sort(key=lambda item: not item.nodeid.startswith(SLOW))
