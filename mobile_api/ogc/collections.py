"""What collections there are, and how each is described."""

from datetime import datetime
from typing import Any, Protocol

from flask import current_app
from sqlalchemy.orm import Session

from command_center.errors import UnknownCollection
from command_center.texts import t
from command_center.tickets.describe import moment
from command_center.web import caller, current_user, now
from mobile_api.ogc import regions, tickets, zones
from mobile_api.ogc.crs import CRS84, KNOWN
from mobile_api.ogc.features import Feature, Page
from mobile_api.ogc.links import AS_PAGE, link
from mobile_api.ogc.query import Query
from mobile_api.ogc.regions import Regions
from mobile_api.ogc.tickets import Tickets
from mobile_api.ogc.zones import Zones

LEVELS = {"counties": "county", "towns": "town", "villages": "village", "grids": "grid"}
TICKETS = "tickets"
OPEN = (*LEVELS, "zones")
FILTERS = {**dict.fromkeys(LEVELS, regions.FILTERS), "zones": zones.FILTERS, TICKETS: tickets.FILTERS}
GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
Extent = tuple[float, float, float, float]


class Collection(Protocol):
    """Where the features of a collection come from."""

    def page(self, session: Session, query: Query, now: datetime) -> Page: ...

    def one(self, session: Session, fid: str, now: datetime) -> Feature | None: ...

    def stamp(self, session: Session) -> str | None:
        """What changes whenever an answer could; None when that cannot be known."""

    def extent(self, session: Session, now: datetime) -> Extent | None:
        """west, south, east, north; degrees, WGS 84."""

    def begins(self, session: Session, now: datetime) -> datetime | None: ...


def names() -> tuple[str, ...]:
    """The collections that the caller may read."""
    return (*OPEN, TICKETS) if current_user() else OPEN


def collection_of(name: str) -> Collection:
    """Find a collection. Raises: UnknownCollection; for tickets without a token NotSignedIn."""
    if name in LEVELS:
        # Shared by all requests of this process: a version of a region never changes.
        bounds = current_app.extensions.setdefault("ogc_bounds", {})
        return Regions(LEVELS[name], bounds)
    if name == "zones":
        return Zones()
    if name == TICKETS:
        return Tickets(caller())
    raise UnknownCollection(collection=name[:40])


def described(session: Session, name: str) -> dict[str, Any]:
    """Describe a collection, with its links."""
    found, at = collection_of(name), now()
    # Tickets lie in the county, wherever those are that the caller may see.
    box = found.extent(session, at) or collection_of("counties").extent(session, at)
    here = f"collections/{name}"
    return {
        "id": name,
        "title": t(f"ogc.{name}"),
        "description": t(f"ogc.{name}_about"),
        "itemType": "feature",
        "extent": {
            "spatial": {"bbox": [box], "crs": CRS84.uri},
            "temporal": {"interval": [[moment(found.begins(session, at)), None]], "trs": GREGORIAN},
        },
        "crs": list(KNOWN),
        "storageCrs": CRS84.uri,
        "links": [
            link(here, "self", "application/json"),
            link(here, "alternate", "text/html", AS_PAGE),
            link(f"{here}/items", "items", "application/geo+json", title=t(f"ogc.{name}")),
            link(f"{here}/items", "items", "text/html", AS_PAGE, title=t(f"ogc.{name}")),
        ],
    }
