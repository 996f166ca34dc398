"""Where a ticket stands, who somebody is to it, and what must hold for a step to be taken. Pure.

The workflow's table speaks in these words; nothing here knows a database, a clock on the wall, or the web.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum, auto

from command_center.errors import (
    AlreadyRated,
    AnswerNotOwed,
    AppealUsedUp,
    Conflict,
    DeadlinePassed,
    ExtensionsUsedUp,
    FollowUpNotOpen,
    NotDisputed,
    NothingAsked,
    NotLate,
    NotSuspended,
    OwnRequest,
    RatingClosed,
    RequestPending,
    SuspensionUsedUp,
)
from command_center.people.models import Role

MOST_EXTENSIONS = 2
MOST_SUSPENSIONS = 1
RATING_DAYS = 14
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class Node(StrEnum):
    """What is awaited."""

    INTAKE = auto()
    CLAIM = auto()
    DISPATCH = auto()
    HANDLE = auto()
    CLOSE = auto()
    CLOSED = auto()
    REJECTED = auto()
    MERGED = auto()


class Tier(StrEnum):
    VILLAGE = auto()
    TOWN = auto()
    COUNTY = auto()


TIERS = (Tier.VILLAGE, Tier.TOWN, Tier.COUNTY)
OPEN_NODES = (Node.INTAKE, Node.CLAIM, Node.DISPATCH, Node.HANDLE, Node.CLOSE)
AT_THE_TIER = (Node.INTAKE, Node.CLAIM, Node.DISPATCH)
OFFICER_OF = {
    Tier.VILLAGE: Role.VILLAGE_OFFICER,
    Tier.TOWN: Role.TOWN_OFFICER,
    Tier.COUNTY: Role.COUNTY_OFFICER,
}


class Awaited(StrEnum):
    """Which decision is awaited on a ticket: each request goes through two hands."""

    EXTENSION_1 = auto()
    EXTENSION_2 = auto()
    APPEAL_1 = auto()
    APPEAL_2 = auto()


@dataclass(frozen=True)
class Standing:
    """Where a ticket stands, as far as the rules look at it."""

    node: Node
    tier: Tier
    settling_tier: Tier
    village_code: str
    town_code: str
    county_code: str
    worker_grids: frozenset[str] = field(default_factory=frozenset)
    department_code: str | None = None
    handler_id: int | None = None
    reported_by_id: int | None = None
    for_a_citizen: bool = False
    followers: frozenset[int] = field(default_factory=frozenset)
    due_at: datetime = NEVER
    closed_at: datetime | None = None
    suspended: bool = False
    suspensions: int = 0
    awaits: Awaited | None = None
    asked_by_id: int | None = None
    decided_by_ids: frozenset[int] = field(default_factory=frozenset)
    extensions: int = 0
    appealed: bool = False
    disputed: bool = False
    rated: bool = False
    follow_up: bool = False
    # Departments that were asked for help, and those of them who still owe their answer.
    assisting: frozenset[str] = field(default_factory=frozenset)
    owing: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Caller:
    """Who wants to act, as far as the rules look at it. A citizen has no account, but the link to one ticket."""

    id: int
    role: Role | None
    region_code: str
    department_code: str | None = None
    holds_link: bool = False
    # Regions that are no longer on the map, and whose place the caller's region took.
    predecessors: frozenset[str] = frozenset()

    def has(self, region: str) -> bool:
        """Say whether this region is the caller's, under its code now or an earlier one."""
        return region == self.region_code or region in self.predecessors


class Who(StrEnum):
    """In which standing somebody faces a ticket; one person may have several."""

    OFFICER_OF_THE_TIER = auto()
    SUPERIOR = auto()
    HOTLINE_OPERATOR = auto()
    DEPARTMENT_IN_CHARGE = auto()
    ASSISTING_DEPARTMENT = auto()
    OWN_HANDLER = auto()
    WORKER_ON_SITE = auto()
    REPORTING_WORKER = auto()
    REPORTER = auto()
    CONCERNED = auto()
    LEADER = auto()
    COUNTY_OFFICER = auto()
    TOWN_OFFICER_OF_THE_TOWN = auto()


def region_of_tier(ticket: Standing, tier: Tier) -> str:
    """Name the region whose officers have the ticket at this tier."""
    return {Tier.VILLAGE: ticket.village_code, Tier.TOWN: ticket.town_code, Tier.COUNTY: ticket.county_code}[tier]


def standings(ticket: Standing, caller: Caller) -> frozenset[Who]:
    """Say in which standings the caller faces the ticket, whatever node it is at."""
    is_department = caller.role == Role.DEPARTMENT_OFFICER and caller.department_code is not None
    facts = {
        Who.OFFICER_OF_THE_TIER: _is_officer(ticket, caller, ticket.tier),
        Who.SUPERIOR: caller.role == Role.LEADER
        or any(_is_officer(ticket, caller, tier) for tier in TIERS[TIERS.index(ticket.tier) + 1 :]),
        Who.HOTLINE_OPERATOR: caller.role == Role.HOTLINE_OPERATOR,
        Who.DEPARTMENT_IN_CHARGE: is_department and caller.department_code == ticket.department_code,
        Who.ASSISTING_DEPARTMENT: is_department and caller.department_code in ticket.assisting,
        Who.OWN_HANDLER: ticket.handler_id is not None and caller.id == ticket.handler_id,
        Who.WORKER_ON_SITE: caller.role == Role.GRID_WORKER
        and (any(map(caller.has, ticket.worker_grids)) or caller.id == ticket.reported_by_id),
        Who.REPORTING_WORKER: caller.role == Role.GRID_WORKER and caller.id == ticket.reported_by_id,
        Who.REPORTER: caller.holds_link or caller.id == ticket.reported_by_id or caller.id in ticket.followers,
        # Whose matter it is: the citizen with the link; an account only if it did not report for a citizen.
        Who.CONCERNED: caller.holds_link
        or (caller.id == ticket.reported_by_id and not ticket.for_a_citizen)
        or caller.id in ticket.followers,
        Who.LEADER: caller.role == Role.LEADER,
        Who.COUNTY_OFFICER: caller.role == Role.COUNTY_OFFICER,
        Who.TOWN_OFFICER_OF_THE_TOWN: caller.role == Role.TOWN_OFFICER and caller.has(ticket.town_code),
    }
    return frozenset(who for who, holds in facts.items() if holds)


