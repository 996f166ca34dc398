"""A roster (名册) of the people who work here: judged as a whole, then carried out in the caller's transaction.

A file of grid workers is a whole edition unless it only adds: accounts of grid workers who are not in it are closed.
Officers are only ever made or changed, and administrators, leaders, hotline and county officers never touched.
Nobody's account passes to another person, because what it did stays on record under its name; only an account that
nobody could ever sign in to (made with the reference data) is taken over by the first person who gets it.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.people.models import Role, User
from command_center.people.roster_faults import Fault
from command_center.people.roster_file import Row, Sheet
from command_center.people.roster_places import Place, Places, plain

ROLES: dict[str, Role] = {
    **dict.fromkeys(("", "网格员", "专职网格员", "grid_worker"), Role.GRID_WORKER),
    **dict.fromkeys(("村社区", "村(社区)", "村社区人员", "村级", "社区", "village_officer"), Role.VILLAGE_OFFICER),
    **dict.fromkeys(("乡镇街道", "乡镇(街道)", "乡镇街道人员", "镇级", "街道", "town_officer"), Role.TOWN_OFFICER),
    **dict.fromkeys(("部门", "部门人员", "department_officer"), Role.DEPARTMENT_OFFICER),
}
_OTHER_ROLES = {str(role) for role in Role} - {str(role) for role in ROLES.values()}
_BASE = {Role.GRID_WORKER: "w", Role.VILLAGE_OFFICER: "v", Role.TOWN_OFFICER: "t", Role.DEPARTMENT_OFFICER: "d."}
_PHONE = re.compile(r"1[3-9][0-9]{9}")
_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,63}")
_NAME = re.compile(r"[^\W\d_]+(?:[ ·•.\-'][^\W\d_]+)*", re.UNICODE)
LONGEST_NAME = 50
MOST_ROWS_TOLD = 5


@dataclass(frozen=True)
class Person:
    """A row that makes sense: who, as what, where."""

    row: int
    name: str
    phone: str
    role: Role
    region_code: str
    department_code: str | None
    username: str | None


@dataclass(frozen=True)
class Step:
    """What happens to one account. `changes`: field → before and after; `never_used`: nobody could sign in to it."""

    what: Literal["made", "changed", "same", "closed"]
    username: str
    name: str
    role: str
    region_code: str
    user_id: int | None = None
    person: Person | None = None
    changes: Mapping[str, tuple[Any, Any]] | None = None
    never_used: bool = False


@dataclass(frozen=True)
class Plan:
    """What a roster would do, and everything that is wrong with it. Without faults it may be carried out."""

    steps: tuple[Step, ...]
    faults: tuple[Fault, ...]
    notes: tuple[Fault, ...]
    rows: int

    @property
    def ok(self) -> bool:
        return not self.faults

    @property
    def counts(self) -> dict[str, int]:
        """How many rows, of them of each role, and, without faults, what happens to accounts."""
        what = Counter(step.what for step in self.steps)
        roles = Counter(str(step.person.role) for step in self.steps if step.person)
        closed = [step for step in self.steps if step.what == "closed"]
        read = {"rows": self.rows, **{str(role): roles[str(role)] for role in _BASE}}
        if not self.ok:
            return read
        return {
            **read,
            **{name: what[name] for name in ("made", "changed", "same", "closed")},
            "closed_never_used": sum(step.never_used for step in closed),
            "grids_without_worker": sum(note.kind == "grid-without-worker" for note in self.notes),
        }


def judge(session: Session, sheet: Sheet, *, add: bool = False) -> Plan:
    """Look at every row and say what the whole would do. Changes nothing.

    add: leave accounts that are not in the file as they are.
    """
    places = Places(session)
    accounts = _Accounts(session)
    people, faults = _people(sheet.rows, places)
    if not sheet.rows:
        faults.append(Fault.of(None, "no-rows"))
    faults += _twice(people, sheet.rows)
    matched, wrong = accounts.matched(people)
    faults += wrong
    workers = {person.region_code for person in people if person.role is Role.GRID_WORKER}
    steps = _steps(people, matched, accounts, whole=not add)
    faults += _against_the_others(people, steps, accounts, add=add)
    notes = [Fault.note("column-ignored", value=name) for name in sheet.ignored]
    if workers:
        notes += _uncovered(places.grids, workers, accounts, steps)
    faults.sort(key=lambda fault: (fault.row or 0, fault.kind))
    return Plan(tuple(steps), tuple(faults), tuple(notes), len(sheet.rows))


def carry_out(session: Session, plan: Plan, now: datetime, hashes: Mapping[str, str] | None = None) -> None:
    """Make, change and close the accounts of a plan without faults.

    hashes: password hashes by user name for accounts that get a first password; others cannot be signed in to until
    somebody gives them one.
    """
    if not plan.ok:
        raise ValueError("a roster with faults is not carried out")
    ids = [step.user_id for step in plan.steps if step.user_id is not None]
    users = {user.id: user for user in session.scalars(select(User).where(User.id.in_(ids)).with_for_update())}
    for step in plan.steps:
        user = users.get(step.user_id) if step.user_id is not None else None
        if user is None:
            if step.person is not None:
                session.add(_made(step, step.person, now, (hashes or {}).get(step.username)))
            continue
        if step.what == "closed":
            user.active = False
            user.token_generation += 1
        elif step.changes:
            for name, (_, after) in step.changes.items():
                setattr(user, name, after)
            # A session of the old place or office must not go on in the new one.
            user.token_generation += bool({"role", "region_code", "department_code", "active"} & set(step.changes))
        if hashes and step.username in hashes and not user.password_hash:
            user.password_hash = hashes[step.username]
    session.flush()


def _made(step: Step, person: Person, now: datetime, password_hash: str | None) -> User:
    return User(
        username=step.username,
        name=person.name,
        role=str(person.role),
        region_code=person.region_code,
        department_code=person.department_code,
        phone=person.phone,
        password_hash=password_hash,
        token_generation=0,
        active=True,
        created_at=now,
    )


def _people(rows: Iterable[Row], places: Places) -> tuple[list[Person], list[Fault]]:
    people, faults = [], []
    for row in rows:
        person, wrong = _person(row, places)
        faults += wrong
        if person is not None:
            people.append(person)
    return people, faults


def _person(row: Row, places: Places) -> tuple[Person | None, list[Fault]]:
    """Read one row; with faults, all of them and nobody."""
    faults = []
    name = " ".join(unicodedata.normalize("NFKC", row.name).split())
    if not name:
        faults.append(Fault.of(row.row, "name-missing"))
    elif not (2 <= len(name) <= LONGEST_NAME and _NAME.fullmatch(name)):
        faults.append(Fault.of(row.row, "bad-name", value=row.name[:LONGEST_NAME]))
    phone = phone_of(row.phone)
    if not phone:
        faults.append(Fault.of(row.row, "phone-missing"))
    elif not _PHONE.fullmatch(phone):
        faults.append(Fault.of(row.row, "bad-phone", value=row.phone[:32]))
    if row.username and not _USERNAME.fullmatch(row.username):
        faults.append(Fault.of(row.row, "bad-username", value=row.username[:64]))
    faults += [Fault.of(row.row, "damaged-code", field=name) for name in row.damaged if name not in ("name", "phone")]
    role, told = plain(row.role), row.role[:32]
    if role in _OTHER_ROLES:
        faults.append(Fault.of(row.row, "role-not-here", value=told))
    elif role not in ROLES:
        faults.append(Fault.of(row.row, "role-unknown", value=told))
    elif not row.damaged:
        place = _place(row, ROLES[role], places)
        if isinstance(place, Fault):
            return None, [*faults, place]
        if not faults:
            region, department = place
            return Person(row.row, name, phone, ROLES[role], region, department, row.username or None), []
    return None, faults


def _place(row: Row, role: Role, places: Places) -> tuple[str, str | None] | Fault:
    if role is Role.DEPARTMENT_OFFICER:
        department = places.department(row)
        return department if isinstance(department, Fault) else (places.county, department)
    find = {Role.GRID_WORKER: places.grid, Role.VILLAGE_OFFICER: places.village, Role.TOWN_OFFICER: places.town}[role]
    region = find(row)
    return region if isinstance(region, Fault) else (region, None)


def phone_of(text: str | None) -> str:
    """A mobile number without what people write around it."""
    digits = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", text or ""))
    return re.sub(r"^(?:\+|00)86", "", digits)


def _twice(people: Sequence[Person], rows: Sequence[Row]) -> list[Fault]:
    """What may stand in one row only: a telephone number, a user name, and the worker of a grid."""
    faults = []
    phones: dict[str, int] = {}
    usernames: dict[str, int] = {}
    for row in rows:
        for seen, value, kind in (
            (phones, phone_of(row.phone), "phone-twice"),
            (usernames, row.username.lower(), "username-twice"),
        ):
            if value and (first := seen.setdefault(value, row.row)) != row.row:
                faults.append(Fault.of(row.row, kind, value=value[:64], other=first))
    workers = defaultdict(list)
    for person in people:
        if person.role is Role.GRID_WORKER:
            workers[person.region_code].append(person.row)
    for grid, of_grid in workers.items():
        for row_number in of_grid if len(of_grid) > 1 else ():
            others = [other for other in of_grid if other != row_number][:MOST_ROWS_TOLD]
            told = ", ".join(map(str, others))
            faults.append(Fault.of(row_number, "grid-twice", grid, value=grid, count=len(of_grid), others=told))
    return faults


class _Accounts:
    """The accounts there are, and which of them a person of the roster is."""

    def __init__(self, session: Session) -> None:
        self.users = list(session.scalars(select(User).order_by(User.id)))
        # `Admin` would look like `admin`; where there are two such accounts already, each is found as it is written.
        self.by_username = {user.username.lower(): user for user in self.users}
        self.by_username |= {user.username: user for user in self.users}
        self.names_taken = {user.username.lower() for user in self.users}
        self._by_phone: defaultdict[str, list[User]] = defaultdict(list)
        self._by_place: defaultdict[tuple[str, str, str | None], list[User]] = defaultdict(list)
        for user in self.users:
            if user.phone:
                self._by_phone[phone_of(user.phone)].append(user)
            if user.active:
                self._by_place[user.role, user.region_code, user.department_code].append(user)

    def matched(self, people: Sequence[Person]) -> tuple[dict[int, User], list[Fault]]:
        """Find each person's account: by user name, telephone number, or name and place; else one never used.

        Returns the accounts by row, and the faults of rows that name somebody else's.
        """
        found: dict[int, User] = {}
        faults: list[Fault] = []
        taken: dict[int, int] = {}
        for find in (self._known, self._never_used):
            for person in people:
                if person.row in found:
                    continue
                user = find(person, taken)
                if isinstance(user, Fault):
                    faults.append(user)
                elif user is not None and user.id in taken:
                    faults.append(Fault.of(person.row, "account-twice", value=user.username, other=taken[user.id]))
                elif user is not None:
                    found[person.row], taken[user.id] = user, person.row
        return found, faults

    def _known(self, person: Person, taken: Mapping[int, int]) -> User | Fault | None:
        name = person.username or ""
        user = self.by_username.get(name) or self.by_username.get(name.lower()) or self._same_person(person)
        if user is None:
            return None
        if Role(user.role) not in _BASE:
            return Fault.of(person.row, "account-of-another-role", value=user.username, role=user.role)
        same = plain(user.name) == plain(person.name) or phone_of(user.phone) == person.phone
        if not same and not never_used(user):
            return Fault.of(person.row, "username-of-another", value=user.username, name=user.name)
        return user

    def _same_person(self, person: Person) -> User | None:
        """By telephone number and name; or by name in the same place."""
        if person.username:
            return None
        by_phone = [user for user in self._by_phone[person.phone] if plain(user.name) == plain(person.name)]
        if by_phone:
            return max(by_phone, key=lambda user: (user.active, -user.id))
        place = self._by_place[str(person.role), person.region_code, person.department_code]
        return next((user for user in place if plain(user.name) == plain(person.name)), None)

    def _never_used(self, person: Person, taken: Mapping[int, int]) -> User | None:
        """An account of the same place that nobody could ever sign in to."""
        if person.username:
            return None
        place = self._by_place[str(person.role), person.region_code, person.department_code]
        return next((user for user in place if never_used(user) and user.id not in taken), None)

    def of_phone(self, phone: str) -> list[User]:
        return [user for user in self._by_phone[phone] if user.active]

    def workers_of(self, grid: str) -> list[User]:
        return self._by_place[str(Role.GRID_WORKER), grid, None]


def never_used(user: User) -> bool:
    """Whether it is an account that was made ahead of the person: no password, no telephone number."""
    return user.password_hash is None and user.phone is None


def _steps(people: Sequence[Person], matched: Mapping[int, User], accounts: _Accounts, *, whole: bool) -> list[Step]:
    names = set(accounts.names_taken) | {person.username.lower() for person in people if person.username}
    steps = []
    for person in people:
        user = matched.get(person.row)
        if user is None:
            username = person.username or _free_name(person, names)
            steps.append(_step("made", username, person))
            continue
        changes = _changes(user, person)
        steps.append(
            replace(
                _step("changed" if changes else "same", user.username, person),
                user_id=user.id,
                changes=changes,
                never_used=never_used(user),
            )
        )
    kept = {user.id for user in matched.values()}
    manned = {person.region_code for person in people if person.role is Role.GRID_WORKER}
    for user in accounts.users:
        if user.role != Role.GRID_WORKER or not user.active or user.id in kept:
            continue
        # A grid that gets its first real worker does not keep the account that held the place for one.
        if (whole and manned) or (never_used(user) and user.region_code in manned):
            steps.append(
                Step(
                    "closed",
                    user.username,
                    user.name,
                    user.role,
                    user.region_code,
                    user.id,
                    None,
                    None,
                    never_used(user),
                )
            )
    return steps


def _step(what: Literal["made", "changed", "same"], username: str, person: Person) -> Step:
    return Step(what, username, person.name, str(person.role), person.region_code, person=person)


def _free_name(person: Person, names: set[str]) -> str:
    """The first free of w<grid>, w<grid>-2, …: the same file on the same accounts gives the same names."""
    base = f"{_BASE[person.role]}{person.department_code or person.region_code}"
    n, name = 1, base
    while name.lower() in names:
        n += 1
        name = f"{base}-{n}"
    names.add(name.lower())
    return name


def _changes(user: User, person: Person) -> dict[str, tuple[Any, Any]]:
    wanted = {
        "name": person.name,
        "phone": person.phone,
        "role": str(person.role),
        "region_code": person.region_code,
        "department_code": person.department_code,
        "active": True,
    }
    return {name: (getattr(user, name), value) for name, value in wanted.items() if getattr(user, name) != value}


def _against_the_others(
    people: Sequence[Person], steps: Sequence[Step], accounts: _Accounts, *, add: bool
) -> list[Fault]:
    """What collides with accounts that the roster leaves as they are."""
    moving = {step.user_id for step in steps if step.user_id is not None}
    faults = []
    for person, step in zip(people, steps, strict=False):
        for other in accounts.of_phone(person.phone):
            if other.id not in moving:
                told = {"value": person.phone, "username": other.username, "name": other.name}
                faults.append(Fault.of(person.row, "phone-taken", **told))
                break
        if add and person.role is Role.GRID_WORKER:
            for worker in accounts.workers_of(person.region_code):
                if worker.id != step.user_id and worker.id not in moving:
                    told = {"value": person.region_code, "username": worker.username, "name": worker.name}
                    faults.append(Fault.of(person.row, "grid-has-worker", person.region_code, **told))
    return faults


def _uncovered(grids: Sequence[Place], workers: set[str], accounts: _Accounts, steps: Sequence[Step]) -> list[Fault]:
    """Grids that have nobody afterwards."""
    moving = {step.user_id for step in steps if step.user_id is not None}
    staying = {
        user.region_code
        for user in accounts.users
        if user.active and user.role == Role.GRID_WORKER and user.id not in moving
    }
    return [
        Fault.note("grid-without-worker", grid.code, value=grid.code, name=grid.name)
        for grid in grids
        if grid.code not in workers and grid.code not in staying
    ]
