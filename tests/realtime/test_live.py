"""What a screen is told by a real server: only its own, in order, and nothing is lost."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import socketio
from sqlalchemy import func, select

from command_center.tickets.models import Ticket
from tests.builders import COUNTY, ELSEWHERE, TOWN, VILLAGE, a_body, a_key
from tests.mobile_api.test_cookies import csrf_of
from tests.realtime.conftest import Live, Screens
from tests.realtime.processes import Screen, until


def reported(live: Live, **changes: Any) -> str:
    answer = live.server.report(live.county, a_body(live.county, **changes))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


def act(live: Live, number: str, by: str, action: str, **form: Any) -> None:
    answer = live.server.post(f"tickets/{number}/actions/{action}", form, live.county, by, If_Match="*")
    assert answer.status_code == 200, answer.text


def in_chain(told: Sequence[dict[str, Any]], start: int) -> bool:
    """Whether each message names the one before it, from `start` on."""
    previous = start
    for message in told:
        if message["prev"] != previous or message["seq"] <= previous:
            return False
        previous = message["seq"]
    return True


@pytest.mark.parametrize("auth", [None, {}, {"token": ""}, {"token": "forged"}, {"token": 5}, {"token": None}])
def test_nobody_listens_without_signing_in(live: Live, auth: dict[str, str] | None) -> None:
    with pytest.raises(socketio.exceptions.ConnectionError):
        Screen(live.server.url, auth)


@pytest.mark.parametrize("region", [TOWN, COUNTY, ELSEWHERE])
def test_a_foreign_region_is_refused(live: Live, screens: Screens, region: str) -> None:
    screen = screens(live.server, live.county, "village")
    answer = screen.watch(region)
    assert (answer["ok"], answer["error"]) == (False, "region-not-yours")
    assert any("\u4e00" <= sign <= "\u9fff" for sign in answer["text"])
    reported(live)
    assert screen.watch(VILLAGE)["ok"]
    assert screen.told == []


@pytest.mark.parametrize(
    "data", [None, [], "x", 5, {}, {"region": None}, {"region": 5}, {"region": ""}, {"region": "\x00"}, {"region": []}]
)
def test_nonsense_is_answered_and_the_screen_lives_on(live: Live, screens: Screens, data: Any) -> None:
    screen = screens(live.server, live.county, "village")
    assert screen.call("watch", data)["ok"] is False
    assert screen.call("unwatch", data)["ok"] in (True, False)
    assert screen.watch(VILLAGE)["ok"] is True


def test_a_screen_is_told_of_its_region_in_order(live: Live, screens: Screens) -> None:
    watching = {
        name: (screens(live.server, live.county, name), region)
        for name, region in {"village": VILLAGE, "town": TOWN, "county": COUNTY}.items()
    }
    begun = {name: screen.watch(region)["seq"] for name, (screen, region) in watching.items()}
    numbers = [reported(live, description=f"第{n}件") for n in range(6)]
    act(live, numbers[0], "village", "accept")
    for name, (screen, region) in watching.items():
        told = screen.wait_for(7)
        assert in_chain(told, begun[name]), name
        assert [message["event"]["what"] for message in told] == ["report"] * 6 + ["accept"]
        assert [message["ticket"]["number"] for message in told] == [*numbers, numbers[0]]
        assert {message["region"] for message in told} == {region}


def test_after_unwatch_it_is_quiet(live: Live, screens: Screens) -> None:
    screen, other = (screens(live.server, live.county, "village") for _ in range(2))
    assert screen.watch(VILLAGE)["ok"] and other.watch(VILLAGE)["ok"]
    assert screen.call("unwatch", {"region": VILLAGE}) == {"ok": True}
    reported(live)
    other.wait_for(1)
    assert screen.watch(VILLAGE)["ok"]
    assert screen.told == []


def test_what_was_missed_is_found_exactly(live: Live, screens: Screens) -> None:
    screen = screens(live.server, live.county, "village")
    seen = screen.watch(VILLAGE)["seq"]
    screen.close()
    missed = [reported(live) for _ in range(5)]
    again = screens(live.server, live.county, "village")
    last = again.watch(VILLAGE)["seq"]
    later = reported(live)
    told = again.wait(lambda told: any(message["ticket"]["number"] == later for message in told))
    # What was committed just before may come live; what came before that is found by asking. Nothing twice, none lost.
    before = told[0]["prev"]
    gap = live.server.get("events", live.county, "village", after=seen, region=VILLAGE)["items"]
    filled = [item for item in gap if item["seq"] <= before]
    assert [item["ticket"]["number"] for item in [*filled, *told]] == [*missed, later]
    assert last <= before == filled[-1]["seq"]


def test_a_department_hears_of_its_own_matters_only(live: Live, screens: Screens) -> None:
    screen = screens(live.server, live.county, "department")
    start = screen.watch(COUNTY)
    assert start["ok"], start
    reported(live)  # stays with the village
    number = reported(live)
    for by in ("village", "town"):
        if by == "village":
            act(live, number, by, "accept")
        act(live, number, by, "claim")
        act(live, number, by, "escalate", note="无权处置")
    act(live, number, "county", "claim")
    act(live, number, "county", "dispatch")
    act(live, number, "department", "return", note="不属于我单位")
    told = screen.wait_for(2)
    assert [message["event"]["what"] for message in told] == ["dispatch", "return"]
    assert in_chain(told, start["seq"])
    assert {message["ticket"]["number"] for message in told} == {number}


def test_a_browser_s_cookie_connects_too(live: Live) -> None:
    with httpx.Client(base_url=live.server.url) as browser:
        form = csrf_of(browser.get("/").text)
        browser.post("/", data={"username": "town", "password": "demo", "csrf_token": form})
        cookie = browser.cookies["command_center"]
    screen = Screen(live.server.url, headers={"Cookie": f"command_center={cookie}"})
    assert screen.watch(TOWN)["ok"] is True
    assert screen.watch(COUNTY)["error"] == "region-not-yours"
    screen.close()


def test_ten_identical_posts_at_once_make_one_ticket(live: Live) -> None:
    body, key = a_body(live.county, description="十次"), a_key()
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: live.server.report(live.county, body, key=key), range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert len({answer.json()["number"] for answer in answers}) == 1
    with live.county.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(Ticket).where(Ticket.description == "十次")) == 1


def test_large_and_hostile_bodies_get_their_problem_from_a_real_server(live: Live) -> None:
    for data, status, code in (
        (b"[" * 100_000, 400, "json-too-deep"),
        (b'{"lon": NaN}', 400, "not-a-number"),
        (b'{"description": "' + b"x" * 100_000 + b'"}', 422, "invalid"),
        (b'"' + b"x" * 3_000_000 + b'"', 413, "too-large"),
    ):
        answer = _raw(live, data)
        assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{code}")


def _raw(live: Live, data: bytes) -> Any:
    headers = live.county.phone("grid").headers | {"Idempotency-Key": a_key()}
    return httpx.post(f"{live.server.url}/api/v1/reports", content=data, headers=headers, timeout=60)


def test_a_photo_of_fifty_megabytes_is_refused_and_the_server_lives_on(live: Live) -> None:
    answer = httpx.post(
        f"{live.server.url}/api/v1/attachments",
        files={"file": ("photo.jpg", bytes(50 * 1024 * 1024))},
        headers=live.county.phone("grid").headers,
        timeout=60,
    )
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/photo-too-large")
    assert httpx.get(f"{live.server.url}/health/ready").status_code == 200


def test_no_acknowledged_report_is_lost_when_the_server_is_killed(live: Live, screens: Screens) -> None:
    screen = screens(live.server, live.county, "village")
    seen = screen.watch(VILLAGE)["seq"]
    bodies = [(a_key(), a_body(live.county, description=f"断电 {n}")) for n in range(60)]
    acknowledged: list[str] = []

    def send(key: str, body: dict[str, Any]) -> None:
        try:
            answer = live.server.report(live.county, body, key=key)
        except Exception:
            return  # cut off: not acknowledged
        if answer.status_code == 201:
            acknowledged.append(answer.json()["number"])
        if len(acknowledged) == 20:
            live.server.kill()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda sent: send(*sent), bodies))
    assert len(acknowledged) >= 20
    live.server.start()
    kept = {live.server.report(live.county, body, key=key).json()["number"] for key, body in bodies}
    assert len(kept) == 60, "sent again, each report is there once"
    assert set(acknowledged) <= kept
    again = screens(live.server, live.county, "village")
    assert again.watch(VILLAGE)["ok"]

    def found() -> list[str]:
        items = live.server.get("events", live.county, "village", after=seen, limit=200)["items"]
        return [item["ticket"]["number"] for item in items if item["event"]["what"] == "report"]

    until(lambda: len(found()) >= 60)
    assert sorted(found()) == sorted(kept)
    assert live.county.app.test_cli_runner().invoke(args=["verify-log"]).exit_code == 0
