"""The service circles: who is reached from county, town and village centers in their minutes, and who is not."""

from flask import render_template
from flask.typing import ResponseReturnValue

from command_center.errors import NotAllowed
from command_center.people.models import Role
from command_center.web import caller, signed_in_page
from dashboards.blueprint import screens

NOT_FOR = {Role.GRID_WORKER, Role.DEPARTMENT_OFFICER}


@screens.get("/circles")
@signed_in_page
def service_circles_page() -> ResponseReturnValue:
    """Show the frame; region and level stand in the address, the rest comes by REST. Raises: NotAllowed."""
    user = caller()
    if Role(user.role) in NOT_FOR:
        raise NotAllowed
    return render_template("circles.html", region=user.region_code, changes=user.role == Role.ADMINISTRATOR)
