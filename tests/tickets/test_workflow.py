"""The workflow's table, walked whole: what it allows is allowed, everything else is refused with the right reason."""

from dataclasses import replace
from datetime import timedelta
from functools import reduce
from itertools import product
from typing import Any

import pytest

from command_center.errors import (
    CommandCenterError,
    NoAuthority,
    OwnRequest,
    RoleNotAllowed,
    TicketSuspended,
    WrongNode,
    WrongTier,
)
from command_center.people.models import Role
from command_center.tickets.standing import (
    GIVENS,
    OPEN_NODES,
    TIERS,
    Awaited,
    Caller,
    Given,
    Node,
    Standing,
    Tier,
    Who,
    climbs_when_late,
    standings,
)
from command_center.tickets.workflow import (
    RULES,
    Action,
    Clocks,
    Move,
    Rule,
    after,
    allowed,
    find_rule,
    names,
)
from tests.builders import NOW

VILLAGE, TOWN, COUNTY, GRID, BASE = "V", "T", "C", "G", "B"
ME, ASKER, REPORTER, FOLLOWER = 7, 70, 99, 98
# One caller for each standing; those of several standings (a county officer is also superior) keep them.
CALLERS = {
    Who.OFFICER_OF_THE_TIER: None,  # depends on the tier
    Who.SUPERIOR: Caller(11, Role.LEADER, COUNTY),
    Who.HOTLINE_OPERATOR: Caller(ME, Role.HOTLINE_OPERATOR, COUNTY),
    Who.DEPARTMENT_IN_CHARGE: Caller(ME, Role.DEPARTMENT_OFFICER, COUNTY, "power"),
    Who.ASSISTING_DEPARTMENT: Caller(ME, Role.DEPARTMENT_OFFICER, COUNTY, "police"),
    Who.OWN_HANDLER: Caller(ME, Role.GRID_WORKER, "another grid"),
    Who.WORKER_ON_SITE: Caller(8, Role.GRID_WORKER, GRID),
    Who.REPORTING_WORKER: Caller(REPORTER, Role.GRID_WORKER, "another grid"),
    Who.REPORTER: Caller(REPORTER, Role.HOTLINE_OPERATOR, "another county"),
    Who.CONCERNED: Caller(FOLLOWER, Role.GRID_WORKER, "another grid"),
    Who.LEADER: Caller(ME, Role.LEADER, COUNTY),
    Who.COUNTY_OFFICER: Caller(8, Role.COUNTY_OFFICER, COUNTY),
    Who.TOWN_OFFICER_OF_THE_TOWN: Caller(8, Role.TOWN_OFFICER, TOWN),
}
OFFICERS = {
    Tier.VILLAGE: Caller(8, Role.VILLAGE_OFFICER, VILLAGE),
    Tier.TOWN: Caller(8, Role.TOWN_OFFICER, TOWN),
    Tier.COUNTY: Caller(8, Role.COUNTY_OFFICER, COUNTY),
}
OUTSIDERS = (
    Caller(9, Role.ADMINISTRATOR, COUNTY),
    Caller(9, Role.VILLAGE_OFFICER, "another village"),
    Caller(9, Role.TOWN_OFFICER, "another town"),
    Caller(9, Role.DEPARTMENT_OFFICER, COUNTY, "water"),
    Caller(9, Role.GRID_WORKER, "another grid"),
    Caller(0, None, ""),
)
FLAT = {
    (rule.action, node, tier, who): rule
    for rule in reversed(RULES)
    for node, tier, who in product(rule.frm, rule.at, rule.by)
}
LINES = {
    action: [
        (rule, node, tier, who)
        for rule in RULES
        if rule.action is action
        for node, tier, who in product(rule.frm, rule.at, rule.by)
    ]
    for action in Action
}
# What makes each condition hold, and what makes it fail.
BEFORE, BEHIND = NOW + timedelta(days=1), NOW - timedelta(days=1)
MET: dict[Given, dict[str, Any]] = {
    Given.IN_TIME: {"due_at": BEFORE},
    Given.NOTHING_ASKED: {"awaits": None},
    Given.EXTENSION_LEFT: {"extensions": 1},
    Given.FIRST_DECISION_ON_EXTENSION: {"awaits": Awaited.EXTENSION_1},
    Given.SECOND_DECISION_ON_EXTENSION: {"awaits": Awaited.EXTENSION_2},
    Given.FIRST_DECISION_ON_APPEAL: {"awaits": Awaited.APPEAL_1},
    Given.SECOND_DECISION_ON_APPEAL: {"awaits": Awaited.APPEAL_2},
    Given.NOT_MY_OWN: {"asked_by_id": ASKER, "decided_by_ids": frozenset({ASKER + 1})},
    Given.SUSPENSION_LEFT: {"suspensions": 0},
    Given.SUSPENDED: {"suspended": True},
    Given.DISPUTED: {"disputed": True},
    Given.ANSWER_OWED: {"owing": frozenset({"police"})},
    Given.WAS_LATE: {"due_at": BEHIND - timedelta(hours=1), "closed_at": BEHIND},
    Given.NOT_APPEALED: {"appealed": False},
    Given.RATING_OPEN: {"closed_at": NOW - timedelta(days=14)},
    Given.NOT_RATED: {"rated": False},
    Given.FOLLOW_UP_OPEN: {"follow_up": True},
}
UNMET: dict[Given, dict[str, Any]] = {
    Given.IN_TIME: {"due_at": NOW},
    Given.NOTHING_ASKED: {"awaits": Awaited.EXTENSION_1},
    Given.EXTENSION_LEFT: {"extensions": 2},
    Given.FIRST_DECISION_ON_EXTENSION: {"awaits": None},
    Given.SECOND_DECISION_ON_EXTENSION: {"awaits": None},
    Given.FIRST_DECISION_ON_APPEAL: {"awaits": None},
    Given.SECOND_DECISION_ON_APPEAL: {"awaits": None},
    Given.NOT_MY_OWN: {"decided_by_ids": frozenset({ME, 8, 11})},
    Given.SUSPENSION_LEFT: {"suspensions": 1},
    Given.SUSPENDED: {"suspended": False},
    Given.DISPUTED: {"disputed": False},
    Given.ANSWER_OWED: {"owing": frozenset({"water"})},
    Given.WAS_LATE: {"due_at": BEHIND, "closed_at": BEHIND},
    Given.NOT_APPEALED: {"appealed": True},
    Given.RATING_OPEN: {"closed_at": NOW - timedelta(days=14, seconds=1)},
    Given.NOT_RATED: {"rated": True},
    Given.FOLLOW_UP_OPEN: {"follow_up": False},
}
# The others serve the whole county: there are no strangers among them.
STRANGERS = (
    Role.GRID_WORKER,
    Role.VILLAGE_OFFICER,
    Role.TOWN_OFFICER,
    Role.DEPARTMENT_OFFICER,
    Role.ADMINISTRATOR,
)
SITUATIONS: list[dict[str, Any]] = [{}, {"suspended": True, "suspensions": 1}, *MET.values(), *UNMET.values()]


