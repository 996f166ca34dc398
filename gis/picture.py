"""A picture of the county as plain data, worded already: `gis.maps` makes a page of it, `gis.plates` a sheet.

It can be sent to another process as JSON; drawing knows neither tickets nor a database nor a language's words.
"""

from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter

from gis.map_style import Hatch, Mark

Level = Literal["county", "town", "village", "grid", "cell"]
Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Look:
    """How an area is filled, or a place marked. Colours: `#rrggbb`; `mark`: the shape, for places only."""

    fill: str | None = None
    hatch: Hatch | None = None
    ink: str = "#374151"
    mark: Mark | None = None
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """An outline to draw, the first at the bottom. `wkb`: hexadecimal, WGS 84 degrees; `level` decides its line.

    `look`: which of the picture's looks fills it, none: only its line; `name`: written into it; `tip`: told on
    demand; `over`: lies over its neighbours (a school's grid), so its outline is none of the mosaic's.
    """

    level: Level
    wkb: str
    look: int | None = None
    name: str = ""
    tip: str = ""
    over: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    """A place to mark. lon, lat: WGS 84; `tip`: plain text, told on demand."""

    lon: float
    lat: float
    look: int
    tip: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the legend: which look, and what it means."""

    look: int
    words: str


@dataclass(frozen=True, slots=True)
class Legend:
    """`rule`: by what rule the classes were made, in words."""

    title: str
    entries: tuple[Entry, ...]
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The same numbers in words, the weightiest first. The first column is text, the others are figures.

    `left_out`: how to say that `{n}` rows found no room on the sheet.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """`facts`: source, date, edition of the map, projection, one line each; `mark`: the word synthetic, if it applies;
    `produced`: ISO, for the file's own date; `scale`: how to say the `{ratio}` of a sheet.
    """

    language: Language
    title: str
    subtitle: str
    looks: tuple[Look, ...]
    areas: tuple[Area, ...]
    dots: tuple[Dot, ...]
    legends: tuple[Legend, ...]
    table: Table | None
    facts: tuple[str, ...]
    mark: str
    north: str
    scale: str
    produced: str


AS_JSON = TypeAdapter(Picture)
