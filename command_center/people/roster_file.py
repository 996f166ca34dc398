"""Reading a roster as people keep it: Excel (.xlsx) or CSV, any order of columns, Chinese or English headings.

Only text comes out of it: what the rows mean is `roster`'s to judge. The file is hostile until read.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

MOST_ROWS = 50_000
MOST_COLUMNS = 60
LONGEST_CELL = 500
HEADING_WITHIN = 15
# What a workbook may unpack to: a roster of 50,000 people needs a tenth of it.
LARGEST_UNPACKED = 400 * 1024 * 1024
# Excel keeps 15 digits of a number and makes zeros of the rest.
LONGEST_NUMBER = 15
HEADINGS: dict[str, tuple[str, ...]] = {
    "name": ("姓名", "网格员姓名", "网格员", "人员姓名", "name"),
    "phone": ("手机号", "手机号码", "手机", "联系电话", "电话", "电话号码", "联系方式", "phone", "mobile"),
    "grid": ("网格", "网格代码", "网格编码", "网格编号", "所属网格", "负责网格", "网格名称", "grid", "grid code"),
    "village": ("村社区", "村(社区)", "村", "社区", "村/社区", "所属村", "所属社区", "village"),
    "town": ("乡镇街道", "乡镇(街道)", "乡镇", "街道", "镇街", "乡镇/街道", "所属乡镇", "town"),
    "department": ("部门", "部门代码", "单位", "所属部门", "department"),
    "role": ("岗位", "角色", "职务", "role"),
    "username": ("用户名", "账号", "登录名", "username", "account"),
}
_KNOWN = {heading: name for name, headings in HEADINGS.items() for heading in headings}


class RosterUnreadable(Exception):
    """The file is no roster. `reason` is stable; `text` and `text_en` say what to do."""

    def __init__(self, reason: str, text: str, text_en: str) -> None:
        super().__init__(text_en)
        self.reason, self.text, self.text_en = reason, text, text_en


@dataclass(frozen=True)
class Row:
    """One person as written. `row`: the number beside the line in Excel, from 1; `damaged`: fields whose digits
    Excel had already dropped."""

    row: int
    name: str = ""
    phone: str = ""
    grid: str = ""
    village: str = ""
    town: str = ""
    department: str = ""
    role: str = ""
    username: str = ""
    damaged: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Row":
        return cls(**content | {"damaged": tuple(content.get("damaged", ()))})


@dataclass(frozen=True)
class Sheet:
    """The rows of a file, and which of its columns was read as what: our name → theirs."""

    rows: tuple[Row, ...]
    columns: dict[str, str]
    ignored: tuple[str, ...]


def read(path: Path) -> Sheet:
    """Read a roster. Raises: RosterUnreadable."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as wrong:
        raise RosterUnreadable(
            "no-file",
            f"{path.name} 不是可以读取的文件。请核对路径和权限。",
            f"{path.name} is no file that can be read: check the path and its permissions.",
        ) from wrong
    if start.startswith(b"PK\x03\x04"):
        return _sheet(_workbook_lines(path))
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise RosterUnreadable(
            "old-excel",
            "这是旧版 Excel 文件（.xls）或加密的工作簿。请用 Excel 打开后另存为 .xlsx（不设密码）。",
            "This is an old Excel file (.xls) or an encrypted workbook: open it in Excel and save it as .xlsx "
            "without password.",
        )
    return _sheet(_csv_lines(path))


def _sheet(lines: Iterable[tuple[int, Sequence[Any]]]) -> Sheet:
    """Find the headings, then take every line below them that says anything."""
    lines = iter(lines)
    columns: dict[int, str] = {}
    headings: list[str] = []
    for number, cells in lines:
        columns = _columns(cells)
        if {"name", "phone"} <= set(columns.values()):
            headings = [_text(cell) for cell in cells[:MOST_COLUMNS]]
            break
        if number > HEADING_WITHIN:
            break
    if not headings:
        raise RosterUnreadable(
            "no-headings",
            f"前 {HEADING_WITHIN} 行里没有找到标题行：至少要有「姓名」「手机号」两列。可下载模板对照。",
            f"No headings in the first {HEADING_WITHIN} lines: at least 姓名 (name) and 手机号 (phone) are needed. "
            "The template shows them.",
        )
    rows = []
    for number, cells in lines:
        row = _row(number, cells, columns)
        if row is not None:
            rows.append(row)
        if len(rows) > MOST_ROWS:
            raise RosterUnreadable(
                "too-many-rows", f"人员超过 {MOST_ROWS} 行。", f"There are more than {MOST_ROWS} people."
            )
    used = {name: headings[at] for at, name in columns.items()}
    ignored = tuple(text for at, text in enumerate(headings) if text and at not in columns)
    return Sheet(tuple(rows), used, ignored)


