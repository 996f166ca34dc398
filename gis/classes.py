"""Five classes for a map: where they end, by which rule. What the legend prints is what is drawn with."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Rule = Literal["natural", "quantile", "mean"]
RULES: tuple[Rule, ...] = ("natural", "quantile")
MOST = 5
AWAY = (-0.10, -0.03, 0.03, 0.10)
"""How far the classes of a share lie from the mean, in parts of one; the dashboards' map uses the same."""
_FINEST = 600
"""Natural breaks are searched among so many values at most; of more, evenly ranked ones are taken."""


@dataclass(frozen=True, slots=True)
class Classes:
    """`breaks`: the lower ends of all classes but the first, ascending; a value on a break is in the class above."""

    rule: Rule
    breaks: tuple[float, ...]

    def of(self, value: float) -> int:
        """The class of a value, from 0."""
        return bisect_right(self.breaks, value)

    def __len__(self) -> int:
        return len(self.breaks) + 1


def load(values: Sequence[float], rule: Rule, whole: bool = False) -> Classes:
    """Classes of amounts by natural breaks (Fisher and Jenks) or quantiles, five or, of few values, fewer.

    Breaks lie between two values. Those of amounts that are not `whole` numbers are rounded down to two digits, or to
    as many as it takes to stay above the value before.
    """
    found = np.sort(np.asarray(values, dtype=float))
    if len(found) == 0 or found[0] == found[-1]:
        return Classes(rule, ())
    ends = sorted(set(_quantiles(found) if rule == "quantile" else _natural(found)))
    breaks = [(float(found[np.searchsorted(found, end) - 1]), end) for end in ends if end > found[0]]
    return Classes(rule, tuple(end if whole else _rounded(below, end) for below, end in breaks))


def around(mean: float) -> Classes:
    """Classes of a share around its mean: AWAY from it."""
    return Classes("mean", tuple(mean + away for away in AWAY))


def _rounded(below: float, value: float) -> float:
    """Of what lies above one value and not above the next, the number with the fewest digits, two at least."""
    for digits in range(2, 17):
        scale = 10.0 ** (digits - 1 - math.floor(math.log10(value))) if value > 0 else 1.0
        found = math.floor(value * scale) / scale
        if below < found <= value:
            return found
    return value


def _quantiles(values: NDArray[np.float64]) -> list[float]:
    """The values at or above each fifth; equal ones are never parted."""
    return [float(value) for value in np.quantile(values, np.arange(1, MOST) / MOST, method="higher")]


def _natural(values: NDArray[np.float64]) -> list[float]:
    """The breaks with the least squared distances within classes (Fisher 1958; Jenks 1977), exactly."""
    if len(values) > _FINEST:
        values = values[np.linspace(0, len(values) - 1, _FINEST).round().astype(int)]
    n = len(values)
    classes = min(MOST, len(np.unique(values)))
    sums, squares = (np.concatenate([[0.0], np.cumsum(values**power)]) for power in (1, 2))
    ends = np.arange(n + 1)
    # spread[i, j]: squared distances from their mean of the values i … j - 1.
    count = np.maximum(ends[None, :] - ends[:, None], 1)
    spread = (squares[None, :] - squares[:, None]) - (sums[None, :] - sums[:, None]) ** 2 / count
    spread = np.where(ends[None, :] > ends[:, None], np.maximum(spread, 0.0), np.inf)
    best = spread[0]
    cuts = []
    for _ in range(classes - 1):
        total = best[:, None] + spread
        cuts.append(np.argmin(total, axis=0))
        best = np.min(total, axis=0)
    breaks, end = [], n
    for cut in reversed(cuts):
        end = int(cut[end])
        breaks.append(float(values[end]))
    return breaks[::-1]
