"""Workbooks about a roster: the template to fill in, the faults of a file, and first passwords.

What people wrote is always text: no cell of these can become a formula, whatever it begins with.
"""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from command_center.people.roster_faults import Fault

HEADINGS = ("姓名", "手机号", "网格", "村社区", "乡镇街道", "部门", "岗位", "用户名")
ROLES = ("网格员", "村社区", "乡镇街道", "部门")
TEMPLATE_ROWS = 3000
EXPLAINED = (
    ("姓名", "必填，2 至 50 个字", "name; required"),
    ("手机号", "必填，11 位；每人不同", "mobile number; required, one for each person"),
    (
        "网格",
        "网格员必填：16 位网格代码，或本县原来的代码；也可写网格名称并填写村社区",
        "for grid workers: the 16-digit code, the county's own one, or the grid's name beside its village",
    ),
    ("村社区", "村社区人员必填；12 位代码或名称", "for village officers: code or name"),
    (
        "乡镇街道",
        "乡镇街道人员必填；12 位代码或名称。村名重复时用来区分",
        "for town officers; parts villages of one name",
    ),
    ("部门", "部门人员必填；部门代码或名称", "for department officers: code or name"),
    ("岗位", "不填即网格员；可选：网格员、村社区、乡镇街道、部门", "role; grid worker when empty"),
    ("用户名", "可不填，系统自动生成；已有账号的人可填写原用户名", "user name; made when empty"),
)
FILL = PatternFill("solid", start_color="FFE7EFF8")


def template() -> bytes:
    """The workbook to fill in: headings, a sheet that explains them, and a list to choose the role from."""
    book = Workbook()
    sheet = book.active
    sheet.title = "名册"
    _headings(sheet, HEADINGS, (12, 16, 22, 18, 18, 18, 14, 20))
    for row in range(2, TEMPLATE_ROWS + 2):
        # Text, so that Excel does not make numbers of codes and drop their last digits.
        for column in (2, 3, 4, 5):
            sheet.cell(row, column).number_format = "@"
    roles = DataValidation(type="list", formula1=f'"{",".join(ROLES)}"', allow_blank=True)
    roles.add(f"G2:G{TEMPLATE_ROWS + 1}")
    sheet.add_data_validation(roles)
    explained = book.create_sheet("填写说明")
    _headings(explained, ("列", "说明", "Explanation"), (14, 70, 70))
    _lines(explained, EXPLAINED)
    return _bytes(book)


def faults_workbook(faults: Iterable[Fault]) -> bytes:
    """Every fault and note of a roster, a line each."""
    book = Workbook()
    sheet = book.active
    sheet.title = "问题"
    _headings(sheet, ("行号 Row", "代码 Code", "种类 Kind", "说明", "Explanation"), (10, 22, 24, 70, 70))
    _lines(sheet, ((fault.row, fault.code, fault.kind, fault.text, fault.text_en) for fault in faults))
    return _bytes(book)


def passwords_workbook(accounts: Iterable[tuple[str, str, str, str]]) -> bytes:
    """First passwords to hand out. accounts: (user name, name, region, password)."""
    book = Workbook()
    sheet = book.active
    sheet.title = "初始密码"
    _headings(sheet, ("用户名", "姓名", "区域", "初始密码"), (24, 16, 22, 24))
    _lines(sheet, accounts)
    return _bytes(book)


def _headings(sheet: Worksheet, headings: Sequence[str], widths: Sequence[int]) -> None:
    for at, (heading, width) in enumerate(zip(headings, widths, strict=True), start=1):
        cell = sheet.cell(1, at, heading)
        cell.font, cell.fill = Font(bold=True), FILL
        sheet.column_dimensions[cell.column_letter].width = width
    sheet.freeze_panes = "A2"


def _lines(sheet: Worksheet, lines: Iterable[Sequence[Any]]) -> None:
    """Write lines below the headings."""
    for row, values in enumerate(lines, start=2):
        for at, value in enumerate(values, start=1):
            inert(sheet.cell(row, at), value)


def inert(cell: Cell, value: Any) -> None:
    """Write a value that stays what it is: text is text, also when the sheet is saved as something else."""
    if value is None or isinstance(value, int | float):
        cell.value = value
        return
    cell.value = "".join(c for c in str(value) if c >= " " or c in "\t\n")[:32_000]
    cell.data_type = "s"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if cell.value.startswith(("=", "+", "-", "@", "\t")):
        cell.quotePrefix = True


def _bytes(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
