"""Categories from their files: loading again updates, and what left the file is retired, never deleted."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from command_center.categories import reference
from command_center.categories.models import Category, Condition, Department
from command_center.errors import UnknownCategory, UnknownDepartment
from command_center.tickets.standing import Node, Tier
from tests.builders import CABLE, a_ticket
from tests.county import County

CABLE_LINE = "050701,"


@pytest.fixture
def files(county: County, tmp_path: Path) -> Path:
    """A copy of the three files that a test may edit."""
    return Path(shutil.copytree(county.settings.data / "categories", tmp_path / "categories"))


def edit(file: Path, leave_out: str = "", **replaced: str) -> None:
    lines = [line for line in file.read_text("utf-8").splitlines(True) if not leave_out or leave_out not in line]
    text = "".join(lines)
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, "utf-8")


def load(county: County, files: Path) -> dict[str, int]:
    with county.sessions.begin() as session:
        return reference.load(session, files)


def rows(county: County) -> dict[str, Any]:
    with county.sessions.read() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table).order_by(table.c.code))]
            for table in (Category.__table__, Condition.__table__, Department.__table__)
        }


def test_loading_again_changes_nothing(county: County, files: Path) -> None:
    before = rows(county)
    load(county, files)
    assert rows(county) == before


def test_a_condition_that_left_its_file_is_retired_and_its_old_tickets_stay(county: County, files: Path) -> None:
    old = a_ticket(county, category=CABLE)
    edit(files / "conditions.csv", leave_out=CABLE_LINE)
    load(county, files)
    with pytest.raises(UnknownCategory):
        a_ticket(county, category=CABLE)
    assert old.take("accept", "village").condition_code == "050701"


def test_a_department_that_left_its_file_gets_no_new_matter(county: County, files: Path) -> None:
    hand = a_ticket(county, node=Node.DISPATCH, tier=Tier.COUNTY)
    edit(files / "departments.csv", leave_out="power,")
    edit(files / "conditions.csv", leave_out=",power,")
    load(county, files)
    with pytest.raises(UnknownDepartment):
        hand.take("dispatch", "county")
    assert hand.take("dispatch", "county", department="water_supply").department_code == "water_supply"


def test_a_row_that_comes_back_is_active_again(county: County, files: Path) -> None:
    before = rows(county)
    edit(files / "conditions.csv", leave_out=CABLE_LINE)
    load(county, files)
    assert rows(county) != before
    load(county, county.settings.data / "categories")
    assert rows(county) == before


def test_a_limit_that_changes_moves_new_tickets_only(county: County, files: Path) -> None:
    old = a_ticket(county, category=CABLE)
    due = old.look().due_at
    edit(files / "conditions.csv", **{",2,urgent_hour,county,power": ",1,urgent_hour,county,power"})
    load(county, files)
    new = a_ticket(county, category=CABLE).look()
    assert (new.due_at - new.created_at) * 2 == due - old.look().created_at
    old.take("accept", "village")
    old.take("claim", "village")
    moved = old.take("escalate", "village", note="上报")
    assert moved.due_at == due
    assert (moved.tier_due_at - moved.tier_since).total_seconds() == 30 * 60  # still a quarter of two hours


def test_a_condition_of_a_department_that_does_not_exist_changes_nothing(county: County, files: Path) -> None:
    before = rows(county)
    edit(files / "conditions.csv", **{",county,power,": ",county,wizards,"})
    with pytest.raises((IntegrityError, ValueError)):
        load(county, files)
    assert rows(county) == before


def test_the_tree_holds_every_active_condition_under_its_minor_class(county: County) -> None:
    with county.sessions.read() as session:
        tree = reference.tree(session)
        active = session.scalar(select(func.count()).select_from(Condition).where(Condition.active.is_(True)))
    minors = [minor for major in tree for minor in major["children"]]
    leaves = [leaf for minor in minors for leaf in minor["children"]]
    codes = [node["code"] for level in (tree, minors, leaves) for node in level]
    assert len(tree) == 11
    assert len(minors) >= 100
    assert len(leaves) == active
    assert len(codes) == len(set(codes))
    assert all(leaf["code"].startswith(minor["code"]) for minor in minors for leaf in minor["children"])
