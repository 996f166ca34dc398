"""An edition of the rules: what it gives a ticket, and which documents it refuses, by the key at fault."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from command_center.deadlines.clocks import Policy
from command_center.deadlines.editions import DEFAULT_EDITION, FAULTS, Edition, PolicyFault
from command_center.deadlines.working_time import Unit

FILE = Path(__file__).parents[2] / "data" / "policy.json"


def a_document(**changes: Any) -> dict[str, Any]:
    return json.loads(json.dumps(DEFAULT_EDITION.to_document())) | changes


def a_policy(edition: Edition, condition: str = "0507") -> Policy:
    return edition.policy(condition, Decimal(2), Unit.URGENT_HOUR)


def test_the_shipped_rules_are_the_programs_own() -> None:
    shipped = json.loads(FILE.read_text(encoding="utf-8"))
    assert Edition.from_document(shipped["document"]) == DEFAULT_EDITION
    assert set(shipped["sources"]) >= set(shipped["document"]) - {"conditions"}


def test_the_programs_own_rules_give_what_a_policy_is_by_itself() -> None:
    assert a_policy(DEFAULT_EDITION) == Policy(Decimal(2), Unit.URGENT_HOUR)


def test_a_document_survives_being_read_and_told() -> None:
    own = {"0507": {"limit_value": "1.5", "limit_unit": "work_hour"}, "0108": {"shares": a_document()["shares"]}}
    document = a_document(
        shares={"village": "0.1", "town": "0.2", "county": "0.3"},
        warn_share={"matter": "0.75", "tier": "0.5"},
        hours={"timezone": "Asia/Urumqi", "spans": [["09:30:00", "13:00:00"], ["15:00:00", "19:30:00"]]},
        later_steps=[],
        verification_distance_m="50.5",
        conditions=own,
    )
    assert Edition.from_document(document, 7).to_document() == document
    assert Edition.from_document(document, 7).version == 7


def test_what_a_document_leaves_out_is_as_shipped() -> None:
    assert Edition.from_document({}) == DEFAULT_EDITION
    assert Edition.from_document({"follow_up_days": 3}).shares == DEFAULT_EDITION.shares


def test_numbers_may_be_numbers_or_texts() -> None:
    shares = {"village": 0.1, "town": "0.2", "county": 0.70}
    read = Edition.from_document({"shares": shares, "verification_distance_m": 150})
    assert read.shares == {"village": Decimal("0.1"), "town": Decimal("0.2"), "county": Decimal("0.7")}
    assert read.verification_m == 150


def test_a_case_condition_may_have_a_limit_and_shares_of_its_own() -> None:
    shares = {"village": "0.5", "town": "0.2", "county": "0.3"}
    own = {"0507": {"limit_value": 3, "limit_unit": "natural_day", "shares": shares}, "0108": {"shares": shares}}
    edition = Edition.from_document({"conditions": own}, 4)
    cable, record, other = (a_policy(edition, code) for code in ("0507", "0108", "0109"))
    assert (cable.limit_value, cable.limit_unit, cable.shares["village"]) == (3, Unit.NATURAL_DAY, Decimal("0.5"))
    assert (record.limit_value, record.limit_unit, record.shares["town"]) == (2, Unit.URGENT_HOUR, Decimal("0.2"))
    assert (other.shares, other.version) == (DEFAULT_EDITION.shares, 4)


def test_a_policy_carries_everything_that_decides_later() -> None:
    edition = Edition.from_document(
        a_document(
            supervision_days={"red": 3, "yellow": 5, "blue": 7},
            verification_distance_m=80,
            follow_up_days=2,
            minutes={"accept": 5, "dispatch": 6, "verify": 7},
            later_steps=[{"step": "bulletin", "value": 1, "unit": "natural_day"}],
        ),
        9,
    )
    policy = Policy.from_json(json.loads(json.dumps(a_policy(edition).to_json())))
    assert policy == a_policy(edition)
    assert (policy.supervision_days["blue"], policy.verification_m, policy.follow_up_days) == (7, 80, 2)
    assert (policy.minutes["verify"], policy.later[0].unit, policy.version) == (7, Unit.NATURAL_DAY, 9)


SHARES = {"village": "0.2", "town": "0.2", "county": "0.2"}
HOURS = {"timezone": "Asia/Shanghai", "spans": [["08:00", "12:00"]]}
STEP = {"step": "bulletin", "value": 5, "unit": "work_day"}
LIMIT = {"limit_value": 5, "limit_unit": "work_day"}
REFUSED: list[tuple[str, Any, str]] = [
    ("shares", 3, "shares"),
    ("shares", {"village": "0.2", "town": "0.2"}, "shares.county"),
    ("shares", SHARES | {"province": "0.1"}, "shares.province"),
    ("shares", SHARES | {"town": 0}, "shares.town"),
    ("shares", SHARES | {"town": "1.01"}, "shares.town"),
    ("shares", SHARES | {"town": "NaN"}, "shares.town"),
    ("shares", SHARES | {"town": True}, "shares.town"),
    ("shares", SHARES | {"town": None}, "shares.town"),
    ("shares", SHARES | {"town": "0.7"}, "shares"),  # 1.1 together
    ("warn_share", "0.8", "warn_share"),
    ("warn_share", {"matter": "0.8"}, "warn_share.tier"),
    ("warn_share", {"matter": 0, "tier": 1}, "warn_share.matter"),
    ("hours", HOURS | {"timezone": "Asia/Nowhere"}, "hours.timezone"),
    ("hours", HOURS | {"timezone": "../../etc/passwd"}, "hours.timezone"),
    ("hours", HOURS | {"timezone": 8}, "hours.timezone"),
    ("hours", HOURS | {"spans": []}, "hours.spans"),
    ("hours", HOURS | {"spans": "08:00-12:00"}, "hours.spans"),
    ("hours", HOURS | {"spans": [["08:00"]]}, "hours.spans.0"),
    ("hours", HOURS | {"spans": [["08:00", "25:00"]]}, "hours.spans.0"),
    ("hours", HOURS | {"spans": [["08:00", "12:00+08:00"]]}, "hours.spans.0"),
    ("hours", HOURS | {"spans": [["08:00", "12:00:00.5"]]}, "hours.spans.0"),
    ("hours", HOURS | {"spans": [["08:00", "12:00"], ["11:00", "18:00"]]}, "hours.spans"),
    ("hours", HOURS | {"spans": [[f"{h:02}:00", f"{h:02}:30"] for h in range(9)]}, "hours.spans"),
    ("minutes", {"accept": 15, "dispatch": 15, "verify": 0}, "minutes.verify"),
    ("minutes", {"accept": 1.5, "dispatch": 15, "verify": 30}, "minutes.accept"),
    ("later_steps", {}, "later_steps"),
    ("later_steps", [STEP | {"step": "pillory"}], "later_steps.0.step"),
    ("later_steps", [STEP, STEP], "later_steps.1.step"),
    ("later_steps", [STEP | {"value": 0}], "later_steps.0.value"),
    ("later_steps", [STEP | {"value": 367}], "later_steps.0.value"),
    ("later_steps", [STEP | {"unit": "fortnight"}], "later_steps.0.unit"),
    ("later_steps", [STEP | {"unit": ["work_day"]}], "later_steps.0.unit"),
    ("later_steps", ["bulletin"], "later_steps.0"),
    ("supervision_days", {"red": 1, "yellow": 2}, "supervision_days.blue"),
    ("supervision_days", {"red": 1, "yellow": 2, "blue": 367}, "supervision_days.blue"),
    ("follow_up_days", 0, "follow_up_days"),
    ("follow_up_days", "5", "follow_up_days"),
    ("verification_distance_m", 9, "verification_distance_m"),
    ("verification_distance_m", "1e9", "verification_distance_m"),
    ("verification_distance_m", "1e999999999", "verification_distance_m"),
    ("conditions", [], "conditions"),
    ("conditions", {"0507": {}}, "conditions.0507"),
    ("conditions", {"0507": {"limit_value": 3}}, "conditions.0507.limit_unit"),
    ("conditions", {"0507": {"limit_unit": "work_day"}}, "conditions.0507.limit_value"),
    ("conditions", {"0507": LIMIT | {"limit_value": 0}}, "conditions.0507.limit_value"),
    ("conditions", {"0507": LIMIT | {"limit_value": "1e-9"}}, "conditions.0507.limit_value"),  # under a second
    ("conditions", {"0507": LIMIT | {"limit_value": 367}}, "conditions.0507.limit_value"),  # over a year
    ("conditions", {"0507": LIMIT | {"departement": "power"}}, "conditions.0507.departement"),
    ("conditions", {"0507": {"shares": SHARES | {"town": 2}}}, "conditions.0507.shares.town"),
    ("sources", {}, "sources"),
]


@pytest.mark.parametrize(("key", "content", "field"), REFUSED)
def test_a_faulty_document_is_refused_by_the_key_at_fault(key: str, content: Any, field: str) -> None:
    with pytest.raises(PolicyFault) as caught:
        Edition.from_document(a_document(**{key: content}))
    assert caught.value.field == field
    assert isinstance(caught.value, ValueError)
    assert caught.value.zh and field in str(caught.value) and "{" not in caught.value.zh + str(caught.value)


@pytest.mark.parametrize("document", [None, [], "{}", 3])
def test_what_is_no_object_is_no_document(document: Any) -> None:
    with pytest.raises(PolicyFault, match="document"):
        Edition.from_document(document)


def test_a_limit_is_judged_by_the_hours_of_the_same_document() -> None:
    """A working day of two minutes makes 0.001 of it nothing at all."""
    hours = {"timezone": "Asia/Shanghai", "spans": [["08:00", "08:02"]]}
    own = {"0507": {"limit_value": "0.001", "limit_unit": "work_day"}}
    assert Edition.from_document({"conditions": own}).conditions["0507"].limit_value == Decimal("0.001")
    with pytest.raises(PolicyFault, match="0507"):
        Edition.from_document({"conditions": own, "hours": hours})


def test_every_fault_is_told_in_both_languages() -> None:
    for name, (zh, en) in FAULTS.items():
        assert any("\u4e00" <= sign <= "\u9fff" for sign in zh) and en.isascii(), name
