"""Type on a sheet: how wide a text is, where a line of Chinese or English may break."""

import re
from functools import cache
from pathlib import Path

import pylopdf_fonts_zh_cn as fonts
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font, LoadFlags

POINT_MM = 25.4 / 72
MISSING = "〓"
"""Stands for a character that the font lacks, as printers have done since lead type."""
_BLANK = re.compile(r"[^\S\u3000]+")
# No line begins with these.
_NOT_FIRST = set("，。、；：！？）》」』”’】〕…—%,.;:!?)]}")
_NOT_LAST = set("（《「『“‘【〔")


@cache
def _font() -> FT2Font:
    return FT2Font(str(fonts.sans_path()))


def face(points: float) -> FontProperties:
    """The house's Chinese and Latin type at a size; no font of the machine is needed."""
    return FontProperties(fname=Path(fonts.sans_path()), size=points)


def clean(text: str) -> str:
    """The text as it can be set: on one line, without what the font lacks."""
    return "".join(
        character if _font().get_char_index(ord(character)) else MISSING for character in _BLANK.sub(" ", text.strip())
    )


def width_mm(text: str, points: float) -> float:
    """How wide a text is at a size."""
    return sum(_advance(character) for character in text) * points * POINT_MM


@cache
def _advance(character: str) -> float:
    """In parts of the size."""
    font = _font()
    return float(font.load_char(ord(character), flags=LoadFlags.NO_SCALE).horiAdvance) / font.units_per_EM


def wrapped(text: str, width: float, points: float) -> list[str]:
    """Break a text into lines of at most `width` millimetres."""
    lines, line = [], ""
    for word in _words(clean(text)):
        if line and width_mm(line + word, points) > width:
            lines.append(line.rstrip())
            line = ""
        line += word if line else word.lstrip()
    return [*lines, line.rstrip()] if line.strip() else lines


def _words(text: str) -> list[str]:
    """What stays together: a Chinese character, or a run of anything else with the space before it, and marks."""
    words: list[str] = []
    open_run = False
    for character in text:
        wide = ord(character) >= 0x2E80
        if words and (character in _NOT_FIRST or words[-1][-1] in _NOT_LAST):
            words[-1] += character
            open_run = not wide
        elif open_run and not wide and character != " ":
            words[-1] += character
        else:
            words.append(character)
            open_run = not wide
    return words
