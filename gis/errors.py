"""What can go wrong with a place.

GisError
├── BadCoordinates   the pair of numbers cannot be a place here (`reason` says why)
├── UnknownDatum     the coordinates are in a datum that nobody here knows
├── BadBaseMap       a file of map tiles that browsers could not draw (`reason` says why)
├── TooFine          cells so small that a map would have too many of them (`width_m`)
├── Unreadable       a file that holds no outlines, or must not be opened (`reason` says why)
├── BadRoads         a file of roads or centers that cannot be used (`reason` says why)
├── OutsideCounty    a sound point, but too far from every grid (`distance_m` says how far)
└── BadBoundaries    outlines that cannot be used (`faults` lists all of them)
"""

from collections.abc import Sequence
from typing import Literal

CoordinateFault = Literal["not-a-number", "not-finite", "out-of-range", "swapped", "far-from-china"]


class GisError(Exception):
    """Anything this package refuses."""


class BadCoordinates(GisError):
    """The pair cannot be a place in China; `reason` is stable and meant for programs."""

    def __init__(self, reason: CoordinateFault, lon: object = None, lat: object = None) -> None:
        super().__init__(f"{reason}: lon={lon!r}, lat={lat!r}")
        self.reason: CoordinateFault = reason
        self.lon = lon
        self.lat = lat


class BadBaseMap(GisError):
    """No PMTiles archive that browsers could draw; `reason` is stable and meant for programs."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooFine(GisError):
    """Cells of `width_m` metres would be too many for one map."""

    def __init__(self, width_m: float) -> None:
        super().__init__(f"cells of {width_m:g} m are too many for this area")
        self.width_m = width_m


class Unreadable(GisError):
    """A file that cannot be read as outlines; `reason` is stable, `text` and `text_en` say what to do."""

    def __init__(self, reason: str, text: str, text_en: str) -> None:
        super().__init__(f"{reason}: {text_en}")
        self.reason = reason
        self.text = text
        self.text_en = text_en


class BadRoads(GisError):
    """A file of roads or centers that cannot be used at all; `reason` is stable and meant for programs."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnknownDatum(GisError):
    """The datum's name is none of `gis.datum.DATUMS`."""

    def __init__(self, datum: object) -> None:
        super().__init__(f"unknown datum: {str(datum)[:40]!r}")
        self.datum = datum


class OutsideCounty(GisError):
    """No grid within the allowed drift; `distance_m` is the way to the nearest one, in metres."""

    def __init__(self, distance_m: float) -> None:
        super().__init__(f"{distance_m:.0f} m outside of every grid")
        self.distance_m = distance_m


class BadBoundaries(GisError):
    """Outlines or codes with faults; every fault is in `faults`, so that one run shows them all."""

    def __init__(self, faults: Sequence[str]) -> None:
        shown = "; ".join(faults[:5])
        super().__init__(f"{len(faults)} faults: {shown}")
        self.faults = tuple(faults)
