"""Which village, town or county each row means: by code, by name, or by where its outline lies."""

import re
from collections.abc import Mapping, Sequence

import shapely

from gis.boundaries import LEVELS, Level
from gis.importing.fields import code_text
from gis.importing.places import Places
from gis.importing.records import Fault, Present
from gis.importing.rows import Row, is_code, is_grid_code
from gis.importing.words import fault


def name_regions(rows: Sequence[Row], places: Places) -> list[Fault]:
    """Give the file's counties, towns and villages our twelve digits, and make them known."""
    faults = []
    for level in LEVELS[:3]:
        for row in rows:
            if row.level != level:
                continue
            row.new_code = _region_code(row, level, places)
            if not row.new_code:
                faults.append(row.found("parent-unknown", found=row.code or row.name, **_hints(row.name, places)))
                continue
            name = row.name or places.names.get(row.new_code, "")
            row.name = name
            places.add(row.new_code, name, level)
    counties = [code for code in places.levels if places.is_a("county", code)]
    for row in rows:
        if row.level in ("town", "village") and row.new_code:
            above = row.new_code[:6] + "000000" if row.level == "town" else row.new_code[:9] + "000"
            if above not in places.levels or (counties and row.new_code[:6] + "000000" not in counties):
                faults.append(row.found("parent-unknown", found=above, hint="", hint_en=""))
    return faults


def _region_code(row: Row, level: Level, places: Places) -> str:
    if row.code and is_code(level, row.code):
        return row.code
    if row.code and level == "county" and re.fullmatch(r"[0-9]{6}", row.code):
        return row.code + "000000"
    if row.code and level == "town" and re.fullmatch(r"[0-9]{9}", row.code) and is_code("town", row.code + "000"):
        return row.code + "000"
    if row.code in places.by_source:
        return places.by_source[row.code]
    named = _in_town(places.named(level, row.name), row.told, places) if row.name else []
    return named[0] if len(named) == 1 else ""


# Villages of grids


class Located:
    """Which villages a grid lies in by its place, where there are outlines that may be believed."""

    def __init__(self, outlines: Mapping[str, shapely.Geometry]) -> None:
        self._codes = list(outlines)
        self._tree = shapely.STRtree(list(outlines.values()))

    def of(self, shape: shapely.Geometry | None) -> list[str]:
        """Codes of the villages that its inner point lies in."""
        if shape is None or not len(self._codes) or shape.is_empty:
            return []
        return [self._codes[n] for n in self._tree.query(shapely.point_on_surface(shape), predicate="intersects")]


def find_villages(rows: Sequence[Row], places: Places, present: Present, located: Located) -> list[Fault]:
    """Each grid's village: by its columns, its code, what it was before, or where it lies."""
    faults: list[Fault] = []
    before = {b.source_code: b.parent_code for b in present.boundaries if b.level == "grid" and b.source_code}
    by_place = 0
    for row in rows:
        if row.level != "grid":
            continue
        by_code = row.code[:12] if row.code and is_grid_code(row.code) else None
        told, candidates = _told_village(row, places)
        if by_code and not places.is_a("village", by_code):
            faults.append(row.found("parent-unknown", found=by_code, **_hints("", places)))
        elif told and not candidates:
            faults.append(row.found("parent-unknown", found=told[:60], **_hints(told, places)))
        elif by_code and candidates and by_code not in candidates:
            faults.append(
                row.found(
                    "parent-contradiction", told=places.described(candidates[0]), by_code=places.described(by_code)
                )
            )
            row.village = candidates[0] if len(candidates) == 1 else by_code
        elif by_code:
            row.village = by_code
        elif len(candidates) == 1:
            row.village = candidates[0]
        elif candidates:
            here = [code for code in located.of(row.shape) if code in candidates]
            if len(here) == 1:
                row.village = here[0]
                by_place += 1
            else:
                choice = ", ".join(map(places.described, candidates))
                faults.append(
                    row.found("village-ambiguous", found=(told or "")[:60], count=len(candidates), choice=choice)
                )
        elif row.code and (known := before.get(row.code)) and places.is_a("village", known):
            row.village = known
        elif len(here := located.of(row.shape)) == 1:
            row.village = here[0]
            by_place += 1
        else:
            faults.append(row.found("parent-missing"))
    return faults + ([fault("village-by-place", count=by_place)] if by_place else [])


def _told_village(row: Row, places: Places) -> tuple[str | None, list[str]]:
    """What the columns say, and the villages that may be meant."""
    told = row.told.get("village") or row.told.get("parent")
    if told is None:
        return None, []
    digits = code_text(told) or ""
    if digits.isascii() and digits.isdecimal() and len(digits) >= 9:
        if places.is_a("village", digits):
            return told, [digits]
        if places.is_a("town", digits.ljust(12, "0")) and "village" not in row.told:
            return None, []
        return told, [places.by_source[digits]] if digits in places.by_source else []
    if digits in places.by_source:
        return told, [places.by_source[digits]]
    return told, _in_town(places.named("village", told), row.told, places)


def _in_town(villages: list[str], told: Mapping[str, str], places: Places) -> list[str]:
    """Those of the town that is named, if one is."""
    town = told.get("town") or (told.get("parent") if "village" in told else None)
    if town is None:
        return villages
    digits = code_text(town) or ""
    towns = [digits.ljust(12, "0")] if digits.isdecimal() and len(digits) >= 9 else places.named("town", town)
    return [code for code in villages if code[:9] + "000" in towns] if towns else villages


def _hints(name: str, places: Places) -> dict[str, str]:
    like = places.like(name) if name else []
    if not like:
        return {"hint": "请核对所属村的名称或 12 位编码。", "hint_en": "See to the village's name or 12-digit code."}
    return {"hint": f"是不是：{'、'.join(like)}？", "hint_en": f"Do you mean {', '.join(like)}?"}
