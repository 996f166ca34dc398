"""Files that mean harm, or are no such files, are refused before anything of theirs is opened."""

import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from gis.errors import Unreadable
from gis.importing import reading, tables, unpacking
from tests.gis.importing.small_county import grid_rows, look, written
from tests.gis.importing.test_formats import csv_of, geopackage, workbook

VRT = (
    b'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>'
    b"</OGRVRTDataSource>"
)
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    b"<kml><Document><name>&b;</name></Document></kml>"
)


def refused(path: Path, **chosen: str) -> str:
    with pytest.raises(Unreadable) as raised:
        look(path, **chosen)
    assert raised.value.text and raised.value.text_en
    assert str(path.parent) not in raised.value.text + raised.value.text_en
    return raised.value.reason


def file_of(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def archive_of(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.geojson", b"", "empty"),
        ("a.shp", VRT, "unknown-format"),
        ("a.kml", VRT, "unknown-format"),
        ("a.vrt", VRT, "unknown-format"),
        ("a.csv", b"\x00\x01\x02\x03binary", "unknown-format"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old-excel"),
        ("a.gpkg", b"SQLite format 3\x00" + bytes(100), "damaged"),
        ("a.shp", b"\x00\x00\x27\x0a" + bytes(20), "damaged"),
        ("a.zip", b"PK\x03\x04" + bytes(40), "damaged"),
        ("a.json", b'{"type": "FeatureCollection", "features": [', "damaged"),
        ("a.json", b'{"type": "Topology"}', "unknown-format"),
        ("a.kml", LAUGHS, "entities"),
        ("a.kml", b"<kml><Document></kml>", "damaged"),
        ("a.kml", b"<kml>" + b"<Folder>" * 200 + b"</Folder>" * 200 + b"</kml>", "damaged"),
        ("a.csv", b"name,code\n", "no-layer"),
        ("/vsicurl/http:", b"x", "unknown-format"),
    ],
)
def test_what_is_no_such_file_is_refused(name: str, content: bytes, reason: str, tmp_path: Path) -> None:
    assert refused(file_of(tmp_path / name.replace("/", "_"), content)) == reason


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "a.shp") == "missing"
    assert refused(Path("/vsicurl/http://127.0.0.1/a.shp")) == "missing"


def test_a_zip_bomb_is_refused_by_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MOST_BYTES", 1 << 20)
    assert refused(archive_of(tmp_path / "a.zip", a_dot_shp=bytes(2 << 20))) == "too-large"


def test_a_zip_bomb_that_lies_about_its_size_is_stopped_while_it_is_unpacked(tmp_path: Path) -> None:
    path = archive_of(tmp_path / "a.zip", a_dot_geojson=b"[" * (3 << 20))
    raw = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = raw.index(mark) + offset
        raw[at : at + 4] = (1_000).to_bytes(4, "little")
    assert refused(file_of(path, bytes(raw))) in ("damaged", "too-large")


def test_too_many_files_in_an_archive_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MOST_MEMBERS", 10)
    members = {f"m{n}": b"" for n in range(11)}
    assert refused(archive_of(tmp_path / "a.zip", **members)) == "too-many-members"


@pytest.mark.parametrize("name", ["../../a.shp", "/etc/a.shp", "..\\a.shp", "C:\\a.shp"])
def test_a_path_out_of_the_archive_is_refused(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, b"\x00\x00\x27\x0a")
    assert refused(tmp_path / "a.zip") == "unsafe-path"
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_a_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        link = zipfile.ZipInfo("a.shp")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert refused(tmp_path / "a.zip") == "unsafe-path"


def test_a_workbook_with_entities_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/worksheets/sheet9.xml", LAUGHS)
    assert refused(path) == "entities"


def test_a_workbook_larger_than_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MOST_BYTES_OF_SHEETS", 1_000)
    assert refused(workbook(tmp_path)) == "too-large"


def test_a_geopackage_whose_tables_are_views_is_refused(tmp_path: Path) -> None:
    path = geopackage(tmp_path)
    with sqlite3.connect(path) as database:
        database.execute("ALTER TABLE gpkg_contents RENAME TO contents")
        database.execute(
            "CREATE VIEW gpkg_contents AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT * FROM n"
        )
    database.close()
    assert refused(path) == "unsafe-database"


@pytest.mark.parametrize(
    ("where", "name", "limit", "reason"),
    [
        (tables, "MOST_ROWS", 5, "too-many-rows"),
        (tables, "MOST_COLUMNS", 2, "too-many-columns"),
        (reading, "MOST_VERTICES", 50, "too-many-vertices"),
        (unpacking, "MOST_BYTES", 100, "too-large"),
    ],
)
def test_more_than_a_county_could_mean_is_refused(
    where: object, name: str, limit: int, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(grid_rows(), tmp_path / "a.gpkg")
    monkeypatch.setattr(where, name, limit)
    assert refused(path) == reason


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [
        ({"layer": "没有"}, "no-such-layer"),
        ({"encoding": "klingon"}, "unknown-encoding"),
        ({"crs": "EPSG:99999999"}, "unknown-crs"),
        ({"crs": "/vsicurl/http://127.0.0.1/x"}, "unknown-crs"),
        ({"crs": "+proj=tmerc +nadgrids=/etc/passwd"}, "unknown-crs"),
        ({"fields": {"code": "没有这一列"}}, "no-such-column"),
        ({"fields": {"colour": "编码"}}, "unknown-field"),
    ],
)
def test_a_choice_of_what_is_not_there_is_refused(chosen: dict[str, str], reason: str, tmp_path: Path) -> None:
    assert refused(geopackage(tmp_path), **chosen) == reason


@pytest.mark.parametrize(
    "outline", ["POLYGON((1 2", "122.4;40.6;", "[[[[[[]]]]]]", "[" * 5_000, '{"type":"Polygon"}', "=cmd|' /C calc'!A0"]
)
def test_an_outline_that_cannot_be_read_is_a_fault_of_its_row(outline: str, tmp_path: Path) -> None:
    path = csv_of(tmp_path, "utf-8")
    text = path.read_text(encoding="utf-8").splitlines()
    text[1] = "\t".join([*text[1].split("\t")[:-1], outline])
    path.write_text("\n".join(text), encoding="utf-8")
    found = look(path, crs="wgs84")
    assert ("geometry-unreadable", 2) in [(fault.kind, fault.row) for fault in found.faults]


def test_nothing_is_written_beside_the_file(tmp_path: Path) -> None:
    make: Callable[[Path], Path] = geopackage
    path = make(tmp_path)
    before = path.read_bytes()
    look(path)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == before


def test_a_sheet_wider_than_any_table_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["网格编码", "网格名称"])
    book.active.cell(2, 16_000, "x")
    book.save(tmp_path / "a.xlsx")
    assert refused(tmp_path / "a.xlsx") == "too-many-columns"
