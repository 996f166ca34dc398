"""Cells of CSV files, as a spreadsheet program should take them."""

from typing import Any

# A cell that begins so is a formula to a spreadsheet, whoever wrote it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Longer numbers are shown as 2.1E+15, and of more than fifteen digits the last ones are lost.
LONGEST_NUMBER = 11


def csv_cell(value: Any) -> Any:
    """A text no program takes for a formula; a long code is written `="2108820010050101"`, which is that text."""
    if not isinstance(value, str):
        return value
    if len(value) > LONGEST_NUMBER and value.isascii() and value.isdigit():
        return f'="{value}"'
    return f"'{value}" if value.startswith(FORMULA) else value
