"""What broken phones and attackers send as a report: a problem of its own type, and no row changed."""

import json
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from command_center.errors import how_far
from tests.builders import a_body, a_key
from tests.county import County
from tests.mobile_api.problems import nothing_changes, problem

GONE = object()  # the field is left out
SOON = (datetime.now(UTC) + timedelta(minutes=30)).isoformat()


@dataclass(frozen=True)
class Bad:
    """One bad report: a sound one with these changes."""

    name: str
    status: int
    code: str
    field: str | None = None
    changes: dict[str, Any] = dataclass_field(default_factory=dict)


def value(name: str, what: str, sent: Any, status: int, code: str) -> Bad:
    return Bad(f"{what}: {name}", status, code, what, {what: sent})


CONTENT = [
    # What it is about
    value("unknown", "category", "9999", 422, "unknown-category"),
    value("a major class, too coarse", "category", "05", 422, "unknown-category"),
    value("in Chinese", "category", "线缆", 422, "unknown-category"),
    value("SQL", "category", "' OR 1=1 --", 422, "unknown-category"),
    value("empty", "category", "", 422, "invalid"),
    value("a number", "category", 507, 422, "invalid"),
    value("null", "category", None, 422, "invalid"),
    value("missing", "category", GONE, 422, "invalid"),
    value("NUL", "category", "0507\x00", 422, "invalid"),
    value("very long", "category", "0" * 10_000, 422, "invalid"),
    # Where it is
    value("text", "lon", "122.5", 422, "invalid"),
    value("text", "lat", "40.6", 422, "invalid"),
    value("true", "lon", True, 422, "invalid"),
    value("false", "lat", False, 422, "invalid"),
    value("null", "lon", None, 422, "invalid"),
    value("null", "lat", None, 422, "invalid"),
    value("missing", "lon", GONE, 422, "invalid"),
    value("missing", "lat", GONE, 422, "invalid"),
    value("a list", "lon", [122.5], 422, "invalid"),
    value("an object", "lat", {"lat": 40.6}, 422, "invalid"),
    value("a number of 400 digits", "lon", int("1" * 400), 422, "coordinates-not-finite"),
    value("a number of 400 digits", "lat", -int("4" * 400), 422, "coordinates-not-finite"),
    Bad("swapped", 422, "coordinates-swapped", "lon", {"lon": 40.6, "lat": 122.5}),
    Bad("absurd", 422, "coordinates-out-of-range", "lon", {"lon": 500, "lat": 500}),
    Bad("just off the globe", 422, "coordinates-out-of-range", "lon", {"lon": 180.0001, "lat": 40.6}),
    Bad("no fix", 422, "outside-county", "lon", {"lon": 0, "lat": 0}),
    Bad("Beijing", 422, "outside-county", "lon", {"lon": 116.39, "lat": 39.9}),
    Bad("Beijing, GCJ-02", 422, "outside-county", "lon", {"lon": 116.39, "lat": 39.9, "datum": "gcj02"}),
    Bad("the south pole", 422, "outside-county", "lon", {"lon": 0, "lat": -90, "datum": "bd09"}),
    value("mars", "datum", "mars", 422, "unknown-datum"),
    value("in capitals", "datum", "GCJ02", 422, "unknown-datum"),
    value("null", "datum", None, 422, "unknown-datum"),
    value("a number", "datum", 4326, 422, "unknown-datum"),
    value("a list", "datum", ["wgs84"], 422, "unknown-datum"),
    value("half a character", "datum", "\ud800", 422, "unknown-datum"),
    value("very long", "datum", "x" * 100_000, 422, "unknown-datum"),
    value("negative", "accuracy_m", -1, 422, "invalid"),
    value("text", "accuracy_m", "good", 422, "invalid"),
    # When it was
    value("in half an hour", "captured_at", SOON, 422, "captured-in-future"),
    value("in the year 9999", "captured_at", "9999-12-31T23:59:59-12:00", 422, "captured-in-future"),
    value("without a zone", "captured_at", "2026-11-20T09:00:00", 422, "invalid"),
    value("nonsense", "captured_at", "yesterday", 422, "invalid"),
    value("a day that is not", "captured_at", "2026-02-30T09:00:00Z", 422, "invalid"),
    value("before all time", "captured_at", "0001-01-01T00:00:00+14:00", 422, "invalid"),
    value("a list", "captured_at", [], 422, "invalid"),
    # What was seen
    value("100,000 characters", "description", "长" * 100_000, 422, "description-too-long"),
    value("one character too many", "description", "长" * 5001, 422, "description-too-long"),
    value("NUL", "description", "a\x00b", 422, "invalid"),
    value("escape", "description", "\x1b[2J", 422, "invalid"),
    value("half an emoji", "description", "\ud83d", 422, "invalid"),
    value("the halves of an emoji, swapped", "description", "\ude00\ud83d", 422, "invalid"),
    value("null", "description", None, 422, "invalid"),
    value("a number", "description", 5, 422, "invalid"),
    value("a list", "description", ["线缆"], 422, "invalid"),
    value("unknown", "photos", ["AAAAAAAAAAAAAAAAAAAAAA"], 422, "unknown-attachment"),
    value("SQL", "photos", ["' OR 1=1 --"], 422, "unknown-attachment"),
    value("a path", "photos", ["../../secret.key"], 422, "unknown-attachment"),
    value("ten", "photos", [f"photo-{n}" for n in range(10)], 422, "too-many-photos"),
    Bad("photos: a NUL", 422, "invalid", None, {"photos": ["\x00"]}),
    Bad("photos: numbers", 422, "invalid", None, {"photos": [1, 2]}),
    Bad("photos: half a character", 422, "invalid", None, {"photos": ["\udfff"]}),
    Bad("photos: half a megabyte", 422, "invalid", None, {"photos": ["x" * 500_000]}),
    value("text", "photos", "AAAA", 422, "invalid"),
    value("null", "photos", None, 422, "invalid"),
    value("text", "reporter", "王先生", 422, "invalid"),
    Bad("reporter: no phone", 422, "invalid", "reporter.phone", {"reporter": {"phone": "call me"}}),
    Bad("reporter: a NUL", 422, "invalid", "reporter.name", {"reporter": {"name": "\x00"}}),
    Bad("reporter: a long name", 422, "invalid", "reporter.name", {"reporter": {"name": "王" * 51}}),
    value("unknown", "source", "telepathy", 422, "invalid"),
]

