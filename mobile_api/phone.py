"""The worker's phone app at /m/: one page, its manifest, its texts and its service worker.

The page is the same for everybody and holds nothing of a person, because phones keep it to open without network.
What a person sees comes from the REST interface with a bearer token that the phone keeps.
"""

import hashlib
import json
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, jsonify, render_template, send_from_directory
from flask.typing import ResponseReturnValue

from command_center.texts import language
from command_center.web import center, current_user, make_token

HERE = Path(__file__).parent
LANGUAGES = ("zh", "en")
THEME = "#1a5291"
# Files of others that the app needs without network, and what tells that they changed.
BORROWED = (
    "/static/shared/base_map.js",
    "/static/shared/layers.js",
    "/static/shared/tokens.css",
    "/static/shared/uuid.js",
    "/vendor/leaflet/leaflet.css",
    "/vendor/leaflet/leaflet-src.esm.js",
    "/vendor/idb/index.js",
)
SHARED = HERE.parent / "dashboards" / "static" / "shared"
BORROWED_FROM = (
    *(SHARED / name for name in ("base_map.js", "layers.js", "tokens.css", "uuid.js")),
    HERE.parent / "package-lock.json",
)

phone = Blueprint(
    "phone",
    __name__,
    url_prefix="/m",
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)


@phone.get("/")
def app_page() -> ResponseReturnValue:
    """Show the app's frame."""
    answer = Response(render_template("phone.html", phone_language=language()))
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@phone.post("/token")
def token_for_cookie() -> ResponseReturnValue:
    """Give someone who signed in on the front page a bearer token, so that they need not sign in again.

    It changes nothing and another site cannot read the answer, so no CSRF token is asked.
    """
    user = current_user()
    if user is None:
        return Response(status=204)
    answer = jsonify(access_token=make_token(user), expires_in=center().settings.token_hours * 3600)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@phone.get("/sw.js")
def service_worker() -> ResponseReturnValue:
    """Serve the service worker with the list of files it keeps; its address gives it the scope /m/."""
    files, version = shell()
    # The page's policy is kept with the page: a phone learns of Tianditu with a new worker.
    version += "-t" if center().settings.tianditu_key else ""
    head = f"const SHELL = {json.dumps({'version': version, 'files': files})};\n"
    answer = Response(head + (HERE / "static" / "sw.js").read_text("utf-8"), mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@phone.get("/manifest.webmanifest")
def manifest() -> ResponseReturnValue:
    """Describe the app to the phone that installs it."""
    words = texts(language())
    icons = [
        {"src": "/m/static/icons/icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
        {"src": "/m/static/icons/icon-192.png", "sizes": "192x192", "type": "image/png", "purpose": "any"},
        {"src": "/m/static/icons/icon-512.png", "sizes": "512x512", "type": "image/png", "purpose": "any"},
        {
            "src": "/m/static/icons/icon-maskable-512.png",
            "sizes": "512x512",
            "type": "image/png",
            "purpose": "maskable",
        },
    ]
    answer = jsonify(
        id="/m/",
        start_url="/m/",
        scope="/m/",
        display="standalone",
        orientation="portrait",
        name=words["phone.title"],
        short_name=words["phone.short"],
        lang="en" if language() == "en" else "zh-CN",
        theme_color=THEME,
        background_color="#f3f5f8",
        icons=icons,
    )
    answer.mimetype = "application/manifest+json"
    return answer


@phone.get("/texts/<any(zh, en):wanted>.json")
def texts_of(wanted: str) -> ResponseReturnValue:
    """Serve the words of one language; the phone keeps both."""
    return send_from_directory(HERE / "texts", f"{wanted}.json", max_age=0)


def texts(wanted: str) -> dict[str, str]:
    """Read the words of one language from its file."""
    read: dict[str, str] = json.loads((HERE / "texts" / f"{wanted}.json").read_text("utf-8"))
    return read


def belongs(path: Path) -> bool:
    """Say whether a static file is part of the app: the worker itself is not, nor the interface's description."""
    return path.is_file() and path.name != "sw.js" and not path.name.startswith("docs.")


@cache
def shell() -> tuple[list[str], str]:
    """List the files the app needs without network, and a version that changes with any of them."""
    own = sorted(path for path in (HERE / "static").rglob("*") if belongs(path))
    words = [HERE / "texts" / f"{one}.json" for one in LANGUAGES]
    digest = hashlib.sha256()
    for path in [*own, *words, HERE / "templates" / "phone.html"]:
        digest.update(path.name.encode() + path.read_bytes())
    for path in (HERE / "static" / "sw.js", *BORROWED_FROM):
        digest.update(path.read_bytes() if path.exists() else b"")
    files = ["/m/", "/m/manifest.webmanifest", *(f"/m/texts/{one}.json" for one in LANGUAGES), *BORROWED]
    files += [f"/m/static/{path.relative_to(HERE / 'static').as_posix()}" for path in own]
    return files, digest.hexdigest()[:16]
