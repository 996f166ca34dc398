"""The whole life of a ticket as one table. Pure: no database, no clock, no web.

`RULES` says which action leads from which node to which, by whom, at which tier, what it needs, and what it does
to the tier's clock. Everything else (the verbs, the buttons on the screens, the tests) reads it.
Source: the five nodes of the county's hotline 接件 认领 分派 办理 结案 and the contract's main line of a ticket.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum, auto

from command_center.errors import NoAuthority, RoleNotAllowed, WrongNode, WrongTier
from command_center.people.models import Role


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


class Action(StrEnum):
    """The verbs. Those without a rule below are named by the contract and follow with their own issue."""

    ACCEPT = auto()
    REJECT = auto()
    CLAIM = auto()
    ESCALATE = auto()
    DISPATCH = auto()
    RETURN = auto()
    START = auto()
    RESOLVE = auto()
    VERIFY = auto()
    CLOSE = auto()
    SUPERVISE = auto()


class Who(StrEnum):
    """In which standing somebody faces a ticket; one person may have several."""

    OFFICER_OF_THE_TIER = auto()
    HOTLINE_OPERATOR = auto()
    DEPARTMENT_IN_CHARGE = auto()
    OWN_HANDLER = auto()
    WORKER_ON_SITE = auto()
    LEADER = auto()
    COUNTY_OFFICER = auto()
    TOWN_OFFICER_OF_THE_TOWN = auto()


class Move(StrEnum):
    """Where the ticket goes on the ladder of tiers, and what the tier's clock does."""

    STAY = auto()
    UP = auto()
    DOWN = auto()


class Need(StrEnum):
    """What a form must bring along."""

    NOTE = auto()
    DEPARTMENT_OR_TO = auto()
    PASSED = auto()
    PLACE = auto()
    COLOUR = auto()


@dataclass(frozen=True)
class Rule:
    """One line of the table: `to` None keeps the node; UP and DOWN start the tier's clock anew."""

    action: Action
    frm: tuple[Node, ...]
    to: Node | None
    by: tuple[Who, ...]
    needs: tuple[Need, ...] = ()
    move: Move = Move.STAY
    at: tuple[Tier, ...] = TIERS
    needs_authority: bool = False
    usual: bool = False
    final: bool = False


OFFICER = (Who.OFFICER_OF_THE_TIER,)
HANDLER = (Who.DEPARTMENT_IN_CHARGE, Who.OWN_HANDLER)
SUPERVISOR = (Who.LEADER, Who.COUNTY_OFFICER, Who.TOWN_OFFICER_OF_THE_TOWN)
ABOVE_VILLAGE = (Tier.TOWN, Tier.COUNTY)
BELOW_COUNTY = (Tier.VILLAGE, Tier.TOWN)
BEFORE_CLOSE = (Node.CLAIM, Node.DISPATCH, Node.HANDLE)

# fmt: off
RULES: tuple[Rule, ...] = (
    Rule(Action.ACCEPT,    (Node.INTAKE,),               Node.CLAIM,    (*OFFICER, Who.HOTLINE_OPERATOR), usual=True),
    Rule(Action.REJECT,    (Node.INTAKE,),               Node.REJECTED, (*OFFICER, Who.HOTLINE_OPERATOR), (Need.NOTE,), final=True),
    Rule(Action.CLAIM,     (Node.CLAIM,),                Node.DISPATCH, OFFICER, usual=True),
    Rule(Action.DISPATCH,  (Node.DISPATCH,),             Node.HANDLE,   OFFICER, (Need.DEPARTMENT_OR_TO,), needs_authority=True, usual=True),
    Rule(Action.ESCALATE,  BEFORE_CLOSE,                 Node.CLAIM,    OFFICER, (Need.NOTE,), move=Move.UP, at=BELOW_COUNTY),
    Rule(Action.RETURN,    (Node.HANDLE,),               Node.DISPATCH, HANDLER, (Need.NOTE,)),
    Rule(Action.RETURN,    (Node.CLAIM, Node.DISPATCH),  Node.CLAIM,    OFFICER, (Need.NOTE,), move=Move.DOWN, at=ABOVE_VILLAGE),
    Rule(Action.START,     (Node.HANDLE,),               None,          HANDLER),
    Rule(Action.RESOLVE,   (Node.HANDLE,),               Node.CLOSE,    HANDLER, (Need.NOTE,), usual=True),
    Rule(Action.VERIFY,    (Node.CLOSE,),                Node.CLOSED,   (Who.WORKER_ON_SITE,), (Need.PASSED, Need.PLACE), usual=True, final=True),
    Rule(Action.CLOSE,     (Node.CLOSE,),                Node.CLOSED,   OFFICER, (Need.NOTE,), final=True),
    Rule(Action.SUPERVISE, OPEN_NODES,                   None,          SUPERVISOR, (Need.NOTE, Need.COLOUR)),
)
# fmt: on
REWORK = Node.HANDLE  # where a failed verification leads: the same department, all data kept
BY_ACTION: dict[Action, tuple[Rule, ...]] = {a: tuple(r for r in RULES if r.action is a) for a in Action}


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


