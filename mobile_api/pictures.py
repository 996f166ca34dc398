"""Pictures of the county (专题图) as a page, a PNG or a PDF, for whoever may see the region."""

from flask import Flask, Response, current_app, request

from command_center.pictures.compose import compose
from command_center.pictures.order import ordered
from command_center.pictures.render import Drawer, render
from command_center.pictures.sheet import MIME, Sheet, sheet_of
from command_center.texts import language, t
from command_center.web import caller, center, limiter, now, signed_in
from gis.picture import Language
from gis.script_hashes import script_hashes
from mobile_api.blueprint import api

DRAWER = "picture_drawer"
# A page of ours loads nothing at all, and its scripts are known by their hashes.
PAGE_POLICY = (
    "default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
)
# Whoever turns all its knobs asks for less; who asks for more is a program.
few_a_minute = limiter.limit("60 per minute", key_func=lambda: str(caller().id))


def init_app(app: Flask) -> None:
    """Give the application a memory of what was just drawn."""
    app.extensions[DRAWER] = Drawer()


@api.get("/pictures/<kind>.<form>")
@signed_in
@few_a_minute
def read_picture(kind: str, form: str) -> Response:
    """Draw situation, density, overdue, coverage or edition as html, png (300 dpi) or pdf."""
    wired, user, at = center(), caller(), now()
    given = request.args
    sheet = sheet_of(form, given)
    spoken: Language = "en" if language() == "en" else "zh"
    with wired.sessions.read() as session:
        # Judged each time, so that nobody gets from memory what is no longer theirs.
        order = ordered(session, kind, given, user, at.astimezone(wired.settings.zone).date())

    def draw() -> bytes:
        with wired.sessions.read() as session:
            picture = compose(session, order, user, zone=wired.settings.zone, now=at, language=spoken, text=t)
        # The session is closed: drawing takes seconds and needs no database.
        return render(picture, sheet, wired.settings.home)

    key = (user.id, user.role, user.region_code, user.department_code, order.key(), sheet, spoken)
    drawn = current_app.extensions[DRAWER].get(key, user.id, draw)
    name = f"{kind}-{order.region.code}-{order.last}"
    return _answer(drawn, sheet, name, download="download" in given)


def _answer(drawn: bytes, sheet: Sheet, name: str, *, download: bool) -> Response:
    answer = Response(drawn, mimetype=MIME[sheet.form])
    how = "attachment" if download else "inline"
    answer.headers["Content-Disposition"] = f'{how}; filename="{name}.{sheet.form}"'
    if sheet.form == "html":
        hashes = " ".join(script_hashes(drawn.decode()))
        answer.headers["Content-Security-Policy"] = PAGE_POLICY.format(hashes=hashes)
    return answer
