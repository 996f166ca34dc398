"""`flask policy` and `flask confirm-calendar`: what they print, refuse and store."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from command_center.deadlines import policies, reference
from command_center.tickets import rulebook
from tests.builders import RECORD, a_ticket, at
from tests.county import County, own_rules
from tests.deadlines.notice import rows, spelt


def flask(county: County, *args: str) -> Result:
    """Run a command on the county."""
    return county.app.test_cli_runner().invoke(args=list(args))


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rulebook, "SETTLED", timedelta(0))


def shown(county: County, *args: str) -> dict[str, Any]:
    answer = flask(county, "policy", "show", *args)
    assert answer.exit_code == 0, answer.output
    document: dict[str, Any] = json.loads(answer.stdout)
    return document


def written(tmp_path: Path, document: object) -> str:
    path = tmp_path / "policy.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return str(path)


def test_what_is_shown_can_be_edited_and_set(county: County, tmp_path: Path) -> None:
    document = shown(county)
    document["supervision_days"]["red"] = 2
    answer = flask(county, "policy", "set", written(tmp_path, document), "--note", "试行两天", "--by", "zhang.wei")
    assert answer.exit_code == 0, answer.output
    assert '-    "red": 1,' in answer.output and '+    "red": 2,' in answer.output
    assert "version 2 is stored" in answer.output
    assert shown(county)["supervision_days"]["red"] == 2 and shown(county, "--version", "1") != shown(county)
    about = flask(county, "policy", "show").stderr
    assert "version 2" in about and "zhang.wei" in about and "试行两天" in about


def test_a_dry_run_prints_the_difference_and_stores_nothing(county: County, tmp_path: Path) -> None:
    before = county.contents()
    path = written(tmp_path, shown(county) | {"follow_up_days": 3})
    answer = flask(county, "policy", "set", path, "--note", "?", "--dry-run")
    assert answer.exit_code == 0 and '+  "follow_up_days": 3,' in answer.output and "would be" in answer.output
    assert county.contents() == before


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "document"),
        ({"shares": {"village": 2, "town": 0, "county": 0}}, "shares.village"),
        ({"colour": "red"}, "colour"),
        ({"conditions": {"no-such": {"limit_value": 1, "limit_unit": "work_day"}}}, "no such case condition"),
        ({}, "already"),
    ],
)
def test_a_policy_that_will_not_do_is_refused_in_words(
    county: County, tmp_path: Path, document: object, reason: str
) -> None:
    before = county.contents()
    answer = flask(county, "policy", "set", written(tmp_path, document), "--note", "why")
    assert answer.exit_code == 1 and reason in answer.output and "Traceback" not in answer.output
    assert county.contents() == before


def test_a_change_needs_a_reason(county: County, tmp_path: Path) -> None:
    path = written(tmp_path, {"follow_up_days": 3})
    assert flask(county, "policy", "set", path).exit_code == 2
    assert flask(county, "policy", "set", path, "--note", "  ").exit_code == 1


def test_a_version_that_is_not_there_is_refused(county: County) -> None:
    answer = flask(county, "policy", "show", "--version", "9")
    assert answer.exit_code == 1 and "no version 9" in answer.output


def test_a_confirmed_year_moves_the_open_clocks_and_tells_how_many(county: County, tmp_path: Path) -> None:
    own_rules(county)
    ticket = a_ticket(county, category=RECORD, now=at("2027-02-03 09:00"))
    path = tmp_path / "2027.csv"
    path.write_bytes(spelt(rows()))
    answer = flask(county, "confirm-calendar", "2027", "--file", str(path))
    assert answer.exit_code == 0, answer.output
    assert "365 days" in answer.output and "confirmed" in answer.output
    assert "1 open tickets looked at, 1 clocks moved" in answer.output
    assert ticket.look().due_at == at("2027-02-18 09:00")
    assert date(2027, 2, 9) not in county.office.calendar.working_days
    again = flask(county, "confirm-calendar", "2027", "--file", str(path))
    assert again.exit_code == 0 and "as they are already" in again.output
    assert flask(county, "verify-log").exit_code == 0


def test_giving_the_command_again_finishes_what_was_stopped(county: County, tmp_path: Path) -> None:
    ticket = a_ticket(county, category=RECORD, now=at("2027-02-03 09:00"))
    path = tmp_path / "2027.csv"
    path.write_bytes(spelt(rows()))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(rulebook, "recompute", lambda *terms: 1 / 0)
        stopped = flask(county, "confirm-calendar", "2027", "--file", str(path))
    assert stopped.exit_code == 1 and "1 tickets failed" in stopped.output
    again = flask(county, "confirm-calendar", "2027", "--file", str(path))
    assert again.exit_code == 0 and "1 clocks moved" in again.output
    assert ticket.look().due_at == at("2027-02-18 09:00")


def test_a_dry_run_of_a_year_changes_nothing(county: County, tmp_path: Path) -> None:
    before = county.contents()
    path = tmp_path / "2027.csv"
    path.write_bytes(spelt(rows()))
    answer = flask(county, "confirm-calendar", "2027", "--file", str(path), "--dry-run")
    assert answer.exit_code == 0 and "nothing stored" in answer.output
    assert county.contents() == before
    with county.sessions.read() as session:
        assert reference.read(session).years[2027] == "provisional"


def test_every_fault_of_a_year_is_told_with_its_row_and_nothing_is_changed(county: County, tmp_path: Path) -> None:
    before = county.contents()
    content = rows()
    content[0]["kind"], content[59]["source"] = "party", ""
    path = tmp_path / "2027.csv"
    path.write_bytes(spelt(content[:-1]))
    answer = flask(county, "confirm-calendar", "2027", "--file", str(path))
    assert answer.exit_code == 1
    assert "row 2: " in answer.output and "row 61: " in answer.output and "2027-12-31" in answer.output
    assert "3 faults" in answer.output
    assert county.contents() == before


def test_the_shipped_guess_of_a_year_is_no_confirmation(county: County) -> None:
    answer = flask(county, "confirm-calendar", "2027")
    assert answer.exit_code == 1 and "provisional itself" in answer.output
    fine = flask(county, "confirm-calendar", "2026")
    assert fine.exit_code == 0 and "as they are already" in fine.output, fine.output


def test_the_rules_that_hold_are_those_of_the_last_command(county: County, tmp_path: Path) -> None:
    own_rules(county)
    assert county.office.edition.version == 1
    flask(county, "policy", "set", written(tmp_path, {"follow_up_days": 3}), "--note", "why")
    assert county.office.edition.version == 2
    with county.sessions.read() as session:
        assert policies.read(session) == county.office.edition
