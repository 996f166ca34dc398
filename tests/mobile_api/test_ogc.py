"""OGC API – Features at the door: what is there, how it is asked for, what is refused (OGC 17-069r4, 18-058r1)."""

import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from werkzeug.test import TestResponse

from command_center.tickets.models import Ticket
from command_center.zones.models import ZoneVersion
from tests.builders import ELSEWHERE, VILLAGE, a_ticket, spot
from tests.county import County

COUNTS = {"counties": 1, "towns": 17, "villages": 283, "grids": 1_798}
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
BOX = (122.45, 40.60, 122.55, 40.68)
NOT_FOR_MAPS = {"description", "reporter", "reported_by", "reported_by_id", "handler", "handler_id", "phone", "note"}


def get(county: County, path: str = "", by: str | None = None, **query: Any) -> TestResponse:
    headers = county.phone(by).headers
    return county.app.test_client().get(f"/ogc{path}", query_string=query, headers=headers)


def items(county: County, name: str, by: str | None = None, **query: Any) -> dict[str, Any]:
    answer = get(county, f"/collections/{name}/items", by, **query)
    assert answer.status_code == 200, answer.text
    return json.loads(answer.data)


def codes(page: dict[str, Any]) -> list[str]:
    return [feature["properties"]["code"] for feature in page["features"]]


def links(document: dict[str, Any]) -> dict[str, str]:
    return {link["rel"]: link["href"] for link in document["links"]}


def followed(county: County, name: str, way: str = "next", by: str | None = None, **query: Any) -> list[dict[str, Any]]:
    """All pages, by their links."""
    pages = [items(county, name, by, **query)]
    while way in links(pages[-1]):
        target = urlsplit(links(pages[-1])[way])
        answer = county.app.test_client().get(f"{target.path}?{target.query}", headers=county.phone(by).headers)
        pages.append(json.loads(answer.data))
    return pages


def outlines(county: County) -> dict[str, shapely.Geometry]:
    page = followed(county, "grids", limit=1000)
    features = [feature for one in page for feature in one["features"]]
    return {one["properties"]["code"]: shapely.from_geojson(json.dumps(one["geometry"])) for one in features}


def test_the_landing_page_leads_to_everything(door: County) -> None:
    found = links(get(door).json)
    assert {"self", "alternate", "service-desc", "service-doc", "conformance", "data"} <= found.keys()
    for address in found.values():
        assert door.app.test_client().get(address).status_code == 200


def test_links_are_right_behind_a_prefix_and_https(door: County) -> None:
    answer = door.app.test_client().get("/ogc", base_url="https://map.example/grid-governing/")
    assert links(answer.json)["data"] == "https://map.example/grid-governing/ogc/collections"


def test_core_geojson_openapi_html_and_crs_are_conformed_to(door: County) -> None:
    classes = {uri.rsplit("/", 1)[1] for uri in get(door, "/conformance").json["conformsTo"]}
    assert classes == {"core", "oas30", "html", "geojson", "crs"}


def test_without_a_token_there_are_regions_and_zones(door: County) -> None:
    found = get(door, "/collections").json["collections"]
    assert [one["id"] for one in found] == ["counties", "towns", "villages", "grids", "zones"]


def test_with_a_token_there_are_tickets_as_well(door: County) -> None:
    assert get(door, "/collections", "village").json["collections"][-1]["id"] == "tickets"


def test_a_collection_tells_its_extent_and_its_coordinate_references(door: County) -> None:
    found = get(door, "/collections/grids").json
    west, south, east, north = found["extent"]["spatial"]["bbox"][0]
    assert 122 < west < east < 123.5 and 40 < south < north < 41.5
    assert found["crs"] == [CRS84, f"{EPSG}4326", f"{EPSG}4490"] and found["storageCrs"] == CRS84
    assert found["itemType"] == "feature" and found["extent"]["temporal"]["interval"][0][1] is None


@pytest.mark.parametrize(("name", "count"), COUNTS.items())
def test_each_level_has_all_its_regions(door: County, name: str, count: int) -> None:
    page = items(door, name, limit=1)
    assert (page["numberMatched"], page["numberReturned"]) == (count, 1)


