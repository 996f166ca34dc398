"""The page of pictures (专题图): choose, look, download. What is drawn comes from the REST interface."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from command_center.pictures import changes
from command_center.pictures.order import KINDS, MEASURES, OF_WORKERS, may_see
from command_center.pictures.sheet import LIES, PAPERS
from command_center.regions.editions import own_name
from command_center.web import center, current_user, signed_in_page
from dashboards.blueprint import screens
from gis.classes import RULES

CELLS_M = (100, 200, 500, 1000, 2000, 5000)
# What each kind is asked beside region and paper.
ASKS = {
    "situation": ("category",),
    "density": ("period", "category", "cell", "classes"),
    "overdue": ("period", "category", "by", "measure", "classes"),
    "coverage": ("period", "category", "classes"),
    "edition": ("edition", "by"),
}


@screens.get("/maps")
@signed_in_page
def pictures() -> ResponseReturnValue:
    """Show the page; what is chosen stands in the address."""
    user = current_user()
    assert user is not None
    with center().sessions.read() as session:
        known = changes.known(session, user)
    return render_template(
        "pictures.html",
        page="maps",
        kinds=[kind for kind in KINDS if kind not in OF_WORKERS or may_see(kind, user)],
        asks=ASKS,
        measures=MEASURES,
        rules=RULES,
        cells=CELLS_M,
        papers=PAPERS,
        lies=LIES,
        editions=[(edition.version, own_name(edition)) for edition in known if edition.version > 1],
    )


@screens.get("/dashboards/situation-map")
@signed_in_page
def situation_map() -> ResponseReturnValue:
    """Lead from the situation map's old address to its new one."""
    region = request.args.get("region", "")
    return redirect(f"/maps?kind=situation{f'&region={region}' if region.isdigit() else ''}")
