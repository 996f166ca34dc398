"""The only place where things are wired. Nothing imports it; Flask and gunicorn find it by its name."""

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import gevent.monkey
import shapely
from flask import Flask, send_from_directory
from flask.typing import ResponseReturnValue
from flask_socketio import SocketIO
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

import dashboards
import mobile_api
from command_center import commands, realtime, web
from command_center.aside import beside_the_loop
from command_center.database import Sessions, make_engine
from command_center.deadlines import policies
from command_center.deadlines import reference as calendar_reference
from command_center.errors import NothingHere, NotReady
from command_center.events.heartbeats import RELAY, beater
from command_center.events.relay import Relay
from command_center.events.watchdog import Watchdog
from command_center.notices import consumer as notices
from command_center.notices.invitations import links_of
from command_center.regions import editions as maps
from command_center.settings import Settings
from command_center.statistics.consumer import catch_up
from command_center.tickets.office import Office
from command_center.zones import queries as zones
from dashboards.desk import desk
from gis.boundaries import KIND_DIGITS, Boundary, Kind, Level, level_of
from gis.grid_index import GridIndex
from gis.layers import Layer, build_layers

log = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parent
MODULES = ROOT / "node_modules"
# Addresses under /vendor/ and the folder of the npm package each is served from.
VENDOR = {
    "leaflet": "leaflet/dist",
    "geoman": "@geoman-io/leaflet-geoman-free/dist",
    "pmtiles": "pmtiles/dist",
    "protomaps-leaflet": "protomaps-leaflet/dist",
    "socket.io": "socket.io-client/dist",
    "idb": "idb/build",
    "swagger-ui": "swagger-ui-dist",
}
TEXTS = [
    ROOT / "dashboards/texts",
    ROOT / "dashboards/texts_desk",
    ROOT / "dashboards/texts_administration",
    ROOT / "dashboards/texts_map",
    ROOT / "dashboards/texts_zones",
    ROOT / "dashboards/texts_circles",
    ROOT / "dashboards/texts_downloads",
    ROOT / "dashboards/texts_pictures",
    ROOT / "mobile_api/texts",
    ROOT / "command_center/casefile/texts",
]


def create_app(settings: Settings | None = None) -> Flask:
    """Wire the application for these settings, read from the environment when none are given.

    The database may still be empty (`flask migrate` and `flask load-reference` need the app, too): the map and the
    calendar are read on first use, and what needs them answers `not-ready` until they are loaded.
    """
    settings = settings or Settings()
    # Names and telephone numbers will lie in it: for this user's eyes only.
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    app = Flask("command_center", static_folder=None, root_path=str(ROOT))
    app.config.update(
        SECRET_KEY=settings.signing_key,
        MAX_CONTENT_LENGTH=1024 * 1024,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.token_hours),
        SESSION_COOKIE_NAME="command_center",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        RATELIMIT_STORAGE_URI=settings.redis or "memory://",
    )
    sessions = Sessions(make_engine(settings.url))
    channel = realtime.channel_of(settings.chain_key)
    socketio = realtime.make_socketio(
        "gevent" if gevent.monkey.is_module_patched("threading") else "threading", settings.redis, channel
    )
    watchdog = Watchdog()
    screens = realtime.emitter(socketio, settings.redis, channel)
    relay = Relay(
        sessions,
        settings.home,
        publish=realtime.publisher(screens, sessions),
        consumers=[
            lambda: catch_up(sessions, settings.zone),
            lambda: notices.catch_up(
                sessions,
                settings.zone,
                datetime.now(UTC),
                sms=settings.sms is not None,
                links=links_of(settings),
                tell=realtime.notifier(screens),
            ),
        ],
        beat=watchdog.watched(RELAY, beater(sessions, RELAY)),
        every=settings.relay_seconds,
    )
    county = County(settings, sessions)
    web.init_app(app, web.Center(settings, sessions, county, relay, watchdog), TEXTS)
    mobile_api.init_app(app)
    app.register_blueprint(dashboards.screens)
    app.register_blueprint(desk)
    app.add_url_rule("/vendor/<package>/<path:filename>", "vendor", vendor)
    socketio.init_app(app, channel=channel)  # Flask-SocketIO forgets the channel between its two set-ups
    socketio.on_namespace(realtime.Live())
    commands.init_app(app)
    app.extensions["socketio_server"] = socketio
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, *[settings.proxies] * 4)  # type: ignore[method-assign]
    return app


