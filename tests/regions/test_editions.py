"""Editions of the map: stored whole or not at all, entered at their time, withdrawn before it."""

import threading
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from command_center.errors import (
    BadEdition,
    EditionNotFound,
    EditionNotScheduled,
    EditionScheduled,
    Invalid,
    MapBusy,
    MapChanged,
    MapUnchanged,
)
from command_center.regions import editions, reference
from command_center.regions.editions import About
from command_center.regions.models import Lineage, MapEdition, Outline, Region, RegionVersion
from tests.builders import NOW
from tests.county import County
from tests.regions.maps import VILLAGE, Map, a_new_code, second_edition, shipped

LATER = NOW + timedelta(days=30)
SAID = ("code", "name", "level", "kind", "parent_code", "synthetic")


def store(county: County, plan: Map, now: Any = NOW, **about: Any) -> MapEdition:
    with county.sessions.begin() as session:
        return editions.store(session, plan.done(), About(source="file.gpkg", **about), now)


def on_the_map(county: County) -> dict[str, tuple[object, ...]]:
    """What `regions` and `outlines` hold now."""
    with county.sessions.read() as session:
        rows = session.execute(
            select(*[getattr(Region, name) for name in SAID], Outline.wkb)
            .join(Outline, Outline.region_code == Region.code)
            .where(Region.retired_at.is_(None))
        )
        return {row.code: tuple(row) for row in rows}


def contents(county: County) -> dict[str, Any]:
    """All that is stored about the map, spelt out."""
    with county.sessions.read() as session:
        return {
            model.__tablename__: sorted(repr(tuple(row)) for row in session.execute(select(model.__table__)))
            for model in (Region, Outline, MapEdition, RegionVersion, Lineage)
        }


def test_what_the_reference_brings_is_edition_one_and_in_force(county: County) -> None:
    with county.sessions.read() as session:
        first = editions.in_force(session)
        assert first is not None and (first.version, first.source, first.synthetic) == (1, "load-reference", True)
        assert first.finished_at is not None and first.counts["grid"] == 1798
        assert editions.newest(session) is first and editions.scheduled(session) is None
        assert len(editions.boundaries(session)) == 2099 == len(editions.boundaries(session, 1))
        assert editions.lineage(session, 1) == []


def test_an_edition_that_takes_effect_at_once_is_the_map(county: County) -> None:
    plan = second_edition().rename(VILLAGE, "新富丽社区")
    made = store(county, plan, name="2027 年调整")
    assert (made.version, made.entered_at, made.synthetic) == (2, NOW, True)
    expected = {b.code: (*(getattr(b, name) for name in SAID), b.geometry.wkb) for b in plan.done()}
    assert on_the_map(county) == expected
    with county.sessions.read() as session:
        assert {row.code: row.name for row in editions.boundaries(session)}[VILLAGE] == "新富丽社区"
        assert editions.version_in_force(session) == 2
        assert editions.used_codes(session) == frozenset({b.code for b in shipped()} | {b.code for b in plan.done()})


def test_only_what_changed_is_written(county: County) -> None:
    store(county, second_edition().rename(VILLAGE, "新富丽社区"))
    with county.sessions.read() as session:
        count = dict(session.execute(select(RegionVersion.since, func.count()).group_by(RegionVersion.since)).all())
        closed = set(session.scalars(select(RegionVersion.code).where(RegionVersion.until == 2)))
    first, second, third, fourth = Map().grids()[:4]
    assert count == {1: 2099, 2: 5}
    assert closed == {VILLAGE, first, second, third, fourth}


def test_a_region_that_leaves_is_retired_and_kept(county: County) -> None:
    gone = Map().grids()[:4]
    store(county, second_edition())
    with county.sessions.read() as session:
        rows = [session.get_one(Region, code) for code in gone]
        assert [row.retired_at for row in rows] == [NOW] * 4
        assert not {*gone} & {row.code for row in reference.outlines(session)}
        assert reference.children(session, VILLAGE) == 7, "one more by the split, one less by the merger"
        assert editions.ended(session, 2) == gone


