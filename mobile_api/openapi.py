"""The REST interface described by OpenAPI 3.1 at /openapi.json, readable at /docs from our own assets.

Paths and summaries are read off the views themselves, so the description cannot drift from the code; bodies come
from the pydantic schemas, errors from the tree in `command_center.errors`.
"""

import re
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from command_center import errors
from command_center.tickets.workflow import Action
from mobile_api.alarms import Agreement
from mobile_api.circles import AssumptionsForm
from mobile_api.imports import ImportApply, ImportChoices
from mobile_api.notices import NoticesRead
from mobile_api.policies import PolicyForm, YearForm
from mobile_api.schemas import ActionForm, BulkForm, CallbackForm, Report, SignIn
from mobile_api.zones import RetireForm, SchoolsForm, TryOutForm, ZoneForm

documents = Blueprint("documents", __name__, template_folder="templates")
BODIES: dict[tuple[str, str], type[BaseModel]] = {
    ("/api/v1/notices/read", "post"): NoticesRead,
    ("/api/v1/imports/{id}/choices", "post"): ImportChoices,
    ("/api/v1/imports/{id}/apply", "post"): ImportApply,
    ("/api/v1/session", "post"): SignIn,
    ("/api/v1/alarms/clock/agree", "post"): Agreement,
    ("/api/v1/policies", "post"): PolicyForm,
    ("/api/v1/service-circles/assumptions", "post"): AssumptionsForm,
    ("/api/v1/zones", "post"): ZoneForm,
    ("/api/v1/zones/{code}", "put"): ZoneForm,
    ("/api/v1/zones/{code}/retire", "post"): RetireForm,
    ("/api/v1/zones/try-out", "post"): TryOutForm,
    ("/api/v1/zones/outline", "post"): ZoneForm,
    ("/api/v1/zones/schools", "post"): SchoolsForm,
    ("/api/v1/calendar/{year}/confirm", "post"): YearForm,
    ("/api/v1/reports", "post"): Report,
    ("/api/v1/tickets/{number}/actions/{name}", "post"): ActionForm,
    ("/api/v1/tickets/actions/{name}", "post"): BulkForm,
    ("/api/v1/tickets/{number}/callbacks", "post"): CallbackForm,
}
CREATED = {
    ("/api/v1/tickets/{number}/callbacks", "post"),
    ("/api/v1/reports", "post"),
    ("/api/v1/attachments", "post"),
    ("/api/v1/imports", "post"),
    ("/api/v1/policies", "post"),
    ("/api/v1/service-circles/assumptions", "post"),
    ("/api/v1/zones", "post"),
    ("/api/v1/zones/import", "post"),
    ("/api/v1/zones/schools", "post"),
}
PAGED = ["limit", "cursor"]
QUERIES: dict[str, list[str]] = {
    "/api/v1/imports": ["kind"],
    "/api/v1/imports/{id}/faults": ["kind", *PAGED],
    "/api/v1/map-editions/{version}/lineage": PAGED,
    "/api/v1/notices": ["unread", *PAGED],
    "/api/v1/outgoing": ["state", *PAGED],
    "/api/v1/tickets": [
        *("region", "node", "tier", "overdue", "open", "mine", "q", "since"),
        *("category", "department", "topic", "bbox", "order", *PAGED),
    ],
    "/api/v1/regions": ["level", "parent", "retired", *PAGED],
    "/api/v1/regions/at": ["lon", "lat", "datum", "accuracy_m"],
    "/api/v1/layers/{detail}/{code}.topojson": ["edition"],
    "/api/v1/downloads/{file}": ["edition", "crs", "encoding"],
    "/api/v1/events": ["after", "region", "limit"],
    "/api/v1/service-circles": ["region", "level"],
    "/api/v1/service-circles/grids": ["region", "level", "state", *PAGED],
    "/api/v1/service-circles/grids.csv": ["region", "level", "state", "lang"],
    "/api/v1/service-circles/grids.xlsx": ["region", "level", "state", "lang"],
    "/api/v1/statistics": ["region", "by", "from", "to", "map"],
    "/api/v1/tickets/{number}": ["map"],
    "/api/v1/users": ["ticket"],
    "/api/v1/policies": PAGED,
    "/api/v1/zones": ["kind", "state", "geometry", *PAGED],
    "/api/v1/calendar": ["year"],
    "/api/v1/attachments/{id}": ["size"],
    "/api/v1/tickets/{number}/file.pdf": ["lang"],
    "/api/v1/pictures/{kind}.{form}": [
        *("region", "from", "to", "category", "by", "measure", "classes", "cell", "edition"),
        *("paper", "lie", "size", "lang", "download"),
    ],
}
HEADERS = {
    ("/api/v1/zones/{code}", "put"): [("If-Match", True)],
    ("/api/v1/zones/{code}/retire", "post"): [("If-Match", True)],
    ("/api/v1/imports/{id}/apply", "post"): [("Idempotency-Key", False)],
    ("/api/v1/reports", "post"): [("Idempotency-Key", True)],
    ("/api/v1/tickets/{number}/actions/{name}", "post"): [("If-Match", True), ("Idempotency-Key", False)],
    ("/api/v1/tickets/{number}/callbacks", "post"): [("If-Match", False), ("Idempotency-Key", False)],
}
UPLOAD = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "properties": {"file": {"type": "string", "format": "binary"}},
            "required": ["file"],
        }
    }
}


