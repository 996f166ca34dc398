"""What is counted for a picture: the right tickets, for the right eyes, with the rule beside the number."""

from datetime import timedelta

import pytest
import shapely

from command_center.escalation.sweep import sweep
from command_center.pictures.errors import NothingToDraw, PictureNotYours
from command_center.regions import editions
from command_center.regions.models import Region
from command_center.statistics.rates import figures
from command_center.tickets.standing import Node, Tier
from gis.picture import Picture, Table
from tests.builders import CABLE, COUNTY, NOW, RECORD, TOWN, VILLAGE, a_ticket, spot
from tests.county import County
from tests.pictures.conftest import Composed
from tests.regions.maps import Map, second_edition


def table_of(picture: Picture) -> Table:
    assert picture.table is not None
    return picture.table


def row(picture: Picture, name: str) -> tuple[str, ...]:
    return next(row for row in table_of(picture).rows if row[0] == name)


def words(picture: Picture) -> str:
    return "\n".join(entry.words for legend in picture.legends for entry in legend.entries)


def test_the_situation_marks_open_tickets_by_colour_and_counts_them(county: County, composed: Composed) -> None:
    a_ticket(county, category=CABLE)
    a_ticket(county, category=RECORD)
    a_ticket(county, node=Node.REJECTED)
    picture = composed("situation", "county", now=NOW + timedelta(hours=3))
    assert [picture.looks[dot.look].mark for dot in picture.dots] == ["circle", "diamond"]
    assert picture.legends[0].title == "未办结工单 2 件"
    assert row(picture, "钢都街道") == ("钢都街道", "2", "1")
    assert "合成边界" in picture.mark


def test_a_county_without_open_tickets_is_a_picture(composed: Composed) -> None:
    picture = composed("situation", "county", language="en")
    assert not picture.dots
    assert picture.legends[0].title == "Open tickets: 0"
    assert picture.title == "大石桥市: situation of tickets"


def test_a_department_s_officer_sees_the_department_s_own_matters_only(county: County, composed: Composed) -> None:
    a_ticket(county, node=Node.HANDLE, tier=Tier.COUNTY)
    a_ticket(county, category=RECORD)
    assert len(composed("situation", "department").dots) == 1
    assert len(composed("situation", "county").dots) == 2


def test_density_counts_the_reports_of_the_period_and_the_category(county: County, composed: Composed) -> None:
    a_ticket(county, category=CABLE)
    a_ticket(county, category=CABLE)
    a_ticket(county, category=RECORD)
    a_ticket(county, category=CABLE, now=NOW - timedelta(days=40))
    picture = composed("density", "county", category=CABLE, cell="500")
    (cell,) = [area for area in picture.areas if area.level == "cell"]
    assert cell.tip.startswith("2 件")
    assert row(picture, "钢都街道")[1] == "2"
    assert "500 m" in picture.subtitle
    assert "分位数" in picture.legends[0].rule


def test_nothing_reported_is_told_instead_of_an_empty_map(composed: Composed) -> None:
    with pytest.raises(NothingToDraw):
        composed("density", "county", first="2020-01-01", to="2020-01-31")


def test_the_overdue_share_is_what_the_dashboards_say(county: County, composed: Composed) -> None:
    for n in range(6):
        a_ticket(county, node=Node.CLOSED, category=RECORD, now=NOW + timedelta(hours=n / 10))
    late = a_ticket(county, category=CABLE)
    late.take("accept", "village", now=NOW + timedelta(hours=5))
    at = NOW + timedelta(hours=6)
    sweep(county.sessions, county.office, at)
    county.relay()
    picture = composed("overdue", "county", now=at, by="town")
    with county.sessions.read() as session:
        lines, _ = figures(session, session.get_one(Region, COUNTY), "town", NOW.date(), NOW.date())
    own = next(line for line in lines if line["code"] == TOWN)
    assert own["due"] >= 6
    assert row(picture, "钢都街道")[1:3] == (str(own["due"] - own["closed_on_time"]), str(own["due"]))
    assert "上下 3、10 个百分点" in picture.legends[0].rule


def test_a_share_of_too_few_is_hatched(county: County, composed: Composed) -> None:
    a_ticket(county, node=Node.CLOSED, category=RECORD)
    county.relay()
    picture = composed("overdue", "county", by="town")
    town = next(area for area in picture.areas if area.name == "钢都街道")
    assert town.look is not None
    assert picture.looks[town.look].hatch == "rising"
    assert "不足 5 件" in words(picture)
    assert row(picture, "钢都街道")[3] == "–"