def a_standing(
    node: Node, tier: Tier, who: Who | None = None, settling: Tier = Tier.VILLAGE, **changes: Any
) -> Standing:
    """A ticket; in an own user's hands when the caller is that user, else in the power company's."""
    own = who is Who.OWN_HANDLER
    plain = Standing(
        node=node,
        tier=tier,
        settling_tier=settling,
        village_code=VILLAGE,
        town_code=TOWN,
        county_code=COUNTY,
        worker_grids=frozenset({GRID, BASE}),
        department_code=None if own else "power",
        handler_id=ME if own else None,
        reported_by_id=REPORTER,
        followers=frozenset({FOLLOWER}),
        assisting=frozenset({"police"}),
    )
    return replace(plain, **changes)


def where_it_holds(rule: Rule, node: Node, tier: Tier, who: Who) -> Standing:
    """A ticket on which nothing is in the way of this line of the table."""
    changes: dict[str, Any] = reduce(lambda all_, given: all_ | MET[given], rule.given, {})
    return a_standing(node, tier, who, **changes)


def a_caller(who: Who, tier: Tier) -> Caller:
    return CALLERS[who] or OFFICERS[tier]


def refusals(action: Action, ticket: Standing, caller: Caller) -> set[type[CommandCenterError]]:
    """Read off the table with which reasons an action may be refused; none: it is allowed.

    403 before 409, role before node before tier before what else must be given.
    """
    mine = standings(ticket, caller)
    of_action = LINES[action]
    here = [line for line in of_action if line[1] is ticket.node]
    if not any(line[3] in mine for line in here or of_action):
        return {RoleNotAllowed}
    if not here:
        return {WrongNode}
    fitting = [line[0] for line in here if line[2] is ticket.tier and line[3] in mine]
    if not fitting:
        return {WrongTier}
    reasons: set[type[CommandCenterError]] = set()
    for rule in fitting:
        wrong = [GIVENS[given][1] for given in rule.given if not GIVENS[given][0](ticket, caller, NOW)]
        if ticket.suspended and not rule.while_suspended:
            reasons.add(TicketSuspended)
        elif wrong:
            reasons.add(wrong[0])
        elif rule.needs_authority and TIERS.index(ticket.tier) < TIERS.index(ticket.settling_tier):
            reasons.add(NoAuthority)
        else:
            return set()
    return reasons