SPELLING = {  # the whole body as bytes
    "nothing at all": (b"", "malformed-json"),
    "cut off": (b'{"category": "0507", "lon": 12', "malformed-json"),
    "a form": (b"category=0507&lon=122.5", "malformed-json"),
    "a list": (b"[]", "malformed-json"),
    "a list of reports": (b'[{"category": "0507"}]', "malformed-json"),
    "a text": (b'"0507"', "malformed-json"),
    "a number": (b"5", "malformed-json"),
    "null": (b"null", "malformed-json"),
    "two documents": (b"{}{}", "malformed-json"),
    "single quotes": (b"{'category': '0507'}", "malformed-json"),
    "a comma too many": (b'{"category": "0507",}', "malformed-json"),
    "a raw line end in a text": (b'{"category": "05\n07"}', "malformed-json"),
    "GBK": ('{"category": "线缆"}'.encode("gbk"), "malformed-json"),
    "UTF-16": ('{"category": "0507"}'.encode("utf-16"), "malformed-json"),
    "noise": (bytes(range(256)), "malformed-json"),
    "a number of 5,000 digits": (b'{"lon": ' + b"1" * 5000 + b"}", "malformed-json"),
    "NaN": (b'{"category": "0507", "lon": NaN, "lat": 40.6}', "not-a-number"),
    "Infinity": (b'{"category": "0507", "lon": 122.5, "lat": Infinity}', "not-a-number"),
    "-Infinity": (b'{"category": "0507", "lon": -Infinity, "lat": 40.6}', "not-a-number"),
    "NaN far from the coordinates": (b'{"category": "0507", "of_no_use": [NaN]}', "not-a-number"),
    "nested a thousand deep": (b"[" * 1000 + b"]" * 1000, "json-too-deep"),
    "nested 100,000 deep": (b"[" * 100_000 + b"]" * 100_000, "json-too-deep"),
    "nested 100,000 deep, cut off": (b"[" * 100_000, "json-too-deep"),
    "objects nested 100,000 deep": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "json-too-deep"),
    "a thousand deep in an unknown field": (b'{"x": ' + b"[" * 1000 + b"]" * 1000 + b"}", "json-too-deep"),
}


