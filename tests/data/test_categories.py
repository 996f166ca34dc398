"""The shipped categories, authority list and departments: complete, consistent, and true to the samples."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "data" / "categories"
Row = dict[str, str]


def read(name: str) -> list[Row]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


DEPARTMENTS = read("departments.csv")
CATEGORIES = read("categories.csv")
CONDITIONS = read("conditions.csv")
MAJORS = [row for row in CATEGORIES if row["level"] == "major"]
MINORS = [row for row in CATEGORIES if row["level"] == "minor"]


def test_there_are_eleven_major_classes() -> None:
    assert len(MAJORS) == 11


def test_there_are_more_than_a_hundred_minor_classes() -> None:
    assert len(MINORS) >= 110


def test_there_are_at_least_twenty_two_departments() -> None:
    assert len(DEPARTMENTS) >= 22


def test_every_category_is_major_or_minor() -> None:
    assert len(MAJORS) + len(MINORS) == len(CATEGORIES)


def test_codes_are_unique_over_all_three_levels() -> None:
    codes = Counter(row["code"] for row in CATEGORIES + CONDITIONS)
    assert [code for code, times in codes.items() if times > 1] == []


def test_department_codes_and_names_are_unique() -> None:
    for column in ("code", "name_zh", "name_en"):
        assert len({row[column] for row in DEPARTMENTS}) == len(DEPARTMENTS)


def test_a_code_begins_with_its_parents() -> None:
    majors, minors = ({row["code"] for row in rows} for rows in (MAJORS, MINORS))
    for row in MAJORS:
        assert re.fullmatch(r"\d\d", row["code"]) and row["parent_code"] == ""
    for row in MINORS:
        assert re.fullmatch(r"\d{4}", row["code"]) and row["code"][:2] == row["parent_code"]
        assert row["parent_code"] in majors
    for row in CONDITIONS:
        assert re.fullmatch(r"\d{6}", row["code"]) and row["code"][:4] == row["minor_code"]
        assert row["minor_code"] in minors


def test_every_class_has_something_below_it() -> None:
    assert {row["code"] for row in MAJORS} == {row["parent_code"] for row in MINORS}
    assert {row["code"] for row in MINORS} == {row["minor_code"] for row in CONDITIONS}


def test_several_minor_classes_have_more_than_one_condition() -> None:
    counts = Counter(row["minor_code"] for row in CONDITIONS)
    assert sum(times > 1 for times in counts.values()) >= 20


def test_every_condition_can_be_settled_by_a_known_tier_and_department() -> None:
    departments = {row["code"] for row in DEPARTMENTS}
    for row in CONDITIONS:
        assert row["settling_tier"] in ("village", "town", "county"), row
        assert row["department_code"] in departments, row


def test_every_department_has_something_to_do() -> None:
    assert {row["code"] for row in DEPARTMENTS} == {row["department_code"] for row in CONDITIONS}


def test_each_tier_may_settle_something() -> None:
    tiers = Counter(row["settling_tier"] for row in CONDITIONS)
    assert min(tiers[tier] for tier in ("village", "town", "county")) >= 20


def test_every_limit_is_a_positive_whole_number_of_a_known_unit() -> None:
    for row in CONDITIONS:
        assert re.fullmatch(r"[1-9]\d*", row["limit_value"]), row
        assert row["limit_unit"] in ("urgent_hour", "natural_day", "work_hour", "work_day"), row


def test_danger_does_not_wait_for_the_office_to_open() -> None:
    for row in CONDITIONS:
        if row["urgent"] == "1" and int(row["limit_value"]) <= 4 and "hour" in row["limit_unit"]:
            assert row["limit_unit"] == "urgent_hour", row


def test_every_text_is_there_in_both_languages() -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    for row in DEPARTMENTS + CATEGORIES + CONDITIONS:
        for column, text in row.items():
            if column.endswith("_zh"):
                assert chinese.search(text), row
            if column.endswith("_en"):
                assert text and not chinese.search(text), row
            assert text == text.strip(), row


def test_every_row_says_what_it_rests_on() -> None:
    assert {row["basis"] for row in CATEGORIES + CONDITIONS} <= {"R", "S", "L", "C"}


def test_names_are_unique_within_their_level() -> None:
    for rows in (MAJORS, MINORS, CONDITIONS):
        for column in ("name_zh", "name_en"):
            assert [name for name, n in Counter(row[column] for row in rows).items() if n > 1] == []


@pytest.mark.parametrize(
    ("words", "limits"),
    [
        ("暴露生活垃圾", {("4", "work_hour")}),
        ("道路不洁", {("2", "work_hour")}),
        ("道路破损", {("5", "natural_day")}),
        ("焚烧", {("2", "urgent_hour")}),
        ("动物尸体", {("4", "work_hour")}),
        ("小广告", {("1", "natural_day")}),
        ("违规广告", {("1", "natural_day"), ("5", "natural_day")}),
        ("施工扰民", {("2", "urgent_hour")}),
        ("渣土车", {("2", "natural_day")}),
        ("占道经营", {("2", "urgent_hour")}),
        ("占消防通道", {("2", "urgent_hour")}),
        ("管道破裂", {("1", "urgent_hour"), ("5", "natural_day")}),
        ("路面塌陷", {("2", "urgent_hour")}),
        ("道路积水", {("2", "urgent_hour")}),
        ("线缆", {("2", "urgent_hour")}),
        ("高空坠物", {("2", "urgent_hour")}),
        ("私搭乱建", {("15", "work_day")}),
        ("民间纠纷", {("30", "natural_day")}),
    ],
)
def test_a_sample_of_local_practice_has_its_limit(words: str, limits: set[tuple[str, str]]) -> None:
    samples = [row for row in CONDITIONS if words in row["name_zh"] and row["basis"] == "L"]
    assert {(row["limit_value"], row["limit_unit"]) for row in samples} == limits


def test_a_bare_cable_goes_to_the_power_company_by_the_county() -> None:
    minors = [row for row in MINORS if "线缆" in row["name_zh"]]
    assert len(minors) == 1
    first = next(row for row in CONDITIONS if row["minor_code"] == minors[0]["code"])
    assert first["department_code"] == "power"
    assert (first["settling_tier"], first["urgent"]) == ("county", "1")
    power = next(row for row in DEPARTMENTS if row["code"] == "power")
    assert power["name_zh"] == "国网大石桥市供电公司"
