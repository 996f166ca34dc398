"""Service circles of a loaded county: what they are made of, when they are computed anew, who sees what."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely
from sqlalchemy import func, select

from command_center.circles import assumptions, centers, inputs, outputs, results, roads, run, telling
from command_center.circles.assumptions import Assumptions
from command_center.circles.errors import AssumptionsStale, AssumptionsWrong
from command_center.circles.models import CircleResult, RoadEdition
from command_center.circles.telling import Holding
from command_center.circles.work import Answer, Spot, Work, compute
from command_center.regions.models import Region
from gis.center_files import CenterRow
from gis.road_files import RoadChoices, read_classes, survey_roads
from tests.county import County

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
DATA = Path(__file__).resolve().parents[2] / "data"
FIRST = json.loads((DATA / "circles" / "assumptions.json").read_text("utf-8"))


def store(county: County, note: str = "", **changes: Any) -> None:
    with county.sessions.begin() as session:
        newest = assumptions.newest(session, DATA)
        document = newest.assumptions.model_dump() | changes
        assumptions.store(session, DATA, document, note=note, by="admin", based_on=newest.version, now=NOW)


def key(county: County) -> str:
    with county.sessions.read() as session:
        return inputs.inputs(session, DATA).key


def town(county: County) -> Region:
    with county.sessions.read() as session:
        return session.scalars(select(Region).where(Region.level == "town").order_by(Region.code)).first()  # type: ignore[return-value]


def put_center(county: County, code: str, lon: float, lat: float) -> None:
    with county.sessions.begin() as session:
        row = CenterRow(2, code, "", "", "便民服务中心", lon, lat)
        centers.store(session, {code: row}, source="centers.csv", synthetic=False, by="flask", now=NOW)


def put_roads(county: County, tmp_path: Path) -> RoadEdition:
    """One straight road through the first town's middle."""
    region = town(county)
    assert region.lon and region.lat
    shape = shapely.LineString([(region.lon - 0.2, region.lat), (region.lon + 0.2, region.lat)])
    feature = {"type": "Feature", "properties": {"maxspeed": 60}, "geometry": shapely.geometry.mapping(shape)}
    file = tmp_path / "roads.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    with county.sessions.begin() as session:
        survey = survey_roads(file, RoadChoices(), read_classes(roads.classes_file(DATA)), roads.around(session))
        return roads.store(session, survey, name=file.name, sha256="0" * 64, synthetic=True, by="flask", now=NOW)


def test_without_a_row_every_center_is_assumed_at_its_regions_point(county: County) -> None:
    with county.sessions.read() as session:
        found = centers.places(session)
    assert len(found) == 1 + 17 + 283
    assert all(place.assumed for place in found)


def test_an_imported_center_stands_where_the_file_says(county: County) -> None:
    region = town(county)
    put_center(county, region.code, 122.51, 40.61)
    with county.sessions.read() as session:
        place = next(one for one in centers.places(session) if one.code == region.code)
    assert (place.lon, place.lat, place.assumed, place.name) == (122.51, 40.61, False, "便民服务中心")


def test_rows_are_matched_by_code_or_name_and_each_fault_is_told(county: County) -> None:
    region = town(county)

    def row(n: int, code: str = "", name: str = "", town: str = "", lon: float | None = 122.5) -> CenterRow:
        return CenterRow(n, code, name, town, "", lon, 40.6)

    with county.sessions.read() as session:
        found, faults = centers.match(
            session,
            [
                row(2, code=region.code),
                row(3, name="富丽社区"),
                row(4, name="腰屯村委会"),
                row(5, code="210882999000"),
                row(6, code=region.code),
                row(7, code="210882000000", lon=None),
                row(8, name="没有的村"),
            ],
        )
    assert region.code in found and len(found) <= 2
    assert [(one.row, one.kind) for one in faults if one.row > 4] == [
        (5, "unknown-region"),
        (6, "duplicate"),
        (7, "no-place"),
        (8, "unknown-region"),
    ]


def test_the_first_assumptions_are_the_files_and_edits_have_a_history(county: County) -> None:
    with county.sessions.read() as session:
        assert assumptions.newest(session, DATA) == (0, Assumptions.model_validate(FIRST))
    store(county, note="量过", kmh=35)
    store(county, kmh=36)
    with county.sessions.read() as session:
        newest = assumptions.newest(session, DATA)
        history = assumptions.history(session)
    assert (newest.version, newest.assumptions.kmh) == (2, 36)
    assert [(row.version, row.document["kmh"], row.note) for row in history] == [(2, 36, ""), (1, 35, "量过")]


@pytest.mark.parametrize(
    "wrong",
    [{"kmh": 0}, {"detour": 0.5}, {"minutes": {"county": 15}}, {"beside_m": float("nan")}, {"kmh": "fast"}, {"x": 1}],
    ids=str,
)
def test_assumptions_that_make_no_sense_change_nothing(county: County, wrong: dict[str, Any]) -> None:
    with pytest.raises(AssumptionsWrong), county.sessions.begin() as session:
        assumptions.store(session, DATA, FIRST | wrong, note="", by="admin", based_on=0, now=NOW)


def test_whoever_edits_an_old_edition_is_told(county: County) -> None:
    store(county, kmh=35)
    with pytest.raises(AssumptionsStale), county.sessions.begin() as session:
        assumptions.store(session, DATA, FIRST, note="", by="admin", based_on=0, now=NOW)


def test_other_inputs_have_another_key_and_the_same_ones_the_same(county: County, tmp_path: Path) -> None:
    keys = [key(county), key(county)]
    store(county, kmh=35)
    keys.append(key(county))
    put_center(county, town(county).code, 122.51, 40.61)
    keys.append(key(county))
    put_roads(county, tmp_path)
    keys.append(key(county))
    store(county, use_roads=False)
    keys.append(key(county))
    assert keys[0] == keys[1] and len(set(keys)) == 5


