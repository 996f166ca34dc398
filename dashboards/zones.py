"""The page of the rule zones: drawn, tried out on the past, changed and ended on the map.

A frame, as the administration page is: what it shows and does goes through the REST interface.
"""

from flask import render_template
from flask.typing import ResponseReturnValue

from command_center.errors import NotAllowed
from command_center.people.models import Role
from command_center.web import caller, signed_in_page
from dashboards.blueprint import screens

SEEN_BY = (Role.ADMINISTRATOR, Role.COUNTY_OFFICER)


@screens.get("/administration/zones")
@signed_in_page
def zones_page() -> ResponseReturnValue:
    """Show the page. Raises: NotAllowed."""
    role = Role(caller().role)
    if role not in SEEN_BY:
        raise NotAllowed
    return render_template("zones.html", changes=role is Role.ADMINISTRATOR)
