"""Signing in, and making accounts."""

from datetime import datetime

from sqlalchemy import column, select, table
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash, generate_password_hash

from command_center.errors import Invalid, WrongPassword
from command_center.people.models import Role, User
from command_center.regions.models import Region

SHORTEST_PASSWORD = 10
# People and categories stand side by side and do not import each other: the table is only named.
DEPARTMENTS = table("departments", column("code"))
LEVEL_OF = {Role.GRID_WORKER: "grid", Role.VILLAGE_OFFICER: "village", Role.TOWN_OFFICER: "town"}
# Checked when there is no such account, so that the answer takes as long and tells nothing.
NOBODY = generate_password_hash("nobody has this password")


def sign_in(session: Session, username: str, password: str) -> User:
    """Return the active user with this name and password. Raises: WrongPassword."""
    user = session.scalar(select(User).where(User.username == username, User.active.is_(True)))
    known = user.password_hash if user is not None and user.password_hash else NOBODY
    matches = check_password_hash(known, password)
    if user is None or not user.password_hash or not matches:
        raise WrongPassword
    return user


def by_session(session: Session, user_id: int, generation: int) -> User | None:
    """Return the user of a signed session or token, None when it was revoked or the account closed."""
    user = session.get(User, user_id)
    if user is None or not user.active or user.token_generation != generation:
        return None
    return user


def find_account(session: Session, username: str) -> User:
    """Return the account of this name, open or closed. Raises: Invalid."""
    user = session.scalar(select(User).where(User.username == username).with_for_update())
    if user is None:
        raise Invalid(reason=f"no account {username}", field="username")
    return user


def set_password(session: Session, username: str, password: str) -> User:
    """Give an account a password; whoever is signed in with it is signed out. Raises: Invalid."""
    user = find_account(session, username)
    require_long_enough(password)
    user.password_hash = generate_password_hash(password)
    user.token_generation += 1
    return user


def open_account(session: Session, username: str, *, is_open: bool) -> User:
    """Close an account, so that nobody can sign in with it any more, or open it again. Raises: Invalid."""
    user = find_account(session, username)
    user.active = is_open
    user.token_generation += 1
    return user


def set_phone(session: Session, username: str, phone: str | None) -> User:
    """Give an account the telephone number that text messages go to, or none. Raises: Invalid."""
    user = find_account(session, username)
    user.phone = phone
    return user


def require_long_enough(password: str) -> None:
    """Raises: Invalid."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(reason=f"the password needs at least {SHORTEST_PASSWORD} characters", field="password")


def create_user(
    session: Session,
    *,
    username: str,
    name: str,
    role: Role,
    region_code: str,
    password: str | None,
    now: datetime,
    department_code: str | None = None,
) -> User:
    """Make an account. Raises: Invalid when name, region, department or password will not do."""
    if session.scalar(select(User.id).where(User.username == username)) is not None:
        raise Invalid(reason=f"user name {username} is taken", field="username")
    region = session.get(Region, region_code)
    if region is None or region.retired_at is not None:
        raise Invalid(reason=f"no region {region_code} on the map in force", field="region")
    if (role is Role.DEPARTMENT_OFFICER) != (department_code is not None):
        raise Invalid(reason="department officers, and only they, need a department", field="department")
    known = select(DEPARTMENTS.c.code).where(DEPARTMENTS.c.code == department_code)
    if department_code is not None and session.scalar(known) is None:
        raise Invalid(reason=f"no department {department_code}", field="department")
    if region.level != LEVEL_OF.get(role, "county"):
        raise Invalid(reason=f"a {role} belongs to a {LEVEL_OF.get(role, 'county')}", field="region")
    if password is not None:
        require_long_enough(password)
    user = User(
        username=username,
        name=name,
        role=str(role),
        region_code=region_code,
        department_code=department_code,
        password_hash=generate_password_hash(password) if password else None,
        created_at=now,
    )
    session.add(user)
    session.flush()
    return user