@pytest.mark.parametrize("bad", CONTENT, ids=lambda bad: bad.name)
def test_wrong_content_is_refused_by_its_own_name(door: County, bad: Bad) -> None:
    body = {name: sent for name, sent in (a_body(door) | bad.changes).items() if sent is not GONE}
    phone = door.phone("grid")
    with nothing_changes(door):
        problem(phone.report(body), bad.status, bad.code, bad.field)


@pytest.mark.parametrize("name", SPELLING)
def test_what_is_no_json_object_is_refused(door: County, name: str) -> None:
    data, code = SPELLING[name]
    phone = door.phone("grid")
    with nothing_changes(door):
        problem(phone.post("reports", data=data, Idempotency_Key=a_key()), 400, code)


@pytest.mark.parametrize("spelt", ["1e999", "-1e999", "1" * 400])
@pytest.mark.parametrize("name", ["lon", "lat", "accuracy_m"])
def test_a_number_beyond_all_numbers_is_refused(door: County, name: str, spelt: str) -> None:
    body = a_body(door) | {name: "HERE"}
    data = json.dumps(body).replace('"HERE"', spelt).encode()
    code = "invalid" if name == "accuracy_m" else "coordinates-not-finite"
    with nothing_changes(door):
        problem(door.phone("grid").post("reports", data=data, Idempotency_Key=a_key()), 422, code, name)


def test_a_body_beyond_a_megabyte_is_too_large(door: County) -> None:
    with nothing_changes(door):
        told = problem(door.phone("grid").report(a_body(door), extra="x" * 2_000_000), 413, "too-large")
    assert told["limit"] == 1024 * 1024


@pytest.mark.parametrize(
    ("lon", "lat", "nearest", "farthest"), [(116.39, 39.9, 450_000, 600_000), (122.0, 40.6, 1, 99_000)]
)
def test_outside_the_county_the_distance_is_told(
    door: County, lon: float, lat: float, nearest: float, farthest: float
) -> None:
    told = problem(door.phone("grid").report(a_body(door), lon=lon, lat=lat), 422, "outside-county", "lon")
    assert nearest < told["distance_m"] < farthest
    assert told["distance"] in told["title"] and told["distance"] in told["title_en"]


@pytest.mark.parametrize(("metres", "said"), [(101.4, "101 m"), (1999.0, "1999 m"), (494_041.0, "494 km")])
def test_a_distance_is_told_as_people_say_it(metres: float, said: str) -> None:
    assert how_far(metres) == said


def test_too_long_a_description_is_told_its_length(door: County) -> None:
    told = problem(door.phone("grid").report(a_body(door), description="长" * 5005), 422, "description-too-long")
    assert (told["limit"], told["length"]) == (5000, 5005)


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "idempotency-key-missing"),
        ("", "idempotency-key-missing"),
        ("   ", "idempotency-key-missing"),
        ("1", "idempotency-key-invalid"),
        ("not-a-uuid", "idempotency-key-invalid"),
        ("g" * 32, "idempotency-key-invalid"),
        ("0" * 10_000, "idempotency-key-invalid"),
        ("' OR 1=1 --", "idempotency-key-invalid"),
    ],
)
def test_a_report_needs_the_phones_uuid(door: County, key: str | None, code: str) -> None:
    headers = {} if key is None else {"Idempotency_Key": key}
    with nothing_changes(door):
        problem(door.phone("grid").post("reports", a_body(door), **headers), 400, code)


def test_a_clock_a_little_fast_is_forgiven(door: County) -> None:
    soon = (datetime.now(UTC) + timedelta(minutes=4)).isoformat()
    assert door.phone("grid").report(a_body(door), captured_at=soon).status_code == 201


@pytest.mark.parametrize("who", ["town", "d.power", "admin", "leader"])
def test_a_refused_report_says_the_same_to_everybody(door: County, who: str) -> None:
    with nothing_changes(door):
        problem(door.phone(who).report(a_body(door), lon=0, lat=0), 422, "outside-county", "lon")
