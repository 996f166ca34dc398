"""A4 paper with Chinese type: text that wraps as Chinese is set, rows that no page break cuts.

Written on fpdf2, which embeds the used glyphs of a font and checks PDF/A-2u while it draws (docs/adr/0013).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pylopdf_fonts_zh_cn as fonts
from fpdf import FPDF

SONG, HEI = "song", "hei"
LEFT, RIGHT, TOP, BOTTOM = 25.0, 18.0, 24.0, 20.0
WIDTH, HEIGHT = 210.0, 297.0
INNER = WIDTH - LEFT - RIGHT
FLOOR = HEIGHT - BOTTOM
LEADING = 1.5
POINT = 25.4 / 72
BLACK, GREY, PALE, RED, BLUE = (0, 0, 0), (95, 95, 95), (205, 205, 205), (176, 28, 28), (28, 74, 130)
Colour = tuple[int, int, int]
# No line begins with these, and none ends with those.
NOT_FIRST = set("，。、；：！？）》」』”’】〕…—%,.;:!?)]}")
NOT_LAST = set("（《「『“‘【〔([{")
TAB = "    "
# Marks that only choose among drawings of the character before them.
SILENT = {*range(0xFE00, 0xFE10), 0x200D}


@dataclass(frozen=True)
class Line:
    """One line of type. `size`: points; `before`: extra space above it, millimetres."""

    text: str
    size: float = 9.5
    font: str = SONG
    colour: Colour = BLACK
    before: float = 0.0

    @property
    def height(self) -> float:
        return self.size * POINT * LEADING + self.before


@dataclass
class Cell:
    """A column's lines of one row. `x`: millimetres from the left edge of the paper."""

    x: float
    lines: list[Line] = field(default_factory=list)

    @property
    def height(self) -> float:
        return sum(line.height for line in self.lines)


