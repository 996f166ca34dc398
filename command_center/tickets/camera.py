"""Where a photo was taken, beside where the ticket lies: a distance, for those who look into it. Nothing is judged.

A large distance has honest reasons: a photo taken from the other bank, sent from home, or a camera that writes GCJ-02
without saying so, as some phones sold in China do. Hence the distance is told for that case, too.
"""

from typing import Any

from command_center.attachments.models import Attachment
from command_center.people.models import Role
from command_center.tickets.actor import Actor
from command_center.tickets.models import Ticket
from gis.accuracy import WIDEST_M
from gis.datum import to_wgs84
from gis.errors import GisError
from gis.metres import distance_m

FAR_M = 200.0
"""Beyond this, and what both places are inexact by, a distance is called large."""
ENTITLED = (Role.VILLAGE_OFFICER, Role.TOWN_OFFICER, Role.COUNTY_OFFICER, Role.HOTLINE_OPERATOR)


def may_see(by: Actor, ticket: Ticket) -> bool:
    """Where somebody stood is for those who take reports in and answer for them, and for who reported."""
    return by.role in ENTITLED or (by.id is not None and by.id == ticket.reported_by_id)


def compared(photo: Attachment, ticket: Ticket) -> dict[str, Any] | None:
    """Tell how far away a photo was taken, in metres, and when; None when the camera wrote nothing.

    `large`: farther than FAR_M and the accuracies of both; `if_gcj02_m`: the distance if the camera, which named no
    datum, wrote GCJ-02. The place itself is not told.
    """
    if photo.exif_lon is None and photo.exif_taken_at is None and photo.exif_fixed_at is None:
        return None
    told: dict[str, Any] = {
        "taken_at": photo.exif_taken_at,
        "fixed_at": photo.exif_fixed_at,
        "datum": photo.exif_datum,
        "accuracy_m": photo.exif_accuracy_m,
        "distance_m": None,
        "large": False,
        "if_gcj02_m": None,
    }
    if photo.exif_lon is None or photo.exif_lat is None:
        return told
    distance = distance_m(photo.exif_lon, photo.exif_lat, ticket.lon, ticket.lat)
    inexact = min(ticket.accuracy_m or 0.0, WIDEST_M) + min(photo.exif_accuracy_m or 0.0, WIDEST_M)
    told |= {"distance_m": round(distance, 1), "large": distance > FAR_M + inexact}
    if photo.exif_datum is None:
        try:
            shifted = to_wgs84(photo.exif_lon, photo.exif_lat, "gcj02")
            told["if_gcj02_m"] = round(distance_m(*shifted, ticket.lon, ticket.lat), 1)
        except GisError:
            pass  # Not in China, where nobody writes GCJ-02.
    return told
