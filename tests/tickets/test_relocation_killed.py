"""Whoever is killed while tickets follow a new map leaves each of them moved once, with one event, or not at all."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from sqlalchemy import func, select

from command_center.events import log
from command_center.events.models import TicketEvent
from command_center.regions import editions
from command_center.regions.editions import About
from command_center.regions.models import MapEdition
from command_center.statistics.consumer import rebuild
from command_center.tickets import relocation
from command_center.tickets.intake import report
from command_center.tickets.models import Ticket
from tests.builders import NOW, a_draft, spot
from tests.county import County
from tests.regions.maps import VILLAGE, Map, a_new_code, second_edition

ROOT = Path(__file__).resolve().parents[2]
RELOCATOR = Path(__file__).with_name("relocator.py")
MANY = 24


def test_a_process_killed_at_any_moment_leaves_each_ticket_moved_once_or_not_at_all(county: County) -> None:
    lon, lat = spot(county, Map().grids()[1])
    with county.sessions.begin() as session:
        for _ in range(MANY):
            report(session, county.office, a_draft(county, lon=lon, lat=lat), county.actor("grid"), NOW)
        editions.store(session, second_edition().done(), About(), NOW)
    county.relay()
    url = county.sessions.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, str(RELOCATOR), url, county.settings.chain_key.decode(), NOW.isoformat()]
    for written in (3, 10, 1000):  # in the first batch, in another, and to the end
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        for _ in range(written):
            if not process.stdout.readline():
                break
        else:
            process.kill()
        process.stdout.close()
        assert process.wait(60) == (0 if written > MANY else -signal.SIGKILL)
    county.relay()
    with county.sessions.begin() as session:
        of_each = select(func.count()).where(TicketEvent.action == "relocate").group_by(TicketEvent.ticket_id)
        assert list(session.scalars(of_each)) == [1] * MANY
        assert set(session.execute(select(Ticket.grid_code, Ticket.version))) == {(a_new_code(VILLAGE, 3), 2)}
        assert not [fault for fault in log.verify(session, county.settings.chain_key) if fault]
        assert rebuild(session, county.office.zone) == 0
        edition = session.get_one(MapEdition, 2)
        assert edition.finished_at is not None and edition.counts["tickets_moved"] == MANY
        assert not relocation.is_pending(session)