@pytest.mark.parametrize("action", Action)
def test_every_node_and_tier_and_person_and_situation_is_allowed_or_refused_as_the_table_says(action: Action) -> None:
    for node, tier, who, situation in product(Node, TIERS, Who, SITUATIONS):
        ticket, caller = a_standing(node, tier, who, settling=Tier.TOWN, **situation), a_caller(who, tier)
        reasons = refusals(action, ticket, caller)
        if not reasons:
            assert find_rule(action, ticket, caller, NOW).action is action, (node, tier, who, situation)
        else:
            with pytest.raises(CommandCenterError) as refused:
                find_rule(action, ticket, caller, NOW)
            assert type(refused.value) in reasons, (node, tier, who, situation)


@pytest.mark.parametrize("role", [*STRANGERS, None], ids=str)
def test_a_stranger_is_refused_by_role_whatever_the_action_and_wherever_the_ticket_stands(role: Role | None) -> None:
    stranger = Caller(9, role, "elsewhere", "water" if role is Role.DEPARTMENT_OFFICER else None)
    for action, node, tier, situation in product(Action, Node, TIERS, SITUATIONS[::3]):
        with pytest.raises(RoleNotAllowed):
            find_rule(action, a_standing(node, tier, **situation), stranger, NOW)


@pytest.mark.parametrize("key", list(FLAT), ids=lambda key: "-".join(map(str, key)))
def test_a_line_of_the_table_leads_where_it_says(key: tuple[Action, Node, Tier, Who]) -> None:
    action, node, tier, who = key
    for rule in (rule for rule in RULES if rule.action is action and node in rule.frm and who in rule.by):
        if tier not in rule.at:
            continue
        ticket = where_it_holds(rule, node, tier, who)
        found = find_rule(action, ticket, a_caller(who, tier), NOW)
        to, above = after(found, ticket)
        assert to == (found.to or node)
        assert TIERS.index(above) - TIERS.index(tier) == {Move.UP: 1, Move.STAY: 0, Move.DOWN: -1}[found.move]


