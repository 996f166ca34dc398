"""What a form offers: categories, departments, people to hand a matter to."""

from flask import Response
from sqlalchemy import select

from command_center.categories import reference
from command_center.categories.models import Department
from command_center.errors import Invalid
from command_center.people.models import Role
from command_center.regions.models import Region
from command_center.tickets.describe import own_people
from command_center.tickets.queries import by_number
from command_center.tickets.record import standing_of
from command_center.tickets.standing import OFFICER_OF, Tier, region_of_tier
from command_center.web import caller, center, signed_in
from mobile_api import answers
from mobile_api.blueprint import api


@api.get("/categories")
@signed_in
def list_categories() -> Response:
    """Show the categories as a tree: major class, minor class, case condition."""
    with center().sessions.read() as session:
        answer = answers.page(reference.tree(session))
    answer.headers["Cache-Control"] = "private, max-age=300"
    return answer


@api.get("/departments")
@signed_in
def list_departments() -> Response:
    """List the departments a matter can be dispatched to."""
    with center().sessions.read() as session:
        rows = session.scalars(select(Department).where(Department.active.is_(True)).order_by(Department.name)).all()
    return answers.page([{"code": row.code, "name": row.name, "name_en": row.name_en} for row in rows])


@api.get("/users")
@signed_in
def list_people() -> Response:
    """List to whom of the tier's own people the ticket named by `ticket` can be handed (自行处置)."""
    number = answers.words("ticket", 40)
    if number is None:
        raise Invalid(field="ticket", reason="ticket: the number of the ticket to hand over")
    with center().sessions.read() as session:
        standing = standing_of(by_number(session, number, caller()))
        officer = OFFICER_OF[standing.tier]
        center_region = region_of_tier(standing, Tier(standing.tier))
        people = own_people(session, [center_region], [officer])
        people += own_people(session, sorted(standing.worker_grids), [Role.GRID_WORKER])
        names = {
            row.code: row.name
            for row in session.scalars(select(Region).where(Region.code.in_({p.region_code for p in people})))
        }
    return answers.page(
        [{"username": p.username, "name": p.name, "role": p.role, "region": names[p.region_code]} for p in people]
    )