def test_a_region_tells_what_is_promised(door: County) -> None:
    found = items(door, "grids", code="2108820040041001")["features"][0]
    said = found["properties"]
    assert found["id"] == said["code"] == "2108820040041001"
    assert (said["level"], said["kind"], said["parent_code"]) == ("grid", "urban_rural", VILLAGE)
    assert said["synthetic"] is True and said["valid_from"] and said["valid_to"] is None


def test_paging_shows_every_grid_once_forwards_and_backwards(door: County) -> None:
    forwards = followed(door, "grids", limit=500)
    assert [page["numberReturned"] for page in forwards] == [500, 500, 500, 298]
    assert {page["numberMatched"] for page in forwards} == {1_798}
    seen = [code for page in forwards for code in codes(page)]
    assert len(set(seen)) == len(seen) == 1_798
    last = f"{codes(forwards[-1])[-1]}.1"
    backwards = followed(door, "grids", "prev", limit=500, before=last)
    assert sorted(code for page in backwards for code in codes(page)) == sorted(seen)[:-1]


def test_a_limit_that_is_too_large_is_clamped(door: County) -> None:
    assert items(door, "grids", limit=50_000)["numberReturned"] == 1_000
    assert items(door, "grids", limit="1" + 20 * "0")["numberReturned"] == 1_000
    assert items(door, "grids")["numberReturned"] == 100


def test_an_offset_skips(door: County) -> None:
    assert codes(items(door, "towns", offset=15)) == codes(items(door, "towns"))[15:]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"kind": "school"}, 69),
        ({"kind": "enterprise"}, 249),
        ({"level": "grid"}, 1_798),
        ({"level": "town"}, 0),
        ({"code": "2108820040041001"}, 1),
        ({"kind": "urban_rural", "parent_code": "no such"}, 0),
    ],
)
def test_properties_narrow_the_page(door: County, query: dict[str, str], count: int) -> None:
    assert items(door, "grids", limit=1, **query)["numberMatched"] == count


def test_a_box_finds_what_meets_it(door: County) -> None:
    frame = shapely.box(*BOX)
    wanted = {code for code, shape in outlines(door).items() if shape.intersects(frame)}
    assert 50 < len(wanted) < 1_500
    assert set(codes(items(door, "grids", bbox=",".join(map(str, BOX)), limit=1000))) == wanted


@pytest.mark.parametrize(
    ("bbox", "reference"),
    [
        ("122.45,40.6,-50,122.55,40.68,900", CRS84),
        ("40.6,122.45,40.68,122.55", f"{EPSG}4326"),
        ("40.6,122.45,40.68,122.55", f"{EPSG}4490"),
    ],
)
def test_a_box_may_have_heights_or_its_latitudes_first(door: County, bbox: str, reference: str) -> None:
    usual = items(door, "villages", bbox=",".join(map(str, BOX)), limit=1000)
    assert codes(items(door, "villages", bbox=bbox, limit=1000, **{"bbox-crs": reference})) == codes(usual)


def test_a_box_may_cross_the_180th_meridian(door: County) -> None:
    assert items(door, "towns", bbox="122,-90,-170,90")["numberMatched"] == 17
    assert items(door, "towns", bbox="170,-90,-170,90")["numberMatched"] == 0


@pytest.mark.parametrize("reference", [f"{EPSG}4326", f"{EPSG}4490"])
def test_latitude_comes_first_where_the_reference_has_it_so(door: County, reference: str) -> None:
    answer = get(door, "/collections/counties/items", crs=reference)
    assert answer.headers["Content-Crs"] == f"<{reference}>"
    turned = shapely.from_geojson(json.dumps(answer.json["features"][0]["geometry"]))
    usual = shapely.from_geojson(json.dumps(items(door, "counties")["features"][0]["geometry"]))
    assert shapely.transform(turned, lambda xy: xy[:, ::-1]).equals_exact(usual, 0)


def test_outer_rings_run_counter_clockwise(door: County) -> None:
    for feature in items(door, "towns")["features"]:
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert all(shapely.is_ccw(part.exterior) for part in shapely.get_parts(shape))


