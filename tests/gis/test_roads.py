"""Lines become a network: where they meet, how fast and which way they are driven, and which lines are refused."""

import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas
import pyogrio
import pytest
import shapely

from gis.errors import BadRoads, Unreadable
from gis.road_files import RoadChoices, RoadSurvey, read_classes, survey_roads
from gis.roads import BACKWARD, BOTH, FORWARD, Network, Road, network, packed, unpacked

DATA = Path(__file__).resolve().parents[2] / "data"
CLASSES = read_classes(DATA / "circles" / "road_classes.csv")
LON, LAT = 122.5, 40.6
# Metres in a degree here, near enough to place things.
EAST, NORTH = 84_650.0, 111_050.0


def at(x: float, y: float) -> tuple[float, float]:
    """A place so many metres east and north of the middle."""
    return LON + x / EAST, LAT + y / NORTH


def road(*places: tuple[float, float], kmh: float = 36.0, way: int = BOTH) -> Road:
    return Road(shapely.LineString([at(*place) for place in places]), kmh, way)


def crossings(made: Network) -> int:
    return len(set(made.tails.tolist()) | set(made.heads.tolist()))


def test_two_lines_that_share_an_end_meet() -> None:
    made = network([road((0, 0), (1000, 0)), road((1000, 0), (1000, 500))])
    assert (len(made.lines), crossings(made)) == (2, 3)


def test_an_end_near_another_lines_course_cuts_it_there() -> None:
    made = network([road((0, 0), (1000, 0)), road((500, 1.5), (500, 400))])
    assert (len(made.lines), crossings(made)) == (3, 4)
    assert sorted(round(line.length, -2) for line in made.lines) == [400, 500, 500]


def test_an_end_farther_than_the_snapping_distance_does_not_meet() -> None:
    made = network([road((0, 0), (1000, 0)), road((500, 6), (500, 400))])
    assert (len(made.lines), crossings(made)) == (2, 4)
    assert len(network([road((0, 0), (1000, 0)), road((500, 6), (500, 400))], snap_m=8).lines) == 3


def test_lines_with_a_common_vertex_meet_and_a_bridge_does_not() -> None:
    shared = network([road((-500, 0), (0, 0), (500, 0)), road((0, -500), (0, 0), (0, 500))])
    assert (len(shared.lines), crossings(shared)) == (4, 5)
    bridge = network([road((-500, 0), (500, 0)), road((0, -500), (0, 500))])
    assert (len(bridge.lines), crossings(bridge)) == (2, 4)


def test_a_ten_metres_a_second_road_of_a_kilometre_takes_a_hundred_seconds() -> None:
    made = network([road((0, 0), (1000, 0), kmh=36)])
    assert made.seconds[0] == pytest.approx(100, rel=0.003)


def test_a_one_way_road_leads_one_way() -> None:
    for way, edges in ((FORWARD, 1), (BACKWARD, 1), (BOTH, 2)):
        assert network([road((0, 0), (1000, 0), way=way)]).graph.number_of_edges() == edges


def test_of_two_roads_between_two_crossings_the_quicker_counts() -> None:
    made = network([road((0, 0), (1000, 0), kmh=30), road((0, 0), (500, 100), (1000, 0), kmh=90)])
    assert made.graph.number_of_edges() == 2
    assert next(iter(made.graph.edges(data="seconds")))[2] == pytest.approx(made.seconds.min())


def test_the_same_roads_in_another_order_make_the_same_crossings() -> None:
    roads = [road((0, 0), (1000, 0)), road((500, 1), (500, 400)), road((1000, 0), (1000, 500))]
    one, other = network(roads), network(roads[::-1])
    assert one.points == pytest.approx(other.points)


def test_packed_roads_come_back_to_the_centimetre() -> None:
    roads = [road((0, 0), (1000, 17), (1200, 300), kmh=33, way=FORWARD), road((0, 0), (0, 900))]
    back = unpacked(packed(roads))
    assert [(one.kmh, one.way) for one in back] == [(33, FORWARD), (36, BOTH)]
    apart = [shapely.hausdorff_distance(a.geometry, b.geometry) for a, b in zip(roads, back, strict=True)]
    assert max(apart) * NORTH < 0.01


@pytest.mark.parametrize("content", [b"", b"no roads", packed([road((0, 0), (9, 9))])[:-20]])
def test_what_is_no_packed_network_is_refused(content: bytes) -> None:
    with pytest.raises(BadRoads):
        unpacked(content)


def test_no_roads_make_no_network() -> None:
    with pytest.raises(BadRoads, match="no-lines"):
        network([])


# Files


def geojson(path: Path, *features: tuple[Any, dict[str, Any]]) -> Path:
    collection = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": own, "geometry": shape and shapely.geometry.mapping(shape)}
            for shape, own in features
        ],
    }
    path.write_text(json.dumps(collection), encoding="utf-8")
    return path


