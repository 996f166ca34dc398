"""A ticket's two clocks, their warning and their colour."""

import json
from datetime import datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from command_center.deadlines.calendar import WorkCalendar
from command_center.deadlines.clocks import Clock, LaterStep, Policy, colour
from command_center.deadlines.stretches import Stretch
from command_center.deadlines.working_time import Unit, WorkingHours


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def a_policy(value: str = "2", unit: Unit = Unit.URGENT_HOUR, **changes: object) -> Policy:
    return Policy(Decimal(value), unit, **changes)  # type: ignore[arg-type]


def matter_clock(policy: Policy, start: datetime, calendar: WorkCalendar) -> Clock:
    warn_share = Fraction(policy.warn_share)
    return Stretch.begin(policy.limit, start).clock(warn_share, policy.limit_unit, calendar, policy.hours)


def tier_clock(policy: Policy, tier: str, start: datetime, calendar: WorkCalendar) -> Clock:
    warn_share = Fraction(policy.tier_warn_share)
    return Stretch.begin(policy.share(tier), start).clock(warn_share, policy.limit_unit, calendar, policy.hours)


@pytest.mark.parametrize(
    ("value", "unit", "start", "warn_at", "due_at"),
    [
        # A bare cable: two urgent hours, whatever the hour; 80 % is 96 minutes.
        ("2", Unit.URGENT_HOUR, "2026-11-21 23:00:00", "2026-11-22 00:36:00", "2026-11-22 01:00:00"),
        # Exposed refuse: four work hours begun at ten; 80 % is 3 h 12 min of running time, after lunch.
        ("4", Unit.WORK_HOUR, "2026-11-20 10:00:00", "2026-11-20 15:12:00", "2026-11-20 16:00:00"),
        # The warning counts running time: with five hours used by lunch it does not come on the weekend.
        ("1", Unit.WORK_DAY, "2026-11-20 14:00:00", "2026-11-23 10:24:00", "2026-11-23 12:00:00"),
        # A mediation: thirty natural days.
        ("30", Unit.NATURAL_DAY, "2026-11-01 09:00:00", "2026-11-25 09:00:00", "2026-12-01 09:00:00"),
        # A test policy of half a minute keeps its seconds.
        ("0.01", Unit.URGENT_HOUR, "2026-11-20 09:00:00", "2026-11-20 09:00:29", "2026-11-20 09:00:36"),
    ],
)
def test_the_matters_clock(
    calendar: WorkCalendar, value: str, unit: Unit, start: str, warn_at: str, due_at: str
) -> None:
    clock = matter_clock(a_policy(value, unit), at(start), calendar)
    assert (clock.started_at, clock.warn_at, clock.due_at) == (at(start), at(warn_at), at(due_at))
    assert not clock.provisional


@pytest.mark.parametrize(
    ("tier", "warn_at", "due_at"),
    [
        ("village", "2026-11-20 09:24:00", "2026-11-20 09:30:00"),  # a quarter of two hours
        ("town", "2026-11-20 09:24:00", "2026-11-20 09:30:00"),  # the same
        ("county", "2026-11-20 09:48:00", "2026-11-20 10:00:00"),  # the rest
    ],
)
def test_a_tier_has_its_share(calendar: WorkCalendar, tier: str, warn_at: str, due_at: str) -> None:
    clock = tier_clock(a_policy("2"), tier, at("2026-11-20 09:00:00"), calendar)
    assert (clock.warn_at, clock.due_at) == (at(warn_at), at(due_at))


def test_a_tiers_share_is_in_the_conditions_own_unit(calendar: WorkCalendar) -> None:
    clock = tier_clock(a_policy("5", Unit.WORK_DAY), "village", at("2026-11-20 17:00:00"), calendar)
    assert clock.due_at == at("2026-11-24 09:00:00")  # ten work hours: one on Friday, eight on Monday, one


def test_a_tier_without_a_share_is_an_error(calendar: WorkCalendar) -> None:
    with pytest.raises(KeyError):
        tier_clock(a_policy(), "province", at("2026-11-20 09:00:00"), calendar)


@pytest.mark.parametrize(
    ("unit", "start", "provisional"),
    [
        (Unit.WORK_DAY, "2026-12-28 09:00:00", True),  # reaches 2027, whose notice is not known
        (Unit.WORK_DAY, "2026-12-01 09:00:00", False),  # ends before
        (Unit.NATURAL_DAY, "2026-12-28 09:00:00", False),  # no calendar is asked
    ],
)
def test_a_deadline_past_the_last_confirmed_year_is_provisional(
    calendar: WorkCalendar, unit: Unit, start: str, provisional: bool
) -> None:
    assert matter_clock(a_policy("5", unit), at(start), calendar).provisional is provisional


NOON = at("2026-11-20 12:00:00")


@pytest.mark.parametrize(
    ("warn_in", "due_in", "stopped", "expected"),
    [
        (60, 120, False, "blue"),  # in time
        (1, 120, False, "blue"),  # a second before the warning
        (0, 120, False, "yellow"),  # at the warning
        (-60, 1, False, "yellow"),  # a second before the end
        (-60, 0, False, "red"),  # all used up
        (-120, -60, False, "red"),  # late
        (-120, -60, True, "grey"),  # closed or suspended: it stands
    ],
)
def test_the_colour_of_a_clock(warn_in: int, due_in: int, stopped: bool, expected: str) -> None:
    warn_at, due_at = NOON + timedelta(seconds=warn_in), NOON + timedelta(seconds=due_in)
    assert colour(NOON, warn_at, due_at, stopped) == expected


