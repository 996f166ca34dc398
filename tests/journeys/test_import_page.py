"""An administrator brings a file in: sees what is wrong, mends it, stores it for a later day, and takes it back."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Open
from tests.served import ROOT, Served

pytestmark = pytest.mark.chromium
WITHIN_MS = 60_000


def one_grid(tmp_path: Path, name: str, **said: Any) -> Path:
    """A file with the county's first grid, told otherwise."""
    grids = json.loads((ROOT / "data" / "geometry" / "grids.geojson").read_text(encoding="utf-8"))
    first = grids["features"][0]
    properties = {"网格编码": first["properties"]["code"], "网格名称": "北街网格", "网格类型": "城乡网格"} | said
    content = {"type": "FeatureCollection", "features": [first | {"properties": properties}]}
    path = tmp_path / name
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def hand_in(page: Page, path: Path) -> None:
    page.set_input_files("[data-testid=import-file]", path)
    expect(page.locator("#page [data-state=ready]")).to_be_visible(timeout=WITHIN_MS)


def test_an_administrator_brings_a_file_in_and_takes_it_back(
    calm_county: Served, open_as: Open, tmp_path: Path, leaving: list[str]
) -> None:
    page = open_as(calm_county, "admin", "/administration/map")
    hand_in(page, one_grid(tmp_path, "bad.geojson", 网格类型="什么网格"))
    kinds = page.locator("[data-testid=fault-kinds]")
    expect(kinds).to_contain_text("须改正")
    expect(kinds.locator("[data-kind=kind-unknown] summary")).to_be_visible()
    kinds.locator("[data-kind=kind-unknown] summary").press("Enter")
    expect(kinds.locator("[data-kind=kind-unknown] .fault-rows li").first).to_contain_text("什么网格")
    # A reload loses nothing: the import stands in the address.
    page.reload()
    expect(page.locator("[data-testid=fault-kinds]")).to_be_visible(timeout=WITHIN_MS)
    page.get_by_text("放弃这次导入").click()
    expect(page.locator("[data-testid=import-file]")).to_be_attached()

    hand_in(page, one_grid(tmp_path, "good.geojson"))
    page.get_by_text("更换坐标系、字段或编码后重新检查").click()
    page.locator("#import-add").check()
    page.locator("[data-testid=check-again]").click()
    expect(page.locator("[data-testid=apply]")).to_be_visible(timeout=WITHIN_MS)
    expect(page.locator("[data-testid=effects]")).to_contain_text("1 个区域改名")
    page.locator("#edition-name").fill("北街改名")
    page.locator("#edition-day").fill(f"{datetime.now(UTC).year + 1}-01-01")
    page.locator("[data-testid=apply] button").click()
    expect(page.locator("dialog")).to_contain_text("北街改名")
    page.locator("[data-testid=confirm]").click()
    newest = page.locator("[data-testid=editions] tbody tr").first
    expect(newest).to_contain_text("北街改名", timeout=WITHIN_MS)
    expect(newest.locator("[data-state=scheduled]")).to_be_visible()
    newest.get_by_text("撤回").click()
    page.locator("[data-testid=confirm]").click()
    expect(newest.locator("[data-state=withdrawn]")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth") is True
    assert leaving == []


def test_who_saw_an_older_report_is_told_and_shown_the_new_one(
    calm_county: Served, open_as: Open, tmp_path: Path
) -> None:
    page = open_as(calm_county, "admin", "/administration/map")
    hand_in(page, one_grid(tmp_path, "good.geojson"))
    page.get_by_text("更换坐标系、字段或编码后重新检查").click()
    page.locator("#import-add").check()
    page.locator("[data-testid=check-again]").click()
    expect(page.locator("[data-testid=apply]")).to_be_visible(timeout=WITHIN_MS)
    page.evaluate(  # somebody else, without the rest of the map
        """async () => {
            const { get, post } = await import("/static/shared/api.js");
            const path = `imports/${location.hash.split("=")[1]}`;
            let job = await post(`${path}/choices`, { add: false });
            while (job.state === "running") job = await get(path);
        }"""
    )
    page.locator("[data-testid=apply] button").click()
    page.locator("[data-testid=confirm]").click()
    expect(page.locator("dialog [role=alert]")).to_contain_text("您看到的不是最新报告")
    page.keyboard.press("Escape")
    expect(page.locator("[data-testid=fault-kinds]")).to_contain_text("须改正")
    expect(page.locator("[data-testid=apply]")).to_have_count(0)
