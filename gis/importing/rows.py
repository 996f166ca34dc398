"""Rows of a file as regions: level, code, name, kind and village, each judged by itself and beside the others."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import shapely

from gis.boundaries import KIND_DIGITS, LEVELS, Kind, Level, level_of
from gis.errors import BadBoundaries
from gis.importing.fields import code_text, kind_of, level_of_word, mapping, text
from gis.importing.places import Places
from gis.importing.records import Choices, Fault
from gis.importing.tables import Table
from gis.importing.words import KIND_NAMES, fault

LONGEST_NAME, LONGEST_CODE = 100, 64
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
_OURS = re.compile(r"[0-9]{16}")
_TRUE = ("1", "true", "yes", "是", "t", "y")


@dataclass
class Row:
    """One region of the file. code: the file's own; village: 12 digits, once it is known; told: what the cells say."""

    number: int
    layer: str | None
    shape: shapely.Geometry | None
    level: Level
    code: str | None
    name: str
    kind: Kind | None = None
    village: str | None = None
    synthetic: bool = False
    told: dict[str, str] = field(default_factory=dict)
    unread: bool = False
    opened: bool = False
    new_code: str = ""

    def found(self, kind: str, geometry: shapely.Geometry | None = None, **told: object) -> Fault:
        """A finding in this row."""
        repairable, repaired = bool(told.pop("repairable", False)), bool(told.pop("repaired", False))
        return fault(
            kind, self.number, self.code, geometry, repairable=repairable, repaired=repaired, layer=self.layer, **told
        )


def rows_of(
    tables: Sequence[Table], choices: Choices, places: Places
) -> tuple[list[Row], list[Fault], dict[str, str | None]]:
    """All rows with what can be told from each alone, what is wrong with them, and the mapping of the grids' table."""
    rows: list[Row] = []
    faults: list[Fault] = []
    several = len(tables) > 1
    maps = [mapping(table, choices.fields) for table in tables]
    for table, fields in zip(tables, maps, strict=True):
        own = _rows(table, fields, table.layer if several else None, faults, places)
        rows += own
    largest = max(
        range(len(tables)),
        key=lambda n: sum(row.level == "grid" for row in rows if row.layer in (None, tables[n].layer)),
    )
    return rows, faults, maps[largest]


def _rows(
    table: Table, fields: Mapping[str, str | None], layer: str | None, faults: list[Fault], places: Places
) -> list[Row]:
    empty = [None] * len(table)
    cells = {ours: table.columns[theirs] if theirs else empty for ours, theirs in fields.items()}
    codes = [code_text(value) for value in cells["code"]]
    default = _level_of_layer(table, codes, places)
    rows = []
    for n, number in enumerate(table.rows):
        told = {
            ours: value
            for ours in ("kind", "level", "parent", "village", "town")
            if (value := text(cells[ours][n])) is not None
        }
        name = text(cells["name"][n]) or ""
        level = default
        if "level" in told:
            found = level_of_word(told["level"])
            if found is None:
                faults.append(fault("level-unknown", number, codes[n], layer=layer, found=told["level"][:40]))
            level = found or default
        row = Row(
            number,
            layer,
            table.shapes[n],
            level,
            codes[n],
            name,
            told=told,
            unread=bool(table.unread[n]),
            opened=bool(table.opened[n]),
            synthetic=(text(cells["synthetic"][n]) or "").lower() in _TRUE,
        )
        if fields["code"] and (fields["code"], n) in table.numbers_cut:
            faults.append(row.found("code-cut", found=str(codes[n])))
            row.code = None
        elif fields["code"] and codes[n] is None:
            faults.append(row.found("code-missing"))
        if fields["name"] and not name:
            faults.append(row.found("name-missing"))
        if len(name) > LONGEST_NAME:
            faults.append(row.found("name-too-long", limit=LONGEST_NAME))
        rows.append(row)
    return rows


def _level_of_layer(table: Table, codes: Sequence[str | None], places: Places) -> Level:
    """By the layer's name; else, where its codes are those of known villages or towns, by them; else grids."""
    told = level_of_word(table.layer)
    sound = [code for code in codes if code]
    if any(len(code) == 16 for code in sound):
        return "grid"
    for level in LEVELS[:3]:
        # Grids that only name their village repeat its code.
        if sound and len(set(sound)) == len(sound) and all(places.is_a(level, code) for code in sound):
            return level
    return told or "grid"


# Codes


def judge_codes(rows: Sequence[Row]) -> list[Fault]:
    """Malformed and repeated codes. Where most grids have our sixteen digits, all of them must."""
    faults = []
    grids = [row for row in rows if row.level == "grid" and row.code]
    ours = sum(_OURS.fullmatch(row.code or "") is not None for row in grids) * 2 >= max(len(grids), 1)
    for row in rows:
        if row.code is None:
            continue
        if _SCIENTIFIC.fullmatch(row.code):
            faults.append(row.found("code-cut", found=row.code))
            row.code = None
        elif (
            len(row.code) > LONGEST_CODE
            or not row.code.isprintable()
            or (row.level == "grid" and ours and not is_grid_code(row.code))
        ):
            faults.append(row.found("code-malformed", found=row.code[:40]))
    first: dict[tuple[Level, str], Row] = {}
    for row in rows:
        if row.code is not None:
            other = first.setdefault((row.level, row.code), row)
            if other is not row:
                faults.append(row.found("code-duplicate", found=row.code, other=_place_of(other, row)))
    return faults


def _place_of(other: Row, row: Row) -> str:
    return str(other.number) if other.layer == row.layer else f"{other.number}（{other.layer}）"


def is_grid_code(code: str) -> bool:
    """Whether it has the form of our grids' codes."""
    return is_code("grid", code)


def is_code(level: Level, code: str) -> bool:
    """Whether it has the form of such a region's codes."""
    try:
        return level_of(code) == level
    except BadBoundaries:
        return False


# Kinds


def judge_kinds(rows: Sequence[Row]) -> list[Fault]:
    """Each grid's kind: as told, else by its code, its layer, its name; grids that tell none are urban-rural."""
    faults = []
    assumed = 0
    for row in rows:
        if row.level != "grid":
            continue
        by_code = KIND_DIGITS[row.code[12]] if row.code and is_grid_code(row.code) else None
        told = row.told.get("kind")
        kind = kind_of(told) if told else None
        if told and kind is None:
            kind = kind_of(row.name) if "专" in told or "special" in told.lower() else None
            if kind in (None, "urban_rural"):
                faults.append(row.found("kind-unknown", found=told[:40]))
                kind = None
        elif kind and by_code and kind != by_code:
            (told_zh, told_en), (code_zh, code_en) = KIND_NAMES[kind], KIND_NAMES[by_code]
            faults.append(
                row.found("kind-contradiction", told=told_zh, told_en=told_en, by_code=code_zh, by_code_en=code_en)
            )
        by_layer = kind_of(row.layer) if row.layer else None
        row.kind = kind or by_code or by_layer
        if row.kind is None:
            row.kind = "urban_rural"
            assumed += not told
    return faults + ([fault("kind-assumed", count=assumed)] if assumed else [])


def counted(rows: Sequence[Row]) -> dict[str, int]:
    """How many of each level, and of each kind of grids."""
    levels: Counter[str] = Counter(row.level for row in rows)
    kinds: Counter[str] = Counter(row.kind for row in rows if row.kind)
    return {level: levels[level] for level in LEVELS} | {kind: kinds[kind] for kind in KIND_NAMES}
