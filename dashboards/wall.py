"""The command wall: the county at a glance, for a screen that hangs on a wall."""

from flask import render_template
from flask.typing import ResponseReturnValue

from command_center.web import signed_in_page
from dashboards.blueprint import screens


@screens.get("/command")
@signed_in_page
def command() -> ResponseReturnValue:
    """Show the live map; everything on it comes by the REST interface and the live stream."""
    return render_template("wall.html", page="command")
