"""Rule zones as plain JSON: the shapes of the REST interface, the page and the command line."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

import shapely

from command_center.aside import beside_the_loop
from command_center.zones.drafts import document_of
from command_center.zones.models import ZoneVersion
from command_center.zones.queries import Period, season_of
from gis.zones import area_m2, with_buffer

State = Literal["in_season", "out_of_season", "scheduled", "ended", "retired"]
DECIMALS = 6


def moment(at: datetime | None) -> str | None:
    """Spell a time for other machines: RFC 3339, UTC."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def state_of(periods: Sequence[Period], now: datetime, zone: ZoneInfo) -> State:
    """How a zone stands now; the season is told by the day in the county's own time."""
    holding = next((period for period in periods if period.holds(now)), None)
    if holding is not None:
        season = season_of(holding.row)
        return "in_season" if season is None or season.holds(now.astimezone(zone).date()) else "out_of_season"
    if any(period.begins is not None and period.begins > now for period in periods):
        return "scheduled"
    return "retired" if periods[-1].row.retired else "ended"


def zone(periods: Sequence[Period], now: datetime, at: ZoneInfo, *, geometry: bool) -> dict[str, Any]:
    """Describe a zone by its newest version, and how it stands. periods: of all its versions, in order."""
    holding = next((period for period in periods if period.holds(now)), None)
    return version(periods[-1], geometry=geometry) | {
        "code": periods[-1].row.zone_code,
        "state": state_of(periods, now, at),
        "version_in_force": holding.row.version if holding else None,
        "created_at": moment(periods[0].row.created_at),
        "changed_at": moment(periods[-1].row.created_at),
        "changed_by": periods[-1].row.created_by,
    }


def version(period: Period, *, geometry: bool) -> dict[str, Any]:
    """Describe one version: what it says, when it holds, who made it when and why."""
    row = period.row
    content = document_of(row)
    shape = content.pop("geometry")
    shown = {"geometry": shape, "reach": reach(row.wkb, row.buffer_m)} if geometry else {}
    return {
        "version": row.version,
        **content,
        **shown,
        "bounds": list(bounds(row)),
        "note": row.note,
        "retired": row.retired,
        "valid_from": moment(row.valid_from),
        "valid_until": moment(row.valid_until),
        "holds_from": moment(period.begins),
        "holds_until": moment(period.ends),
        "created_at": moment(row.created_at),
        "created_by": row.created_by,
    }


def bounds(row: ZoneVersion) -> tuple[float, ...]:
    """West, south, east and north of what is drawn of a version."""
    return tuple(round(float(end), DECIMALS) for end in shapely.from_wkb(row.wkb).bounds)


def reach(wkb: bytes, buffer_m: float) -> dict[str, Any]:
    """A zone with what is around it as GeoJSON, degrees to a decimetre."""
    return _drawn(wkb, buffer_m)[0]


def area_km2(wkb: bytes, buffer_m: float) -> float:
    """How large a zone is with what is around it, in square kilometres."""
    return _drawn(wkb, buffer_m)[1]


@lru_cache(1024)
def _drawn(wkb: bytes, buffer_m: float) -> tuple[dict[str, Any], float]:
    """The reach and the area of a zone; both may take a second."""
    return beside_the_loop(_draw, wkb, buffer_m)


def _draw(wkb: bytes, buffer_m: float) -> tuple[dict[str, Any], float]:
    around = with_buffer(shapely.from_wkb(wkb), buffer_m)
    return spelt(around), round(area_m2(around) / 1e6, 3)


def spelt(shape: shapely.Geometry) -> dict[str, Any]:
    """A shape as GeoJSON, degrees to a decimetre."""
    rounded = shapely.transform(shape, lambda xy: xy.round(DECIMALS))
    found: dict[str, Any] = json.loads(shapely.to_geojson(rounded))
    return found


def feature(row: ZoneVersion, now: datetime, at: ZoneInfo) -> dict[str, Any]:
    """A zone for the overlay of a map: its reach, and what a reader wants to know at a glance."""
    season = season_of(row)
    return {
        "type": "Feature",
        "geometry": reach(row.wkb, row.buffer_m),
        "properties": {
            "code": row.zone_code,
            "kind": row.kind,
            "name": row.name,
            "name_en": row.name_en,
            "season": {"from": row.season_from, "to": row.season_to} if season else None,
            "in_season": season is None or season.holds(now.astimezone(at).date()),
            "urgent": row.effects["urgent"],
            "synthetic": row.synthetic,
        },
    }
