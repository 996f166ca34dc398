"""The whole life of a ticket as one table. Pure: no database, no clock, no web.

`RULES` says which action leads from which node to which, by whom, at which tier, what it needs, what must be given
beyond that, and what it does to the clocks. Everything else (the verbs, the buttons on the screens, the tests)
reads it. Source: the five nodes of the county's hotline 接件 认领 分派 办理 结案, the contract's main line of a
ticket, and the facts on time, return, extension, suspension and appeal in the field's standards (docs/adr/0014).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto

from command_center.errors import Conflict, NoAuthority, RoleNotAllowed, TicketSuspended, WrongNode, WrongTier
from command_center.tickets.standing import (
    GIVENS,
    OPEN_NODES,
    TIERS,
    Caller,
    Given,
    Node,
    Standing,
    Tier,
    Who,
    has_authority,
    standings,
)


class Action(StrEnum):
    """The verbs. Beyond the contract's: `callback` and `follow_up`, what was heard and what was made of it; and
    `relocate`, another grid. The system relocates, too, when a new edition of the map takes effect."""

    ACCEPT = auto()
    REJECT = auto()
    MERGE = auto()
    CLAIM = auto()
    ESCALATE = auto()
    DISPATCH = auto()
    RETURN = auto()
    TRANSFER = auto()
    START = auto()
    ASSIST = auto()
    REQUEST_EXTENSION = auto()
    DECIDE_EXTENSION = auto()
    SUSPEND = auto()
    RESUME = auto()
    RESOLVE = auto()
    VERIFY = auto()
    CLOSE = auto()
    REOPEN = auto()
    SUPERVISE = auto()
    REMIND = auto()
    RATE = auto()
    CALLBACK = auto()
    FOLLOW_UP = auto()
    APPEAL = auto()
    DECIDE_APPEAL = auto()
    RELOCATE = auto()


class Move(StrEnum):
    """Where the ticket goes on the ladder of tiers, and what the tier's clock does."""

    STAY = auto()
    UP = auto()
    DOWN = auto()


class Clocks(StrEnum):
    """What an action does to the clocks beyond the move: UP and DOWN start the tier's clock anew by themselves."""

    KEEP = auto()
    STOP = auto()
    GO_ON = auto()
    EXTEND = auto()
    ANEW = auto()


class Need(StrEnum):
    """What a form must bring along."""

    NOTE = auto()
    DEPARTMENT_OR_TO = auto()
    DEPARTMENTS = auto()
    PASSED = auto()
    PLACE = auto()
    COLOUR = auto()
    UNTIL = auto()
    INTO = auto()
    SCORE = auto()
    REACHED = auto()
    GRID = auto()


@dataclass(frozen=True)
class Rule:
    """One line of the table: `to` None keeps the node; `quiet` takes no form out of anybody's hands."""

    action: Action
    frm: tuple[Node, ...]
    to: Node | None
    by: tuple[Who, ...]
    needs: tuple[Need, ...] = ()
    given: tuple[Given, ...] = ()
    move: Move = Move.STAY
    clocks: Clocks = Clocks.KEEP
    at: tuple[Tier, ...] = TIERS
    needs_authority: bool = False
    while_suspended: bool = False
    quiet: bool = False
    usual: bool = False
    final: bool = False


OFFICER = (Who.OFFICER_OF_THE_TIER,)
HANDLER = (Who.DEPARTMENT_IN_CHARGE, Who.OWN_HANDLER)
COMMAND = (Who.OFFICER_OF_THE_TIER, Who.COUNTY_OFFICER, Who.LEADER)
AT_THE_DESK = (Who.OFFICER_OF_THE_TIER, Who.COUNTY_OFFICER, Who.HOTLINE_OPERATOR)
SUPERVISOR = (Who.LEADER, Who.COUNTY_OFFICER, Who.TOWN_OFFICER_OF_THE_TOWN)
WHO_WAITS = (*SUPERVISOR, Who.OFFICER_OF_THE_TIER, Who.HOTLINE_OPERATOR, Who.REPORTER)
ABOVE_VILLAGE = (Tier.TOWN, Tier.COUNTY)
BELOW_COUNTY = (Tier.VILLAGE, Tier.TOWN)
BEFORE_CLOSE = (Node.CLAIM, Node.DISPATCH, Node.HANDLE)
AFTER_INTAKE = (*BEFORE_CLOSE, Node.CLOSE)
ENDED = (Node.CLOSED, Node.REJECTED, Node.MERGED)
MAY_ASK = (Given.IN_TIME, Given.NOTHING_ASKED)

