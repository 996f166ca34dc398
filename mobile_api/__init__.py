"""The door for phones and other systems: REST version 1, and the worker's phone app.

It translates, calls one action, answers.
"""

from flask import Flask

from mobile_api import (
    actions,
    alarms,
    attachments,
    casefile,
    events,
    notices,
    policies,
    reference,
    regions,
    reports,
    session,
    statistics,
    tickets,
)
from mobile_api.blueprint import api
from mobile_api.health import health
from mobile_api.openapi import documents
from mobile_api.phone import phone

VIEWS = (
    actions,
    alarms,
    attachments,
    casefile,
    events,
    notices,
    policies,
    reference,
    regions,
    reports,
    session,
    statistics,
    tickets,
)


def init_app(app: Flask) -> None:
    """Register the REST interface, its description, the health checks and the phone app."""
    app.register_blueprint(api)
    app.register_blueprint(documents)
    app.register_blueprint(health)
    app.register_blueprint(phone)
