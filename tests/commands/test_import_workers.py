"""`flask import-workers`: what it prints, refuses and changes."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from openpyxl import load_workbook
from sqlalchemy import func, select

from command_center.people import roster
from command_center.people.actions import sign_in
from command_center.people.models import User
from command_center.people.roster_faults import Fault
from tests.county import County

on_one_engine = pytest.mark.parametrize("engine_kind", ["sqlite"], indirect=True)


def flask(county: County, *args: object) -> Result:
    """Run a command on the county."""
    return county.app.test_cli_runner().invoke(args=[str(arg) for arg in args])


def a_roster(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "名册.csv"
    path.write_bytes("\r\n".join(["姓名,手机号,网格,岗位,村社区", *lines]).encode("gbk"))
    return path


def good(county: County, tmp_path: Path) -> Path:
    """One worker in a grid whose account nobody used, and an officer of a village."""
    return a_roster(tmp_path, "王强,13800000001,2108820030011001,网格员,", "李娜,13800000002,,村社区,210882003001")


def test_a_dry_run_prints_one_document_and_changes_nothing(county: County, tmp_path: Path) -> None:
    before = county.contents()
    answer = flask(county, "import-workers", good(county, tmp_path), "--dry-run", "--json")
    told = json.loads(answer.stdout)
    assert answer.exit_code == 0 and told["ok"] and told["faults"] == []
    assert told["counts"]["grid_worker"] == 1 and told["counts"]["closed"] == 1797
    assert county.contents() == before


def test_a_whole_roster_closes_who_is_not_in_it_and_an_addition_does_not(county: County, tmp_path: Path) -> None:
    path = good(county, tmp_path)
    assert flask(county, "import-workers", path, "--add").exit_code == 0
    assert open_workers(county) == 1798
    answer = flask(county, "import-workers", path)
    assert answer.exit_code == 0 and "set-password" in answer.output
    assert open_workers(county) == 1
    assert county.user("w2108820030011001").name == "王强"


def open_workers(county: County) -> int:
    with county.sessions.read() as session:
        return session.scalar(select(func.count()).where(User.role == "grid_worker", User.active)) or 0


def test_with_a_single_fault_nothing_is_changed(county: County, tmp_path: Path) -> None:
    before = county.contents()
    path = a_roster(tmp_path, "王强,13800000001,2108820030011001,,", "=1+1,138,没有,村长,")
    answer = flask(county, "import-workers", path, "--json", "--faults", tmp_path / "faults.xlsx")
    told = json.loads(answer.stdout)
    assert answer.exit_code == 1 and not told["ok"]
    assert [(fault["row"], fault["kind"]) for fault in told["faults"]] == [
        (3, "bad-name"),
        (3, "bad-phone"),
        (3, "role-unknown"),
    ]
    assert load_workbook(tmp_path / "faults.xlsx").active.max_row == 4
    assert "nothing was changed" in flask(county, "import-workers", path).output
    assert county.contents() == before


@on_one_engine
def test_first_passwords_are_written_once_for_the_operators_eyes_only(county: County, tmp_path: Path) -> None:
    target = tmp_path / "passwords.xlsx"
    answer = flask(county, "import-workers", good(county, tmp_path), "--add", "--passwords", target)
    assert answer.exit_code == 0, answer.output
    assert target.stat().st_mode & 0o077 == 0
    lines = list(load_workbook(target).active.iter_rows(min_row=2, values_only=True))
    assert [line[0] for line in lines] == ["w2108820030011001", "v210882003001"]
    with county.sessions.read() as session:
        for username, _, _, password in lines:
            assert password not in answer.output
            assert sign_in(session, str(username), str(password)).username == username
    again = flask(county, "import-workers", good(county, tmp_path), "--add", "--passwords", target, "--json")
    assert again.exit_code == 1 and json.loads(again.stdout)["faults"][0]["kind"] == "passwords-file-exists"


@on_one_engine
def test_the_template_is_written_and_is_itself_a_roster(county: County, tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    assert flask(county, "import-workers", "--template", path).exit_code == 0
    told = json.loads(flask(county, "import-workers", path, "--json").stdout)
    assert [fault["kind"] for fault in told["faults"]] == ["no-rows"]
    assert flask(county, "import-workers").exit_code == 2


@on_one_engine
def test_a_file_that_is_none_is_one_fault_of_the_whole_file(county: County, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04")
    answer = flask(county, "import-workers", path, "--json")
    assert answer.exit_code == 1 and json.loads(answer.stdout)["faults"][0]["kind"] == "broken-workbook"
    for none in (tmp_path, tmp_path / "none.xlsx"):
        answer = flask(county, "import-workers", none, "--json")
        assert answer.exit_code == 1 and json.loads(answer.stdout)["faults"][0]["kind"] == "no-file"
        assert flask(county, "import-workers", none).exit_code == 1


@on_one_engine
def test_accounts_that_changed_meanwhile_are_told_in_the_document(
    county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, judge, judged = county.contents(), roster.judge, []

    def later_with_a_fault(*args: Any, **options: Any) -> roster.Plan:
        plan = judge(*args, **options)
        judged.append(plan)
        return plan if len(judged) == 1 else replace(plan, faults=(Fault.of(None, "no-rows"),))

    monkeypatch.setattr(roster, "judge", later_with_a_fault)
    answer = flask(county, "import-workers", good(county, tmp_path), "--json")
    told = json.loads(answer.stdout)
    assert answer.exit_code == 1 and not told["ok"] and told["faults"][0]["kind"] == "import-outdated"
    assert county.contents() == before
