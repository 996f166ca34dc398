"""Drawing beside the web process: a few at once, for certain ended, not twice for the same question."""

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pypdfium2
import pytest
from PIL import Image

from command_center.aside import NoSeat, Room
from command_center.pictures import render as rendering
from command_center.pictures.errors import PictureBusy, PictureFailed
from command_center.pictures.render import KEPT_S, Drawer, render
from command_center.pictures.sheet import Sheet, sheet_of
from tests.gis.pictures import NASTY, a_picture


def test_a_page_a_png_and_a_pdf_come_out_of_the_process(tmp_path: Path) -> None:
    page = render(a_picture(title=NASTY), Sheet("html"), tmp_path)
    assert page.startswith(b"<!DOCTYPE html>") and b"<img src=x" not in page
    image = Image.open(io.BytesIO(render(a_picture(), Sheet("png", dpi=110), tmp_path)))
    assert image.size == (round(297 / 25.4 * 110), round(210 / 25.4 * 110))
    sheet = pypdfium2.PdfDocument(render(a_picture(), Sheet("pdf", "A3", "portrait"), tmp_path))[0]
    assert sheet.get_width() < sheet.get_height()


def test_too_many_at_once_are_asked_to_come_back_before_anything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "PATIENCE", 0.01)
    drawer = Drawer()
    with drawer.room.seat("a", 1), drawer.room.seat("b", 1), pytest.raises(PictureBusy):
        drawer.get("key", "c", lambda: pytest.fail("read without a seat"))


def test_a_caller_has_one_picture_drawn_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "PATIENCE", 0.01)
    drawer = Drawer()
    with drawer.room.seat("a", 1):
        assert drawer.get("theirs", "b", lambda: b"picture") == b"picture"
        with pytest.raises(PictureBusy):
            drawer.get("mine", "a", lambda: b"picture")


def test_what_was_drawn_meanwhile_is_not_drawn_again() -> None:
    drawer = Drawer()
    begun, go_on = Event(), Event()

    def draw() -> bytes:
        begun.set()
        go_on.wait(5)
        return b"picture"

    with ThreadPoolExecutor() as threads:
        first = threads.submit(drawer.get, "key", "a", draw)
        begun.wait(5)
        second = threads.submit(drawer.get, "key", "a", lambda: b"another")
        go_on.set()
        assert first.result(5) == second.result(5) == b"picture"


def test_whoever_comes_when_enough_are_waiting_is_sent_away_at_once() -> None:
    room = Room(seats=1, waiting=2)

    def wait(name: str) -> None:
        with room.seat(name, 5):
            pass

    with ThreadPoolExecutor() as threads:
        with room.seat("drawing", 1):
            waiting = [threads.submit(wait, name) for name in ("a", "b")]
            deadline = monotonic() + 5
            while len(room._waiting) < 2 and monotonic() < deadline:
                sleep(0.01)
            begun = monotonic()
            with pytest.raises(NoSeat), room.seat("c", 5):
                pass
            assert monotonic() - begun < 1
        assert [one.result(5) for one in waiting] == [None, None]


def test_a_drawing_process_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "LIMIT", 0.05)
    drawer = Drawer()
    with pytest.raises(PictureFailed):
        drawer.get("key", "a", lambda: render(a_picture(), Sheet("pdf"), tmp_path))
    assert drawer.get("key", "a", lambda: b"picture") == b"picture", "its seat was not given back"


def test_the_same_question_is_drawn_once_a_minute() -> None:
    now = [0.0]
    drawn: list[int] = []

    def draw() -> bytes:
        drawn.append(1)
        return b"picture"

    drawer = Drawer(lambda: now[0])
    assert drawer.get("mine", "a", draw) == drawer.get("mine", "a", draw) == b"picture"
    assert len(drawn) == 1
    drawer.get("yours", "b", draw)
    assert len(drawn) == 2
    now[0] = KEPT_S
    drawer.get("mine", "a", draw)
    assert len(drawn) == 3


def test_what_was_drawn_takes_no_more_memory_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "MOST_KEPT", 250)
    drawer = Drawer(lambda: 0.0)
    for n in range(9):
        drawer.get(n, "a", lambda: bytes(100))
    assert sum(len(drawn) for _, drawn in drawer._kept.values()) <= 250


def test_a_sheet_is_a4_landscape_at_300_dpi_unless_asked_otherwise() -> None:
    assert sheet_of("png", {}) == Sheet("png", "A4", "landscape", 300)
    assert sheet_of("pdf", {"paper": "a3", "lie": "portrait", "size": "screen"}) == Sheet("pdf", "A3", "portrait", 110)
