"""Our 16-digit codes for a file's grids: kept where a grid is known, new ones from west to east, then north to south.

A code that was ever given out is never given to another grid.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

import shapely

from gis.boundaries import KIND_DIGITS
from gis.importing.places import Places
from gis.importing.records import Fault, Present
from gis.importing.rows import Row, is_grid_code
from gis.importing.tables import Shapes
from gis.importing.words import KIND_NAMES

DIGITS = {kind: digit for digit, kind in KIND_DIGITS.items()}
_MOST = 999


def recognise(rows: Sequence[Row], present: Present) -> None:
    """Give their code to grids that the county knows, by the file's own code or ours; by name in a file without codes.

    A grid that changed its village or its kind is another grid: its code would tell the wrong one.
    """
    grids = [b for b in present.boundaries if b.level == "grid"]
    ours = {b.code for b in grids}
    sources = Counter(b.source_code for b in grids if b.source_code)
    by_source = {b.source_code: b.code for b in grids if b.source_code and sources[b.source_code] == 1}
    names = Counter((b.parent_code, b.kind, b.name) for b in grids)
    by_name = {key: b.code for b in grids if names[key := (b.parent_code, b.kind, b.name)] == 1}
    mine = [row for row in rows if row.level == "grid"]
    without_codes = not any(row.code for row in mine)
    taken: set[str] = set()
    for row in mine:
        code = row.code or ""
        known = by_source.get(code) or (code if code in ours else "")
        if not known and is_grid_code(code) and code not in present.used_codes:
            known = code
        if not known and without_codes:
            known = by_name.get((row.village, row.kind, row.name), "")
        if known and known not in taken and row.village and row.kind and known[:13] == row.village + DIGITS[row.kind]:
            row.new_code = known
            taken.add(known)


def number(rows: Sequence[Row], shapes: Shapes, present: Present, places: Places) -> list[Fault]:
    """Give new codes to the grids that have none yet. shapes: sound, of the same length as rows."""
    faults = []
    used = set(present.used_codes) | {b.code for b in present.boundaries if b.level == "grid"}
    used |= {row.new_code for row in rows if row.level == "grid" and row.new_code}
    groups: dict[str, list[int]] = defaultdict(list)
    for n, row in enumerate(rows):
        if row.level == "grid" and not row.new_code and row.village and row.kind and shapes[n] is not None:
            groups[row.village + DIGITS[row.kind]].append(n)
    highest: dict[str, int] = defaultdict(int)
    for code in used:
        highest[code[:13]] = max(highest[code[:13]], int(code[13:]))
    for prefix, members in sorted(groups.items()):
        free = list(range(highest[prefix] + 1, _MOST + 1))
        # Numbers that were skipped come last.
        free += [n for n in range(1, highest[prefix]) if f"{prefix}{n:03d}" not in used]
        members.sort(key=lambda n: _from_the_north_west(shapes[n]))
        for n, sequence in zip(members, free, strict=False):
            rows[n].new_code = f"{prefix}{sequence:03d}"
        for n in members[len(free) :]:
            chinese, english = KIND_NAMES[rows[n].kind or ""]
            village = places.described(prefix[:12])
            faults.append(rows[n].found("codes-exhausted", village=village, kind_zh=chinese, kind_en=english))
    retired = present.used_codes - {b.code for b in present.boundaries}
    for row in rows:
        if row.level == "grid" and row.new_code and row.code in retired and row.code != row.new_code:
            faults.append(row.found("code-retired", found=row.code, new=row.new_code))
    return faults


def _from_the_north_west(shape: shapely.Geometry) -> tuple[float, float]:
    """The order of numbers: by centroid from west to east, then from north to south."""
    center = shapely.centroid(shape)
    return round(center.x, 5), -round(center.y, 5)
