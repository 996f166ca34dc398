"""The workflow's table, walked whole: what it allows is allowed, everything else is refused with the right reason."""

from itertools import product

import pytest

from command_center.errors import CommandCenterError, NoAuthority, RoleNotAllowed, WrongNode, WrongTier
from command_center.people.models import Role
from command_center.tickets.workflow import (
    OPEN_NODES,
    RULES,
    TIERS,
    Action,
    Caller,
    Move,
    Node,
    Standing,
    Tier,
    Who,
    after,
    allowed,
    climbs_when_late,
    find_rule,
    names,
    standings,
)

VILLAGE, TOWN, COUNTY, GRID, BASE = "V", "T", "C", "G", "B"
ME = 7
# One caller for each standing, who has no other standing at any tier but those named in OVERLAPPING.
CALLERS = {
    Who.OFFICER_OF_THE_TIER: None,  # depends on the tier
    Who.HOTLINE_OPERATOR: Caller(ME, Role.HOTLINE_OPERATOR, COUNTY),
    Who.DEPARTMENT_IN_CHARGE: Caller(ME, Role.DEPARTMENT_OFFICER, COUNTY, "power"),
    Who.OWN_HANDLER: Caller(ME, Role.GRID_WORKER, "another grid"),
    Who.WORKER_ON_SITE: Caller(8, Role.GRID_WORKER, GRID),
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
)
FLAT = {
    (rule.action, node, tier, who): rule for rule in RULES for node, tier, who in product(rule.frm, rule.at, rule.by)
}


def a_standing(node: Node, tier: Tier, who: Who | None = None, settling: Tier = Tier.VILLAGE) -> Standing:
    """A ticket; in an own user's hands when the caller is that user, else in the power company's."""
    own = who is Who.OWN_HANDLER
    return Standing(
        node=node,
        tier=tier,
        settling_tier=settling,
        village_code=VILLAGE,
        town_code=TOWN,
        county_code=COUNTY,
        worker_grids=frozenset({GRID, BASE}),
        department_code=None if own else "power",
        handler_id=ME if own else None,
        reported_by_id=99,
    )


def a_caller(who: Who, tier: Tier) -> Caller:
    return CALLERS[who] or OFFICERS[tier]


def expected(action: Action, node: Node, tier: Tier, mine: frozenset[Who]) -> type[CommandCenterError] | None:
    """Read off the table what must happen: 403 before 409, role before node before tier."""
    of_action = [key for key in FLAT if key[0] is action]
    here = [key for key in of_action if key[1] is node]
    if not any(key[3] in mine for key in here or of_action):
        return RoleNotAllowed
    if not here:
        return WrongNode
    if not any(key[2] is tier and key[3] in mine for key in here):
        return WrongTier
    return None


@pytest.mark.parametrize("action", Action)
def test_every_pair_of_node_and_tier_and_person_is_allowed_or_refused_as_the_table_says(action: Action) -> None:
    for node, tier, who in product(Node, TIERS, Who):
        ticket, caller = a_standing(node, tier, who), a_caller(who, tier)
        wrong = expected(action, node, tier, standings(ticket, caller))
        if wrong is None:
            assert action is find_rule(action, ticket, caller).action, (node, tier, who)
        else:
            with pytest.raises(wrong) as refused:
                find_rule(action, ticket, caller)
            assert type(refused.value) is wrong, (node, tier, who)


@pytest.mark.parametrize("key", list(FLAT), ids=lambda key: "-".join(map(str, key)))
def test_a_line_of_the_table_leads_where_it_says(key: tuple[Action, Node, Tier, Who]) -> None:
    action, node, tier, who = key
    ticket = a_standing(node, tier, who)
    rule = find_rule(action, ticket, a_caller(who, tier))
    to, above = after(rule, ticket)
    assert to == (FLAT[key].to or node)
    assert TIERS.index(above) - TIERS.index(tier) == {Move.UP: 1, Move.STAY: 0, Move.DOWN: -1}[FLAT[key].move]


@pytest.mark.parametrize("caller", OUTSIDERS, ids=lambda caller: f"{caller.role}")
def test_who_has_no_standing_may_do_nothing(caller: Caller) -> None:
    for action, node, tier in product(Action, Node, TIERS):
        with pytest.raises(RoleNotAllowed):
            find_rule(action, a_standing(node, tier), caller)


