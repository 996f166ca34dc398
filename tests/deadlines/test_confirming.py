"""A year as it is handed in: whole and right, or every fault of every row in one go."""

from collections.abc import Callable
from datetime import date

import pytest

from command_center.deadlines.calendar import DayKind, WorkCalendar
from command_center.deadlines.confirming import FAULTS, judge, read_csv
from tests.deadlines.notice import SOURCE, Rows, rows, spelt

JANUARY_1, MARCH_1 = 0, 59  # places in the list; the file's first line is its header


def faults_of(content: Rows, year: int = 2027) -> list[tuple[int | None, str]]:
    read, faults = read_csv(spelt(content))
    assert faults == []
    return [(fault.row, fault.code) for fault in judge(year, read)[1]]


def test_a_whole_year_is_read() -> None:
    read, faults = read_csv(spelt(rows()))
    days, more = judge(2027, read)
    assert faults == more == []
    assert (len(days), days[0].date, days[-1].date) == (365, date(2027, 1, 1), date(2027, 12, 31))
    assert (days[0].kind, days[0].name, days[0].source) == (DayKind.HOLIDAY, "元旦", SOURCE)
    assert days[30].kind is DayKind.MAKEUP  # Sunday 31 January


def test_a_leap_year_has_a_day_more() -> None:
    assert faults_of(rows(2028), 2028) == []
    assert faults_of([row for row in rows(2028) if row["date"] != "2028-02-29"], 2028) == [(None, "missing")]


def test_rows_of_other_years_are_passed_over() -> None:
    assert faults_of(rows(2026) + rows(2027) + rows(2028)) == []


def spoil(place: int, **columns: str) -> Callable[[Rows], Rows]:
    def spoilt(content: Rows) -> Rows:
        return [row | columns if at == place else row for at, row in enumerate(content)]

    return spoilt


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (spoil(MARCH_1, kind="party"), [(61, "bad-kind")]),
        (spoil(MARCH_1, kind=""), [(61, "bad-kind")]),
        (spoil(MARCH_1, kind="weekend"), [(61, "kind-and-weekday")]),  # a Monday
        (spoil(MARCH_1, kind="makeup"), [(61, "kind-and-weekday")]),
        (spoil(MARCH_1 + 5, kind="workday"), [(66, "kind-and-weekday")]),  # a Saturday that is worked is a makeup
        (spoil(MARCH_1, source=""), [(61, "source-missing")]),
        (spoil(MARCH_1, source="文" * 101), [(61, "bad-text")]),
        (spoil(MARCH_1, name="节" * 51), [(61, "bad-text")]),
        (spoil(MARCH_1, name="\x07"), [(61, "bad-text")]),
        (spoil(MARCH_1, date="2027-02-30"), [(61, "bad-date"), (None, "missing")]),
        (spoil(MARCH_1, date="2027/3/1"), [(61, "bad-date"), (None, "missing")]),  # as spreadsheets write it
        (spoil(MARCH_1, date="20270301"), [(61, "bad-date"), (None, "missing")]),
        (spoil(MARCH_1, date="2072-03-01"), [(None, "missing")]),  # a slip of the finger shows as a gap
        (spoil(MARCH_1, date="2027-03-02"), [(62, "twice"), (None, "missing")]),
        (lambda content: content[:-1], [(None, "missing")]),
        (lambda content: [], [(None, "missing")]),
    ],
)
def test_a_fault_is_named_with_its_row(change: Callable[[Rows], Rows], expected: list[tuple[int | None, str]]) -> None:
    assert faults_of(change(rows())) == expected


def test_every_fault_is_named_in_one_go() -> None:
    content = spoil(JANUARY_1, kind="party")(spoil(MARCH_1, kind="weekend", source="")(rows()))[:-2]
    assert faults_of(content) == [
        (2, "bad-kind"),
        (61, "kind-and-weekday"),
        (61, "source-missing"),
        (None, "missing"),
    ]


def test_a_year_without_any_holiday_is_no_notice() -> None:
    content = [
        row | {"kind": "weekend" if date.fromisoformat(row["date"]).isoweekday() > 5 else "workday"} for row in rows()
    ]
    assert faults_of(content) == [(None, "no-holiday")]


def test_a_file_in_another_encoding_or_without_its_columns_is_refused() -> None:
    assert [fault.code for fault in read_csv("日期,类型\n".encode("gb18030"))[1]] == ["not-utf8"]
    assert [(fault.row, fault.code) for fault in read_csv(b"date,kind\n2027-01-01,holiday\n")[1]] == [
        (1, "column-missing")
    ]
    assert [fault.code for fault in read_csv(b"")[1]] == ["column-missing"]
    open_quote = b'date,kind,name,source\n2027-01-01,holiday,"' + b"x" * 200_000
    assert [fault.code for fault in read_csv(open_quote)[1]] == ["not-csv"]


def test_rows_that_are_no_rows_are_named() -> None:
    odd = [(1, None), (2, {"date": 3}), (3, {"date": ["2027-01-01"]}), (4, {"date": "2027-01-01", "kind": ["x"]})]
    found = judge(2027, odd)[1]  # type: ignore[arg-type]
    assert [(fault.row, fault.code) for fault in found][:4] == [
        (1, "not-a-row"),
        (2, "bad-date"),
        (3, "bad-date"),
        (4, "bad-kind"),
    ]


def test_every_fault_is_told_in_both_languages() -> None:
    for name, (zh, en) in FAULTS.items():
        assert any("\u4e00" <= sign <= "\u9fff" for sign in zh) and en.isascii(), name


def test_a_year_is_confirmed_only_when_all_its_days_are(calendar: WorkCalendar) -> None:
    assert calendar.years == {2024: "confirmed", 2025: "confirmed", 2026: "confirmed", 2027: "provisional"}
