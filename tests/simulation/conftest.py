"""A small simulated county: the real reference data, and one day of history, made once."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from command_center import migrations
from command_center.categories import reference as categories
from command_center.categories.models import Department
from command_center.deadlines import reference as calendar
from command_center.deadlines.calendar import load_csv
from command_center.people.reference import demo_accounts, staff
from command_center.regions import reference as regions
from command_center.simulation.summary import Summary
from command_center.tickets.office import Office
from gis import boundaries
from gis.grid_index import GridIndex
from tests.simulation.county import DATA, NOW, County, open_sessions, write_history


@pytest.fixture(scope="session")
def office() -> Office:
    outlines = boundaries.load(DATA)
    return Office(
        grids=GridIndex.of(outlines),
        calendar=load_csv(DATA / "calendar" / "calendar.csv"),
        chain_key=b"key of the tests" * 2,
        zone=ZoneInfo("Asia/Shanghai"),
    )


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference data and everyone's accounts, no tickets."""
    path = tmp_path_factory.mktemp("county") / "empty.db"
    sessions = open_sessions(path)
    migrations.upgrade(sessions.engine)
    with sessions.begin() as session:
        regions.load(session, boundaries.load(DATA), NOW)
        categories.load(session, DATA / "categories")
        calendar.load(session, DATA / "calendar" / "calendar.csv")
        departments = session.scalars(select(Department).order_by(Department.code))
        staff(session, NOW, [(row.code, row.name) for row in departments])
        demo_accounts(session, NOW)
    sessions.engine.dispose()
    return path


@pytest.fixture(scope="session")
def simulated_database(empty_database: Path, office: Office) -> tuple[Path, Summary]:
    path = shutil.copy(empty_database, empty_database.with_name("simulated.db"))
    sessions = open_sessions(Path(path))
    summary = write_history(sessions, office)
    sessions.engine.dispose()
    return Path(path), summary


@pytest.fixture(scope="module")
def past(simulated_database: tuple[Path, Summary], office: Office) -> Iterator[County]:
    """One day of history, to look at only."""
    sessions = open_sessions(simulated_database[0])
    yield County(sessions, office, simulated_database[1])
    sessions.engine.dispose()


@pytest.fixture
def county(simulated_database: tuple[Path, Summary], office: Office, tmp_path: Path) -> Iterator[County]:
    """The same day, to go on with."""
    sessions = open_sessions(Path(shutil.copy(simulated_database[0], tmp_path / "county.db")))
    yield County(sessions, office, simulated_database[1])
    sessions.engine.dispose()
