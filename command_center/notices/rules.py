"""Who is told what: one table over the events of a ticket. Pure: it knows no database, no clock, no web.

A line reads: when this action was taken (and `when` holds), tell these people, as a notice of this kind. Whoever
fits several lines is told once, by the first of them. Nobody is told about what they did themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, auto

from command_center.events.models import TicketEvent
from command_center.people.models import Role
from command_center.regions.paths import level_of


class Kind(StrEnum):
    """What a notice is about."""

    REPORT = auto()
    HANDS = auto()
    VERIFY = auto()
    ESCALATED = auto()
    MOVED_UP = auto()
    SUPERVISION = auto()
    REMIND = auto()
    WARN = auto()
    OVERDUE = auto()
    RESUMED = auto()
    DECIDE = auto()
    DECIDED = auto()
    ASSIST = auto()
    CALLED_OFF = auto()
    ANSWERED = auto()
    MISSED = auto()
    FOLLOW_UP = auto()
    DISPUTED = auto()
    CLOSED = auto()
    REJECTED = auto()
    MERGED = auto()
    BULLETIN = auto()
    URGENT = auto()
    ZONE = auto()


class Whom(StrEnum):
    """In which standing somebody is told."""

    HOLDER = auto()
    OLD_HOLDER = auto()
    TIER = auto()
    TIER_ABOVE = auto()
    TOWN = auto()
    COUNTY = auto()
    LEADER = auto()
    HOTLINE = auto()
    DEPARTMENT_NAMED = auto()
    CALLED_OFF = auto()
    REPORTER = auto()
    FOLLOWERS = auto()
    ASKER = auto()
    SUPERVISOR = auto()
    BY_ZONE = auto()


# What somebody must say they have seen; and what reaches people who are not at a screen.
TO_ACKNOWLEDGE = frozenset({Kind.SUPERVISION, Kind.REMIND, Kind.OVERDUE, Kind.DISPUTED})
BY_SMS = frozenset({Kind.SUPERVISION, Kind.REMIND, Kind.OVERDUE, Kind.ESCALATED, Kind.URGENT})


# How people are found: a role with a region, a department, a user name, or an id. Each a pair of texts.
Address = tuple[str, str]
SYSTEM = "system"
OFFICERS = {"village": Role.VILLAGE_OFFICER, "town": Role.TOWN_OFFICER, "county": Role.COUNTY_OFFICER}
ABOVE = {"village": "town", "town": "county"}


def always(event: TicketEvent) -> bool:
    return True


def by_the_clock(event: TicketEvent) -> bool:
    return event.actor_role == SYSTEM


def by_the_tier(event: TicketEvent) -> bool:
    """The officer of the tier asked, and may not decide on it: their superior does."""
    return event.actor_role == OFFICERS.get(event.to_tier)


def by_the_county(event: TicketEvent) -> bool:
    return event.actor_role == Role.COUNTY_OFFICER


def new_hands(event: TicketEvent) -> bool:
    before, after = (holder(event, name) for name in ("from_holder", "to_holder"))
    renamed = bool(event.details.get("same_hands"))  # under another code on a new map, and the accounts went along
    return event.from_node is not None and after != before and after[0] != "none" and not renamed


def new_on_site(event: TicketEvent) -> bool:
    return new_hands(event) and event.to_node == "close"


def disputed(event: TicketEvent) -> bool:
    return bool(event.details.get("disputed"))


def answered(event: TicketEvent) -> bool:
    return event.details.get("assist") is not None


def undecided(event: TicketEvent) -> bool:
    """The first of two hands said yes: the second has to decide."""
    details = event.details
    return bool(details.get("passed")) and not details.get("granted") and not details.get("outcome")


def decided(event: TicketEvent) -> bool:
    return not undecided(event)


def closed(event: TicketEvent) -> bool:
    return event.to_node == "closed"


def dissatisfied(event: TicketEvent) -> bool:
    """A bad score, or a callback that found somebody dissatisfied."""
    return event.details.get("satisfied") is False


def called_off(event: TicketEvent) -> bool:
    """Departments need not answer any more: the lead went on without them, or the ticket left its hands."""
    return bool(event.details.get("overruled") or event.details.get("withdrawn"))


def met_zones(event: TicketEvent) -> bool:
    """A rule zone holds for the matter, by its report or since its category was corrected."""
    return bool(event.details.get("zone_rules"))


def urgent_by_zone(event: TicketEvent) -> bool:
    return any(rule["effects"]["urgent"] for rule in event.details.get("zone_rules") or ())


@dataclass(frozen=True)
class Rule:
    """One line of the table; an empty action means any."""

    action: str
    kind: Kind
    to: tuple[Whom, ...]
    when: Callable[[TicketEvent], bool] = always


# fmt: off
RULES: tuple[Rule, ...] = (
    Rule("report",             Kind.URGENT,      (Whom.HOLDER,), urgent_by_zone),
    Rule("",                   Kind.URGENT,      (Whom.BY_ZONE,), urgent_by_zone),
    Rule("",                   Kind.ZONE,        (Whom.BY_ZONE,), met_zones),
    Rule("report",             Kind.REPORT,      (Whom.HOLDER,)),
    Rule("return",             Kind.DISPUTED,    (Whom.COUNTY,), disputed),
    Rule("escalate",           Kind.ESCALATED,   (Whom.HOLDER,), by_the_clock),
    Rule("escalate",           Kind.MOVED_UP,    (Whom.OLD_HOLDER,), by_the_clock),
    Rule("supervise",          Kind.SUPERVISION, (Whom.HOLDER, Whom.TOWN)),
    Rule("remind",             Kind.REMIND,      (Whom.HOLDER,)),
    Rule("warn",               Kind.WARN,        (Whom.HOLDER,)),
    Rule("overdue",            Kind.OVERDUE,     (Whom.HOLDER, Whom.TIER)),
    Rule("bulletin",           Kind.BULLETIN,    (Whom.LEADER, Whom.COUNTY)),
    Rule("report_missed",      Kind.MISSED,      (Whom.SUPERVISOR, Whom.HOLDER)),
    Rule("answer_missed",      Kind.MISSED,      (Whom.HOLDER, Whom.DEPARTMENT_NAMED)),
    Rule("assist",             Kind.ASSIST,      (Whom.DEPARTMENT_NAMED,)),
    Rule("resolve",            Kind.ANSWERED,    (Whom.HOLDER,), answered),
    Rule("",                   Kind.CALLED_OFF,  (Whom.CALLED_OFF,), called_off),
    Rule("request_extension",  Kind.DECIDE,      (Whom.TIER,)),
    Rule("request_extension",  Kind.DECIDE,      (Whom.TIER_ABOVE,), by_the_tier),
    Rule("decide_extension",   Kind.DECIDE,      (Whom.TIER_ABOVE,), undecided),
    Rule("decide_extension",   Kind.DECIDED,     (Whom.ASKER,), decided),
    Rule("appeal",             Kind.DECIDE,      (Whom.COUNTY,)),
    Rule("appeal",             Kind.DECIDE,      (Whom.LEADER,), by_the_county),
    Rule("decide_appeal",      Kind.DECIDE,      (Whom.LEADER,), undecided),
    Rule("decide_appeal",      Kind.DECIDED,     (Whom.ASKER,), decided),
    Rule("resume",             Kind.RESUMED,     (Whom.HOLDER,)),
    Rule("rate",               Kind.FOLLOW_UP,   (Whom.TIER, Whom.HOTLINE), dissatisfied),
    Rule("callback",           Kind.FOLLOW_UP,   (Whom.TIER, Whom.HOTLINE), dissatisfied),
    Rule("follow_up",          Kind.FOLLOW_UP,   (Whom.TIER, Whom.HOTLINE)),
    Rule("follow_up_overdue",  Kind.FOLLOW_UP,   (Whom.TIER, Whom.HOTLINE)),
    Rule("reject",             Kind.REJECTED,    (Whom.REPORTER, Whom.FOLLOWERS)),
    Rule("merge",              Kind.MERGED,      (Whom.REPORTER,)),
    Rule("verify",             Kind.CLOSED,      (Whom.REPORTER, Whom.FOLLOWERS), closed),
    Rule("close",              Kind.CLOSED,      (Whom.REPORTER, Whom.FOLLOWERS), closed),
    Rule("",                   Kind.VERIFY,      (Whom.HOLDER,), new_on_site),
    Rule("",                   Kind.HANDS,       (Whom.HOLDER,), new_hands),
)
# fmt: on


def lines(event: TicketEvent) -> list[Rule]:
    """The lines of the table that this event meets, in order."""
    return [rule for rule in RULES if rule.action in ("", event.action) and rule.when(event)]


def holder(event: TicketEvent, name: str) -> tuple[str, str]:
    """Read a holder off an event: kind (tier, user, department, workers, none) and code."""
    found = event.details.get(name) or {}
    return found.get("kind") or "none", found.get("code") or ""


def addresses(whom: Whom, event: TicketEvent) -> list[Address]:
    """Where to find those people, as far as the event itself says it; the rest stands in the ticket or the log."""
    match whom:
        case Whom.HOLDER:
            return _hands(event, "to_holder")
        case Whom.OLD_HOLDER:
            return _hands(event, "from_holder")
        case Whom.TIER:
            return [_officers(event, event.to_tier)]
        case Whom.TIER_ABOVE if event.to_tier in ABOVE:
            return [_officers(event, ABOVE[event.to_tier])]
        case Whom.TIER_ABOVE | Whom.LEADER:
            return [(str(Role.LEADER), event.county_code)]
        case Whom.TOWN:
            return [_officers(event, "town")]
        case Whom.COUNTY:
            return [_officers(event, "county")]
        case Whom.HOTLINE:
            return [(str(Role.HOTLINE_OPERATOR), event.county_code)]
        case Whom.DEPARTMENT_NAMED:
            return [("department", code) for code in _named(event, "assists", "department")]
        case Whom.CALLED_OFF:
            return [("department", code) for code in _named(event, "overruled", "withdrawn")]
        case Whom.SUPERVISOR:
            by = (event.details.get("supervision") or {}).get("by_username")
            return [("username", by)] if by else []
        case Whom.BY_ZONE:
            return _by_zone(event)
    return []


# A role named by a rule zone is told where the matter lies, at the level where that role works.
PLACES = {
    Role.GRID_WORKER: ("grid_code", "base_grid_code"),
    Role.VILLAGE_OFFICER: ("village_code",),
    Role.TOWN_OFFICER: ("town_code",),
}


def _by_zone(event: TicketEvent) -> list[Address]:
    """Whom the rule zones name: a role at the matter's place, a department, a user."""
    found: list[Address] = []
    for one in (one for rule in event.details["zone_rules"] for one in rule["effects"]["recipients"]):
        kind, code = one["kind"], one["code"]
        if kind == "role":
            places = (getattr(event, name) for name in PLACES.get(Role(code), ("county_code",)))
            found += [(code, place) for place in places if place]
        else:
            found.append(("username" if kind == "user" else "department", code))
    return found


def _named(event: TicketEvent, *names: str) -> list[str]:
    """The departments an event names under these names: one, or a list of sub-tasks."""
    codes = []
    for found in (event.details.get(name) for name in names):
        for one in found if isinstance(found, list) else [found]:
            codes.append(one.get("department") if isinstance(one, dict) else one)
    return [code for code in codes if isinstance(code, str)]


def _officers(event: TicketEvent, tier: str) -> Address:
    regions = {"village": event.village_code, "town": event.town_code, "county": event.county_code}
    return str(OFFICERS[tier]), regions[tier]


def _hands(event: TicketEvent, name: str) -> list[Address]:
    kind, code = holder(event, name)
    match kind:
        case "tier":
            return [(str(OFFICERS[level_of(code)]), code)]
        case "department":
            return [("department", code)]
        case "user":
            return [("username", code)]
        case "workers":
            # Over a school or an enterprise the worker of the urban-rural grid around it may verify as well.
            return [(str(Role.GRID_WORKER), grid) for grid in (event.grid_code, event.base_grid_code) if grid]
    return []
