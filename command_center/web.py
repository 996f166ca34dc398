"""What both doors share: who is calling, problem documents, language, texts."""

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, Protocol, TypeVar

from flask import Flask, Response, current_app, g, redirect, render_template, request, session, url_for
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFError, CSRFProtect
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from markupsafe import Markup
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from command_center.database import Sessions
from command_center.errors import (
    CommandCenterError,
    CsrfFailed,
    HttpRefused,
    MethodNotAllowed,
    NothingHere,
    NotReady,
    NotSignedIn,
    TokenExpired,
    TokenInvalid,
    TooLarge,
    TooMany,
    UnsupportedMedia,
)
from command_center.events.relay import Relay
from command_center.people.actions import by_session
from command_center.people.models import User
from command_center.settings import Settings
from command_center.tickets.actor import Actor
from command_center.tickets.office import Office

P = ParamSpec("P")
R = TypeVar("R")
log = logging.getLogger(__name__)
csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address, default_limits=[], headers_enabled=False)
# Only failed attempts to sign in count: a village where everybody starts at eight behind one address is no attack.
few_failures = limiter.shared_limit(
    "30 per 5 minutes", scope="sign-in", deduct_when=lambda answer: answer.status_code == 401
)
LANGUAGES = ("zh", "en")
HTTP_ERRORS: dict[int, type[HttpRefused]] = {405: MethodNotAllowed, 415: UnsupportedMedia}
SAFE = {"GET", "HEAD", "OPTIONS"}
DRAINED = 128 * 1024 * 1024
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; script-src 'self'; "
    "connect-src 'self' ws: wss:; frame-ancestors 'self'; base-uri 'self'; form-action 'self'"
)


class County(Protocol):
    """The map and the calendar, built on first use. Both raise NotReady until the reference data is loaded."""

    @property
    def office(self) -> Office: ...

    @property
    def layers(self) -> Any: ...

    def forget(self) -> None:
        """Read the database again at the next use."""


@dataclass
class Center:
    """The wired application: what `app.create_app` put together, for the doors to use."""

    settings: Settings
    sessions: Sessions
    county: "County"
    relay: Relay
    texts: "Texts"

    @property
    def office(self) -> Office:
        return self.county.office

    @property
    def layers(self) -> Any:
        return self.county.layers

    @property
    def grids(self) -> Any:
        return self.office.grids

    def committed(self) -> None:
        """Wake the relay: something was just committed."""
        self.relay.nudge()


class Texts:
    """Short texts in Chinese and English, from flat JSON files `{zh,en}.json` in several folders."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._texts: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
        for folder in folders:
            for language in LANGUAGES:
                path = folder / f"{language}.json"
                if path.exists():
                    self._texts[language] |= json.loads(path.read_text(encoding="utf-8"))

    def get(self, key: str, language: str) -> str:
        return self._texts[language].get(key) or self._texts["zh"].get(key) or key

    def starting(self, prefixes: tuple[str, ...], language: str) -> dict[str, str]:
        """All texts whose key begins with one of the prefixes, for a page's scripts."""
        return {key: text for key, text in self._texts[language].items() if key.startswith(prefixes)}


def center() -> Center:
    """The wired application of this request."""
    wired: Center = current_app.extensions["command_center"]
    return wired


def now() -> datetime:
    """Read the clock: only entry points do."""
    return datetime.now(UTC)


def language() -> str:
    """The language of this request: `?lang=`, then the cookie, then Chinese."""
    asked = request.args.get("lang") or request.cookies.get("lang")
    return asked if asked in LANGUAGES else "zh"


def t(key: str, **facts: Any) -> str:
    """Look up a text in the language of this request and fill in its facts."""
    text = center().texts.get(key, language())
    return text.format(**facts) if facts else text


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


