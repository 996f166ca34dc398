"""The circles through the door: who may ask, for what, in which form; and the commands."""

import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pyogrio
import pytest
import shapely

from command_center.circles import results, run
from command_center.circles.errors import CirclesFailed
from command_center.circles.work import Answer, Circle, Work
from tests.county import County
from tests.dashboards.test_administration import as_somebody

ROADS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"fclass": "primary"},
            "geometry": {"type": "LineString", "coordinates": [[122.4, 40.6], [122.6, 40.65]]},
        },
        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [122.4, 40.6]}},
    ],
}


def quick(given: Work) -> Answer:
    """Stand in for the computing process: a village's circle holds the first grid of each village, in part."""
    firsts = {code: (0.5, True) for code, _ in given.grids if code.endswith("1001")}
    square = shapely.geometry.mapping(shapely.box(122.5, 40.6, 122.6, 40.7))
    circles = [
        Circle(
            code=spot.code,
            level=spot.level,
            geometry=square,
            off_road_m=None,
            grids={code: share for code, share in firsts.items() if code.startswith(spot.code)},
        )
        for spot in given.spots
    ]
    return Answer(circles=circles, anybody=dict.fromkeys(("county", "town", "village"), firsts))


@pytest.fixture
def quickly(county: County, monkeypatch: pytest.MonkeyPatch) -> County:
    monkeypatch.setattr(run, "in_a_process", quick)
    monkeypatch.setattr(results, "_last", {})  # other tests computed the same circles in earnest
    return county


def test_officers_and_leaders_may_ask_and_see_their_own_region(quickly: County) -> None:
    for account, status in {
        **dict.fromkeys(("county", "leader", "admin", "hotline", "town", "village"), 200),
        **dict.fromkeys(("grid", "department"), 403),
        None: 401,
    }.items():
        assert quickly.phone(account).get("service-circles").status_code == status, account
        page = as_somebody(quickly, account).get("/circles").status_code
        assert page == {200: 200, 403: 403, 401: 302}[status], account
    own = quickly.phone("town").get("service-circles").json
    assert own is not None and own["region"]["code"] == quickly.user("town").region_code
    assert quickly.phone("town").get("service-circles", region="210882000000").status_code == 403
    assert quickly.phone("county").get("service-circles", region="1").status_code == 404
    assert quickly.phone("county").get("service-circles", level="grid").status_code == 422


def test_the_answer_has_circles_figures_totals_and_what_it_assumes(quickly: County) -> None:
    answer: Any = quickly.phone("county").get("service-circles", level="village").json
    assert len(answer["features"]) == 283 and answer["features"][0]["properties"]["assumed"] is True
    figures = answer["figures"]["village"]
    assert figures["grids"] == 1798 and figures["inside"] == 0 and 0 < figures["partly"] < 1798
    assert sum(len(codes) for codes in answer["states"].values()) == 1798
    assert len(answer["totals"]) == 17
    assert answer["method"]["network"] is False and answer["method"]["centers_assumed"] == 301
    assert any("合成" in sentence for sentence in answer["method"]["sentences"])


