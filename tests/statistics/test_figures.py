"""What the dashboards say of a story that is small enough to be counted by hand."""

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select

from command_center.escalation.sweep import sweep
from command_center.events.models import TicketEvent
from command_center.regions.models import Region
from command_center.statistics.facts import FLAGS, cells, entries, learn, share
from command_center.statistics.models import MEASURES, TicketFact
from command_center.statistics.rates import BY, COUNTS, DEFINITIONS, RATES, figures
from command_center.tickets.standing import Node, Tier
from tests.builders import CABLE, COUNTY, ELSEWHERE, NOW, RECORD, TOWN, VILLAGE, a_ticket, at, spot
from tests.county import County

TODAY = NOW.date()
YESTERDAY = TODAY - timedelta(days=1)
HOUR = timedelta(hours=1)
Figures = dict[str, Any]


def tell_the_story(county: County) -> None:
    """Seven matters of one grid today, and one of another town the evening before."""
    a_ticket(county, node=Node.CLOSED)
    late = a_ticket(county, node=Node.CLOSE, tier=Tier.COUNTY)
    late.take("close", "county", now=NOW + 150 * HOUR / 60, note="电话核实")
    a_ticket(county, node=Node.REJECTED)
    a_ticket(county)
    a_ticket(county, node=Node.CLOSED, to="grid")
    a_ticket(county, category=CABLE)  # left alone until it is overdue, see below
    rework = a_ticket(county, node=Node.CLOSE)
    rework.verify(passed=False, note="未修好")
    with county.sessions.read() as session:
        grid = session.scalars(
            select(Region.code).where(Region.code.startswith(ELSEWHERE[:9]), Region.kind == "urban_rural").limit(1)
        ).one()
    lon, lat = spot(county, grid)
    a_ticket(county, by="county", lon=lon, lat=lat, now=at("2026-11-19 23:59"))
    for hours in (0.5, 1, 3):
        sweep(county.sessions, county.office, NOW + hours * HOUR)
    county.relay()


NOTHING = dict.fromkeys(MEASURES, 0)
TODAYS = NOTHING | {
    "reported": 7,
    "accepted": 5,  # what climbs from intake has been taken in
    "rejected": 1,
    "closed": 3,
    "closed_on_time": 2,
    "due": 4,
    "late": 2,
    "open": 3,
    "overdue": 1,
    "handled": 4,
    "reworked": 1,
    "self_settled": 1,
    "supervised": 1,  # by the system: what ran out at the county
}
ONE_REPORT = NOTHING | {"reported": 1, "open": 1}
NO_RATE = {"numerator": 0, "denominator": 0, "value": None}


def asked(
    county: County, code: str, by: str | None = None, first: date = TODAY, last: date = TODAY
) -> tuple[list[Figures], Figures]:
    with county.sessions.read() as session:
        return figures(session, session.get_one(Region, code), by, first, last)


def counts(line: Figures) -> dict[str, int]:
    return {measure: line[measure] for measure in MEASURES}


def total(lines: list[Figures]) -> dict[str, int]:
    return {measure: sum(line[measure] for line in lines) for measure in MEASURES}


def test_every_figure_of_the_story_is_as_counted_by_hand(county: County) -> None:
    tell_the_story(county)
    _, line = asked(county, COUNTY)
    assert counts(line) == TODAYS
    assert {rate.key: line[rate.key] for rate in RATES if line[rate.key] != NO_RATE} == {
        "closure_rate": {"numerator": 3, "denominator": 5, "value": 3 / 5},
        "on_time_rate": {"numerator": 2, "denominator": 4, "value": 2 / 4},
        "acceptance_rate": {"numerator": 5, "denominator": 7, "value": 5 / 7},
        "rework_rate": {"numerator": 1, "denominator": 4, "value": 1 / 4},
    }
    assert counts(asked(county, COUNTY, first=YESTERDAY, last=YESTERDAY)[1]) == ONE_REPORT
    for code in (TOWN, VILLAGE, county.user("grid").region_code):
        assert counts(asked(county, code, first=YESTERDAY)[1]) == TODAYS, code
    assert counts(asked(county, ELSEWHERE, first=YESTERDAY)[1]) == ONE_REPORT
    assert counts(asked(county, COUNTY, first=TODAY + timedelta(days=1), last=TODAY + timedelta(days=9))[1]) == NOTHING


