"""Outlines for maps: the whole county at once, and more detail where one looks (docs/adr/0017)."""

from flask import Response, request, session
from flask.typing import ResponseReturnValue

from command_center.errors import NothingHere, UnknownRegion
from command_center.regions.paths import LEVELS
from command_center.web import center, signed_in
from gis.layers import DETAILS, Layer
from mobile_api.blueprint import api

A_WHILE = "private, max-age=300"
FOR_GOOD = "private, max-age=31536000, immutable"


@api.get("/layers/<level>.geojson")
@signed_in
def layer(level: str) -> ResponseReturnValue:
    """Show simplified outlines of a level as GeoJSON, cacheable."""
    if level not in LEVELS:
        raise NothingHere
    return sent(center().layers[level], "application/geo+json")


@api.get("/layers/overview.topojson")
@signed_in
def overview() -> ResponseReturnValue:
    """Show simplified outlines of all levels at once as TopoJSON, cacheable; `edition` names these outlines."""
    return sent(center().layers.overview)


@api.get("/layers/<detail>/<code>.topojson")
@signed_in
def part(detail: str, code: str) -> ResponseReturnValue:
    """Show a region's outlines in more detail: `near` a town with all in it, `full` a village with its grids.

    With the `edition` that the overview named the answer may be kept for good.
    """
    layers = center().layers
    if detail not in DETAILS:
        raise NothingHere
    try:
        drawn = layers.part(detail, code)
    except KeyError as unknown:
        raise UnknownRegion(region=code[:32]) from unknown
    return sent(drawn, keep=FOR_GOOD if request.args.get("edition") == layers.edition else A_WHILE)


def sent(drawn: Layer, kind: str = "application/json", keep: str = A_WHILE) -> Response:
    """Answer with a layer, packed if the client can unpack it, or say that it has not changed."""
    zipped = request.accept_encodings["gzip"] > 0
    answer = Response(drawn.gzipped if zipped else drawn.body, content_type=kind)
    if zipped:
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["Cache-Control"] = keep
    answer.set_etag(drawn.etag.strip('"') + ("-gz" if zipped else ""))
    _leave_the_cookie_alone()
    answer.make_conditional(request)
    return answer


def _leave_the_cookie_alone() -> None:
    """Flask renews a lasting session's cookie with each answer, and each answer would then count as another's.

    Outlines are no secret of one person, and the browser is to find them where it left them.
    """
    dict.pop(session._get_current_object(), "_permanent", None)  # type: ignore[attr-defined]
    session.accessed = False
