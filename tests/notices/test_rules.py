"""The table of who is told what, line by line: without a database."""

from typing import Any

import pytest

from command_center.events.models import TicketEvent
from command_center.notices.rules import BY_SMS, RULES, TO_ACKNOWLEDGE, Address, Kind, Whom, addresses, lines
from tests.builders import COUNTY, TOWN, VILLAGE
from tests.notices.inboxes import an_event, department, tier

VILLAGES, TOWNS, COUNTYS = ("village_officer", VILLAGE), ("town_officer", TOWN), ("county_officer", COUNTY)
LEADER, HOTLINE = ("leader", COUNTY), ("hotline_operator", COUNTY)
POWER = ("department", "power")
AT_POWER: dict[str, Any] = {"from_holder": department("power"), "to_holder": department("power"), "to_tier": "county"}
NOBODY = {"kind": "none", "code": None, "name": None}
GRID = f"{VILLAGE}1001"
ON_SITE = {"kind": "workers", "code": GRID, "name": GRID}


def told(event: TicketEvent) -> dict[Kind, list[Address | Whom]]:
    """Whom each line of the table names: where the event says it, the address, else the standing."""
    found: dict[Kind, list[Address | Whom]] = {}
    for rule in lines(event):
        for whom in rule.to:
            found.setdefault(rule.kind, []).extend(addresses(whom, event) or [whom])
    return found


BY_ZONE: list[Address | Whom] = [TOWNS, LEADER, ("department", "fire"), ("username", "ranger")]


def zone_met(*, urgent: bool) -> dict[str, Any]:
    """What an event says of the rule zone its matter lies in."""
    named = (("role", "town_officer"), ("role", "leader"), ("department", "fire"), ("user", "ranger"))
    recipients = [{"kind": kind, "code": code} for kind, code in named]
    return {"zone_rules": [{"zone": "Z0001", "effects": {"urgent": urgent, "recipients": recipients}}]}