# fmt: off
RULES: tuple[Rule, ...] = (
    Rule(Action.ACCEPT,    (Node.INTAKE,),               Node.CLAIM,    (*OFFICER, Who.HOTLINE_OPERATOR), usual=True),
    Rule(Action.REJECT,    (Node.INTAKE,),               Node.REJECTED, (*OFFICER, Who.HOTLINE_OPERATOR), (Need.NOTE,), final=True),
    Rule(Action.MERGE,     (Node.INTAKE,),               Node.MERGED,   (*OFFICER, Who.HOTLINE_OPERATOR), (Need.INTO,), final=True),
    Rule(Action.MERGE,     (Node.CLAIM, Node.DISPATCH),  Node.MERGED,   OFFICER, (Need.INTO,), final=True),
    Rule(Action.CLAIM,     (Node.CLAIM,),                Node.DISPATCH, OFFICER, usual=True),
    Rule(Action.DISPATCH,  (Node.DISPATCH,),             Node.HANDLE,   (Who.COUNTY_OFFICER,), (Need.DEPARTMENT_OR_TO, Need.NOTE), (Given.DISPUTED,), usual=True),
    Rule(Action.DISPATCH,  (Node.DISPATCH,),             Node.HANDLE,   OFFICER, (Need.DEPARTMENT_OR_TO,), needs_authority=True, usual=True),
    Rule(Action.ESCALATE,  BEFORE_CLOSE,                 Node.CLAIM,    OFFICER, (Need.NOTE,), move=Move.UP, at=BELOW_COUNTY),
    Rule(Action.RETURN,    (Node.HANDLE,),               Node.DISPATCH, HANDLER, (Need.NOTE,)),
    Rule(Action.RETURN,    (Node.CLAIM, Node.DISPATCH),  Node.CLAIM,    OFFICER, (Need.NOTE,), move=Move.DOWN, at=ABOVE_VILLAGE),
    Rule(Action.TRANSFER,  (Node.HANDLE,),               None,          (Who.COUNTY_OFFICER,), (Need.DEPARTMENT_OR_TO, Need.NOTE), (Given.DISPUTED,)),
    Rule(Action.TRANSFER,  (Node.HANDLE,),               None,          OFFICER, (Need.DEPARTMENT_OR_TO, Need.NOTE), needs_authority=True),
    Rule(Action.START,     (Node.HANDLE,),               None,          HANDLER, while_suspended=True),
    Rule(Action.ASSIST,    (Node.HANDLE,),               None,          (*HANDLER, *OFFICER), (Need.DEPARTMENTS, Need.NOTE)),
    Rule(Action.RESOLVE,   (Node.HANDLE,),               Node.CLOSE,    HANDLER, (Need.NOTE,), usual=True),
    Rule(Action.RESOLVE,   (Node.HANDLE,),               None,          (Who.ASSISTING_DEPARTMENT,), (Need.NOTE,), (Given.ANSWER_OWED,), while_suspended=True, quiet=True, usual=True),
    Rule(Action.REQUEST_EXTENSION, (Node.HANDLE,),       None,          HANDLER, (Need.NOTE,), (*MAY_ASK, Given.EXTENSION_LEFT)),
    Rule(Action.DECIDE_EXTENSION,  (Node.HANDLE,),       None,          (*OFFICER, Who.SUPERIOR), (Need.PASSED,), (Given.FIRST_DECISION_ON_EXTENSION, Given.NOT_MY_OWN)),
    Rule(Action.DECIDE_EXTENSION,  (Node.HANDLE,),       None,          (Who.SUPERIOR, Who.COUNTY_OFFICER), (Need.PASSED,), (Given.SECOND_DECISION_ON_EXTENSION, Given.NOT_MY_OWN), clocks=Clocks.EXTEND),
    Rule(Action.SUSPEND,   BEFORE_CLOSE,                 None,          COMMAND, (Need.NOTE, Need.UNTIL), (*MAY_ASK, Given.SUSPENSION_LEFT), clocks=Clocks.STOP),
    Rule(Action.RESUME,    BEFORE_CLOSE,                 None,          COMMAND, (), (Given.SUSPENDED,), clocks=Clocks.GO_ON, while_suspended=True, usual=True),
    Rule(Action.VERIFY,    (Node.CLOSE,),                Node.CLOSED,   (Who.WORKER_ON_SITE,), (Need.PASSED, Need.PLACE), usual=True, final=True),
    Rule(Action.CLOSE,     (Node.CLOSE,),                Node.CLOSED,   OFFICER, (Need.NOTE,), final=True),
    Rule(Action.REOPEN,    ENDED,                        Node.CLAIM,    AT_THE_DESK, (Need.NOTE,), clocks=Clocks.ANEW),
    Rule(Action.SUPERVISE, OPEN_NODES,                   None,          SUPERVISOR, (Need.NOTE, Need.COLOUR), while_suspended=True),
    Rule(Action.REMIND,    OPEN_NODES,                   None,          WHO_WAITS, while_suspended=True, quiet=True),
    Rule(Action.RATE,      (Node.CLOSED,),               None,          (Who.CONCERNED,), (Need.SCORE,), (Given.RATING_OPEN, Given.NOT_RATED)),
    Rule(Action.CALLBACK,  (Node.CLOSED,),               None,          (Who.HOTLINE_OPERATOR, Who.COUNTY_OFFICER), (Need.REACHED,)),
    Rule(Action.FOLLOW_UP, ENDED,                        None,          AT_THE_DESK, (Need.PASSED, Need.NOTE), (Given.FOLLOW_UP_OPEN,)),
    Rule(Action.APPEAL,    (Node.CLOSED,),               None,          (*HANDLER, *OFFICER), (Need.NOTE,), (Given.NOTHING_ASKED, Given.WAS_LATE, Given.NOT_APPEALED)),
    Rule(Action.DECIDE_APPEAL,     (Node.CLOSED,),       None,          (Who.COUNTY_OFFICER, Who.LEADER), (Need.PASSED, Need.NOTE), (Given.FIRST_DECISION_ON_APPEAL, Given.NOT_MY_OWN)),
    Rule(Action.DECIDE_APPEAL,     (Node.CLOSED,),       None,          (Who.COUNTY_OFFICER, Who.LEADER), (Need.PASSED, Need.NOTE), (Given.SECOND_DECISION_ON_APPEAL, Given.NOT_MY_OWN)),
    Rule(Action.RELOCATE,  (Node.INTAKE,),               None,          (*OFFICER, Who.HOTLINE_OPERATOR), (Need.GRID,), while_suspended=True),
    Rule(Action.RELOCATE,  AFTER_INTAKE,                 None,          OFFICER, (Need.GRID,), while_suspended=True),
    Rule(Action.RELOCATE,  OPEN_NODES,                   None,          (Who.REPORTING_WORKER,), (Need.GRID,), while_suspended=True),
)
# fmt: on
REWORK = Node.HANDLE  # where a failed verification leads: the same department, all data kept
BY_ACTION: dict[Action, tuple[Rule, ...]] = {a: tuple(r for r in RULES if r.action is a) for a in Action}