class Paper:
    """A document that grows downwards. `head` and `foot` are drawn on every page but the first, and on every page."""

    def __init__(self, language: str, title: str, author: str, at: datetime) -> None:
        self.pdf = pdf = FPDF(format="A4", unit="mm", enforce_compliance="PDF/A-2U")
        pdf.set_auto_page_break(False)
        pdf.set_margin(0)
        # Written order is kept: marks of direction are spelt out, never obeyed.
        pdf.add_font(SONG, "", str(fonts.serif_path()))
        pdf.add_font(HEI, "", str(fonts.sans_path()))
        pdf.set_lang("zh-CN" if language == "zh" else "en")
        pdf.set_title(title)
        pdf.set_author(author)
        pdf.set_creator("command center")
        pdf.set_creation_date(at)
        self.y = TOP
        self.repeated: list[Any] = []
        self._widths: dict[tuple[str, str], float] = {}
        self._known = {name: set(self._font(name).cmap) for name in (SONG, HEI)}

    def _font(self, name: str) -> Any:
        return self.pdf.fonts[name]

    def clean(self, text: str) -> str:
        """Spell out what cannot be printed or must not act: `[U+202E]`. Nothing of a record disappears."""
        return "".join(self._printable(character) for character in text.replace("\r\n", "\n").replace("\t", TAB))

    def _printable(self, character: str) -> str:
        code = ord(character)
        if character == "\n" or (code in self._known[SONG] and code in self._known[HEI] and character.isprintable()):
            return character
        if character in "\u00a0\u3000":
            return " "
        return "" if code in SILENT else f"[U+{code:04X}]"

    def width(self, text: str, font: str, size: float) -> float:
        """How wide a text is, millimetres."""
        return sum(self._unit(character, font) for character in text) * size * POINT / 1000

    def _unit(self, character: str, font: str) -> float:
        key = (font, character)
        if key not in self._widths:
            self._widths[key] = self._font(font).cw[ord(character)]
        return self._widths[key]

    def wrap(self, text: str, width: float, font: str = SONG, size: float = 9.5) -> list[str]:
        """Break a text into lines: between any two Chinese characters, between words, in a word only if it must."""
        lines: list[str] = []
        for paragraph in self.clean(text).split("\n"):
            lines.extend(self._wrapped(paragraph, width, font, size))
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def _wrapped(self, paragraph: str, width: float, font: str, size: float) -> Iterator[str]:
        line, used = "", 0.0
        for word in words(paragraph):
            wide = self.width(word, font, size)
            if used + wide <= width or (word == " " and line):
                line, used = line + word, used + wide
                continue
            if line:
                line, carried = parted(line, word)
                yield line.rstrip()
                line, used = carried, self.width(carried, font, size)
            for character in word.lstrip():
                wide = self.width(character, font, size)
                if used + wide > width and line:
                    yield line
                    line, used = "", 0.0
                line, used = line + character, used + wide
        yield line.rstrip()

    def lines(
        self, text: str, width: float, *, size: float = 9.5, font: str = SONG, colour: Colour = BLACK, before: float = 0
    ) -> list[Line]:
        """A text as lines of type; `before` is the space above the first."""
        return [
            Line(one, size, font, colour, 0 if n else before)
            for n, one in enumerate(self.wrap(text, width, font, size))
        ]

    def page(self) -> None:
        """Begin a page, and repeat what each page of this part begins with."""
        self.pdf.add_page()
        self.y = TOP
        for draw in self.repeated:
            draw()

    def room(self, height: float) -> None:
        """Begin a page unless so much space is left."""
        if self.y + height > FLOOR:
            self.page()

    def row(self, cells: Sequence[Cell], *, above: float = 0.8, below: float = 0.8, rule: bool = False) -> None:
        """Draw cells side by side. A row stays whole if a page can hold it; else it breaks between lines of type."""
        whole = max(cell.height for cell in cells) + above + below
        fits = FLOOR - TOP - 12
        if whole <= fits or self.y + 30 > FLOOR:
            self.room(min(whole, fits))
        self.y += above
        rest = [list(cell.lines) for cell in cells]
        while any(rest):
            lowest = self.y
            for cell, lines in zip(cells, rest, strict=True):
                lowest = max(lowest, self._column(cell.x, lines))
            self.y = lowest
            if any(rest):
                self.page()
        self.y += below
        if rule:
            self.rule(PALE)

    def _column(self, x: float, lines: list[Line]) -> float:
        """Draw lines until the page is full; what is drawn leaves the list. Returns how far down it went."""
        y = self.y
        while lines and y + lines[0].height <= FLOOR:
            line = lines.pop(0)
            y += line.height
            self.text(x, y - line.size * POINT * (LEADING - 1) / 2 - line.size * POINT * 0.15, line)
        return y

    def forget(self) -> None:
        """After going back to a page: its last colours and type are not those that were set last."""
        self.pdf.set_draw_color(1, 1, 1)
        self.pdf.set_text_color(1, 1, 1)
        self.pdf.set_line_width(1)
        self.pdf.set_font(SONG, size=1)

    def text(self, x: float, y: float, line: Line) -> None:
        """Draw one line; `y` is its baseline."""
        if line.text:
            self.pdf.set_font(line.font, size=line.size)
            self.pdf.set_text_color(*line.colour)
            self.pdf.text(x, y, line.text)

    def centred(self, y: float, line: Line) -> None:
        self.text((WIDTH - self.width(line.text, line.font, line.size)) / 2, y, line)

    def flush_right(self, y: float, line: Line) -> None:
        self.text(WIDTH - RIGHT - self.width(line.text, line.font, line.size), y, line)

    def rule(self, colour: Colour = BLACK, thick: float = 0.15) -> None:
        self.pdf.set_draw_color(*colour)
        self.pdf.set_line_width(thick)
        self.pdf.line(LEFT, self.y, WIDTH - RIGHT, self.y)


def words(paragraph: str) -> Iterator[str]:
    """Cut into what stays together: a Chinese character, a space, a run of anything else."""
    run = ""
    for character in paragraph:
        if character == " " or is_wide(character):
            if run:
                yield run
            run = ""
            yield character
        else:
            run += character
    if run:
        yield run


def is_wide(character: str) -> bool:
    """Chinese characters and their punctuation may part anywhere."""
    return ord(character) >= 0x2E80 or character in "“”‘’…—"


def parted(line: str, following: str) -> tuple[str, str]:
    """Part a full line from what follows: no closing mark begins a line, no opening mark ends one."""
    at = len(line)
    first = following[0]
    while at > max(1, len(line) - 4) and ((first in NOT_FIRST) or line[at - 1] in NOT_LAST):
        at -= 1
        first = line[at]
    if at <= 1 or not (is_wide(line[at - 1]) or line[at - 1] == " " or at == len(line)):
        return line, ""
    return line[:at], line[at:]
