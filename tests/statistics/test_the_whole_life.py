"""What the figures say of what may happen to a ticket beside the main line, each story counted by hand."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from alembic import command
from sqlalchemy import select

from command_center import migrations
from command_center.deadlines.calendar import DayKind, WorkCalendar
from command_center.escalation.sweep import sweep
from command_center.regions.models import Region
from command_center.statistics.consumer import catch_up, rebuild
from command_center.statistics.models import TicketFact
from command_center.statistics.rates import figures
from command_center.tickets import adjustments
from command_center.tickets.actions import act, locked
from command_center.tickets.actor import CITIZEN
from command_center.tickets.deed import Form
from command_center.tickets.standing import Node, Tier
from command_center.tickets.workflow import Action
from tests.builders import CABLE, COUNTY, JUSTICE, NOW, RECORD, TOWN, Hand, a_ticket
from tests.county import County

TODAY = NOW.date()
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
Line = dict[str, Any]


def line(county: County, department: str | None = None) -> Line:
    """Relay what is new, prove that a recount finds nothing, and ask for the day's figures."""
    county.relay()
    with county.sessions.begin() as session:
        assert rebuild(session, county.settings.zone) == 0
    with county.sessions.read() as session:
        return figures(session, session.get_one(Region, COUNTY), None, TODAY, TODAY, department)[1]


def by(county: County, dimension: str, department: str | None = None) -> dict[str, Line]:
    county.relay()
    with county.sessions.read() as session:
        lines, _ = figures(session, session.get_one(Region, COUNTY), dimension, TODAY, TODAY, department)
    return {told["code"]: told for told in lines}


def of(told: Line, *measures: str) -> tuple[int, ...]:
    return tuple(told[measure] for measure in measures)


def rate(told: Line, key: str) -> tuple[int, int]:
    return told[key]["numerator"], told[key]["denominator"]


def at_the_power_company(county: County) -> Hand:
    """A bare cable in the power company's hands; two urgent hours, due at eleven."""
    return a_ticket(county, node=Node.HANDLE, tier=Tier.COUNTY)


def swept(county: County, hours: float) -> None:
    sweep(county.sessions, county.office, NOW + hours * HOUR)


def test_a_merged_report_is_counted_with_its_main_ticket_only_and_comes_back_when_parted(county: County) -> None:
    hand, main = a_ticket(county, node=Node.CLAIM), a_ticket(county)
    hand.take("merge", "village", into=main.look().number)
    told = line(county)
    assert of(told, "reported", "merged", "accepted", "open", "closed") == (2, 1, 0, 1, 0)
    hand.take("reopen", "village", note="不是同一件事")
    told = line(county)
    assert of(told, "reported", "merged", "accepted", "open", "reopened") == (2, 0, 1, 2, 0)


def test_a_reopened_ticket_is_open_again_and_its_first_lateness_stays(county: County) -> None:
    hand = a_ticket(county, node=Node.CLOSE, tier=Tier.COUNTY)
    hand.take("close", "county", now=NOW + 3 * HOUR, note="超时办结")
    assert rate(line(county), "on_time_rate") == (0, 1)
    hand.take("reopen", "county", note="又坏了")
    told = line(county)
    assert of(told, "open", "closed", "late", "overdue", "reopened") == (1, 0, 1, 0, 1)
    hand.take("claim", "county")
    hand.take("dispatch", "county")
    hand.take("resolve", "department", note="修好了")
    hand.take("close", "county", note="办结")
    told = line(county)
    assert of(told, "open", "closed", "late", "closed_on_time", "reopened") == (0, 1, 1, 0, 1)
    assert rate(told, "on_time_rate") == (0, 1)


def test_a_rejected_report_that_is_reopened_is_accepted_after_all(county: County) -> None:
    hand = a_ticket(county, node=Node.REJECTED)
    hand.take("reopen", "village", note="核实有误")
    assert of(line(county), "accepted", "rejected", "open", "reopened") == (1, 0, 1, 0)


def test_what_is_suspended_now_is_not_due(county: County) -> None:
    hand = a_ticket(county, node=Node.CLOSE, tier=Tier.COUNTY)
    hand.take("close", "county", now=NOW + 3 * HOUR, note="超时办结")
    hand.take("reopen", "county", note="又坏了")
    hand.take("suspend", "county", note="等待配件", until=NOW + timedelta(days=3))
    told = line(county)
    assert of(told, "suspended", "late", "due") == (1, 1, 0)
    hand.take("resume", "county")
    assert of(line(county), "suspended", "late", "due") == (0, 1, 1)


