"""Dates that people fill in."""

from datetime import UTC, datetime, timedelta

from command_center.errors import UntilOutOfRange
from command_center.tickets.deed import Deed

MOST_DAYS = 365


def date_ahead(until: datetime, deed: Deed) -> datetime:
    """Read a date that lies ahead, a year at most. One without a zone is in the county's own time.

    Raises: UntilOutOfRange.
    """
    aware = until if until.tzinfo is not None else until.replace(tzinfo=deed.office.zone)
    try:
        moment = aware.astimezone(UTC)
    except OverflowError as beyond:
        raise UntilOutOfRange(days=MOST_DAYS, field="until") from beyond
    if not deed.now < moment <= deed.now + timedelta(days=MOST_DAYS):
        raise UntilOutOfRange(days=MOST_DAYS, field="until")
    return moment
