"""What both doors share: the wired application, and who is calling. Errors: `problems`; words: `texts`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, Protocol, TypeVar

from flask import Flask, Response, current_app, g, redirect, request, session, url_for
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from werkzeug.wrappers import Response as AnyResponse

from command_center import problems, texts
from command_center.database import Sessions
from command_center.errors import NotSignedIn, TokenExpired, TokenInvalid
from command_center.events.relay import Relay
from command_center.events.watchdog import Watchdog
from command_center.people.actions import by_session
from command_center.people.models import User
from command_center.settings import Settings
from command_center.statistics.by_map import Beside, Indexes, at_once
from command_center.texts import LANGUAGES
from command_center.tickets.actor import Actor
from command_center.tickets.office import Office

P = ParamSpec("P")
R = TypeVar("R")
csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address, default_limits=[], headers_enabled=False)
# Only failed attempts to sign in count: a village where everybody starts at eight behind one address is no attack.
few_failures = limiter.shared_limit(
    "30 per 5 minutes", scope="sign-in", deduct_when=lambda answer: answer.status_code == 401
)
SAFE = {"GET", "HEAD", "OPTIONS"}
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; script-src 'self'; "
    "connect-src 'self' ws: wss:; frame-ancestors 'self'; base-uri 'self'; form-action 'self'"
)

# Where Tianditu serves its tiles; browsers may look there only when the operator set a key.
TIANDITU_HOSTS = tuple(f"https://t{n}.tianditu.gov.cn" for n in range(8))


def policy(settings: Settings) -> str:
    """Say what a page may load: from here alone, and Tianditu's tiles when the operator has a key for them."""
    if settings.tianditu_key is None:
        return POLICY
    return POLICY.replace("img-src 'self'", f"img-src 'self' {' '.join(TIANDITU_HOSTS)}")


class County(Protocol):
    """The map, the calendar and the clocks' rules, read on first use.

    Both properties raise NotReady until the reference data is loaded.
    """

    @property
    def office(self) -> Office: ...

    @property
    def layers(self) -> Any: ...

    def forget(self) -> None:
        """Read the database again at the next use."""

    def refresh(self) -> None:
        """Look for newer editions at the next use; a newer map is then built, while the present one goes on."""


@dataclass
class Center:
    """The wired application: what `app.create_app` put together, for the doors to use."""

    settings: Settings
    sessions: Sessions
    county: County
    relay: Relay
    watchdog: Watchdog = field(default_factory=Watchdog)
    maps: Indexes = field(default_factory=Indexes)

    @property
    def office(self) -> Office:
        return self.county.office

    @property
    def layers(self) -> Any:
        return self.county.layers

    @property
    def grids(self) -> Any:
        return self.office.grids

    def map_of(self, version: int, beside: Beside = at_once) -> Any:
        """The index of an edition of the map: the one in force is there, others are built. Raises: EditionNotFound."""
        office = self.office
        return office.grids if version == office.map_edition else self.maps.of(self.sessions, version, beside)

    def committed(self) -> None:
        """Wake the relay: something was just committed."""
        self.relay.nudge()


def center() -> Center:
    """The wired application of this request."""
    wired: Center = current_app.extensions["command_center"]
    return wired


def now() -> datetime:
    """Read the clock: only entry points do."""
    return datetime.now(UTC)


def tokens(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.signing_key, salt="bearer token")


def make_token(user: User) -> str:
    return tokens(center().settings).dumps([user.id, user.token_generation])


def user_of_token(token: str) -> User:
    """Return whose token this is. Raises: TokenExpired, TokenInvalid."""
    wired = center()
    try:
        content = tokens(wired.settings).loads(token, max_age=wired.settings.token_hours * 3600)
        user_id, generation = content
    except SignatureExpired as old:
        raise TokenExpired from old
    except (BadSignature, ValueError, TypeError) as forged:
        raise TokenInvalid from forged
    with wired.sessions.read() as database:
        user = by_session(database, user_id, generation)
    if user is None:
        raise TokenInvalid
    return user


def current_user() -> User | None:
    """Who is calling: by bearer token if an Authorization header is there (then no cookie counts), else by cookie."""
    if "user" not in g:
        g.user = _find_user()
    user: User | None = g.user
    return user


def _find_user() -> User | None:
    header = request.headers.get("Authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise TokenInvalid
        return user_of_token(token.strip())
    user_id = session.get("user_id")
    if not isinstance(user_id, int):
        return None
    with center().sessions.read() as database:
        return by_session(database, user_id, session.get("token_generation", -1))


def caller() -> User:
    """Who is calling. Raises: NotSignedIn."""
    user = current_user()
    if user is None:
        raise NotSignedIn
    return user


def actor() -> Actor:
    return Actor.of(caller())


def signed_in(view: Callable[P, R]) -> Callable[P, R]:
    """Let only signed-in callers through; others get a 401 problem. A cookie's write must carry the CSRF token."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        caller()
        if request.method not in SAFE and "Authorization" not in request.headers:
            csrf.protect()
        return view(*args, **kwargs)

    return guarded


def let_in(limit: int) -> None:
    """Take a body of up to `limit` bytes, where other calls may send a megabyte, from whoever is signed in.

    By the time Flask-WTF reads the form for its token, the limit must stand. Raises: NotSignedIn, CSRFError.
    """
    caller()
    request.max_content_length = limit
    if "Authorization" not in request.headers:
        csrf.protect()


def signed_in_page(view: Callable[P, R]) -> Callable[P, R | AnyResponse]:
    """Let only signed-in people through; others are sent to the sign-in page and back afterwards."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | AnyResponse:
        if current_user() is None:
            return redirect(url_for("screens.entry", next=request.full_path.rstrip("?")))
        return view(*args, **kwargs)

    return guarded


def begin_session(user: User) -> None:
    """Sign a person in by cookie."""
    session.clear()
    session["user_id"] = user.id
    session["token_generation"] = user.token_generation
    session.permanent = True


def init_app(app: Flask, wired: Center, text_folders: Iterable[Path]) -> None:
    """Attach all this to the Flask application."""
    app.extensions["command_center"] = wired
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    csrf.init_app(app)
    limiter.init_app(app)
    problems.init_app(app)
    texts.init_app(app, text_folders)
    app.after_request(_headers)
    app.jinja_env.globals.update(demo=wired.settings.demo, asset=lambda path: url_for("screens.static", filename=path))
    app.context_processor(lambda: {"user": _reader()})


def _reader() -> User | None:
    """Who reads this page. A page that tells an error must not itself fail on a token that is not valid."""
    try:
        return current_user()
    except NotSignedIn:
        return None


def _headers(answer: Response) -> Response:
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        answer.set_cookie("lang", asked, max_age=365 * 86400, samesite="Lax")
    answer.headers.setdefault("Content-Security-Policy", policy(center().settings))
    answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    answer.headers.setdefault("Referrer-Policy", "same-origin")
    if request.path.startswith("/api/"):
        answer.headers.setdefault("Cache-Control", "no-store")
    return answer