@pytest.mark.parametrize(
    ("rule", "given"),
    [(rule, given) for rule in RULES for given in rule.given],
    ids=lambda part: str(getattr(part, "action", part)),
)
def test_each_condition_that_alone_is_not_met_refuses_with_its_own_reason(rule: Rule, given: Given) -> None:
    other_lines = [other for other in RULES if other.action is rule.action and other is not rule]
    for node, tier, who in product(rule.frm, rule.at, rule.by):
        caller = a_caller(who, tier)
        met = where_it_holds(rule, node, tier, who)
        ticket = replace(met, **UNMET[given])
        mine = standings(ticket, caller)
        if any(mine.intersection(other.by) and node in other.frm for other in other_lines):
            continue  # another line may let the caller through, or tell another reason
        with pytest.raises(GIVENS[given][1]) as refused:
            find_rule(rule.action, ticket, caller, NOW)
        assert type(refused.value) is GIVENS[given][1]


def test_every_condition_is_used_by_the_table_and_has_an_error_of_its_own() -> None:
    used = {given for rule in RULES for given in rule.given}
    assert used == set(Given) == set(GIVENS)
    assert {rule.action for rule in RULES} == set(Action)
    assert {rule.clocks for rule in RULES} == set(Clocks)


@pytest.mark.parametrize("caller", OUTSIDERS, ids=lambda caller: f"{caller.role}")
def test_who_has_no_standing_may_do_nothing(caller: Caller) -> None:
    for action, node, tier in product(Action, Node, TIERS):
        with pytest.raises(RoleNotAllowed):
            find_rule(action, a_standing(node, tier), caller, NOW)


def test_the_buttons_are_exactly_what_the_table_lets_the_caller_do() -> None:
    for node, tier, who, situation in product(Node, TIERS, Who, SITUATIONS[::2]):
        ticket, caller = a_standing(node, tier, who, Tier.TOWN, **situation), a_caller(who, tier)
        accepted = set()
        for action in Action:
            try:
                find_rule(action, ticket, caller, NOW)
            except CommandCenterError as refused:
                assert refused.status in (403, 409)
                continue
            accepted.add(str(action))
        assert set(names(allowed(ticket, caller, NOW))) == accepted, (node, tier, who, situation)


@pytest.mark.parametrize(("tier", "settling"), list(product(TIERS, TIERS)))
def test_only_a_tier_with_authority_dispatches(tier: Tier, settling: Tier) -> None:
    ticket = a_standing(Node.DISPATCH, tier, settling=settling)
    if TIERS.index(tier) >= TIERS.index(settling):
        assert find_rule(Action.DISPATCH, ticket, OFFICERS[tier], NOW).to is Node.HANDLE
    else:
        with pytest.raises(NoAuthority):
            find_rule(Action.DISPATCH, ticket, OFFICERS[tier], NOW)


def test_the_order_of_refusals_is_role_then_node_then_tier_then_the_rest() -> None:
    outsider, county = OUTSIDERS[0], OFFICERS[Tier.COUNTY]
    with pytest.raises(RoleNotAllowed):
        find_rule(Action.ESCALATE, a_standing(Node.INTAKE, Tier.COUNTY), outsider, NOW)
    with pytest.raises(WrongNode):
        find_rule(Action.ESCALATE, a_standing(Node.INTAKE, Tier.COUNTY), county, NOW)
    with pytest.raises(WrongTier):
        find_rule(Action.ESCALATE, a_standing(Node.CLAIM, Tier.COUNTY, suspended=True), county, NOW)
    town = OFFICERS[Tier.TOWN]
    with pytest.raises(TicketSuspended):
        find_rule(Action.DISPATCH, a_standing(Node.DISPATCH, Tier.TOWN, None, Tier.COUNTY, suspended=True), town, NOW)


def test_a_citizen_with_the_link_may_rate_and_remind_and_nothing_else() -> None:
    citizen = Caller(0, None, "", holds_link=True)
    closed = a_standing(Node.CLOSED, Tier.TOWN, closed_at=NOW)
    assert names(allowed(closed, citizen, NOW)) == ["rate"]
    assert names(allowed(a_standing(Node.HANDLE, Tier.TOWN), citizen, NOW)) == ["remind"]


