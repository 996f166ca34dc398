"""How a place is explained at the door, which grids it may mean, and how a person chooses among them."""

import io
import uuid
from datetime import UTC, datetime
from typing import Any

import pyproj
import pytest
import shapely
from PIL import ExifTags, Image

from command_center.attachments.models import Attachment
from command_center.regions.models import Outline, Region
from tests.builders import a_body, spot
from tests.county import County
from tests.mobile_api.problems import nothing_changes, problem

EARTH = pyproj.Geod(ellps="WGS84")


def outline(county: County, code: str) -> Any:
    with county.sessions.read() as session:
        return shapely.from_wkb(session.get_one(Outline, code).wkb)


def beside_the_border(county: County, metres: float) -> tuple[float, float, str, str]:
    """A place in the demo worker's grid so far from a neighbour: lon, lat, own grid, the neighbour."""
    own = county.user("grid").region_code
    grids = county.office.grids
    ring = outline(county, own).exterior
    for share in range(1, 100):
        on = ring.interpolate(share / 100, normalized=True)
        for bearing in range(0, 360, 45):
            lon, lat, _ = EARTH.fwd(on.x, on.y, bearing, metres)
            near = grids.circle(lon, lat, metres + 5).candidates
            if grids.place(lon, lat).grid == own and len(near) == 2 and near[1].distance_m > metres - 1:
                return lon, lat, own, near[1].grid
    raise AssertionError("the grid has no neighbour")


def test_a_place_inside_says_so(door: County) -> None:
    lon, lat = spot(door)
    told = door.phone("grid").get("regions/at", lon=lon, lat=lat).json
    assert told is not None
    assert told["placed_how"] == {
        "rule": "inside",
        "distance_m": 0,
        "special_over": None,
        "also": [],
        "instead_of": None,
        "edition": door.office.map_edition,
    }
    assert [one["grid"]["code"] for one in told["candidates"]] == [told["grid"]["code"]]
    assert told["candidates_limited"] is False


def test_a_place_in_a_school_says_which_grid_it_won_over(door: County) -> None:
    with door.sessions.read() as session:
        school = session.query(Region).filter(Region.kind == "school").order_by(Region.code).first()
        assert school is not None
        inner = shapely.from_wkb(session.get_one(Outline, school.code).wkb).representative_point()
    told = door.phone("grid").get("regions/at", lon=inner.x, lat=inner.y).json
    assert told is not None and told["grid"]["code"] == school.code
    assert told["base_grid"] is not None and told["placed_how"]["special_over"] == told["base_grid"]


def test_a_place_on_a_border_names_the_others(door: County) -> None:
    corner = shapely.get_coordinates(outline(door, door.user("grid").region_code))[0]
    told = door.phone("grid").get("regions/at", lon=corner[0], lat=corner[1]).json
    assert told is not None and told["placed_how"]["rule"] == "border"
    also = [one["code"] for one in told["placed_how"]["also"]]
    assert also and all(code > told["grid"]["code"] for code in also)


def test_a_circle_over_two_grids_lists_both_with_distance_and_share(door: County) -> None:
    lon, lat, own, other = beside_the_border(door, 12)
    told = door.phone("grid").get("regions/at", lon=lon, lat=lat, accuracy_m=17).json
    assert told is not None
    first, second = told["candidates"]
    assert (first["grid"]["code"], first["distance_m"], second["grid"]["code"]) == (own, 0, other)
    assert second["distance_m"] == pytest.approx(12, abs=1)
    assert first["share"] + second["share"] == pytest.approx(1, abs=0.001)


def test_a_very_wide_circle_is_looked_at_in_part_and_says_so(door: County) -> None:
    lon, lat = spot(door)
    told = door.phone("grid").get("regions/at", lon=lon, lat=lat, accuracy_m=50_000).json
    assert told is not None and told["candidates_limited"] is True
    assert 1 < len(told["candidates"]) <= 12


@pytest.mark.parametrize("accuracy", ["-1", "nan", "inf", "1e9", "near"])
def test_an_accuracy_that_is_none_is_refused(door: County, accuracy: str) -> None:
    lon, lat = spot(door)
    answer = door.phone("grid").get("regions/at", lon=lon, lat=lat, accuracy_m=accuracy)
    assert problem(answer, 422, "invalid")["field"] == "accuracy_m"


def test_a_report_over_two_grids_keeps_the_candidates(door: County) -> None:
    lon, lat, own, other = beside_the_border(door, 12)
    ticket = door.phone("grid").report(a_body(door, lon=lon, lat=lat, accuracy_m=17)).json
    assert ticket is not None and ticket["region"]["grid"]["code"] == own
    assert [one["grid"]["code"] for one in ticket["candidates"]] == [own, other]
    assert ticket["placed_how"]["rule"] == "inside"


def test_a_report_that_leaves_no_choice_keeps_no_candidates(door: County) -> None:
    ticket = door.phone("grid").report(a_body(door, accuracy_m=1)).json
    assert ticket is not None and ticket["candidates"] == []


def test_the_person_may_choose_another_of_the_possible_grids(door: County) -> None:
    lon, lat, own, other = beside_the_border(door, 12)
    ticket = door.phone("grid").report(a_body(door, lon=lon, lat=lat, accuracy_m=17, grid=other)).json
    assert ticket is not None
    assert (ticket["region"]["grid"]["code"], ticket["placed"]) == (other, "chosen")
    assert ticket["placed_how"]["rule"] == "chosen"
    assert ticket["placed_how"]["instead_of"]["code"] == own
    assert ticket["distance_m"] == pytest.approx(12, abs=1)


