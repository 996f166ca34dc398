"""The same tickets told by the old map and by the new one: a split, a merge, and a grid that goes to another town."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import shapely
from sqlalchemy import delete, select

from app import create_app
from command_center.regions import editions
from command_center.regions.editions import About
from command_center.regions.models import Region
from command_center.statistics import by_map
from command_center.statistics.consumer import rebuild
from command_center.statistics.models import MEASURES, MapPlacing, TicketPlace
from command_center.statistics.rates import figures
from command_center.tickets.standing import Node
from tests.builders import COUNTY, ELSEWHERE, NOW, TOWN, VILLAGE, a_ticket
from tests.county import ENGINES, County, SharedMap, Template, center_of, copied, settings_of
from tests.regions.maps import Map, a_new_code, shipped

TODAY = NOW.date()
FIRST, SECOND = 1, 2
OTHER_VILLAGE = f"{ELSEWHERE[:9]}001"
SHAPES = {boundary.code: boundary.geometry for boundary in shipped()}


class Told:
    """A county with seven tickets, and a second edition of its map.

    One grid was cut in two with a ticket in each part, two grids with one ticket each were joined, a fifth goes to
    another town with two tickets; the seventh ticket's grid is untouched.
    """

    def __init__(self, county: County) -> None:
        self.county = county
        self.cut, self.left, self.right, self.gone, self.kept = Map().grids()[:5]
        self.parts = a_new_code(VILLAGE, 1), a_new_code(VILLAGE, 2)
        self.joined, self.abroad = a_new_code(VILLAGE, 3), a_new_code(OTHER_VILLAGE, 1)
        new = Map().split(self.cut, *self.parts).merge(self.joined, self.left, self.right)
        new = new.recode(self.gone, self.abroad)
        for code in (*self.parts, self.left, self.gone):
            self.report(new[code].geometry if code in self.parts else SHAPES[code], node=Node.CLOSED)
        self.report(SHAPES[self.right])
        self.moved = self.report(SHAPES[self.gone])
        self.report(SHAPES[self.kept], node=Node.REJECTED)
        county.relay()
        with county.sessions.begin() as session:
            editions.store(session, new.done(), About(name="新版"), NOW + timedelta(days=1))

    def report(self, shape: shapely.Geometry, **more: Any) -> Any:
        point = shape.representative_point()
        return a_ticket(self.county, lon=point.x, lat=point.y, by="county", **more)

    def place(self, version: int) -> int:
        return by_map.place(self.county.sessions, version, self.county.center.map_of(version))

    def tell(
        self, by: str | None, version: int | None, region: str = COUNTY
    ) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
        """Lines by code, and the total."""
        with self.county.sessions.read() as session:
            named = session.get_one(Region, region)
            lines, total = figures(session, named, by, TODAY, TODAY, None, version)
        return {line["code"]: line for line in lines}, total


@pytest.fixture(scope="module", params=ENGINES)
def told(
    request: pytest.FixtureRequest, shared_map: SharedMap, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Told]:
    """Told once for each engine, and read by several tests."""
    template: Template = request.getfixturevalue(f"{request.param}_template")
    home = tmp_path_factory.mktemp("told")
    with copied(template, home) as url:
        app = create_app(settings_of(home, url))
        center_of(app).county = shared_map
        made = Told(County(template.kind, app))
        made.place(FIRST)
        made.place(SECOND)
        yield made
        made.county.sessions.engine.dispose()


def reported(lines: dict[str, dict[str, Any]]) -> dict[str, int]:
    return {code: line["reported"] for code, line in lines.items() if line["reported"]}


def test_the_old_map_tells_what_was_recorded_and_the_new_one_where_the_points_lie(told: Told) -> None:
    old, _ = told.tell("grid", FIRST)
    new, _ = told.tell("grid", SECOND)
    assert reported(old) == {told.cut: 2, told.left: 1, told.right: 1, told.gone: 2, told.kept: 1}
    assert reported(new) == {told.parts[0]: 1, told.parts[1]: 1, told.joined: 2, told.abroad: 2, told.kept: 1}
    assert (new[told.joined]["closed"], new[told.joined]["open"]) == (1, 1)
    assert told.cut not in new and told.joined not in old


def test_towns_and_villages_follow_their_grids(told: Told) -> None:
    assert reported(told.tell("town", FIRST)[0]) == {TOWN: 7}
    assert reported(told.tell("town", SECOND)[0]) == {TOWN: 5, ELSEWHERE: 2}
    assert reported(told.tell("village", SECOND, ELSEWHERE)[0]) == {OTHER_VILLAGE: 2}


@pytest.mark.parametrize("by", ["town", "village", "grid", "category", "department", "day"])
def test_the_county_s_total_is_the_same_whichever_map_tells(told: Told, by: str) -> None:
    plain, total = told.tell(by, None)
    assert total["reported"] == 7
    for version in (FIRST, SECOND):
        lines, its_total = told.tell(by, version)
        assert its_total == total
        if by != "department":  # what nobody has stands in no department's line
            for measure in MEASURES:
                assert sum(line[measure] for line in lines.values()) == total[measure], measure
        if by in ("category", "department", "day"):
            assert lines == plain


@pytest.mark.parametrize("by", ["category", "day"])
def test_a_region_s_figures_by_anything_follow_the_map(told: Told, by: str) -> None:
    for region, version, expected in ((TOWN, FIRST, 7), (TOWN, SECOND, 5), (ELSEWHERE, SECOND, 2)):
        lines, total = told.tell(by, version, region)
        assert total["reported"] == sum(line["reported"] for line in lines.values()) == expected


def test_only_what_lies_elsewhere_is_kept(told: Told) -> None:
    with told.county.sessions.read() as session:
        rows = session.scalars(select(TicketPlace)).all()
    assert len(rows) == 6 and {row.edition for row in rows} == {SECOND}


def test_what_comes_later_is_placed_when_it_is_asked_for_again(county: County) -> None:
    told = Told(county)
    assert (told.place(SECOND), told.place(SECOND)) == (7, 0)
    told.report(SHAPES[told.gone])
    told.county.relay()
    with told.county.sessions.read() as session:
        assert by_map.behind(session, SECOND) == 1
    assert told.place(SECOND) == 1
    assert reported(told.tell("town", SECOND)[0]) == {TOWN: 5, ELSEWHERE: 3}


def test_a_ticket_that_a_person_moves_is_counted_in_its_new_grid_and_nothing_twice(county: County) -> None:
    own, neighbour = Map().grids()[:2]
    shape = shapely.shortest_line(SHAPES[own].representative_point(), SHAPES[neighbour])
    lon, lat = shapely.get_coordinates(shape)[-1]
    ticket = a_ticket(county, lon=float(lon), lat=float(lat), accuracy_m=60.0)
    was = ticket.look().grid_code
    to = next(c["grid"] for c in ticket.look().candidates or () if c["grid"] != was)
    county.relay()
    ticket.take("relocate", "village", to=to)
    county.relay()
    with county.sessions.begin() as session:
        lines, total = figures(session, session.get_one(Region, COUNTY), "grid", TODAY, TODAY)
        assert reported({line["code"]: line for line in lines}) == {to: 1}
        assert total["reported"] == 1
        assert rebuild(session, county.office.zone) == 0


def test_the_door_tells_by_a_map_and_which_maps_there_are(told: Told) -> None:
    phone = told.county.phone("county")
    query = {"by": "town", "from": TODAY.isoformat(), "to": TODAY.isoformat()}
    answer = phone.get("statistics", **query, map=SECOND).json
    assert answer is not None and answer["map"]["version"] == SECOND
    assert [one["version"] for one in answer["maps"]] == [SECOND, FIRST]
    assert {i["code"]: i["reported"] for i in answer["items"] if i["reported"]} == {TOWN: 5, ELSEWHERE: 2}
    place = (phone.get(f"tickets/{told.moved.look().number}", map=SECOND).json or {})["on_map"]
    assert (place["grid"]["code"], place["town"]["code"], place["same_grid"]) == (told.abroad, ELSEWHERE, False)


def test_figures_by_a_map_are_told_to_one_at_a_time(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_map, "PATIENCE", 0.01)
    phone = told.county.phone("county")
    with told.county.center.maps.turn():
        refused = phone.get("statistics", map=SECOND)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert phone.get("statistics").status_code == 200
    assert phone.get("statistics", map=SECOND).status_code == 200


def test_others_have_their_turn_while_tickets_are_counted(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    breaths: list[float] = []
    monkeypatch.setattr(by_map, "AT_ONCE", 2)
    monkeypatch.setattr("command_center.statistics.by_map.time.sleep", breaths.append)
    assert reported(told.tell("town", SECOND)[0]) == {TOWN: 5, ELSEWHERE: 2}
    assert breaths == [0]


@pytest.mark.parametrize(("version", "status"), [("7", 404), ("0", 422), ("-1", 422), ("new", 422), ("9" * 30, 422)])
def test_a_map_that_is_none_is_refused(told: Told, version: str, status: int) -> None:
    assert told.county.phone("county").get("statistics", map=version).status_code == status


def test_the_command_places_all_and_says_how_many(told: Told) -> None:
    with told.county.sessions.begin() as session:
        session.execute(delete(TicketPlace))
        session.execute(delete(MapPlacing))
    runner = told.county.app.test_cli_runner()
    answer = runner.invoke(args=["place-by-map", str(SECOND)])
    assert (answer.exit_code, "7 tickets placed on edition 2" in answer.output) == (0, True), answer.output
    assert reported(told.tell("town", SECOND)[0]) == {TOWN: 5, ELSEWHERE: 2}
    assert runner.invoke(args=["place-by-map", "9"]).exit_code == 1
