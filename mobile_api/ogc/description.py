"""The interface described for machines by OpenAPI 3.0, and what of the standards holds here."""

from typing import Any

from command_center.texts import t
from mobile_api.ogc import collections
from mobile_api.ogc.crs import CRS84, KNOWN
from mobile_api.ogc.links import address
from mobile_api.ogc.query import LARGEST_PAGE, USUAL_PAGE

OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
CONFORMANCE = [
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
]
STRING = {"type": "string"}
REFERENCE = {"type": "string", "format": "uri", "enum": list(KNOWN), "default": CRS84.uri}
PARAMETERS: dict[str, dict[str, Any]] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": USUAL_PAGE},
    "offset": {"type": "integer", "minimum": 0, "default": 0},
    "after": STRING,
    "before": STRING,
    "bbox": {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}},
    "bbox-crs": REFERENCE,
    "crs": REFERENCE,
    "datetime": STRING,
}
ITEM_PARAMETERS = ("crs",)
FORM = {"name": "f", "in": "query", "schema": {"type": "string", "enum": ["json", "html"]}}
PROBLEM = {"description": "a problem", "content": {"application/problem+json": {"schema": {"type": "object"}}}}


def describe() -> dict[str, Any]:
    """Build the document for the collections that the caller may read."""
    paths = {
        "/": _operation("landing", "the landing page", "application/json", []),
        "/api": _operation("api", "this description", OPENAPI, []),
        "/conformance": _operation("conformance", "what is conformed to", "application/json", []),
        "/collections": _operation("collections", "the collections", "application/json", []),
    }
    for name in collections.names():
        filters = collections.FILTERS[name]
        below = f"/collections/{name}"
        paths[below] = _operation(f"describe_{name}", t(f"ogc.{name}"), "application/json", [])
        page = [_parameter(one, PARAMETERS[one]) for one in PARAMETERS] + [_parameter(one, STRING) for one in filters]
        paths[f"{below}/items"] = _operation(f"get_{name}", t(f"ogc.{name}_about"), "application/geo+json", page)
        one = [{"name": "featureId", "in": "path", "required": True, "schema": STRING}]
        one += [_parameter(each, PARAMETERS[each]) for each in ITEM_PARAMETERS]
        paths[f"{below}/items/{{featureId}}"] = _operation(
            f"get_{name}_one", t(f"ogc.{name}"), "application/geo+json", one
        )
    bearer = {"type": "http", "scheme": "bearer"}
    return {
        "openapi": "3.0.3",
        "info": {"title": t("ogc.title"), "description": t("ogc.about"), "version": "1"},
        "servers": [{"url": address()}],
        "paths": paths,
        "components": {"securitySchemes": {"bearer": bearer}},
        "security": [{}, {"bearer": []}],
    }


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    as_list = {"style": "form", "explode": False} if schema.get("type") == "array" else {}
    return {"name": name, "in": "query", "required": False, "schema": schema, **as_list}


def _operation(name: str, summary: str, kind: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    done = {"description": "done", "content": {kind: {"schema": {"type": "object"}}, "text/html": {"schema": STRING}}}
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "parameters": [*parameters, FORM],
            "responses": {"200": done, "400": PROBLEM, "404": PROBLEM, "default": PROBLEM},
        }
    }
