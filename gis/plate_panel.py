"""The panel of a sheet: legends and the table, in columns, never cut within a legend."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.patches import Rectangle

from gis.lettering import POINT_MM, clean, width_mm, wrapped
from gis.map_style import PRINTED
from gis.picture import Look, Picture
from gis.plate import GREY, INK, MARKERS, Plate


@dataclass(frozen=True)
class Line:
    """A line of a column of the panel: how high it is, and how it is drawn at its lower left corner."""

    height: float
    draw: Callable[[float, float], None]


Block = list[Line]
"""Lines that stand together in one column: a legend, a table's head with its first row, another row."""


def _blocks(plate: Plate, picture: Picture, width: float) -> list[Block]:
    """The panel's contents: legends, then the table, row by row."""
    found: list[Block] = []
    for legend in picture.legends:
        block = _words(plate, legend.title, width, 9, INK, above=1.5)
        for entry in legend.entries:
            block += _entry(plate, picture.looks[entry.look], entry.words, width)
        found.append(block + _words(plate, legend.rule, width, 6.8, GREY, above=0.8))
    table = picture.table
    if table:
        wide = _column_widths(plate, table.heads, table.rows, width)
        rows = [[_row(plate, row, wide, INK)] for row in table.rows]
        head = [*_words(plate, table.title, width, 9, INK, above=2.5), _row(plate, table.heads, wide, GREY)]
        found += [head + (rows[0] if rows else []), *rows[1:]]
    return found


def _words(plate: Plate, text: str, width: float, points: float, colour: str, above: float) -> list[Line]:
    u, size = plate.unit, points * plate.unit
    lines = []
    for n, text_line in enumerate(wrapped(text, width, size)):
        high = size * POINT_MM * 1.4 + (above * u if n == 0 else 0)

        def draw_it(x: float, y: float, text_line: str = text_line) -> None:
            plate.text(x, y + size * POINT_MM * 0.25, text_line, size, colour)

        lines.append(Line(high, draw_it))
    return lines


def _entry(plate: Plate, look: Look, words: str, width: float) -> list[Line]:
    u, size = plate.unit, 8 * plate.unit
    lines = []
    for n, text_line in enumerate(wrapped(words, width - 10 * u, size)):

        def draw_it(x: float, y: float, text_line: str = text_line, first: bool = n == 0) -> None:
            if first:
                _swatch(plate, look, x, y + 0.4 * u)
            plate.text(x + 10 * u, y + 1.2 * u, text_line, size)

        lines.append(Line(size * POINT_MM * 1.55 if n == 0 else size * POINT_MM * 1.3, draw_it))
    return lines


def _swatch(plate: Plate, look: Look, x: float, y: float) -> None:
    u = plate.unit
    if look.mark:
        plate.page.plot(
            [x + 3.5 * u], [y + 1.8 * u], MARKERS[look.mark], color=look.fill, ms=5 * u, mec="white", mew=0.4 * u
        )
        return
    box = Rectangle((x, y), 7 * u, 3.4 * u, facecolor=look.fill or "none", edgecolor=look.ink, linewidth=0.4 * u)
    if look.hatch:
        box.set(hatch=PRINTED[look.hatch], hatchcolor=look.ink)
    if look.dashed:
        box.set(linestyle=(0, (4, 2)), linewidth=1.1 * u)
    plate.page.add_patch(box)


def _column_widths(
    plate: Plate, heads: Sequence[str], rows: Sequence[Sequence[str]], width: float
) -> list[tuple[float, float]]:
    """Left and right edge of each column: figures as wide as they need, the names get the rest."""
    points, gap = 7.2 * plate.unit, 2.2 * plate.unit
    needed = [max(width_mm(clean(row[n]), points) for row in (heads, *rows)) + gap for n in range(1, len(heads))]
    edges, right = [], width
    for one in reversed(needed):
        edges.append((right - one, right))
        right -= one
    return [(0.0, right), *reversed(edges)]


def _row(plate: Plate, cells: Sequence[str], wide: Sequence[tuple[float, float]], colour: str) -> Line:
    u, size = plate.unit, 7.2 * plate.unit
    high = size * POINT_MM * 1.5

    def draw_it(x: float, y: float) -> None:
        plate.page.plot([x, x + wide[-1][1]], [y, y], color="#dbe1e8", linewidth=0.35 * u)
        for n, (cell, (left, right)) in enumerate(zip(cells, wide, strict=True)):
            if n == 0:
                plate.text(x + left, y + size * POINT_MM * 0.3, _cut(cell, right - left, size), size, colour)
            else:
                plate.text(x + right, y + size * POINT_MM * 0.3, cell, size, colour, align="right")

    return Line(high, draw_it)


def _cut(text: str, width: float, points: float) -> str:
    text = clean(text)
    while text and width_mm(text, points) > width:
        text = f"{text[:-2]}…" if len(text) > 2 else ""
    return text


def panel_depth(plate: Plate, picture: Picture, width: float, columns: int) -> float:
    """How deep the panel must be when its contents are spread over columns."""
    blocks = _blocks(plate, picture, width)
    deep = sum(line.height for block in blocks for line in block) / columns
    while len(_flow(blocks, columns, deep)) < len(blocks):
        deep += plate.unit
    return deep + 0.1


def draw_panel(plate: Plate, picture: Picture, columns: Sequence[tuple[float, float]], top: float, low: float) -> None:
    """Draw the panel from the top, column by column; rows without room are told of."""
    blocks = _blocks(plate, picture, columns[0][1])
    count, deep = len(columns), top - low
    fitting = len(_flow(blocks, count, deep))
    if fitting < len(blocks) and picture.table:
        words = picture.table.left_out

        def told(left: int) -> Block:
            return _words(plate, words.format(n=left), columns[0][1], 6.8, GREY, above=0.5)

        while fitting and len(_flow([*blocks[:fitting], told(len(blocks))], count, deep)) <= fitting:
            fitting -= 1
        blocks = [*blocks[:fitting], told(len(blocks) - fitting)]
    for block, (column, used) in zip(blocks, _flow(blocks, count, deep), strict=False):
        y = top - used
        for line in block:
            y -= line.height
            line.draw(columns[column][0], y)


def _flow(blocks: Sequence[Block], columns: int, deep: float) -> list[tuple[int, float]]:
    """Where blocks stand: their column, and how much of it is used above them; as many as find room."""
    found = []
    column, used = 0, 0.0
    for block in blocks:
        height = sum(line.height for line in block)
        if used and used + height > deep:
            column, used = column + 1, 0.0
        if column == columns or height > deep:
            break
        found.append((column, used))
        used += height
    return found