def test_coverage_tells_grids_with_and_without_a_sign_of_a_visit(county: County, composed: Composed) -> None:
    hand = a_ticket(county, node=Node.CLOSE, tier=Tier.VILLAGE, category=RECORD, to="village")
    hand.verify(passed=True)
    picture = composed("coverage", "village", now=hand.now)
    own = next(area for area in picture.areas if area.tip.endswith("2 次"))
    none = [area for area in picture.areas if area.tip.endswith("0 次")]
    assert own.look is not None and picture.looks[own.look].hatch is None
    assert none and all(area.look is not None and picture.looks[area.look].hatch == "crossed" for area in none)
    assert "巡查上报 1 件、距离合格的现场核查 1 次" in picture.facts[0]
    assert "不是巡查完成率" in picture.facts[0]


def test_a_check_from_far_away_is_no_sign_of_a_visit(county: County, composed: Composed) -> None:
    hand = a_ticket(county, node=Node.CLOSE, tier=Tier.VILLAGE, category=RECORD, to="village")
    lon, lat = spot(county, "210882117000")
    hand.take("verify", "grid", passed=True, lon=lon, lat=lat, note="电话核实")
    assert "现场核查 0 次" in composed("coverage", "village", now=hand.now).facts[0]


@pytest.mark.parametrize("engine_kind", ["sqlite"])
def test_a_sign_counts_where_it_lies_on_the_map_that_is_drawn(county: County, composed: Composed) -> None:
    a_ticket(county)
    with county.sessions.begin() as session:
        editions.store(session, second_edition().done(), editions.About(name="新版"), NOW)
    counted = {row[0]: row[1] for row in table_of(composed("coverage", "village")).rows}
    assert "第1网格" not in counted
    assert sorted(counted[name] for name in ("第1网格1", "第1网格2")) == ["0", "1"]


@pytest.mark.parametrize("engine_kind", ["sqlite"])
@pytest.mark.parametrize("who", ["grid", "department"])
def test_where_workers_were_is_for_their_command_center(composed: Composed, who: str) -> None:
    with pytest.raises(PictureNotYours):
        composed("coverage", who)


def test_an_edition_is_drawn_over_the_one_before_it(county: County, composed: Composed) -> None:
    with county.sessions.begin() as session:
        editions.store(session, second_edition().done(), editions.About(name="新版"), NOW)
    picture = composed("edition", "county", region=VILLAGE)
    told = words(picture)
    assert "拆分（2）" in told and "合并（1）" in told and "换码（1）" in told
    hatches = {picture.looks[area.look].hatch for area in picture.areas if area.look is not None}
    assert {"rising", "falling", "dotted"} <= hatches
    dashed = [area for area in picture.areas if area.look is not None and picture.looks[area.look].dashed]
    assert len(dashed) >= 3
    assert any("新版" in fact and "对照" in fact for fact in picture.facts)
    assert {row[1] for row in table_of(picture).rows} == {"拆分", "合并", "换码"}


@pytest.mark.parametrize("engine_kind", ["sqlite"])
def test_an_edition_that_waits_is_for_those_who_prepare_it(county: County, composed: Composed) -> None:
    about = editions.About(name="新版", effective_at=NOW + timedelta(days=9))
    with county.sessions.begin() as session:
        editions.store(session, second_edition().done(), about, NOW)
    assert composed("edition", "admin", edition="2").table
    for given in ({"edition": "2"}, {}):
        with pytest.raises(NothingToDraw):
            composed("edition", "county", **given)


@pytest.mark.parametrize("engine_kind", ["sqlite"])
def test_another_name_is_a_change(county: County, composed: Composed) -> None:
    with county.sessions.begin() as session:
        editions.store(session, Map().rename(Map().grids()[0], "花园网格").done(), editions.About(), NOW)
    picture = composed("edition", "county")
    assert "更名（1）" in words(picture)
    ((called, how, _),) = table_of(picture).rows
    assert called.endswith("→ 花园网格") and how == "更名"


@pytest.mark.parametrize("engine_kind", ["sqlite"])
def test_the_overdue_ones_are_counted_where_not_all_are_marked(
    county: County, composed: Composed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("command_center.pictures.situation.MOST_DOTS", 1)
    late = [a_ticket(county, category=CABLE) for _ in range(2)]
    at = late[0].now + timedelta(days=3)
    sweep(county.sessions, county.office, at)
    county.relay()
    picture = composed("overdue", "county", now=at)
    assert len(picture.dots) == 1 and "2 件" in picture.legends[-1].entries[0].words
    assert "仅标出最紧急的 1 件，共 2 件。" in picture.facts


@pytest.mark.parametrize("engine_kind", ["sqlite"])
def test_the_first_edition_has_none_to_be_compared_with(composed: Composed) -> None:
    with pytest.raises(NothingToDraw):
        composed("edition", "county")


@pytest.mark.parametrize("engine_kind", ["sqlite"])
def test_a_grid_alone_is_a_picture(county: County, composed: Composed) -> None:
    a_ticket(county)
    picture = composed("situation", "grid")
    assert len(picture.dots) == 1
    assert shapely.from_wkb(bytes.fromhex(picture.areas[0].wkb)).area > 0
