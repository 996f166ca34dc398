"""A county of its own for a test: a loaded database, the wired application over it, and people who call it."""

import hashlib
import json
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from psycopg import sql
from sqlalchemy import func, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import County as Map
from app import create_app
from command_center import bootstrap, migrations
from command_center.database import Sessions
from command_center.models import Base
from command_center.people.models import User
from command_center.people.reference import demo_accounts
from command_center.settings import Settings
from command_center.tickets.actor import Actor
from command_center.tickets.office import Office
from command_center.web import Center, make_token

ENGINES = ("sqlite", "postgresql")
KEYS = {"secret_key": "the tests' own secret, long enough 0123456789", "event_log_key": "the tests' own key"}
# Reference data: large, and compared by its number of rows only when a test asks whether anything changed.
LARGE = {"regions", "outlines", "calendar_days", "users", "categories", "conditions", "departments"}


@dataclass(frozen=True)
class Template:
    """A loaded county to copy: a SQLite file, or a database of the PostgreSQL server."""

    kind: str
    name: str
    server: str = ""


def settings_of(home: Path, url: str | None = None, **more: Any) -> Settings:
    return Settings(home=home, database_url=url, _env_file=None, **{**KEYS, **more})


def center_of(app: Flask) -> Center:
    wired: Center = app.extensions["command_center"]
    return wired


def build(home: Path, url: str | None) -> None:
    """Load everything, with the demo accounts, as an operator would."""
    wired = center_of(create_app(settings_of(home, url)))
    migrations.upgrade(wired.sessions.engine)
    bootstrap.load_reference(wired)
    with wired.sessions.begin() as session:
        demo_accounts(session, datetime.now(UTC))
    wired.sessions.engine.dispose()


@contextmanager
def copied(template: Template, home: Path) -> Iterator[str | None]:
    """Copy the template; yields the copy's URL, None for the SQLite file in `home`."""
    home.mkdir(parents=True, exist_ok=True)
    if template.kind == "sqlite":
        shutil.copy(template.name, home / "command_center.db")
        yield None
        return
    with a_database(template.server, template.name) as url:
        yield url


@contextmanager
def a_database(server: str, template: str = "template0") -> Iterator[str]:
    """Create a database on the server and drop it afterwards. Yields its URL."""
    name = f"cc_test_{uuid.uuid4().hex[:16]}"
    command(server, "CREATE DATABASE {} TEMPLATE {}", name, template)
    try:
        yield named(server, name)
    finally:
        command(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def named(server: str, database: str) -> str:
    return make_url(server).set(database=database).render_as_string(hide_password=False)


def command(server: str, statement: str, *names: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # type: ignore[arg-type]


@dataclass
class County:
    """What a test gets. `office` can be used without the application; `phone` calls through it."""

    kind: str
    app: Flask
    _actors: dict[str, Actor] = field(default_factory=dict)

    @property
    def center(self) -> Center:
        return center_of(self.app)

    @property
    def settings(self) -> Settings:
        return self.center.settings

    @property
    def sessions(self) -> Sessions:
        return self.center.sessions

    @property
    def office(self) -> Office:
        return self.center.office

    def user(self, username: str) -> User:
        with self.sessions.read() as session:
            return session.scalars(select(User).where(User.username == username)).one()

    def actor(self, username: str) -> Actor:
        if username not in self._actors:
            self._actors[username] = Actor.of(self.user(username))
        return self._actors[username]

    def phone(self, username: str | None) -> "Phone":
        """A caller with a bearer token; None calls without one."""
        if username is None:
            return Phone(self.app, {})
        with self.app.app_context():
            return Phone(self.app, {"Authorization": f"Bearer {make_token(self.user(username))}"})

    def relay(self) -> None:
        """Let the relay do all there is to do."""
        while self.center.relay.once():
            pass

    def contents(self) -> dict[str, Any]:
        """Fingerprint every table: all rows of the small ones, the number of rows of the reference data."""
        with self.sessions.read() as session:
            return {
                table.name: _count(session, table) if table.name in LARGE else _fingerprint(session, table)
                for table in Base.metadata.sorted_tables
            }


def _count(session: Session, table: Any) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def _fingerprint(session: Session, table: Any) -> tuple[int, str]:
    rows = sorted(repr(tuple(row)) for row in session.execute(select(table)))
    return len(rows), hashlib.sha256("\n".join(rows).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass
class Phone:
    """A client of the REST interface."""

    app: Flask
    headers: dict[str, str]

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.app.test_client().get(f"/api/v1/{path}", query_string=query, headers=self.headers)

    def post(self, path: str, body: Any = None, *, data: bytes | None = None, **headers: str) -> TestResponse:
        spelt = data if data is not None else json.dumps({} if body is None else body).encode()
        named_headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.app.test_client().post(
            f"/api/v1/{path}", data=spelt, content_type="application/json", headers=self.headers | named_headers
        )

    def report(self, body: dict[str, Any] | None = None, *, key: str | None = None, **changes: Any) -> TestResponse:
        return self.post("reports", (body or {}) | changes, Idempotency_Key=key or str(uuid.uuid4()))

    def act(self, number: str, action: str, version: int | str | None = None, **form: Any) -> TestResponse:
        """Take an action on the version named, or on the ticket as it is now."""
        if version is None:
            version = self.get(f"tickets/{number}").json["version"]  # type: ignore[index]
        return self.post(f"tickets/{number}/actions/{action}", form, If_Match=f'"{version}"')


@dataclass
class SharedMap:
    """The map, the calendar and the rules as shipped, built once for all tests: they are read only."""

    made: Map

    def __post_init__(self) -> None:
        self._office = self.made.office  # once: the real thing would look for newer rules every second

    @property
    def office(self) -> Office:
        return self._office

    @property
    def layers(self) -> Any:
        return self.made.layers

    def forget(self) -> None:
        """Nothing to forget: the tests' map does not change."""

    def refresh(self) -> None:
        """Nothing to look for, either; a test that stores new rules asks for `own_rules`."""


def own_rules(county: County) -> Map:
    """Let this county read its own calendar and rules, as a server does; only the map stays shared."""
    made = Map(county.settings, county.sessions, built=county.center.county)
    county.center.county = made
    return made
