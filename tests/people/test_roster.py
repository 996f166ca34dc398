"""A roster: read from what people really send, judged row by row with every fault, carried out whole."""

import csv
import io
import itertools
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from command_center.people import roster
from command_center.people.models import Role, User
from command_center.people.roster import Plan, judge
from command_center.people.roster_faults import Fault
from command_center.people.roster_file import RosterUnreadable, Row, Sheet, read
from command_center.people.roster_sheets import faults_workbook, template
from command_center.regions.models import Region
from tests.builders import NOW, VILLAGE
from tests.county import County

HEADINGS = ("姓名", "手机号", "网格", "村社区", "乡镇街道", "部门", "岗位", "用户名")
NAMES = "赵钱孙李周吴郑王冯陈"


def a_row(number: int = 2, **said: Any) -> Row:
    """One person as written; by default a good one without a grid."""
    return Row(number, **{"name": "李娜", "phone": f"1380000{number:04d}"} | said)


def judged(county: County, *rows: Row, add: bool = True) -> Plan:
    with county.sessions.read() as session:
        return judge(session, Sheet(rows, {}, ()), add=add)


def carried_out(county: County, *rows: Row, add: bool = True) -> Plan:
    with county.sessions.begin() as session:
        plan = judge(session, Sheet(rows, {}, ()), add=add)
        roster.carry_out(session, plan, NOW)
    return plan


def kinds(plan: Plan) -> list[tuple[int | None, str]]:
    return [(fault.row, fault.kind) for fault in plan.faults]


def some_grids(county: County, most: int = 4) -> list[str]:
    """Urban-rural grids of the demo village that the demo worker does not have."""
    with county.sessions.read() as session:
        found = session.scalars(
            select(Region.code).where(Region.parent_code == VILLAGE, Region.kind == "urban_rural").order_by(Region.code)
        )
        return [code for code in found if code != county.user("grid").region_code][:most]


def a_csv(path: Path, rows: Sequence[Sequence[str]], encoding: str = "utf-8") -> Path:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


# The file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_csv_is_read_in_the_encodings_that_excel_writes(tmp_path: Path, encoding: str) -> None:
    sheet = read(a_csv(tmp_path / "a.csv", [HEADINGS[:3], ("李娜", "13800000001", "2108820040041002")], encoding))
    assert sheet.rows == (Row(2, "李娜", "13800000001", "2108820040041002"),)


def test_headings_may_stand_below_a_title_in_any_order_and_with_what_people_add(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["大石桥市网格员名册"])
    sheet.append([])
    sheet.append(["序号", "手机号码（必填）", " 姓 名 *", "所属网格"])
    sheet.append([1, 13800000001, "李娜", "第1网格"])
    sheet.append([])
    sheet.append([2, 13800000002.0, "王强", "第2网格"])
    book.save(tmp_path / "a.xlsx")
    found = read(tmp_path / "a.xlsx")
    assert [(row.row, row.name, row.phone, row.grid) for row in found.rows] == [
        (4, "李娜", "13800000001", "第1网格"),
        (6, "王强", "13800000002", "第2网格"),
    ]
    assert found.ignored == ("序号",)


