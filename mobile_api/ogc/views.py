"""The addresses of OGC API – Features. Every answer is JSON, or a page for people: by `f`, else by `Accept`."""

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from command_center.errors import FeatureNotFound
from command_center.texts import language, t
from command_center.tickets.describe import moment
from command_center.web import center, limiter, now
from mobile_api.ogc import collections, features, query
from mobile_api.ogc.collections import TICKETS
from mobile_api.ogc.crs import Crs
from mobile_api.ogc.description import CONFORMANCE, OPENAPI, describe
from mobile_api.ogc.features import Page
from mobile_api.ogc.links import AS_PAGE, link
from mobile_api.ogc.query import Query

ogc = Blueprint("ogc", __name__, url_prefix="/ogc")
# A map client asks for many pieces at once; who asks for more than this wants a download.
limiter.limit("1200 per minute")(ogc)
GEOJSON, JSON, HTML = "application/geo+json", "application/json", "text/html"
ROWS_ON_A_PAGE = 20


@ogc.get("", strict_slashes=False)
def landing() -> ResponseReturnValue:
    """Begin here: links to the description, to what is conformed to, and to the collections."""
    query.only(())
    links = [
        link("", "self", JSON),
        link("", "alternate", HTML, AS_PAGE),
        link("api", "service-desc", OPENAPI, title=t("ogc.api")),
        link("api", "service-doc", HTML, AS_PAGE, title=t("ogc.api")),
        link("conformance", "conformance", JSON, title=t("ogc.conformance")),
        link("collections", "data", JSON, title=t("ogc.collections")),
    ]
    content = {"title": t("ogc.title"), "description": t("ogc.about"), "links": links}
    return answered(content, described_links(links))


@ogc.get("/api")
def api() -> ResponseReturnValue:
    """Describe the interface by OpenAPI 3.0."""
    query.only(())
    content = describe()
    return answered(content, [(path, None) for path in content["paths"]], kind=OPENAPI, title=t("ogc.api"))


@ogc.get("/conformance")
def conformance() -> ResponseReturnValue:
    """Name the classes of the standards that hold here."""
    query.only(())
    return answered({"conformsTo": CONFORMANCE}, [(uri, uri) for uri in CONFORMANCE], title=t("ogc.conformance"))


@ogc.get("/collections")
def list_collections() -> ResponseReturnValue:
    """List the collections that the caller may read."""
    query.only(())
    with center().sessions.read() as session:
        found = [collections.described(session, name) for name in collections.names()]
    links = [link("collections", "self", JSON), link("collections", "alternate", HTML, AS_PAGE)]
    content = {"links": links, "crs": found[0]["crs"], "collections": found}
    rows = [(f"{one['title']} · {one['id']}", one["links"][1]["href"]) for one in found]
    return answered(content, rows, title=t("ogc.collections"))


@ogc.get("/collections/<name>")
def read_collection(name: str) -> ResponseReturnValue:
    """Describe one collection. Raises: UnknownCollection, NotSignedIn."""
    query.only(())
    with center().sessions.read() as session:
        content = collections.described(session, name)
    return answered(content, described_links(content["links"]), title=content["title"], about=content["description"])


@ogc.get("/collections/<name>/items")
def read_items(name: str) -> ResponseReturnValue:
    """Show a page of a collection. Raises: UnknownCollection, NotSignedIn, BadParameter."""
    found = collections.collection_of(name)
    asked = query.read(collections.FILTERS[name])
    if wants_html():
        asked = replace(asked, limit=min(asked.limit, ROWS_ON_A_PAGE))
    at = now()
    with center().sessions.read() as session:
        stamp = found.stamp(session)
        answer = Response(content_type=GEOJSON)
        if stamp and not wants_html():
            mark = f"{stamp} {request.full_path} {request.root_url} {language()} {_packs()}"
            etag = hashlib.sha256(mark.encode("utf-8", "replace")).hexdigest()[:24]
            answer.set_etag(etag, weak=True)
            answer.headers["Cache-Control"] = "no-cache"
            if request.if_none_match.contains_weak(etag):
                answer.status_code = 304
                return _varied(answer)
        page = found.page(session, asked, at)
    links = page_links(name, asked, page)
    if wants_html():
        shown = [(f"{one.id} · {one.properties.get('name', '')}", _item_address(name, one.id)) for one in page.features]
        return answered({}, [*shown, *described_links(links)], title=t(f"ogc.{name}"), about=_counted(page))
    head = {"timeStamp": moment(at), "links": links}
    return _streamed(answer, features.collection(page, asked.crs, head), asked.crs, private=name == TICKETS)


