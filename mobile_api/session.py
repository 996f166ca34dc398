"""Signing in, and who I am."""

from typing import Any

from flask import Response, jsonify, request

from command_center.categories.models import Department
from command_center.people.actions import sign_in
from command_center.people.models import Role, User
from command_center.regions.models import Region
from command_center.tickets.standing import Who
from command_center.tickets.workflow import RULES
from command_center.web import caller, center, few_failures, make_token, signed_in
from mobile_api.blueprint import api
from mobile_api.schemas import SignIn, parse

MAY: dict[Role, set[Who]] = {
    Role.GRID_WORKER: {Who.WORKER_ON_SITE, Who.OWN_HANDLER, Who.REPORTER},
    Role.VILLAGE_OFFICER: {Who.OFFICER_OF_THE_TIER, Who.OWN_HANDLER},
    Role.TOWN_OFFICER: {
        Who.OFFICER_OF_THE_TIER,
        Who.OWN_HANDLER,
        Who.TOWN_OFFICER_OF_THE_TOWN,
        Who.SUPERIOR,
    },
    Role.COUNTY_OFFICER: {Who.OFFICER_OF_THE_TIER, Who.OWN_HANDLER, Who.COUNTY_OFFICER, Who.SUPERIOR},
    Role.DEPARTMENT_OFFICER: {Who.DEPARTMENT_IN_CHARGE, Who.ASSISTING_DEPARTMENT},
    Role.HOTLINE_OPERATOR: {Who.HOTLINE_OPERATOR},
    Role.LEADER: {Who.LEADER, Who.SUPERIOR},
    Role.ADMINISTRATOR: set(),
}


@api.post("/session")
@few_failures
def create_session() -> Response:
    """Exchange a user name and password for a bearer token."""
    form = parse(SignIn, request.get_data())
    with center().sessions.read() as session:
        user = sign_in(session, form.username, form.password)
        content = describe(session, user)
    return jsonify(
        {
            "access_token": make_token(user),
            "expires_in": center().settings.token_hours * 3600,
            "user": content,
        }
    )


@api.get("/me")
@signed_in
def me() -> Response:
    """Tell the caller who they are and what they may do at all."""
    with center().sessions.read() as session:
        return jsonify(describe(session, caller()))


def describe(session: Any, user: User) -> dict[str, Any]:
    region = session.get_one(Region, user.region_code)
    department = session.get(Department, user.department_code) if user.department_code else None
    standings = MAY[Role(user.role)]
    actions = dict.fromkeys(str(rule.action) for rule in RULES if standings.intersection(rule.by))
    return {
        "username": user.username,
        "name": user.name,
        "role": user.role,
        "region": {"code": region.code, "name": region.name, "level": region.level},
        "department": {"code": department.code, "name": department.name} if department else None,
        "may": ["report", *actions],
    }
