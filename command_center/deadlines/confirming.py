"""A year of the calendar as somebody hands it in: read, judged row by row, every fault named in one go. Pure.

Columns as `data/calendar/calendar.csv`; `confirmed` is not looked at, because confirming is what this is for. Rows
of other years are passed over: the year asked for must be whole anyway, so nothing is lost by a wrong date.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from command_center.deadlines.calendar import DayKind

COLUMNS = ("date", "kind", "name", "source")
LONGEST_NAME, LONGEST_SOURCE = 50, 100
SATURDAY = 5
UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
Row = tuple[int, Mapping[str, Any]]
"""A row's number in its file, and its columns."""

# What can be wrong, in both languages.
FAULTS = {
    "not-utf8": ("文件不是 UTF-8 编码", "the file is not UTF-8"),
    "not-csv": ("文件不是可读的 CSV：第 {line} 行", "the file cannot be read as CSV at line {line}"),
    "column-missing": ("缺少列：{columns}", "columns are missing: {columns}"),
    "not-a-row": ("不是一行数据", "this is no row"),
    "bad-date": ("日期须写作 2027-01-31，现为 {date}", "the date must be written as 2027-01-31, not {date}"),
    "twice": ("{date} 出现两次（第 {other} 行）", "{date} stands twice, in row {other} before"),
    "missing": ("缺少 {date} 等 {count} 天", "{count} days are missing, {date} first"),
    "bad-kind": (
        "类型须为 workday、weekend、holiday 或 makeup，现为 {kind}",
        "the kind must be workday, weekend, holiday or makeup, not {kind}",
    ),
    "kind-and-weekday": (
        "{date} 是{weekday_zh}，类型不能是 {kind}",
        "{date} is a {weekday_en}: its kind cannot be {kind}",
    ),
    "bad-text": ("{column} 须为不超过 {most} 字的文本", "{column} must be a text of {most} characters at most"),
    "source-missing": ("须在 source 中写明通知名称", "source must name the notice"),
    "no-holiday": ("全年没有一个节假日", "the whole year has no holiday"),
    "provisional": (
        "数据目录中的 {year} 年仍是暂定的：请按通知修改，或用 --file 给出文件",
        "the data folder's {year} is provisional itself: edit it by the notice, or name a file with --file",
    ),
    "gap": (
        "日历只有 {first} 至 {last} 年，{year} 年与之不相连",
        "the calendar has {first} to {last}: {year} would leave a gap",
    ),
}
WEEKDAYS_ZH = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")


@dataclass(frozen=True, slots=True)
class Day:
    """One day as it is to be stored."""

    date: date
    kind: DayKind
    name: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and in which row of the file; None: in the file as a whole."""

    row: int | None
    code: str
    zh: str
    en: str

    @classmethod
    def of(cls, row: int | None, code: str, **facts: Any) -> "Fault":
        zh, en = FAULTS[code]
        return cls(row, code, zh.format(**facts), en.format(**facts))

    def to_json(self) -> dict[str, Any]:
        return {"row": self.row, "code": self.code, "text": self.zh, "text_en": self.en}


def read_csv(data: bytes) -> tuple[list[Row], list[Fault]]:
    """Take a CSV file apart. Returns its rows, or what is wrong with the file as a whole."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return [], [Fault.of(None, "not-utf8")]
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        absent = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        rows: list[Row] = [] if absent else [(reader.line_num, row) for row in reader]
    except csv.Error:
        return [], [Fault.of(reader.line_num, "not-csv", line=reader.line_num)]
    return rows, [Fault.of(1, "column-missing", columns=", ".join(absent))] if absent else []


def judge(year: int, rows: Iterable[Row]) -> tuple[list[Day], list[Fault]]:
    """Read the days of a year. Returns them in order, and every fault; with a fault none of them may be used."""
    found: dict[date, tuple[int, Day]] = {}
    faults: list[Fault] = []
    for number, row in rows:
        day = _date(row.get("date")) if isinstance(row, Mapping) else None
        if not isinstance(row, Mapping):
            faults.append(Fault.of(number, "not-a-row"))
        elif day is None:
            faults.append(Fault.of(number, "bad-date", date=_shown(row.get("date"))))
        elif day.year == year:
            if day in found:
                faults.append(Fault.of(number, "twice", date=day, other=found[day][0]))
            read, wrong = _day(number, day, row)
            faults += wrong
            found.setdefault(day, (number, read))
    days = [found[day][1] for day in sorted(found)]
    return days, faults + _whole(year, days)


def _whole(year: int, days: list[Day]) -> list[Fault]:
    present = {day.date for day in days}
    first = date(year, 1, 1)
    length = (date(year, 12, 31) - first).days + 1
    missing = [day for n in range(length) if (day := first + timedelta(days=n)) not in present]
    if missing:
        return [Fault.of(None, "missing", date=missing[0], count=len(missing))]
    if not any(day.kind is DayKind.HOLIDAY for day in days):
        return [Fault.of(None, "no-holiday")]
    return []


def _day(number: int, day: date, row: Mapping[str, Any]) -> tuple[Day, list[Fault]]:
    faults: list[Fault] = []
    spelt = row.get("kind")
    kind = DayKind(spelt) if isinstance(spelt, str) and spelt in list(DayKind) else None
    if kind is None:
        faults.append(Fault.of(number, "bad-kind", kind=_shown(spelt)))
    elif not _fits(kind, day):
        faults.append(
            Fault.of(
                number,
                "kind-and-weekday",
                date=day,
                kind=kind.value,
                weekday_zh=WEEKDAYS_ZH[day.weekday()],
                weekday_en=f"{day:%A}",
            )
        )
    name, source = (row.get(column) or "" for column in ("name", "source"))
    for column, text, most in (("name", name, LONGEST_NAME), ("source", source, LONGEST_SOURCE)):
        if not isinstance(text, str) or len(text) > most or UNPRINTABLE.search(text):
            faults.append(Fault.of(number, "bad-text", column=column, most=most))
    if isinstance(source, str) and not source.strip():
        faults.append(Fault.of(number, "source-missing"))
    return Day(day, kind or DayKind.WORKDAY, name or None, source), faults


def _fits(kind: DayKind, day: date) -> bool:
    if kind is DayKind.HOLIDAY:
        return True
    return (day.weekday() >= SATURDAY) == (kind in (DayKind.WEEKEND, DayKind.MAKEUP))


def _date(spelt: Any) -> date | None:
    if not isinstance(spelt, str) or not DATE.fullmatch(spelt):
        return None
    try:
        return date.fromisoformat(spelt)
    except ValueError:
        return None


def _shown(value: Any) -> str:
    return str(value)[:32]
