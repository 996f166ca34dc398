"""Accounts: everybody the reference data names, signing in, and ending a session."""

from typing import Any

import pytest
from sqlalchemy import func, select, update

from command_center.categories.models import Department
from command_center.errors import Invalid, WrongPassword
from command_center.people.actions import by_session, create_user, sign_in
from command_center.people.models import Role, User
from command_center.people.reference import DEMO_ACCOUNTS, demo_accounts, staff
from command_center.regions.models import Outline, Region
from tests.builders import COUNTY, NOW, VILLAGE
from tests.county import County
from tests.people.shapes import overlap


def departments(county: County) -> list[tuple[str, str]]:
    with county.sessions.read() as session:
        return [(row.code, row.name) for row in session.scalars(select(Department))]


def usernames(county: County) -> list[str]:
    with county.sessions.read() as session:
        return sorted(session.scalars(select(User.username)))


def an_account(county: County, **changes: Any) -> User:
    wanted: dict[str, Any] = {
        "username": "li.na",
        "name": "李娜",
        "role": Role.VILLAGE_OFFICER,
        "region_code": VILLAGE,
        "password": "a long password",
        "now": NOW,
    }
    with county.sessions.begin() as session:
        return create_user(session, **wanted | changes)


def test_every_grid_has_exactly_one_worker(county: County) -> None:
    with county.sessions.read() as session:
        workers = session.execute(
            select(Region.code, func.count(User.id))
            .outerjoin(User, (User.region_code == Region.code) & (User.role == Role.GRID_WORKER))
            .where(Region.level == "grid")
            .group_by(Region.code)
        ).all()
    assert len(workers) == 1798
    assert {count for _, count in workers} == {1}


def test_every_center_and_every_department_has_a_desk(county: County) -> None:
    with county.sessions.read() as session:
        desks = dict(session.execute(select(User.region_code, func.count()).group_by(User.region_code)).all())
        regions = session.scalars(select(Region.code)).all()
        served = set(session.scalars(select(User.department_code)))
        codes = set(session.scalars(select(Department.code)))
    assert set(regions) <= set(desks)
    assert codes <= served


def test_nobody_but_the_demo_accounts_can_sign_in_at_first(county: County) -> None:
    with county.sessions.read() as session:
        able = session.scalars(select(User.username).where(User.password_hash.is_not(None))).all()
    assert sorted(able) == sorted(DEMO_ACCOUNTS)


def test_loading_again_makes_no_account_twice(county: County) -> None:
    before = usernames(county)
    with county.sessions.begin() as session:
        assert staff(session, NOW, departments(county)) == 0
        demo_accounts(session, NOW)
    assert usernames(county) == before


def test_a_new_department_gets_a_desk(county: County) -> None:
    with county.sessions.begin() as session:
        session.add(Department(code="weather", name="气象局", name_en="Weather", kind="agency"))
        session.flush()
        assert staff(session, NOW, [("weather", "气象局")]) == 1
    assert county.user("d.weather").department_code == "weather"


@pytest.mark.parametrize("username", DEMO_ACCOUNTS)
def test_a_demo_account_signs_in(county: County, username: str) -> None:
    with county.sessions.read() as session:
        assert sign_in(session, username, "demo").username == username


def test_the_demo_workers_grid_is_an_urban_rural_one_that_no_special_grid_overlaps(county: County) -> None:
    with county.sessions.read() as session:
        grid = session.get_one(Region, county.user("grid").region_code)
        outlines = session.scalars(select(Outline).join(Region).where(Region.kind.in_(("school", "enterprise")))).all()
        own = session.get_one(Outline, grid.code)
    assert (grid.kind, grid.parent_code) == ("urban_rural", VILLAGE)
    assert not [outline.region_code for outline in outlines if overlap(own.wkb, outline.wkb)]


@pytest.mark.parametrize(
    ("username", "password"),
    [("village", "wrong"), ("village", ""), ("nobody", "demo"), ("v210882004004", ""), ("VILLAGE", "demo"), ("", "")],
)
def test_a_wrong_name_or_password_is_refused_alike(county: County, username: str, password: str) -> None:
    with county.sessions.read() as session, pytest.raises(WrongPassword):
        sign_in(session, username, password)


def test_a_closed_account_does_not_sign_in(county: County) -> None:
    with county.sessions.begin() as session:
        session.execute(update(User).where(User.username == "village").values(active=False))
    with county.sessions.read() as session, pytest.raises(WrongPassword):
        sign_in(session, "village", "demo")


@pytest.mark.parametrize("change", [{"active": False}, {"token_generation": 1}], ids=str)
def test_closing_an_account_or_raising_its_generation_ends_its_sessions(county: County, change: dict[str, Any]) -> None:
    user = county.user("village")
    with county.sessions.begin() as session:
        assert by_session(session, user.id, user.token_generation) is not None
        session.execute(update(User).where(User.id == user.id).values(**change))
    with county.sessions.read() as session:
        assert by_session(session, user.id, user.token_generation) is None


def test_a_new_account_signs_in(county: County) -> None:
    an_account(county)
    with county.sessions.read() as session:
        assert sign_in(session, "li.na", "a long password").name == "李娜"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "village"}, "username"),
        ({"region_code": "999999000000"}, "region"),
        ({"password": "short"}, "password"),
        ({"role": Role.DEPARTMENT_OFFICER, "region_code": COUNTY}, "department"),
        ({"department_code": "power"}, "department"),
        ({"role": Role.DEPARTMENT_OFFICER, "department_code": "wizards", "region_code": COUNTY}, "department"),
        ({"role": Role.GRID_WORKER}, "region"),
        ({"role": Role.TOWN_OFFICER}, "region"),
    ],
    ids=str,
)
def test_an_account_that_fits_nowhere_is_refused(county: County, changes: dict[str, Any], field: str) -> None:
    before = usernames(county)
    with pytest.raises(Invalid) as refused:
        an_account(county, **changes)
    assert refused.value.field == field
    assert usernames(county) == before
