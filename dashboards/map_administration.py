"""The pages that bring a county in: its map (editions, and files to import) and the people who work here.

Frames, as the administration page is: they show and do everything through the REST interface.
"""

from flask import render_template
from flask.typing import ResponseReturnValue

from command_center.errors import NotAllowed
from command_center.people.models import Role
from command_center.web import caller, center, signed_in_page
from dashboards.blueprint import screens


@screens.get("/administration/map")
@signed_in_page
def map_administration() -> ResponseReturnValue:
    """Show the editions of the map, and the way to a new one. Raises: NotAllowed."""
    return _page("map_administration.html")


@screens.get("/administration/workers")
@signed_in_page
def workers_administration() -> ResponseReturnValue:
    """Show the way to bring a roster of workers in. Raises: NotAllowed."""
    return _page("workers_administration.html")


def _page(template: str) -> ResponseReturnValue:
    if caller().role != Role.ADMINISTRATOR:
        raise NotAllowed
    return render_template(template, limit_mb=center().settings.import_megabytes)