def test_the_buttons_are_exactly_what_the_table_lets_the_caller_do() -> None:
    for node, tier, who, settling in product(Node, TIERS, Who, TIERS):
        ticket, caller = a_standing(node, tier, who, settling), a_caller(who, tier)
        accepted = set()
        for action in Action:
            try:
                find_rule(action, ticket, caller)
            except (RoleNotAllowed, WrongNode, WrongTier, NoAuthority):
                continue
            accepted.add(str(action))
        assert set(names(allowed(ticket, caller))) == accepted, (node, tier, who, settling)


@pytest.mark.parametrize(("tier", "settling"), list(product(TIERS, TIERS)))
def test_only_a_tier_with_authority_dispatches(tier: Tier, settling: Tier) -> None:
    ticket = a_standing(Node.DISPATCH, tier, settling=settling)
    if TIERS.index(tier) >= TIERS.index(settling):
        assert find_rule(Action.DISPATCH, ticket, OFFICERS[tier]).to is Node.HANDLE
    else:
        with pytest.raises(NoAuthority):
            find_rule(Action.DISPATCH, ticket, OFFICERS[tier])


def test_the_order_of_refusals_is_role_then_node_then_tier_then_authority() -> None:
    outsider, county = OUTSIDERS[0], OFFICERS[Tier.COUNTY]
    with pytest.raises(RoleNotAllowed):
        find_rule(Action.ESCALATE, a_standing(Node.INTAKE, Tier.COUNTY), outsider)
    with pytest.raises(WrongNode):
        find_rule(Action.ESCALATE, a_standing(Node.INTAKE, Tier.COUNTY), county)
    with pytest.raises(WrongTier):
        find_rule(Action.ESCALATE, a_standing(Node.CLAIM, Tier.COUNTY), county)


def test_the_usual_action_comes_first() -> None:
    assert names(allowed(a_standing(Node.DISPATCH, Tier.TOWN), OFFICERS[Tier.TOWN]))[0] == "dispatch"
    assert names(allowed(a_standing(Node.CLAIM, Tier.TOWN), OFFICERS[Tier.TOWN]))[0] == "claim"


def test_nothing_leads_out_of_a_terminal_node() -> None:
    terminal = set(Node) - set(OPEN_NODES)
    assert terminal == {Node.CLOSED, Node.REJECTED, Node.MERGED}
    assert not [rule for rule in RULES if terminal.intersection(rule.frm)]


def test_the_main_line_is_the_one_of_the_contract() -> None:
    usual = [rule for rule in RULES if rule.usual]
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
    assert find_rule(Action.VERIFY, a_standing(Node.CLOSE, Tier.VILLAGE), worker).to is Node.CLOSED


def test_the_worker_who_reported_may_verify_from_another_grid() -> None:
    worker = Caller(99, Role.GRID_WORKER, "another grid")
    assert find_rule(Action.VERIFY, a_standing(Node.CLOSE, Tier.VILLAGE), worker).to is Node.CLOSED


def test_an_officer_who_reported_may_not_verify() -> None:
    with pytest.raises(RoleNotAllowed):
        find_rule(Action.VERIFY, a_standing(Node.CLOSE, Tier.TOWN), Caller(99, Role.VILLAGE_OFFICER, VILLAGE))


def test_a_failed_verification_leads_back_to_handling_at_the_same_tier() -> None:
    ticket = a_standing(Node.CLOSE, Tier.TOWN)
    rule = find_rule(Action.VERIFY, ticket, CALLERS[Who.WORKER_ON_SITE] or OFFICERS[Tier.TOWN])
    assert after(rule, ticket, failed=True) == (Node.HANDLE, Tier.TOWN)


@pytest.mark.parametrize("node", OPEN_NODES)
@pytest.mark.parametrize("tier", TIERS)
def test_a_late_tier_climbs_below_the_county_while_the_matter_is_in_its_own_hands(node: Node, tier: Tier) -> None:
    own_hands = node in (Node.INTAKE, Node.CLAIM, Node.DISPATCH)
    assert climbs_when_late(a_standing(node, tier)) == (own_hands and tier is not Tier.COUNTY)
    self_handled = a_standing(node, tier, Who.OWN_HANDLER)
    assert climbs_when_late(self_handled) == (node is not Node.CLOSE and tier is not Tier.COUNTY)
