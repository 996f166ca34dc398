"""Zones for tests: around the demo worker's grid, or wherever is wanted."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import shapely

from command_center.zones import changes, queries
from command_center.zones.drafts import Draft, Ground, read
from command_center.zones.models import ZoneVersion
from tests.builders import CABLE, NOW, spot
from tests.county import County

BEFORE = NOW.replace(year=2025)


def a_document(county: County, **said: Any) -> dict[str, Any]:
    """A zone of 400 m around the middle of the demo worker's grid, about cables, as REST is told it."""
    lon, lat = spot(county)
    square = shapely.box(lon - 0.001, lat - 0.001, lon + 0.001, lat + 0.001)
    return {
        "kind": "forest_fire",
        "name": "后山禁火区",
        "name_en": "Hill behind",
        "geometry": shapely.geometry.mapping(square),
        "buffer_m": 400,
        "season": {"from": "11-01", "to": "05-31"},
        "categories": [CABLE],
        "limit": {"value": "1", "unit": "urgent_hour"},
        "urgent": True,
        "department": "forestry",
        "recipients": [{"kind": "role", "code": "town_officer"}, {"kind": "department", "code": "fire"}],
        "note": "防火期",
    } | said


def a_draft(county: County, **said: Any) -> Draft:
    with county.sessions.read() as session:
        return read(session, Ground.of(session), a_document(county, **said), NOW)


def a_zone(county: County, *, since: datetime = BEFORE, **said: Any) -> ZoneVersion:
    """Store a zone that is in force since then, and let the office know."""
    draft = replace(a_draft(county, **said), valid_from=since)
    with county.sessions.begin() as session:
        row = changes.create(session, draft, "admin", since)
    look_again(county)
    return row


def look_again(county: County) -> None:
    """Give this county's office the zones as they are stored now; the tests' map stays shared."""
    with county.sessions.read() as session:
        book = queries.book(session)
    county.center.county = WithZones(county.center.county, replace(county.office, zones=book))


class WithZones:
    """The shared map with an office of this county's own."""

    def __init__(self, made: Any, office: Any) -> None:
        self._made, self.office = made, office

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)
