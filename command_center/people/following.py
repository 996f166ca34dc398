"""What becomes of accounts when their region leaves the map: they go where most of its land went."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from command_center.people.models import Role, User
from command_center.regions.models import Region
from gis.lineage import Descent

CODES_AT_ONCE = 500


def follow(session: Session, ended: Sequence[str], heirs: Mapping[str, Sequence[Descent]]) -> list[dict[str, Any]]:
    """Move the accounts of regions that ended to their main heirs, and say of each where it was and is.

    An account is never switched off: where nothing succeeds its region, it keeps that and waits for an administrator.
    heirs: by code, the regions that have its land, the greatest part first; `others` names all but the first.
    """
    told = []
    names = _names(session, [*ended, *(str(line.new) for lines in heirs.values() for line in lines)])
    for start in range(0, len(ended), CODES_AT_ONCE):
        codes = ended[start : start + CODES_AT_ONCE]
        users = select(User).where(User.region_code.in_(codes)).order_by(User.region_code, User.username)
        for user in session.scalars(users.with_for_update()):
            lines = heirs.get(user.region_code, ())
            told.append(_line(names, user, lines))
            if lines:
                user.region_code = str(lines[0].new)
    session.flush()
    return told


def _line(names: Mapping[str, str], user: User, lines: Sequence[Descent]) -> dict[str, Any]:
    main = lines[0] if lines else None
    heirs = [{"code": line.new, "name": names.get(str(line.new), "")} for line in lines]
    return {
        "username": user.username,
        "name": user.name,
        "role": user.role,
        "active": user.active,
        "from": {"code": user.region_code, "name": names.get(user.region_code, "")},
        "to": heirs[0] if heirs else None,
        "how": main.how if main else "retired",
        "share": main.share_of_old if main else None,
        "others": heirs[1:],
    }


def _names(session: Session, codes: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(codes), CODES_AT_ONCE):
        some = Region.code.in_(codes[start : start + CODES_AT_ONCE])
        found.update(session.execute(select(Region.code, Region.name).where(some)).all())
    return found


def grids_without_worker(session: Session) -> list[Region]:
    """The grids on the map in force whose reports no active worker is told of, lowest code first."""
    worker = aliased(User)
    staffed = exists().where(
        worker.region_code == Region.code, worker.role == str(Role.GRID_WORKER), worker.active.is_(True)
    )
    grids = select(Region).where(Region.level == "grid", Region.retired_at.is_(None), ~staffed)
    return list(session.scalars(grids.order_by(Region.code)))
