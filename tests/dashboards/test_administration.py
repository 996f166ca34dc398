"""Who finds the administration page, and what on it."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from command_center.people.models import Role
from dashboards.administration import TABS
from tests.county import County

STATIC = Path(__file__).resolve().parents[2] / "dashboards" / "static" / "administration"


def as_somebody(county: County, account: str | None) -> FlaskClient:
    """A browser in which this account is signed in by cookie."""
    client = county.app.test_client()
    if account is not None:
        user = county.user(account)
        with client.session_transaction() as session:
            session["user_id"], session["token_generation"] = user.id, user.token_generation
    return client


def tabs(text: str) -> list[str]:
    return re.findall(r'data-tab="(\w+)"', text)


def test_whoever_is_not_signed_in_signs_in_first_and_comes_back(county: County) -> None:
    answer = as_somebody(county, None).get("/administration")
    assert answer.status_code == 302 and "next=/administration" in answer.location


def test_each_role_finds_its_own_tabs_and_the_way_there_or_neither(county: County) -> None:
    for account, told in {
        "admin": ["rules", "calendar", "alarms", "messages"],
        "county": ["calendar", "alarms"],
        "leader": None,
        "town": None,
        "village": None,
        "department": None,
        "hotline": None,
        "grid": None,
    }.items():
        client = as_somebody(county, account)
        answer = client.get("/administration")
        assert answer.status_code == (403 if told is None else 200), account
        if told is not None:
            assert tabs(answer.text) == told
        assert ('href="/administration"' in client.get("/dashboards").text) is (told is not None), account


def test_only_administrators_are_offered_to_change_anything(county: County) -> None:
    offered = {
        account: 'data-changes="true"' in as_somebody(county, account).get("/administration").text
        for account in ("admin", "county")
    }
    assert offered == {"admin": True, "county": False}


def test_what_is_offered_is_what_the_interface_lets_them_do(county: County) -> None:
    """The page hides nothing that would be allowed, and shows nothing that would be refused."""
    reads = {"rules": "policies", "calendar": "calendar", "alarms": "alarms", "messages": "outgoing"}
    for role, account in ((Role.ADMINISTRATOR, "admin"), (Role.COUNTY_OFFICER, "county")):
        for tab in TABS[role]:
            assert county.phone(account).get(reads[tab]).status_code == 200, (account, tab)
    assert county.phone("county").get("outgoing").status_code == 403
    assert county.phone("county").post("policies", {"document": {}, "note": "x", "based_on": 1}).status_code == 403
    assert county.phone("county").post("calendar/2027/confirm", {"rows": []}).status_code == 403


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_brings_the_words_its_scripts_ask_for(county: County, lang: str) -> None:
    text = as_somebody(county, "admin").get("/administration", query_string={"lang": lang}).text
    for path in STATIC.glob("*.js"):
        for key in re.findall(r'"(administration\.[a-z_]+)"', path.read_text(encoding="utf-8")):
            assert f'"{key}"' in text, (path.name, key)
