"""How a report finds its grid, which other grids it may mean, and how that is told."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.errors import NotACandidate, OutsideCounty
from command_center.regions.models import Region
from command_center.tickets.models import Ticket
from command_center.tickets.office import Grids
from gis.accuracy import MOST_CANDIDATES, WIDEST_M
from gis.errors import OutsideCounty as NoGridNear
from gis.placement import Candidate, Circle

CHOSEN = "chosen"
"""A person said which of the possible grids it is."""


@dataclass(frozen=True)
class Place:
    """Where a ticket belongs. All codes. `placed`: inside, border, nearest or chosen; `candidates`: as the ticket keeps
    them, the point's own grid first, None when there was no choice."""

    grid: str
    base_grid: str | None
    village: str
    town: str
    county: str
    placed: str
    distance_m: float
    candidates: list[dict[str, Any]] | None


def find(grids: Grids, lon: float, lat: float, accuracy_m: float | None, chosen: str | None = None) -> Place:
    """Place a report. lon, lat: degrees, WGS 84; chosen: the code of the grid that the person says it is.

    Raises: OutsideCounty; NotACandidate when the chosen grid is none that the point may lie in.
    """
    try:
        circle = grids.circle(lon, lat, accuracy_m or 0.0)
    except NoGridNear as far:
        raise OutsideCounty(field="lon", distance_m=far.distance_m) from far
    own, kept = circle.placed, kept_candidates(circle)
    if chosen is None or chosen == own.grid:
        return Place(own.grid, own.base_grid, own.village, own.town, own.county, own.placed, own.distance_m, kept)
    for candidate in circle.candidates:
        if candidate.grid == chosen:
            return _as_chosen(candidate, kept)
    raise NotACandidate(field="grid", grid=chosen[:32])


def kept_candidates(circle: Circle) -> list[dict[str, Any]] | None:
    """The candidates as a ticket keeps them; None when there is only one."""
    if len(circle.candidates) < 2:
        return None
    return [
        {
            "grid": one.grid,
            "base_grid": one.base_grid,
            "distance_m": round(one.distance_m, 2),
            "share": round(one.share, 4),
        }
        for one in circle.candidates
    ]


def _as_chosen(candidate: Candidate, kept: list[dict[str, Any]] | None) -> Place:
    code = candidate.grid
    above = code[:12], code[:9] + "000", code[:6] + "000000"
    return Place(code, candidate.base_grid, *above, CHOSEN, candidate.distance_m, kept)


def explain(session: Session, ticket: Ticket) -> dict[str, Any]:
    """Tell how a ticket was placed, and which grids it may mean besides.

    `rule`: inside, border, nearest or chosen. `special_over`: the ordinary grid that a school's or enterprise's won
    over. `also`: the others that share the border point, which lost to the lower code. `instead_of`: the point's own
    grid, where a person chose another.
    """
    candidates = ticket.candidates or []
    also = [c["grid"] for c in candidates[1:] if ticket.placed == "border" and c["distance_m"] == 0]
    also = [code for code in also if code != ticket.base_grid_code]
    instead = candidates[0]["grid"] if ticket.placed == CHOSEN and candidates else None
    if instead == ticket.grid_code:
        instead = None
    named = names(session, [ticket.base_grid_code, *(c["grid"] for c in candidates)])
    return {
        "placed_how": {
            "rule": ticket.placed,
            "distance_m": ticket.distance_m,
            "special_over": named.get(ticket.base_grid_code or ""),
            "also": [named[code] for code in also],
            "instead_of": named.get(instead or ""),
            "edition": ticket.map_edition,
        },
        "candidates": [
            {"grid": named[c["grid"]], "distance_m": c["distance_m"], "share": c["share"]} for c in candidates
        ],
        "candidates_limited": is_limited(ticket.accuracy_m, len(candidates)),
    }


def is_limited(accuracy_m: float | None, listed: int) -> bool:
    """Whether more grids may be meant than are listed: a circle wider than is looked at, or a list that is full."""
    return (accuracy_m is not None and math.isfinite(accuracy_m) and accuracy_m > WIDEST_M) or (
        listed >= MOST_CANDIDATES
    )


def names(session: Session, codes: Iterable[str | None]) -> dict[str, dict[str, Any]]:
    """`{code, name, kind}` of regions by code; one that is not on any map is called by its code."""
    wanted = {code for code in codes if code}
    if not wanted:
        return {}
    rows = session.scalars(select(Region).where(Region.code.in_(wanted)))
    found: dict[str, dict[str, Any]] = {code: {"code": code, "name": code, "kind": None} for code in wanted}
    return found | {row.code: {"code": row.code, "name": row.name, "kind": row.kind} for row in rows}