def test_the_parts_add_up_to_the_whole_at_every_level(county: County) -> None:
    tell_the_story(county)
    for code, finer in ((COUNTY, ("town", "village", "grid")), (TOWN, ("village", "grid")), (VILLAGE, ("grid",))):
        for by in (*finer, "category", "day"):
            lines, whole = asked(county, code, by, YESTERDAY)
            assert total(lines) == counts(whole), (code, by)
    towns, _ = asked(county, COUNTY, "town", YESTERDAY)
    for town in towns:
        assert counts(town) == counts(asked(county, town["code"], first=YESTERDAY)[1]), town["code"]


def test_regions_days_and_everything_else_are_listed_as_a_reader_expects(county: County) -> None:
    tell_the_story(county)
    week = TODAY - timedelta(days=6)
    towns, _ = asked(county, COUNTY, "town")
    assert (len(towns), [line["code"] for line in towns]) == (17, sorted(line["code"] for line in towns))
    assert {line["parent"] for line in asked(county, TOWN, "village")[0]} == {TOWN}
    assert len(asked(county, COUNTY, "grid")[0]) == 1798
    days = [(line["code"], line["reported"]) for line in asked(county, COUNTY, "day", week)[0]]
    assert days == [((week + timedelta(days=n)).isoformat(), count) for n, count in enumerate([0, 0, 0, 0, 0, 1, 7])]
    categories, _ = asked(county, COUNTY, "category")
    assert [(line["code"], line["reported"]) for line in categories] == [(RECORD, 5), (CABLE, 2)]
    departments, _ = asked(county, COUNTY, "department")
    assert [(line["code"], line["reported"], line["closed"]) for line in departments] == [
        ("police", 2, 1),
        ("power", 1, 1),
    ]
    assert all(line["name"] and line["name_en"] for line in categories + departments)
    assert asked(county, COUNTY, None)[0] == []


@pytest.mark.parametrize("engine_kind", ["sqlite"])
def test_where_there_is_nothing_to_divide_by_there_is_no_rate(county: County) -> None:
    for by in BY:
        lines, whole = asked(county, COUNTY, by)
        for line in (*lines, whole):
            for rate in RATES:
                assert line[rate.key] == NO_RATE


def test_every_figure_is_defined_once_in_both_languages_from_what_is_counted() -> None:
    assert list(DEFINITIONS) == [*[rate.key for rate in RATES], *COUNTS]
    for rate in RATES:
        assert {rate.numerator, *rate.denominator} <= set(MEASURES)
        assert "÷" in rate.zh and "÷" in rate.en
    for texts in DEFINITIONS.values():
        assert not texts["zh"].isascii()
        assert texts["en"].replace("÷", "/").isascii()


WHERE = ({"accepted": True, "closed": True}, {"accepted": True}, {"merged": True}, {"rejected": True}, {})
FATES = ("suspended", "late", "exempt", "late_before", "charged_before", "handled", "reworked", "self_settled")


def test_a_rate_never_exceeds_the_whole() -> None:
    """Whatever a ticket went through, what stands above the line is part of what stands below it."""
    for where, fates in product(WHERE, product((False, True), repeat=len(FATES))):
        fact = a_fact(**dict(zip(FATES, fates, strict=True)), **where)
        if (fact.reworked and not fact.handled) or (fact.suspended and fact.closed):
            continue  # no such ticket: what is done again was done, and a clock that stands still is no closed one's
        counted = share(fact)
        for rate in RATES:
            assert counted[rate.numerator] <= sum(counted[part] for part in rate.denominator), (rate.key, where, fates)
        assert sum(counted[part] for part in ("open", "closed", "rejected", "merged")) == counted["reported"] == 1
        assert counted["due"] + counted["exempt"] <= 1
        assert max(counted["due"], counted["late"]) >= counted["exempt"]