class County:
    """The map, the calendar and the clocks' rules of this county, read on first use and then shared, read-only.

    Any process may store newer ones: a cheap look at the database, once a second at most, notices it. Rules and
    calendar are read at once; a map takes a second to build, which a thread does, and nobody waits for it.
    """

    LOOK_EVERY = 1.0
    BUILD_AGAIN = 30.0

    def __init__(self, settings: Settings, sessions: Sessions, built: web.County | None = None) -> None:
        """Share the map of `built`, if one is given: it must be of the same reference data."""
        self._settings, self._sessions = settings, sessions
        # Looked with from within requests' transactions, hence not out of the pool that these keep waiting.
        self._looks = Sessions(make_engine(settings.url, pooled=False))
        self._office: Office | None = built.office if built else None
        self._layers: Mapping[Level, Layer] | None = built.layers if built else None
        # None: nothing is known, so the next look reads everything.
        self._editions: tuple[int, int, int] | None = None
        self._looked_at = -self.LOOK_EVERY
        self._looking = threading.Lock()
        self._building = threading.Lock()
        self._failed_at = -self.BUILD_AGAIN

    @property
    def office(self) -> Office:
        """Raises: NotReady when the reference data is not loaded."""
        if self._office is None:
            self._build()
        elif monotonic() - self._looked_at >= self.LOOK_EVERY:
            self._look()
        assert self._office is not None
        return self._office

    @property
    def layers(self) -> Mapping[Level, Layer]:
        """Raises: NotReady when the reference data is not loaded."""
        if self._layers is None:
            self._build()
        assert self._layers is not None
        return self._layers

    def forget(self) -> None:
        """Read the database again at the next use: the reference data was loaded anew."""
        self._office = self._layers = None

    def refresh(self) -> None:
        """Look for newer editions at the next use; a newer map is then built, while the present one goes on."""
        self._looked_at = -self.LOOK_EVERY

    def _look(self) -> None:
        """Take over what is newer. Who asks while another looks goes on with what there is."""
        if not self._looking.acquire(blocking=False):
            return
        try:
            self._looked_at = monotonic()
            with self._looks.read() as session:
                editions = _editions(session)
                if editions != self._editions and self._office is not None:
                    calendar, edition = calendar_reference.read(session), policies.read(session)
                    book = zones.book(session)
                    self._office = replace(self._office, calendar=calendar, edition=edition, zones=book)
                    self._editions = editions
                newest = maps.version_in_force(session)
            if self._office is not None and newest != self._office.map_edition:
                self._ask_for_map(newest)
        except (SQLAlchemyError, ValueError):
            # A database that is away stops the request soon enough; it must not take the office away as well.
            log.exception("could not look for a newer edition; going on with the present one")
        finally:
            self._looking.release()

    def _build(self) -> None:
        with self._sessions.read() as session:
            version = maps.version_in_force(session)
            rows = maps.boundaries(session, version) if version else []
            if not rows:
                raise NotReady(what="flask load-reference")
            self._editions = _editions(session)
            calendar, edition = calendar_reference.read(session), policies.read(session)
            book = zones.book(session)
        self._looked_at = monotonic()
        grids, self._layers = drawn(rows)
        self._office = Office(
            grids=grids,
            calendar=calendar,
            chain_key=self._settings.chain_key,
            zone=self._settings.zone,
            speed=self._settings.policy_speed,
            edition=edition,
            zones=book,
            map_edition=version,
        )

    def _ask_for_map(self, version: int) -> None:
        """Have an edition of the map built, unless that is under way, or failed a moment ago."""
        if monotonic() - self._failed_at < self.BUILD_AGAIN or not self._building.acquire(blocking=False):
            return
        threading.Thread(target=self._build_map, args=(version,), name=f"map-{version}", daemon=True).start()

    def _build_map(self, version: int) -> None:
        """Build an edition of the map and put it in the place of the present one, all at once."""
        try:
            with self._looks.read() as session:
                rows = maps.boundaries(session, version)
            grids, layers = beside_the_loop(drawn, rows)
            with self._looking:
                if self._office is not None:
                    self._office, self._layers = replace(self._office, grids=grids, map_edition=version), layers
            log.info("edition %s of the map is in use", version)
        except Exception:
            self._failed_at = monotonic()
            log.exception(
                "edition %s of the map cannot be built: the present one goes on; tried again in %.0f s",
                version,
                self.BUILD_AGAIN,
            )
        finally:
            self._building.release()


def drawn(rows: Sequence[maps.OutlineRow]) -> tuple[GridIndex, Mapping[Level, Layer]]:
    """Build the index that places reports, and the layers that maps show."""
    grids = GridIndex((row.code, row.kind, row.wkb) for row in rows if row.kind)
    shapes = shapely.from_wkb([row.wkb for row in rows])
    return grids, build_layers(
        [
            Boundary(
                row.code,
                row.name,
                level_of(row.code),
                kind_of(row.code),
                row.parent_code,
                shape,
                row.synthetic,
                row.source_code,
            )
            for row, shape in zip(rows, shapes, strict=True)
        ]
    )


def _editions(session: Session) -> tuple[int, int, int]:
    """Which policy, calendar and rule zones the database has by now."""
    return policies.newest_version(session), calendar_reference.newest_edition(session), zones.edition(session)


def kind_of(code: str) -> Kind | None:
    """Read a grid's kind off its code; None for the levels above."""
    return KIND_DIGITS[code[12]] if len(code) == 16 else None


def vendor(package: str, filename: str) -> ResponseReturnValue:
    """Serve a front-end library that `npm ci` installed, from our own address."""
    if package not in VENDOR:
        raise NothingHere
    return send_from_directory(MODULES / VENDOR[package], filename, max_age=86400)


def socketio_of(app: Flask) -> SocketIO:
    server: SocketIO = app.extensions["socketio_server"]
    return server