def test_a_ticket_without_a_clock_is_grey() -> None:
    assert colour(NOON, None, None, stopped=False) == "grey"


def test_a_policy_survives_json() -> None:
    policy = a_policy(
        "1.5",
        Unit.WORK_DAY,
        shares={"village": Decimal("0.1"), "town": Decimal("0.2"), "county": Decimal("0.7")},
        warn_share=Decimal("0.75"),
        hours=WorkingHours(spans=((time(8, 30), time(17)),), timezone="Asia/Urumqi"),
        version=7,
        tier_warn_share=Decimal("0.5"),
        later=(LaterStep("bulletin", Decimal("1.5"), Unit.NATURAL_DAY),),
        supervision_days={"red": 2, "yellow": 4, "blue": 6},
        follow_up_days=3,
        verification_m=Decimal(50),
        minutes={"accept": 5, "dispatch": 10, "verify": 20},
    )
    assert Policy.from_json(json.loads(json.dumps(policy.to_json()))) == policy


OLD = {
    "version": 1,
    "limit": {"value": "5", "unit": "work_day"},
    "shares": {"county": "0.5", "town": "0.25", "village": "0.25"},
    "warn_share": "0.9",
    "hours": {"timezone": "Asia/Shanghai", "spans": [["08:00:00", "12:00:00"], ["14:00:00", "18:00:00"]]},
}
"""The policy as tickets of version 0.1 carry it."""


def test_the_policy_of_a_ticket_made_before_is_still_read() -> None:
    policy = Policy.from_json(OLD)
    assert (policy.limit_value, policy.limit_unit, policy.warn_share) == (Decimal(5), Unit.WORK_DAY, Decimal("0.9"))
    assert policy.tier_warn_share == Decimal("0.9")  # one share served both clocks
    assert [later.step for later in policy.later] == ["bulletin"]
    assert dict(policy.supervision_days) == {"red": 1, "yellow": 2, "blue": 3}
    assert (policy.verification_m, policy.follow_up_days) == (Decimal(200), 5)
    assert Policy.from_json(policy.to_json()) == policy


def test_a_policy_without_later_steps_is_not_given_any() -> None:
    policy = a_policy(later=())
    assert Policy.from_json(policy.to_json()).later == ()


def test_each_clock_warns_at_its_own_share(calendar: WorkCalendar) -> None:
    policy = a_policy("4", warn_share=Decimal("0.75"), tier_warn_share=Decimal("0.5"))
    start = at("2026-11-20 08:00:00")
    assert matter_clock(policy, start, calendar).warn_at == at("2026-11-20 11:00:00")
    assert tier_clock(policy, "county", start, calendar).warn_at == at("2026-11-20 09:00:00")


@pytest.mark.parametrize(
    ("due_at", "bulletin"),
    [
        ("2026-11-20 16:00:00", "2026-11-27 16:00:00"),  # five working days are a week
        ("2026-11-22 03:00:00", "2026-11-27 18:00:00"),  # due on a Sunday night: counted from Monday
        ("2026-09-29 10:00:00", "2026-10-12 10:00:00"),  # across National Day; Saturday the 10th is worked
        ("2027-12-30 10:00:00", "2028-01-06 10:00:00"),  # past the table
    ],
)
def test_five_working_days_after_the_deadline_comes_the_bulletin(
    calendar: WorkCalendar, due_at: str, bulletin: str
) -> None:
    assert a_policy().later_steps(at(due_at), calendar) == [("bulletin", at(bulletin))]


def test_a_drill_shortens_the_limit_and_what_follows(calendar: WorkCalendar) -> None:
    policy = a_policy("5", Unit.WORK_DAY).hastened(Decimal(10))
    assert matter_clock(policy, at("2026-11-20 08:00:00"), calendar).due_at == at("2026-11-20 12:00:00")
    assert policy.later_steps(at("2026-11-20 12:00:00"), calendar) == [("bulletin", at("2026-11-20 18:00:00"))]
    assert a_policy("5").hastened(Decimal("1.0")) == a_policy("5")


@pytest.mark.parametrize("days", [366, 3 * 366])
def test_no_promise_of_a_year_twice_extended_fails_at_the_end_of_the_table(calendar: WorkCalendar, days: int) -> None:
    clock = matter_clock(a_policy(str(days), Unit.WORK_DAY), at("2027-12-31 17:00:00"), calendar)
    assert clock.provisional and clock.started_at < clock.warn_at < clock.due_at


def test_a_policys_numbers_are_text_in_json() -> None:
    document = a_policy("30.0").to_json()
    assert document["limit"] == {"value": "30", "unit": "urgent_hour"}
    assert document["shares"] == {"village": "0.25", "town": "0.25", "county": "0.5"}


@pytest.mark.parametrize(
    "changes",
    [
        {"value": "0"},  # late at once
        {"value": "-1"},
        {"value": "NaN"},
        {"value": "Infinity"},
        {"warn_share": Decimal(0)},  # yellow at once
        {"warn_share": Decimal("1.1")},  # after the end
        {"tier_warn_share": Decimal(0)},
        {"later": (LaterStep("bulletin", Decimal(0), Unit.WORK_DAY),)},  # before it was late
        {"shares": {"village": Decimal(0)}},  # climbs at once
    ],
)
def test_an_impossible_policy_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        a_policy(**changes)  # type: ignore[arg-type]
