"""The administration page: the clocks' policy, the working calendar, the alarms, and the messages that did not leave.

A frame, as the desk is: what it shows and changes goes through the REST interface, which knows what the caller may do.
"""

from flask import render_template
from flask.typing import ResponseReturnValue

from command_center.errors import NotAllowed
from command_center.people.models import Role
from command_center.web import caller, signed_in_page
from dashboards.blueprint import screens

# What each role finds there, in the order of the tabs.
TABS = {
    Role.ADMINISTRATOR: ("rules", "calendar", "alarms", "messages"),
    Role.COUNTY_OFFICER: ("calendar", "alarms"),
}


@screens.get("/administration")
@signed_in_page
def administration() -> ResponseReturnValue:
    """Show the page. Raises: NotAllowed."""
    role = Role(caller().role)
    if role not in TABS:
        raise NotAllowed
    return render_template("administration.html", tabs=TABS[role], changes=role is Role.ADMINISTRATOR)
