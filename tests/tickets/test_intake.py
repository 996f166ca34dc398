"""A report becomes a ticket: where it is placed, which number it gets, when its clocks run out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import func, select
from stdnum.iso7064 import mod_11_10

from command_center.errors import CapturedInFuture, OutsideCounty, UnknownCategory
from command_center.events.models import TicketEvent
from command_center.regions.models import Outline, Region
from command_center.tickets.intake import report
from command_center.tickets.models import DueStep, Ticket
from command_center.tickets.numbers import read, spell
from tests.builders import CABLE, COUNTY, JUSTICE, NOW, RECORD, TOWN, VILLAGE, a_draft, a_ticket, at, spot
from tests.county import County

METRE = 1 / 111_320  # degrees of latitude


def outline(county: County, code: str) -> BaseGeometry:
    with county.sessions.read() as session:
        return shapely.from_wkb(session.get_one(Outline, code).wkb)


def northernmost(county: County) -> tuple[float, float]:
    """The county's northernmost corner: what lies a few metres north of it is outside, that far from the border."""
    return max(shapely.get_coordinates(outline(county, COUNTY)).tolist(), key=lambda corner: corner[1])


def a_special_grid(county: County) -> tuple[str, float, float]:
    """A school's grid with a point inside it."""
    with county.sessions.read() as session:
        code = session.scalars(select(Region.code).where(Region.kind == "school").order_by(Region.code)).first()
    assert code is not None
    point = outline(county, code).representative_point()
    return code, point.x, point.y


def test_a_report_stands_at_intake_in_its_grids_village(county: County) -> None:
    ticket = a_ticket(county).look()
    assert (ticket.node, ticket.tier, ticket.version) == ("intake", "village", 1)
    assert ticket.grid_code == county.user("grid").region_code
    assert (ticket.village_code, ticket.town_code, ticket.county_code) == (VILLAGE, TOWN, COUNTY)
    assert (ticket.placed, ticket.distance_m, ticket.base_grid_code) == ("inside", 0, None)


def test_inside_a_school_the_urban_rural_grid_is_remembered(county: County) -> None:
    school, lon, lat = a_special_grid(county)
    ticket = a_ticket(county, lon=lon, lat=lat).look()
    assert ticket.grid_code == school
    assert ticket.base_grid_code is not None
    assert ticket.base_grid_code[12] == "1"
    assert outline(county, ticket.base_grid_code).covers(shapely.Point(lon, lat))


def test_a_point_on_a_border_has_always_the_same_grid(county: County) -> None:
    grid = outline(county, county.user("grid").region_code)
    corners = shapely.get_coordinates(grid.boundary)[:40:4]
    with county.sessions.begin() as session:
        first, second = (
            [
                report(session, county.office, a_draft(county, lon=lon, lat=lat), county.actor("grid"), NOW).grid_code
                for lon, lat in corners
            ]
            for _ in range(2)
        )
    assert first == second


@pytest.mark.parametrize("metres", [3, 60, 95])
def test_a_little_drift_over_the_countys_border_goes_to_the_nearest_grid_and_is_marked(
    county: County, metres: float
) -> None:
    lon, lat = northernmost(county)
    ticket = a_ticket(county, lon=lon, lat=lat + metres * METRE).look()
    assert ticket.placed == "nearest"
    assert ticket.distance_m == pytest.approx(metres, abs=2)


@pytest.mark.parametrize("metres", [105, 5_000])
def test_farther_out_is_outside_the_county_with_the_distance_and_nothing_is_kept(county: County, metres: float) -> None:
    lon, lat = northernmost(county)
    before = county.contents()
    with pytest.raises(OutsideCounty) as refused:
        a_ticket(county, lon=lon, lat=lat + metres * METRE)
    assert refused.value.facts["distance_m"] == pytest.approx(metres, rel=0.05)
    assert county.contents() == before


def test_the_number_tells_county_day_and_sequence_and_ends_with_a_check_digit(county: County) -> None:
    numbers = [a_ticket(county).look().number for _ in range(3)]
    assert [number[:-2] for number in numbers] == [f"210882-20261120-0000{n}" for n in (1, 2, 3)]
    assert all(mod_11_10.is_valid(number.replace("-", "")) for number in numbers)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-20 00:00", "20261120"),
        ("2026-11-20 07:59", "20261120"),  # still the 19th in UTC
        ("2026-11-20 23:59", "20261120"),
    ],
)
def test_the_day_of_a_number_is_the_countys_own(county: County, moment: str, day: str) -> None:
    assert a_ticket(county, now=at(moment)).look().number[7:15] == day


def test_each_day_counts_from_one(county: County) -> None:
    a_ticket(county)
    assert a_ticket(county, now=at("2026-11-21 09:00")).look().number[16:21] == "00001"


def test_a_number_is_read_however_it_is_typed() -> None:
    number = spell(COUNTY, NOW.date(), 42)
    assert read(number) == read(number.replace("-", " ")) == read(f" {number.replace('-', '')} ") == number


def test_a_single_wrong_digit_is_noticed() -> None:
    number = spell(COUNTY, NOW.date(), 42).replace("-", "")
    for place, digit in enumerate(number):
        wrong = number[:place] + str((int(digit) + 1) % 10) + number[place + 1 :]
        assert read(wrong) is None