def test_choosing_the_grid_it_is_placed_in_anyway_is_no_choice(door: County) -> None:
    lon, lat, own, _ = beside_the_border(door, 12)
    ticket = door.phone("grid").report(a_body(door, lon=lon, lat=lat, accuracy_m=17, grid=own)).json
    assert ticket is not None and ticket["placed"] == "inside"


@pytest.mark.parametrize("grid", ["neighbour", "0000000000000000", "no code", "210882004004"])
def test_a_grid_that_the_place_cannot_lie_in_is_refused_and_nothing_kept(door: County, grid: str) -> None:
    lon, lat, _, other = beside_the_border(door, 12)
    code = other if grid == "neighbour" else grid
    with nothing_changes(door):
        answer = door.phone("grid").report(a_body(door, lon=lon, lat=lat, accuracy_m=3, grid=code))
    assert problem(answer, 422, "not-a-candidate")["field"] == "grid"


def test_nothing_is_refused_for_being_inaccurate(door: County) -> None:
    answer = door.phone("grid").report(a_body(door, accuracy_m=100_000))
    assert answer.status_code == 201
    assert answer.json is not None and answer.json["candidates_limited"] is True


def test_a_place_beyond_the_border_is_taken_when_its_circle_reaches_the_county(door: County) -> None:
    north = max(shapely.get_coordinates(outline(door, "210882000000")).tolist(), key=lambda corner: corner[1])
    lon, lat, _ = EARTH.fwd(*north, 0, 300)
    assert door.phone("grid").report(a_body(door, lon=lon, lat=lat, accuracy_m=50)).status_code == 422
    ticket = door.phone("grid").report(a_body(door, lon=lon, lat=lat, accuracy_m=350)).json
    assert ticket is not None and ticket["placed"] == "nearest"
    assert ticket["distance_m"] == pytest.approx(300, abs=2)


def test_a_report_sent_before_phones_knew_of_choices_is_still_the_same_report(door: County) -> None:
    key, body = str(uuid.uuid4()), a_body(door)
    first = door.phone("grid").report(body, key=key)
    again = door.phone("grid").report(body | {"grid": None}, key=key)
    assert (first.status_code, again.status_code) == (201, 200)


def a_photo(county: County, metres: float, **more: Any) -> str:
    """A photo that the demo worker took so far from the middle of the grid."""
    lon, lat, _ = EARTH.fwd(*spot(county), 90, metres)
    row = Attachment(
        id=uuid.uuid4().hex[:22],
        sha256="0" * 64,
        width=4,
        height=3,
        byte_size=1,
        uploaded_by_id=county.user("grid").id,
        created_at=datetime.now(UTC),
        exif_lon=lon,
        exif_lat=lat,
        exif_taken_at="2026-11-20T08:15:30",
        **more,
    )
    with county.sessions.begin() as session:
        session.add(row)
        return row.id


def camera_of(county: County, reader: str, metres: float, accuracy_m: float | None = None) -> Any:
    body = a_body(county, photos=[a_photo(county, metres)], accuracy_m=accuracy_m)
    number = (county.phone("grid").report(body).json or {})["number"]
    (photo,) = (county.phone(reader).get(f"tickets/{number}").json or {})["photos"]
    return photo.get("camera", "not told")


def test_a_photo_taken_far_from_the_place_shows_how_far(door: County) -> None:
    told = camera_of(door, "village", 640)
    assert (told["large"], told["taken_at"]) == (True, "2026-11-20T08:15:30")
    assert told["distance_m"] == pytest.approx(640, abs=0.5)
    assert told["if_gcj02_m"] != told["distance_m"]
    assert not {"lon", "lat", "exif_lon", "exif_lat"} & told.keys()


@pytest.mark.parametrize(("metres", "accuracy_m"), [(150, None), (640, 500)])
def test_a_distance_within_what_is_inexact_is_not_large(door: County, metres: float, accuracy_m: float | None) -> None:
    assert camera_of(door, "village", metres, accuracy_m)["large"] is False


@pytest.mark.parametrize("reader", ["leader", "admin"])
def test_where_somebody_stood_is_not_for_everybody(door: County, reader: str) -> None:
    assert camera_of(door, reader, 640) == "not told"


def test_the_place_is_read_from_the_upload_and_kept_out_of_the_picture(door: County) -> None:
    exif = Image.Exif()
    exif[ExifTags.IFD.GPSInfo] = {
        ExifTags.GPS.GPSLatitudeRef: "N",
        ExifTags.GPS.GPSLatitude: (40.0, 37.0, 30.0),
        ExifTags.GPS.GPSLongitudeRef: "E",
        ExifTags.GPS.GPSLongitude: (122.0, 30.0, 0.0),
        ExifTags.GPS.GPSMapDatum: "WGS-84",
        ExifTags.GPS.GPSHPositioningError: 6.0,
    }
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG", exif=exif)
    phone = door.phone("grid")
    answer = phone.app.test_client().post(
        "/api/v1/attachments",
        data={"file": (io.BytesIO(out.getvalue()), "photo.jpg")},
        headers=phone.headers,
    )
    assert answer.status_code == 201 and answer.json is not None
    with door.sessions.read() as session:
        row = session.get_one(Attachment, answer.json["id"])
    assert (row.exif_lon, row.exif_lat, row.exif_datum, row.exif_accuracy_m) == (122.5, 40.625, "WGS-84", 6.0)
    shown = phone.app.test_client().get(answer.json["url"], headers=phone.headers).data
    assert not Image.open(io.BytesIO(shown)).getexif()
