"""What some tests need beside Python, and what to say when it is not there.

With COMMAND_CENTER_TEST_REQUIRE=all a missing part is a failure; otherwise the test is skipped and says how to get it.
"""

import os
import shutil
from functools import cache
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest
from redis import Redis
from redis.exceptions import RedisError

ALL = os.environ.get("COMMAND_CENTER_TEST_REQUIRE") == "all"
POSTGRESQL = os.environ.get("COMMAND_CENTER_TEST_POSTGRESQL_URL", "postgresql://root@127.0.0.1:5432/postgres")
REDIS = os.environ.get("COMMAND_CENTER_TEST_REDIS_URL", "redis://127.0.0.1:6379/9")


def missing(what: str, remedy: str) -> NoReturn:
    """End a test for lack of something."""
    text = f"{what} is missing: {remedy}"
    if ALL:
        pytest.fail(text)
    pytest.skip(text)


def require_chromium() -> str:
    """Find Chromium's executable."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    missing("Chromium", "apt-get install chromium fonts-noto-cjk")


def require_faketime() -> str:
    """Find libfaketime, which gives a process a clock that a test can set. Returns its path."""
    for library in sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")):
        return str(library)
    missing("libfaketime", "apt-get install faketime")


def require_postgresql() -> str:
    """Find a PostgreSQL server where we may create databases. Returns the URL of its maintenance database."""
    if fault := _postgresql_fault():
        missing(
            "PostgreSQL",
            f"{fault}. Run `apt-get install postgresql` and start it, let {POSTGRESQL} create databases, or name "
            "another server in COMMAND_CENTER_TEST_POSTGRESQL_URL",
        )
    return POSTGRESQL


@cache
def _postgresql_fault() -> str | None:
    try:
        with psycopg.connect(POSTGRESQL, connect_timeout=5) as connection:
            row = connection.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
            return None if row.fetchone() == (True,) else "the user may not create databases"
    except psycopg.OperationalError as away:
        return str(away).strip().splitlines()[0]


def require_redis() -> str:
    """Find a Redis server. Returns its URL."""
    if fault := _redis_fault():
        missing(
            "Redis",
            f"{fault}. Run `apt-get install redis-server` and start it, or name another server in "
            "COMMAND_CENTER_TEST_REDIS_URL",
        )
    return REDIS


@cache
def _redis_fault() -> str | None:
    try:
        with Redis.from_url(REDIS, socket_connect_timeout=3) as redis:
            redis.ping()
    except (RedisError, ValueError) as away:
        return str(away)
    return None
