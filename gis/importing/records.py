"""What goes into a survey of a county's own file, and what comes out of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import shapely

from gis.boundaries import Boundary

Tell = Callable[[str, int, int], object]
"""Progress: the step's name (`reading placing fields shapes tiling numbering`), done, of how many."""
Severity = Literal["fault", "note"]

GAP_M = 2.0
SLIVER_M2 = 100.0


@dataclass(frozen=True)
class Choices:
    """What a person said of the file; None is left to the file itself, and where it is silent, to a guess.

    crs: `wgs84`, `cgcs2000`, `gcj02`, `bd09`, or `EPSG:n`. encoding: of a Shapefile's or CSV's text. layer: its name,
    or a sheet's. fields: ours (`gis.importing.fields.OURS`) to theirs; a field that is to be left out has "".
    repair: mend what can be mended. add: the file is a part, to be added to what the county has.
    gap_m: gaps and overlaps up to this width are mended. sliver_m2: a grid below this area is one by mistake.
    """

    crs: str | None = None
    encoding: str | None = None
    layer: str | None = None
    fields: Mapping[str, str] | None = None
    repair: bool = False
    add: bool = False
    gap_m: float = GAP_M
    sliver_m2: float = SLIVER_M2


@dataclass(frozen=True)
class Present:
    """What the county has now. used_codes: of grids, those given up included: none of them is given out again."""

    boundaries: Sequence[Boundary] = ()
    used_codes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Fault:
    """One thing found in a file. `kind` is stable and meant for programs; `level` `note`: nothing to mend.

    row: as people count in that file (a sheet's line, else the feature's number from 1); None: of the whole file.
    code: the file's own, else ours. geometry: the offending part, WGS 84. layer: where the file has several.
    """

    row: int | None
    code: str | None
    kind: str
    text: str
    text_en: str
    geometry: shapely.Geometry | None = None
    repairable: bool = False
    repaired: bool = False
    level: Severity = "fault"
    layer: str | None = None

    @property
    def stands(self) -> bool:
        """Whether it keeps the file from being imported."""
        return self.level == "fault" and not self.repaired


@dataclass(frozen=True)
class Guess:
    """A coordinate reference that the file's numbers would fit. share: of its area that falls into the county."""

    crs: str
    name: str
    name_en: str
    share: float


@dataclass(frozen=True)
class Column:
    """One of the file's columns with its first different values."""

    name: str
    samples: tuple[str, ...] = ()


@dataclass(frozen=True)
class LayerFound:
    """One layer or sheet of the file. level: what its outlines are taken for, None: left out."""

    name: str
    rows: int
    level: str | None


@dataclass(frozen=True)
class Outline:
    """One outline as it was read, for the preview. Degrees, WGS 84."""

    row: int
    layer: str
    code: str | None
    name: str
    level: str
    kind: str | None
    geometry: shapely.Geometry


@dataclass(frozen=True)
class Survey:
    """What a file holds and what is wrong with it.

    boundaries: the complete edition, county, towns, villages and grids, when `ok`; else empty. counts: by level,
    and `urban_rural school enterprise` of grids. crs: the one used, None when it must be asked for; then `guesses` has
    what would fit, best first. crs_found: the file told it. fields: the mapping used, ours to theirs.
    outlines: what was read, faulty rows included, for a preview. new, kept: grids given a new code, or known before.
    """

    boundaries: tuple[Boundary, ...] = ()
    faults: tuple[Fault, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    crs: str | None = None
    crs_found: bool = False
    encoding: str | None = None
    fields: dict[str, str | None] = field(default_factory=dict)
    columns: tuple[Column, ...] = ()
    layers: tuple[LayerFound, ...] = ()
    ok: bool = False
    guesses: tuple[Guess, ...] = ()
    outlines: tuple[Outline, ...] = ()
    kept: int = 0
    new: int = 0
    format: str = ""
    choices: Choices = field(default_factory=Choices)