def _columns(cells: Sequence[Any]) -> dict[int, str]:
    """Which column is what; of two that claim the same, the first."""
    found: dict[int, str] = {}
    for at, cell in enumerate(cells[:MOST_COLUMNS]):
        name = _KNOWN.get(_heading(_text(cell)))
        if name and name not in found.values():
            found[at] = name
    return found


def _heading(text: str) -> str:
    """A heading without what people add to it: 姓名*, 手机号（必填）, 村（社区）."""
    text = text.lower().replace("（", "(").replace("）", ")").replace("　", "").replace("、", "/").strip(" *:：")
    for added in ("(必填)", "(选填)", "(可选)", "(required)", "(optional)"):
        text = text.replace(added, "")
    return text if text.isascii() else "".join(text.split())


def _row(number: int, cells: Sequence[Any], columns: dict[int, str]) -> Row | None:
    values = {name: cells[at] if at < len(cells) else None for at, name in columns.items()}
    texts = {name: _text(value) for name, value in values.items()}
    if not any(texts.values()):
        return None
    damaged = tuple(name for name, value in values.items() if _is_damaged(value))
    return Row(number, **texts, damaged=damaged)


def _is_damaged(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= 10**LONGEST_NUMBER


def _text(value: Any) -> str:
    """A cell as the person reads it: 13812345678.0 is a telephone number without point."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e18:
        value = int(value)
    if isinstance(value, datetime | date):
        value = value.isoformat()
    return str(value).strip(" \t\r\n\u3000\ufeff\u200b")[:LONGEST_CELL]


def _workbook_lines(path: Path) -> Iterator[tuple[int, Sequence[Any]]]:
    broken = RosterUnreadable(
        "broken-workbook",
        "这不是可用的 Excel 工作簿（.xlsx），或文件已损坏。请用 Excel 打开后另存为 .xlsx。",
        "This is no usable Excel workbook (.xlsx), or it is damaged: open it in Excel and save it as .xlsx.",
    )
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(part.file_size for part in archive.infolist()) > LARGEST_UNPACKED:
                raise RosterUnreadable(
                    "too-large",
                    "工作簿展开后过大。请只保留人员表，删去图片和其他工作表。",
                    "The workbook is too large when unpacked: keep the sheet of people, drop pictures and the rest.",
                )
        workbook = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        sheet = workbook.worksheets[0]
        yield from enumerate(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS), start=1)
    except RosterUnreadable:
        raise
    # openpyxl lets through whatever the broken part of the file makes fail.
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        ParseError,
        KeyError,
        ValueError,
        IndexError,
        TypeError,
        AttributeError,
        OSError,
        EOFError,
        NotImplementedError,
        RuntimeError,
    ) as wrong:
        raise broken from wrong


def _csv_lines(path: Path) -> Iterator[tuple[int, Sequence[Any]]]:
    data = path.read_bytes()
    if b"\x00" in data[:4096]:
        raise RosterUnreadable(
            "not-a-roster",
            "这不是 Excel（.xlsx）或 CSV 文件。",
            "This is neither an Excel workbook (.xlsx) nor a CSV file.",
        )
    text = decoded(data)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1):
            yield number, cells[:MOST_COLUMNS]
    except csv.Error as wrong:
        raise RosterUnreadable(
            "broken-csv", f"CSV 文件格式有误：{wrong}", f"The CSV file is malformed: {wrong}"
        ) from wrong


def decoded(data: bytes) -> str:
    """Text in UTF-8, else in GBK as Excel for Chinese writes CSV. Raises: RosterUnreadable."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RosterUnreadable(
        "encoding",
        "文件编码既不是 UTF-8 也不是 GBK。请在 Excel 中另存为 .xlsx。",
        "The file is neither UTF-8 nor GBK: save it as .xlsx in Excel.",
    )
