"""The blueprint of the REST interface; its views register themselves from their own modules."""

from flask import Blueprint

api = Blueprint("api", __name__, url_prefix="/api/v1")
