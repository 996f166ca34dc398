"""When reports come in: two patrols a day, some in the evening, fewer on free days."""

from datetime import UTC, datetime, timedelta
from random import Random

from command_center.tickets.office import Office

# By the hour of the day, local time: the patrols are from 8 to 11 and from 14 to 17.
HOURS = (1, 1, 1, 1, 1, 2, 8, 22, 75, 95, 80, 38, 20, 28, 78, 88, 62, 34, 24, 20, 14, 8, 4, 2)
FREE_DAY = 0.55
HOUR = timedelta(hours=1)


def times(office: Office, start: datetime, end: datetime, count: int, rng: Random) -> list[datetime]:
    """Draw when `count` reports come in between two moments, in order, UTC."""
    worked = set(office.calendar.working_days)
    slots: list[tuple[datetime, timedelta]] = []
    weights: list[float] = []
    at = start
    while at < end:
        until = min(end, (at + HOUR).replace(minute=0, second=0, microsecond=0))
        local = at.astimezone(office.zone)
        slots.append((at, until - at))
        busy = 1.0 if local.date() in worked else FREE_DAY
        weights.append(HOURS[local.hour] * ((until - at) / HOUR) * busy)
        at = until
    chosen = rng.choices(slots, weights, k=count) if slots and count else []
    # To the second: an event's time is read by people.
    drawn = (begin + timedelta(seconds=int(length.total_seconds() * rng.random())) for begin, length in chosen)
    return sorted(moment.astimezone(UTC) for moment in drawn)
