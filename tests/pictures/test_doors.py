"""Pictures through the doors: REST, the command line and the page."""

import json
import re
from pathlib import Path

import pytest

from command_center.pictures import render as rendering
from mobile_api.pictures import DRAWER
from tests.builders import TOWN, a_ticket
from tests.county import County

pytestmark = pytest.mark.parametrize("engine_kind", ["sqlite"])
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the drawing process out: the door is looked at."""
    monkeypatch.setattr("mobile_api.pictures.render", lambda picture, sheet, room: sheet.form.encode())


def test_a_page_comes_with_a_policy_that_lets_its_own_scripts_run_and_nothing_else(county: County) -> None:
    a_ticket(county)
    answer = county.phone("town").get("pictures/situation.html", download="1")
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    assert re.fullmatch(
        rf'attachment; filename="situation-{TOWN}-[0-9-]+\.html"', answer.headers["Content-Disposition"]
    )
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "'sha256-" in policy and "script-src 'self'" not in policy
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_language_and_the_kind_of_file_are_as_asked(county: County, undrawn: None) -> None:
    phone = county.phone("county")
    for form, mimetype in (("png", "image/png"), ("pdf", "application/pdf")):
        answer = phone.get(f"pictures/situation.{form}", lang="en", paper="A3")
        assert (answer.status_code, answer.mimetype) == (200, mimetype)


@pytest.mark.parametrize(
    ("who", "path", "query", "status"),
    [
        (None, "situation.png", {}, 401),
        ("town", "situation.png", {"region": "210882000000"}, 403),
        ("department", "coverage.png", {}, 403),
        ("county", "situation.png", {"region": "999999000000"}, 404),
        ("county", "density.png", {}, 404),
        ("county", "edition.png", {}, 404),
        ("county", "weather.png", {}, 422),
        ("county", "situation.gif", {}, 422),
        ("county", "density.png", {"from": "2026-12-01", "to": "2026-11-01"}, 422),
        ("county", "density.png", {"from": "yesterday"}, 422),
        ("county", "density.png", {"from": "2020-01-01"}, 422),
        ("county", "density.png", {"category": "9999"}, 422),
        ("county", "density.png", {"category": "\x00"}, 422),
        ("county", "density.png", {"cell": "5"}, 422),
        ("county", "density.png", {"cell": "-1"}, 422),
        ("county", "overdue.png", {"by": "county"}, 422),
        ("county", "overdue.png", {"classes": "guess"}, 422),
        ("county", "situation.png", {"paper": "A0"}, 422),
        ("county", "situation.png", {"size": "huge"}, 422),
    ],
)
def test_what_is_not_allowed_or_wrong_is_refused_with_a_problem(
    county: County, undrawn: None, who: str | None, path: str, query: dict[str, str], status: int
) -> None:
    answer = county.phone(who).get(f"pictures/{path}", **query)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


def test_who_may_no_longer_see_a_region_gets_nothing_from_memory(county: County, undrawn: None) -> None:
    phone = county.phone("town")
    assert phone.get("pictures/situation.png").status_code == 200
    with county.sessions.begin() as session:
        session.merge(county.user("town")).region_code = "210882003000"
    assert phone.get("pictures/situation.png", region=TOWN).status_code == 403


def test_a_busy_drawing_room_answers_503(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "PATIENCE", 0.01)
    room = county.app.extensions[DRAWER].room
    with room.seat("a", 1), room.seat("b", 1):
        assert county.phone("county").get("pictures/situation.png").status_code == 503


def test_so_many_pictures_a_minute_are_enough_for_one_account(county: County, undrawn: None) -> None:
    phone = county.phone("village")
    answers = [phone.get("pictures/situation.png").status_code for _ in range(61)]
    assert answers == [200] * 60 + [429]
    assert county.phone("town").get("pictures/situation.png").status_code == 200


def test_the_command_writes_a_file_and_tells_what_it_is(county: County, tmp_path: Path) -> None:
    out = tmp_path / "map.pdf"
    told = county.app.test_cli_runner().invoke(
        args=["draw-map", "situation", "--region", TOWN, "--out", str(out), "--lang", "en"]
    )
    assert told.exit_code == 0, told.output
    assert out.read_bytes().startswith(b"%PDF-")
    assert "钢都街道: situation of tickets" in told.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["situation", "--out", "map.gif"],
        ["density", "--out", "map.png", "--from", "2020-01-01", "--to", "2020-02-01"],
        ["situation", "--out", "map.png", "--region", "1"],
    ],
)
def test_the_command_refuses_in_words_and_writes_nothing(
    county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    told = county.app.test_cli_runner().invoke(args=["draw-map", *arguments])
    assert told.exit_code == 1
    assert "Error: " in told.output
    assert not list(tmp_path.glob("map.*"))


def test_the_old_address_of_the_situation_map_leads_to_the_new_one(county: County) -> None:
    client = county.app.test_client()
    with client.session_transaction() as cookie:
        user = county.user("county")
        cookie["user_id"], cookie["token_generation"] = user.id, user.token_generation
    answer = client.get(f"/dashboards/situation-map?region={TOWN}")
    assert answer.location == f"/maps?kind=situation&region={TOWN}"
    page = client.get("/maps").get_data(as_text=True)
    assert all(f'value="{kind}"' in page for kind in ("situation", "density", "overdue", "coverage", "edition"))


def test_every_text_a_picture_is_worded_with_exists_in_both_languages(county: County) -> None:
    folder = ROOT / "dashboards" / "texts_pictures"
    known = [set(json.loads((folder / f"{language}.json").read_text("utf-8"))) for language in ("zh", "en")]
    told = {
        key
        for path in (ROOT / "command_center" / "pictures").glob("*.py")
        for key in re.findall(r'tell\(\s*f?"([a-z0-9_]+)["{]', path.read_text("utf-8"))
    }
    assert len(told) > 40
    missing = {key for key in told for keys in known if not any(one.startswith(f"pictures.{key}") for one in keys)}
    assert missing == set()
