"""Zones in versions: which holds when, and that nothing stored is ever edited."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from command_center.errors import VersionStale
from command_center.zones import changes, queries
from command_center.zones.errors import TooManyZones, UnknownZone, ZoneInvalid, ZoneRetired
from command_center.zones.models import ZoneVersion
from command_center.zones.queries import periods
from tests.builders import NOW
from tests.county import County
from tests.zones.making import BEFORE, a_draft, a_zone

DAY = timedelta(days=1)


def holding(session: Session, at: datetime) -> list[int]:
    """The versions that are in force at a moment."""
    return [one.row.version for each in queries.all_periods(session).values() for one in each if one.holds(at)]


def a_row(version: int, begins: int, ends: int | None = None, *, retired: bool = False) -> ZoneVersion:
    """A version that is to hold from so many days after NOW."""
    until = None if ends is None else NOW + ends * DAY
    return ZoneVersion(version=version, retired=retired, valid_from=NOW + begins * DAY, valid_until=until)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([a_row(1, 0)], [(0, None)]),
        ([a_row(1, 0, 9)], [(0, 9)]),  # ends by itself
        ([a_row(1, 0), a_row(2, 5)], [(0, 5), (5, None)]),  # the next one at its date
        ([a_row(1, 0, 3), a_row(2, 5)], [(0, 3), (5, None)]),  # with a gap
        ([a_row(1, 0), a_row(2, 8), a_row(3, 5)], [(0, 5), None, (5, None)]),  # changed its mind before the date
        ([a_row(1, 0), a_row(2, 0)], [None, (0, None)]),  # at the same moment
        ([a_row(1, 0), a_row(2, 5, retired=True)], [(0, 5), None]),
        ([a_row(1, 0), a_row(2, 5, retired=True), a_row(3, 7)], [(0, 5), None, (7, None)]),  # taken up again
    ],
)
def test_the_later_version_holds_from_its_date(
    rows: list[ZoneVersion], expected: list[tuple[int, int | None] | None]
) -> None:
    told = [
        None if one.begins is None else ((one.begins - NOW).days, None if one.ends is None else (one.ends - NOW).days)
        for one in periods(rows)
    ]
    assert told == expected


def test_a_new_version_leaves_the_old_one_as_it_was(county: County) -> None:
    first = a_zone(county)
    before = {name: getattr(first, name) for name in ("wkb", "effects", "note", "valid_from", "valid_until")}
    with county.sessions.begin() as session:
        changed = replace(a_draft(county, buffer_m=500), note="扩大")
        changes.change(session, first.zone_code, 1, changed, "admin", NOW)
    with county.sessions.read() as session:
        old, new = queries.versions_of(session, first.zone_code)
        assert {name: getattr(old, name) for name in before} == before
        assert (new.version, new.buffer_m, new.created_by, new.note) == (2, 500, "admin", "扩大")
        assert holding(session, NOW - DAY) == [1]
        assert holding(session, NOW) == [2]
        assert holding(session, BEFORE - DAY) == []


def test_two_who_change_the_same_version_do_not_both_succeed(county: County) -> None:
    code = a_zone(county).zone_code
    with county.sessions.begin() as session:
        changes.change(session, code, 1, a_draft(county, buffer_m=1), "admin", NOW)
    with county.sessions.begin() as session, pytest.raises(VersionStale):
        changes.change(session, code, 1, a_draft(county, buffer_m=2), "admin", NOW)


def test_a_version_that_says_nothing_new_is_refused(county: County) -> None:
    code = a_zone(county).zone_code
    with county.sessions.begin() as session, pytest.raises(ZoneInvalid):
        changes.change(session, code, 1, a_draft(county), "admin", NOW)


def test_a_retired_zone_ends_once_and_can_be_taken_up_again(county: County) -> None:
    code = a_zone(county).zone_code
    with county.sessions.begin() as session:
        changes.retire(session, code, 1, "撤销", "admin", NOW)
    with county.sessions.begin() as session, pytest.raises(ZoneRetired):
        changes.retire(session, code, 2, "再撤", "admin", NOW)
    with county.sessions.begin() as session:
        assert holding(session, NOW) == []
        changes.change(session, code, 2, a_draft(county), "admin", NOW + DAY)
        assert holding(session, NOW + DAY) == [3]


def test_codes_follow_one_another_and_there_is_an_end_to_them(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [a_zone(county, name=name).zone_code for name in ("甲", "乙")] == ["Z0001", "Z0002"]
    monkeypatch.setattr(changes, "MOST_ZONES", 2)
    with county.sessions.begin() as session, pytest.raises(TooManyZones):
        changes.create(session, a_draft(county), "admin", NOW)


def test_an_unknown_zone_is_not_found(county: County) -> None:
    with county.sessions.read() as session, pytest.raises(UnknownZone):
        queries.versions_of(session, "Z" * 400)