@pytest.mark.parametrize("text", ["", "abc", "1", "9" * 100, "１２３４５", "\x00", "210882-20261120-00001"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert read(text) is None


def test_numbers_beyond_a_hundred_thousand_a_day_stay_readable() -> None:
    number = spell(COUNTY, NOW.date(), 123_456)
    assert read(number) == number


def test_numbers_given_out_at_once_are_all_different(county: County) -> None:
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda _: a_ticket(county).look().number, range(16)))
    assert sorted(number[16:21] for number in numbers) == [f"{n:05d}" for n in range(1, 17)]


def test_urgent_hours_run_without_a_break(county: County) -> None:
    ticket = a_ticket(county, category=CABLE, now=at("2026-11-20 17:30")).look()  # Friday evening, 2 urgent hours
    assert ticket.due_at == at("2026-11-20 19:30")
    assert ticket.warn_at == at("2026-11-20 17:30") + 0.8 * timedelta(hours=2)
    assert ticket.tier_due_at == at("2026-11-20 18:00")  # the village's quarter
    assert ticket.tier_since == at("2026-11-20 17:30")


def test_working_days_skip_the_weekend(county: County) -> None:
    ticket = a_ticket(county, category=JUSTICE, now=at("2026-11-20 09:00")).look()  # Friday, 3 working days
    assert ticket.due_at == at("2026-11-25 09:00")
    assert ticket.tier_due_at == at("2026-11-20 17:00")  # a quarter of 24 working hours is 6


def test_both_clocks_write_their_steps_and_the_bulletin_comes_five_working_days_later(county: County) -> None:
    hand = a_ticket(county)
    ticket = hand.look()
    with county.sessions.read() as session:
        steps = session.scalars(select(DueStep).where(DueStep.ticket_id == hand.id)).all()
    assert {(step.clock, step.step, step.due_at) for step in steps} == {
        ("matter", "warn", ticket.warn_at),
        ("matter", "due", ticket.due_at),
        ("matter", "bulletin", at("2026-12-04 09:00")),
        ("tier", "warn", ticket.tier_warn_at),
        ("tier", "due", ticket.tier_due_at),
    }


def test_drills_shorten_new_tickets_only_by_the_policys_speed(county: County) -> None:
    slow = a_ticket(county, category=CABLE)
    office = county.office.__class__(**{**county.office.__dict__, "speed": 60.0})
    with county.sessions.begin() as session:
        fast = report(session, office, a_draft(county, CABLE), county.actor("grid"), NOW)
    assert fast.due_at - NOW == timedelta(minutes=2)
    assert slow.look().due_at - NOW == timedelta(hours=2)


def test_a_minor_class_means_its_first_condition(county: County) -> None:
    assert a_ticket(county, category="0505").look().condition_code == "050501"


def test_a_condition_can_be_named_itself(county: County) -> None:
    assert a_ticket(county, category="050502").look().condition_code == "050502"


@pytest.mark.parametrize("category", ["05", "9999", "", "线缆", "050501 ", "0" * 100])
def test_a_category_that_is_none_or_too_coarse_is_refused(county: County, category: str) -> None:
    with pytest.raises(UnknownCategory):
        a_ticket(county, category=category or " ")


@pytest.mark.parametrize(("ahead", "refused"), [(timedelta(minutes=5), False), (timedelta(minutes=5, seconds=1), True)])
def test_a_phones_clock_may_be_five_minutes_ahead(county: County, ahead: timedelta, refused: bool) -> None:
    if refused:
        with pytest.raises(CapturedInFuture):
            a_ticket(county, captured_at=NOW + ahead)
    else:
        assert a_ticket(county, captured_at=NOW + ahead).look().captured_at == NOW + ahead


def test_what_was_reported_is_kept_as_it_came(county: County) -> None:
    words = "<script>alert('1')</script> ⚡👷🏽‍♀️ “线缆”\n第二行"
    ticket = a_ticket(county, description=words, raw_lon=122.51, raw_lat=40.65, datum="gcj02", accuracy_m=12.5).look()
    assert ticket.description == words
    assert (ticket.raw_lon, ticket.raw_lat, ticket.datum, ticket.accuracy_m) == (122.51, 40.65, "gcj02", 12.5)


def test_a_report_is_one_event_that_says_where_and_what(county: County) -> None:
    hand = a_ticket(county)
    with county.sessions.read() as session:
        event = session.scalars(select(TicketEvent).where(TicketEvent.ticket_id == hand.id)).one()
    lon, lat = spot(county)
    assert (event.n, event.action, event.actor_username, event.from_node, event.to_node) == (
        *(1, "report", "grid"),
        *(None, "intake"),
    )
    assert (event.details["minor"], event.details["lon"], event.details["lat"]) == (RECORD, lon, lat)


def test_times_come_back_in_utc_to_the_microsecond(county: County) -> None:
    now = NOW + timedelta(microseconds=123_456)
    ticket = a_ticket(county, now=now).look()
    assert ticket.created_at == now
    assert ticket.created_at.utcoffset() == timedelta(0)


def test_numbers_follow_the_order_of_ids(county: County) -> None:
    for _ in range(3):
        a_ticket(county)
    with county.sessions.read() as session:
        numbers = session.scalars(select(Ticket.number).order_by(Ticket.id)).all()
        assert session.scalar(select(func.count()).select_from(Ticket)) == 3
    assert all(before < later for before, later in pairwise(numbers))
