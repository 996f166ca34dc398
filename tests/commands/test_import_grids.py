"""`flask import-grids`, `map-editions` and `withdraw-edition`: what they print, refuse and store."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from openpyxl import load_workbook
from sqlalchemy import select

from command_center.regions import editions
from command_center.regions.models import Region
from tests.county import County
from tests.gis.importing.small_county import a_county, change, grid_rows, square, written
from tests.regions.maps import spied

on_one_engine = pytest.mark.parametrize("engine_kind", ["sqlite"], indirect=True)


@pytest.fixture
def small(county: County) -> County:
    """A county of four villages."""
    with county.sessions.begin() as session:
        editions.store(session, a_county(), editions.About(name="small"), datetime.now(UTC))
    return county


def flask(county: County, *args: object) -> Result:
    """Run a command on the county."""
    return county.app.test_cli_runner().invoke(args=[str(arg) for arg in args])


def document(answer: Result, *, ok: bool) -> dict[str, Any]:
    """The one document on stdout; nothing else may stand there."""
    assert answer.exit_code == (0 if ok else 1), answer.output
    found: dict[str, Any] = json.loads(answer.stdout)
    assert found["ok"] is ok and set(found) >= {"ok", "counts", "faults"}
    return found


def renamed(tmp_path: Path) -> Path:
    return written(change(grid_rows(), 0, name="北街网格"), tmp_path / "网格.gpkg")


def broken(tmp_path: Path) -> Path:
    """Two faults in one row, one in another; one of them can be mended."""
    rows = change(grid_rows(), 0, shape=square(0, 1, 0.9995), kind="什么网格")
    return written(change(rows, 1, village="没有的村", code=None), tmp_path / "网格.gpkg")


def test_a_dry_run_prints_one_document_and_changes_nothing(small: County, tmp_path: Path) -> None:
    before = small.contents()
    told = document(flask(small, "import-grids", renamed(tmp_path), "--dry-run", "--json"), ok=True)
    assert told["counts"]["grid"] == 24 and told["faults"] == []
    assert told["changes"]["counts"]["renamed"] == 1
    assert small.contents() == before


def test_a_sound_file_is_stored_as_an_edition(small: County, tmp_path: Path) -> None:
    path = renamed(tmp_path)
    answer = flask(small, "import-grids", path, "--name", "2027 年网格图", "--note", "市委办〔2026〕12号")
    assert answer.exit_code == 0 and "Edition 3 is in force" in answer.output, answer.output
    with small.sessions.read() as session:
        assert session.scalar(select(Region.code).where(Region.name == "北街网格"))
        made = editions.newest(session)
    assert made is not None and (made.name, made.note, made.source) == (
        "2027 年网格图",
        "市委办〔2026〕12号",
        path.name,
    )
    assert made.sha256 and len(made.sha256) == 64
    again = flask(small, "import-grids", path)
    assert again.exit_code == 0 and "nothing to store" in again.output


def test_every_fault_of_every_row_is_told_and_nothing_is_changed(small: County, tmp_path: Path) -> None:
    before = small.contents()
    told = document(flask(small, "import-grids", broken(tmp_path), "--json"), ok=False)
    assert {(fault["row"], fault["kind"]) for fault in told["faults"]} >= {(1, "kind-unknown"), (2, "parent-unknown")}
    assert all({"row", "code", "kind", "text"} <= set(fault) and fault["text"] for fault in told["faults"])
    assert small.contents() == before


@on_one_engine
def test_nothing_is_mended_without_being_asked(small: County, tmp_path: Path) -> None:
    path = written(change(grid_rows(), 0, shape=square(0, 1, 0.9995)), tmp_path / "网格.gpkg")
    told = document(flask(small, "import-grids", path, "--json"), ok=False)
    assert {fault["kind"] for fault in told["faults"]} == {"gap"}
    mended = document(flask(small, "import-grids", path, "--json", "--dry-run", "--repair"), ok=True)
    assert mended["faults"] == [] and any(note["repaired"] for note in mended["notes"])


@on_one_engine
def test_people_are_told_what_is_wrong_and_what_to_do(small: County, tmp_path: Path) -> None:
    workbook = tmp_path / "faults.xlsx"
    answer = flask(small, "import-grids", broken(tmp_path), "--faults", workbook)
    assert answer.exit_code == 1
    assert "kind-unknown" in answer.output and "nothing was changed" in answer.output and "--faults" in answer.output
    assert load_workbook(workbook).active.max_row > 2


@on_one_engine
def test_while_a_map_is_compared_others_can_write(
    small: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = spied(small, monkeypatch)
    answer = flask(small, "import-grids", renamed(tmp_path))
    assert answer.exit_code == 0 and "Edition 3 is in force" in answer.output, answer.output
    assert compared == ["while others can write"]


@on_one_engine
def test_a_dry_run_says_no_while_another_edition_waits(small: County, tmp_path: Path) -> None:
    day = datetime.now(UTC).date() + timedelta(days=60)
    assert flask(small, "import-grids", renamed(tmp_path), "--effective", day).exit_code == 0
    other = written(change(grid_rows(), 1, name="南街网格"), tmp_path / "other.gpkg")
    for dry_run in (["--dry-run"], []):
        told = document(flask(small, "import-grids", other, "--json", *dry_run), ok=False)
        assert [fault["kind"] for fault in told["faults"]] == ["edition-scheduled"]


@on_one_engine
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_first_day_too_far_from_now_is_refused(small: County, tmp_path: Path, day: str) -> None:
    before = small.contents()
    for dry_run in (["--dry-run"], []):
        told = document(
            flask(small, "import-grids", renamed(tmp_path), "--json", "--effective", day, *dry_run), ok=False
        )
        assert [fault["kind"] for fault in told["faults"]] == ["invalid"]
    assert small.contents() == before


@on_one_engine
def test_a_file_that_is_none_is_one_fault_of_the_whole_file(small: County, tmp_path: Path) -> None:
    path = tmp_path / "grids.gpkg"
    path.write_bytes(b"not a package")
    told = document(flask(small, "import-grids", path, "--json"), ok=False)
    assert [fault["row"] for fault in told["faults"]] == [None] and told["faults"][0]["text"]
    answer = flask(small, "import-grids", path)
    assert answer.exit_code == 1 and told["faults"][0]["text"] in answer.output
    assert flask(small, "import-grids", renamed(tmp_path), "--field", "code").exit_code == 2
    missing = document(flask(small, "import-grids", tmp_path / "none.gpkg", "--json"), ok=False)
    assert [fault["kind"] for fault in missing["faults"]] == ["missing"]
    assert flask(small, "import-grids", tmp_path / "none.gpkg").exit_code == 1


@on_one_engine
def test_an_edition_for_a_later_day_waits_is_listed_and_can_be_withdrawn(small: County, tmp_path: Path) -> None:
    day = datetime.now(UTC).date() + timedelta(days=60)
    answer = flask(small, "import-grids", renamed(tmp_path), "--effective", day.isoformat())
    assert answer.exit_code == 0 and "flask withdraw-edition 3" in answer.output
    listed = flask(small, "map-editions").output.splitlines()
    assert "scheduled" in listed[0] and day.isoformat() in listed[0] and "in_force" in listed[1]
    assert flask(small, "withdraw-edition", 2).exit_code == 1
    assert flask(small, "withdraw-edition", 3).exit_code == 0
    assert "withdrawn" in flask(small, "map-editions").output
