"""`flask zones` and its kin: what they print, refuse and store."""

import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import geopandas
import pytest
import shapely
from click.testing import Result

from tests.builders import CABLE, a_ticket
from tests.county import County
from tests.mobile_api.problems import nothing_changes
from tests.zones.making import a_document

DATA = Path(__file__).resolve().parents[2] / "data" / "zones"
EXAMPLES = sorted(DATA.glob("*.geojson"))


def flask(county: County, *args: str) -> Result:
    return county.app.test_cli_runner().invoke(args=list(args))


def done(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout


def a_file(county: County, path: Path, crs: str = "EPSG:4326", **columns: object) -> str:
    """A file of one zone, around the demo worker's grid, in the format that the path's name tells."""
    shape = shapely.geometry.shape(a_document(county)["geometry"])
    frame = geopandas.GeoDataFrame(
        {name: [value] for name, value in columns.items()}, geometry=[shape], crs="EPSG:4326"
    )
    frame.to_crs(crs).to_file(path)
    return str(path)


def test_every_example_that_is_shipped_comes_in(county: County) -> None:
    assert [path.name for path in EXAMPLES] == ["construction.geojson", "forest-fire.geojson", "river.geojson"]
    for path in EXAMPLES:
        assert "1 zones are stored" in done(flask(county, "import-zones", str(path), "--note", "示例"))
    assert "Z0004" in done(flask(county, "school-zones", "--note", "示例"))
    listed = done(flask(county, "zones"))
    assert [line.split()[0] for line in listed.splitlines()] == ["Z0001", "Z0002", "Z0003", "Z0004"]
    told = json.loads(done(flask(county, "zones", "--json")))["items"]
    assert all(zone["synthetic"] for zone in told) and told[1]["season"] == {"from": "11-01", "to": "05-31"}


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4549", "EPSG:3857"])
def test_a_geopackage_of_another_reference_lands_in_the_same_place(county: County, tmp_path: Path, crs: str) -> None:
    path = a_file(county, tmp_path / "zone.gpkg", crs, 类型="river", 名称="河岸", 缓冲距离=30)
    done(flask(county, "import-zones", path, "--note", "导入"))
    zone = json.loads(done(flask(county, "zones", "--json")))["items"][0]
    expected = shapely.geometry.shape(a_document(county)["geometry"])
    assert shapely.hausdorff_distance(shapely.geometry.shape(zone["geometry"]), expected) < 1e-6
    assert (zone["name"], zone["kind"], zone["buffer_m"]) == ("河岸", "river", 30)


def test_a_zipped_shapefile_in_chinese_comes_in(county: County, tmp_path: Path) -> None:
    shape = shapely.geometry.shape(a_document(county)["geometry"])
    frame = geopandas.GeoDataFrame({"名称": ["校园"], "类型": ["school"]}, geometry=[shape], crs="EPSG:4326")
    frame.to_file(tmp_path / "学校.shp", encoding="gbk")
    with zipfile.ZipFile(tmp_path / "zones.zip", "w") as archive:
        for part in tmp_path.glob("学校.*"):
            archive.write(part, part.name)
    assert "school: 校园" in done(
        flask(county, "import-zones", str(tmp_path / "zones.zip"), "--note", "x", "--dry-run")
    )


def test_a_file_with_faults_names_each_and_changes_nothing(county: County, tmp_path: Path) -> None:
    path = a_file(county, tmp_path / "zone.geojson", kind="river", name="河岸", department="nobody")
    with nothing_changes(county):
        refused = flask(county, "import-zones", path, "--note", "x")
    assert refused.exit_code == 1 and "row 1, department: there is no department nobody" in refused.output
    assert flask(county, "import-zones", path).exit_code == 2  # without a reason


def test_a_zone_is_retired_by_its_code(county: County) -> None:
    done(flask(county, "import-zones", str(EXAMPLES[0]), "--note", "x"))
    assert "retired by version 2" in done(flask(county, "retire-zone", "Z0001", "--note", "完工"))
    assert flask(county, "retire-zone", "Z0001", "--note", "完工").exit_code == 1
    assert flask(county, "retire-zone", "Z0099", "--note", "x").exit_code == 1


def test_a_zone_is_tried_out_without_being_stored(county: County, tmp_path: Path) -> None:
    a_ticket(county, category=CABLE, now=datetime.now(UTC) - timedelta(hours=3))
    path = a_file(county, tmp_path / "zone.geojson", kind="other", name="试", categories=CABLE, urgent="是")
    with nothing_changes(county):
        told = json.loads(done(flask(county, "try-zone", path, "--days", "30", "--json")))["items"][0]
        words = done(flask(county, "try-zone", path))
    assert (told["touched"], told["urgent"], told["complete"]) == (1, 1, True)
    assert "1 tickets of the last days would have met it" in words