def test_who_took_a_report_in_for_a_citizen_does_not_rate_it() -> None:
    closed = a_standing(Node.CLOSED, Tier.TOWN, closed_at=NOW)
    worker = Caller(REPORTER, Role.GRID_WORKER, "another grid")
    assert names(allowed(closed, worker, NOW)) == ["rate"]
    assert names(allowed(replace(closed, for_a_citizen=True), worker, NOW)) == []


# The contract's main line, written out by hand: role, node, tier, action, and what comes of it.
MAIN_LINE = [
    (Role.VILLAGE_OFFICER, Node.INTAKE, Tier.VILLAGE, "accept", Node.CLAIM),
    (Role.HOTLINE_OPERATOR, Node.INTAKE, Tier.VILLAGE, "accept", Node.CLAIM),
    (Role.HOTLINE_OPERATOR, Node.INTAKE, Tier.VILLAGE, "reject", Node.REJECTED),
    (Role.VILLAGE_OFFICER, Node.CLAIM, Tier.VILLAGE, "claim", Node.DISPATCH),
    (Role.VILLAGE_OFFICER, Node.CLAIM, Tier.VILLAGE, "accept", WrongNode),
    (Role.VILLAGE_OFFICER, Node.CLAIM, Tier.VILLAGE, "dispatch", WrongNode),
    (Role.VILLAGE_OFFICER, Node.INTAKE, Tier.VILLAGE, "claim", WrongNode),
    (Role.VILLAGE_OFFICER, Node.INTAKE, Tier.VILLAGE, "dispatch", WrongNode),
    (Role.VILLAGE_OFFICER, Node.INTAKE, Tier.VILLAGE, "escalate", WrongNode),
    (Role.VILLAGE_OFFICER, Node.CLOSE, Tier.VILLAGE, "escalate", WrongNode),
    (Role.VILLAGE_OFFICER, Node.DISPATCH, Tier.VILLAGE, "escalate", Node.CLAIM),
    (Role.VILLAGE_OFFICER, Node.HANDLE, Tier.VILLAGE, "escalate", Node.CLAIM),
    (Role.COUNTY_OFFICER, Node.DISPATCH, Tier.COUNTY, "escalate", WrongTier),
    (Role.TOWN_OFFICER, Node.DISPATCH, Tier.VILLAGE, "dispatch", RoleNotAllowed),
    (Role.COUNTY_OFFICER, Node.DISPATCH, Tier.COUNTY, "dispatch", Node.HANDLE),
    (Role.TOWN_OFFICER, Node.DISPATCH, Tier.TOWN, "dispatch", NoAuthority),
    (Role.DEPARTMENT_OFFICER, Node.HANDLE, Tier.COUNTY, "start", Node.HANDLE),
    (Role.DEPARTMENT_OFFICER, Node.HANDLE, Tier.COUNTY, "return", Node.DISPATCH),
    (Role.DEPARTMENT_OFFICER, Node.HANDLE, Tier.COUNTY, "resolve", Node.CLOSE),
    (Role.DEPARTMENT_OFFICER, Node.CLOSE, Tier.COUNTY, "resolve", WrongNode),
    (Role.COUNTY_OFFICER, Node.HANDLE, Tier.COUNTY, "return", RoleNotAllowed),
    (Role.COUNTY_OFFICER, Node.CLAIM, Tier.COUNTY, "return", Node.CLAIM),
    (Role.TOWN_OFFICER, Node.DISPATCH, Tier.TOWN, "return", Node.CLAIM),
    (Role.VILLAGE_OFFICER, Node.CLAIM, Tier.VILLAGE, "return", WrongTier),
    (Role.GRID_WORKER, Node.CLOSE, Tier.COUNTY, "verify", Node.CLOSED),
    (Role.GRID_WORKER, Node.HANDLE, Tier.COUNTY, "verify", WrongNode),
    (Role.GRID_WORKER, Node.CLAIM, Tier.VILLAGE, "claim", RoleNotAllowed),
    (Role.COUNTY_OFFICER, Node.CLOSE, Tier.COUNTY, "close", Node.CLOSED),
    (Role.TOWN_OFFICER, Node.CLOSE, Tier.COUNTY, "close", RoleNotAllowed),
    (Role.LEADER, Node.INTAKE, Tier.VILLAGE, "supervise", Node.INTAKE),
    (Role.LEADER, Node.CLOSE, Tier.COUNTY, "supervise", Node.CLOSE),
    (Role.TOWN_OFFICER, Node.HANDLE, Tier.VILLAGE, "supervise", Node.HANDLE),
    (Role.LEADER, Node.CLOSED, Tier.COUNTY, "supervise", WrongNode),
    (Role.VILLAGE_OFFICER, Node.HANDLE, Tier.VILLAGE, "supervise", RoleNotAllowed),
]
PEOPLE = {
    Role.VILLAGE_OFFICER: OFFICERS[Tier.VILLAGE],
    Role.TOWN_OFFICER: OFFICERS[Tier.TOWN],
    Role.COUNTY_OFFICER: OFFICERS[Tier.COUNTY],
    Role.HOTLINE_OPERATOR: Caller(8, Role.HOTLINE_OPERATOR, COUNTY),
    Role.DEPARTMENT_OFFICER: Caller(8, Role.DEPARTMENT_OFFICER, COUNTY, "power"),
    Role.GRID_WORKER: Caller(8, Role.GRID_WORKER, GRID),
    Role.LEADER: Caller(8, Role.LEADER, COUNTY),
}


