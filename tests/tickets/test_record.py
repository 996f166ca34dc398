"""What is on record of a ticket."""

from sqlalchemy import select

from command_center.events.models import TicketEvent
from tests.builders import NOW, a_ticket
from tests.county import County
from tests.tickets.life import HOUR, MINUTE, last_event


def test_the_record_never_runs_backwards(county: County) -> None:
    hand = a_ticket(county)
    hand.take("accept", "village", now=NOW + HOUR)
    hand.take("claim", "village", now=NOW + HOUR - MINUTE)  # read the clock first, got the lock second
    with county.sessions.read() as session:
        times = [event.at for event in session.scalars(select(TicketEvent).order_by(TicketEvent.n))]
    assert times == sorted(times)


def test_the_report_is_on_record_with_its_rules_and_its_raw_place(county: County) -> None:
    details = last_event(county, a_ticket(county, datum="gcj02", raw_lon=122.6, raw_lat=40.7)).details
    assert (details["datum"], details["raw_lon"], details["raw_lat"]) == ("gcj02", 122.6, 40.7)
    assert details["policy_version"] == 1 and len(details["policy_sha256"]) == 64
