"""Files of zones: what is read, in which place it lands, and what is never opened."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely

from gis import zone_files
from gis.zone_files import Unreadable, open_here

SQUARE = shapely.box(122.50, 40.60, 122.52, 40.62)
EMPTY = b'{"type": "FeatureCollection", "features": []}'


def a_zip(path: Path, parts: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def a_shapefile(folder: Path, crs: str | None = "EPSG:4326", **columns: Any) -> dict[str, bytes]:
    """The parts of a Shapefile of one square."""
    columns = columns or {"name": ["a"]}
    shape = SQUARE if crs in (None, "EPSG:4326") else geopandas.GeoSeries([SQUARE], crs="EPSG:4326").to_crs(crs).iloc[0]
    geopandas.GeoDataFrame(columns, geometry=[shape], crs=crs).to_file(folder / "zones.shp", encoding="utf-8")
    return {path.name: path.read_bytes() for path in folder.glob("zones.*")}


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("x.geojson", b"", "kind"),
        ("x.geojson", b"{", "broken"),
        ("x.geojson", b'{"type": "Sonnet"}', "broken"),
        ("x.geojson", EMPTY, "empty"),
        ("x.geojson", b"<OGRVRTDataSource/>", "kind"),  # would make GDAL read other files
        ("x.gpkg", b"<OGRVRTDataSource/>", "kind"),
        ("x.csv", b"wkt\nPOINT(1 1)", "kind"),
        ("x.gpkg", b"SQLite format 3\x00rubbish", "broken"),
        ("x.zip", b"PK\x03\x04rubbish", "broken"),
    ],
)
def test_what_is_no_file_of_zones_is_told_apart(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(Unreadable) as refused:
        open_here(path)
    assert refused.value.reason == reason


def test_a_zip_holds_one_shapefile_and_nothing_else(tmp_path: Path) -> None:
    parts = a_shapefile(tmp_path)
    assert len(open_here(a_zip(tmp_path / "one.zip", parts))) == 1
    for more in ({"evil.vrt": b"<OGRVRTDataSource/>"}, {"other.shp": parts["zones.shp"]}, {"../up.exe": b"x"}):
        with pytest.raises(Unreadable, match="kind"):
            open_here(a_zip(tmp_path / "two.zip", parts | more))


def test_coordinates_in_metres_without_a_reference_are_refused_and_degrees_taken(tmp_path: Path) -> None:
    degrees = a_shapefile(tmp_path)
    del degrees["zones.prj"]
    assert open_here(a_zip(tmp_path / "degrees.zip", degrees))[0]["geometry"]["type"] == "Polygon"
    metres = a_shapefile(tmp_path, "EPSG:4549")
    del metres["zones.prj"]
    with pytest.raises(Unreadable, match="crs"):
        open_here(a_zip(tmp_path / "metres.zip", metres))


def test_shapes_land_in_degrees_whatever_they_came_in(tmp_path: Path) -> None:
    row = open_here(a_zip(tmp_path / "zones.zip", a_shapefile(tmp_path, "EPSG:4549", name=["甲"], n=[3])))[0]
    assert shapely.hausdorff_distance(shapely.geometry.shape(row["geometry"]), SQUARE) < 1e-7
    assert (row["row"], row["properties"]) == (1, {"name": "甲", "n": 3})


def test_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = geopandas.GeoDataFrame({"n": [1, 2]}, geometry=[SQUARE, SQUARE], crs="EPSG:4326")
    frame.to_file(tmp_path / "zones.geojson")
    monkeypatch.setattr(zone_files, "MOST_FEATURES", 1)
    with pytest.raises(Unreadable, match="many"):
        open_here(tmp_path / "zones.geojson")
    monkeypatch.setattr(zone_files, "MOST_BYTES", 10)
    with pytest.raises(Unreadable, match="many"):
        open_here(tmp_path / "zones.geojson")


def test_a_file_is_read_in_a_process_of_its_own(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame({"name": ["甲"]}, geometry=[SQUARE], crs="EPSG:4326")
    frame.to_file(tmp_path / "zones.gpkg")
    assert zone_files.read(tmp_path / "zones.gpkg")[0]["properties"] == {"name": "甲"}
