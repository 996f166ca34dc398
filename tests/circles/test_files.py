"""Files of centers as people make them."""

from pathlib import Path

import geopandas
import openpyxl
import pytest
import shapely

from gis.center_files import read_centers
from gis.errors import BadRoads, UnknownDatum, Unreadable


def test_a_chinese_csv_from_excel_is_read(tmp_path: Path) -> None:
    file = tmp_path / "centers.csv"
    file.write_bytes(
        "行政区划代码,村（社区）,经度,纬度\r\n210882001005,富丽社区,122.5,40.6\r\n,,,\r\n".encode("gb18030")
    )
    (row,) = read_centers(file)
    assert (row.row, row.code, row.name, row.lon, row.lat) == (2, "210882001005", "富丽社区", 122.5, 40.6)


def test_a_workbook_may_hold_codes_as_numbers(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["编码", "lng", "lat", "中心名称"])
    book.active.append([210882001005, 122.5, 40.6, "便民中心"])
    book.active.append([210882001006, "一百二十二", 40.6, None])
    book.save(tmp_path / "centers.xlsx")
    first, second = read_centers(tmp_path / "centers.xlsx")
    assert (first.code, first.center) == ("210882001005", "便民中心")
    assert second.lon is None


def test_points_bring_their_own_reference(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame({"code": ["210882001005"]}, geometry=[shapely.Point(122.5, 40.6)], crs=4326)
    frame.to_crs(4528).to_file(tmp_path / "centers.gpkg", engine="pyogrio")
    (row,) = read_centers(tmp_path / "centers.gpkg")
    assert (row.lon, row.lat) == (pytest.approx(122.5), pytest.approx(40.6))


def test_gcj02_places_are_moved_to_where_they_are(tmp_path: Path) -> None:
    file = tmp_path / "centers.csv"
    file.write_text("code,lon,lat\n210882001005,122.5,40.6\n", encoding="utf-8")
    (row,) = read_centers(file, "gcj02")
    assert row.lon == pytest.approx(122.4946, abs=0.001) and row.lon != 122.5


def test_places_outside_china_are_none(tmp_path: Path) -> None:
    file = tmp_path / "centers.csv"
    file.write_text("code,lon,lat\na,40.6,122.5\nb,nan,40\nc,,\n", encoding="utf-8")
    assert [row.lon for row in read_centers(file)] == [None, None, None]


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "lon,lat\n122,40\n"])
def test_a_table_without_the_columns_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "centers.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadRoads, match="no-columns"):
        read_centers(file)


def test_an_unknown_datum_and_a_picture_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "centers.csv"
    file.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    with pytest.raises(UnknownDatum):
        read_centers(file, "mars")
    with pytest.raises(Unreadable):
        read_centers(file.rename(tmp_path / "centers.xlsx"))
