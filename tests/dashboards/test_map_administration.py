"""The pages that bring a map and people in: who finds them, and that they bring their words along."""

import re
from pathlib import Path

import pytest

from tests.county import County
from tests.dashboards.test_administration import as_somebody

STATIC = Path(__file__).resolve().parents[2] / "dashboards" / "static" / "map_administration"
PAGES = ("/administration/map", "/administration/workers")


def test_only_administrators_find_these_pages_and_the_way_there(county: County) -> None:
    for account in ("admin", "county", "leader", "town", "grid"):
        client = as_somebody(county, account)
        for page in PAGES:
            assert client.get(page).status_code == (200 if account == "admin" else 403), (account, page)
    assert as_somebody(county, None).get(PAGES[0]).status_code == 302
    assert all(page in as_somebody(county, "admin").get("/administration").text for page in PAGES)
    assert not any(page in as_somebody(county, "county").get("/administration").text for page in PAGES)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pages_bring_the_words_their_scripts_ask_for(county: County, lang: str) -> None:
    for page in PAGES:
        text = as_somebody(county, "admin").get(page, query_string={"lang": lang}).text
        for path in STATIC.glob("*.js"):
            for key in re.findall(r'"((?:imports|editions)\.[a-z0-9_]+)"', path.read_text(encoding="utf-8")):
                assert f'"{key}"' in text, (path.name, key)
