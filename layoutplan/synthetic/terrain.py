"""Transformation of the abstract plane to the map: long curves, and meanders along corridors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyproj

from layoutplan.arrays import FloatArray
from layoutplan.synthetic.lattice import RoadGrid

CRS: Final = "EPSG:4547"
"""CGCS2000 / 3-degree Gauss-Kruger CM 114E, the projected system of Zhengzhou."""
CENTRE: Final = (113.55, 34.80)
"""Longitude and latitude (WGS 84) of the centre of the city, in Zhengzhou's High-tech Zone."""
_TURN_DEGREES: Final = -7.0
# amplitude, wavelength and fall-off (m) of the shift along a corridor; the total slope stays below 1
_MEANDER: Final = {
    "river": (170.0, 3_300.0, 1_300.0),
    "railway": (520.0, 13_000.0, 3_000.0),
    "expressway": (420.0, 11_000.0, 3_000.0),
}


@dataclass(frozen=True, slots=True)
class _Wave:
    """A shift along (dx, dy) that varies as a sine along (kx, ky)."""

    dx: float
    dy: float
    kx: float
    ky: float
    phase: float


@dataclass(frozen=True, slots=True)
class _Meander:
    vertical: bool
    at: float
    amplitude_m: float
    wavelength_m: float
    falloff_m: float
    phase: float


@dataclass(frozen=True, slots=True)
class Terrain:
    """A smooth one-to-one transformation from the abstract plane (metres) to EPSG:4547 (metres)."""

    waves: tuple[_Wave, ...]
    meanders: tuple[_Meander, ...]
    middle: tuple[float, float]
    origin: tuple[float, float]

    def place(self, x: FloatArray, y: FloatArray) -> FloatArray:
        """Return the map coordinates of points.

        Parameters
        ----------
        x, y
            Coordinates on the abstract plane, metres, shape (n,).

        Returns
        -------
        FloatArray
            EPSG:4547, not rounded, shape (n, 2).
        """
        shift_x, shift_y = np.zeros_like(x), np.zeros_like(y)
        for wave in self.waves:
            swing = np.sin(wave.kx * x + wave.ky * y + wave.phase)
            shift_x += wave.dx * swing
            shift_y += wave.dy * swing
        for bend in self.meanders:
            across, along = (x, y) if bend.vertical else (y, x)
            fall = np.exp(-(((across - bend.at) / bend.falloff_m) ** 2))
            swing = bend.amplitude_m * fall * np.sin(2 * np.pi * along / bend.wavelength_m + bend.phase)
            if bend.vertical:
                shift_x += swing
            else:
                shift_y += swing
        east, north = x + shift_x - self.middle[0], y + shift_y - self.middle[1]
        turn = np.radians(_TURN_DEGREES)
        return np.column_stack(
            [
                self.origin[0] + east * np.cos(turn) - north * np.sin(turn),
                self.origin[1] + east * np.sin(turn) + north * np.cos(turn),
            ]
        )


def make_terrain(grid: RoadGrid, rng: np.random.Generator) -> Terrain:
    """Draw the curves of one city.

    Parameters
    ----------
    grid
        Main roads and corridors.
    rng
        Random numbers.

    Returns
    -------
    Terrain
        The transformation.
    """
    waves = []
    for amplitude, wavelength in ((230.0, 9_000.0), (150.0, 6_000.0), (42.0, 2_600.0), (20.0, 1_500.0)):
        for direction in (0.0, np.pi / 2.0):
            heading = direction + rng.uniform(-0.6, 0.6)
            length = wavelength * rng.uniform(0.85, 1.2)
            push = direction + np.pi / 2.0 + rng.uniform(-0.3, 0.3)
            waves.append(
                _Wave(
                    dx=float(amplitude * np.cos(push)),
                    dy=float(amplitude * np.sin(push)),
                    kx=float(2 * np.pi * np.cos(heading) / length),
                    ky=float(2 * np.pi * np.sin(heading) / length),
                    phase=float(rng.uniform(0, 2 * np.pi)),
                )
            )
    meanders = []
    for vertical, cuts, strips in ((True, grid.x, grid.x_strip), (False, grid.y, grid.y_strip)):
        for index, kind in enumerate(strips):
            if kind:
                amplitude, wavelength, falloff = _MEANDER[kind]
                meanders.append(
                    _Meander(
                        vertical=vertical,
                        at=float(cuts[index] + cuts[index + 1]) / 2.0,
                        amplitude_m=amplitude,
                        wavelength_m=wavelength * float(rng.uniform(0.85, 1.15)),
                        falloff_m=falloff,
                        phase=float(rng.uniform(0, 2 * np.pi)),
                    )
                )
    to_map = pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    east, north = to_map.transform(*CENTRE)
    return Terrain(
        waves=tuple(waves),
        meanders=tuple(meanders),
        middle=(float(grid.x[-1]) / 2.0, float(grid.y[-1]) / 2.0),
        origin=(float(east), float(north)),
    )