@documents.get("/openapi.json")
def openapi() -> Response:
    """Describe the interface for machines."""
    return jsonify(describe())


@documents.get("/docs")
def docs() -> str:
    """Describe the interface for people."""
    return render_template("docs.html")


@documents.get("/problems/<code>")
def problem_type(code: str) -> tuple[str, int] | str:
    """Explain a problem's `type`: its address leads here."""
    for error in every_error():
        if error.code == code:
            return render_template("problem.html", error=error)
    raise errors.NothingHere


def every_error(
    root: type[errors.CommandCenterError] = errors.CommandCenterError,
) -> Iterator[type[errors.CommandCenterError]]:
    """Walk the tree of errors."""
    yield root
    for kind in root.__subclasses__():
        yield from every_error(kind)


def describe() -> dict[str, Any]:
    """Build the OpenAPI document from the routes of the running application."""
    models = list(BODIES.values())
    _, schema = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    paths: dict[str, dict[str, Any]] = {}
    for rule in current_app.url_map.iter_rules():
        if not rule.rule.startswith(("/api/v1/", "/health", "/metrics")):
            continue
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "DELETE"}):
            paths.setdefault(path, {})[method.lower()] = _operation(path, method.lower(), rule.endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "大石桥市网格化指挥中心 · Command Center",
            "version": "1",
            "description": _overview(),
        },
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": schema.get("$defs", {}) | {"Problem": PROBLEM},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"bearer": []}],
    }


PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "description": "stable; /problems/<code> explains it"},
        "title": {"type": "string"},
        "title_en": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "detail_en": {"type": "string"},
        "field": {"type": "string", "description": "the field at fault"},
    },
}


def _overview() -> str:
    actions = ", ".join(str(action) for action in Action)
    codes = ", ".join(sorted({error.code for error in every_error()}))
    return (
        "Times: RFC 3339 with zone. Lists: `{items, next_cursor}`, at most 200 a page. Errors: RFC 9457 problem "
        f"documents.\n\nActions: {actions}.\n\nProblem types: {codes}."
    )


def _operation(path: str, method: str, endpoint: str) -> dict[str, Any]:
    view = current_app.view_functions[endpoint]
    text = (view.__doc__ or endpoint).strip()
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", path)
    ]
    parameters += [{"name": name, "in": "query", "schema": {"type": "string"}} for name in QUERIES.get(path, [])]
    parameters += [
        {"name": name, "in": "header", "required": needed, "schema": {"type": "string"}}
        for name, needed in HEADERS.get((path, method), [])
    ]
    success = "201" if (path, method) in CREATED else "200"
    operation: dict[str, Any] = {
        "summary": text.splitlines()[0].replace("`", ""),
        "tags": [path.removeprefix("/api/v1/").strip("/").split("/")[0].split(".")[0]],
        "operationId": f"{method}_{endpoint.replace('.', '_')}",
        "parameters": parameters,
        "responses": {
            success: {"description": "done"},
            "default": {
                "description": "a problem",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        },
    }
    model = BODIES.get((path, method))
    if model is not None:
        reference = {"$ref": f"#/components/schemas/{model.__name__}"}
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": reference}}}
    if path == "/api/v1/calendar/{year}/confirm":
        operation["requestBody"]["content"] |= UPLOAD
    if path in ("/api/v1/attachments", "/api/v1/imports", "/api/v1/zones/import") and method == "post":
        operation["requestBody"] = {"required": True, "content": UPLOAD}
    if path == "/api/v1/session" or not path.startswith("/api/"):
        operation["security"] = []
    return operation