def test_the_lineage_tells_split_merger_and_recoding(county: County) -> None:
    first, second, third, fourth = Map().grids()[:4]
    made = store(county, second_edition())
    with county.sessions.read() as session:
        lines = {(line.old, line.new): line for line in editions.lineage(session, made.version)}
    new = [a_new_code(VILLAGE, number) for number in (1, 2, 3, 4)]
    assert lines[first, new[0]].how == lines[first, new[1]].how == "split"
    assert lines[second, new[2]].how == lines[third, new[2]].how == "merged"
    assert lines[fourth, new[3]].how == "recoded"
    assert Counter(line.how for line in lines.values()) == {"kept": 2095, "split": 2, "merged": 2, "recoded": 1}
    expected = {"kept": 2095, "split": 2, "merged": 2, "recoded": 1, "added": 4, "ended": 4, "redrawn": 0}
    assert made.counts.items() >= expected.items()


def test_earlier_editions_stay_readable(county: County) -> None:
    store(county, second_edition())
    store(county, second_edition().recode(a_new_code(VILLAGE, 4), a_new_code(VILLAGE, 5)), NOW + timedelta(days=1))
    with county.sessions.read() as session:
        per_edition = [{row.code: row.wkb for row in editions.boundaries(session, n)} for n in (1, 2, 3)]
    assert per_edition[0] == {b.code: b.geometry.wkb for b in shipped()}
    assert per_edition[1] == {b.code: b.geometry.wkb for b in second_edition().done()}
    assert per_edition[2].keys() ^ per_edition[1].keys() == {a_new_code(VILLAGE, 4), a_new_code(VILLAGE, 5)}


def test_a_code_that_comes_back_is_on_the_map_again(county: County) -> None:
    fourth = Map().grids()[3]
    store(county, Map().recode(fourth, a_new_code(VILLAGE, 4)))
    store(county, Map(), NOW + timedelta(days=1))
    with county.sessions.read() as session:
        assert session.get_one(Region, fourth).retired_at is None
        spans = session.execute(select(RegionVersion.since, RegionVersion.until).where(RegionVersion.code == fourth))
        assert sorted(spans, key=lambda span: span.since) == [(1, 2), (3, None)]


def test_a_scheduled_edition_waits_for_its_time(county: County) -> None:
    before = on_the_map(county)
    made = store(county, second_edition(), effective_at=LATER)
    assert made.entered_at is None and on_the_map(county) == before
    with county.sessions.begin() as session:
        waiting = editions.scheduled(session)
        assert waiting is not None and waiting.version == 2
        assert editions.newest(session) is waiting and editions.version_in_force(session) == 1
        assert len(editions.boundaries(session, 2)) == 2099
        assert editions.enter_due(session, LATER - timedelta(seconds=1)) is None
    with county.sessions.begin() as session:
        entered = editions.enter_due(session, LATER)
        assert entered is not None and entered.entered_at == LATER
    assert on_the_map(county).keys() == {b.code for b in second_edition().done()}
    with county.sessions.begin() as session:
        assert editions.enter_due(session, LATER) is None


def test_at_most_one_edition_is_scheduled(county: County) -> None:
    store(county, second_edition(), effective_at=LATER)
    before = contents(county)
    with pytest.raises(EditionScheduled, match="Edition 2"):
        store(county, second_edition().rename(VILLAGE, "再改"))
    assert contents(county) == before


def test_a_withdrawn_edition_leaves_nothing_but_its_number(county: County) -> None:
    before = contents(county)
    store(county, second_edition(), effective_at=LATER)
    with county.sessions.begin() as session:
        assert editions.withdraw(session, 2, NOW).withdrawn_at == NOW
    after = contents(county)
    assert {n: rows for n, rows in after.items() if n != "map_editions"} == {
        n: rows for n, rows in before.items() if n != "map_editions"
    }
    with county.sessions.begin() as session:
        assert editions.enter_due(session, LATER) is None
        with pytest.raises(EditionNotFound):
            editions.boundaries(session, 2)
        states = [editions.state(row, 1) for row in editions.editions(session)]
    assert states == ["withdrawn", "in_force"]
    assert store(county, second_edition()).version == 3


