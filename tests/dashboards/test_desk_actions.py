"""The desk knows what the workflow knows: words for each action and event, a field for each need, bulk by the table."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from command_center.tickets.describe import MAY_BRING, NEEDS, moment
from command_center.tickets.queries import TOPICS
from command_center.tickets.standing import OPEN_NODES, Node, Tier
from command_center.tickets.workflow import RULES, Action
from tests.builders import a_ticket
from tests.county import County

DASHBOARDS = Path(__file__).resolve().parents[2] / "dashboards"
DESK = DASHBOARDS / "static/desk"
# What the system writes on a ticket's record by itself.
BY_SYSTEM = (
    "warn", "overdue", "bulletin", "report_missed", "answer_missed", "follow_up_overdue", "recompute",
    "merged_in", "unmerged", "report",
)  # fmt: skip


def texts(folder: str, language: str) -> dict[str, str]:
    read: dict[str, str] = json.loads((DASHBOARDS / folder / f"{language}.json").read_text("utf-8"))
    return read


def source(name: str) -> str:
    return (DESK / name).read_text("utf-8")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_action_and_every_event_of_the_system_has_a_word(language: str) -> None:
    words = texts("texts", language)
    assert [name for name in (*map(str, Action), *BY_SYSTEM) if f"action.{name}" not in words] == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_action_that_needs_words_says_which(language: str) -> None:
    words = texts("texts_desk", language)
    needy = {str(rule.action) for rule in RULES if "note" in rule.needs} - {"dispatch"}
    assert {name for name in needy if f"desk.note_{name}" not in words} == set()


def test_every_need_has_a_field_of_its_own() -> None:
    built = re.search(r"const BUILDERS = \{(.*?)\};", source("fields.js"), re.S)
    assert built is not None
    known = {*re.findall(r"\w+", built.group(1)), "note", "satisfied"}
    needs = {*NEEDS.values(), "overrule"} | {name for names in MAY_BRING.values() for name in names}
    assert needs - known == set()


def test_every_topic_of_the_lists_is_a_chip_with_words() -> None:
    listed = re.search(r"TOPICS = \[(.*?)\]", source("topics.js"), re.S)
    assert listed is not None
    assert set(re.findall(r'"(\w+)"', listed.group(1))) == set(TOPICS)
    for language in ("zh", "en"):
        words = texts("texts_desk", language)
        assert [name for name in TOPICS if not {f"desk.topic_{name}", f"desk.topic_hint_{name}"} <= words.keys()] == []


def test_actions_on_many_start_from_the_nodes_of_the_workflow_and_ask_for_what_it_needs() -> None:
    """The table on the screen says how many of those picked fit; it must not say other things than the workflow."""
    groups = {"OPEN": {str(node) for node in OPEN_NODES}, "BEFORE_CLOSE": {"claim", "dispatch", "handle"}}
    lines = re.findall(r"^  (\w+): \{ from: (\[[^\]]*\]|[A-Z_]+), needs: \[(.*?)\]", source("bulk.js"), re.M)
    assert len(lines) > 8
    for name, frm, needs in lines:
        nodes = groups.get(frm) or set(re.findall(r'"(\w+)"', frm))
        rules = [rule for rule in RULES if str(rule.action) == name]
        assert nodes <= {str(node) for rule in rules for node in rule.frm}, name
        asked = set(re.findall(r'"(\w+)"', needs))
        # The department of each is the authority list's own, so it is not asked for.
        wanted = [{NEEDS[need] for need in rule.needs} - {"department"} for rule in rules]
        assert asked in wanted, name


def test_who_asks_for_more_time_sees_the_deadline_that_is_then_granted(county: County) -> None:
    hand = a_ticket(county, node=Node.HANDLE, tier=Tier.COUNTY, now=datetime.now(UTC) - timedelta(minutes=20))
    address = f"tickets/{hand.look().number}"
    seen = county.phone("department").get(address).get_json()["due_if_extended"]
    assert county.phone("village").get(address).get_json()["due_if_extended"] is None
    hand.take("request_extension", "department", note="等配件")
    assert county.phone("leader").get(address).get_json()["due_if_extended"] == seen
    hand.take("decide_extension", "county", passed=True)
    hand.take("decide_extension", "leader", passed=True)
    assert moment(hand.look().due_at) == seen
