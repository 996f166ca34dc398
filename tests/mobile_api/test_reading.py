"""What everybody may read: the county's tree, its outlines, its figures, its events, and the interface itself."""

import gzip
import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from command_center.events.heartbeats import ALL_PARTS
from command_center.events.models import Heartbeat
from command_center.tickets.models import DueStep
from mobile_api.openapi import every_error
from tests.builders import COUNTY, ELSEWHERE, TOWN, VILLAGE, a_body, spot
from tests.county import County
from tests.mobile_api.problems import problem

COUNTS = {"county": 1, "town": 17, "village": 283, "grid": 1798}


def test_every_category_has_a_code_of_its_own(door: County) -> None:
    tree = door.phone("grid").get("categories").json
    assert tree is not None
    codes: list[str] = []
    for major in tree["items"]:
        codes.append(major["code"])
        for minor in major["children"]:
            codes.append(minor["code"])
            assert minor["children"], "a minor class has at least one case condition"
            codes += [condition["code"] for condition in minor["children"]]
    assert len(tree["items"]) >= 11
    assert len(codes) == len(set(codes)) > 200


def test_departments_can_be_chosen(door: County) -> None:
    told = door.phone("county").get("departments").json
    assert told is not None and len(told["items"]) >= 20
    assert {"power"} <= {item["code"] for item in told["items"]}


