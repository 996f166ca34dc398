"""An inexact place in a real browser: the worker says which grid it is, and the village corrects it on the map."""

from itertools import product
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Open
from tests.journeys.test_the_story import api, own_grid
from tests.served import Served

pytestmark = pytest.mark.chromium
ACCURACY_M = 35


def between_two_grids(server: Served) -> tuple[float, float, dict[str, Any], dict[str, Any]]:
    """A place in the worker's grid whose circle reaches one other grid, of the same village: lon, lat, both grids."""
    grid = own_grid(server)
    for step, (east, north) in product(range(80), ((1, 0), (-1, 0), (0, 1), (0, -1))):
        lon, lat = grid["lon"] + east * step * 1e-4, grid["lat"] + north * step * 1e-4
        at = api(server, "grid", f"regions/at?lon={lon}&lat={lat}&accuracy_m={ACCURACY_M}")
        own, *others = [one["grid"] for one in at["candidates"]]
        if own["code"] == grid["code"] and [one["code"][:12] for one in others] == [grid["code"][:12]]:
            return lon, lat, own, others[0]
    raise AssertionError("the grid has no neighbour in its village")


def test_the_worker_says_which_grid_it_is_and_the_desk_puts_it_right(calm_county: Served, open_as: Open) -> None:
    lon, lat, own, other = between_two_grids(calm_county)
    phone = open_as(
        calm_county,
        "grid",
        "/m/",
        viewport={"width": 360, "height": 740},
        geolocation={"longitude": lon, "latitude": lat, "accuracy": ACCURACY_M},
        permissions=["geolocation"],
    )
    phone.locator(f"[data-testid=which-grid] [data-grid='{other['code']}']").click()
    expect(phone.locator("[data-testid=place-name]")).to_have_text(other["name"])
    phone.locator("[data-testid=category]").click()
    phone.locator("[data-testid=category-search]").fill("线缆")
    phone.locator("dialog [data-category]").first.click()
    phone.locator("[data-testid=send]").click()
    sent = phone.locator("[data-testid=sent-number]")
    expect(sent).to_be_visible()
    number = sent.get_attribute("data-ticket")
    ticket = api(calm_county, "county", f"tickets/{number}")
    assert (ticket["region"]["grid"]["code"], ticket["placed"]) == (other["code"], "chosen")

    desk = open_as(calm_county, "village", f"/desk?ticket={number}")
    expect(desk.locator("[data-testid=candidates]")).to_contain_text(own["name"])
    expect(desk.locator("[data-testid=actions] button").first).to_be_visible()
    if not desk.locator("[data-action=relocate]").is_visible():
        desk.locator("[data-testid=more-actions]").click()
    desk.locator("[data-action=relocate]").click()
    desk.locator(f".grid-choice input[value='{own['code']}']").check()
    desk.locator("[data-testid=submit-action]").click()
    # The desk goes on to the next ticket, if there is one.
    expect(desk.locator("[data-testid=submit-action]")).to_be_hidden()
    desk.goto(f"{calm_county.url}/desk?ticket={number}")
    expect(desk.locator("[data-what=relocate]")).to_be_visible()
    assert api(calm_county, "county", f"tickets/{number}")["region"]["grid"]["code"] == own["code"]
