"""What became of each outline from one edition of a map to the next, told from the areas they share.

Areas are taken in the projected plane, in square metres; nothing is guessed from names or codes. Outlines are compared
with those of their own rank: towns with towns, urban-rural grids with urban-rural grids, special grids with special
ones. Of an old outline O and a new one N that share an area, `share_of_old` is that area ÷ O, `share_of_new` it ÷ N.

1. They are linked when either share is at least LINK (5 %); less is a line drawn a little differently.
2. N is a child of O when share_of_new is at least HALF (50 %); O is a parent of N when share_of_old is.
3. `split`: N is a child of O, and O has several. `merged`: O is a parent of N, and N has several; `split` goes first.
4. Else both shares at least HALF: `recoded` under another code; under the same one `kept`, when both are at least
   SAME (99.9 %), or `changed`.
5. Every other link is `changed`: a strip that went from one to the other.
6. A code in both editions always has a line with itself. A code that went, and is in no split, merger or re-coding, is
   `retired`; one that came, likewise, `new`: these lines have no partner and no shares.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.metres import local_projection

LINK, HALF, SAME = 0.05, 0.5, 0.999
RANKS = ("county", "town", "village", "grid", "special")
_DIGITS = 6

How = Literal["kept", "changed", "recoded", "split", "merged", "new", "retired"]
HOWS: tuple[How, ...] = ("kept", "changed", "recoded", "split", "merged", "new", "retired")
Shares = tuple[float, float]
Geometries = NDArray[np.object_]


class Outlined(Protocol):
    """A region with its outline, as far as its descent is told from it."""

    @property
    def code(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def kind(self) -> str | None: ...


class Descent(NamedTuple):
    """One line: what of `old` became part of `new`. None: there was none before, or there is none now."""

    old: str | None
    new: str | None
    how: How
    share_of_old: float | None
    share_of_new: float | None


@dataclass(frozen=True, slots=True)
class Outlines:
    """One edition as arrays: `codes` and `shapes` belong together, by rank; WGS 84 degrees."""

    codes: Mapping[str, list[str]]
    shapes: Mapping[str, Geometries]

    @classmethod
    def of(cls, rows: Sequence[Outlined], shapes: Iterable[shapely.Geometry]) -> "Outlines":
        """Sort regions and their shapes by rank, then code."""
        found: dict[str, list[tuple[str, shapely.Geometry]]] = defaultdict(list)
        for row, shape in zip(rows, shapes, strict=True):
            found[rank_of(row)].append((row.code, shape))
        for pairs in found.values():
            pairs.sort(key=lambda pair: pair[0])
        return cls(
            {rank: [code for code, _ in pairs] for rank, pairs in found.items()},
            {rank: np.array([shape for _, shape in pairs], dtype=object) for rank, pairs in found.items()},
        )


def rank_of(row: Outlined) -> str:
    """Name the outlines a region is compared with: its level's, or those of special grids."""
    return "special" if row.kind not in (None, "urban_rural") else row.level


def descents(old: Outlines, new: Outlines) -> list[Descent]:
    """Tell what became of every outline; by rank, then old code, then new code, what is new last."""
    return [line for rank in RANKS for line in _of_rank(rank, old, new)]


def same(first: Geometries, second: Geometries) -> NDArray[np.bool_]:
    """Say pair by pair whether two outlines have the very same vertices, wherever their rings begin."""
    return np.asarray(shapely.equals_exact(shapely.normalize(first), shapely.normalize(second), 0.0), np.bool_)


def _of_rank(rank: str, old: Outlines, new: Outlines) -> list[Descent]:
    was, now = old.codes.get(rank, []), new.codes.get(rank, [])
    shares = _shares(was, old.shapes.get(rank, np.array([], object)), now, new.shapes.get(rank, np.array([], object)))
    return _told(was, now, shares)


def _shares(was: Sequence[str], old: Geometries, now: Sequence[str], new: Geometries) -> dict[tuple[str, str], Shares]:
    """The shares of all pairs that have an area in common. Unchanged outlines are not measured: they share all."""
    at = {code: number for number, code in enumerate(now)}
    both = [(number, at[code]) for number, code in enumerate(was) if code in at]
    firsts, seconds = np.array(both, np.int64).reshape(-1, 2).T
    untouched = same(old[firsts], new[seconds]) if len(both) else np.zeros(0, np.bool_)
    found = {(was[i], now[j]): (1.0, 1.0) for i, j in zip(firsts[untouched], seconds[untouched], strict=True)}
    left = np.setdiff1d(np.arange(len(was)), firsts[untouched])
    right = np.setdiff1d(np.arange(len(now)), seconds[untouched])
    if not len(left) or not len(right):
        return found
    to_metres = local_projection(np.concatenate([old[left], new[right]])).transform
    flat_old = shapely.transform(old[left], to_metres, interleaved=False)
    flat_new = shapely.transform(new[right], to_metres, interleaved=False)
    i, j = shapely.STRtree(flat_new).query(flat_old, predicate="intersects")
    shared = shapely.area(shapely.intersection(flat_old[i], flat_new[j]))
    of_old, of_new = shared / shapely.area(flat_old)[i], shared / shapely.area(flat_new)[j]
    for a, b, first, second in zip(left[i], right[j], of_old, of_new, strict=True):
        if first > 0.0:
            found[was[a], now[b]] = (_share(first), _share(second))
    return found


def _share(exact: float) -> float:
    return min(round(float(exact), _DIGITS), 1.0)


def _told(was: Sequence[str], now: Sequence[str], shares: Mapping[tuple[str, str], Shares]) -> list[Descent]:
    linked = {pair: both for pair, both in sorted(shares.items()) if max(both) >= LINK}
    children: dict[str, set[str]] = defaultdict(set)
    parents: dict[str, set[str]] = defaultdict(set)
    for (old, new), (of_old, of_new) in linked.items():
        if of_new >= HALF:
            children[old].add(new)
        if of_old >= HALF:
            parents[new].add(old)

    def how(old: str, new: str) -> How:
        if new in children[old] and len(children[old]) > 1:
            return "split"
        if old in parents[new] and len(parents[new]) > 1:
            return "merged"
        if new in children[old] and old in parents[new] and old != new:
            return "recoded"
        return "kept" if old == new and min(linked[old, new]) >= SAME else "changed"

    lines = [Descent(old, new, how(old, new), *both) for (old, new), both in linked.items()]
    lines += [
        Descent(code, code, "changed", *shares.get((code, code), (0.0, 0.0)))
        for code in sorted(set(was) & set(now))
        if (code, code) not in linked
    ]
    followed = [line for line in lines if line.how in ("split", "merged", "recoded")]
    gone = sorted(set(was) - set(now) - {str(line.old) for line in followed})
    come = sorted(set(now) - set(was) - {str(line.new) for line in followed})
    lines += [Descent(code, None, "retired", None, None) for code in gone]
    lines += [Descent(None, code, "new", None, None) for code in come]
    return sorted(lines, key=lambda line: (line.old is None, line.old or "", line.new is None, line.new or ""))


def heirs(lines: Iterable[Descent], gone: Iterable[str]) -> dict[str, list[Descent]]:
    """List for each code that went the outlines that have its land now, the greatest part first, ties by code."""
    wanted = set(gone)
    found: dict[str, list[Descent]] = defaultdict(list)
    for line in lines:
        if line.old in wanted and line.new is not None:
            found[str(line.old)].append(line)
    for own in found.values():
        own.sort(key=lambda line: (-(line.share_of_old or 0.0), line.new or ""))
    return dict(found)
