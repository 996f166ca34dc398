"""From an order to a picture: what is counted in the database, as the caller may see it, worded in their language."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from command_center.people.models import User
from command_center.pictures import changes, coverage, density, overdue, situation
from command_center.pictures.canvas import Canvas
from command_center.pictures.order import Order
from gis.picture import Language, Picture

COMPOSED: dict[str, Callable[[Canvas], None]] = {
    "situation": situation.compose,
    "density": density.compose,
    "overdue": overdue.compose,
    "coverage": coverage.compose,
    "edition": changes.compose,
}


def compose(
    session: Session,
    order: Order,
    user: User | None,
    *,
    zone: ZoneInfo,
    now: datetime,
    language: Language,
    text: Callable[[str], str],
) -> Picture:
    """Put a picture together. `text` looks a key up in that language; user None: the operator, who sees everything.

    Raises: NothingToDraw, TooManyToDraw, CellsTooFine.
    """
    canvas = Canvas(session, order, user, zone=zone, now=now, language=language, text=text)
    COMPOSED[order.kind](canvas)
    return canvas.finish()
