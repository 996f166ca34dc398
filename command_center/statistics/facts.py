"""What an event teaches about a ticket, and what a ticket adds to the rollups. Pure."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from command_center.events.models import TicketEvent
from command_center.statistics.models import FLAGS, TicketFact

NOT_ACCEPTED = ("intake", "rejected", "merged")
TOTAL, CATEGORY, DEPARTMENT = "total", "category", "department"  # what a region's rows are broken down by
DEPARTMENT_CATEGORY = "department/category"


class Cell(NamedTuple):
    """The key of one rollup row."""

    region_code: str
    dimension: str
    key: str
    day: date


Counts = dict[str, int]
Entries = dict[tuple[str, str], Counts]
Regions = tuple[str, str, str, str]


def learn(fact: TicketFact | None, event: TicketEvent, zone: ZoneInfo) -> TicketFact:
    """Advance what is known of a ticket by one event; the first event makes it."""
    if fact is None:
        fact = _first(event, zone)
    _stands(fact, event)
    _clock(fact, event)
    _work(fact, event)
    _afterwards(fact, event)
    return fact


def _first(event: TicketEvent, zone: ZoneInfo) -> TicketFact:
    return TicketFact(
        ticket_id=event.ticket_id,
        day=event.at.astimezone(zone).date(),
        grid_code=event.grid_code,
        village_code=event.village_code,
        town_code=event.town_code,
        county_code=event.county_code,
        minor_code=event.details.get("minor", ""),
        department_code="",
        follow_ups=0,
        follow_ups_ended=0,
        tallies={},
        **dict.fromkeys(FLAGS, False),
    )


def _stands(fact: TicketFact, event: TicketEvent) -> None:
    """Where it stands after the event, in whose hands, and what it is about."""
    if event.action == "relocate":
        fact.grid_code, fact.village_code = event.grid_code, event.village_code
        fact.town_code, fact.county_code = event.town_code, event.county_code
    fact.rejected = event.to_node == "rejected"
    fact.merged = event.to_node == "merged"
    fact.closed = event.to_node == "closed"
    fact.accepted = fact.accepted or event.to_node not in NOT_ACCEPTED
    # Whoever gave it back, or lost it to a tier, has no part in how it ends.
    fact.department_code = event.department_code or ""
    if corrected := event.details.get("corrected"):
        fact.minor_code = corrected["minor"]
    if event.action == "suspend":
        fact.suspended = True
    elif event.action in ("resume", "reopen"):
        fact.suspended = False


def _clock(fact: TicketFact, event: TicketEvent) -> None:
    """Whether the promise to the citizen was kept, in this round and in earlier ones."""
    action, details = event.action, event.details
    if action == "overdue" and details.get("clock") == "matter":
        fact.late = True
    elif action == "recompute" or (action == "decide_extension" and details.get("granted")):
        # More time, asked for in time or owed by a corrected calendar: it was not late after all.
        fact.late = fact.late and event.at > _due(event)
    elif action == "decide_appeal" and details.get("outcome") == "approved":
        fact.exempt = True
    elif action == "reopen" and event.from_node != "merged":
        fact.charged_before = fact.charged_before or (fact.late and not fact.exempt)
        fact.late_before = fact.late_before or fact.late
        fact.late = fact.exempt = False
        fact.reopened = fact.reopened or event.from_node == "closed"
    if fact.closed and event.from_node != "closed":
        fact.late = fact.late or event.at > _due(event)


def _due(event: TicketEvent) -> datetime:
    return datetime.fromisoformat(event.details["due_at"])


def _work(fact: TicketFact, event: TicketEvent) -> None:
    """Who settled it, who was asked to help, who gave it back, and whether it had to be done again."""
    action, details = event.action, event.details
    if action == "resolve" and event.to_node == "close":
        fact.handled, fact.self_settled = True, not event.from_department_code
    elif event.department_code or action == "reopen":
        fact.self_settled = False
    if action == "verify" and details.get("passed") is False:
        fact.reworked = True
    elif action == "assist":
        for assist in details.get("assists", ()):
            _tally(fact, assist["department"], "assists")
    elif action == "answer_missed":
        _tally(fact, details["department"], "answers_missed")
    elif action == "return" and details.get("refused_by"):
        _tally(fact, details["refused_by"], "returned")
        fact.disputed = fact.disputed or bool(details.get("disputed"))
    elif action in ("supervise", "overdue") and details.get("supervision"):
        fact.supervised = True


def _tally(fact: TicketFact, department: str, what: str) -> None:
    """Count something a department is named for. A new document: changes inside the old one would not be stored."""
    own: dict[str, int] = {**fact.tallies.get(department, {})}
    own[what] = own.get(what, 0) + 1
    fact.tallies = {**fact.tallies, department: own}


def _afterwards(fact: TicketFact, event: TicketEvent) -> None:
    """What the citizen said, the last word counting, and what was made of a complaint."""
    action, details = event.action, event.details
    if action == "callback":
        fact.called = True
        if details["reached"]:
            fact.reached, fact.satisfied = True, bool(details["satisfied"])
    elif action == "rate":
        fact.rated, fact.rated_well = True, bool(details["satisfied"])
    if details.get("follow_up") and action in ("rate", "callback"):
        fact.follow_ups += 1
    elif details.get("outcome") and action in ("follow_up", "verify", "close"):
        fact.follow_ups_ended += 1


def share(fact: TicketFact) -> Counts:
    """Say what a ticket adds to each rollup row it belongs to. One that follows another is counted there."""
    alive = not (fact.rejected or fact.merged)
    late = alive and (fact.late or fact.late_before)
    charged = (fact.late and not fact.exempt) or fact.charged_before
    on_time = alive and fact.closed and not late
    return {
        "reported": 1,
        "accepted": int(fact.accepted and alive),
        "rejected": int(fact.rejected),
        "merged": int(fact.merged),
        "closed": int(fact.closed),
        "closed_on_time": int(on_time),
        "due": int(on_time or (late and charged and not fact.suspended)),
        "late": int(late),
        "exempt": int(late and not charged),
        "open": int(alive and not fact.closed),
        "overdue": int(alive and not fact.closed and fact.late),
        "suspended": int(alive and fact.suspended),
        "reopened": int(alive and fact.reopened),
        "handled": int(alive and fact.handled),
        "reworked": int(alive and fact.reworked),
        "self_settled": int(alive and fact.handled and fact.self_settled),
        "supervised": int(fact.supervised),
        "disputed": int(fact.disputed),
        "called": int(fact.called),
        "reached": int(fact.reached),
        "satisfied": int(fact.satisfied),
        "rated": int(fact.rated),
        "rated_well": int(fact.rated_well),
        "follow_ups": fact.follow_ups,
        "follow_ups_ended": fact.follow_ups_ended,
    }


def entries(fact: TicketFact) -> Entries:
    """Say what a ticket adds, by dimension and key; the same in each of its four regions."""
    own, minor = share(fact), fact.minor_code
    whole = _with(own, *fact.tallies.values())
    found = {(TOTAL, ""): whole, (CATEGORY, minor): whole}
    for department in {fact.department_code, *fact.tallies} - {""}:
        counts = _with(own if department == fact.department_code else {}, fact.tallies.get(department, {}))
        found[DEPARTMENT, department] = found[DEPARTMENT_CATEGORY, f"{department}/{minor}"] = counts
    return found


def _with(counts: Counts, *more: Counts) -> Counts:
    total = dict(counts)
    for added in more:
        for measure, count in added.items():
            total[measure] = total.get(measure, 0) + count
    return total


def difference(before: Entries, after: Entries) -> Entries:
    """Say what must be added to the rollups; nothing when no figure changed."""
    found: Entries = {}
    for key in before.keys() | after.keys():
        had, has = before.get(key, {}), after.get(key, {})
        if had != has:
            found[key] = {measure: has.get(measure, 0) - had.get(measure, 0) for measure in had.keys() | has.keys()}
    return found


def regions(fact: TicketFact) -> Regions:
    """The four regions that a ticket is counted in."""
    return fact.grid_code, fact.village_code, fact.town_code, fact.county_code


def cells(fact: TicketFact, key: tuple[str, str], counted_in: Regions | None = None) -> Iterator[Cell]:
    """Name the rollup rows of a dimension and key that a ticket belongs to: one for each of its four regions.

    counted_in: other regions than its present ones.
    """
    for region in counted_in or regions(fact):
        yield Cell(region, key[0], key[1], fact.day)
