"""Regions through the editions of the map: what is in force, what was, and when."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import shapely
from sqlalchemy import update

from command_center.regions import editions
from command_center.regions.models import MapEdition
from gis import boundaries
from tests.county import County
from tests.mobile_api.test_ogc import get, items

GRID = "2108820040041001"
DATA = Path(__file__).resolve().parents[2] / "data"


def second_edition(county: County, effective_at: datetime | None = None) -> None:
    """An edition in which one grid has another name."""
    own = next(b for b in boundaries.load(DATA) if b.code == GRID)
    about = editions.About(name="更名", source="test", effective_at=effective_at)
    with county.sessions.begin() as session:
        editions.store(session, [replace(own, name="新名网格")], about, datetime.now(UTC), whole=False)


def test_a_newer_edition_is_shown_and_the_older_stays_in_its_time(county: County) -> None:
    before = datetime.now(UTC)
    second_edition(county)
    now = items(county, "grids", code=GRID)
    assert [one["properties"]["name"] for one in now["features"]] == ["新名网格"]
    past = items(county, "grids", code=GRID, datetime=before.isoformat())
    assert [one["id"] for one in past["features"]] == [f"{GRID}.1"]
    assert past["features"][0]["properties"]["valid_to"] == now["features"][0]["properties"]["valid_from"]
    both = items(county, "grids", code=GRID, datetime=f"{before.isoformat()}/..")
    assert [one["id"] for one in both["features"]] == [f"{GRID}.1", GRID]
    assert get(county, f"/collections/grids/items/{GRID}.1").json["properties"]["name"] != "新名网格"


def test_an_edition_that_waits_is_not_shown_and_ends_nothing(county: County) -> None:
    at = datetime.now(UTC) + timedelta(days=30)
    second_edition(county, at)
    present = items(county, "grids", code=GRID)["features"]
    assert [one["id"] for one in present] == [GRID] and present[0]["properties"]["valid_to"] is None
    for when in ((at + timedelta(days=1)).isoformat(), f"{at.isoformat()}/..", "../.."):
        assert items(county, "grids", code=GRID, datetime=when)["features"] == present
    assert get(county, f"/collections/grids/items/{GRID}").json["properties"] == present[0]["properties"]
    assert get(county, f"/collections/grids/items/{GRID}.2").status_code == 404


def test_a_page_is_not_taken_for_unchanged_after_a_new_edition(county: County) -> None:
    etag = get(county, "/collections/grids/items").headers["ETag"]
    second_edition(county)
    again = county.app.test_client().get("/ogc/collections/grids/items", headers={"If-None-Match": etag})
    assert again.status_code == 200


def test_a_page_is_not_taken_for_unchanged_when_another_map_has_the_same_number(county: County) -> None:
    first = get(county, "/collections/grids/items").headers["ETag"]
    with county.sessions.begin() as session:
        session.execute(update(MapEdition).values(created_at=datetime(2026, 1, 1, tzinfo=UTC)))
    assert get(county, "/collections/grids/items").headers["ETag"] != first


def test_shapes_come_in_full_detail(county: County) -> None:
    own = next(b for b in boundaries.load(DATA) if b.code == GRID)
    drawn = shapely.from_geojson(json.dumps(items(county, "grids", code=GRID)["features"][0]["geometry"]))
    assert drawn.normalize().equals_exact(shapely.normalize(own.geometry), 1e-12)