def problem(error: CommandCenterError) -> Response:
    """Spell an error as RFC 9457 problem document, in Chinese and English."""
    body: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": error.text_zh,
        "title_en": error.text_en,
        "status": error.status,
        "detail": error.text_zh,
        "detail_en": error.text_en,
    }
    if error.field:
        body["field"] = error.field
    body |= {key: value for key, value in error.facts.items() if key not in body}
    # What the sender wrote may be quoted here, half a character of it included: that must not hinder the answer.
    spelt = json.dumps(body, ensure_ascii=False, default=str).encode("utf-8", "replace")
    answer = Response(spelt, status=error.status)
    answer.headers["Content-Type"] = "application/problem+json"
    if error.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def is_for_machines() -> bool:
    """Whether the caller expects a problem document instead of a page."""
    return request.path.startswith(("/api/", "/health", "/openapi", "/metrics"))


def answer_error(error: CommandCenterError) -> Response | tuple[str, int]:
    """Answer an error in the caller's own form."""
    if error.status == 413:
        drain()
    if is_for_machines():
        return problem(error)
    text = error.text_zh if language() == "zh" else error.text_en
    return render_template("error.html", status=error.status, text=text), error.status


def drain() -> None:
    """Read what a client is still sending, up to a bound, so that it lives to read our answer."""
    left = DRAINED
    while left > 0 and (chunk := request.environ["wsgi.input"].read(min(65536, left))):
        left -= len(chunk)


def from_http(error: HTTPException) -> CommandCenterError:
    """Translate what Flask and Werkzeug raise by themselves."""
    if error.code == 413:
        return TooLarge(limit=current_app.config["MAX_CONTENT_LENGTH"])
    if error.code == 429:
        return TooMany()
    if error.code == 404:
        return NothingHere()
    status = error.code or 500
    if status >= 500:
        return CommandCenterError()
    return HTTP_ERRORS.get(status, HttpRefused)(status=status, reason=error.name)


def init_app(app: Flask, wired: Center) -> None:
    """Attach all this to the Flask application."""
    app.extensions["command_center"] = wired
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    csrf.init_app(app)
    limiter.init_app(app)
    app.register_error_handler(CommandCenterError, answer_error)
    app.register_error_handler(CSRFError, lambda error: answer_error(CsrfFailed()))
    app.register_error_handler(HTTPException, lambda error: answer_error(from_http(error)))
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(Exception, _unexpected)
    app.after_request(_headers)
    app.jinja_env.globals.update(
        t=t,
        texts_json=texts_json,
        language=language,
        demo=wired.settings.demo,
        asset=lambda path: url_for("screens.static", filename=path),
    )
    app.context_processor(lambda: {"user": _reader()})


def _reader() -> User | None:
    """Who reads this page. A page that tells an error must not itself fail on a token that is not valid."""
    try:
        return current_user()
    except NotSignedIn:
        return None


def texts_json(*prefixes: str) -> Markup:
    """The texts a page's scripts need, as JSON that is safe inside a script element."""
    return Markup(
        json.dumps(center().texts.starting(prefixes, language()), ensure_ascii=False)
        .replace("<", "\\u003c")
        .replace("&", "\\u0026")
    )


def _database_away(error: OperationalError) -> Response | tuple[str, int]:
    log.error("the database did not answer: %s", error)
    g.user = None  # the page that says so must not ask the database who is calling
    return answer_error(NotReady(what="database"))


def _unexpected(error: Exception) -> Response | tuple[str, int]:
    log.exception("unexpected error at %s %s", request.method, request.path)
    return answer_error(CommandCenterError())


def _headers(answer: Response) -> Response:
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        answer.set_cookie("lang", asked, max_age=365 * 86400, samesite="Lax")
    answer.headers.setdefault("Content-Security-Policy", POLICY)
    answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    answer.headers.setdefault("Referrer-Policy", "same-origin")
    if request.path.startswith("/api/"):
        answer.headers.setdefault("Cache-Control", "no-store")
    return answer
