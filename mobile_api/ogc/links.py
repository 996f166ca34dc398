"""Links from one answer to the next, absolute as clients want them, and right behind a proxy."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from flask import request

AS_PAGE = {"f": "html"}


def address(path: str = "", query: Mapping[str, str] | None = None) -> str:
    """The address of something below the landing page, as the caller sees us."""
    base = f"{request.root_url}ogc" + (f"/{quote(path)}" if path else "")
    return f"{base}?{urlencode(query)}" if query else base


def link(
    path: str, rel: str, kind: str, query: Mapping[str, str] | None = None, *, title: str | None = None
) -> dict[str, str]:
    """One link. `kind`: its media type."""
    named = {"title": title} if title else {}
    return {"href": address(path, query), "rel": rel, "type": kind, **named}