def test_a_code_that_excel_kept_as_a_number_is_a_fault_and_not_another_grid(county: County, tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["姓名", "手机号", "网格"])
    book.active.append(["李娜", "13800000001", 2108820040041002])
    book.save(tmp_path / "a.xlsx")
    with county.sessions.read() as session:
        plan = judge(session, read(tmp_path / "a.xlsx"), add=True)
    assert kinds(plan) == [(2, "damaged-code")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no-headings"),
        (b"a,b\n1,2\n", "no-headings"),
        (b"\xd0\xcf\x11\xe0 old", "old-excel"),
        (b"PK\x03\x04 no zip", "broken-workbook"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not-a-roster"),
        (b"\xff\xff\xff\xff,\xff", "encoding"),
    ],
)
def test_what_is_no_roster_says_what_to_do(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(RosterUnreadable) as refused:
        read(path)
    assert refused.value.reason == reason and refused.value.text and refused.value.text_en


def test_a_workbook_that_unpacks_to_gigabytes_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(410):
            part.write(b"0" * 1024 * 1024)
    with pytest.raises(RosterUnreadable) as refused:
        read(path)
    assert refused.value.reason == "too-large"


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=400))
def test_no_bytes_whatever_break_the_reader(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "file"
    path.write_bytes(data)
    try:
        read(path)
    except RosterUnreadable:
        return


def test_the_template_is_a_roster_without_people(county: County, tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    path.write_bytes(template())
    sheet = read(path)
    assert set(sheet.columns) == {"name", "phone", "grid", "village", "town", "department", "role", "username"}
    with county.sessions.read() as session:
        assert kinds(judge(session, sheet)) == [(None, "no-rows")]


def test_nothing_in_the_workbook_of_faults_is_a_formula() -> None:
    fault = Fault.of(2, "bad-name", code="=cmd|' /C calc'!A0", value="+1")
    cells = next(load_workbook(io.BytesIO(faults_workbook([fault]))).active.iter_rows(min_row=2))
    assert [cell.data_type for cell in cells] == ["n", "s", "s", "s", "s"]
    assert cells[1].value == "=cmd|' /C calc'!A0" and cells[1].quotePrefix


# What is wrong with a row


def test_every_fault_of_every_row_is_told_in_one_run(county: County) -> None:
    first, second, *_ = some_grids(county)
    plan = judged(
        county,
        a_row(2, name="", phone="", grid=first),
        a_row(3, name="=1+1", phone="12345", grid=second),
        a_row(4, name="王强", phone="13900000001", grid="没有的网格"),
        a_row(5, name="赵敏", phone="139 0000-0001", grid=second),
        a_row(6, name="周芳", role="村长"),
        a_row(7, name="吴磊", role="leader"),
        a_row(8, name="郑军"),
        a_row(9, name="冯洋", role="村社区"),
        a_row(10, name="陈伟", role="部门", department="没有的部门"),
        a_row(11, name="褚静", grid=second, username="a b"),
        a_row(12, name="卫丽", role="乡镇街道", town="没有的镇"),
    )
    assert kinds(plan) == [
        (2, "name-missing"),
        (2, "phone-missing"),
        (3, "bad-name"),
        (3, "bad-phone"),
        (4, "unknown-grid"),
        (5, "phone-twice"),
        (6, "role-unknown"),
        (7, "role-not-here"),
        (8, "grid-missing"),
        (9, "village-missing"),
        (10, "unknown-department"),
        (11, "bad-username"),
        (12, "unknown-town"),
    ]
    assert all(fault.text and fault.text_en for fault in plan.faults)


def test_one_grid_has_one_worker(county: County) -> None:
    grid = some_grids(county)[0]
    plan = judged(county, a_row(2, grid=grid), a_row(3, name="王强", grid=grid))
    assert kinds(plan) == [(2, "grid-twice"), (3, "grid-twice")]
    assert plan.faults[0].code == grid and "3" in plan.faults[0].text


def test_a_grid_is_found_by_code_by_name_and_by_short_name_within_its_village(county: County) -> None:
    grid = some_grids(county)[0]
    with county.sessions.read() as session:
        name = session.get_one(Region, grid).name
    for said in ({"grid": grid}, {"grid": f" {name} "}, {"grid": name.removeprefix("富丽社区"), "village": "富丽社区"}):
        plan = judged(county, a_row(**said))
        assert plan.ok and plan.steps[0].region_code == grid, said


def test_a_grid_is_found_by_the_countys_own_code(county: County) -> None:
    grid = some_grids(county)[0]
    with county.sessions.begin() as session:
        session.get_one(Region, grid).source_code = "DSQ-0042"
    plan = judged(county, a_row(grid="dsq-0042"))
    assert plan.ok and plan.steps[0].region_code == grid


def test_a_grid_that_was_retired_takes_no_worker(county: County) -> None:
    grid = some_grids(county)[0]
    with county.sessions.begin() as session:
        session.get_one(Region, grid).retired_at = NOW
    assert kinds(judged(county, a_row(grid=grid))) == [(2, "unknown-grid")]


def test_a_name_that_several_villages_share_is_not_guessed(county: County) -> None:
    plan = judged(county, a_row(role="村社区", village="李家屯村"))
    found = kinds(plan)
    with county.sessions.read() as session:
        named = Region.name.startswith("李家屯村")
        same = session.scalars(select(Region.code).where(Region.level == "village", named)).all()
    assert found == [(2, "village-ambiguous")] and len(same) > 1
    town = same[0][:9] + "000"
    assert judged(county, a_row(role="村社区", village="李家屯村", town=town)).steps[0].region_code == same[0]


def test_a_grid_that_lies_in_another_village_than_was_said_is_a_fault(county: County) -> None:
    assert kinds(judged(county, a_row(grid=some_grids(county)[0], village="210882003001"))) == [(2, "grid-elsewhere")]


# Whose account


def test_who_is_new_takes_over_the_account_that_was_made_ahead_and_nobody_used(county: County) -> None:
    grid = some_grids(county)[0]
    before = county.user(f"w{grid}")
    plan = carried_out(county, a_row(grid=grid))
    after = county.user(f"w{grid}")
    assert [step.what for step in plan.steps] == ["changed"]
    assert (after.id, after.name, after.phone, after.password_hash) == (before.id, "李娜", "13800000002", None)


def test_nobody_takes_over_the_account_of_a_person(county: County) -> None:
    grid = some_grids(county)[0]
    carried_out(county, a_row(grid=grid))
    assert kinds(judged(county, a_row(3, name="王强", grid=grid))) == [(3, "grid-has-worker")]
    plan = carried_out(county, a_row(3, name="王强", grid=grid), add=False)
    made = next(step for step in plan.steps if step.what == "made")
    assert made.username == f"w{grid}-2"
    assert (county.user(f"w{grid}").active, county.user(f"w{grid}").name) == (False, "李娜")
    assert (county.user(made.username).name, county.user(made.username).active) == ("王强", True)


def test_the_same_roster_again_changes_nothing(county: County) -> None:
    rows = [a_row(n, name=f"{NAMES[n]}伟", grid=grid) for n, grid in enumerate(some_grids(county), start=2)]
    carried_out(county, *rows)
    plan = judged(county, *rows)
    assert [step.what for step in plan.steps] == ["same"] * len(rows)


def test_who_moves_keeps_the_account_and_signs_in_anew(county: County) -> None:
    first, second, *_ = some_grids(county)
    carried_out(county, a_row(grid=first))
    before = county.user(f"w{first}")
    plan = carried_out(county, a_row(grid=second))
    after = county.user(f"w{first}")
    assert (after.id, after.region_code) == (before.id, second)
    assert after.token_generation == before.token_generation + 1
    assert [(step.what, step.username) for step in plan.steps] == [("changed", f"w{first}"), ("closed", f"w{second}")]


def test_a_telephone_number_of_somebody_else_is_a_fault_that_names_them(county: County) -> None:
    with county.sessions.begin() as session:
        session.scalars(select(User).where(User.username == "leader")).one().phone = "+8613800000002"
    plan = judged(county, a_row(grid=some_grids(county)[0]))
    assert kinds(plan) == [(2, "phone-taken")] and "leader" in plan.faults[0].text


def test_a_roster_does_not_touch_administrators_and_their_like(county: County) -> None:
    grid = some_grids(county)[0]
    for username in ("admin", "leader", "county", "hotline"):
        assert kinds(judged(county, a_row(grid=grid, username=username))) == [(2, "account-of-another-role")]


def test_a_user_name_of_another_person_is_refused(county: County) -> None:
    first, second, *_ = some_grids(county)
    carried_out(county, a_row(grid=first, username="li.na"))
    plan = judged(county, a_row(3, name="王强", grid=second, username="li.na"))
    assert kinds(plan) == [(3, "username-of-another")]


def test_a_user_name_in_other_letters_is_the_same_account(county: County) -> None:
    first, second, *_ = some_grids(county)
    carried_out(county, a_row(grid=first, username="li.na"))
    assert kinds(judged(county, a_row(3, grid=second, username="ADMIN"))) == [(3, "account-of-another-role")]
    assert kinds(judged(county, a_row(3, name="王强", grid=second, username="Li.Na"))) == [(3, "username-of-another")]
    plan = judged(county, a_row(grid=first, username="Li.Na"))
    assert [(step.what, step.username) for step in plan.steps if step.person] == [("same", "li.na")]


# A whole edition


def test_a_whole_roster_closes_the_accounts_of_grid_workers_who_are_not_in_it_and_of_nobody_else(
    county: County,
) -> None:
    grid = county.user("grid").region_code
    with county.sessions.read() as session:
        officers = set(session.scalars(select(User.id).where(User.role != Role.GRID_WORKER, User.active)))
    before = county.user("grid")
    other = some_grids(county)[0]
    plan = carried_out(county, a_row(grid=other), add=False)
    with county.sessions.read() as session:
        open_workers = list(session.scalars(select(User.username).where(User.role == Role.GRID_WORKER, User.active)))
        assert officers == set(session.scalars(select(User.id).where(User.role != Role.GRID_WORKER, User.active)))
    assert open_workers == [f"w{other}"]
    after = county.user("grid")
    assert not after.active and after.token_generation == before.token_generation + 1
    assert plan.counts["closed"] == 1797 and plan.counts["closed_never_used"] == 1796
    assert any(note.kind == "grid-without-worker" and note.code == grid for note in plan.notes)


def test_a_roster_of_officers_alone_closes_nobody(county: County) -> None:
    plan = judged(county, a_row(role="部门", department="power"), add=False)
    assert plan.ok and [step.what for step in plan.steps] == ["changed"]
    assert plan.counts["closed"] == 0


def test_an_addition_closes_nobody_who_works_here(county: County) -> None:
    plan = judged(county, a_row(grid=some_grids(county)[0]))
    assert [step.what for step in plan.steps] == ["changed"]


def test_a_plan_with_faults_is_not_carried_out(county: County) -> None:
    before = county.contents()
    with pytest.raises(ValueError, match="faults"), county.sessions.begin() as session:
        roster.carry_out(session, judge(session, Sheet((a_row(grid="?"),), {}, ())), NOW)
    assert county.contents() == before


def test_user_names_that_are_made_never_collide_and_are_the_same_each_time(county: County) -> None:
    rows = [
        a_row(n, name=f"{a}{b}", role="村社区", village=VILLAGE)
        for n, (a, b) in enumerate(itertools.product("赵钱孙", "伟强"), 2)
    ]
    plans = [judged(county, *rows) for _ in range(2)]
    names = [[step.username for step in plan.steps] for plan in plans]
    assert names[0] == names[1] and len(set(names[0])) == len(rows)
    carried_out(county, *rows)
    assert [step.what for step in judged(county, *rows).steps] == ["same"] * len(rows)