@ogc.get("/collections/<name>/items/<fid>")
def read_item(name: str, fid: str) -> ResponseReturnValue:
    """Show one feature. Raises: UnknownCollection, NotSignedIn, FeatureNotFound, BadParameter."""
    found = collections.collection_of(name)
    query.only(("crs",))
    crs = query.crs()
    with center().sessions.read() as session:
        feature = found.one(session, fid, now())
    if feature is None:
        raise FeatureNotFound(collection=name, feature=fid[:40])
    links = [
        link(f"collections/{name}/items/{feature.id}", "self", GEOJSON),
        link(f"collections/{name}/items/{feature.id}", "alternate", HTML, AS_PAGE),
        link(f"collections/{name}", "collection", JSON),
    ]
    if wants_html():
        rows = [(f"{key}: {value}", None) for key, value in feature.properties.items()]
        return answered({}, [*rows, *described_links(links)], title=feature.id)
    written = features.written([feature], crs, links)
    return _streamed(Response(content_type=GEOJSON), written, crs, private=name == TICKETS)


def wants_html() -> bool:
    """Whether the caller wants a page. Raises: BadParameter for a form that we do not have."""
    wanted = request.args.get("f")
    if wanted is not None:
        if wanted not in ("json", "html"):
            query.refuse("f", "应为 json 或 html", "use json or html")
        return wanted == "html"
    return request.accept_mimetypes.best_match([JSON, GEOJSON, OPENAPI, HTML]) == HTML


def answered(
    content: dict[str, Any],
    rows: Iterable[tuple[str, str | None]],
    *,
    kind: str = JSON,
    title: str | None = None,
    about: str | None = None,
) -> ResponseReturnValue:
    """Answer with a document, or with a page that says the same. rows: texts, with the address they lead to."""
    if wants_html():
        page = render_template(
            "ogc.html", title=title or content["title"], about=about or content.get("description"), rows=list(rows)
        )
        return _varied(Response(page, content_type=f"{HTML}; charset=utf-8"))
    return _varied(Response(json.dumps(content, ensure_ascii=False), content_type=kind))


def described_links(links: Iterable[dict[str, str]]) -> list[tuple[str, str | None]]:
    """Links as rows of a page. A browser that follows them gets pages; the document itself is one click away."""
    rows: list[tuple[str, str | None]] = []
    for one in links:
        form = ("&" if "?" in one["href"] else "?") + "f=json" if one["rel"] == "self" else ""
        rows.append((f"{one['rel']} · {one.get('title', '')} {one['type']}", one["href"] + form))
    return rows


def page_links(name: str, asked: Query, page: Page) -> list[dict[str, str]]:
    """Links of a page: itself, the next, the one before."""
    here = f"collections/{name}/items"
    given = {key: value for key, value in request.args.items() if key != "f"}
    kept = {key: value for key, value in given.items() if key not in ("after", "before", "offset")}
    kept |= {"limit": str(asked.limit)}
    links = [
        link(here, "self", GEOJSON, given),
        link(here, "alternate", HTML, given | AS_PAGE),
        link(f"collections/{name}", "collection", JSON),
    ]
    kind, form = (HTML, AS_PAGE) if wants_html() else (GEOJSON, {})
    if page.next:
        links.append(link(here, "next", kind, kept | {"after": page.next} | form))
    if page.prev:
        links.append(link(here, "prev", kind, kept | {"before": page.prev} | form))
    return links


def _counted(page: Page) -> str:
    return t("ogc.counted", shown=len(page.features), matched=page.matched or "> 10,000")


def _item_address(name: str, fid: str) -> str:
    return link(f"collections/{name}/items/{fid}", "item", HTML, AS_PAGE)["href"]


def _packs() -> bool:
    return request.accept_encodings["gzip"] > 0


def _streamed(answer: Response, body: Iterable[str], crs: Crs, *, private: bool) -> Response:
    """Send a body bit by bit, packed for those who can unpack it."""
    answer.headers["Content-Crs"] = f"<{crs.uri}>"
    if private:
        answer.headers["Cache-Control"] = "private, no-store"
    bits: Iterator[bytes] = (bit.encode() for bit in body)
    if _packs():
        answer.headers["Content-Encoding"] = "gzip"
        bits = _gzipped(bits)
    answer.response = bits
    return _varied(answer)


def _gzipped(bits: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(level=1, wbits=31)
    for bit in bits:
        yield packer.compress(bit)
    yield packer.flush()


def _varied(answer: Response) -> Response:
    """Tell caches what an answer depends on: who asks, and in which form and language."""
    answer.headers["Vary"] = "Accept, Accept-Encoding, Accept-Language, Authorization, Cookie"
    answer.headers.setdefault("Cache-Control", "private, no-cache")
    return answer
