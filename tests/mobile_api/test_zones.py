"""Rule zones over REST: everybody reads, administrators write, in the contract's order; trying out changes nothing."""

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely
from werkzeug.test import TestResponse

from command_center.tickets import tryout
from tests.builders import CABLE, NOW, RECORD, a_body, a_ticket
from tests.county import County, own_rules
from tests.mobile_api.problems import nothing_changes, problem
from tests.zones.making import a_document, a_zone

DATA = Path(__file__).resolve().parents[2] / "data" / "zones"


def json_of(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code in (200, 201), answer.text
    content: dict[str, Any] = answer.json  # type: ignore[assignment]
    return content


def put(county: County, code: str, body: Any, version: str | None, by: str = "admin") -> TestResponse:
    headers = county.phone(by).headers | ({"If-Match": f'"{version}"'} if version else {})
    return county.app.test_client().put(f"/api/v1/zones/{code}", json=body, headers=headers)


def upload(county: County, name: str, data: bytes, by: str = "admin", **form: str) -> TestResponse:
    return county.app.test_client().post(
        "/api/v1/zones/import",
        data={"file": (io.BytesIO(data), name), "note": "导入"} | form,
        headers=county.phone(by).headers,
    )


def test_a_zone_drawn_now_holds_for_the_next_report(county: County) -> None:
    own_rules(county)
    year_round = a_document(county, season=None)
    stored = county.phone("admin").post("zones", year_round)
    assert stored.status_code == 201 and stored.headers["Location"] == "/api/v1/zones/Z0001"
    assert stored.headers["ETag"] == '"1"'
    zone = json_of(stored)
    assert (zone["state"], zone["version"], zone["version_in_force"]) == ("in_season", 1, 1)
    assert zone["versions"][0]["note"] == "防火期" and zone["versions"][0]["created_by"] == "admin"
    assert shapely.geometry.shape(zone["reach"]).area > shapely.geometry.shape(zone["geometry"]).area
    ticket = json_of(county.phone("grid").report(a_body(county)))
    assert ticket["urgent"] and [rule["name"] for rule in ticket["zone_rules"]] == ["后山禁火区"]
    assert ticket["limit"] == {"value": 1.0, "unit": "urgent_hour"}
    assert ticket["default_department"]["code"] == "forestry"
    listed = json_of(county.phone("village").get("tickets", topic="urgent"))
    assert [item["number"] for item in listed["items"]] == [ticket["number"]]


def test_whom_the_rule_names_sees_the_ticket(county: County) -> None:
    own_rules(county)
    county.phone("admin").post("zones", a_document(county, season=None, department=None))
    number = json_of(county.phone("grid").report(a_body(county)))["number"]
    other = json_of(county.phone("grid").report(a_body(county, category=RECORD)))["number"]
    fire = county.phone("d.fire")
    assert json_of(fire.get(f"tickets/{number}"))["allowed_actions"] == []
    problem(fire.get(f"tickets/{other}"), 404, "ticket-not-found")
    problem(county.phone("d.water").get(f"tickets/{number}"), 404, "ticket-not-found")


def test_everybody_reads_zones_in_pages_and_on_the_map(county: County) -> None:
    for name in ("甲", "乙", "丙"):
        a_zone(county, name=name, season=None)
    phone = county.phone("grid")
    first = json_of(phone.get("zones", limit=2))
    second = json_of(phone.get("zones", limit=2, cursor=first["next_cursor"]))
    assert [[zone["name"] for zone in page["items"]] for page in (first, second)] == [["甲", "乙"], ["丙"]]
    assert second["next_cursor"] is None and "geometry" not in first["items"][0]
    assert "reach" in json_of(phone.get("zones", geometry="true"))["items"][0]
    assert json_of(phone.get("zones", state="retired"))["items"] == []
    answer = phone.get("zones.geojson")
    assert answer.mimetype == "application/geo+json"
    features = json_of(answer)["features"]
    assert [one["properties"]["code"] for one in features] == ["Z0001", "Z0002", "Z0003"]
    assert json_of(phone.get("zones/kinds"))["kinds"]["forest_fire"]["season"] == {"from": "11-01", "to": "05-31"}
    problem(phone.get("zones/Z9999"), 404, "unknown-zone")


def test_a_change_is_the_next_version_and_asks_for_the_one_seen(county: County) -> None:
    code = a_zone(county).zone_code
    body = a_document(county, buffer_m=100)
    problem(put(county, code, body, None), 428, "version-missing")
    problem(put(county, code, body, "7"), 412, "version-stale")
    changed = json_of(put(county, code, body, "1"))
    assert [one["version"] for one in changed["versions"]] == [2, 1]
    assert (changed["buffer_m"], changed["versions"][1]["buffer_m"]) == (100, 400)
    problem(put(county, code, body, "1"), 412, "version-stale")
    problem(put(county, code, body, "2"), 422, "zone-invalid", "document")


def test_a_zone_is_retired_with_a_reason(county: County) -> None:
    code = a_zone(county).zone_code
    admin = county.phone("admin")
    problem(admin.post(f"zones/{code}/retire", {"note": "撤销"}), 428, "version-missing")
    problem(admin.post(f"zones/{code}/retire", {"note": " "}, If_Match='"1"'), 422, "note-missing", "note")
    gone = json_of(admin.post(f"zones/{code}/retire", {"note": "撤销"}, If_Match='"1"'))
    assert (gone["state"], gone["version_in_force"], gone["versions"][0]["note"]) == ("retired", None, "撤销")
    problem(admin.post(f"zones/{code}/retire", {"note": "撤销"}, If_Match='"2"'), 409, "zone-retired")
    assert json_of(admin.get("zones.geojson"))["features"] == []


def test_a_zone_that_is_to_begin_later_is_scheduled(county: County) -> None:
    later = {"valid_from": "2028-11-01T00:00:00+08:00", "valid_until": "2029-06-01T00:00:00+08:00"}
    zone = json_of(county.phone("admin").post("zones", a_document(county, **later)))
    assert (zone["state"], zone["valid_from"]) == ("scheduled", "2028-10-31T16:00:00Z")


BOW = {"type": "Polygon", "coordinates": [[[122.4, 40.6], [122.5, 40.7], [122.5, 40.6], [122.4, 40.7], [122.4, 40.6]]]}


@pytest.mark.parametrize(
    ("by", "said", "status", "code", "field"),
    [
        (None, {}, 401, "not-signed-in", None),
        ("county", {}, 403, "not-allowed", None),
        ("leader", {"name": ""}, 403, "not-allowed", None),  # before anything is looked at
        ("admin", {"note": ""}, 422, "note-missing", "note"),
        ("admin", {"name": " "}, 422, "zone-invalid", "name"),
        ("admin", {"name": "长" * 101}, 422, "zone-invalid", "name"),
        ("admin", {"name": 7}, 422, "zone-invalid", "name"),
        ("admin", {"kind": "volcano"}, 422, "zone-invalid", "kind"),
        ("admin", {"kind": ["school"]}, 422, "zone-invalid", "kind"),
        ("admin", {"geometry": None}, 422, "zone-invalid", "geometry"),
        ("admin", {"geometry": {"type": "Polygon"}}, 422, "zone-invalid", "geometry"),
        ("admin", {"geometry": {"type": "Polygon", "coordinates": [[["x", 1]]]}}, 422, "zone-invalid", "geometry"),
        ("admin", {"geometry": {"type": "Point", "coordinates": [122.5, 40.6]}}, 422, "zone-invalid", "geometry"),
        ("admin", {"geometry": BOW}, 422, "zone-invalid", "geometry"),
        ("admin", {"geometry": shapely.geometry.mapping(shapely.box(1, 1, 2, 2))}, 422, "zone-invalid", "geometry"),
        (
            "admin",
            {"geometry": shapely.geometry.mapping(shapely.box(110, 30, 130, 50))},
            422,
            "zone-invalid",
            "geometry",
        ),
        ("admin", {"buffer_m": -1}, 422, "zone-invalid", "buffer_m"),
        ("admin", {"buffer_m": 1e9}, 422, "zone-invalid", "buffer_m"),
        ("admin", {"buffer_m": True}, 422, "zone-invalid", "buffer_m"),
        ("admin", {"season": {"from": "11-01"}}, 422, "zone-invalid", "season.to"),
        ("admin", {"season": {"from": "31-11", "to": "05-31"}}, 422, "zone-invalid", "season.from"),
        ("admin", {"season": "winter"}, 422, "invalid", "season"),
        ("admin", {"categories": []}, 422, "zone-invalid", "categories"),
        ("admin", {"categories": ["9999"]}, 422, "zone-invalid", "categories"),
        ("admin", {"categories": [{}]}, 422, "zone-invalid", "categories"),
        ("admin", {"categories": "0507"}, 422, "zone-invalid", "categories"),
        ("admin", {"limit": {"value": "0", "unit": "work_day"}}, 422, "zone-invalid", "limit.value"),
        ("admin", {"limit": {"value": "1e-9", "unit": "work_day"}}, 422, "zone-invalid", "limit.value"),
        ("admin", {"limit": {"value": "9999999", "unit": "work_day"}}, 422, "zone-invalid", "limit.value"),
        ("admin", {"limit": {"value": "x", "unit": "work_day"}}, 422, "zone-invalid", "limit.value"),
        ("admin", {"limit": {"value": "1", "unit": "fortnight"}}, 422, "zone-invalid", "limit.unit"),
        ("admin", {"urgent": "yes"}, 422, "zone-invalid", "urgent"),
        ("admin", {"department": "magic"}, 422, "zone-invalid", "department"),
        ("admin", {"recipients": [{"kind": "role", "code": "king"}]}, 422, "zone-invalid", "recipients.0.code"),
        ("admin", {"recipients": [{"kind": "user", "code": "nobody"}]}, 422, "zone-invalid", "recipients.0.code"),
        ("admin", {"recipients": [{"kind": "pigeon", "code": "x"}]}, 422, "zone-invalid", "recipients.0.kind"),
        ("admin", {"recipients": [7] * 21}, 422, "zone-invalid", "recipients"),
        ("admin", {"valid_from": "2020-01-01T00:00:00+08:00"}, 422, "zone-invalid", "valid_from"),
        ("admin", {"valid_from": "tomorrow"}, 422, "zone-invalid", "valid_from"),
        ("admin", {"valid_from": "2099-01-01T00:00:00+08:00"}, 422, "zone-invalid", "valid_from"),
        ("admin", {"valid_until": "2026-11-01T00:00:00"}, 422, "zone-invalid", "valid_until"),
        (
            "admin",
            {"limit": None, "urgent": False, "department": None, "recipients": []},
            *(422, "zone-invalid", "effects"),
        ),
    ],
)
def test_what_is_no_zone_is_refused_by_name_and_nothing_is_stored(
    door: County, by: str | None, said: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    problem(door.phone(by).post("zones", a_document(door, **said)), status, code, field)
    assert json_of(door.phone("admin").get("zones"))["items"] == []


def test_trying_out_tells_what_last_years_tickets_would_have_met_and_changes_nothing(county: County) -> None:
    now = tryout_now()
    inside = [a_ticket(county, category=CABLE, now=now) for _ in range(3)]
    a_ticket(county, category=RECORD, now=now)  # about something else
    a_ticket(county, category=CABLE, now=now, lon=122.55, lat=40.63)  # elsewhere
    body = {"zone": a_document(county, season=None), "days": 30}
    with nothing_changes(county):
        told = json_of(county.phone("county").post("zones/try-out", body))
    assert (told["touched"], told["urgent"], told["tightened"], told["complete"]) == (3, 3, 3, True)
    assert (told["late_before"], told["late_after"]) == (0, 3)
    assert [(one["code"], one["n"]) for one in told["by_category"]] == [(CABLE, 3)]
    assert sum(one["n"] for one in told["by_month"]) == sum(one["n"] for one in told["by_village"]) == 3
    assert {one["number"] for one in told["items"]} == {hand.look().number for hand in inside}
    outside = a_document(county, season=out_of_season())
    assert json_of(county.phone("admin").post("zones/try-out", {"zone": outside}))["touched"] == 0


def tryout_now() -> datetime:
    """An hour and a half ago: later than the rule's hour, sooner than the matter's two."""
    return datetime.now(UTC) - timedelta(minutes=90)


def out_of_season() -> dict[str, str]:
    day = tryout_now().astimezone(NOW.tzinfo)
    month = (day.month + 5) % 12 + 1
    return {"from": f"{month:02d}-01", "to": f"{month:02d}-02"}


def test_trying_out_is_for_those_who_answer_for_the_county_and_a_few_at_once(door: County) -> None:
    body = {"zone": a_document(door)}
    for by in ("grid", "town", "leader"):
        problem(door.phone(by).post("zones/try-out", body), 403, "not-allowed")
    problem(door.phone("admin").post("zones/try-out", body | {"days": 0}), 422, "invalid", "days")
    with tryout.a_seat(), tryout.a_seat():
        problem(door.phone("admin").post("zones/try-out", body), 429, "try-out-busy")


def test_a_shape_is_checked_and_shown_with_its_surroundings_before_it_is_stored(door: County) -> None:
    with nothing_changes(door):
        told = json_of(door.phone("admin").post("zones/outline", a_document(door, note="")))
    assert told["reach"]["type"] == "Polygon" and 0.5 < told["area_km2"] < 2
    problem(door.phone("admin").post("zones/outline", a_document(door, geometry=BOW)), 422, "zone-invalid", "geometry")


def test_a_file_brings_all_its_zones_or_none(county: County) -> None:
    forest = (DATA / "forest-fire.geojson").read_bytes()
    with nothing_changes(county):
        checked = json_of(upload(county, "forest.geojson", forest, dry_run="true"))
    assert [item["kind"] for item in checked["items"]] == ["forest_fire"]
    stored = upload(county, "forest.geojson", forest)
    assert stored.status_code == 201
    zone = json_of(county.phone("admin").get("zones/Z0001"))
    assert (zone["synthetic"], zone["buffer_m"], zone["versions"][0]["note"]) == (True, 500, "导入")
    broken = json.loads(forest)
    broken["features"].append(
        broken["features"][0] | {"properties": {"kind": "forest_fire", "name": "乙", "urgent": "maybe"}}
    )
    broken["features"].append(broken["features"][0] | {"properties": {"name": "丙"}})
    with nothing_changes(county):
        told = problem(upload(county, "x.json", json.dumps(broken).encode()), 422, "zones-invalid", "file")
    assert [(fault["row"], fault["where"]) for fault in told["faults"]] == [(2, "urgent"), (3, "kind")]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("x.geojson", b"<OGRVRTDataSource/>", "zone-file-unreadable"),
        ("x.exe", b"MZ", "invalid"),
        ("", b"{}", "invalid"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_so(door: County, name: str, data: bytes, code: str) -> None:
    with nothing_changes(door):
        problem(upload(door, name, data), 422, code, "file")


def test_importing_is_for_administrators_and_says_why(door: County) -> None:
    data = (DATA / "river.geojson").read_bytes()
    with nothing_changes(door):
        problem(upload(door, "river.geojson", data, by="county"), 403, "not-allowed")
        problem(upload(door, "river.geojson", data, note=" "), 422, "note-missing", "note")


def test_the_schools_surroundings_are_made_by_one_call(county: County) -> None:
    problem(county.phone("county").post("zones/schools", {"note": "x"}), 403, "not-allowed")
    zone = json_of(county.phone("admin").post("zones/schools", {"note": "校园周边"}))
    assert (zone["kind"], zone["buffer_m"], zone["synthetic"]) == ("school", 200, True)
    assert len(shapely.geometry.shape(zone["geometry"]).geoms) == 69


@pytest.mark.parametrize("path", ["zones", "zones.geojson", "zones/kinds", "zones/Z0001"])
def test_strangers_read_nothing(door: County, path: str) -> None:
    problem(door.phone(None).get(path), 401, "not-signed-in")