def test_an_extension_asked_for_in_time_and_granted_late_leaves_no_stain(county: County) -> None:
    hand = at_the_power_company(county)
    hand.take("request_extension", "department", note="需停电作业")
    swept(county, 2.1)
    assert of(line(county), "late", "overdue") == (1, 1)
    hand.take("decide_extension", "county", now=NOW + 2.2 * HOUR, passed=True)
    assert of(line(county), "late", "overdue") == (1, 1)
    hand.take("decide_extension", "leader", passed=True)
    assert of(line(county), "late", "overdue") == (0, 0)
    hand.take("resolve", "department", note="修好了")
    hand.take("close", "county", note="办结")
    assert rate(line(county), "on_time_rate") == (1, 1)


def test_an_extension_that_was_refused_or_comes_too_late_changes_nothing(county: County) -> None:
    refused, too_late = at_the_power_company(county), at_the_power_company(county)
    for hand in (refused, too_late):
        hand.take("request_extension", "department", note="需停电作业")
    swept(county, 2.1)
    refused.take("decide_extension", "county", now=NOW + 2.2 * HOUR, passed=False, note="不同意")
    too_late.take("decide_extension", "county", now=NOW + 9 * HOUR, passed=True)
    too_late.take("decide_extension", "leader", passed=True)  # due at one in the afternoon now: over as well
    assert of(line(county), "late", "overdue") == (2, 2)


def test_a_corrected_calendar_takes_a_lateness_back_that_was_none(county: County) -> None:
    hand = a_ticket(county)  # five working days from Friday, the 20th
    sweep(county.sessions, county.office, NOW + timedelta(days=7, minutes=5))
    assert line(county)["late"] == 1
    free = {TODAY + timedelta(days=n): DayKind.HOLIDAY for n in (3, 4)}
    old = county.office.calendar
    office = replace(county.office, calendar=WorkCalendar({**old.kinds, **free}, old.provisional))
    with county.sessions.begin() as session:
        assert adjustments.recompute(session, office, locked(session, hand.id), NOW + timedelta(days=7, minutes=6))
    assert of(line(county), "late", "overdue") == (0, 0)


def test_an_approved_appeal_exempts_and_the_fact_stays(county: County) -> None:
    hand = a_ticket(county, node=Node.CLOSE, tier=Tier.COUNTY)
    hand.take("close", "county", now=NOW + 3 * HOUR, note="超时办结")
    hand.take("appeal", "department", note="台风停工")
    hand.take("decide_appeal", "county", passed=True, note="属实")
    assert of(line(county), "exempt", "due") == (0, 1)
    hand.take("decide_appeal", "leader", passed=True, note="同意")
    told = line(county)
    assert of(told, "closed", "late", "exempt", "due", "closed_on_time") == (1, 1, 1, 0, 0)
    assert told["on_time_rate"]["value"] is None
    hand.take("reopen", "county", note="又坏了")
    assert of(line(county), "late", "exempt", "due") == (1, 1, 0)


def test_satisfaction_is_told_twice_with_the_reached_rate_beside_it(county: County) -> None:
    answers = ((True, True), (True, False), (False, None))
    hands = [a_ticket(county, node=Node.CLOSED) for _ in answers]
    for hand, (reached, satisfied) in zip(hands, answers, strict=True):
        hand.take("callback", "hotline", reached=reached, satisfied=satisfied, note="回访")
    told = line(county)
    assert rate(told, "reached_rate") == (2, 3)
    assert rate(told, "satisfaction_rate") == (1, 2)
    assert rate(told, "satisfaction_of_all_rate") == (1, 3)
    assert rate(told, "correction_rate") == (0, 1)
    hands[1].take("follow_up", "village", passed=True, note="已重新处置")
    hands[0].take("callback", "hotline", reached=False)  # the last answer stays
    hands[1].take("callback", "hotline", reached=True, satisfied=True)
    told = line(county)
    assert (rate(told, "satisfaction_rate"), rate(told, "correction_rate")) == ((2, 2), (1, 1))


def test_a_complaint_that_reopens_the_ticket_is_corrected_when_that_is_closed(county: County) -> None:
    hand = a_ticket(county, node=Node.CLOSED)
    with county.sessions.begin() as session:
        ticket = locked(session, hand.id)
        act(session, county.office, ticket, Action.RATE, Form(score=1, note="没修"), CITIZEN, hand.now + MINUTE)
    told = line(county)
    assert (rate(told, "rating_rate"), rate(told, "correction_rate")) == ((0, 1), (0, 1))
    hand.now += MINUTE
    hand.take("reopen", "village", note="群众不满意")
    hand.take("claim", "village")
    hand.take("dispatch", "village")
    hand.take("resolve", "d.police", note="重新处置")
    hand.take("close", "village", note="群众认可")
    told = line(county)
    assert (rate(told, "rating_rate"), rate(told, "correction_rate")) == ((0, 1), (1, 1))


