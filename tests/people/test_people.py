"""Accounts: who may sign in, how every sign-in is ended at once, and who there is in a county."""

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select, update

from command_center.categories.models import Department
from command_center.errors import Invalid, RegionNotYours, UnknownRegion, WrongPassword
from command_center.people.access import check_region
from command_center.people.actions import by_session, create_user, sign_in
from command_center.people.models import Role, User
from command_center.people.reference import DEMO_ACCOUNTS, demo_accounts, staff
from command_center.regions.models import Region
from gis.grid_index import GridIndex
from tests.builders import COUNTY, ELSEWHERE, NOW, TOWN, VILLAGE
from tests.county import County

PASSWORD = "一个够长的密码呀1234"


def create(county: County, **changes: Any) -> User:
    wanted: dict[str, Any] = {
        "username": "new",
        "name": "新同志",
        "role": Role.TOWN_OFFICER,
        "region_code": TOWN,
        "password": PASSWORD,
        "now": NOW,
    }
    with county.sessions.begin() as session:
        return create_user(session, **(wanted | changes))


def test_only_the_right_password_of_an_active_account_signs_in(county: County) -> None:
    create(county)
    create(county, username="closed")
    create(county, username="without", password=None)
    with county.sessions.begin() as session:
        session.execute(update(User).where(User.username == "closed").values(active=False))
    with county.sessions.read() as session:
        assert sign_in(session, "new", PASSWORD).username == "new"
        wrong = [
            ("new", PASSWORD + " "),
            ("new", ""),
            ("NEW", PASSWORD),
            ("nobody", PASSWORD),
            ("nobody", "nobody has this password"),
            ("closed", PASSWORD),
            ("without", ""),
            ("without", "nobody has this password"),
            ("d.power", ""),
        ]
        for username, password in wrong:
            with pytest.raises(WrongPassword):
                sign_in(session, username, password)


def test_the_password_itself_is_not_kept(county: County) -> None:
    account = create(county)
    assert account.password_hash is not None
    assert PASSWORD not in account.password_hash
    assert create(county, username="same").password_hash != account.password_hash


def test_raising_the_generation_ends_every_session_of_an_account(county: County) -> None:
    account = create(county)
    with county.sessions.begin() as session:
        assert by_session(session, account.id, 0) is not None
        session.execute(update(User).where(User.id == account.id).values(token_generation=1))
        session.expire_all()
        assert by_session(session, account.id, 0) is None
        assert by_session(session, account.id, 1) is not None
        session.execute(update(User).where(User.id == account.id).values(active=False))
        session.expire_all()
        assert by_session(session, account.id, 1) is None
        assert by_session(session, 10**9, 0) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "town"}, "username"),
        ({"region_code": "210882999000"}, "region"),
        ({"role": Role.DEPARTMENT_OFFICER}, "department"),
        ({"department_code": "power"}, "department"),
        ({"password": "短密码"}, "password"),
        ({"password": "123456789"}, "password"),
        ({"password": ""}, "password"),
        ({"role": Role.DEPARTMENT_OFFICER, "region_code": COUNTY, "department_code": "wizards"}, "department"),
        ({"role": Role.TOWN_OFFICER, "region_code": VILLAGE}, "region"),
        ({"role": Role.COUNTY_OFFICER, "region_code": TOWN}, "region"),
        ({"role": Role.GRID_WORKER, "region_code": VILLAGE}, "region"),
        ({"role": Role.LEADER, "region_code": f"{VILLAGE}1001"}, "region"),
    ],
    ids=str,
)
@pytest.mark.parametrize("engine_kind", ["sqlite"])
def test_an_account_that_could_not_work_is_not_made(county: County, changes: dict[str, Any], field: str) -> None:
    before = county.contents()
    with pytest.raises(Invalid) as refused:
        create(county, **changes)
    assert refused.value.field == field
    assert county.contents() == before


def test_every_grid_has_one_worker_and_every_center_and_department_its_officer(county: County) -> None:
    with county.sessions.read() as session:
        workers = session.scalars(select(User.region_code).where(User.role == "grid_worker")).all()
        grids = session.scalars(select(Region.code).where(Region.level == "grid")).all()
        assert sorted(workers) == sorted(grids)
        roles = Counter(session.scalars(select(User.role).where(User.username.not_in(DEMO_ACCOUNTS))))
        departments = session.scalar(select(func.count()).select_from(Department))
    assert len(grids) == 1798
    assert roles == {
        "grid_worker": 1797,
        "village_officer": 283,
        "town_officer": 17,
        "county_officer": 1,
        "department_officer": departments,
    }


def test_only_the_demo_accounts_have_a_password(county: County) -> None:
    with county.sessions.read() as session:
        able = session.scalars(select(User.username).where(User.password_hash.is_not(None))).all()
        assert sorted(able) == sorted(DEMO_ACCOUNTS)
        for username in DEMO_ACCOUNTS:
            assert sign_in(session, username, "demo").username == username


def test_making_the_accounts_again_makes_none_twice(county: County) -> None:
    with county.sessions.begin() as session:
        before = session.scalar(select(func.count()).select_from(User))
        departments = [(row.code, row.name) for row in session.scalars(select(Department))]
        made = staff(session, NOW, departments)
        demo_accounts(session, NOW)
        demo_accounts(session, NOW)
        assert made == 0
        assert session.scalar(select(func.count()).select_from(User)) == before
        workers = session.scalars(select(User.region_code).where(User.role == "grid_worker")).all()
    assert len(workers) == len(set(workers)) == 1798


def test_no_special_grid_lies_over_the_demo_workers_grid(county: County) -> None:
    own = county.user("grid").region_code
    grids = county.office.grids
    assert isinstance(grids, GridIndex)
    with county.sessions.read() as session:
        special = session.scalars(
            select(Region).where(Region.parent_code == VILLAGE, Region.kind.in_(["school", "enterprise"]))
        ).all()
        assert session.get_one(Region, own).kind == "urban_rural"
    assert own.startswith(VILLAGE)
    for region in special:
        assert region.lon is not None and region.lat is not None
        place = grids.place(region.lon, region.lat)
        assert (place.grid, place.base_grid != own) == (region.code, True)


def test_a_region_is_checked_against_the_callers_own(county: County) -> None:
    worker = county.user("grid").region_code
    cases = {
        "grid": {worker: None, VILLAGE: RegionNotYours, COUNTY: RegionNotYours},
        "village": {worker: None, VILLAGE: None, TOWN: RegionNotYours, "210882004005": RegionNotYours},
        "town": {worker: None, VILLAGE: None, TOWN: None, ELSEWHERE: RegionNotYours, COUNTY: RegionNotYours},
        "county": {worker: None, ELSEWHERE: None, COUNTY: None, "210881000000": UnknownRegion},
        "leader": {COUNTY: None, "": UnknownRegion, "２１０８８２": UnknownRegion, "0" * 999: UnknownRegion},
    }
    with county.sessions.read() as session:
        for username, regions in cases.items():
            for code, refused in regions.items():
                if refused is None:
                    assert check_region(session, county.user(username), code).code == code
                else:
                    with pytest.raises(refused):
                        check_region(session, county.user(username), code)
