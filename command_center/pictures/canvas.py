"""What every picture has: the ground, looks, words, and the frame of title, dates and sources."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from command_center.people.access import in_region
from command_center.people.models import User
from command_center.pictures.order import Order
from command_center.regions.editions import in_force, own_name
from command_center.regions.models import MapEdition, Outline, Region
from command_center.regions.paths import LEVELS, significant
from command_center.tickets.models import Ticket
from command_center.tickets.sight import visible_tickets
from gis.classes import Classes
from gis.map_style import LAND
from gis.metres import central_meridian
from gis.picture import Area, Dot, Entry, Language, Legend, Level, Look, Picture, Table

# A sheet of paper holds no more marks than this.
MOST_DOTS = 1500
LINED: tuple[Level, ...] = ("county", "town", "village", "grid")


class Place(NamedTuple):
    """A region with its outline. `wkb`: lon/lat degrees, WGS 84."""

    code: str
    name: str
    level: str
    kind: str | None
    synthetic: bool
    wkb: bytes


class Canvas:
    """A picture that is being made: what it is about, for whom, in which language, and what is on it so far."""

    def __init__(
        self,
        session: Session,
        order: Order,
        user: User | None,
        *,
        zone: ZoneInfo,
        now: datetime,
        language: Language,
        text: Callable[[str], str],
    ) -> None:
        """`text` looks a key up in `language`. user None: the operator, who sees everything."""
        self.session, self.order, self.user = session, order, user
        self.zone, self.now, self.language, self._text = zone, now, language, text
        self.region = order.region
        below = LEVELS[LEVELS.index(self.region.level) + 1 :]
        self.child = below[0] if below else "grid"
        self._looks: list[Look] = []
        self.synthetic = self.simulated = False
        self.areas: list[Area] = []
        self.dots: list[Dot] = []
        self.legends: list[Legend] = []
        self.table: Table | None = None
        self.notes: list[str] = []
        self.edition = ""

    def tell(self, key: str, **facts: Any) -> str:
        """A text of this room in the picture's language."""
        return self._text(f"pictures.{key}").format(**facts)

    def word(self, key: str) -> str:
        """A text of the house, such as a node's name."""
        return self._text(key)

    def look(self, look: Look) -> int:
        """The number of a look."""
        if look not in self._looks:
            self._looks.append(look)
        return self._looks.index(look)

    def mine(self, *more: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
        """Filter tickets to what the caller may see, to the region and to the category."""
        seen = visible_tickets(self.user) if self.user else true()
        category = self.order.category
        chosen = Ticket.condition_code.startswith(category.code, autoescape=True) if category else true()
        return (seen, in_region(Ticket, self.region.code), chosen, *more)

    def in_period(self) -> tuple[ColumnElement[bool], ...]:
        """Filter tickets to those reported in the period."""
        begin, end = self.order.span(self.zone)
        return Ticket.created_at >= begin, Ticket.created_at < end

    def places(self, level: str) -> Sequence[Place]:
        """The regions of a level in the chosen region that are on the map in force; special grids last."""
        inside = Region.code.startswith(significant(self.region.code), autoescape=True)
        rows = self.session.execute(
            select(Region.code, Region.name, Region.level, Region.kind, Region.synthetic, Outline.wkb)
            .join(Outline, Outline.region_code == Region.code)
            .where(inside, Region.level == level)
            .order_by(Region.code)
        )
        found = sorted((Place(*row) for row in rows), key=lambda place: (is_special(place.kind), place.code))
        self.synthetic |= any(place.synthetic for place in found)
        return found

    def add(self, place: Place, look: int | None = None, tip: str = "", named: bool | None = None) -> None:
        """Lay a region on the map; those directly below the chosen one get their names."""
        outermost = place.code == self.region.code
        show = named if named is not None else place.level == self.child and not outermost
        self.areas.append(
            Area(
                level=self._drawn_as(place.level),
                wkb=place.wkb.hex(),
                look=look,
                name=self.short(place.name) if show else "",
                tip=tip,
                over=is_special(place.kind),
            )
        )

    def _drawn_as(self, level: str) -> Level:
        """The chosen region's own line is a county's, those below it a town's and so on, whatever its level."""
        return LINED[max(LEVELS.index(level) - LEVELS.index(self.region.level), 0)]

    def short(self, name: str) -> str:
        """A grid's name without its village's, where that is the whole map."""
        return name.removeprefix(self.region.name) or name

    def land(self) -> None:
        """The chosen region as a pale ground."""
        look = self.look(Look(fill=LAND))
        for place in self.places(self.region.level):
            if place.code == self.region.code:
                self.add(place, look, named=False)

    def lines(self, finest: str | None = None) -> None:
        """The outlines down to a level, the coarsest on top; the chosen region's own as heavy as a county's."""
        coloured = {area.level for area in self.areas if area.look is not None}
        for level in reversed(LEVELS[LEVELS.index(self.child) : LEVELS.index(finest or self.child) + 1]):
            if self._drawn_as(level) not in coloured:
                for place in self.places(level):
                    self.add(place)
        for place in self.places(self.region.level):
            if place.code == self.region.code:
                self.areas.append(Area("county", place.wkb.hex()))

    def legend(self, title: str, entries: Iterable[tuple[int, str]], rule: str = "") -> None:
        """Add a legend; a class that nothing can fall into is no entry."""
        self.legends.append(Legend(title, tuple(Entry(look, words) for look, words in entries if words), rule))

    def rule(self, classes: Classes, *, whole: bool = False) -> str:
        """The class rule in words; breaks of whole numbers are not rounded."""
        said = self.tell(f"rule_{classes.rule}", n=len(classes))
        return said if whole else self.tell("rule_rounded", rule=said)

    def tell_old_grids(self) -> None:
        """Where closed tickets are counted by grid: they keep the one of their own time, also after a new edition."""
        edition = in_force(self.session)
        if edition is not None and edition.version > 1:
            self.notes.append(self.tell("note_old_grids"))

    def finish(self) -> Picture:
        """Put the frame around what was drawn."""
        order, local = self.order, self.now.astimezone(self.zone)
        category = order.category
        about = (category.name_en if self.language == "en" else category.name) if category else self.tell("all")
        edition = in_force(self.session)
        facts = [
            *self.notes,
            self.tell("source", at=f"{local:%Y-%m-%d %H:%M}", zone=self.zone.key),
            self.edition or (self.tell("edition_of", name=self.called(edition)) if edition else ""),
            self.tell("projection", meridian=self._meridian()),
            self.tell("drawn", at=f"{local:%Y-%m-%d}"),
        ]
        marks = [
            self.tell("synthetic") if self.synthetic else "",
            self.tell("simulated") if self.simulated else "",
        ]
        subtitle = self.tell(
            f"subtitle_{order.kind}",
            first=order.first.isoformat(),
            last=order.last.isoformat(),
            category=about,
            at=f"{local:%Y-%m-%d %H:%M}",
            cell=order.cell_m,
        )
        return Picture(
            language=self.language,
            title=self.tell(f"title_{order.kind}", region=self.region.name),
            subtitle=subtitle,
            looks=tuple(self._looks),
            areas=tuple(self.areas),
            dots=tuple(self.dots),
            legends=tuple(self.legends),
            table=self.table,
            facts=tuple(fact for fact in facts if fact),
            mark=self.tell("and").join(mark for mark in marks if mark),
            north=self.tell("north"),
            scale=self.tell("scale", ratio="{ratio}"),
            produced=local.isoformat(timespec="seconds"),
        )

    def called(self, edition: MapEdition) -> str:
        """An edition by its number, and by its name where that says more."""
        number = self.tell("edition_number", version=edition.version)
        name = own_name(edition)
        return self.tell("edition_name", number=number, name=name) if name else number

    def _meridian(self) -> int:
        shapes = [shapely.from_wkb(bytes.fromhex(area.wkb)) for area in self.areas if area.level == "county"]
        return central_meridian(np.array(shapes or [shapely.Point(self.region.lon, self.region.lat)]))


def is_special(kind: str | None) -> bool:
    """A school's or an enterprise's grid lies over urban-rural ones."""
    return kind not in (None, "urban_rural")


def ranges(classes: Classes, spelt: Callable[[float], str], *, whole: bool = False, least: float = 0) -> list[str]:
    """Say from where to where each class reaches; whole numbers are said with the last one included."""
    ends = [None, *classes.breaks, None]
    words = []
    for low, high in pairwise(ends):
        if whole and high is not None:
            first, last = (least if low is None else low), high - 1
            words.append(spelt(first) if first >= last else f"{spelt(first)} – {spelt(last)}")
        elif low is None:
            words.append(f"< {spelt(high)}" if high is not None else f"≥ {spelt(least)}")
        else:
            words.append(f"{spelt(low)} – {spelt(high)}" if high is not None else f"≥ {spelt(low)}")
    return words
