"""The dashboards: who closes, who closes on time, what is open and overdue, from the county down to a grid."""

from flask import render_template
from flask.typing import ResponseReturnValue

from command_center.web import signed_in_page
from dashboards.blueprint import screens


@screens.get("/dashboards")
@signed_in_page
def closure_rates() -> ResponseReturnValue:
    """Show the frame; region and period stand in the address, the figures come from /api/v1/statistics."""
    return render_template("rates.html", page="dashboards")