@pytest.mark.parametrize(("version", "refusal"), [(1, EditionNotScheduled), (9, EditionNotFound)])
def test_only_what_is_scheduled_can_be_withdrawn(county: County, version: int, refusal: type[Exception]) -> None:
    with county.sessions.begin() as session, pytest.raises(refusal):
        editions.withdraw(session, version, NOW)


def test_the_same_map_again_is_no_edition(county: County) -> None:
    with pytest.raises(MapUnchanged):
        store(county, Map())
    with county.sessions.read() as session:
        assert not editions.changes_of(session, Map().done())
        assert len(editions.editions(session)) == 1


@pytest.mark.parametrize(
    "broken",
    [
        lambda: [*shipped(), shipped()[-1]],
        lambda: Map().drop(VILLAGE).done(),
        lambda: [b for b in shipped() if b.kind != "urban_rural"],
        lambda: [],
    ],
    ids=["a code twice", "a parent missing", "no ordinary grids", "nothing"],
)
def test_what_is_no_map_changes_nothing(county: County, broken: Any) -> None:
    before = contents(county)
    with pytest.raises(BadEdition), county.sessions.begin() as session:
        editions.store(session, broken(), About(), NOW)
    assert contents(county) == before


def test_a_fault_after_storing_takes_everything_back(county: County) -> None:
    before = contents(county)
    with pytest.raises(ZeroDivisionError), county.sessions.begin() as session:
        editions.store(session, second_edition().done(), About(), NOW)
        raise ZeroDivisionError
    assert contents(county) == before


def test_a_part_of_a_map_leaves_the_rest_as_it_is(county: County) -> None:
    school = Map().grids(kind="school")[0]
    with county.sessions.begin() as session:
        only = [Map().rename(school, "新校区")[school]]
        made = editions.store(session, only, About(), NOW, whole=False)
    assert (made.counts["renamed"], made.counts["added"], made.counts["grid"]) == (1, 0, 1798)
    assert len(on_the_map(county)) == 2099


def test_what_was_compared_before_is_stored_without_comparing_again(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    with county.sessions.read() as session:
        changes = editions.changes_of(session, second_edition().done())
    monkeypatch.setattr(editions, "descents", None)
    with county.sessions.begin() as session:
        made = editions.store(session, changes, About(), NOW)
        assert made.version == 2 and editions.lineage(session, 2) == changes.lineage
    assert {code: row[1] for code, row in on_the_map(county).items()} == {row.code: row.name for row in changes.rows}


def test_what_was_compared_with_an_older_map_is_not_stored(county: County) -> None:
    with county.sessions.read() as session:
        changes = editions.changes_of(session, second_edition().done())
    store(county, Map().rename(VILLAGE, "新名村"))
    before = contents(county)
    with pytest.raises(MapChanged), county.sessions.begin() as session:
        editions.store(session, changes, About(), NOW)
    assert contents(county) == before


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1999, 12, 31), date(NOW.year + 11, 1, 1), date.max])
def test_a_first_day_too_far_from_now_is_refused(day: date) -> None:
    with pytest.raises(Invalid):
        editions.beginning(day, ZoneInfo("Asia/Shanghai"), NOW)


def test_a_map_takes_effect_at_the_midnight_of_the_place() -> None:
    began = editions.beginning(date(2027, 1, 1), ZoneInfo("Asia/Shanghai"), NOW)
    assert began == datetime(2026, 12, 31, 16, tzinfo=UTC)


