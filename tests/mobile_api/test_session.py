"""Signing in, and who may call at all."""

import time
from typing import Any

import pytest
from itsdangerous import URLSafeTimedSerializer

from command_center.web import make_token, tokens
from tests.builders import VILLAGE, a_body
from tests.conftest import Counties
from tests.county import KEYS, County, Phone
from tests.mobile_api.problems import nothing_changes, problem

ROLES = {
    "grid": "grid_worker",
    "village": "village_officer",
    "town": "town_officer",
    "county": "county_officer",
    "department": "department_officer",
    "hotline": "hotline_operator",
    "leader": "leader",
    "admin": "administrator",
}


@pytest.fixture
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password is slow to check, on purpose; for dozens of attempts compare it with `demo` instead."""
    monkeypatch.setattr("command_center.people.actions.check_password_hash", lambda _, password: password == "demo")


def bearer(county: County, token: str) -> Phone:
    return Phone(county.app, {"Authorization": f"Bearer {token}"})


def signed(content: Any, key: str = KEYS["secret_key"], salt: str = "bearer token") -> str:
    return str(URLSafeTimedSerializer(key, salt=salt).dumps(content))


def test_the_right_password_gives_a_token_that_works(door: County) -> None:
    answer = door.phone(None).post("session", {"username": "village", "password": "demo"})
    assert answer.status_code == 200 and answer.json is not None
    assert answer.json["expires_in"] == 12 * 3600
    assert answer.json["user"]["region"] == {"code": VILLAGE, "name": "富丽社区", "level": "village"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert bearer(door, answer.json["access_token"]).get("me").json == answer.json["user"]


@pytest.mark.parametrize(
    ("username", "password"),
    [("village", "Demo"), ("village", ""), ("nobody", "demo"), ("", ""), ("VILLAGE", "demo"), ("d.power", "demo")],
)
def test_a_wrong_password_tells_nothing_about_the_name(door: County, username: str, password: str) -> None:
    with nothing_changes(door):
        told = problem(
            door.phone(None).post("session", {"username": username, "password": password}), 401, "wrong-password"
        )
    assert "field" not in told


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": "village"}, "password"),
        ({"password": "demo"}, "username"),
        ({"username": None, "password": "demo"}, "username"),
        ({"username": ["village"], "password": "demo"}, "username"),
        ({"username": "village", "password": {"$ne": ""}}, "password"),
        ({"username": "vil\x00lage", "password": "demo"}, "username"),
        ({"username": "village", "password": "\ud800"}, "password"),
        ({"username": "village", "password": "x" * 100_000}, "password"),
    ],
)
def test_a_sign_in_of_the_wrong_shape_is_refused(door: County, body: dict[str, Any], field: str) -> None:
    problem(door.phone(None).post("session", body), 422, "invalid", field)


def test_without_a_token_one_is_asked_to_sign_in(door: County) -> None:
    answer = door.phone(None).get("me")
    problem(answer, 401, "not-signed-in")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_an_expired_token_says_so_and_nothing_is_written(door: County, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = door.phone("grid")
    later = time.time() + 12 * 3600 + 60
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)
    with nothing_changes(door):
        problem(phone.report(a_body(door)), 401, "token-expired")


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Basic dmlsbGFnZTpkZW1v",
        "",
        "Bearer " + signed([1, 0], key="somebody else's secret, as long as ours is 0123"),
        "Bearer " + signed([1, 0], salt="cookie-session"),
        "Bearer " + signed([10**9, 0]),
        "Bearer " + signed([1, 99]),
        "Bearer " + signed([1]),
        "Bearer " + signed({"user": 1}),
        "Bearer " + signed("x"),
        "Bearer " + signed(["1", "0"]),
        "Bearer " + signed([1, 0])[:-1],
        "Bearer " + "A" * 10_000,
    ],
    ids=str.__len__,
)
def test_a_forged_token_is_not_valid(door: County, header: str) -> None:
    with nothing_changes(door):
        problem(Phone(door.app, {"Authorization": header}).report(a_body(door)), 401, "token-invalid")


def test_a_revoked_token_and_a_closed_account_are_out(county: County) -> None:
    phone, other = county.phone("town"), county.phone("village")
    with county.sessions.begin() as session:
        session.merge(county.user("town")).token_generation += 1
        session.merge(county.user("village")).active = False
    problem(phone.get("me"), 401, "token-invalid")
    problem(other.get("me"), 401, "token-invalid")
    problem(other.post("session", {"username": "village", "password": "demo"}), 401, "wrong-password")


def test_a_token_outlives_a_restart_but_not_a_new_secret(open_county: Counties) -> None:
    old = open_county()
    token = old.phone("village").headers
    assert Phone(open_county().app, token).get("me").status_code == 200
    other = open_county(secret_key="a new secret after the old one leaked 0123456789")
    problem(Phone(other.app, token).get("me"), 401, "token-invalid")


@pytest.mark.usefixtures("quick_passwords")
def test_after_thirty_failures_an_address_has_to_wait(county: County) -> None:
    phone = county.phone(None)
    assert phone.post("session", {"username": "grid", "password": "demo"}).status_code == 200
    for _ in range(30):
        problem(phone.post("session", {"username": "nobody", "password": ""}), 401, "wrong-password")
    problem(phone.post("session", {"username": "grid", "password": "demo"}), 429, "too-many-requests")
    assert county.phone("grid").get("me").status_code == 200, "who is signed in already is not held up"


@pytest.mark.usefixtures("quick_passwords")
def test_a_village_that_starts_at_eight_behind_one_address_is_let_in(county: County) -> None:
    phone = county.phone(None)
    statuses = {phone.post("session", {"username": "grid", "password": "demo"}).status_code for _ in range(35)}
    assert statuses == {200}


@pytest.mark.parametrize("username", ROLES)
def test_me_tells_who_i_am_and_what_i_may_do_at_all(door: County, username: str) -> None:
    me = door.phone(username).get("me").json
    assert me is not None
    assert (me["username"], me["role"]) == (username, ROLES[username])
    assert set(me["region"]) == {"code", "name", "level"}
    assert (me["department"] is not None) == (username == "department")
    assert me["may"][0] == "report" and len(set(me["may"])) == len(me["may"])
    assert ("dispatch" in me["may"]) == (username in {"village", "town", "county"})


def test_a_token_holds_no_more_than_a_number(door: County) -> None:
    with door.app.app_context():
        token = make_token(door.user("village"))
    assert tokens(door.settings).loads(token) == [door.user("village").id, 0]