def test_a_computed_answer_is_kept_and_not_computed_again(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "_last", {})
    answers = iter([Answer(circles=[], anybody={"town": {}})])
    monkeypatch.setattr(run, "in_a_process", lambda given: next(answers))
    first, made = run.compute_now(county.sessions, DATA, NOW)
    again, kept = run.answer(county.sessions, DATA, NOW)
    assert (first.key, made) == (again.key, kept)


def test_only_the_newest_few_answers_are_kept(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = Answer(circles=[], anybody={})
    monkeypatch.setattr(run, "in_a_process", lambda given: empty)
    for kmh in range(30, 36):
        store(county, kmh=kmh)
        run.compute_now(county.sessions, DATA, NOW.replace(minute=kmh))
    with county.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(CircleResult)) == 3


def test_roads_make_a_longer_circle_along_them(county: County, tmp_path: Path) -> None:
    region = town(county)
    edition = put_roads(county, tmp_path)
    assert (edition.version, edition.counts["roads"], edition.synthetic) == (1, 1, True)
    with county.sessions.read() as session:
        given = inputs.work(session, DATA)
    spots = [spot for spot in given.spots if spot.code == region.code]
    along = compute(given.model_copy(update={"spots": spots}))
    round_ = compute(given.model_copy(update={"spots": spots, "roads": None}))
    assert along.circles[0].off_road_m is not None and round_.circles[0].off_road_m is None
    width = [shapely.geometry.shape(one.circles[0].geometry).bounds for one in (along, round_)]
    # Ten minutes at 60 km/h: ten kilometres each way; as the crow flies 5.1.
    assert width[0][2] - width[0][0] > 1.8 * (width[1][2] - width[1][0])
    assert width[0][3] - width[0][1] < 0.5 * (width[1][3] - width[1][1])


def test_a_grid_is_judged_by_its_own_center_and_by_anybodys() -> None:
    squares = {f"210882001{village}1001": shapely.box(x, 40.6, x + 0.004, 40.604) for village, x in VILLAGES.items()}
    # The first village's center stands in the second village's grid, the second one's far away.
    spots = [
        Spot(code="210882001001", level="village", lon=122.522, lat=40.602),
        Spot(code="210882001002", level="village", lon=122.9, lat=40.9),
    ]
    given = Assumptions.model_validate(
        FIRST | {"minutes": {"county": 15, "town": 10, "village": 1}, "kmh": 60, "detour": 1}
    )
    work = Work(
        grids=[(code, shape.wkb) for code, shape in squares.items()], spots=spots, assumptions=given, roads=None
    )
    holding = Holding(compute(work))
    first, second = squares
    assert holding.own(first, "village").state == "outside" and holding.own(second, "village").state == "outside"
    assert holding.anybody(second, "village").state == "inside" and holding.anybody(first, "village").state == "outside"
    figures = holding.figures(squares, "village")
    assert (figures["outside"], figures["reached_by_another"], figures["reached_by_nobody"]) == (2, 1, 1)


VILLAGES = {"001": 122.5, "002": 122.52}


def test_totals_of_the_parts_are_those_of_the_whole(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "_last", {})
    wanted, made = run.compute_now(county.sessions, DATA, NOW)
    assert len(made.circles) == 301 and wanted.roads is None
    with county.sessions.read() as session:
        grids = telling.grids_of(session, "210882000000")
    holding = Holding(made)
    whole = holding.figures([grid.code for grid in grids], "village")
    parts = telling.totals(holding, grids, "210882000000", "county")
    assert whole["grids"] == 1798 and len(parts) == 17
    for name, value in whole.items():
        assert sum(part["village"][name] for part in parts) == value
    assert whole["inside"] + whole["partly"] + whole["outside"] == 1798
    assert whole["reached_by_another"] + whole["reached_by_nobody"] == whole["outside"]


def line(**changes: Any) -> dict[str, Any]:
    return {
        "town": {"name": "=1+1"},
        "village": {"name": "+86"},
        "code": "1",
        "name": "@x",
        "kind": "school",
        "center": {"name": "甲", "assumed": True},
        "state": "outside",
        "share": 0.5,
        "point": False,
        "reached_by_another": True,
        "distance_m": 3,
        "workers": ["=cmd()"],
    } | changes


def test_the_workbook_keeps_a_name_that_looks_like_a_formula_a_name() -> None:
    book = openpyxl.load_workbook(io.BytesIO(outputs.workbook([line()], ["怎么算的"], str)))
    first = book.worksheets[0]
    assert [first.cell(2, n).data_type for n in (1, 2, 13)] == ["s", "s", "s"]
    assert book.worksheets[1].cell(1, 1).value == "怎么算的"
    spelt = outputs.as_csv([line()], str).decode("utf-8-sig").splitlines()[1]
    assert spelt.startswith("'=1+1,'+86,1,'@x") and spelt.endswith("'=cmd()")


def test_excel_keeps_all_digits_of_a_code_in_the_csv() -> None:
    _, (_, _, code, *_) = csv.reader(
        io.StringIO(outputs.as_csv([line(code="2108820010050101")], str).decode("utf-8-sig"))
    )
    assert code == '="2108820010050101"'


def test_a_control_character_in_a_name_does_not_break_the_workbook() -> None:
    book = openpyxl.load_workbook(io.BytesIO(outputs.workbook([line(name="一\x0b格")], [], str)))
    assert book.worksheets[0].cell(2, 4).value == "一�格"
