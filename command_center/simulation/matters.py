"""What simulated people report, and in which words: read from `matters.json`, weighed by place and month.

A case condition without a line in the file is never reported; a line without its condition is ignored, so the
county may edit its categories.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

FILE = Path(__file__).with_name("matters.json")


@dataclass(frozen=True)
class Matter:
    """One line of the file: how often, where and in which months it is reported, and texts to fill in."""

    condition: str
    weight: float
    where: frozenset[str]
    months: frozenset[int]
    texts: tuple[str, ...]


class Matters:
    """Chooses what is reported. `known`: the codes of the active case conditions."""

    def __init__(self, known: Collection[str]) -> None:
        document = _document()
        self._places: dict[str, list[str]] = document["places"]
        self._notes: dict[str, list[str]] = document["notes"]
        self._matters = [_matter(line) for line in document["matters"] if line["condition"] in known]
        self._tables: dict[tuple[str, int], tuple[list[Matter], list[float]]] = {}

    def choose(self, where: str, month: int, rng: Random) -> Matter:
        """Choose what somebody meets in a place of this kind (urban, rural, school, enterprise) in this month."""
        matters, weights = self._table(where, month)
        return rng.choices(matters, weights)[0]

    def kindred(self, condition: str, rng: Random) -> str | None:
        """Choose another case condition of the same major class: what a report was really about."""
        major, minor = condition[:2], condition[:4]
        others = [m.condition for m in self._matters if m.condition[:2] == major and m.condition[:4] != minor]
        return rng.choice(others) if others else None

    def describe(self, matter: Matter, where: str, rng: Random) -> str:
        """Word a report. Nobody's name, number or address is in it."""
        text = rng.choice(matter.texts)
        return text.replace("{place}", rng.choice(self._places[where])).replace("{n}", str(rng.randint(2, 9)))

    def note(self, occasion: str, rng: Random) -> str:
        """Word what somebody writes beside an action; occasion: a key of `notes` in the file."""
        return rng.choice(self._notes[occasion])

    def _table(self, where: str, month: int) -> tuple[list[Matter], list[float]]:
        key = (where, month)
        if key not in self._tables:
            fitting = [m for m in self._matters if where in m.where and (not m.months or month in m.months)]
            fitting = fitting or self._matters
            self._tables[key] = fitting, [m.weight for m in fitting]
        return self._tables[key]


def _matter(line: dict[str, Any]) -> Matter:
    return Matter(
        condition=line["condition"],
        weight=line["weight"],
        where=frozenset(line["where"]),
        months=frozenset(line.get("months", ())),
        texts=tuple(line["texts"]),
    )


@lru_cache(maxsize=1)
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return document
