"""A browser's cookie at the REST interface: good for reading, and for writing only with the page's token."""

import io
import json
import re

from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from tests.builders import a_body, a_key
from tests.county import County
from tests.mobile_api.problems import nothing_changes, problem


def signed_in(county: County, username: str) -> tuple[FlaskClient, str]:
    """Sign in as a browser does. Returns the browser and the CSRF token of a page it shows."""
    browser = county.app.test_client()
    form = csrf_of(browser.get("/").text)
    answer = browser.post("/", data={"username": username, "password": "demo", "csrf_token": form})
    assert answer.status_code == 303
    return browser, csrf_of(browser.get("/desk").text)


def csrf_of(page: str) -> str:
    found = re.search(r'(?:name="csrf-token" content|name="csrf_token" value)="([^"]+)"', page)
    assert found
    return found[1]


def send(browser: FlaskClient, county: County, **headers: str) -> TestResponse:
    return browser.post(
        "/api/v1/reports",
        data=json.dumps(a_body(county)),
        headers={"Idempotency-Key": a_key()} | {name.replace("_", "-"): value for name, value in headers.items()},
    )


def test_a_cookie_reads(door: County) -> None:
    browser, _ = signed_in(door, "village")
    assert browser.get("/api/v1/me").json["username"] == "village"  # type: ignore[index]


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(door: County) -> None:
    browser, _ = signed_in(door, "village")
    cookie = browser.get_cookie("command_center")
    assert cookie is not None and cookie.http_only and cookie.same_site == "Lax"


def test_another_site_cannot_write_with_somebodys_cookie(door: County) -> None:
    browser, _ = signed_in(door, "village")
    with nothing_changes(door):
        problem(send(browser, door), 403, "csrf-failed")
        problem(send(browser, door, X_CSRFToken="made up"), 403, "csrf-failed")
        stolen = signed_in(door, "town")[1]
        problem(send(browser, door, X_CSRFToken=stolen), 403, "csrf-failed")
        upload = browser.post("/api/v1/attachments", data={"file": (io.BytesIO(b"x"), "x.jpg")})
        problem(upload, 403, "csrf-failed")


def test_the_page_s_token_lets_the_cookie_write(door: County) -> None:
    browser, token = signed_in(door, "village")
    answer = send(browser, door, X_CSRFToken=token)
    assert answer.status_code == 201
    assert answer.json["reported_by"]["username"] == "village"


def test_with_an_authorization_header_the_cookie_counts_for_nothing(door: County) -> None:
    browser, _ = signed_in(door, "village")
    answer = send(browser, door, **door.phone("grid").headers)
    assert answer.status_code == 201
    assert answer.json["reported_by"]["username"] == "grid"
    with nothing_changes(door):
        problem(send(browser, door, Authorization="Bearer forged"), 401, "token-invalid")
        problem(send(browser, door, Authorization=""), 401, "token-invalid")


def test_a_forged_cookie_is_nobody(door: County) -> None:
    browser = door.app.test_client()
    browser.set_cookie("command_center", "eyJ1c2VyX2lkIjoxfQ.Zz.forged")
    problem(browser.get("/api/v1/me"), 401, "not-signed-in")


def test_signing_out_ends_the_session(door: County) -> None:
    browser, token = signed_in(door, "village")
    assert browser.post("/sign-out", data={"csrf_token": token}).status_code == 303
    problem(browser.get("/api/v1/me"), 401, "not-signed-in")


def test_the_phone_gets_a_token_for_its_cookie_only_from_its_own_site(door: County) -> None:
    browser, _ = signed_in(door, "grid")
    told = browser.post("/m/token")
    assert told.status_code == 200 and told.json is not None
    assert told.headers["Cache-Control"] == "no-store" and "Access-Control-Allow-Origin" not in told.headers
    assert door.app.test_client().post("/m/token").status_code == 204


def test_a_large_photo_comes_in_by_cookie_too(door: County) -> None:
    browser, token = signed_in(door, "village")
    picture = io.BytesIO()
    Image.effect_noise((1600, 1600), 100).convert("RGB").save(picture, "JPEG", quality=95)
    assert picture.tell() > 1024**2
    picture.seek(0)
    answer = browser.post("/api/v1/attachments", data={"file": (picture, "large.jpg")}, headers={"X-CSRFToken": token})
    assert answer.status_code == 201, answer.text
