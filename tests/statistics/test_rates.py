"""The figures, from stories counted by hand, and the proof that nothing is counted twice or lost."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from command_center.escalation.sweep import sweep
from command_center.regions.models import Region
from command_center.statistics.consumer import advance, catch_up, rebuild
from command_center.statistics.models import MEASURES, Rollup, StatisticsCursor, TicketFact
from command_center.statistics.rates import RATES, figures
from command_center.tickets.workflow import Node, Tier
from tests.builders import CABLE, COUNTY, ELSEWHERE, JUSTICE, NOW, RECORD, TOWN, VILLAGE, a_ticket, at, spot
from tests.county import County

DAY = date(2026, 11, 20)
Line = dict[str, Any]


def total(county: County, region: str = COUNTY, first: date = DAY, last: date = DAY) -> Line:
    return told(county, None, region, first, last)[1]


def told(
    county: County, by: str | None, region: str = COUNTY, first: date = DAY, last: date = DAY
) -> tuple[list[Line], Line]:
    """Relay what is new, then ask."""
    county.relay()
    with county.sessions.read() as session:
        return figures(session, session.get_one(Region, region), by, first, last)


def counts(line: Line) -> dict[str, int]:
    """What is not zero."""
    return {measure: line[measure] for measure in MEASURES if line[measure]}


def rate(line: Line, key: str) -> tuple[int, int]:
    return line[key]["numerator"], line[key]["denominator"]


def mended(county: County) -> int:
    with county.sessions.begin() as session:
        return rebuild(session, county.settings.zone)


@pytest.fixture
def story(county: County) -> County:
    """Eight matters of one day, each with another fate; the ninth of the day before, in another town."""
    a_ticket(county)  # reported, nobody looked
    a_ticket(county, node=Node.REJECTED)
    a_ticket(county, node=Node.CLAIM)  # accepted
    a_ticket(county, node=Node.CLOSED)  # closed on time
    a_ticket(county, node=Node.CLOSED, to="grid")  # closed on time by the village's own worker
    late = a_ticket(county, node=Node.CLOSE, tier=Tier.COUNTY)
    late.take("close", "county", now=NOW + timedelta(hours=3), note="超时办结")  # due after two hours, no sweep ran
    again = a_ticket(county, node=Node.CLOSE, tier=Tier.TOWN)
    again.take("verify", "grid", passed=False, note="未解决", lon=122.5, lat=40.6)
    again.take("resolve", "d.justice", note="再次处置")
    again.take("verify", "grid", passed=True, lon=122.5, lat=40.6)  # closed on time after rework
    overdue = a_ticket(county, category=CABLE)  # left alone until it is overdue at the county
    for hours in (0.5, 1, 2):
        sweep(county.sessions, county.office, NOW + timedelta(hours=hours, minutes=1))
    assert overdue.look().tier == "county"
    lon, lat = spot(county, "210882003001")
    a_ticket(county, lon=lon, lat=lat, by="hotline", now=NOW - timedelta(days=1))
    return county


def test_nothing_reported_is_zero_and_has_no_rate(county: County) -> None:
    line = total(county)
    assert counts(line) == {}
    assert all(line[rate.key]["value"] is None for rate in RATES)


def test_the_day_is_counted_as_by_hand(story: County) -> None:
    assert counts(total(story)) == {
        "reported": 8,
        "accepted": 6,
        "rejected": 1,
        "closed": 4,
        "closed_on_time": 3,
        "late": 2,
        "open": 3,
        "overdue": 1,
        "handled": 4,
        "reworked": 1,
        "self_settled": 1,
    }


def test_every_rate_shows_what_is_above_and_below_its_line(story: County) -> None:
    line = total(story)
    assert rate(line, "closure_rate") == (4, 6)
    assert rate(line, "on_time_rate") == (3, 5)
    assert rate(line, "acceptance_rate") == (6, 8)
    assert rate(line, "rework_rate") == (1, 4)
    assert line["closure_rate"]["value"] == pytest.approx(4 / 6)


@pytest.mark.parametrize(("by", "parts"), [("town", 17), ("village", 283), ("grid", 1798)])
def test_the_parts_add_up_to_the_county(story: County, by: str, parts: int) -> None:
    lines, whole = told(story, by, first=DAY - timedelta(days=1))
    assert len(lines) == parts
    assert whole["reported"] == 9
    for measure in MEASURES:
        assert sum(line[measure] for line in lines) == whole[measure], measure


@pytest.mark.parametrize("by", ["category", "day"])
def test_categories_and_days_add_up_to_the_county(story: County, by: str) -> None:
    lines, whole = told(story, by, first=DAY - timedelta(days=1))
    for measure in MEASURES:
        assert sum(line[measure] for line in lines) == whole[measure], measure


def test_a_town_counts_its_own_only(story: County) -> None:
    before = DAY - timedelta(days=1)
    assert counts(total(story, ELSEWHERE, before)) == {"reported": 1, "open": 1}
    assert total(story, TOWN, before)["reported"] == total(story, VILLAGE, before)["reported"] == 8


def test_a_period_holds_the_days_from_first_to_last(story: County) -> None:
    before = DAY - timedelta(days=1)
    assert [total(story, first=first, last=last)["reported"] for first, last in ((before, before), (DAY, DAY))] == [
        1,
        8,
    ]


def test_departments_are_counted_by_who_had_it_last(story: County) -> None:
    lines, _ = told(story, "department")
    assert {line["code"]: counts(line)["closed"] for line in lines} == {"police": 1, "power": 1, "justice": 1}


def test_the_day_is_the_countys_own(county: County) -> None:
    a_ticket(county, now=at("2026-11-20 00:30"))  # the 19th in UTC
    a_ticket(county, now=at("2026-11-20 23:30"))
    assert total(county)["reported"] == 2


def test_what_is_reported_today_and_closed_tomorrow_counts_today(county: County) -> None:
    hand = a_ticket(county, node=Node.CLOSE)
    total(county)
    hand.take("close", "village", now=NOW + timedelta(days=1), note="已核实")
    assert counts(total(county))["closed"] == 1
    assert counts(total(county, first=DAY + timedelta(days=1), last=DAY + timedelta(days=1))) == {}


def test_counting_step_by_step_gives_what_counting_at_once_gives(story: County) -> None:
    while story.center.relay.publish_batch():
        pass
    with story.sessions.begin() as session:
        assert advance(session, story.settings.zone, limit=3) == 3
    while True:
        with story.sessions.begin() as session:
            if not advance(session, story.settings.zone, limit=1):
                break
    assert mended(story) == 0
    assert total(story)["reported"] == 8


def test_nothing_is_counted_twice(story: County) -> None:
    first = total(story)
    assert catch_up(story.sessions, story.settings.zone) == 0
    assert total(story) == first


def test_a_recount_finds_nothing_to_mend(story: County) -> None:
    total(story)
    assert mended(story) == 0


@pytest.mark.parametrize("measure", ["reported", "closed", "overdue"])
def test_a_row_that_was_tampered_with_is_found_and_mended(story: County, measure: str) -> None:
    sound = total(story)
    cell = (Rollup.region_code == TOWN, Rollup.dimension == "total", Rollup.day == DAY)
    with story.sessions.begin() as session:
        session.execute(update(Rollup).where(*cell).values({measure: 4711}))
    assert mended(story) == 1
    assert mended(story) == 0
    assert total(story, TOWN)[measure] == sound[measure]


def test_rows_that_are_missing_are_made_again(story: County) -> None:
    sound = told(story, "village")
    with story.sessions.begin() as session:
        gone = session.execute(delete(Rollup).where(Rollup.region_code == VILLAGE)).rowcount
    assert mended(story) == gone > 0
    assert told(story, "village") == sound


def test_a_row_that_nothing_stands_behind_is_removed(story: County) -> None:
    sound = total(story)
    with story.sessions.begin() as session:
        forged = dict.fromkeys(MEASURES, 1)
        session.add(Rollup(region_code=COUNTY, dimension="total", key="", day=date(2020, 1, 1), **forged))
    assert mended(story) == 1
    assert total(story, first=date(2020, 1, 1)) == total(story, first=DAY - timedelta(days=1))
    assert total(story) == sound


def test_what_is_known_of_a_ticket_is_mended_too(story: County) -> None:
    total(story)
    with story.sessions.begin() as session:
        facts = session.scalars(select(TicketFact).where(TicketFact.closed.is_(False)).limit(1)).one()
        facts.late = not facts.late
    assert mended(story) == 1
    with story.sessions.begin() as session:
        session.execute(delete(TicketFact))
    assert mended(story) == 9


def test_a_recount_stops_where_the_statistics_have_read(story: County) -> None:
    total(story)
    a_ticket(story)
    story.center.relay.publish_batch()
    assert mended(story) == 0
    assert total(story)["reported"] == 8
    catch_up(story.sessions, story.settings.zone)
    assert total(story)["reported"] == 9


def test_statistics_that_are_all_gone_are_counted_anew(story: County) -> None:
    sound = told(story, "town")
    with story.sessions.begin() as session:
        session.execute(delete(Rollup))
        session.execute(delete(TicketFact))
        session.execute(update(StatisticsCursor).values(seq=0))
    catch_up(story.sessions, story.settings.zone)
    assert told(story, "town") == sound
    assert mended(story) == 0


def test_a_matter_overdue_and_then_closed_stays_late(county: County) -> None:
    hand = a_ticket(county, node=Node.CLOSE, tier=Tier.COUNTY)
    sweep(county.sessions, county.office, NOW + timedelta(hours=2))
    assert counts(total(county))["overdue"] == 1
    hand.take("close", "county", now=NOW + timedelta(hours=3), note="办结")
    line = counts(total(county))
    assert (line["late"], line.get("overdue", 0), line.get("closed_on_time", 0)) == (1, 0, 0)


def test_late_at_a_tier_alone_is_not_late(county: County) -> None:
    hand = a_ticket(county, category=CABLE)
    sweep(county.sessions, county.office, NOW + timedelta(minutes=31))
    assert hand.look().tier == "town"
    assert "late" not in counts(total(county))


def test_no_cell_is_ever_negative(story: County) -> None:
    total(story)
    with story.sessions.read() as session:
        for measure in MEASURES:
            assert session.scalar(select(func.min(getattr(Rollup, measure)))) >= 0


def test_the_categories_used_here_are_settled_where_the_stories_say(county: County) -> None:
    tiers = [a_ticket(county, category=category).look().settling_tier for category in (RECORD, JUSTICE, CABLE)]
    assert tiers == ["village", "town", "county"]
