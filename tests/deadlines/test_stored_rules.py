"""The rules as stored, and how a running server comes to know of newer ones."""

import threading
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select

import app
from command_center import bootstrap
from command_center.categories.models import Condition
from command_center.deadlines import policies, reference
from command_center.deadlines.editions import DEFAULT_EDITION
from command_center.deadlines.errors import PolicyInvalid, PolicyMoved, UnknownPolicy
from command_center.deadlines.models import CalendarDay, CalendarEdition, PolicyVersion
from command_center.deadlines.working_time import Unit
from command_center.tickets import rulebook
from command_center.tickets.clockwork import policy_of
from command_center.tickets.models import Ticket
from tests.builders import NOW, a_ticket
from tests.county import County, own_rules


def edited(**changes: Any) -> dict[str, Any]:
    return DEFAULT_EDITION.to_document() | changes


def store(county: County, **changes: Any) -> int:
    with county.sessions.begin() as session:
        edition = policies.checked(session, edited(**changes), rulebook.conditions(session))
        return policies.store(session, edition, "试行", "admin", NOW).version


def test_the_shipped_rules_are_version_one(county: County) -> None:
    with county.sessions.read() as session:
        assert policies.newest_version(session) == 1
        assert policies.read(session) == DEFAULT_EDITION
        row = policies.find(session, 1)
        assert row.created_by == "system" and row.note


def test_an_edit_is_the_next_version_and_the_one_before_stays(county: County) -> None:
    assert store(county, follow_up_days=3) == 2
    with county.sessions.read() as session:
        assert (policies.read(session).version, policies.read(session).follow_up_days) == (2, 3)
        assert policies.read(session, 1) == DEFAULT_EDITION
        assert [row.version for row in policies.listed(session, before=None, limit=9)] == [2, 1]


def test_a_version_that_is_not_there_is_unknown(county: County) -> None:
    with county.sessions.read() as session:
        for version in (0, -1, 2, 2**40):
            with pytest.raises(UnknownPolicy):
                policies.read(session, version)


def test_while_nothing_is_stored_the_programs_own_rules_hold(county: County) -> None:
    with county.sessions.begin() as session:
        session.execute(delete(PolicyVersion))
    with county.sessions.read() as session:
        assert policies.read(session) == DEFAULT_EDITION
    assert store(county, follow_up_days=3) == 2
    with county.sessions.read() as session:
        assert policies.read(session, 1) == DEFAULT_EDITION  # what the tickets before carry


def test_a_data_folder_from_before_the_rules_were_data_still_loads(county: County) -> None:
    with county.sessions.begin() as session:
        session.execute(delete(PolicyVersion))
        assert policies.load(session, Path("/nowhere/policy.json"), NOW) == 1
        assert policies.read(session) == DEFAULT_EDITION


def test_a_case_condition_that_does_not_exist_is_refused(county: County) -> None:
    own = {"050701": {"limit_value": "3", "limit_unit": "urgent_hour"}, "no-such": {"shares": edited()["shares"]}}
    with pytest.raises(PolicyInvalid, match="no such case condition") as caught:
        store(county, conditions=own)
    assert caught.value.field == "document.conditions.no-such"


def test_an_edit_that_changes_nothing_is_refused(county: County) -> None:
    with pytest.raises(PolicyInvalid, match="already"):
        store(county)


