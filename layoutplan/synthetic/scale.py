"""Size of a synthetic city in all respects, given its number of residents.

Figures are fixed at two points and follow a power law between and beyond them: a new-town district of 500,000
residents (45 primary schools, 20 junior, 6 nine-year, 5 senior, 80 kindergartens) and a metropolis of 12.8
million, which is Zhengzhou in 2023 (1,001 primary, 436 junior of which 109 nine-year, 2,066 kindergartens;
92.1 primary pupils per 1,000 residents, 郑州日报 2024-03-26).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from layoutplan.arrays import FloatArray

DISTRICT_RESIDENTS: Final = 500_000
METROPOLIS_RESIDENTS: Final = 12_828_000

# Residents per 1,000 by completed years 0 … 17 in a young new-town district at the base year. Births have
# fallen since a peak seven years ago (118k, 109k, 98k city-wide 2020-2022), so primary pupils peak within
# two years and then fall, and junior pupils peak four years later.
AGE_SHARES: Final = (
    11.0, 11.4, 12.0, 13.0, 14.4, 16.0,
    17.9, 18.8, 18.6, 17.4, 16.4, 15.6,
    15.6, 15.1, 14.6, 14.0, 13.4, 12.9,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scale:
    """Counts of one city. ``ages`` holds residents per 1,000 by single year of age, 0 … 17."""

    residents: int
    area_km2: float
    units: int
    districts: int
    primary: int
    junior: int
    nine_year: int
    senior: int
    kindergartens: int
    sites: int
    projects: int
    ages: npt.NDArray[np.float64]

    @property
    def side_m(self) -> float:
        """Side of a square of the city's area, metres."""
        return float(np.sqrt(self.area_km2)) * 1000.0


def _power(residents: int, *, district: float, metropolis: float) -> float:
    """Return the power law through the two fixed points, at ``residents``."""
    exponent = np.log(metropolis / district) / np.log(METROPOLIS_RESIDENTS / DISTRICT_RESIDENTS)
    return float(district * (residents / DISTRICT_RESIDENTS) ** exponent)


def scale_of(residents: int) -> Scale:
    """Return the counts of a city.

    Parameters
    ----------
    residents
        5,000 to 15,000,000.

    Returns
    -------
    Scale
        The counts.

    Raises
    ------
    ValueError
        If ``residents`` is out of range.

    Examples
    --------
    >>> demo = scale_of(500_000)
    >>> demo.primary, demo.junior, demo.nine_year, demo.senior, demo.kindergartens
    (45, 20, 6, 5, 80)
    """
    smallest, largest = 5_000, 15_000_000
    if not smallest <= residents <= largest:
        raise ValueError(f"residents must be {smallest} to {largest}, not {residents}")

    def count(district: float, metropolis: float, *, at_least: int) -> int:
        return max(at_least, round(_power(residents, district=district, metropolis=metropolis)))

    if residents <= DISTRICT_RESIDENTS:  # a small town is as dense as the district
        part = residents / DISTRICT_RESIDENTS
        units, area_km2 = max(18, round(1_400 * part)), max(0.9, 60.0 * part)
    else:
        units = count(1_400, 60_000, at_least=1)
        area_km2 = _power(residents, district=60.0, metropolis=2_600.0)
    shares: FloatArray = np.array(AGE_SHARES) * min(1.0, _power(residents, district=1.0, metropolis=0.92))
    return Scale(
        residents=residents,
        area_km2=area_km2,
        units=units,
        districts=count(4, 12, at_least=2),
        primary=count(45, 892, at_least=1),
        junior=count(20, 327, at_least=1),
        nine_year=count(6, 109, at_least=0),
        senior=count(5, 130, at_least=1),
        kindergartens=count(80, 2_066, at_least=2),
        sites=count(14, 180, at_least=3),
        projects=count(25, 130, at_least=3),
        ages=shares,
    )