def test_of_two_who_store_at_once_one_is_told_that_the_map_changed(county: County) -> None:
    """Both checked their file against edition 1; whoever comes second would undo the first one's work."""
    outcomes: list[object] = []
    begin = threading.Barrier(2)

    def one(plan: Map) -> None:
        begin.wait()
        try:
            outcomes.append(store(county, plan, based_on=1).version)
        except (MapBusy, MapChanged) as refused:
            outcomes.append(type(refused))

    threads = [threading.Thread(target=one, args=(plan,)) for plan in (second_edition(), Map().rename(VILLAGE, "别名"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str)[0] in (MapBusy, MapChanged) or outcomes.count(2) == 1
    assert outcomes.count(2) == 1 and len(outcomes) == 2
    with county.sessions.read() as session:
        assert len(editions.editions(session)) == 2


def test_loading_the_reference_again_never_overwrites_the_countys_own_map(county: County) -> None:
    store(county, second_edition(), name="本县 2027")
    before = contents(county)
    with county.sessions.begin() as session:
        counts = reference.load(session, shipped(), NOW)
    assert counts[reference.OWN] == 2 and counts["grid"] == 1798
    assert contents(county) == before


def test_newer_shipped_outlines_are_the_next_edition_while_the_county_has_no_own(county: County) -> None:
    with county.sessions.begin() as session:
        counts = reference.load(session, Map().rename(VILLAGE, "改名社区").done(), NOW)
        assert counts["edition of the map"] == 2
        assert session.scalar(select(func.count()).select_from(Lineage)) == 2099
    with county.sessions.read() as session:
        assert session.get_one(Region, VILLAGE).name == "改名社区"


def test_the_successor_of_a_code_is_found_through_several_editions(county: County) -> None:
    first, second, _, fourth = Map().grids()[:4]
    store(county, second_edition())
    plan = second_edition().recode(a_new_code(VILLAGE, 4), a_new_code(VILLAGE, 5))
    store(county, plan.recode(a_new_code(VILLAGE, 1), a_new_code(VILLAGE, 6)), NOW + timedelta(days=1))
    with county.sessions.read() as session:
        assert editions.successor(session, first) == a_new_code(VILLAGE, 6), "the greater part of the split one"
        assert editions.successor(session, second) == a_new_code(VILLAGE, 3)
        assert editions.successor(session, fourth) == a_new_code(VILLAGE, 5)
        assert editions.successor(session, VILLAGE) == VILLAGE
        assert editions.successor(session, "no region") == "no region"


def test_a_region_knows_whose_place_it_took_through_several_editions(county: County) -> None:
    first, second, third, fourth = Map().grids()[:4]
    store(county, second_edition())
    plan = second_edition().recode(a_new_code(VILLAGE, 4), a_new_code(VILLAGE, 5))
    store(county, plan.recode(a_new_code(VILLAGE, 1), a_new_code(VILLAGE, 6)), NOW + timedelta(days=1))
    assert predecessors(county) == {
        a_new_code(VILLAGE, 3): [second, third],
        a_new_code(VILLAGE, 5): [fourth, a_new_code(VILLAGE, 4)],
        a_new_code(VILLAGE, 6): [first, a_new_code(VILLAGE, 1)],
    }


def test_a_code_that_comes_back_is_nobody_s_predecessor(county: County) -> None:
    fourth, further = Map().grids()[3], a_new_code(VILLAGE, 5)
    store(county, Map().recode(fourth, a_new_code(VILLAGE, 4)))
    store(county, Map().recode(fourth, further), NOW + timedelta(days=1))
    assert predecessors(county) == {further: [fourth, a_new_code(VILLAGE, 4)]}
    store(county, Map(), NOW + timedelta(days=2))
    assert predecessors(county) == {fourth: [a_new_code(VILLAGE, 4), further]}


def predecessors(county: County) -> dict[str, list[str] | None]:
    """By code of each region on the map that took the place of others."""
    on_it = Region.retired_at.is_(None), Region.predecessors.is_not(None)
    with county.sessions.read() as session:
        return dict(session.execute(select(Region.code, Region.predecessors).where(*on_it)).all())
