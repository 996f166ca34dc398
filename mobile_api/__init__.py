"""The door for phones and other systems: REST version 1, and the worker's phone app.

It translates, calls one action, answers.
"""

from flask import Flask

from mobile_api import (
    actions,
    alarms,
    attachments,
    casefile,
    circles,
    downloads,
    events,
    imports,
    layers,
    map_editions,
    notices,
    pictures,
    policies,
    reference,
    regions,
    reports,
    session,
    statistics,
    tickets,
    zones,
)
from mobile_api.base_map import base_map
from mobile_api.blueprint import api
from mobile_api.health import health
from mobile_api.ogc import ogc
from mobile_api.openapi import documents
from mobile_api.phone import phone

VIEWS = (
    actions,
    alarms,
    attachments,
    casefile,
    circles,
    downloads,
    events,
    imports,
    layers,
    map_editions,
    notices,
    pictures,
    policies,
    reference,
    regions,
    reports,
    session,
    statistics,
    tickets,
    zones,
)


def init_app(app: Flask) -> None:
    """Register the REST interface, its description, the health checks and the phone app."""
    pictures.init_app(app)
    app.register_blueprint(api)
    app.register_blueprint(base_map)
    app.register_blueprint(documents)
    app.register_blueprint(health)
    app.register_blueprint(ogc)
    app.register_blueprint(phone)
