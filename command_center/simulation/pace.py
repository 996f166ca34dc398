"""When people do what they do next: in a month's history as in life, in the live trickle as in a short film."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from random import Random

from command_center.deadlines import working_time
from command_center.deadlines.working_time import Unit
from command_center.simulation.moves import Move
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
    Action.MERGE: 1.5,
    Action.TRANSFER: 3.0,
}
ON_THE_WAY = {Action.RETURN: 0.25, Action.START: 0.3, Action.SUPERVISE: 0.6, Action.ASSIST: 0.1, Action.REMIND: 0.5}
# What keeps to no limit: hours from, to.
IN_HOURS = {
    Action.SUSPEND: (0.3, 4.0),
    Action.RESUME: (20.0, 55.0),
    Action.DECIDE_EXTENSION: (0.3, 3.0),
    Action.APPEAL: (4.0, 30.0),
    Action.DECIDE_APPEAL: (3.0, 26.0),
    Action.RATE: (0.3, 30.0),
    Action.CALLBACK: (16.0, 30.0),
    Action.FOLLOW_UP: (1.0, 8.0),
    Action.REOPEN: (2.0, 30.0),
}
ANSWERED_IN, OVERRULED_IN = (1.0, 14.0), (0.5, 5.0)
ASKED_AT = (0.3, 0.6)  # of the time that is left, an extension is asked for
DESK_SHARE, DESK_LEAST, DESK_MOST = 0.011, timedelta(seconds=75), timedelta(minutes=18)
CHECK_SHARE, CHECK_LEAST, CHECK_MOST = 0.03, timedelta(minutes=4), timedelta(hours=2)
TAKES_LONG, WATCHABLE = 0.3, timedelta(hours=6)
LATEST = timedelta(hours=120)  # of running time beyond the limit
LEAST_SHARE, REWORK_SHARE = 0.04, 0.08


def in_life(move: Move, ticket: Ticket, temper: Temper, now: datetime, office: Office, rng: Random) -> datetime:
    """Tell when the next action is taken, in the rhythm of days: nights are for emergencies only."""
    action = move.action
    value, unit = limit_of(ticket)
    limit = full_limit(value, unit)
    hours = _hours(move, ticket)
    if hours is not None:
        begin = _reply_date(ticket, now) if move.form.overrule else now
        at = begin + timedelta(hours=rng.uniform(*hours))
    elif action is Action.REQUEST_EXTENSION:
        at = now + max(timedelta(), ticket.due_at - now) * rng.uniform(*ASKED_AT)
    elif action in AT_A_DESK:
        at = now + _between(limit * DESK_SHARE, DESK_LEAST, DESK_MOST) * AT_A_DESK[action] * _luck(temper, rng)
    elif action in (Action.VERIFY, Action.CLOSE):
        at = now + _between(limit * CHECK_SHARE, CHECK_LEAST, CHECK_MOST) * _luck(temper, rng)
    else:
        settled = _settled_at(ticket, temper, now, limit, unit, office, rng)
        at = now + (settled - now) * ON_THE_WAY.get(action, 1.0)
    at += timedelta(seconds=1)
    return at if unit is Unit.URGENT_HOUR and hours is None else _by_day(at, office, rng)


def in_a_film(move: Move, ticket: Ticket, temper: Temper, now: datetime, rng: Random) -> datetime:
    """Tell when the next action is taken in the trickle: seconds at a desk, minutes on site.

    What is late waits for its time to run out, if that is not too far to be watched.
    """
    action = move.action
    if move.form.overrule:
        return _reply_date(ticket, now) + timedelta(minutes=rng.uniform(5, 60))
    if _hours(move, ticket) is not None or action is Action.REQUEST_EXTENSION:
        seconds = rng.uniform(60, 900)
    elif action in AT_A_DESK:
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


def _hours(move: Move, ticket: Ticket) -> tuple[float, float] | None:
    """Tell how long somebody takes who is bound by no share of the limit."""
    if move.action is Action.RESOLVE and ticket.assist_count:
        if move.form.overrule:
            return OVERRULED_IN
        helper = move.by.caller.department_code if move.by.caller else None
        return ANSWERED_IN if ticket.handler_id is None and helper != ticket.department_code else None
    return IN_HOURS.get(move.action)


def _reply_date(ticket: Ticket, now: datetime) -> datetime:
    """Tell when the last of those who were asked to help must have answered."""
    return max([now, *(assist.due_at for assist in ticket.assists if assist.is_owed)])


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
