"""When people do what they do next: in a month's history as in life, in the live trickle as in a short film."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from random import Random

from command_center.deadlines import working_time
from command_center.deadlines.working_time import Unit
from command_center.simulation.temper import Temper
from command_center.tickets.models import Ticket
from command_center.tickets.office import Office
from command_center.tickets.workflow import Action

UP, DOWN = time(7, 30), time(20, 30)
AT_A_DESK = {
    Action.ACCEPT: 1.2,
    Action.REJECT: 1.5,
    Action.CLAIM: 0.8,
    Action.DISPATCH: 1.0,
    Action.ESCALATE: 1.0,
}
ON_THE_WAY = {Action.RETURN: 0.25, Action.START: 0.3, Action.SUPERVISE: 0.6}
DESK_SHARE, DESK_LEAST, DESK_MOST = 0.011, timedelta(seconds=75), timedelta(minutes=18)
CHECK_SHARE, CHECK_LEAST, CHECK_MOST = 0.03, timedelta(minutes=4), timedelta(hours=2)
TAKES_LONG, WATCHABLE = 0.3, timedelta(hours=6)
LATEST = timedelta(hours=120)  # of running time beyond the limit
LEAST_SHARE, REWORK_SHARE = 0.04, 0.08


def in_life(action: Action, ticket: Ticket, temper: Temper, now: datetime, office: Office, rng: Random) -> datetime:
    """Tell when the next action is taken, in the rhythm of days: nights are for emergencies only."""
    value, unit = limit_of(ticket)
    limit = full_limit(value, unit)
    if action in AT_A_DESK:
        at = now + _between(limit * DESK_SHARE, DESK_LEAST, DESK_MOST) * AT_A_DESK[action] * _luck(temper, rng)
    elif action in (Action.VERIFY, Action.CLOSE):
        at = now + _between(limit * CHECK_SHARE, CHECK_LEAST, CHECK_MOST) * _luck(temper, rng)
    else:
        settled = _settled_at(ticket, temper, now, limit, unit, office, rng)
        at = now + (settled - now) * ON_THE_WAY.get(action, 1.0)
    at += timedelta(seconds=1)
    return at if unit is Unit.URGENT_HOUR else _by_day(at, office, rng)


def in_a_film(action: Action, ticket: Ticket, temper: Temper, now: datetime, rng: Random) -> datetime:
    """Tell when the next action is taken in the trickle: seconds at a desk, minutes on site.

    What is late waits for its time to run out, if that is not too far to be watched.
    """
    if action in AT_A_DESK:
        seconds = AT_A_DESK[action] * rng.uniform(6, 35)
    elif action in (Action.VERIFY, Action.CLOSE):
        seconds = rng.uniform(20, 150)
    elif action in ON_THE_WAY:
        seconds = rng.uniform(20, 120)
    elif temper.is_late and timedelta() < ticket.due_at - now < WATCHABLE:
        return ticket.due_at + timedelta(minutes=rng.uniform(5, 90))
    elif rng.random() < TAKES_LONG:
        seconds = rng.uniform(1200, 9000)
    else:
        seconds = min(3600.0, rng.lognormvariate(5.8, 0.9))
    return now + timedelta(seconds=seconds * temper.pace)


def limit_of(ticket: Ticket) -> tuple[str, Unit]:
    """Read the whole limit off the policy that was frozen into the ticket."""
    limit = ticket.policy["limit"]
    return limit["value"], Unit(limit["unit"])


@lru_cache(maxsize=512)
def full_limit(value: str, unit: Unit) -> timedelta:
    """Tell the running time of a limit."""
    return working_time.duration(Decimal(value), unit)


def _settled_at(
    ticket: Ticket, temper: Temper, now: datetime, limit: timedelta, unit: Unit, office: Office, rng: Random
) -> datetime:
    """Tell when the matter is settled: after its share of the limit, but the work itself takes its time, too."""
    least = REWORK_SHARE if ticket.rework_count else LEAST_SHARE * rng.uniform(0.7, 1.8)
    earliest = working_time.add_running(now, limit * least, unit, office.calendar)
    used = min(limit * temper.share, limit + LATEST)
    planned = working_time.add_running(ticket.created_at, used, unit, office.calendar)
    return max(earliest, planned)


def _by_day(at: datetime, office: Office, rng: Random) -> datetime:
    local = at.astimezone(office.zone)
    if UP <= local.time() < DOWN:
        return at
    day = local.date() + timedelta(days=int(local.time() >= DOWN))
    return datetime.combine(day, UP, office.zone).astimezone(at.tzinfo) + timedelta(minutes=rng.uniform(0, 75))


def _between(amount: timedelta, least: timedelta, most: timedelta) -> timedelta:
    return min(max(amount, least), most)


def _luck(temper: Temper, rng: Random) -> float:
    return temper.pace * rng.lognormvariate(0, 0.4)
