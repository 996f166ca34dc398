"""The findings of a survey as an Excel workbook, to be worked off by whoever keeps the file."""

import io
from typing import Any

import openpyxl
import shapely
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from gis.importing.records import Fault, Survey
from gis.importing.words import KIND_NAMES, SHORT

_COLUMNS: tuple[tuple[str, str, int], ...] = (
    ("行", "Row", 8),
    ("图层", "Layer", 14),
    ("编码", "Code", 22),
    ("问题", "Kind", 22),
    ("说明", "Text (Chinese)", 70),
    ("英文说明", "Text (English)", 70),
    ("中心经度", "Centre, longitude", 14),
    ("中心纬度", "Centre, latitude", 14),
    ("性质", "Weight", 16),
    ("修复", "Repair", 22),
)
_LONGEST = 32_000


def faults_workbook(survey: Survey) -> bytes:
    """An xlsx file: a line for each finding, and a sheet that tells what was read and how. Texts are never formulas."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("问题 Faults")
    sheet.freeze_panes = "A3"
    for letter, (_, _, width) in zip("ABCDEFGHIJ", _COLUMNS, strict=True):
        sheet.column_dimensions[letter].width = width
    for language in (0, 1):
        sheet.append([_heading(sheet, str(column[language])) for column in _COLUMNS])
    for fault in survey.faults:
        sheet.append([_cell(sheet, value) for value in _line(fault)])
    told = book.create_sheet("文件 File")
    told.column_dimensions["A"].width, told.column_dimensions["B"].width = 32, 80
    for name, value in _told(survey):
        told.append([_heading(told, name), _cell(told, value)])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _heading(sheet: WriteOnlyWorksheet, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, text)
    cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E8EEF4")
    return cell


def _cell(sheet: WriteOnlyWorksheet, value: Any) -> WriteOnlyCell:
    if not isinstance(value, str):
        return WriteOnlyCell(sheet, value)
    cell = WriteOnlyCell(sheet, None)
    # Set as a text and marked as one: whatever it begins with, no program reads a formula in it.
    cell._value, cell.data_type = ILLEGAL_CHARACTERS_RE.sub("�", value)[:_LONGEST], "s"
    if value.startswith(("=", "+", "-", "@", "\t", "\r")):
        cell.quotePrefix = True
    return cell


def _line(fault: Fault) -> tuple[Any, ...]:
    center = shapely.centroid(fault.geometry) if fault.geometry is not None else None
    lon, lat = (None, None) if center is None or center.is_empty else (round(center.x, 6), round(center.y, 6))
    return (
        fault.row,
        fault.layer,
        fault.code,
        f"{SHORT[fault.kind][0]} {fault.kind}",
        fault.text,
        fault.text_en,
        lon,
        lat,
        "须改正 fault" if fault.level == "fault" else "提示 note",
        _repair(fault),
    )


def _repair(fault: Fault) -> str:
    if fault.repaired:
        return "已修复 mended"
    if fault.repairable:
        return "可修复 can be mended"
    return "须人工改正 by hand" if fault.level == "fault" else ""


def _told(survey: Survey) -> list[tuple[str, str]]:
    counts = survey.counts
    return [
        ("可以导入 Can be imported", "是 yes" if survey.ok else "否 no"),
        ("格式 Format", survey.format),
        ("坐标系 Reference", survey.crs or "未知 unknown"),
        ("编码 Encoding", survey.encoding or ""),
        ("图层 Layers", "; ".join(f"{layer.name}: {layer.rows} ({layer.level})" for layer in survey.layers)),
        ("字段 Fields", "; ".join(f"{ours} ← {theirs}" for ours, theirs in survey.fields.items() if theirs)),
        ("网格 Grids", str(counts.get("grid", 0))),
        *(
            (f"{chinese}网格 {english.capitalize()} grids", str(counts.get(kind, 0)))
            for kind, (chinese, english) in KIND_NAMES.items()
        ),
        ("须改正 Faults", str(sum(fault.stands for fault in survey.faults))),
        ("已修复 Mended", str(sum(fault.repaired for fault in survey.faults))),
    ]