def find_rule(action: Action, ticket: Standing, caller: Caller, now: datetime) -> Rule:
    """Find the line of the table under which the caller may take this action now.

    Raises: RoleNotAllowed, then WrongNode, then WrongTier, then another Conflict: the order of the contract.
    """
    mine = standings(ticket, caller)
    rules = BY_ACTION[action]
    here = [rule for rule in rules if ticket.node in rule.frm]
    by_role = [rule for rule in here or rules if mine.intersection(rule.by)]
    if not by_role:
        raise RoleNotAllowed(role=str(caller.role or "citizen"), action=str(action))
    if not here:
        raise WrongNode(node=str(ticket.node), action=str(action))
    by_tier = [rule for rule in by_role if ticket.tier in rule.at]
    if not by_tier:
        raise WrongTier(tier=str(ticket.tier), action=str(action))
    faults = []
    for rule in by_tier:
        fault = _fault(rule, ticket, caller, now)
        if fault is None:
            return rule
        faults.append(fault)
    # Of several lines, the one that came furthest says best what is in the way.
    raise max(faults, key=lambda fault: fault[0])[1]


def _fault(rule: Rule, ticket: Standing, caller: Caller, now: datetime) -> tuple[int, Conflict] | None:
    """Say what beyond node, tier and role is in the way of this line, and how much of it was met before."""
    if ticket.suspended and not rule.while_suspended:
        return 0, TicketSuspended(action=str(rule.action))
    for met, given in enumerate(rule.given):
        holds, reason = GIVENS[given]
        if not holds(ticket, caller, now):
            return met, reason(action=str(rule.action))
    if rule.needs_authority and not has_authority(ticket):
        return len(rule.given), NoAuthority(settling_tier=str(ticket.settling_tier))
    return None


def allowed(ticket: Standing, caller: Caller, now: datetime) -> list[Rule]:
    """List the rules the caller may use now, in the order of the table, the usual ones first; one for an action."""
    mine = standings(ticket, caller)
    rules: dict[Action, Rule] = {}
    for rule in RULES:
        fits = mine.intersection(rule.by) and ticket.node in rule.frm and ticket.tier in rule.at
        if fits and _fault(rule, ticket, caller, now) is None:
            rules.setdefault(rule.action, rule)
    return sorted(rules.values(), key=lambda rule: not rule.usual)


def after(rule: Rule, ticket: Standing, *, failed: bool = False) -> tuple[Node, Tier]:
    """Say at which node and tier the ticket stands after the rule was used. `failed`: a verification."""
    tier = TIERS[TIERS.index(ticket.tier) + {Move.STAY: 0, Move.UP: 1, Move.DOWN: -1}[rule.move]]
    if failed and rule.action is Action.VERIFY:
        return REWORK, tier
    return rule.to if rule.to is not None else ticket.node, tier


def names(rules: Iterable[Rule]) -> list[str]:
    """Name the actions of these rules, each once, in order."""
    return list(dict.fromkeys(str(rule.action) for rule in rules))
