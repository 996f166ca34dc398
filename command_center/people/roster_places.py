"""Which grid, village, town or department a roster means: by our code, by the county's own code, or by name."""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import column, select, table
from sqlalchemy.orm import Session

from command_center.people.roster_faults import Fault
from command_center.people.roster_file import Row
from command_center.regions.models import Region
from command_center.regions.paths import contains

# People and categories stand side by side and do not import each other: the table is only named.
DEPARTMENTS = table("departments", column("code"), column("name"))
MOST_TOLD = 4
OFFICES = ("村民委员会", "村委会", "居民委员会", "居委会", "办事处", "人民政府")


def plain(text: str) -> str:
    """A name as it is compared: without spaces, full-width letters made narrow."""
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()


def short(text: str) -> str:
    """A village's or town's name without its office: 腰屯村委会 is 腰屯村, 钢都街道办事处 is 钢都街道."""
    name = plain(text)
    for office in OFFICES:
        name = name.removesuffix(office)
    return f"{name}村" if plain(text).endswith(("村委会", "村村民委员会")) and not name.endswith("村") else name


@dataclass(frozen=True)
class Place:
    """A region in force, as the roster needs it."""

    code: str
    name: str
    source_code: str | None


class Places:
    """All regions in force and all departments, to be found by code or name."""

    def __init__(self, session: Session) -> None:
        rows = session.execute(
            select(Region.code, Region.name, Region.level, Region.source_code)
            .where(Region.retired_at.is_(None))
            .order_by(Region.code)
        ).all()
        self.grids = [Place(code, name, source) for code, name, level, source in rows if level == "grid"]
        self.county = next((code for code, _, level, _ in rows if level == "county"), "")
        village_names = {code: name for code, name, level, _ in rows if level == "village"}
        self._grids = _keyed(self.grids, plain)
        for grid in self.grids:
            # 富丽社区第1网格 is 第1网格 to whoever names the village beside it.
            within = plain(grid.name).removeprefix(short(village_names.get(grid.code[:12], "")))
            if within and within != plain(grid.name):
                self._grids[within].append(grid)
        upper: dict[str, list[Place]] = {level: [] for level in ("village", "town")}
        for code, name, level, source in rows:
            if level in upper:
                upper[level].append(Place(code, name, source))
        self._villages, self._towns = (_keyed(upper[level], short) for level in ("village", "town"))
        departments = session.execute(select(DEPARTMENTS.c.code, DEPARTMENTS.c.name)).all()
        self._departments = {plain(name): code for code, name in departments} | {
            plain(code): code for code, _ in departments
        }

    def grid(self, row: Row) -> str | Fault:
        """The code of the grid that a row names, or what is wrong."""
        if not row.grid:
            return Fault.of(row.row, "grid-missing")
        within = self._within(row)
        if isinstance(within, Fault):
            return within
        found = self._grids.get(plain(row.grid), [])
        inside = _inside(found, within)
        if found and not inside:
            place = row.village or row.town
            return Fault.of(row.row, "grid-elsewhere", row.grid[:32], value=row.grid, place=place)
        if len(inside) > 1:
            told = "、".join(grid.code for grid in inside[:MOST_TOLD]) + ("…" if len(inside) > MOST_TOLD else "")
            return Fault.of(row.row, "grid-ambiguous", row.grid[:32], value=row.grid, count=len(inside), codes=told)
        return inside[0].code if inside else Fault.of(row.row, "unknown-grid", row.grid[:32], value=row.grid)

    def village(self, row: Row) -> str | Fault:
        if not row.village:
            return Fault.of(row.row, "village-missing")
        towns = self._towns_of(row)
        if isinstance(towns, Fault):
            return towns
        found = _inside(self._villages.get(short(row.village), []), towns)
        if len(found) > 1:
            return Fault.of(row.row, "village-ambiguous", value=row.village, count=len(found))
        return found[0].code if found else Fault.of(row.row, "unknown-village", value=row.village)

    def town(self, row: Row) -> str | Fault:
        if not row.town:
            return Fault.of(row.row, "town-missing")
        found = self._towns.get(short(row.town), [])
        return found[0].code if found else Fault.of(row.row, "unknown-town", value=row.town)

    def department(self, row: Row) -> str | Fault:
        if not row.department:
            return Fault.of(row.row, "department-missing")
        code = self._departments.get(plain(row.department))
        return code or Fault.of(row.row, "unknown-department", value=row.department)

    def _within(self, row: Row) -> Sequence[str] | Fault:
        """The codes of the villages, or else towns, in which the row's grid should lie; none when nothing is said."""
        towns = self._towns_of(row)
        if isinstance(towns, Fault) or not row.village:
            return towns
        found = _inside(self._villages.get(short(row.village), []), towns)
        # Several villages of one name: the grid's own name or code may still tell which.
        return [village.code for village in found] or Fault.of(row.row, "unknown-village", value=row.village)

    def _towns_of(self, row: Row) -> Sequence[str] | Fault:
        if not row.town:
            return []
        found = self._towns.get(short(row.town), [])
        return [town.code for town in found] or Fault.of(row.row, "unknown-town", value=row.town)


def _keyed(places: Iterable[Place], key_of: Callable[[str], str]) -> defaultdict[str, list[Place]]:
    """Places by code, own code and name; the same place once under each key."""
    keyed: defaultdict[str, list[Place]] = defaultdict(list)
    for place in places:
        for key in {key_of(key) for key in (place.code, place.source_code, place.name) if key}:
            keyed[key].append(place)
    return keyed


def _inside(places: Sequence[Place], outer: Sequence[str]) -> list[Place]:
    found = {place.code: place for place in places if not outer or any(contains(code, place.code) for code in outer)}
    return list(found.values())
