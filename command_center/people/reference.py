"""Accounts for everyone the reference data knows: a worker for each grid, officers for each center and department.

They are made without a password, so nobody can sign in until an administrator sets one; in demo mode the eight
demo accounts get theirs.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from command_center.errors import UnknownRegion
from command_center.people.models import Role, User
from command_center.regions.models import Region

DEMO_PASSWORD = "demo"
DEMO_VILLAGE = "210882004004"  # 富丽社区
DEMO_DEPARTMENT = "power"
DEMO_ACCOUNTS = ("grid", "village", "town", "county", "department", "hotline", "leader", "admin")
OFFICERS = {"town": Role.TOWN_OFFICER, "village": Role.VILLAGE_OFFICER, "county": Role.COUNTY_OFFICER}
TITLES = {"village": "综合网格办", "town": "综治指挥平台", "county": "市指挥中心"}


def staff(session: Session, now: datetime, departments: list[tuple[str, str]]) -> int:
    """Make the accounts that are missing. departments: (code, name). Returns how many were made."""
    known = set(session.scalars(select(User.username)))
    # A grid whose worker has an account of another name (the demo worker's) gets no second one.
    worked = set(session.scalars(select(User.region_code).where(User.role == Role.GRID_WORKER)))
    made = [
        user
        for user in _everyone(session, now, departments)
        if user.username not in known and not (user.role == Role.GRID_WORKER and user.region_code in worked)
    ]
    session.add_all(made)
    session.flush()
    return len(made)


def _everyone(session: Session, now: datetime, departments: list[tuple[str, str]]) -> Iterator[User]:
    county = ""
    for region in session.scalars(select(Region).where(Region.retired_at.is_(None)).order_by(Region.code)):
        if region.level == "grid":
            yield _user(f"w{region.code}", worker_name(region), Role.GRID_WORKER, region.code, now)
        else:
            county = region.code if region.level == "county" else county
            title = f"{region.name}{TITLES[region.level]}"
            yield _user(f"{region.level[0]}{region.code}", title, OFFICERS[region.level], region.code, now)
    for code, name in departments:
        yield _user(f"d.{code}", f"{name}网格平台席", Role.DEPARTMENT_OFFICER, county, now, code)


def worker_name(grid: Region) -> str:
    """Name the worker after the grid: 富丽社区第1网格 has the 富丽社区第1网格员."""
    return f"{grid.name.removesuffix('网格')}网格员"


def _user(username: str, name: str, role: Role, region: str, now: datetime, department: str | None = None) -> User:
    return User(
        username=username,
        name=name,
        role=str(role),
        region_code=region,
        department_code=department,
        created_at=now,
        token_generation=0,
        active=True,
    )


def demo_accounts(session: Session, now: datetime) -> list[User]:
    """Make the eight demo accounts, password `demo`, or give them that password again.

    `grid` takes over the account of the first urban-rural grid of 富丽社区 with no special grid over it.
    """
    grid = demo_grid(session)
    village = session.get_one(Region, DEMO_VILLAGE)
    town = session.get_one(Region, village.parent_code or "")
    county = town.parent_code or ""
    secret = generate_password_hash(DEMO_PASSWORD)
    wanted = [
        _user("grid", worker_name(grid), Role.GRID_WORKER, grid.code, now),
        _user("village", f"{village.name}指挥席", Role.VILLAGE_OFFICER, village.code, now),
        _user("town", f"{town.name}指挥席", Role.TOWN_OFFICER, town.code, now),
        _user("county", "市指挥中心指挥席", Role.COUNTY_OFFICER, county, now),
        _user("department", "供电公司网格平台席", Role.DEPARTMENT_OFFICER, county, now, DEMO_DEPARTMENT),
        _user("hotline", "热线一号席", Role.HOTLINE_OPERATOR, county, now),
        _user("leader", "市领导", Role.LEADER, county, now),
        _user("admin", "系统管理员", Role.ADMINISTRATOR, county, now),
    ]
    # One worker for each grid: the reference account of the demo worker's grid gives way to `grid`.
    session.execute(update(User).where(User.username == f"w{grid.code}").values(username="grid"))
    accounts = []
    for user in wanted:
        account = session.scalar(select(User).where(User.username == user.username))
        if account is None:
            account = user
            session.add(account)
        account.password_hash, account.active = secret, True
        accounts.append(account)
    session.flush()
    return accounts


def demo_grid(session: Session) -> Region:
    """Find the demo worker's grid: see `demo_accounts`. Raises: UnknownRegion when the county is not loaded."""
    grids = session.scalars(
        select(Region)
        .where(Region.parent_code == DEMO_VILLAGE, Region.kind == "urban_rural", Region.retired_at.is_(None))
        .order_by(Region.code)
    ).all()
    if not grids:
        raise UnknownRegion(region=DEMO_VILLAGE)
    return grids[0]
