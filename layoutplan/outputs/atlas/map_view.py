"""The view of a printed map: scale, frame, and the size of school symbols."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutplan.outputs.atlas.label_placement import Box

_SCALES: Final = (
    1_000, 1_250, 1_500, 2_000, 2_500, 3_000, 4_000, 5_000, 6_000, 7_500, 10_000, 12_500, 15_000, 17_500,
    20_000, 25_000, 30_000, 35_000, 40_000, 50_000, 60_000, 75_000, 100_000, 125_000, 150_000, 200_000,
    250_000, 300_000, 400_000, 500_000, 750_000, 1_000_000,
)  # fmt: skip
_MARGIN: Final = 1.06


@dataclass(frozen=True, slots=True)
class View:
    """Piece of ground and its place on the page.

    Attributes
    ----------
    scale
        Denominator of the scale.
    west, south
        Lower left corner on the ground, metres of the city's CRS.
    frame
        The map's frame on the page, mm.
    """

    scale: int
    west: float
    south: float
    frame: Box

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """West, south, east, north in metres."""
        metres = self.scale / 1000
        width, height = self.frame.right - self.frame.left, self.frame.top - self.frame.bottom
        return self.west, self.south, self.west + width * metres, self.south + height * metres

    def on_paper(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the ground lies on the page.

        Parameters
        ----------
        x, y
            Coordinates in metres of the city's CRS.

        Returns
        -------
        tuple[float, float]
            mm from the lower left corner of the page.
        """
        metres = self.scale / 1000
        return self.frame.left + (x - self.west) / metres, self.frame.bottom + (y - self.south) / metres


def fit_view(bounds: Iterable[float], frame: Box, *, rounded: bool = True) -> View:
    """Return the view with the largest scale at which ``bounds`` fit, centred.

    Parameters
    ----------
    bounds
        West, south, east, north, metres.
    frame
        The map's frame on the page, mm.
    rounded
        Whether the scale is rounded to a usual one.

    Returns
    -------
    View
        The view.
    """
    west, south, east, north = bounds
    width, height = frame.right - frame.left, frame.top - frame.bottom
    needed = max((east - west) / width, (north - south) / height, 1e-9) * 1000 * _MARGIN
    usual = next((known for known in _SCALES if known >= needed), int(np.ceil(needed / 1e6) * 1_000_000))
    scale = usual if rounded else int(np.ceil(needed))
    metres = scale / 1000
    centre_x, centre_y = (west + east) / 2, (south + north) / 2
    return View(
        scale=scale, west=centre_x - width * metres / 2, south=centre_y - height * metres / 2, frame=frame
    )


def marker_points(seats: float) -> float:
    """Return a school's diameter in points; its area grows in proportion to its seats.

    Parameters
    ----------
    seats
        Seats of the school.

    Returns
    -------
    float
        Points, 4 to 13.

    Examples
    --------
    >>> round(marker_points(1600.0), 1), round(marker_points(90.0), 1)
    (9.2, 4.0)
    """
    return float(np.clip(np.sqrt(max(seats, 0.0)) * 0.23, 4.0, 13.0))
