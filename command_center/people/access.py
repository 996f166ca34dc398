"""What a role may see in which part of the county, as SQL filters, never as checks row by row."""

from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import Session

from command_center.errors import RegionNotYours, UnknownRegion
from command_center.people.models import Role, User
from command_center.regions.models import Region
from command_center.regions.paths import column_of, contains

WHOLE_COUNTY = {Role.COUNTY_OFFICER, Role.HOTLINE_OPERATOR, Role.LEADER, Role.ADMINISTRATOR}


def visible(rows: Any, user: User) -> ColumnElement[bool]:
    """Filter `rows` (tickets or ticket events) to what the user's role and region allow.

    rows: a mapped class with the columns grid_code, base_grid_code, village_code, town_code, county_code and
    department_code; with `reported_by_id`, a worker also sees what they reported elsewhere, and with
    `former_grid_code` what a new edition of the map moved out of their grid while it was open.
    """
    role = Role(user.role)
    if role in WHOLE_COUNTY:
        return is_own(rows.county_code, user)
    if role is Role.TOWN_OFFICER:
        return is_own(rows.town_code, user)
    if role is Role.VILLAGE_OFFICER:
        return is_own(rows.village_code, user)
    if role is Role.DEPARTMENT_OFFICER:
        held = [rows.department_code == user.department_code]
        if hasattr(rows, "from_department_code"):
            held.append(rows.from_department_code == user.department_code)
        return or_(*held)
    own = [is_own(rows.grid_code, user), is_own(rows.base_grid_code, user)]
    if hasattr(rows, "former_grid_code"):
        own.append(is_own(rows.former_grid_code, user))
    if hasattr(rows, "reported_by_id"):
        own.append(rows.reported_by_id == user.id)
    if hasattr(rows, "handler_id"):
        own.append(rows.handler_id == user.id)
    return or_(*own)


def is_own(column: Any, user: User) -> ColumnElement[bool]:
    """Filter a column of region codes to the user's own region, under the codes it took the place of as well."""
    own: ColumnElement[bool] = column.in_(user.region_codes) if user.predecessors else column == user.region_code
    return own


def in_region(rows: Any, region_code: str) -> ColumnElement[bool]:
    """Filter `rows` to a region and all below it. An urban-rural grid includes the special grids over it."""
    column = getattr(rows, column_of(region_code))
    if column_of(region_code) == "grid_code":
        return or_(column == region_code, rows.base_grid_code == region_code)
    return column == region_code


def check_region(session: Session, user: User, code: str) -> Region:
    """Return the region with this code if the user's own region, or one whose place it took, contains it.

    Raises: UnknownRegion, RegionNotYours.
    """
    region = session.get(Region, code) if code.isalnum() and len(code) <= 16 else None
    if region is None:
        raise UnknownRegion(region=code[:32], field="region")
    if not any(contains(own, code) for own in user.region_codes):
        raise RegionNotYours(region=code, field="region")
    return region
