"""Fill a new database with the reference data under `data/`."""

import socket
from datetime import UTC, datetime

from sqlalchemy import select

from command_center.categories import reference as categories
from command_center.categories.models import Department
from command_center.deadlines import policies
from command_center.deadlines import reference as calendar
from command_center.people import reference as people
from command_center.regions import reference as regions
from command_center.tickets import relocation, rulebook
from command_center.web import Center
from gis import boundaries


def load_reference(wired: Center) -> dict[str, int]:
    """Load everything in one transaction, updating what is there. Returns how many of each.

    Raises: gis.errors.BadBoundaries, ValueError: a fault in a file changes nothing.
    """
    folder = wired.settings.data
    county = boundaries.load(folder)
    boundaries.require_sound(county)
    now = datetime.now(UTC)
    with wired.sessions.begin() as session:
        counts = regions.load(session, county, now)
        counts |= categories.load(session, folder / "categories")
        known = calendar.known(session)
        counts["calendar days"] = calendar.load(session, folder / "calendar" / "calendar.csv")
        calendar.note_changes(session, known, year=None, by="system", now=now)
        counts["versions of the policy"] = policies.load(session, folder / "policy.json", now)
        departments = [(row.code, row.name) for row in session.scalars(select(Department).order_by(Department.code))]
        counts["new accounts"] = people.staff(session, now, departments)
        pending = rulebook.unfinished(session)
    wired.county.forget()
    followed = relocation.relocate_all(wired.sessions, wired.office, lambda: datetime.now(UTC))
    if followed.moved:
        counts["open tickets in another grid now"] = followed.moved
    if pending:
        done = rulebook.recompute_touched(wired.sessions, wired.office, lambda: datetime.now(UTC))
        counts["clocks computed anew"] = done.moved
    return counts


def port_is_free(host: str, port: int) -> bool:
    """Say whether nobody listens there yet."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
