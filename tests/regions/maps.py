"""New editions of the demo county's map for tests: a few grids of one village cut, joined, renamed or taken away."""

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Self

import pytest
import shapely

from command_center.regions import editions
from gis import boundaries
from gis.boundaries import Boundary
from tests.county import County

DATA = Path(__file__).resolve().parents[2] / "data"
VILLAGE = "210882004004"


@cache
def shipped() -> tuple[Boundary, ...]:
    """The county as it comes with the program."""
    return tuple(boundaries.load(DATA))


class Map:
    """A map in the making, begun from another one. Each step answers the map itself."""

    def __init__(self, begun: Iterable[Boundary] | None = None) -> None:
        self._by_code = {boundary.code: boundary for boundary in (shipped() if begun is None else begun)}

    def grids(self, village: str = VILLAGE, kind: str = "urban_rural") -> list[str]:
        """The codes of a village's grids."""
        return sorted(b.code for b in self._by_code.values() if b.parent_code == village and b.kind == kind)

    def __getitem__(self, code: str) -> Boundary:
        return self._by_code[code]

    def split(self, code: str, *into: str) -> Self:
        """Cut a grid from west to east into pieces as wide as each other."""
        whole = self._by_code.pop(code)
        west, south, east, north = whole.geometry.bounds
        step = (east - west) / len(into)
        for n, new in enumerate(into):
            strip = shapely.box(west + n * step, south - 1, west + (n + 1) * step, north + 1)
            piece = shapely.intersection(whole.geometry, strip)
            self._put(replace(whole, code=new, name=f"{whole.name}{n + 1}", geometry=piece))
        return self

    def merge(self, into: str, *codes: str) -> Self:
        """Join grids into one."""
        parts = [self._by_code.pop(code) for code in codes]
        shape = shapely.union_all([part.geometry for part in parts])
        self._put(replace(parts[0], code=into, geometry=shape))
        return self

    def recode(self, code: str, into: str) -> Self:
        """Give a region another code, below a parent that may be another one as well."""
        self._put(replace(self._by_code.pop(code), code=into))
        return self

    def rename(self, code: str, name: str) -> Self:
        self._by_code[code] = replace(self._by_code[code], name=name)
        return self

    def drop(self, code: str) -> Self:
        del self._by_code[code]
        return self

    def _put(self, boundary: Boundary) -> None:
        assert boundary.code not in self._by_code
        self._by_code[boundary.code] = replace(boundary, parent_code=boundaries.parent_code(boundary.code))

    def done(self) -> list[Boundary]:
        return sorted(self._by_code.values(), key=lambda boundary: boundary.code)


def a_new_code(village: str, number: int, kind: str = "1") -> str:
    """A grid's code that nobody has: numbers from 901 on."""
    return f"{village}{kind}{900 + number}"


def second_edition() -> Map:
    """Of the first village's grids: the first is split, the next two are joined, the fourth has a new code."""
    plan = Map()
    first, second, third, fourth = plan.grids()[:4]
    plan.split(first, a_new_code(VILLAGE, 1), a_new_code(VILLAGE, 2))
    plan.merge(a_new_code(VILLAGE, 3), second, third)
    return plan.recode(fourth, a_new_code(VILLAGE, 4))


def spied(county: County, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note of every comparison of two maps whether others can write meanwhile. SQLite only."""
    seen: list[str] = []
    descents = editions.descents

    def watched(*maps: Any) -> Any:
        other = sqlite3.connect(county.settings.home / "command_center.db", timeout=0, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            seen.append("while others can write")
        except sqlite3.OperationalError:
            seen.append("while others wait")
        finally:
            other.close()
        return descents(*maps)

    monkeypatch.setattr(editions, "descents", watched)
    return seen