def test_a_corrected_category_moves_the_ticket_to_its_new_class(county: County) -> None:
    hand = a_ticket(county)
    assert set(by(county, "category")) == {RECORD}
    hand.take("accept", "village", category=JUSTICE)
    assert {code: told["reported"] for code, told in by(county, "category").items()} == {JUSTICE: 1}
    assert line(county)["reported"] == 1


def test_what_a_department_gave_back_and_the_town_settled_itself_counts_for_no_department(county: County) -> None:
    hand = a_ticket(county, node=Node.HANDLE, tier=Tier.TOWN)
    assert by(county, "department")["justice"]["reported"] == 1
    hand.take("return", "d.justice", note="不归我们")
    hand.take("dispatch", "town", to="town")
    hand.take("resolve", "town", note="已办")
    hand.take("close", "town", note="办结")
    told = by(county, "department")
    assert of(told["justice"], "reported", "handled", "closed", "returned") == (0, 0, 0, 1)
    assert of(line(county), "closed", "handled", "self_settled", "returned", "disputed") == (1, 1, 1, 1, 0)


def test_a_transfer_moves_the_matter_and_a_second_refusal_is_a_dispute(county: County) -> None:
    moved, disputed = (a_ticket(county, node=Node.HANDLE, tier=Tier.TOWN) for _ in range(2))
    moved.take("transfer", "town", department="police", note="属公安")
    disputed.take("return", "d.justice", note="不归我们")
    disputed.take("dispatch", "town")
    disputed.take("return", "d.justice", note="还是不归我们")
    told = by(county, "department")
    assert of(told["police"], "reported", "open") == (1, 1)
    assert of(told["justice"], "reported", "returned") == (0, 2)
    assert line(county)["disputed"] == 1


def test_who_misses_the_reply_date_is_named_and_an_answer_is_no_settlement(county: County) -> None:
    hand = a_ticket(county, node=Node.HANDLE, tier=Tier.TOWN)
    hand.take("assist", "d.justice", departments=("police", "power"), note="请到场", until=NOW + 2 * HOUR)
    hand.take("resolve", "d.police", note="已到场")
    assert of(line(county), "assists", "answers_missed", "handled") == (2, 0, 0)
    swept(county, 2.1)
    told = by(county, "department")
    assert of(told["power"], "assists", "answers_missed", "reported") == (1, 1, 0)
    assert of(told["police"], "assists", "answers_missed", "reported") == (1, 0, 0)
    assert of(line(county, "power"), "assists", "answers_missed", "reported") == (1, 1, 0)


def test_supervision_counts_once_whoever_ordered_it(county: County) -> None:
    hand = at_the_power_company(county)
    hand.take("supervise", "leader", colour="blue", note="抓紧")
    hand.take("supervise", "county", colour="red", note="再催")
    assert line(county)["supervised"] == 1


def test_a_department_is_told_its_own_figures_whatever_they_are_broken_down_by(county: County) -> None:
    at_the_power_company(county)
    a_ticket(county, node=Node.HANDLE, tier=Tier.TOWN)
    county.relay()
    for dimension, codes in (
        ("department", {"power"}),
        ("category", {CABLE}),
        ("town", {TOWN}),
        ("day", {TODAY.isoformat()}),
    ):
        told = by(county, dimension, "power")
        assert {code for code, figures_of_it in told.items() if figures_of_it["reported"]} == codes, dimension
        assert sum(figures_of_it["reported"] for figures_of_it in told.values()) == 1
    answer = county.phone("department").get("statistics", by="department").json
    assert answer is not None
    assert answer["department"]["code"] == "power"
    assert [told["code"] for told in answer["items"]] in ([], ["power"])
    assert county.phone("county").get("statistics").json["department"] is None  # type: ignore[index]


def test_an_installed_county_is_counted_anew_after_the_migration(county: County) -> None:
    hand = a_ticket(county, node=Node.CLOSED)
    hand.take("callback", "hotline", reached=True, satisfied=True)
    expected = line(county)
    engine = county.sessions.engine
    with engine.execution_options(writing=True).begin() as connection:
        command.downgrade(migrations.config(connection), "0005")
    migrations.upgrade(engine)
    with county.sessions.read() as session:
        assert session.scalars(select(TicketFact)).all() == []
    assert migrations.differences(engine) == []
    assert catch_up(county.sessions, county.settings.zone) > 0
    assert line(county) == expected
