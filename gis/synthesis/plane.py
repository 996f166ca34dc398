"""The flat plane in which the synthetic county is planned, and noise upon it.

The plane is a plain scaling of degrees. It calls no projection library and no trigonometry, so that the same
seed gives the same bytes on every machine.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ORIGIN_LON, ORIGIN_LAT = 122.57, 40.63
METRES_PER_DEGREE_LON = 84_560.0
"""At 40.63° N on the WGS 84 ellipsoid; good to 0.5 % over the county, which is all that planning needs."""
METRES_PER_DEGREE_LAT = 111_045.0


def to_plane(lonlat: Floats) -> Floats:
    """Degrees, shape (n, 2), to metres from the origin."""
    return np.column_stack(
        [
            (lonlat[:, 0] - ORIGIN_LON) * METRES_PER_DEGREE_LON,
            (lonlat[:, 1] - ORIGIN_LAT) * METRES_PER_DEGREE_LAT,
        ]
    )


def to_degrees(xy: Floats) -> Floats:
    """Metres from the origin, shape (n, 2), to degrees."""
    return np.column_stack(
        [xy[:, 0] / METRES_PER_DEGREE_LON + ORIGIN_LON, xy[:, 1] / METRES_PER_DEGREE_LAT + ORIGIN_LAT]
    )


class Noise:
    """Smooth random heights over the plane, about -1 to 1; the same generator gives the same heights."""

    _SIZE = 256

    def __init__(self, rng: np.random.Generator) -> None:
        self._table = rng.uniform(-1.0, 1.0, (self._SIZE, self._SIZE))

    def at(self, xy: Floats, wavelength: float) -> Floats:
        """Height of one octave at each point. `wavelength`: metres between independent values."""
        u = xy / wavelength + 0.37 * self._SIZE
        low = np.floor(u)
        t = u - low
        # The quintic has no kink at the lattice lines, so bent borders do not show the lattice.
        s = t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
        i, j = (low.astype(np.int64) % self._SIZE).T
        i1, j1 = (i + 1) % self._SIZE, (j + 1) % self._SIZE
        sx, sy = s.T
        near = self._table[i, j] * (1 - sx) + self._table[i1, j] * sx
        far = self._table[i, j1] * (1 - sx) + self._table[i1, j1] * sx
        height: Floats = near * (1 - sy) + far * sy
        return height

    def fractal(self, xy: Floats, wavelength: float, octaves: int) -> Floats:
        """Sum of octaves, each half as long and half as high as the one before."""
        height = np.zeros(len(xy))
        for octave in range(octaves):
            shifted = xy + 7_919.0 * octave
            height += self.at(shifted, wavelength / 2**octave) / 2**octave
        return height