def line(*places: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([at(*place) for place in places])


LONG = line((0, 0), (1000, 0))


def survey(path: Path, **choices: Any) -> RoadSurvey:
    return survey_roads(path, RoadChoices(**choices), CLASSES, (122.0, 40.2, 123.2, 41.1))


def test_speed_is_the_columns_then_the_classs_then_the_assumed_one(tmp_path: Path) -> None:
    file = geojson(
        tmp_path / "roads.geojson",
        (LONG, {"maxspeed": "55", "fclass": "primary"}),
        (LONG, {"maxspeed": "fast", "fclass": "primary"}),
        (LONG, {"maxspeed": None, "fclass": "村道"}),
        (LONG, {"maxspeed": "0", "fclass": "canal"}),
    )
    found = survey(file)
    assert [one.kmh for one in found.roads] == [55, 50, 20, 30]
    assert [(one.row, one.kind, one.left_out) for one in found.faults] == [
        (2, "bad-speed", False),
        (4, "unknown-class", False),
    ]
    assert found.counts["speed_by_column"] == 1 and found.counts["speed_by_class"] == 2


@pytest.mark.parametrize(
    ("word", "way"),
    [("yes", FORWARD), ("F", FORWARD), ("是", FORWARD), ("-1", BACKWARD), ("T", BACKWARD), ("B", BOTH), ("", BOTH)],
)
def test_directions_are_understood_in_the_ways_they_are_written(word: str, way: int, tmp_path: Path) -> None:
    assert survey(geojson(tmp_path / "roads.geojson", (LONG, {"oneway": word}))).roads[0].way == way


def test_each_bad_line_is_told_by_its_row_and_left_out(tmp_path: Path) -> None:
    file = geojson(
        tmp_path / "roads.geojson",
        (LONG, {"oneway": "perhaps"}),
        (None, {}),
        (shapely.Point(LON, LAT), {}),
        (line((0, 0), (0.2, 0)), {}),
        (shapely.LineString([(2.0, 48.0), (2.1, 48.1)]), {}),
        (shapely.LineString([(119.0, 36.0), (119.1, 36.1)]), {}),
    )
    found = survey(file)
    assert [(one.row, one.kind) for one in found.faults if one.left_out] == [
        (2, "no-line"),
        (3, "no-line"),
        (4, "too-short"),
        (5, "bad-coordinates"),
    ]
    assert (len(found.roads), found.counts["left_out"], found.counts["elsewhere"]) == (1, 4, 1)


def test_gcj02_roads_are_moved_to_where_they_are(tmp_path: Path) -> None:
    file = geojson(tmp_path / "roads.geojson", (LONG, {}))
    told, asked = survey(file).roads[0].geometry, survey(file, crs="gcj02").roads[0].geometry
    assert 400 < shapely.hausdorff_distance(told, asked) * EAST < 700


def test_a_zipped_shapefile_in_gauss_krueger_is_read(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame({"道路等级": ["省道"], "单行": ["否"]}, geometry=[LONG], crs=4326).to_crs(4528)
    pyogrio.write_dataframe(frame, tmp_path / "路网.shp", encoding="GBK")
    with zipfile.ZipFile(tmp_path / "路网.zip", "w") as packed_file:
        for part in tmp_path.glob("路网.[sdpc]*"):
            packed_file.write(part, part.name)
    found = survey(tmp_path / "路网.zip")
    assert (found.crs, found.roads[0].kmh) == ("EPSG:4528", 50)
    assert shapely.hausdorff_distance(found.roads[0].geometry, LONG) * NORTH < 0.01


def test_a_reference_that_nobody_told_must_be_given(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame({"a": [1]}, geometry=[LONG])
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        pyogrio.write_dataframe(frame, tmp_path / "roads.shp")
    with pytest.raises(BadRoads, match="crs-missing"):
        survey(tmp_path / "roads.shp")
    assert len(survey(tmp_path / "roads.shp", crs="EPSG:4490").roads) == 1
    with pytest.raises(BadRoads, match="unknown-crs"):
        survey(tmp_path / "roads.shp", crs="EPSG:999999")


def test_a_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRoads, match="no-such-column"):
        survey(geojson(tmp_path / "roads.geojson", (LONG, {})), speed="tempo")


@pytest.mark.parametrize("content", ["", "<OGRVRTDataSource/>", '{"type": "FeatureCollection"}', "lon,lat\n1,2\n"])
def test_a_file_without_lines_is_refused_whatever_it_claims_to_be(content: str, tmp_path: Path) -> None:
    path = tmp_path / "roads.geojson"
    path.write_text(content, encoding="utf-8")
    with pytest.raises((Unreadable, BadRoads)):
        survey(path)
