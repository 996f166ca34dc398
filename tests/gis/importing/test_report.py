"""The workbook and the pictures of what was found."""

import io
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest

from gis.importing import SHORT, Survey, faults_workbook, picture
from gis.importing.words import KINDS
from tests.gis.importing.small_county import change, grid_rows, look, only, square, written

EVIL = '=HYPERLINK("http://x","y")<script>alert(1)</script>&\x07'


@pytest.fixture
def broken(tmp_path: Path) -> Survey:
    rows = change(grid_rows(), 0, shape=square(0, 1, 1.0005), name=EVIL[:-1])
    return look(written(change(rows, 4, code="=1+1", shape=None), tmp_path / "g.gpkg"))


def test_every_kind_has_its_words() -> None:
    assert set(KINDS) == set(SHORT)


def test_the_workbook_has_a_line_for_each_finding(broken: Survey) -> None:
    book = openpyxl.load_workbook(io.BytesIO(faults_workbook(broken)))
    lines = list(book.worksheets[0].iter_rows(values_only=True))
    assert len(lines) == 2 + len(broken.faults)
    assert lines[0][0] == "行" and lines[1][0] == "Row"
    overlap = next(line for line in lines if str(line[3]).endswith(" overlap"))
    assert overlap[0] == 3 and overlap[9] == "可修复 can be mended"
    assert overlap[6] == pytest.approx(122.41, abs=1e-4)


def test_nothing_of_the_file_becomes_a_formula(broken: Survey) -> None:
    book = openpyxl.load_workbook(io.BytesIO(faults_workbook(broken)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any(str(cell.value).startswith("=1+1") for cell in cells)
    assert all(cell.data_type != "f" for cell in cells)


def test_a_picture_shows_the_place_with_its_neighbours_and_a_scale(broken: Survey) -> None:
    drawn = picture(only(broken, "overlap"), broken)
    root = ElementTree.fromstring(drawn)
    assert root.tag.endswith("svg")
    assert drawn.count("<path") >= 4
    assert " m</text>" in drawn


def test_what_the_file_says_is_escaped_in_a_picture(broken: Survey) -> None:
    drawn = picture(only(broken, "overlap"), broken)
    assert "<script" not in drawn
    assert "&lt;script&gt;" in drawn
    assert "style=" not in drawn


def test_a_fault_without_a_place_has_a_picture_that_says_so(broken: Survey) -> None:
    assert "没有图形" in picture(only(broken, "geometry-missing"), broken)
