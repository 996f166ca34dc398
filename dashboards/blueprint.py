"""The blueprint of the screens; the views register themselves from their own modules."""

from flask import Blueprint

screens = Blueprint("screens", __name__, static_folder="static", static_url_path="/static", template_folder="templates")
