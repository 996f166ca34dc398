"""What happens beside the main line: all of it occurs, comes to its end, and is recorded and counted soundly."""

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from command_center.events import log
from command_center.events.models import TicketEvent
from command_center.simulation import fate, history, temper
from command_center.simulation.summary import Summary
from command_center.statistics.consumer import rebuild
from command_center.tickets.models import DueStep, Ticket
from command_center.tickets.office import Office
from command_center.tickets.workflow import Action
from tests.simulation.county import NOW, County, open_sessions

DAYS, RATE = 12, 7
OFTEN = {
    "TWINS": 0.1,
    "CORRECTED": 0.2,
    "TRANSFERRED": 0.2,
    "ASSISTED": 0.4,
    "HALF_ANSWERED": 0.5,
    "SUSPENDED": 0.4,
    "RESUMED_EARLY": 0.5,
    "EXTENDED": 0.3,
    "EXTENDED_WHEN_LATE": 0.5,
    "REMINDED": 0.3,
    "CALLED": 0.9,
    "SATISFIED": 0.6,
    "RATED": 0.9,
    "REOPENED": 0.1,
    "APPEALED": 0.9,
}


@pytest.fixture(scope="module")
def eventful(empty_database: Path, office: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    """Twelve days in which more happens than is usual."""
    sessions = open_sessions(Path(shutil.copy(empty_database, tmp_path_factory.mktemp("eventful") / "county.db")))
    with pytest.MonkeyPatch.context() as patch:
        for name, chance in OFTEN.items():
            patch.setattr(fate, name, chance)
        patch.setattr(history, "TWINS", OFTEN["TWINS"])
        patch.setattr(temper, "LATE", 0.25)
        summary = history.history(sessions, office, days=DAYS, rate=RATE, seed=3, now=NOW)
    yield County(sessions, office, summary)
    sessions.engine.dispose()


def actions(county: County) -> Counter[str]:
    with county.sessions.read() as session:
        return Counter(session.scalars(select(TicketEvent.action)))


def test_every_action_of_people_occurs(eventful: County) -> None:
    # The simulated places are exact: nobody has to put a ticket into another grid.
    assert {str(action) for action in Action} - set(actions(eventful)) == {"relocate"}


def test_the_record_is_sound_and_counted(eventful: County) -> None:
    with eventful.sessions.begin() as session:
        links = list(log.verify(session, eventful.office.chain_key))
        assert not any(links)
        assert len(links) == eventful.summary.events
        assert rebuild(session, eventful.office.zone) == 0


def test_every_complaint_is_answered_within_two_days(eventful: County) -> None:
    with eventful.sessions.read() as session:
        waiting = session.scalars(select(Ticket).where(Ticket.follow_up_due_at.is_not(None))).all()
    old = [ticket.number for ticket in waiting if ticket.closed_at and ticket.closed_at < NOW - timedelta(days=4)]
    assert old == []


def test_nothing_that_fell_due_was_forgotten(eventful: County) -> None:
    with eventful.sessions.read() as session:
        due = DueStep.due_at < NOW - timedelta(seconds=10)
        assert session.scalars(select(DueStep).where(DueStep.done_at.is_(None), due)).all() == []


def test_the_summary_counts_the_tickets_where_they_stand(eventful: County) -> None:
    told: Summary = eventful.summary
    with eventful.sessions.read() as session:
        nodes = Counter(session.scalars(select(Ticket.node)))
    assert (told.closed, told.rejected, told.merged) == (nodes["closed"], nodes["rejected"], nodes["merged"])
    assert told.open == told.reports - nodes["closed"] - nodes["rejected"] - nodes["merged"]