def _is_officer(ticket: Standing, caller: Caller, tier: Tier) -> bool:
    return caller.role == OFFICER_OF[tier] and caller.has(region_of_tier(ticket, tier))


def has_authority(ticket: Standing) -> bool:
    """Say whether the authority list lets the present tier settle the matter."""
    return TIERS.index(ticket.tier) >= TIERS.index(ticket.settling_tier)


def is_terminal(node: Node) -> bool:
    return node not in OPEN_NODES


def climbs_when_late(ticket: Standing) -> bool:
    """Say whether a tier's clock that ran out moves the ticket up.

    Below the county, at intake, claim, dispatch or self-handling it does; in a department's hands, awaiting
    verification, or at the county it turns red and is supervised instead.
    """
    if ticket.tier is Tier.COUNTY:
        return False
    return ticket.node in AT_THE_TIER or (ticket.node is Node.HANDLE and ticket.handler_id is not None)


class Given(StrEnum):
    """What must hold beyond node, tier and role; each has its own reason to say no."""

    IN_TIME = auto()
    NOTHING_ASKED = auto()
    EXTENSION_LEFT = auto()
    FIRST_DECISION_ON_EXTENSION = auto()
    SECOND_DECISION_ON_EXTENSION = auto()
    FIRST_DECISION_ON_APPEAL = auto()
    SECOND_DECISION_ON_APPEAL = auto()
    NOT_MY_OWN = auto()
    SUSPENSION_LEFT = auto()
    SUSPENDED = auto()
    DISPUTED = auto()
    ANSWER_OWED = auto()
    WAS_LATE = auto()
    NOT_APPEALED = auto()
    RATING_OPEN = auto()
    NOT_RATED = auto()
    FOLLOW_UP_OPEN = auto()


Holds = Callable[[Standing, Caller, datetime], bool]


def _awaits(awaited: Awaited) -> Holds:
    return lambda ticket, caller, now: ticket.awaits is awaited


def _is_stranger_to_the_request(ticket: Standing, caller: Caller, now: datetime) -> bool:
    return caller.id != ticket.asked_by_id and caller.id not in ticket.decided_by_ids


def _rating_is_open(ticket: Standing, caller: Caller, now: datetime) -> bool:
    return ticket.closed_at is not None and now <= ticket.closed_at + timedelta(days=RATING_DAYS)


GIVENS: dict[Given, tuple[Holds, type[Conflict]]] = {
    Given.IN_TIME: (lambda ticket, caller, now: now < ticket.due_at, DeadlinePassed),
    Given.NOTHING_ASKED: (lambda ticket, caller, now: ticket.awaits is None, RequestPending),
    Given.EXTENSION_LEFT: (lambda ticket, caller, now: ticket.extensions < MOST_EXTENSIONS, ExtensionsUsedUp),
    Given.FIRST_DECISION_ON_EXTENSION: (_awaits(Awaited.EXTENSION_1), NothingAsked),
    Given.SECOND_DECISION_ON_EXTENSION: (_awaits(Awaited.EXTENSION_2), NothingAsked),
    Given.FIRST_DECISION_ON_APPEAL: (_awaits(Awaited.APPEAL_1), NothingAsked),
    Given.SECOND_DECISION_ON_APPEAL: (_awaits(Awaited.APPEAL_2), NothingAsked),
    Given.NOT_MY_OWN: (_is_stranger_to_the_request, OwnRequest),
    Given.SUSPENSION_LEFT: (lambda ticket, caller, now: ticket.suspensions < MOST_SUSPENSIONS, SuspensionUsedUp),
    Given.SUSPENDED: (lambda ticket, caller, now: ticket.suspended, NotSuspended),
    Given.DISPUTED: (lambda ticket, caller, now: ticket.disputed, NotDisputed),
    Given.ANSWER_OWED: (lambda ticket, caller, now: caller.department_code in ticket.owing, AnswerNotOwed),
    Given.WAS_LATE: (
        lambda ticket, caller, now: ticket.closed_at is not None and ticket.closed_at > ticket.due_at,
        NotLate,
    ),
    Given.NOT_APPEALED: (lambda ticket, caller, now: not ticket.appealed, AppealUsedUp),
    Given.RATING_OPEN: (_rating_is_open, RatingClosed),
    Given.NOT_RATED: (lambda ticket, caller, now: not ticket.rated, AlreadyRated),
    Given.FOLLOW_UP_OPEN: (lambda ticket, caller, now: ticket.follow_up, FollowUpNotOpen),
}
