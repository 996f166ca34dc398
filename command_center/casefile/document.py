"""The pages of a case file, from top to bottom. Plain data in, the bytes of a PDF/A out."""

import io
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from PIL import Image

from command_center.casefile import sketch
from command_center.casefile.contents import CaseFile, Entry, Fact, Photo, Section
from command_center.casefile.paper import (
    BLACK,
    BLUE,
    FLOOR,
    GREY,
    HEI,
    INNER,
    LEFT,
    PALE,
    RED,
    RIGHT,
    SONG,
    WIDTH,
    Cell,
    Line,
    Paper,
)

log = logging.getLogger(__name__)
LABEL = 25.0
MAP = 66.0
GAP = 5.0
PHOTO_PIXELS, PHOTO_HEIGHT = 1000, 58.0
# The columns of the timeline: number, when, who, what; millimetres from the left edge of the paper.
COLUMNS = (LEFT + 1, LEFT + 9, LEFT + 34, LEFT + 66)
WHO = COLUMNS[3] - COLUMNS[2] - 2
WHAT = WIDTH - RIGHT - COLUMNS[3] - 1
SMALL = 8.0
# A fact longer than this stands in a line of its own.
RUN_ON = 36
NUMERALS = "一二三四五六七八九十"


def draw(file: CaseFile) -> bytes:
    """Draw a case file. Missing or broken photos are told in their place."""
    at = datetime.fromisoformat(file.produced_at)
    paper = Paper(file.language, f"{file.title} {file.number}", file.county, at)
    pages = _Pages(file, paper)
    pages.first()
    pages.section(file.matter)
    pages.place()
    pages.section(file.clocks)
    pages.section(file.standing)
    pages.photos()
    pages.timeline()
    pages.chain()
    pages.feet()
    return bytes(paper.pdf.output())