@pytest.mark.parametrize(("role", "node", "tier", "action", "comes"), MAIN_LINE)
def test_the_contracts_main_line_holds_row_by_row(
    role: Role, node: Node, tier: Tier, action: str, comes: Node | type[CommandCenterError]
) -> None:
    ticket, caller = a_standing(node, tier, settling=Tier.COUNTY), PEOPLE[role]
    if isinstance(comes, Node):
        assert after(find_rule(Action(action), ticket, caller, NOW), ticket)[0] is comes
    else:
        with pytest.raises(comes) as refused:
            find_rule(Action(action), ticket, caller, NOW)
        assert type(refused.value) is comes


def test_who_reported_what_was_merged_into_a_ticket_may_rate_it() -> None:
    closed = a_standing(Node.CLOSED, Tier.TOWN, closed_at=NOW)
    assert names(allowed(closed, Caller(FOLLOWER, Role.GRID_WORKER, "another grid"), NOW)) == ["rate"]


def test_nobody_decides_twice_or_on_their_own_request() -> None:
    leader = Caller(11, Role.LEADER, COUNTY)
    for facts in ({"asked_by_id": 11}, {"decided_by_ids": frozenset({11})}):
        asked = a_standing(Node.HANDLE, Tier.TOWN, awaits=Awaited.EXTENSION_2, **facts)
        with pytest.raises(OwnRequest):
            find_rule(Action.DECIDE_EXTENSION, asked, leader, NOW)


def test_the_officer_of_the_tier_decides_first_and_only_a_superior_decides_second() -> None:
    town = OFFICERS[Tier.TOWN]
    first = a_standing(Node.HANDLE, Tier.TOWN, awaits=Awaited.EXTENSION_1, asked_by_id=ASKER)
    second = replace(first, awaits=Awaited.EXTENSION_2)
    assert find_rule(Action.DECIDE_EXTENSION, first, town, NOW).clocks is Clocks.KEEP
    assert "decide_extension" not in names(allowed(second, town, NOW))
    assert find_rule(Action.DECIDE_EXTENSION, second, OFFICERS[Tier.COUNTY], NOW).clocks is Clocks.EXTEND
    assert "decide_extension" not in names(allowed(first, OFFICERS[Tier.VILLAGE], NOW))