def test_of_two_who_edit_the_same_version_at_once_one_is_told(county: County) -> None:
    """Both read version 1 before either stores version 2."""
    barrier, stored, refused = threading.Barrier(2), [], []

    def edit(days: int) -> None:
        with county.sessions.read() as session:
            edition = policies.checked(session, edited(follow_up_days=days), ())
        barrier.wait()
        try:
            with county.sessions.begin() as session:
                stored.append(policies.store(session, edition, "", "admin", NOW).version)
        except PolicyMoved as moved:
            refused.append(moved.facts["newest"])

    threads = [threading.Thread(target=edit, args=(days,)) for days in (2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (stored, refused) == ([2], [2])


def test_a_running_ticket_keeps_the_rules_it_began_with(county: County) -> None:
    own_rules(county)
    before = a_ticket(county, category="0507").look()
    store(county, conditions={"050701": {"limit_value": "1", "limit_unit": "urgent_hour"}})
    county.center.county.refresh()
    after = a_ticket(county, category="0507").look()
    assert (before.policy["version"], after.policy["version"]) == (1, 2)
    assert (before.due_at - before.created_at, after.due_at - after.created_at) == (
        timedelta(hours=2),
        timedelta(hours=1),
    )
    with county.sessions.read() as session:
        assert session.get_one(Ticket, before.id).due_at == before.due_at


def test_the_process_that_stores_an_edition_follows_it_at_once(county: County) -> None:
    rules = own_rules(county)
    assert rules.office.edition.version == 1
    store(county, follow_up_days=3)
    rules.refresh()
    assert rules.office.edition.version == 2


def test_another_process_notices_within_a_second(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(app, "monotonic", lambda: clock[0])
    rules = own_rules(county)
    grids = rules.office.grids
    store(county, follow_up_days=3)
    clock[0] += 0.9
    assert rules.office.edition.version == 1  # looked less than a second ago
    clock[0] += 0.2
    assert rules.office.edition.version == 2
    assert rules.office.grids is grids  # the map was not built again


def test_another_process_notices_a_changed_calendar(county: County) -> None:
    rules = own_rules(county)
    before = rules.office.calendar
    with county.sessions.begin() as session:
        known = reference.known(session)
        session.get_one(CalendarDay, date(2027, 3, 1)).kind = "holiday"
        session.flush()
        assert reference.note_changes(session, known, year=None, by="system", now=NOW) is not None
    rules.refresh()
    assert date(2027, 3, 1) in before.working_days
    assert date(2027, 3, 1) not in rules.office.calendar.working_days


def test_looking_costs_one_short_question_and_no_rebuilding(county: County) -> None:
    rules = own_rules(county)
    office = rules.office
    rules.refresh()
    assert rules.office is office


def test_a_database_that_is_away_does_not_take_the_rules_away(
    county: County, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rules = own_rules(county)
    office = rules.office

    def away(session: Any) -> int:
        raise app.SQLAlchemyError("away")

    monkeypatch.setattr(policies, "newest_version", away)
    rules.refresh()
    assert rules.office is office
    assert "going on" in caplog.text


def test_loading_the_files_again_changes_neither_rules_nor_calendar(county: County) -> None:
    store(county, follow_up_days=3)
    with county.sessions.begin() as session:
        assert policies.load(session, county.settings.data / "policy.json", NOW) == 2
        assert policies.read(session).follow_up_days == 3
        known = reference.known(session)
        reference.load(session, county.settings.data / "calendar" / "calendar.csv")
        assert reference.note_changes(session, known, year=None, by="system", now=NOW) is None


def test_loading_the_files_leaves_a_year_alone_that_was_confirmed_here(county: County) -> None:
    with county.sessions.begin() as session:
        known = reference.known(session)
        for day in reference.days_of(session, 2027):
            day.confirmed = True
        session.flush()
        reference.note_changes(session, known, year=2027, by="admin", now=NOW)
    bootstrap.load_reference(county.center)
    with county.sessions.read() as session:
        assert reference.read(session).years[2027] == "confirmed"


def test_files_that_changed_the_calendar_are_noted_and_followed_up(county: County, tmp_path: Path) -> None:
    lines = (county.settings.data / "calendar" / "calendar.csv").read_text(encoding="utf-8").splitlines()
    changed = [line.replace("2027-03-01,workday,", "2027-03-01,holiday,节") for line in lines]
    path = tmp_path / "calendar.csv"
    path.write_text("\n".join(changed), encoding="utf-8")
    with county.sessions.begin() as session:
        known = reference.known(session)
        reference.load(session, path)
        reference.note_changes(session, known, year=None, by="system", now=NOW)
    with county.sessions.read() as session:
        (edition,) = rulebook.unfinished(session)
        assert (edition.first_day, edition.last_day, edition.year) == (date(2027, 3, 1), date(2027, 3, 1), None)
    assert "clocks computed anew" in bootstrap.load_reference(county.center)
    with county.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(CalendarEdition)) == 2  # there, and back again
        assert rulebook.unfinished(session) == []


def test_a_drill_divides_the_limits_of_the_edition(county: County) -> None:
    store(county, conditions={"050701": {"limit_value": "4", "limit_unit": "urgent_hour"}})
    with county.sessions.read() as session:
        office = replace(county.office, edition=policies.read(session), speed=8.0)
        policy = policy_of(session.get_one(Condition, "050701"), office)
    assert (policy.limit_value, policy.limit_unit, policy.version) == (Decimal("0.5"), Unit.URGENT_HOUR, 2)
    assert policy.later[0].value == Decimal("0.625")