@pytest.mark.parametrize(
    ("when", "count"),
    [
        ("2000-01-01T00:00:00Z", 0),
        ("../2000-01-01T00:00:00+08:00", 0),
        ("2000-01-01T00:00:00Z/..", 17),
        ("2999-01-01T00:00:00Z", 17),
        ("/2999-01-01T00:00:00Z", 17),
        ("../..", 17),
        ("2000-01-01t00:00:00z/2999-01-01t00:00:00+08:00", 17),
    ],
)
def test_regions_are_found_by_when_they_were_in_force(door: County, when: str, count: int) -> None:
    assert items(door, "towns", datetime=when)["numberMatched"] == count


BAD = [
    ("limit", "0"),
    ("limit", "-5"),
    ("limit", "many"),
    ("limit", "٣"),
    ("offset", "x"),
    ("bbox", "1,2,3"),
    ("bbox", "1,2,3,nan"),
    ("bbox", "1,2,3,inf"),
    ("bbox", "122,41,123,40"),
    ("bbox-crs", "EPSG:4326"),
    ("crs", "http://www.opengis.net/def/crs/EPSG/0/3857"),
    ("datetime", "yesterday"),
    ("datetime", "2026-11-21T08:00:00"),
    ("datetime", "2026-11-21T08:00:00Z/2026-11-20T08:00:00Z"),
    ("f", "gml"),
    ("colour", "red"),
    ("code", "9" * 101),
    ("code", "2108\x00"),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_parameter_that_is_wrong_or_unknown_is_refused(door: County, name: str, value: str) -> None:
    answer = get(door, "/collections/grids/items", **{name: value})
    assert answer.status_code == 400 and answer.content_type == "application/problem+json"
    assert answer.json["type"] == "/problems/bad-parameter" and answer.json["field"] == name
    said = answer.json["detail"].partition("：")[2]
    assert re.search("[\u4e00-\u9fff]", said) and not re.search("[\u4e00-\u9fff]", answer.json["detail_en"])


def test_a_nul_is_called_a_nul(door: County) -> None:
    assert "NUL" in get(door, "/collections/grids/items", code="\x00").json["detail_en"]


def test_a_parameter_may_be_given_once(door: County) -> None:
    answer = door.app.test_client().get("/ogc/collections/grids/items?limit=1&limit=2")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/collections/planets", "unknown-collection"),
        ("/collections/planets/items", "unknown-collection"),
        ("/collections/grids/items/999", "feature-not-found"),
        ("/collections/grids/items/210882004000", "feature-not-found"),
        ("/nothing", "nothing-here"),
    ],
)
def test_what_is_not_there_is_a_problem_document(door: County, path: str, code: str) -> None:
    answer = get(door, path)
    assert (answer.status_code, answer.json["type"]) == (404, f"/problems/{code}")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["bbox", "datetime", "limit", "after", "before", "offset", "crs", "code"]),
    st.text(st.characters(codec="utf-8"), max_size=40) | st.from_regex(r"[-0-9./,TZ:+]{0,40}", fullmatch=True),
)
def test_whatever_is_asked_the_answer_is_a_page_or_a_refusal(door: County, name: str, value: str) -> None:
    assert get(door, "/collections/towns/items", **{name: value}).status_code in (200, 400)


def test_one_feature_has_its_own_address(door: County) -> None:
    answer = get(door, f"/collections/villages/items/{VILLAGE}", crs=f"{EPSG}4490")
    assert answer.json["id"] == VILLAGE and answer.json["properties"]["name"] == "富丽社区"
    assert links(answer.json)["collection"].endswith("/ogc/collections/villages")
    assert answer.headers["Content-Crs"] == f"<{EPSG}4490>"


def test_an_unchanged_page_is_not_sent_again(door: County) -> None:
    first = get(door, "/collections/towns/items")
    headers = {"If-None-Match": first.headers["ETag"]}
    again = door.app.test_client().get("/ogc/collections/towns/items", headers=headers)
    other = door.app.test_client().get("/ogc/collections/towns/items?limit=3", headers=headers)
    assert (again.status_code, again.data, other.status_code) == (304, b"", 200)


def test_a_page_is_packed_for_those_who_can_unpack(door: County) -> None:
    answer = door.app.test_client().get("/ogc/collections/towns/items", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(answer.data))["numberReturned"] == 17


@pytest.mark.parametrize(
    "path", ["", "/api", "/conformance", "/collections", "/collections/towns", "/collections/towns/items"]
)
def test_a_browser_gets_a_page_at_every_address(door: County, path: str) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    answer = door.app.test_client().get(f"/ogc{path}", headers=browser)
    assert answer.status_code == 200 and answer.mimetype == "text/html"


