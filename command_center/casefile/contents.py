"""What stands in a case file: plain data, in the reader's language already, as JSON between two processes."""

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass


@dataclass(frozen=True)
class Fact:
    """One line `label: value`."""

    label: str
    value: str


@dataclass(frozen=True)
class Section:
    """A titled list of facts; `note` stands below them in small print."""

    title: str
    facts: tuple[Fact, ...]
    note: str = ""


@dataclass(frozen=True)
class Photo:
    """One photo. `path`: the stored copy, which may be missing or broken."""

    path: str
    caption: str


@dataclass(frozen=True)
class Shape:
    """One outline of the little map. `kind`: village, grid or own (the ticket's grid); `wkb`: hexadecimal."""

    kind: str
    wkb: str


@dataclass(frozen=True)
class Map:
    """The place of the matter. lon, lat: degrees, WGS 84. `note`: what the reader must know of the outlines."""

    lon: float
    lat: float
    shapes: tuple[Shape, ...]
    caption: str
    note: str
    north: str


@dataclass(frozen=True)
class Entry:
    """One event of the timeline. `when`: date, then time with zone; `moved`: from → to, empty when it stayed."""

    n: int
    when: tuple[str, str]
    who: tuple[str, ...]
    what: str
    moved: str
    note: str
    facts: tuple[Fact, ...]
    hash: str


@dataclass(frozen=True)
class CaseFile:
    """Everything, in the order of the page. `page` has `{page}` and `{pages}`; `sealed` is a sound chain's verdict."""

    language: str
    county: str
    title: str
    number: str
    subtitle: str
    status: str
    banner: str
    produced: str
    produced_at: str
    page: str
    matter: Section
    place: Section
    map: Map
    clocks: Section
    standing: Section
    photos_title: str
    photos: tuple[Photo, ...]
    photo_missing: str
    nothing: str
    timeline_title: str
    timeline_heads: tuple[str, str, str, str]
    timeline_note: str
    note_label: str
    timeline: tuple[Entry, ...]
    chain: Section
    sound: bool
    verdict: str
    how_to_check: str


AS_JSON: TypeAdapter[CaseFile] = TypeAdapter(CaseFile)
