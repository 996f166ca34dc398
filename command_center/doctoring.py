"""Look an installation over and say, for each fault, what to do about it."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from command_center import migrations
from command_center.errors import CommandCenterError
from command_center.escalation.alarms import alarms
from command_center.escalation.clocks import read_clocks
from command_center.events.heartbeats import missing
from command_center.notices import outbox
from command_center.notices.outbox import may_call
from command_center.regions.models import Region
from command_center.settings import Settings
from command_center.tickets.rulebook import unfinished
from command_center.web import Center
from gis import pmtiles
from gis.errors import BadBaseMap

FREE_BYTES = 2 * 1024**3
CALENDAR_AHEAD = timedelta(days=90)
BASE_MAP_FAULTS = {
    "not-readable": "cannot be read: check COMMAND_CENTER_BASE_MAP and the file's owner",
    "not-pmtiles": "is no PMTiles archive",
    "other-version": "is a PMTiles archive of another version than 3: convert it with `pmtiles convert`",
    "cut-off": "ends too early: copy it again",
    "unknown-compression": "is compressed in a way that browsers cannot undo: make it with gzip",
    "unknown-tiles": "holds neither vector tiles (MVT) nor pictures",
    "no-area": "says of no place that it shows it",
}


class Check(NamedTuple):
    """One thing looked at; `fault` says what is wrong and what to do, None: it is well."""

    name: str
    fault: str | None


def examine(wired: Center) -> Iterator[Check]:
    """Look at everything; a part that cannot be looked at is a fault, never an exception."""
    settings = wired.settings
    yield Check("secret key", settings.secret_fault())
    yield Check("HOME writable", None if os.access(settings.home, os.W_OK) else f"cannot write to {settings.home}")
    free = shutil.disk_usage(settings.home).free
    yield Check("disk", None if free > FREE_BYTES else f"only {free // 1024**2} MB left")
    database = _database(wired)
    yield Check("database", database)
    if database is None:
        yield Check("schema", _schema(wired))
        yield Check("reference data", _reference(wired))
        yield Check("background parts", _background(wired))
        yield Check("escalation", _escalation(wired))
    if settings.redis:
        yield Check("redis", _redis(settings.redis))
    yield Check("sms gateway", _sms(settings))
    if database is None:
        yield Check("outgoing messages", _outgoing(wired))
    yield Check("base map", _base_map(wired))
    yield Check("https", _https(settings))


def _https(settings: Settings) -> str | None:
    """Judge how phones reach us: directly on this machine only, or through a proxy that speaks HTTPS."""
    only_here = settings.host in ("127.0.0.1", "::1", "localhost") and settings.proxies == 0
    if only_here or settings.secure_cookies:
        return None
    return (
        "phones need HTTPS for their place and for working without network: put a proxy with a certificate in front, "
        "then set COMMAND_CENTER_SECURE_COOKIES=1 and COMMAND_CENTER_PROXIES=1"
    )


def _base_map(wired: Center) -> str | None:
    """Judge the operator's file. Whether browsers reach Tianditu cannot be seen from here."""
    path = wired.settings.base_map
    if path is None:
        return None
    try:
        archive = pmtiles.read(path)
    except BadBaseMap as bad:
        return f"{path} {BASE_MAP_FAULTS[bad.reason]}; the maps are drawn without it"
    try:
        with wired.sessions.read() as session:
            county = session.scalars(select(Region).where(Region.level == "county", Region.lon.is_not(None))).first()
    except SQLAlchemyError:
        return None
    west, south, east, north = archive.bounds
    if county is None or county.lon is None or county.lat is None:
        return None
    if west <= county.lon <= east and south <= county.lat <= north:
        return None
    return f"{path} shows another place: {west:.2f} to {east:.2f} east, {south:.2f} to {north:.2f} north"


def _database(wired: Center) -> str | None:
    try:
        with wired.sessions.read() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError as away:
        return f"no answer: {away.__class__.__name__}. Check COMMAND_CENTER_DATABASE_URL and the server"
    return None


def _schema(wired: Center) -> str | None:
    behind = migrations.pending(wired.sessions.engine)
    return f"{behind}: run `flask migrate`" if behind else None


def _reference(wired: Center) -> str | None:
    try:
        calendar = wired.office.calendar
        with wired.sessions.read() as session:
            behind = unfinished(session)
    except (CommandCenterError, SQLAlchemyError, ValueError):
        return "not loaded: run `flask load-reference`"
    if behind:
        return "the calendar changed, but not all open clocks were computed anew: run `flask load-reference`"
    left = calendar.last - datetime.now(UTC).date()
    return None if left > CALENDAR_AHEAD else f"the working calendar ends in {left.days} days: add the next year"


def _background(wired: Center) -> str | None:
    try:
        away = missing(wired.sessions, datetime.now(UTC))
    except SQLAlchemyError:
        return "cannot be seen before `flask migrate`"
    return f"{', '.join(away)} not seen for half a minute: is `flask serve` running?" if away else None


def _sms(settings: Settings) -> str | None:
    """Judge the settings alone: whether the gateway answers is seen when the first message goes out."""
    token = settings.sms_token.get_secret_value() if settings.sms_token else ""
    if not settings.sms_url and not token:
        return None
    if settings.sms is None:
        lacking = "COMMAND_CENTER_SMS_TOKEN" if settings.sms_url else "COMMAND_CENTER_SMS_URL"
        return f"no text message is sent: {lacking} is not set"
    if not may_call(settings.sms.url):
        return "COMMAND_CENTER_SMS_URL must begin with https:// (http:// for this machine only)"
    return None


def _outgoing(wired: Center) -> str | None:
    """Judge webhooks and the queue: dead letters, and what waits although it was due long ago."""
    try:
        with wired.sessions.read() as session:
            dead = outbox.count(session, outbox.DEAD)
            late = outbox.late(session, datetime.now(UTC))
    except SQLAlchemyError:
        return "cannot be seen before `flask migrate`"
    if dead:
        return f"{dead} dead letters: look at them with `flask dead-letters`, then `flask dead-letters --retry all`"
    return f"{late} messages are due for ten minutes and not sent: is `flask serve` running?" if late else None


def _escalation(wired: Center) -> str | None:
    try:
        with wired.sessions.read() as session:
            found = alarms(session, read_clocks(), naming=True)
    except SQLAlchemyError:
        return "cannot be seen before `flask migrate`"
    return " ".join(f"{alarm.what_en} {alarm.todo_en}" for alarm in found) or None


def _redis(url: str) -> str | None:
    try:
        Redis.from_url(url, socket_timeout=3).ping()
    except (RedisError, ValueError) as away:
        return f"no answer: {away}"
    return None