def a_fact(tallies: dict[str, dict[str, int]] | None = None, **flags: bool) -> TicketFact:
    return TicketFact(
        ticket_id=1,
        day=TODAY,
        grid_code=f"{VILLAGE}1001",
        village_code=VILLAGE,
        town_code=TOWN,
        county_code=COUNTY,
        minor_code=RECORD,
        department_code="police",
        follow_ups=0,
        follow_ups_ended=0,
        tallies=tallies or {},
        **dict.fromkeys(FLAGS, False) | flags,
    )


def test_a_ticket_counts_in_its_four_regions_in_total_by_category_by_department_and_by_both() -> None:
    fact = a_fact()
    found = [cell for key in entries(fact) for cell in cells(fact, key)]
    assert len(found) == len(set(found)) == 16
    assert {cell.region_code for cell in found} == {f"{VILLAGE}1001", VILLAGE, TOWN, COUNTY}
    assert {(cell.dimension, cell.key) for cell in found} == {
        ("total", ""),
        ("category", RECORD),
        ("department", "police"),
        ("department/category", f"police/{RECORD}"),
    }


def test_a_department_is_named_for_what_it_left_undone_and_charged_with_nothing_else() -> None:
    found = entries(a_fact({"power": {"assists": 2, "answers_missed": 1}}))
    assert found["department", "power"] == {"assists": 2, "answers_missed": 1}
    assert "answers_missed" not in found["department", "police"]
    assert (found["total", ""]["assists"], found["total", ""]["reported"]) == (2, 1)


@pytest.mark.parametrize("engine_kind", ["sqlite"])
@pytest.mark.parametrize(
    ("when", "day"),
    [
        ("2026-11-19 23:59", date(2026, 11, 19)),
        ("2026-11-20 00:00", date(2026, 11, 20)),  # four in the afternoon of the day before, in UTC
        ("2026-11-20 07:59", date(2026, 11, 20)),
    ],
)
def test_the_day_of_a_report_is_the_one_people_lived(county: County, when: str, day: date) -> None:
    a_ticket(county, now=at(when))
    with county.sessions.read() as session:
        event = session.scalars(select(TicketEvent)).one()
    assert learn(None, event, county.settings.zone).day == day


def test_a_town_counts_its_own_only_and_tomorrow_belongs_to_the_day_of_the_report(county: County) -> None:
    hand = a_ticket(county, node=Node.CLOSE)
    county.relay()
    hand.take("close", "village", now=NOW + timedelta(days=1), note="已核实")
    county.relay()
    assert asked(county, COUNTY)[1]["closed"] == 1
    assert counts(asked(county, COUNTY, first=TODAY + timedelta(days=1), last=TODAY + timedelta(days=1))[1]) == NOTHING
    assert counts(asked(county, ELSEWHERE)[1]) == NOTHING


def test_a_matter_overdue_and_then_closed_stays_late(county: County) -> None:
    hand = a_ticket(county, node=Node.CLOSE, tier=Tier.COUNTY)
    sweep(county.sessions, county.office, NOW + 2.5 * HOUR)
    county.relay()
    assert asked(county, COUNTY)[1]["overdue"] == 1
    hand.take("close", "county", now=NOW + 3 * HOUR, note="办结")
    county.relay()
    line = asked(county, COUNTY)[1]
    assert (line["late"], line["overdue"], line["closed_on_time"], line["due"]) == (1, 0, 0, 1)


def test_late_at_a_tier_alone_is_not_late(county: County) -> None:
    hand = a_ticket(county, category=CABLE)
    sweep(county.sessions, county.office, NOW + 0.52 * HOUR)
    county.relay()
    assert hand.look().tier == "town"
    assert asked(county, COUNTY)[1]["late"] == 0
