"""Towns and villages by code and by name: those that the county has, and those that a file brings."""

import difflib
from collections import defaultdict
from collections.abc import Sequence

from gis.boundaries import Boundary, Level
from gis.importing.fields import bare_name


class Places:
    """Villages and towns by code and by name: those of the county, and those that the file brings."""

    def __init__(self, present: Sequence[Boundary]) -> None:
        self.names: dict[str, str] = {}
        self.levels: dict[str, Level] = {}
        self.by_source: dict[str, str] = {}
        for b in present:
            if b.level != "grid":
                self.add(b.code, b.name, b.level)
                if b.source_code:
                    self.by_source[b.source_code] = b.code

    def add(self, code: str, name: str, level: Level) -> None:
        """Make a region known; a later name takes the place of an earlier one."""
        self.names[code] = name
        self.levels[code] = level
        self._by_name: dict[tuple[Level, str], list[str]] | None = None

    def is_a(self, level: Level, code: str) -> bool:
        """Whether this is the code of a known region of the level."""
        return self.levels.get(code) == level

    def named(self, level: Level, name: str) -> list[str]:
        """Codes of all that bear a name: as written, else without what they are (村委会, 社区 …)."""
        if self._by_name is None:
            self._by_name = defaultdict(list)
            for code, own in self.names.items():
                for key in {own, bare_name(own)}:
                    self._by_name[self.levels[code], key].append(code)
        exact = [code for code in self._by_name.get((level, name), []) if self.names[code] == name]
        return exact or self._by_name.get((level, bare_name(name)), [])

    def described(self, code: str) -> str:
        """A village with its town: 腰屯村委会（百寨街道）."""
        town = self.names.get(code[:9] + "000")
        return f"{self.names.get(code, code)}（{town}）" if town else self.names.get(code, code)

    def like(self, name: str) -> list[str]:
        """Names of villages that are spelt nearly so."""
        return difflib.get_close_matches(name, [n for c, n in self.names.items() if self.is_a("village", c)], 3, 0.5)