def test_the_county_decides_on_disputed_matters_at_any_tier() -> None:
    disputed = a_standing(Node.DISPATCH, Tier.VILLAGE, settling=Tier.COUNTY, disputed=True)
    assert find_rule(Action.DISPATCH, disputed, OFFICERS[Tier.COUNTY], NOW).to is Node.HANDLE
    with pytest.raises(NoAuthority):
        find_rule(Action.DISPATCH, disputed, OFFICERS[Tier.VILLAGE], NOW)


def test_the_usual_action_comes_first() -> None:
    assert names(allowed(a_standing(Node.DISPATCH, Tier.TOWN), OFFICERS[Tier.TOWN], NOW))[0] == "dispatch"
    assert names(allowed(a_standing(Node.CLAIM, Tier.TOWN), OFFICERS[Tier.TOWN], NOW))[0] == "claim"


def test_out_of_a_terminal_node_leads_only_reopening() -> None:
    terminal = set(Node) - set(OPEN_NODES)
    assert terminal == {Node.CLOSED, Node.REJECTED, Node.MERGED}
    out = [rule.action for rule in RULES if terminal.intersection(rule.frm) and rule.to is not None]
    assert out == [Action.REOPEN]


def test_the_main_line_is_the_one_of_the_contract() -> None:
    usual = [rule for rule in RULES if rule.usual and rule.to is not None and not rule.given]
    assert [(rule.frm[0], rule.to) for rule in usual] == [
        (Node.INTAKE, Node.CLAIM),
        (Node.CLAIM, Node.DISPATCH),
        (Node.DISPATCH, Node.HANDLE),
        (Node.HANDLE, Node.CLOSE),
        (Node.CLOSE, Node.CLOSED),
    ]


@pytest.mark.parametrize("grid", [GRID, BASE])
def test_the_workers_of_the_grid_and_of_the_one_under_it_may_verify(grid: str) -> None:
    worker = Caller(5, Role.GRID_WORKER, grid)
    assert find_rule(Action.VERIFY, a_standing(Node.CLOSE, Tier.VILLAGE), worker, NOW).to is Node.CLOSED


def test_the_worker_who_reported_may_verify_from_another_grid() -> None:
    worker = Caller(99, Role.GRID_WORKER, "another grid")
    assert find_rule(Action.VERIFY, a_standing(Node.CLOSE, Tier.VILLAGE), worker, NOW).to is Node.CLOSED


def test_an_officer_who_reported_may_not_verify() -> None:
    with pytest.raises(RoleNotAllowed):
        find_rule(Action.VERIFY, a_standing(Node.CLOSE, Tier.TOWN), Caller(99, Role.VILLAGE_OFFICER, VILLAGE), NOW)


def test_a_failed_verification_leads_back_to_handling_at_the_same_tier() -> None:
    ticket = a_standing(Node.CLOSE, Tier.TOWN)
    rule = find_rule(Action.VERIFY, ticket, CALLERS[Who.WORKER_ON_SITE] or OFFICERS[Tier.TOWN], NOW)
    assert after(rule, ticket, failed=True) == (Node.HANDLE, Tier.TOWN)


@pytest.mark.parametrize("node", OPEN_NODES)
@pytest.mark.parametrize("tier", TIERS)
def test_a_late_tier_climbs_below_the_county_while_the_matter_is_in_its_own_hands(node: Node, tier: Tier) -> None:
    own_hands = node in (Node.INTAKE, Node.CLAIM, Node.DISPATCH)
    assert climbs_when_late(a_standing(node, tier)) == (own_hands and tier is not Tier.COUNTY)
    self_handled = a_standing(node, tier, Who.OWN_HANDLER)
    assert climbs_when_late(self_handled) == (node is not Node.CLOSE and tier is not Tier.COUNTY)