def test_an_unchanged_answer_is_not_sent_again(quickly: County) -> None:
    phone = quickly.phone("county")
    first = phone.get("service-circles", level="county")
    again = quickly.app.test_client().get(
        "/api/v1/service-circles?level=county", headers=phone.headers | {"If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304


def test_the_list_is_paged_and_names_the_workers(quickly: County) -> None:
    phone = quickly.phone("town")
    page: Any = phone.get("service-circles/grids", state="partly", limit=3).json
    rest: Any = phone.get("service-circles/grids", state="partly", limit=200, cursor=page["next_cursor"]).json
    codes = [line["code"] for line in page["items"] + rest["items"]]
    assert len(codes) == page["total"] == len(set(codes)) and codes == sorted(codes)
    assert all(line["share"] == 0.5 and line["workers"] for line in page["items"])


def test_the_list_comes_as_workbook_and_csv_in_either_language(quickly: County) -> None:
    phone = quickly.phone("village")
    book = openpyxl.load_workbook(io.BytesIO(phone.get("service-circles/grids.xlsx", lang="en").data))
    assert book.sheetnames == ["Grids", "Method"] and book.worksheets[0].max_row > 1
    lines = phone.get("service-circles/grids.csv").data.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("乡镇（街道）,村（社区）") and len(lines) == book.worksheets[0].max_row


def test_administrators_change_what_is_assumed_and_nobody_else(quickly: County) -> None:
    admin = quickly.phone("admin")
    told: Any = admin.get("service-circles/assumptions").json
    form = {"document": told["document"] | {"kmh": 33}, "note": "量过", "based_on": told["version"]}
    assert quickly.phone("county").post("service-circles/assumptions", form).status_code == 403
    assert admin.post("service-circles/assumptions", form).status_code == 201
    assert admin.post("service-circles/assumptions", form).status_code == 409
    assert admin.post("service-circles/assumptions", form | {"document": {}, "based_on": 1}).status_code == 422
    answer: Any = quickly.phone("county").get("service-circles", level="county").json
    assert answer["method"]["assumptions"]["kmh"] == 33


def test_while_it_computes_the_question_is_to_be_asked_again(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "PATIENCE_S", 0.1)
    assert run._one_at_a_time.acquire(blocking=False)
    try:
        answer = county.phone("county").get("service-circles")
    finally:
        run._one_at_a_time.release()
    assert (answer.status_code, answer.json and answer.json["type"]) == (503, "/problems/circles-computing")


def test_a_failed_computation_is_told_and_not_repeated(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def fail(given: Work) -> Answer:
        tried.append(1)
        raise CirclesFailed

    monkeypatch.setattr(run, "in_a_process", fail)
    monkeypatch.setattr(run, "_failed", {})
    answers = [county.phone("county").get("service-circles") for _ in range(2)]
    assert [one.status_code for one in answers] == [500, 500] and len(tried) == 1


# Commands


def test_roads_with_a_bad_line_change_nothing_until_it_is_left_out(county: County, tmp_path: Path) -> None:
    file = tmp_path / "roads.geojson"
    file.write_text(json.dumps(ROADS), encoding="utf-8")
    invoke = county.app.test_cli_runner().invoke
    refused = invoke(args=["import-roads", str(file), "--json"])
    told = json.loads(refused.stdout)
    assert refused.exit_code == 1 and told["ok"] is False
    assert [(fault["row"], fault["kind"]) for fault in told["faults"]] == [(2, "no-line")]
    taken = invoke(args=["import-roads", str(file), "--json", "--skip-faulty", "--synthetic"])
    assert taken.exit_code == 0 and json.loads(taken.stdout)["counts"]["edition"] == 1
    dry = invoke(args=["import-roads", str(file), "--json", "--skip-faulty", "--dry-run"])
    assert dry.exit_code == 0 and "edition" not in json.loads(dry.stdout)["counts"]


def test_a_file_that_is_none_is_refused_as_a_document(county: County, tmp_path: Path) -> None:
    file = tmp_path / "roads.geojson"
    file.write_text("no roads", encoding="utf-8")
    for command in ("import-roads", "import-centers"):
        answer = county.app.test_cli_runner().invoke(args=[command, str(file), "--json"])
        assert answer.exit_code == 1 and json.loads(answer.stdout)["ok"] is False


def test_centers_are_taken_all_or_none(quickly: County, tmp_path: Path) -> None:
    file = tmp_path / "centers.csv"
    invoke = quickly.app.test_cli_runner().invoke
    file.write_text("code,lon,lat\n210882000000,122.5,40.63\n999,122.5,40.6\n", encoding="utf-8")
    refused = invoke(args=["import-centers", str(file), "--json"])
    assert refused.exit_code == 1 and json.loads(refused.stdout)["faults"][0]["row"] == 3
    file.write_text("code,lon,lat\n210882000000,122.5,40.63\n", encoding="utf-8")
    assert invoke(args=["import-centers", str(file)]).exit_code == 0
    answer: Any = quickly.phone("county").get("service-circles", level="county").json
    assert answer["method"]["centers_assumed"] == 300
    assert answer["features"][0]["properties"]["lon"] == 122.5


def test_the_command_tells_the_figures_and_writes_files(quickly: County, tmp_path: Path) -> None:
    invoke = quickly.app.test_cli_runner().invoke
    out = tmp_path / "circles.gpkg"
    told = json.loads(invoke(args=["service-circles", "--json", "--out", str(out), "--set", "kmh=30"]).stdout)
    assert told["ok"] and told["figures"]["village"]["grids"] == 1798 and told["inputs"]["assumptions"] == 1
    assert sorted(name for name, _ in pyogrio.list_layers(out)) == ["centers", "circles"]
    assert len(pyogrio.read_dataframe(out, layer="circles")) == 301
    assert invoke(args=["service-circles", "--out", str(tmp_path / "a.pdf")]).exit_code == 2
    assert invoke(args=["service-circles", "--set", "minutes.moon=3"]).exit_code == 2
    assert invoke(args=["service-circles", "--region", "1"]).exit_code == 1