@pytest.mark.parametrize("level", COUNTS)
def test_regions_are_walked_page_by_page(door: County, level: str) -> None:
    codes: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = door.phone("grid").get("regions", level=level, limit=200, **cursor).json
        assert page is not None
        codes += [item["code"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert len(codes) == len(set(codes)) == COUNTS[level]


def test_a_region_knows_its_path_and_its_children(door: County) -> None:
    told = door.phone("grid").get(f"regions/{VILLAGE}").json
    assert told is not None
    assert [step["code"] for step in told["path"]] == [COUNTY, TOWN, VILLAGE]
    assert (told["name"], told["level"], told["parent"]) == ("富丽社区", "village", TOWN)
    below = door.phone("grid").get("regions", parent=VILLAGE, limit=200).json
    assert below is not None and told["children"] == len(below["items"])


def test_a_point_lies_in_one_grid_village_town_and_county(door: County) -> None:
    lon, lat = spot(door)
    told = door.phone("grid").get("regions/at", lon=lon, lat=lat).json
    assert told is not None
    assert told["grid"]["code"] == door.user("grid").region_code
    assert [told[level]["code"] for level in ("village", "town", "county")] == [VILLAGE, TOWN, COUNTY]
    assert (told["placed"], told["distance_m"], told["base_grid"]) == ("inside", 0, None)


@pytest.mark.parametrize(("lon", "lat", "km"), [(116.39, 39.9, (450, 600)), (0, 0, (5000, 15000))])
def test_a_point_outside_is_told_its_distance(door: County, lon: float, lat: float, km: tuple[int, int]) -> None:
    told = problem(door.phone("grid").get("regions/at", lon=lon, lat=lat), 404, "outside-county")
    assert km[0] * 1000 < told["distance_m"] < km[1] * 1000


@pytest.mark.parametrize("level", COUNTS)
def test_outlines_are_geojson_marked_as_made_up(door: County, level: str) -> None:
    answer = door.phone("grid").get(f"layers/{level}.geojson")
    drawn = json.loads(answer.data)
    assert answer.content_type == "application/geo+json"
    assert drawn["type"] == "FeatureCollection" and len(drawn["features"]) == COUNTS[level]
    assert drawn["synthetic"] is (level != "county")
    assert {"code", "name", "parent"} <= set(drawn["features"][0]["properties"])


def test_outlines_are_sent_once_and_packed(door: County) -> None:
    headers = door.phone("grid").headers
    client, path = door.app.test_client(), "/api/v1/layers/village.geojson"
    plain = client.get(path, headers=headers)
    packed = client.get(path, headers=headers | {"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] != plain.headers["ETag"]
    for first, extra in ((plain, {}), (packed, {"Accept-Encoding": "gzip"})):
        again = client.get(path, headers=headers | extra | {"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    assert client.get(path, headers=headers | {"If-None-Match": '"old"'}).status_code == 200
    assert "private" in plain.headers["Cache-Control"] and plain.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("by", ["town", "village", "grid", "category", "department", "day", ""])
def test_every_rate_shows_its_numerator_and_denominator(door: County, by: str) -> None:
    told = door.phone("county").get("statistics", by=by).json
    assert told is not None
    assert told["region"]["code"] == COUNTY and told["as_of"] and told["definitions"]
    for line in [*told["items"], told["total"]]:
        for rate in ("closure_rate", "on_time_rate", "acceptance_rate", "rework_rate"):
            assert set(line[rate]) >= {"numerator", "denominator", "value"}
            assert line[rate]["value"] is None or line[rate]["denominator"] > 0


def test_the_figures_count_what_happened(county: County) -> None:
    numbers = [county.phone("grid").report(a_body(county)).json["number"] for _ in range(3)]  # type: ignore[index]
    county.phone("village").act(numbers[0], "accept")
    county.phone("village").act(numbers[1], "reject", note="不属实")
    county.relay()
    for name in ("village", "town", "county"):
        told = county.phone(name).get("statistics", by="grid").json
        assert told is not None
        total = told["total"]
        assert [total[key] for key in ("reported", "accepted", "rejected", "open", "closed")] == [3, 1, 1, 2, 0]
        assert total["closure_rate"] == {"numerator": 0, "denominator": 1, "value": 0.0}
        assert sum(line["reported"] for line in told["items"]) == 3


def test_events_are_told_in_order_after_a_number(county: County) -> None:
    numbers = [county.phone("grid").report(a_body(county)).json["number"] for _ in range(5)]  # type: ignore[index]
    county.phone("village").act(numbers[0], "accept")
    assert county.phone("county").get("events").json["items"] == []  # type: ignore[index]
    county.relay()
    walked, after = [], "0"
    while True:
        page = county.phone("county").get("events", after=after, limit=2).json
        assert page is not None and page["seq"] == 6
        walked += page["items"]
        if page["next_cursor"] is None:
            break
        after = page["next_cursor"]
    assert [item["seq"] for item in walked] == [1, 2, 3, 4, 5, 6]
    assert [item["event"]["what"] for item in walked] == ["report"] * 5 + ["accept"]
    assert [item["ticket"]["number"] for item in walked] == [*numbers, numbers[0]]
    assert county.phone("county").get("events", after=6).json["items"] == []  # type: ignore[index]
    assert county.phone(f"t{ELSEWHERE}").get("events").json["items"] == []  # type: ignore[index]
    assert county.phone("department").get("events").json["items"] == []  # type: ignore[index]
    assert len(county.phone("village").get("events", region=VILLAGE).json["items"]) == 6  # type: ignore[index]


def test_every_address_of_version_one_is_described(door: County) -> None:
    client = door.app.test_client()
    described = client.get("/openapi.json").json
    assert described is not None and described["openapi"].startswith("3.1")
    taken: dict[str, set[str]] = {}
    for rule in door.app.url_map.iter_rules():
        if rule.rule.startswith("/api/"):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            taken.setdefault(path, set()).update((rule.methods or set()) - {"HEAD", "OPTIONS"})
    for path, methods in taken.items():
        assert methods == {method.upper() for method in described["paths"][path]}, path
    references = re.findall(r'"\$ref": ?"#/components/schemas/(\w+)"', json.dumps(described))
    assert set(references) <= set(described["components"]["schemas"])


def test_the_interface_is_readable_without_leaving_the_machine(door: County) -> None:
    page = door.app.test_client().get("/docs")
    assert page.status_code == 200
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert addresses and all(address.startswith(("/", "#")) and "//" not in address for address in addresses)
    for address in addresses:
        if address.startswith(("/static", "/vendor", "/docs")):
            assert door.app.test_client().get(address).status_code == 200, address


def test_each_problem_type_leads_to_its_explanation(door: County) -> None:
    codes = [error.code for error in every_error()]
    assert len(codes) > 30
    # The same reason, once as an answer to a question, once as a fault of a report.
    assert {code for code in codes if codes.count(code) > 1} == {"outside-county"}
    for error in every_error():
        page = door.app.test_client().get(f"/problems/{error.code}")
        assert page.status_code == 200 and error.code in page.text, error.code
    assert door.app.test_client().get("/problems/no-such-thing").status_code == 404


def test_the_process_is_alive_without_a_database(door: County) -> None:
    assert door.app.test_client().get("/health/live").json == {"status": "ok"}


def beat(county: County, age: timedelta) -> None:
    with county.sessions.begin() as session:
        for part in ALL_PARTS:
            session.merge(Heartbeat(name=part, at=datetime.now(UTC) - age))


def test_ready_means_that_relay_and_scheduler_are_at_work(county: County) -> None:
    client = county.app.test_client()
    absent = client.get("/health/ready")
    assert absent.status_code == 503 and absent.json is not None
    assert set(absent.json["missing"]) == {"relay", "scheduler"}
    beat(county, timedelta(seconds=1))
    assert client.get("/health/ready").json == {"status": "ok", "missing": [], "alarms": []}
    beat(county, timedelta(minutes=1))
    assert client.get("/health/ready").status_code == 503


def test_a_late_step_is_an_alarm_and_no_failure(county: County) -> None:
    from_long_ago = datetime.now(UTC) - timedelta(days=30)
    number = county.phone("grid").report(a_body(county)).json["number"]  # type: ignore[index]
    with county.sessions.begin() as session:
        for step in session.query(DueStep):
            step.due_at = from_long_ago
    beat(county, timedelta(seconds=1))
    ready = county.app.test_client().get("/health/ready")
    assert ready.status_code == 200 and ready.json is not None and number
    assert ready.json["alarms"][0]["alarm"] == "late-steps"
    assert "command_center_late_steps 0.0" not in county.app.test_client().get("/metrics").text


def test_metrics_count(county: County) -> None:
    county.phone("grid").report(a_body(county))
    told = county.app.test_client().get("/metrics").text
    assert "command_center_tickets_open 1.0" in told and "command_center_events_unpublished 1.0" in told


@pytest.mark.parametrize("path", ["/", "/m/", "/api/v1/me", "/docs", "/health/live", "/nothing"])
def test_every_answer_is_guarded(door: County, path: str) -> None:
    headers = door.app.test_client().get(path).headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "script-src 'self';" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    if path.startswith("/api/"):
        assert headers["Cache-Control"] == "no-store"
