"""Every kind of file that a county may send holds the same grids."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely

from tests.gis.importing.small_county import (
    COUNTY,
    TOWNS,
    VILLAGES,
    GridRow,
    a_county,
    frame,
    grid_rows,
    look,
    only,
    present,
    written,
)


def zipped(files: list[Path], to: Path, folder: str = "") -> Path:
    with zipfile.ZipFile(to, "w") as archive:
        for path in files:
            archive.write(path, folder + path.name)
    return to


def a_shapefile(room: Path, name: str = "网格", **options: Any) -> list[Path]:
    room.mkdir(exist_ok=True)
    table = frame(grid_rows()).rename(columns={"网格编码": "编码", "网格名称": "名称", "网格类型": "类型"})
    table.to_file(room / f"{name}.shp", **({"encoding": "GBK"} | options))
    return sorted(room.glob(f"{name}.*"))


def without_cpg(files: list[Path]) -> list[Path]:
    return [path for path in files if path.suffix != ".cpg"]


def shapefile_gbk(room: Path) -> Path:
    return zipped(a_shapefile(room / "a"), room / "g.zip", "网格数据/")


def shapefile_gbk_without_cpg(room: Path) -> Path:
    return zipped(without_cpg(a_shapefile(room / "a")), room / "g.zip")


def shapefile_utf8_without_cpg(room: Path) -> Path:
    return zipped(without_cpg(a_shapefile(room / "a", encoding="UTF-8")), room / "g.zip")


def shapefile_utf8_with_a_lying_cpg(room: Path) -> Path:
    files = a_shapefile(room / "a", encoding="UTF-8")
    (room / "a" / "网格.cpg").write_text("GBK")
    return zipped(files, room / "g.zip")


def plain_shapefile(room: Path) -> Path:
    return next(path for path in a_shapefile(room / "a") if path.suffix == ".shp")


def shapefile_without_index(room: Path) -> Path:
    return zipped([path for path in a_shapefile(room / "a") if path.suffix != ".shx"], room / "g.zip")


def geopackage(room: Path) -> Path:
    return written(grid_rows(), room / "g.gpkg")


def geojson(room: Path) -> Path:
    return written(grid_rows(), room / "g.geojson", 4326, driver="GeoJSON")


def geojson_of_the_old_kind(room: Path) -> Path:
    return written(grid_rows(), room / "g.json", 4490, driver="GeoJSON")


def kml(room: Path) -> Path:
    return written(grid_rows(), room / "g.kml", 4326, driver="KML")


def kmz(room: Path) -> Path:
    return zipped([written(grid_rows(), room / "doc.kml", 4326, driver="KML")], room / "g.kmz")


def geodatabase(room: Path) -> Path:
    return written(grid_rows(), room / "g.gdb", driver="OpenFileGDB", layer="网格")


def zipped_geodatabase(room: Path) -> Path:
    return zipped(sorted(geodatabase(room).iterdir()), room / "g.gdb.zip", "g.gdb/")


def lines(outline: Callable[[shapely.Geometry], str]) -> list[list[Any]]:
    table = frame(grid_rows())
    names = [name for name in table.columns if name != "geometry"]
    head = [*names, "边界"]
    return [head, *([*row[:-1], outline(row[-1])] for row in table[[*names, "geometry"]].itertuples(index=False))]


def as_pairs(shape: shapely.Geometry) -> str:
    return ";".join(f"{x},{y}" for x, y in shapely.get_coordinates(shape)[:-1])


def as_json(shape: shapely.Geometry) -> str:
    return json.dumps(shapely.get_coordinates(shape).tolist())


def as_objects(shape: shapely.Geometry) -> str:
    return json.dumps([{"lng": x, "lat": y} for x, y in shapely.get_coordinates(shape).tolist()])


def workbook(room: Path, outline: Callable[[shapely.Geometry], str] = shapely.to_wkt, title: bool = True) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "网格"
    if title:
        sheet.append(["小石桥市网格一览表"])
    for line in lines(outline):
        sheet.append(line)
    book.save(room / "g.xlsx")
    return room / "g.xlsx"


def csv_of(room: Path, encoding: str, outline: Callable[[shapely.Geometry], str] = as_pairs, mark: str = "\t") -> Path:
    text = "\r\n".join(mark.join(map(str, line)) for line in lines(outline))
    (room / "g.csv").write_bytes(text.encode(encoding))
    return room / "g.csv"


FILES: list[tuple[str, Callable[[Path], Path]]] = [
    ("shapefile", shapefile_gbk),
    ("shapefile", shapefile_gbk_without_cpg),
    ("shapefile", shapefile_utf8_without_cpg),
    ("shapefile", shapefile_utf8_with_a_lying_cpg),
    ("shapefile", plain_shapefile),
    ("shapefile", shapefile_without_index),
    ("geopackage", geopackage),
    ("geojson", geojson),
    ("geojson", geojson_of_the_old_kind),
    ("kml", kml),
    ("kml", kmz),
    ("filegdb", geodatabase),
    ("filegdb", zipped_geodatabase),
]
TABLES: list[tuple[str, Callable[[Path], Path]]] = [
    ("xlsx", workbook),
    ("xlsx", lambda room: workbook(room, as_json, title=False)),
    ("csv", lambda room: csv_of(room, "utf-8-sig")),
    ("csv", lambda room: csv_of(room, "gb18030")),
    ("csv", lambda room: csv_of(room, "utf-8", as_objects)),
    ("csv", lambda room: csv_of(room, "utf-16", shapely.to_wkt)),
    ("csv", lambda room: csv_of(room, "utf-8", lambda shape: f"SRID=4490;{shapely.to_wkt(shape)}")),
]


@pytest.mark.parametrize(("form", "make"), FILES, ids=[make.__name__ for _, make in FILES])
def test_a_file_of_each_kind_gives_the_grids_as_they_are(
    form: str, make: Callable[[Path], Path], tmp_path: Path
) -> None:
    found = look(make(tmp_path))
    assert found.format == form
    assert [fault.text for fault in found.faults if fault.stands] == []
    assert {b.code: b.name for b in found.boundaries} == {b.code: b.name for b in a_county()}
    before = {b.code: b.geometry for b in a_county()}
    # A geodatabase keeps nine decimals of a degree.
    assert max(shapely.hausdorff_distance(b.geometry, before[b.code]) for b in found.boundaries) < 1e-8


@pytest.mark.parametrize(("form", "make"), TABLES, ids=["wkt", "json", "bom", "gbk", "objects", "utf16", "ewkt"])
def test_a_table_with_a_column_of_outlines_gives_the_grids(
    form: str, make: Callable[[Path], Path], tmp_path: Path
) -> None:
    found = look(make(tmp_path), crs="cgcs2000")
    assert (found.format, found.ok) == (form, True)
    assert {b.code for b in found.boundaries} == {b.code for b in a_county()}


def test_rows_of_a_sheet_are_counted_as_the_sheet_counts_them(tmp_path: Path) -> None:
    found = look(workbook(tmp_path), crs="cgcs2000")
    assert found.outlines[0].row == 3  # A title, the heads, then the first grid.


def test_the_encoding_may_be_chosen(tmp_path: Path) -> None:
    found = look(shapefile_gbk_without_cpg(tmp_path), encoding="GBK")
    assert (found.ok, found.encoding) == (True, "GBK")


def test_a_text_cut_in_the_middle_of_a_character_is_told_and_read(tmp_path: Path) -> None:
    rows = grid_rows()
    # A dBase field holds 254 bytes: the last of these characters is cut in two.
    long = GridRow(rows[0].code, "a" + "第" * 127, rows[0].kind, rows[0].village, rows[0].shape)
    frame([long, *rows[1:]]).rename(columns={"网格名称": "名称"}).to_file(tmp_path / "g.shp", encoding="GBK")
    found = look(tmp_path / "g.shp")
    assert only(found, "text-cut").level == "note"
    assert found.outlines[0].name == "a" + "第" * 126


def test_layers_of_one_file_are_taken_by_their_names(tmp_path: Path) -> None:
    path = written(grid_rows(), tmp_path / "a.gpkg")
    villages = [b for b in a_county() if b.level == "village"]
    rows = [GridRow(b.code, b.name, None, None, b.geometry) for b in villages]
    written(rows, path, layer="村界")
    found = look(path)
    assert {layer.name: layer.level for layer in found.layers} == {"网格": "grid", "村界": "village"}
    assert found.ok


def test_one_layer_may_be_chosen(tmp_path: Path) -> None:
    path = written(grid_rows(), tmp_path / "a.gpkg")
    written(grid_rows()[:3], path, layer="旧网格")
    assert look(path, layer="网格").ok
    assert look(path, layer="网格").counts["grid"] == 24


def test_the_first_import_may_bring_county_towns_and_villages_along(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    county = a_county()
    for layer, level in (("县界", "county"), ("乡镇", "town"), ("村界", "village")):
        rows = [GridRow(b.code, b.name, None, None, b.geometry) for b in county if b.level == level]
        written(rows, path, layer=layer)
    written(grid_rows(), path)
    found = look(path, now=present([]))
    assert [fault.kind for fault in found.faults if fault.stands] == []
    assert {b.code for b in found.boundaries} == {COUNTY, *TOWNS, *VILLAGES, *(row.code for row in grid_rows())}


def test_without_a_mapping_the_columns_are_guessed_and_shown_with_samples(tmp_path: Path) -> None:
    found = look(geopackage(tmp_path))
    assert found.fields["code"] == "网格编码"
    assert found.fields["village"] == "所属村"
    assert next(column for column in found.columns if column.name == "网格类型").samples == (
        "城乡网格",
        "学校网格",
        "企业网格",
    )
