"""Databases for tests: the reference data is loaded once for each engine, every test gets a copy of its own."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError

from command_center import migrations
from command_center.categories import reference as categories
from command_center.categories.models import Department
from command_center.database import Sessions, make_engine
from command_center.deadlines import reference as calendar
from command_center.people.reference import demo_accounts, staff
from command_center.regions import reference as regions
from gis.boundaries import Boundary
from tests.clock import NOW
from tests.requirements import missing

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
SERVER = os.environ.get("COMMAND_CENTER_TEST_POSTGRESQL_URL", "postgresql://root@127.0.0.1:5432/postgres")


def fill(sessions: Sessions, outlines: list[Boundary]) -> None:
    """Migrate an empty database and load all reference data and the demo accounts."""
    migrations.upgrade(sessions.engine)
    with sessions.begin() as session:
        regions.load(session, outlines)
        categories.load(session, DATA / "categories")
        calendar.load(session, DATA / "calendar" / "calendar.csv")
        departments = session.scalars(select(Department).order_by(Department.code))
        staff(session, NOW, [(row.code, row.name) for row in departments])
        demo_accounts(session, NOW)


class SqliteTemplate:
    """A loaded file; a copy of it is a database."""

    kind = "sqlite"

    def __init__(self, folder: Path, outlines: list[Boundary]) -> None:
        self._file = folder / "template.db"
        sessions = Sessions(make_engine(f"sqlite:///{self._file}"))
        fill(sessions, outlines)
        with sessions.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        sessions.engine.dispose()

    @contextmanager
    def copy(self, folder: Path) -> Iterator[str]:
        """Give the URL of a new database with everything loaded."""
        file = folder / "command_center.db"
        shutil.copy(self._file, file)
        yield f"sqlite:///{file}"

    def drop(self) -> None:
        self._file.unlink(missing_ok=True)


class PostgresqlTemplate:
    """A loaded database on the server; PostgreSQL copies it by CREATE DATABASE … TEMPLATE."""

    kind = "postgresql"

    def __init__(self, outlines: list[Boundary]) -> None:
        self._server = create_engine(SERVER, isolation_level="AUTOCOMMIT")
        try:
            self._template = self._create()
        except OperationalError:
            missing("PostgreSQL", f"none answers at {SERVER}: apt-get install postgresql and start it")
        sessions = Sessions(make_engine(self._url(self._template)))
        fill(sessions, outlines)
        sessions.engine.dispose()

    def _create(self, template: str | None = None) -> str:
        name = f"command_center_test_{uuid.uuid4().hex[:12]}"
        with self._server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else "")))
        return name

    def _url(self, name: str) -> str:
        server: URL = make_url(SERVER)
        return server.set(database=name).render_as_string(hide_password=False)

    @contextmanager
    def copy(self, folder: Path) -> Iterator[str]:
        """Give the URL of a new database with everything loaded; it is dropped afterwards."""
        name = self._create(self._template)
        try:
            yield self._url(name)
        finally:
            self._drop(name)

    def _drop(self, name: str) -> None:
        with self._server.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))

    def drop(self) -> None:
        self._drop(self._template)
        self._server.dispose()


Template = SqliteTemplate | PostgresqlTemplate