class _Pages:
    """The parts of the document, each begun where the one before ended."""

    def __init__(self, file: CaseFile, paper: Paper) -> None:
        self.file, self.paper = file, paper
        self.sections = 0

    def first(self) -> None:
        file, paper = self.file, self.paper
        paper.pdf.add_page()
        paper.y = 26
        paper.centred(paper.y, Line(paper.clean(file.county), 13, SONG))
        paper.centred(paper.y + 12, Line(paper.clean(file.title), 21, HEI))
        paper.y += 17.5
        paper.rule(thick=0.6)
        paper.y += 0.9
        paper.rule(thick=0.15)
        paper.y += 6
        paper.text(LEFT, paper.y, Line(paper.clean(file.subtitle), 10.5, HEI))
        paper.flush_right(paper.y, Line(paper.clean(file.status), 10.5, HEI))
        paper.y += 2
        for text, colour in ((file.produced, GREY), (file.banner, RED)):
            if text:
                paper.row([Cell(LEFT, paper.lines(text, INNER, size=SMALL, colour=colour))], above=0.4, below=0)
        paper.y += 1
        paper.repeated.append(self._running_head)

    def _running_head(self) -> None:
        file, paper = self.file, self.paper
        y, paper.y = paper.y, 17.0
        paper.text(LEFT, 15, Line(paper.clean(f"{file.county} · {file.title}"), SMALL, SONG, GREY))
        paper.flush_right(15, Line(file.number, SMALL, HEI, GREY))
        paper.rule(PALE)
        paper.y = y

    def title(self, title: str, room: float = 26) -> None:
        paper = self.paper
        paper.room(room)
        number = NUMERALS[self.sections] + "、" if self.file.language == "zh" else f"{self.sections + 1}. "
        self.sections += 1
        paper.pdf.start_section(paper.clean(title))
        paper.y += 3
        paper.row([Cell(LEFT, [Line(number + paper.clean(title), 12, HEI)])], above=0, below=0.3)
        paper.rule(BLACK, 0.25)
        paper.y += 0.8

    def section(self, section: Section) -> None:
        self.title(section.title)
        self.facts(section.facts, INNER)
        self.small(section.note)

    def small(self, text: str, colour: tuple[int, int, int] = GREY) -> None:
        if text:
            self.paper.row([Cell(LEFT, self.paper.lines(text, INNER, size=SMALL, colour=colour))])

    def facts(self, facts: Sequence[Fact], width: float) -> None:
        """Label and value; two short ones share a row."""
        paper, half = self.paper, width / 2
        waiting: list[Fact] = list(facts)
        while waiting:
            fact = waiting.pop(0)
            beside = waiting[0] if waiting and width == INNER and self._both_short(fact, waiting[0], half) else None
            if beside:
                waiting.pop(0)
            cells = self._pair(fact, LEFT, (half if beside else width) - LABEL)
            if beside:
                cells += self._pair(beside, LEFT + half, half - LABEL)
            paper.row(cells, above=0.5, below=0.5)

    def _both_short(self, one: Fact, other: Fact, half: float) -> bool:
        return all(
            "\n" not in fact.value and self.paper.width(self.paper.clean(fact.value), SONG, 9.5) < half - LABEL - 2
            for fact in (one, other)
        )

    def _pair(self, fact: Fact, x: float, width: float) -> list[Cell]:
        label = self.paper.lines(fact.label, LABEL - 2, font=HEI, size=9, colour=GREY)
        return [Cell(x, label), Cell(x + LABEL, self.paper.lines(fact.value, width, size=9.5) or [Line("")])]

    def place(self) -> None:
        """Facts on the left, the map on the right: together on one page."""
        paper, place = self.paper, self.file.map
        self.title(self.file.place.title, room=MAP + 30)
        top = paper.y + 1
        sketch.draw(paper, place, WIDTH - RIGHT - MAP, top, MAP)
        self.facts(self.file.place.facts, INNER - MAP - GAP)
        below = paper.lines(place.caption, INNER - MAP - GAP, size=SMALL, colour=GREY, before=1.5)
        below += paper.lines(place.note, INNER - MAP - GAP, size=SMALL, colour=RED, before=1)
        paper.row([Cell(LEFT, below)])
        paper.y = max(paper.y, top + MAP + 2)

    def photos(self) -> None:
        self.title(self.file.photos_title, room=40)
        if not self.file.photos:
            self.small(self.file.nothing)
        for first in range(0, len(self.file.photos), 2):
            self._two_photos(self.file.photos[first : first + 2])

    def _two_photos(self, photos: Sequence[Photo]) -> None:
        paper = self.paper
        width = (INNER - GAP) / 2
        pictures = [_small_copy(Path(photo.path)) for photo in photos]
        sizes = [_fitted(size, width) if picture else (width, 30.0) for picture, size in pictures]
        captions = [paper.lines(photo.caption, width, size=SMALL, colour=GREY, before=0.8) for photo in photos]
        high = max(size[1] for size in sizes)
        paper.room(high + max(sum(line.height for line in lines) for lines in captions) + 4)
        top = paper.y + 1.5
        for n, ((picture, _), (wide, tall)) in enumerate(zip(pictures, sizes, strict=True)):
            x = LEFT + n * (width + GAP)
            if picture:
                paper.pdf.image(io.BytesIO(picture), x, top + high - tall, wide, tall)
            else:
                self._missing(x, top + high - tall, wide, tall)
        paper.y = top + high
        paper.row([Cell(LEFT + n * (width + GAP), lines) for n, lines in enumerate(captions)], above=0, below=1.5)

    def _missing(self, x: float, y: float, wide: float, tall: float) -> None:
        paper = self.paper
        paper.pdf.set_draw_color(*RED)
        paper.pdf.set_line_width(0.25)
        paper.pdf.rect(x, y, wide, tall)
        for n, text in enumerate(paper.wrap(self.file.photo_missing, wide - 6, HEI, 9)):
            paper.text(x + 3, y + tall / 2 + n * 5, Line(text, 9, HEI, RED))

    def timeline(self) -> None:
        paper = self.paper
        rows = [self._entry(entry) for entry in self.file.timeline]
        # The title never stands alone at the foot of a page.
        self.title(self.file.timeline_title, room=30 + (max(cell.height for cell in rows[0]) if rows else 0))
        self.small(self.file.timeline_note)
        self._table_head()
        paper.repeated.append(self._table_head)
        for row in rows:
            paper.row(row, above=1.1, below=1.1, rule=True)
        paper.repeated.remove(self._table_head)

    def _table_head(self) -> None:
        paper = self.paper
        paper.pdf.set_fill_color(236, 238, 240)
        paper.pdf.rect(LEFT, paper.y, INNER, 6, style="F")
        for x, head in zip(COLUMNS, self.file.timeline_heads, strict=True):
            paper.text(x, paper.y + 4.2, Line(paper.clean(head), 8.5, HEI))
        paper.y += 6

    def _entry(self, entry: Entry) -> list[Cell]:
        paper = self.paper
        when = [Line(text, 8.5) for text in entry.when]
        who = paper.lines(entry.who[0], WHO, size=9, font=HEI) if entry.who else []
        for more in entry.who[1:]:
            who += paper.lines(more, WHO, size=SMALL, colour=GREY)
        what = paper.lines(entry.what, WHAT, size=9.5, font=HEI, colour=BLUE)
        what += paper.lines(entry.moved, WHAT, size=SMALL, colour=GREY)
        if entry.note:
            what += paper.lines(f"{self.file.note_label}{entry.note}", WHAT, before=0.5)
        for text in self._run_on(entry.facts):
            what += paper.lines(text, WHAT, size=8.5)
        what += [Line(entry.hash, 6.5, HEI, GREY, 0.3)]
        columns = ([Line(str(entry.n), 8.5, HEI)], when, who, what)
        return [Cell(x, lines) for x, lines in zip(COLUMNS, columns, strict=True)]

    def _run_on(self, facts: Sequence[Fact]) -> Iterator[str]:
        """Short facts one after the other in one line, a long one in a line of its own."""
        colon, comma = ("：", "；") if self.file.language == "zh" else (": ", "; ")
        short: list[str] = []
        for fact in facts:
            text = f"{fact.label}{colon}{fact.value}"
            if len(text) > RUN_ON:
                yield from [comma.join(short)] if short else []
                yield text
                short = []
            else:
                short.append(text)
        if short:
            yield comma.join(short)

    def chain(self) -> None:
        """The proof, together on one page where it can be."""
        paper, file = self.paper, self.file
        self.title(file.chain.title, room=62)
        self.facts(file.chain.facts, INNER - 0.01)
        top = paper.y + 1.5
        colour = (22, 101, 52) if file.sound else RED
        lines = paper.lines(file.verdict, INNER - 8, size=10, font=HEI, colour=colour)
        paper.room(sum(line.height for line in lines) + 8)
        top = paper.y + 1.5
        paper.y = top + 1.2
        paper.row([Cell(LEFT + 4, lines)])
        paper.pdf.set_draw_color(*colour)
        paper.pdf.set_line_width(0.5)
        if paper.y > top:
            paper.pdf.rect(LEFT, top, INNER, paper.y - top + 1)
        paper.y += 3
        self.small(file.how_to_check)

    def feet(self) -> None:
        """Number the pages, now that their number is known."""
        pdf, paper = self.paper.pdf, self.paper
        total = len(pdf.pages)
        for page in range(1, total + 1):
            pdf.page = page
            paper.forget()
            paper.y = FLOOR + 5
            paper.rule(PALE)
            last = self.file.timeline[-1].hash if self.file.timeline else ""
            paper.text(LEFT, FLOOR + 9.5, Line(last, 6.5, HEI, GREY))
            paper.flush_right(FLOOR + 9.5, Line(self.file.page.format(page=page, pages=total), SMALL, SONG, GREY))


def _fitted(size: tuple[int, int], width: float) -> tuple[float, float]:
    """The largest size, millimetres, that a picture may have in its place."""
    wide, tall = size
    scale = min(width / wide, PHOTO_HEIGHT / tall)
    return wide * scale, tall * scale


def _small_copy(path: Path) -> tuple[bytes | None, tuple[int, int]]:
    """A picture drawn anew for paper, and its size in pixels; None when the file is missing or no picture."""
    try:
        with Image.open(path, formats=("JPEG",)) as stored:
            stored.draft("RGB", (PHOTO_PIXELS, PHOTO_PIXELS))
            picture = stored.convert("RGB")
            picture.thumbnail((PHOTO_PIXELS, PHOTO_PIXELS))
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=72, optimize=True)
    # A broken file makes a decoder fail in any way it can.
    except Exception as broken:
        log.warning("no picture in %s: %s", path.name, broken)
        return None, (1, 1)
    return out.getvalue(), picture.size
