"""How far past forecasts were off, and how wide a band that makes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import t as student

from layoutplan.arrays import FloatArray

Z_80: Final = 1.2815515655446004
"""Standard deviations between the middle of a normal distribution and its 10th or 90th percentile."""

SIZE_SHARES: Final = (0.0, 0.5, 1.0)
"""Shares of a place's variance that may be due to its size, of which the likeliest is taken."""

PRIOR_ERRORS: Final = 3.0
"""How many past errors the spread believed beforehand is worth."""

_HELD: Final = 0.8  # share of outcomes that the band has to hold

_SMALLEST: Final = 1e-6


@dataclass(frozen=True)
class Residuals:
    """Errors of forecasts from past years: ln(actual ÷ forecast), with horizon and forecast pupils."""

    errors: FloatArray
    horizons: FloatArray
    pupils: FloatArray


@dataclass(frozen=True)
class ErrorSpread:
    """Standard deviation of ln(actual ÷ forecast) by horizon.

    Attributes
    ----------
    district
        Of the district's total, for 1, 2, … years ahead.
    place
        Of a place of ``typical_pupils``, the same.
    size_share
        Share of a place's variance that is inversely proportional to its pupils.
    typical_pupils
        Median pupils of a place in the errors it was calibrated on.
    district_errors, place_errors
        How many past errors stand behind each; with none the spread is the profile's.
    """

    district: tuple[float, ...]
    place: tuple[float, ...]
    size_share: float
    typical_pupils: float
    district_errors: int
    place_errors: int

    def of_places(self, pupils: FloatArray) -> FloatArray:
        """Return the standard deviation of places: any shape whose last axis is the horizon."""
        return np.asarray(
            np.array(self.place) * _by_size(pupils, share=self.size_share, typical=self.typical_pupils)
        )

    @property
    def place_alone(self) -> tuple[float, ...]:
        """The part of a typical place's spread that is not its district's, drawn beside the shared shock."""
        pairs = zip(self.place, self.district, strict=True)
        return tuple(math.sqrt(max(place**2 - district**2, 0.0)) for place, district in pairs)


def calibrate(
    district: Residuals, place: Residuals, *, horizon: int, district_spread: float, place_spread: float
) -> ErrorSpread:
    """Return the spread of forecasts, from past errors and the profile's spread.

    Calibration on a rolling origin, horizon by horizon (Wang and Hyndman 2024, arXiv:2410.13115, review it):
    of the errors h years ahead the 80th percentile of their size counts, which is what the band has to hold.
    There are few of them, and those from successive years share h − 1 of their h years, so that an error
    counts 1 ÷ h. They therefore correct a variance believed beforehand, which counts as
    :data:`PRIOR_ERRORS` of them: for one year the profile's ``spread``², for h years that found for h − 1
    × h ÷ (h − 1) (a random walk goes on). The variance is itself an estimate: the spread is widened as
    Student's t of its degrees of freedom is, which add up as variances of variances do (Satterthwaite 1946,
    doi:10.2307/3002019). It never shrinks with the horizon, and asking for more years changes none.

    Parameters
    ----------
    district, place
        Past errors; may be empty.
    horizon
        Years ahead.
    district_spread, place_spread
        Standard deviation of the first year, from the profile.
    """
    typical = float(np.median(place.pupils)) if place.pupils.size else 1.0
    share = _size_share(place, typical=typical)
    scaled = place.errors / _by_size(place.pupils, share=share, typical=typical)
    return ErrorSpread(
        district=_by_horizon(district.errors, district.horizons, horizon=horizon, spread=district_spread),
        place=_by_horizon(scaled, place.horizons, horizon=horizon, spread=place_spread),
        size_share=share,
        typical_pupils=typical,
        district_errors=int(district.errors.size),
        place_errors=int(place.errors.size),
    )


def band(pupils: FloatArray, spread: FloatArray | Sequence[float]) -> tuple[FloatArray, FloatArray]:
    """Return the 10th and the 90th percentile about a forecast (its median) of log-normal spread."""
    factor = np.exp(Z_80 * np.asarray(spread, dtype=float))
    return pupils / factor, pupils * factor


def _by_size(pupils: FloatArray, *, share: float, typical: float) -> FloatArray:
    """Return the factor on a typical place's standard deviation."""
    return np.sqrt(1.0 - share + share * typical / np.maximum(pupils, typical * 0.01))


def _size_share(place: Residuals, *, typical: float) -> float:
    """Return the size share under which the errors are likeliest (normal, variance in proportion to h)."""
    middle = SIZE_SHARES[1]
    if place.errors.size < PRIOR_ERRORS:
        return middle
    scores = []
    for share in SIZE_SHARES:
        factor = _by_size(place.pupils, share=share, typical=typical) * np.sqrt(place.horizons)
        scaled = float(np.mean((place.errors / factor) ** 2))
        scores.append(math.log(max(scaled, _SMALLEST**2)) / 2 + float(np.mean(np.log(factor))))
    best = min(range(len(SIZE_SHARES)), key=lambda at: (round(scores[at], 9), abs(SIZE_SHARES[at] - middle)))
    return SIZE_SHARES[best]


def _by_horizon(
    errors: FloatArray, horizons: FloatArray, *, horizon: int, spread: float
) -> tuple[float, ...]:
    """Return standard deviations for 1 … ``horizon`` years ahead; without errors the profile's."""
    found, least = [], 0.0
    variance, freedom = spread**2, PRIOR_ERRORS
    for ahead in range(1, horizon + 1):
        own = np.abs(errors[horizons == ahead])
        worth = own.size / ahead
        variance *= ahead / max(ahead - 1, 1)
        if own.size:
            seen = (_size_held(own) / Z_80) ** 2
            believed = PRIOR_ERRORS / (PRIOR_ERRORS + worth)
            variance = believed * variance + (1.0 - believed) * seen
            freedom = 1.0 / (believed**2 / freedom + (1.0 - believed) ** 2 / worth)
        least = max(least, variance)
        few = float(student.ppf(0.9, freedom)) / Z_80 if errors.size else 1.0
        found.append(few * math.sqrt(least))
    return tuple(float(value) for value in np.maximum.accumulate(found))


def _size_held(sizes: FloatArray) -> float:
    """Return the size that four errors in five do not exceed: one great error does not widen all bands."""
    order = np.sort(sizes)
    return float(np.interp(_HELD, (np.arange(order.size) + 0.5) / order.size, order))
