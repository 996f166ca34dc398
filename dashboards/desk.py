"""The ticket desk: the list of an officer's tickets, and one ticket with exactly the actions they may take.

The page is a frame; what it shows and changes goes through the REST interface, which knows what the caller may see.
"""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from command_center.web import signed_in_page

desk = Blueprint("desk", __name__, template_folder="templates")


@desk.get("/desk")
@signed_in_page
def ticket_desk() -> ResponseReturnValue:
    """Show the desk. The query string (`ticket`, `region`, `overdue`, `open` …) is read by the page's script."""
    return render_template("desk.html")
