"""Reports that are taken in: placed, kept as they came, and taken once however often they are sent."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from command_center.tickets.models import Ticket
from gis import datum as datums
from tests.builders import CABLE, VILLAGE, a_body, a_key, spot
from tests.county import County
from tests.mobile_api.problems import nothing_changes, problem

SHOWN_AS_TEXT = [
    "",
    "<script>alert(document.cookie)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }} {% include 'secret' %} ${7*7} %s %(x)s {0} {number}",
    "'; DROP TABLE tickets; --",
    "线缆⚡️断了🧑🏽‍🚒👨‍👩‍👧‍👦",
    "𠮷𡈽 生僻字 ㋿ é é",
    "  两端空格保留  ",
    "第一行\n第二行\r\n\t第三行",
    "\u202e右到左\u202c \u200b零宽",
    "=HYPERLINK(1)",
    "长" * 5000,
    "🧯" * 5000,
]


def test_a_report_becomes_a_ticket(door: County) -> None:
    answer = door.phone("grid").report(a_body(door))
    assert answer.status_code == 201 and answer.json is not None
    told = answer.json
    assert answer.headers["ETag"] == '"1"' and told["version"] == 1
    assert answer.headers["Location"] == f"/api/v1/tickets/{told['number']}"
    assert (told["node"], told["tier"], told["placed"], told["source"]) == ("intake", "village", "inside", "patrol")
    assert told["region"]["grid"]["code"] == door.user("grid").region_code
    assert told["region"]["village"] == {"code": VILLAGE, "name": "富丽社区"}
    assert (told["category"]["code"], told["category"]["condition"]["code"][:4]) == (CABLE, CABLE)
    assert told["reported_by"]["username"] == "grid"
    assert told["colour"] == told["tier_colour"] == "blue"
    assert set(told["allowed_actions"]) == set(told["actions"])
    assert door.phone("grid").get(f"tickets/{told['number']}").json == told


def test_a_category_may_be_a_minor_class_or_a_case_condition(door: County) -> None:
    by_class = door.phone("grid").report(a_body(door)).json
    assert by_class is not None
    condition = by_class["category"]["condition"]["code"]
    by_condition = door.phone("grid").report(a_body(door, category=condition)).json
    assert by_condition is not None and by_condition["category"] == by_class["category"]


@pytest.mark.parametrize("text", SHOWN_AS_TEXT, ids=range(len(SHOWN_AS_TEXT)))
def test_what_was_written_is_given_back_unchanged(door: County, text: str) -> None:
    phone = door.phone("grid")
    told = phone.report(a_body(door, description=text)).json
    assert told is not None and told["description"] == text
    assert phone.get(f"tickets/{told['number']}").json["description"] == text  # type: ignore[index]


@pytest.mark.parametrize("datum", ["wgs84", "cgcs2000", "gcj02", "bd09"])
def test_each_datum_is_placed_where_its_wgs84_equivalent_is(door: County, datum: str) -> None:
    lon, lat = spot(door)
    raw_lon, raw_lat = datums.from_wgs84(lon, lat, datum)
    told = door.phone("grid").report(a_body(door, lon=raw_lon, lat=raw_lat, datum=datum)).json
    assert told is not None
    assert (told["datum"], told["raw_lon"], told["raw_lat"]) == (datum, raw_lon, raw_lat)
    assert told["lon"] == pytest.approx(lon, abs=1e-8) and told["lat"] == pytest.approx(lat, abs=1e-8)
    assert told["region"]["grid"]["code"] == door.user("grid").region_code
    if datum in ("gcj02", "bd09"):
        assert abs(raw_lon - lon) > 0.003, "left as it came, it would be some hundred metres off"


def test_an_unknown_field_of_a_newer_phone_is_ignored(door: County) -> None:
    assert door.phone("grid").report(a_body(door, mood="good", number="X", version=7)).status_code == 201


def test_nobody_sets_what_the_center_decides(door: County) -> None:
    told = (
        door.phone("grid")
        .report(
            a_body(
                door, node="closed", tier="county", simulated=True, reported_by="admin", due_at="2099-01-01T00:00:00Z"
            )
        )
        .json
    )
    assert told is not None
    assert (told["node"], told["tier"], told["simulated"]) == ("intake", "village", False)
    assert told["reported_by"]["username"] == "grid" and told["due_at"] < "2099"


def test_a_citizen_s_name_is_shown_to_those_who_call_back_only(door: County) -> None:
    reporter = {"name": "王先生", "phone": "+86 138-0000-0000"}
    told = door.phone("hotline").report(a_body(door, reporter=reporter)).json
    assert told is not None and told["source"] == "hotline"
    shown = {
        name: door.phone(name).get(f"tickets/{told['number']}").json["reporter"]  # type: ignore[index]
        for name in ("village", "hotline", "leader", "grid")
    }
    assert shown == {"village": reporter, "hotline": reporter, "leader": None, "grid": None}


def test_the_same_key_again_gives_the_same_ticket(door: County) -> None:
    phone, body, key = door.phone("grid"), a_body(door), a_key()
    first = phone.report(body, key=key)
    with nothing_changes(door):
        again = phone.report(body, key=key)
        in_capitals = phone.report(body, key=key.upper().replace("-", ""))
    assert (first.status_code, again.status_code, in_capitals.status_code) == (201, 200, 200)
    assert first.json == again.json == in_capitals.json
    assert again.headers["ETag"] == '"1"'


def test_the_same_content_in_another_spelling_is_the_same_report(door: County) -> None:
    phone, body, key = door.phone("grid"), a_body(door), a_key()
    first = phone.report(body, key=key)
    again = phone.report(dict(reversed(body.items())), key=key)
    assert (again.status_code, again.json) == (200, first.json)


def test_the_same_key_with_another_body_is_a_conflict(door: County) -> None:
    phone, key = door.phone("grid"), a_key()
    phone.report(a_body(door), key=key)
    with nothing_changes(door):
        problem(phone.report(a_body(door, description="另一件事"), key=key), 409, "idempotency-key-reused")


def test_a_key_is_ones_own(door: County) -> None:
    key = a_key()
    answers = [door.phone(name).report(a_body(door), key=key) for name in ("grid", "town")]
    assert [answer.status_code for answer in answers] == [201, 201]


def test_a_key_is_free_again_when_its_report_was_refused(door: County) -> None:
    phone, key = door.phone("grid"), a_key()
    problem(phone.report(a_body(door, category="9999"), key=key), 422, "unknown-category")
    assert phone.report(a_body(door), key=key).status_code == 201


def test_ten_identical_posts_at_once_make_one_ticket(door: County) -> None:
    phone, body, key = door.phone("grid"), a_body(door, description="十次"), a_key()
    ready = threading.Barrier(10)

    def send(_: int) -> tuple[int, str]:
        ready.wait(30)
        answer = phone.report(body, key=key)
        assert answer.json is not None
        return answer.status_code, answer.json.get("number", answer.text)

    with ThreadPoolExecutor(10) as pool:
        told = list(pool.map(send, range(10)))
    assert sorted(status for status, _ in told) == [200] * 9 + [201]
    assert len({number for _, number in told}) == 1
    with door.sessions.read() as session:
        kept = session.scalar(select(func.count()).select_from(Ticket).where(Ticket.description == "十次"))
    assert kept == 1


def test_ten_different_reports_at_once_get_ten_numbers(door: County) -> None:
    phone, body = door.phone("grid"), a_body(door)
    with ThreadPoolExecutor(10) as pool:
        told = list(pool.map(lambda _: phone.report(body).json, range(10)))
    assert len({ticket["number"] for ticket in told if ticket}) == 10
