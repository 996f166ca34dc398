"""A ticket goes to another grid: chosen by a person among those near, or found anew in a new edition of the map.

The clocks are not touched, nor who handles it. The regions follow the grid, and with them the officers and workers
whose it is.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum, auto
from typing import Any

from sqlalchemy.orm import Session

from command_center.errors import NotACandidate, OutsideCounty, SameGrid
from command_center.regions.editions import successor
from command_center.regions.models import Region
from command_center.regions.paths import path_to_county
from command_center.tickets import placing
from command_center.tickets.actor import SYSTEM
from command_center.tickets.deed import Deed
from command_center.tickets.models import Ticket
from command_center.tickets.office import Office
from command_center.tickets.record import holder_of, load_regions, record, standing_of
from command_center.tickets.standing import Who

MARGIN_M = 100.0
"""So much farther than the stated accuracy an officer may go: what a place is given for drift anyway."""
RELOCATE = "relocate"
LEVELS = ("grid", "base_grid", "village", "town", "county")
Codes = dict[str, str | None]


class Followed(StrEnum):
    """What a new edition of the map meant for a ticket: nothing, another place, or none."""

    STAYED = auto()
    MOVED = auto()
    OUTSIDE = auto()


def choose(deed: Deed) -> None:
    """Put the ticket into the grid that a person named. Raises: NotACandidate, SameGrid, OutsideCounty."""
    ticket, office, code = deed.ticket, deed.office, deed.form.to or ""
    if code == ticket.grid_code:
        raise SameGrid(field="to")
    radius = (ticket.accuracy_m or 0.0) + (0.0 if Who.REPORTING_WORKER in deed.rule.by else MARGIN_M)
    try:
        place = placing.find(office.grids, ticket.lon, ticket.lat, radius, code)
    except NotACandidate:
        raise NotACandidate(grid=code[:32], field="to") from None
    except OutsideCounty as far:
        if Who.REPORTING_WORKER in deed.rule.by:
            raise
        place = _in_its_village(deed.session, ticket, code, far)
    before = codes_of(ticket)
    _set_down(ticket, place, office)
    ticket.former_grid_code = None
    load_regions(deed.session, [ticket])
    deed.details |= _told(deed.session, before, ticket)


def _in_its_village(session: Session, ticket: Ticket, code: str, far: OutsideCounty) -> placing.Place:
    """A place off the map is in no grid: an officer may still put it into one of its village, or of that one's heir."""
    grid = session.get(Region, code) if len(code) <= 16 and code.isalnum() else None
    village = successor(session, ticket.village_code)
    if grid is None or grid.retired_at is not None or grid.kind != "urban_rural" or grid.parent_code != village:
        raise far
    path = path_to_county(code)
    distance_m = far.facts["distance_m"]
    return placing.Place(code, None, path.village, path.town, path.county, placing.CHOSEN, distance_m, None)


def follow(session: Session, office: Office, ticket: Ticket, heirs: Mapping[str, str], now: datetime) -> Followed:
    """Place a locked open ticket anew in the office's edition of the map.

    heirs: by code of a region that left the map, the one that most of it went to. Only a ticket that changes its
    regions gets an event and a new version. One outside the new map stays where it was; its event says so.
    """
    was, before, hands, placed = standing_of(ticket), codes_of(ticket), holder_of(session, ticket), ticket.placed
    details: dict[str, Any] = {"edition": office.map_edition, "from_edition": ticket.map_edition}
    former = ticket.former_grid_code
    try:
        place = _found_anew(office, ticket)
    except OutsideCounty as far:
        ticket.map_edition = office.map_edition
        ticket.former_grid_code = heirs.get(ticket.grid_code, heirs.get(former or "", former))
        details |= {"outside": True, "distance_m": far.facts["distance_m"]}
        record(session, office, ticket, RELOCATE, SYSTEM, now, before=hands, was=was, details=details)
        return Followed.OUTSIDE
    _set_down(ticket, place, office)
    ticket.candidates = place.candidates
    # Whoever had to verify it may still do so: of a grid that ended, the accounts went to its main heir.
    left = former if ticket.grid_code == before["grid"] else before["grid"]
    kept = heirs.get(left or "", left)
    ticket.former_grid_code = None if kept in (ticket.grid_code, ticket.base_grid_code) else kept
    if codes_of(ticket) == before:
        if placed == placing.CHOSEN:
            ticket.placed = placed  # a person's word stands, also where the point lies inside that grid now
        return Followed.STAYED
    ticket.version += 1
    load_regions(session, [ticket])
    details |= _told(session, before, ticket)
    if hands["code"] in heirs and heirs[hands["code"]] == holder_of(session, ticket)["code"]:
        details["same_hands"] = True  # under another code, and the accounts went along
    record(session, office, ticket, RELOCATE, SYSTEM, now, before=hands, was=was, details=details)
    return Followed.MOVED


def _found_anew(office: Office, ticket: Ticket) -> placing.Place:
    """Where it belongs on this map. The grid that a person chose stands while the place may lie in it."""
    if ticket.placed == placing.CHOSEN:
        try:
            radius = (ticket.accuracy_m or 0.0) + MARGIN_M
            return placing.find(office.grids, ticket.lon, ticket.lat, radius, ticket.grid_code)
        except NotACandidate:
            pass
    return placing.find(office.grids, ticket.lon, ticket.lat, ticket.accuracy_m)


def _set_down(ticket: Ticket, place: placing.Place, office: Office) -> None:
    ticket.grid_code, ticket.base_grid_code = place.grid, place.base_grid
    ticket.village_code, ticket.town_code, ticket.county_code = place.village, place.town, place.county
    ticket.placed, ticket.distance_m, ticket.map_edition = place.placed, place.distance_m, office.map_edition


def codes_of(ticket: Ticket) -> Codes:
    """The codes of the ticket's regions by level."""
    return {level: getattr(ticket, f"{level}_code") for level in LEVELS}


def _told(session: Session, before: Codes, ticket: Ticket) -> dict[str, Any]:
    """Say in an event which regions the ticket left, which it came to, and how that was found."""
    after = codes_of(ticket)
    was, now = _named(session, before), _named(session, after)
    return {
        **{f"from_{level}": was[level] for level in ("grid", "village", "town") if was[level] != now[level]},
        **{f"to_{level}": now[level] for level in ("grid", "village", "town") if was[level] != now[level]},
        "left": sorted({code for code in before.values() if code} - set(after.values())),
        "placed": ticket.placed,
        "distance_m": round(ticket.distance_m, 3),
    }


def _named(session: Session, codes: Codes) -> dict[str, dict[str, str]]:
    return {level: {"code": code, "name": session.get_one(Region, code).name} for level, code in codes.items() if code}