CASES: list[tuple[str, TicketEvent, dict[Kind, list[Address | Whom]]]] = [
    ("a new report", an_event("report", by=1, from_node=None, from_holder=None), {Kind.REPORT: [VILLAGES]}),
    ("taken in: the same hands", an_event("accept", by=1), {}),
    ("claimed: the same hands", an_event("claim", by=1), {}),
    ("dispatched", an_event("dispatch", by=1, to_holder=department("power")), {Kind.HANDS: [POWER]}),
    (
        "handled by an own user",
        an_event("dispatch", by=1, to_holder={"kind": "user", "code": "grid", "name": "x"}),
        {Kind.HANDS: [("username", "grid")]},
    ),
    ("passed up by hand", an_event("escalate", by=1, to_holder=tier(TOWN)), {Kind.HANDS: [TOWNS]}),
    (
        "passed up by the clock",
        an_event("escalate", to_holder=tier(TOWN)),
        {Kind.ESCALATED: [TOWNS], Kind.MOVED_UP: [VILLAGES], Kind.HANDS: [TOWNS]},
    ),
    ("returned", an_event("return", by=1, from_holder=tier(TOWN)), {Kind.HANDS: [VILLAGES]}),
    (
        "returned a second time",
        an_event("return", by=1, from_holder=department("power"), to_holder=tier(TOWN), details={"disputed": True}),
        {Kind.DISPUTED: [COUNTYS], Kind.HANDS: [TOWNS]},
    ),
    (
        "to be looked at on site",
        an_event("resolve", by=1, from_holder=department("power"), to_holder=ON_SITE, to_node="close"),
        {Kind.VERIFY: [("grid_worker", GRID)], Kind.HANDS: [("grid_worker", GRID)]},
    ),
    (
        "a check on site failed",
        an_event("verify", by=1, from_holder=ON_SITE, to_holder=department("power"), to_node="handle"),
        {Kind.HANDS: [POWER]},
    ),
    (
        "an assistant answered",
        an_event("resolve", by=1, **AT_POWER, details={"assist": {"n": 1, "department": "water_supply"}}),
        {Kind.ANSWERED: [POWER]},
    ),
    ("supervised", an_event("supervise", by=1, **AT_POWER), {Kind.SUPERVISION: [POWER, TOWNS]}),
    ("urged", an_event("remind", by=1, **AT_POWER), {Kind.REMIND: [POWER]}),
    ("soon due", an_event("warn", **AT_POWER), {Kind.WARN: [POWER]}),
    ("overdue", an_event("overdue", **AT_POWER), {Kind.OVERDUE: [POWER, COUNTYS]}),
    ("in the bulletin", an_event("bulletin", **AT_POWER), {Kind.BULLETIN: [LEADER, COUNTYS]}),
    (
        "no report-back",
        an_event("report_missed", **AT_POWER, details={"supervision": {"by_username": "leader"}}),
        {Kind.MISSED: [("username", "leader"), POWER]},
    ),
    (
        "the lead went on without an answer",
        an_event("resolve", by=1, **AT_POWER, details={"overruled": [{"n": 1, "department": "housing"}]}),
        {Kind.CALLED_OFF: [("department", "housing")]},
    ),
    (
        "returned while others were asked for help",
        an_event("return", by=1, from_holder=department("power"), details={"withdrawn": [{"department": "housing"}]}),
        {Kind.CALLED_OFF: [("department", "housing")], Kind.HANDS: [VILLAGES]},
    ),
    (
        "more time asked by the tier's own officer",
        an_event("request_extension", by=1, to_tier="town", actor_role="town_officer"),
        {Kind.DECIDE: [TOWNS, COUNTYS]},
    ),
    (
        "an appeal of the county's own officer",
        an_event("appeal", by=1, to_node="closed", actor_role="county_officer"),
        {Kind.DECIDE: [COUNTYS, LEADER]},
    ),
    (
        "an assistant did not answer",
        an_event("answer_missed", **AT_POWER, details={"department": "water_supply"}),
        {Kind.MISSED: [POWER, ("department", "water_supply")]},
    ),
    (
        "help asked of one",
        an_event("assist", by=1, **AT_POWER, details={"assists": [{"n": 1, "department": "water_supply"}]}),
        {Kind.ASSIST: [("department", "water_supply")]},
    ),
    (
        "help asked of several",
        an_event(
            "assist", by=1, **AT_POWER, details={"assists": [{"department": "water_supply"}, {"department": "housing"}]}
        ),
        {Kind.ASSIST: [("department", "water_supply"), ("department", "housing")]},
    ),
    (
        "more time asked",
        an_event("request_extension", by=1, to_tier="town", actor_role="department_officer"),
        {Kind.DECIDE: [TOWNS]},
    ),
    (
        "more time: the first said yes",
        an_event("decide_extension", by=1, to_tier="town", details={"passed": True, "step": 1}),
        {Kind.DECIDE: [COUNTYS]},
    ),
    (
        "more time, at the county: the first said yes",
        an_event("decide_extension", by=1, to_tier="county", details={"passed": True, "step": 1, "granted": False}),
        {Kind.DECIDE: [LEADER]},
    ),
    (
        "more time granted",
        an_event("decide_extension", by=1, details={"passed": True, "step": 2, "granted": True}),
        {Kind.DECIDED: [Whom.ASKER]},
    ),
    (
        "more time refused",
        an_event("decide_extension", by=1, details={"passed": False, "step": 1}),
        {Kind.DECIDED: [Whom.ASKER]},
    ),
    ("an appeal", an_event("appeal", by=1, to_node="closed"), {Kind.DECIDE: [COUNTYS]}),
    (
        "an appeal: the first said yes",
        an_event("decide_appeal", by=1, details={"passed": True, "step": 1, "outcome": None}),
        {Kind.DECIDE: [LEADER]},
    ),
    (
        "an appeal approved",
        an_event("decide_appeal", by=1, details={"passed": True, "step": 2, "outcome": "approved"}),
        {Kind.DECIDED: [Whom.ASKER]},
    ),
    ("suspended", an_event("suspend", by=1, **AT_POWER), {}),
    ("running again", an_event("resume", **AT_POWER), {Kind.RESUMED: [POWER]}),
    (
        "closed on site",
        an_event("verify", by=1, from_holder=ON_SITE, to_holder=NOBODY, to_node="closed"),
        {Kind.CLOSED: [Whom.REPORTER, Whom.FOLLOWERS]},
    ),
    (
        "closed at the desk",
        an_event("close", by=1, from_holder=ON_SITE, to_holder=NOBODY, to_node="closed"),
        {Kind.CLOSED: [Whom.REPORTER, Whom.FOLLOWERS]},
    ),
    ("rejected", an_event("reject", by=1, to_holder=NOBODY), {Kind.REJECTED: [Whom.REPORTER, Whom.FOLLOWERS]}),
    ("merged", an_event("merge", by=1, to_holder=NOBODY, details={"into": "M"}), {Kind.MERGED: [Whom.REPORTER]}),
    ("taken up again", an_event("reopen", by=1, from_holder=NOBODY), {Kind.HANDS: [VILLAGES]}),
    ("a good score", an_event("rate", details={"score": 5, "satisfied": True}), {}),
    ("a bad score", an_event("rate", details={"score": 1, "satisfied": False}), {Kind.FOLLOW_UP: [VILLAGES, HOTLINE]}),
    ("a callback, satisfied", an_event("callback", by=1, details={"reached": True, "satisfied": True}), {}),
    ("a callback, nobody reached", an_event("callback", by=1, details={"reached": False, "satisfied": None}), {}),
    (
        "a callback, dissatisfied",
        an_event("callback", by=1, details={"reached": True, "satisfied": False}),
        {Kind.FOLLOW_UP: [VILLAGES, HOTLINE]},
    ),
    ("a follow-up is late", an_event("follow_up_overdue"), {Kind.FOLLOW_UP: [VILLAGES, HOTLINE]}),
    (
        "a report in a zone that makes it urgent",
        an_event("report", by=1, from_node=None, from_holder=None, details=zone_met(urgent=True)),
        {Kind.URGENT: [VILLAGES, *BY_ZONE], Kind.ZONE: BY_ZONE, Kind.REPORT: [VILLAGES]},
    ),
    (
        "corrected, and then it lies in a zone",
        an_event("claim", by=1, details=zone_met(urgent=False)),
        {Kind.ZONE: BY_ZONE},
    ),
    ("an action nobody knows yet", an_event("teleport", by=1), {}),
]