def test_from_a_page_a_browser_reaches_the_document(door: County) -> None:
    page = get(door, "/collections/towns/items", f="html", limit=3).text
    address = re.search(r'href="([^"]*limit=3&amp;f=json)"', page)
    assert address is not None
    browser = {"Accept": "text/html,*/*;q=0.8"}
    answer = door.app.test_client().get(address[1].replace("&amp;", "&"), headers=browser)
    assert answer.mimetype == "application/geo+json" and answer.json["numberReturned"] == 3


def test_pages_for_people_show_every_feature_once(door: County) -> None:
    address, seen = "/ogc/collections/villages/items?f=html&limit=100", list[str]()
    while address:
        page = door.app.test_client().get(address).text
        seen += re.findall(r"/items/(\d{12})\?", page)
        following = re.search(r'href="([^"]*)"[^>]*>\s*next ', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert len(seen) == len(set(seen)) == COUNTS["villages"]


def test_caches_are_told_that_the_collections_depend_on_the_caller(door: County) -> None:
    answer = get(door, "/collections")
    assert {"Authorization", "Cookie", "Accept-Language"} <= set(answer.headers["Vary"].split(", "))
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_the_page_of_a_feature_tells_its_properties(door: County) -> None:
    answer = get(door, f"/collections/villages/items/{VILLAGE}", f="html")
    assert "富丽社区" in answer.text and answer.mimetype == "text/html"


def test_the_description_names_every_collection_and_the_largest_page(door: County) -> None:
    answer = get(door, "/api")
    assert answer.mimetype == "application/vnd.oai.openapi+json" and answer.json["openapi"].startswith("3.0")
    parameters = answer.json["paths"]["/collections/grids/items"]["get"]["parameters"]
    limit = next(one["schema"] for one in parameters if one["name"] == "limit")
    assert (limit["default"], limit["maximum"]) == (100, 1_000)
    assert "/collections/tickets/items" not in answer.json["paths"]
    assert "/collections/tickets/items" in get(door, "/api", "town").json["paths"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_word_is_there_in_both_languages(door: County, lang: str) -> None:
    for path in ("", "/api", "/collections"):
        for form in ("json", "html"):
            assert not re.search(r"\bogc\.[a-z]", get(door, path, "county", lang=lang, f=form).text)


def test_tickets_are_not_for_those_without_a_token(door: County) -> None:
    for path in ("/collections/tickets", "/collections/tickets/items", "/collections/tickets/items/1"):
        assert get(door, path).status_code == 401


def test_one_sees_the_tickets_that_one_may_see(door: County) -> None:
    here = a_ticket(door).look().number
    lon, lat = spot(door, ELSEWHERE)
    there = a_ticket(door, lon=lon, lat=lat, by="county").look().number

    def seen(by: str) -> set[str]:
        return {feature["id"] for feature in items(door, "tickets", by, limit=1000)["features"]}

    assert here in seen("village") and there not in seen("village")
    assert {here, there} <= seen("county")
    assert get(door, f"/collections/tickets/items/{there}", "village").status_code == 404
    assert get(door, f"/collections/tickets/items/{there}", "county").status_code == 200


def test_tickets_begin_with_the_first_that_one_may_see(door: County) -> None:
    lon, lat = spot(door, ELSEWHERE)
    there = a_ticket(door, lon=lon, lat=lat, by="county").look().number
    with door.sessions.begin() as session:
        early = update(Ticket).where(Ticket.number == there).values(created_at=datetime(2020, 1, 1, tzinfo=UTC))
        session.execute(early)

    def begins(by: str) -> str | None:
        return get(door, "/collections/tickets", by).json["extent"]["temporal"]["interval"][0][0]

    assert begins("county") == "2020-01-01T00:00:00.000Z" != begins("village")


def test_nothing_of_persons_and_no_words_of_a_report_are_told(door: County) -> None:
    number = a_ticket(door, description="王某某 13800138000").look().number
    answer = get(door, f"/collections/tickets/items/{number}", "county")
    assert NOT_FOR_MAPS.isdisjoint(answer.json["properties"])
    assert "13800138000" not in answer.text
    assert "no-store" in answer.headers["Cache-Control"]


def test_tickets_are_found_by_time_and_box_and_paged(door: County) -> None:
    day = datetime(2026, 3, 2, 4, tzinfo=UTC)
    numbers = [a_ticket(door, now=day + timedelta(hours=n)).look().number for n in range(5)]
    when = f"{day.isoformat()}/{(day + timedelta(hours=3)).isoformat()}"
    lon, lat = spot(door)
    near = f"{lon - 0.001},{lat - 0.001},{lon + 0.001},{lat + 0.001}"
    pages = followed(door, "tickets", by="county", limit=3, datetime=when, bbox=near)
    assert [[one["id"] for one in page["features"]] for page in pages] == [numbers[:3], numbers[3:4]]
    assert {page["numberMatched"] for page in pages} == {4}
    before = items(door, "tickets", "county", limit=3, datetime=when, before=numbers[3])
    assert [one["id"] for one in before["features"]] == numbers[:3] and "prev" not in links(before)
    assert items(door, "tickets", "county", datetime=when, bbox="1,1,2,2")["numberMatched"] == 0
    assert get(door, "/collections/tickets/items", "county", after="no such").status_code == 400


def a_zone(county: County, code: str, version: int, begins: str, ends: str | None = None, **more: Any) -> None:
    west, south, east, north = BOX
    said = {
        "kind": "forest",
        "name": "北山林区",
        "name_en": "North hill",
        "wkb": shapely.to_wkb(shapely.box(west, south, east, north)),
        "buffer_m": 500.0,
        "season_from": None,
        "season_to": None,
        "categories": [],
        "effects": {},
        "note": "",
        "source": "test",
        "synthetic": True,
        "retired": False,
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
        "created_by": "admin",
        "valid_until": datetime.fromisoformat(ends) if ends else None,
    } | more
    with county.sessions.begin() as session:
        session.add(ZoneVersion(zone_code=code, version=version, valid_from=datetime.fromisoformat(begins), **said))


def test_zones_are_shown_as_in_force_and_their_past_by_time(door: County) -> None:
    a_zone(door, "Z9001", 1, "2026-01-01T00:00:00+08:00")
    a_zone(door, "Z9001", 2, "2026-02-01T00:00:00+08:00", name="北山林区（扩）")
    a_zone(door, "Z9002", 1, "2026-01-01T00:00:00+08:00", "2026-03-01T00:00:00+08:00")
    now = items(door, "zones")
    assert [(one["id"], one["properties"]["name"]) for one in now["features"]] == [("Z9001", "北山林区（扩）")]
    assert {"effects", "categories"}.isdisjoint(now["features"][0]["properties"])
    january = items(door, "zones", datetime="2026-01-15T00:00:00Z")
    assert [one["id"] for one in january["features"]] == ["Z9001.1", "Z9002.1"]
    assert items(door, "zones", datetime="2026-01-15T00:00:00Z/..", bbox="0,0,1,1")["numberMatched"] == 0
    assert get(door, "/collections/zones/items/Z9001.1").json["properties"]["valid_to"] == "2026-01-31T16:00:00.000Z"
    assert get(door, "/collections/zones/items/Z9002").json["id"] == "Z9002.1"


def test_a_zone_that_is_still_to_begin_is_not_shown_and_ends_nothing(door: County) -> None:
    a_zone(door, "Z9003", 1, "2026-01-01T00:00:00+08:00")
    a_zone(door, "Z9003", 2, "2999-01-01T00:00:00+08:00", name="未来林区")
    a_zone(door, "Z9004", 1, "2999-01-01T00:00:00+08:00", wkb=shapely.to_wkb(shapely.box(10, 10, 11, 11)))
    found = items(door, "zones", datetime="2999-06-01T00:00:00Z", code="Z9003")["features"]
    assert [(one["id"], one["properties"]["valid_to"]) for one in found] == [("Z9003", None)]
    assert items(door, "zones", datetime="../..", code="Z9004")["numberMatched"] == 0
    for fid in ("Z9003.2", "Z9004", "Z9004.1"):
        assert get(door, f"/collections/zones/items/{fid}").status_code == 404
    assert get(door, "/collections/zones").json["extent"]["spatial"]["bbox"][0][0] > 100