@dataclass(frozen=True)
class Caller:
    """Who wants to act, as far as the rules look at it."""

    id: int
    role: Role
    region_code: str
    department_code: str | None = None


def region_of_tier(ticket: Standing, tier: Tier) -> str:
    """Name the region whose officers have the ticket at this tier."""
    return {Tier.VILLAGE: ticket.village_code, Tier.TOWN: ticket.town_code, Tier.COUNTY: ticket.county_code}[tier]


def standings(ticket: Standing, caller: Caller) -> frozenset[Who]:
    """Say in which standings the caller faces the ticket, whatever node it is at."""
    facts = {
        Who.OFFICER_OF_THE_TIER: caller.role == OFFICER_OF[ticket.tier]
        and caller.region_code == region_of_tier(ticket, ticket.tier),
        Who.HOTLINE_OPERATOR: caller.role == Role.HOTLINE_OPERATOR,
        Who.DEPARTMENT_IN_CHARGE: caller.role == Role.DEPARTMENT_OFFICER
        and caller.department_code is not None
        and caller.department_code == ticket.department_code,
        Who.OWN_HANDLER: ticket.handler_id is not None and caller.id == ticket.handler_id,
        Who.WORKER_ON_SITE: caller.role == Role.GRID_WORKER
        and (caller.region_code in ticket.worker_grids or caller.id == ticket.reported_by_id),
        Who.LEADER: caller.role == Role.LEADER,
        Who.COUNTY_OFFICER: caller.role == Role.COUNTY_OFFICER,
        Who.TOWN_OFFICER_OF_THE_TOWN: caller.role == Role.TOWN_OFFICER and caller.region_code == ticket.town_code,
    }
    return frozenset(who for who, holds in facts.items() if holds)


def has_authority(ticket: Standing) -> bool:
    """Say whether the authority list lets the present tier settle the matter."""
    return TIERS.index(ticket.tier) >= TIERS.index(ticket.settling_tier)


def find_rule(action: Action, ticket: Standing, caller: Caller) -> Rule:
    """Find the line of the table under which the caller may take this action now.

    Raises: RoleNotAllowed, then WrongNode, then WrongTier, then NoAuthority: the order of the contract.
    """
    mine = standings(ticket, caller)
    rules = BY_ACTION[action]
    here = [rule for rule in rules if ticket.node in rule.frm]
    by_role = [rule for rule in here or rules if mine.intersection(rule.by)]
    if not by_role:
        raise RoleNotAllowed(role=str(caller.role), action=str(action))
    if not here:
        raise WrongNode(node=str(ticket.node), action=str(action))
    by_tier = [rule for rule in by_role if ticket.tier in rule.at]
    if not by_tier:
        raise WrongTier(tier=str(ticket.tier), action=str(action))
    rule = by_tier[0]
    if rule.needs_authority and not has_authority(ticket):
        raise NoAuthority(settling_tier=str(ticket.settling_tier))
    return rule


def allowed(ticket: Standing, caller: Caller) -> list[Rule]:
    """List the rules the caller may use now, in the order of the table, the usual one first."""
    mine = standings(ticket, caller)
    rules = [
        rule
        for rule in RULES
        if mine.intersection(rule.by)
        and ticket.node in rule.frm
        and ticket.tier in rule.at
        and (not rule.needs_authority or has_authority(ticket))
    ]
    return sorted(rules, key=lambda rule: not rule.usual)


def after(rule: Rule, ticket: Standing, *, failed: bool = False) -> tuple[Node, Tier]:
    """Say at which node and tier the ticket stands after the rule was used. `failed`: a verification."""
    tier = TIERS[TIERS.index(ticket.tier) + {Move.STAY: 0, Move.UP: 1, Move.DOWN: -1}[rule.move]]
    if failed:
        return REWORK, tier
    return rule.to if rule.to is not None else ticket.node, tier


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


def names(rules: Iterable[Rule]) -> list[str]:
    """Name the actions of these rules, each once, in order."""
    return list(dict.fromkeys(str(rule.action) for rule in rules))