@pytest.mark.parametrize(("event", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_event_tells_those_it_concerns(event: TicketEvent, expected: dict[Kind, list[Address | Whom]]) -> None:
    assert told(event) == expected


def test_every_line_of_the_table_is_looked_at() -> None:
    met = {id(rule) for _, event, _ in CASES for rule in lines(event)}
    unmet = [rule for rule in RULES if id(rule) not in met]
    assert [rule.action for rule in unmet] == ["follow_up"]  # its line is the one before it, word for word


def test_over_a_school_the_worker_of_the_grid_around_it_is_told_as_well() -> None:
    event = an_event("resolve", by=1, to_holder=ON_SITE, to_node="close", base_grid_code=f"{VILLAGE}1002")
    assert addresses(Whom.HOLDER, event) == [("grid_worker", GRID), ("grid_worker", f"{VILLAGE}1002")]


def test_what_must_be_acknowledged_and_what_goes_by_text_message() -> None:
    assert {"supervision", "remind", "overdue", "disputed"} == TO_ACKNOWLEDGE
    assert {"supervision", "remind", "overdue", "escalated", "urgent"} == BY_SMS


@pytest.mark.parametrize("action", sorted({rule.action for rule in RULES}))
def test_an_event_without_its_details_tells_nobody_wrong(action: str) -> None:
    """Events are never changed: one that an older version wrote must not stop the inbox."""
    event = an_event(action, by=1)
    event.details = {}
    for rule in lines(event):
        for whom in rule.to:
            assert all(kind and code for kind, code in addresses(whom, event))
