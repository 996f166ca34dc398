"""What can go wrong with a place.

GisError
├── BadCoordinates   the pair of numbers cannot be a place here (`reason` says why)
├── UnknownDatum     the coordinates are in a datum that nobody here knows
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
