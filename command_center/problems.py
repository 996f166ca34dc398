"""How an error is told: as RFC 9457 problem document to machines, as a page to people."""

import json
import logging
from typing import Any

from flask import Flask, Response, current_app, g, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from command_center.errors import (
    CommandCenterError,
    CsrfFailed,
    HttpRefused,
    MapFiguresBusy,
    MethodNotAllowed,
    NothingHere,
    NotReady,
    TooLarge,
    TooMany,
    UnsupportedMedia,
)
from command_center.texts import language

log = logging.getLogger(__name__)
HTTP_ERRORS: dict[int, type[HttpRefused]] = {405: MethodNotAllowed, 415: UnsupportedMedia}
DRAINED = 128 * 1024 * 1024


def problem_body(error: CommandCenterError) -> dict[str, Any]:
    """Tell an error in the members of an RFC 9457 problem document, in Chinese and English."""
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
    return body | {key: value for key, value in error.facts.items() if key not in body}


def problem(error: CommandCenterError) -> Response:
    """Answer with an RFC 9457 problem document."""
    # What the sender wrote may be quoted here, half a character of it included: that must not hinder the answer.
    spelt = json.dumps(problem_body(error), ensure_ascii=False, default=str).encode("utf-8", "replace")
    answer = Response(spelt, status=error.status)
    answer.headers["Content-Type"] = "application/problem+json"
    if error.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, MapFiguresBusy):
        answer.headers["Retry-After"] = "5"
    return answer


def is_for_machines() -> bool:
    """Whether the caller expects a problem document instead of a page."""
    return request.path.startswith(("/api/", "/base-map/", "/health", "/openapi", "/metrics", "/ogc"))


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


def _database_away(error: OperationalError) -> Response | tuple[str, int]:
    log.error("the database did not answer: %s", error)
    g.user = None  # the page that says so must not ask the database who is calling
    return answer_error(NotReady(what="database"))


def _unexpected(error: Exception) -> Response | tuple[str, int]:
    log.exception("unexpected error at %s %s", request.method, request.path)
    return answer_error(CommandCenterError())


def init_app(app: Flask) -> None:
    """Answer every error of the application, whoever raised it, in one of these forms."""
    app.register_error_handler(CommandCenterError, answer_error)
    app.register_error_handler(CSRFError, lambda error: answer_error(CsrfFailed()))
    app.register_error_handler(HTTPException, lambda error: answer_error(from_http(error)))
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(Exception, _unexpected)
