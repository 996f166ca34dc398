"""A newer map takes the place of the present one all at once, while requests go on with what there is."""

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import app
from app import County as Map
from command_center.database import Sessions, make_engine
from command_center.deadlines import policies
from command_center.regions import editions
from command_center.regions.editions import About
from command_center.tickets import rulebook
from tests.builders import NOW, TOWN, spot
from tests.county import County, own_rules
from tests.regions import maps
from tests.regions.maps import VILLAGE, a_new_code

ROOT = Path(__file__).resolve().parents[2]
SECOND, C = maps.Map().grids()[1], a_new_code(VILLAGE, 3)
real_drawn = app.drawn


class Workshop:
    """Builds maps of the town alone, when it is allowed to, and fails as often as it is told to."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.open.set()
        self.begun = threading.Event()
        self.built = 0
        self.faults = 0

    def draw(self, rows: Any) -> Any:
        self.begun.set()
        assert self.open.wait(60)
        if self.faults:
            self.faults -= 1
            raise RuntimeError("no memory")
        self.built += 1
        near = [row for row in rows if row.code.startswith(TOWN[:9]) or row.level == "county"]
        return real_drawn(near)


@pytest.fixture
def workshop(monkeypatch: pytest.MonkeyPatch) -> Workshop:
    shop = Workshop()
    monkeypatch.setattr(app, "drawn", shop.draw)
    monkeypatch.setattr(Map, "LOOK_EVERY", 0.02)
    return shop


@pytest.fixture
def server(county: County, workshop: Workshop) -> Iterator[Map]:
    """The county as a server has it: with the first edition in memory."""
    made = own_rules(county)
    assert made.office.map_edition == 1
    yield made
    workshop.open.set()
    until(lambda: not made._building.locked())


def store(county: County) -> None:
    with county.sessions.begin() as session:
        editions.store(session, maps.second_edition().done(), About(), NOW)


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def test_requests_go_on_with_the_old_map_while_the_new_one_is_built_and_none_sees_half_of_it(
    county: County, server: Map, workshop: Workshop
) -> None:
    lon, lat = spot(county, SECOND)
    workshop.open.clear()
    seen: list[tuple[int, str]] = []
    longest = [0.0]
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            began = time.monotonic()
            office = server.office
            seen.append((office.map_edition, office.grids.place(lon, lat).grid))
            longest[0] = max(longest[0], time.monotonic() - began)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    store(county)
    assert workshop.begun.wait(60)
    answered = len(seen)
    until(lambda: len(seen) > answered + 100)
    assert {edition for edition, _ in seen} == {1}
    workshop.open.set()
    until(lambda: seen[-1][0] == 2)
    stop.set()
    for thread in threads:
        thread.join()
    assert set(seen) == {(1, SECOND), (2, C)}
    assert workshop.built == 1, "one process builds it once"
    assert longest[0] < 5, "nobody waited for the building"


def test_the_layers_of_maps_change_with_it(county: County, server: Map) -> None:
    before = server.layers
    store(county)
    until(lambda: server.office.map_edition == 2)
    assert C.encode() in server.layers["grid"].body and C.encode() not in before["grid"].body


def test_another_process_notices_by_itself(county: County, server: Map) -> None:
    """Stored by somebody else altogether; this one only looks."""
    elsewhere = Sessions(make_engine(county.settings.url))
    with elsewhere.begin() as session:
        editions.store(session, maps.second_edition().done(), About(), NOW)
    elsewhere.engine.dispose()
    until(lambda: server.office.map_edition == 2)


def test_a_map_that_cannot_be_built_is_told_and_tried_again(
    county: County, server: Map, workshop: Workshop, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Map, "BUILD_AGAIN", 0.2)
    workshop.faults = 2
    with caplog.at_level(logging.ERROR):
        store(county)
        until(lambda: server.office.map_edition == 2)
    told = [record for record in caplog.records if "edition 2 of the map cannot be built" in record.message]
    assert len(told) == 2 and workshop.built == 1


def test_rules_that_change_meanwhile_are_not_lost(county: County, server: Map, workshop: Workshop) -> None:
    workshop.open.clear()
    store(county)
    until(lambda: server.office is not None and workshop.begun.is_set())
    with county.sessions.begin() as session:
        document = policies.find(session, 1).document | {"follow_up_days": 3}
        edition = policies.checked(session, document, rulebook.conditions(session))
        version = policies.store(session, edition, "again", "admin", NOW).version
    until(lambda: server.office.edition.version == version)
    workshop.open.set()
    until(lambda: server.office.map_edition == 2)
    assert server.office.edition.version == version


def test_in_gevents_loop_others_have_their_turn_while_a_map_is_built() -> None:
    program = """
from gevent import monkey
monkey.patch_all()
import gevent, time
import app

ticks = 0
def tick():
    global ticks
    while True:
        gevent.sleep(0.01)
        ticks += 1

def compute():
    end = time.perf_counter() + 1.0
    while time.perf_counter() < end:
        sum(range(1000))
    return "built"

gevent.spawn(tick)
print(app.beside_the_loop(compute), ticks)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    built, ticks = done.stdout.split()
    assert built == "built" and int(ticks) > 2  # in the loop itself: none
