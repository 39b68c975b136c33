"""How far past forecasts were off, and how wide a band that makes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import t as student

from layoutplan.forecast.history import Floats

Z_80: Final = 1.2815515655446004
"""Standard deviations between the middle of a normal distribution and its 10th or 90th percentile."""

SIZE_SHARES: Final = (0.0, 0.5, 1.0)
"""Shares of a place's variance that may be due to its size, of which the likeliest is taken."""

PRIOR_ERRORS: Final = 3.0
"""How many past errors the spread of the profile is worth."""

_SMALLEST: Final = 1e-6


@dataclass(frozen=True)
class Residuals:
    """Errors of forecasts from past years: ln(actual ÷ forecast), with horizon and forecast pupils."""

    errors: Floats
    horizons: Floats
    pupils: Floats


@dataclass(frozen=True)
class Spread:
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

    def of_places(self, pupils: Floats) -> Floats:
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
) -> Spread:
    """Return the spread of forecasts, from past errors and the profile's spread.

    The variance at horizon ``h`` is first taken as ``v × h``: ``v`` is that of errors ÷ √h, in which an error
    counts 1 ÷ h (forecasts h years ahead from successive years overlap) and the profile's ``spread``² counts
    as :data:`PRIOR_ERRORS` errors. Each horizon's own errors then correct it, ``v × h`` counting as
    :data:`PRIOR_ERRORS` of them. The spread never shrinks with the horizon, and is widened for few errors as
    Student's t is.

    Parameters
    ----------
    district, place
        Past errors; may be empty.
    district_spread, place_spread
        Standard deviation of the first year, from the profile.
    """
    typical = float(np.median(place.pupils)) if place.pupils.size else 1.0
    share = _size_share(place, typical=typical)
    scaled = place.errors / _by_size(place.pupils, share=share, typical=typical)
    return Spread(
        district=_by_horizon(district.errors, district.horizons, horizon=horizon, spread=district_spread),
        place=_by_horizon(scaled, place.horizons, horizon=horizon, spread=place_spread),
        size_share=share,
        typical_pupils=typical,
        district_errors=int(district.errors.size),
        place_errors=int(place.errors.size),
    )


def band(pupils: Floats, spread: Floats | Sequence[float]) -> tuple[Floats, Floats]:
    """Return the 10th and the 90th percentile about a forecast (its median) of log-normal spread."""
    factor = np.exp(Z_80 * np.asarray(spread, dtype=float))
    return pupils / factor, pupils * factor


def _by_size(pupils: Floats, *, share: float, typical: float) -> Floats:
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


def _by_horizon(errors: Floats, horizons: Floats, *, horizon: int, spread: float) -> tuple[float, ...]:
    """Return standard deviations for 1 … ``horizon`` years ahead."""
    weights = 1.0 / horizons
    known = float(weights.sum())
    yearly = _mixed(spread**2, errors / np.sqrt(horizons), weights)
    found, least = [], 0.0
    for ahead in range(1, horizon + 1):
        own = horizons == ahead
        variance = _mixed(yearly * ahead, errors[own], weights[own])
        least = max(least, variance)
        found.append(math.sqrt(least))
    few = float(student.ppf(0.9, PRIOR_ERRORS + known)) / Z_80 if known else 1.0
    return tuple(few * value for value in found)


def _mixed(prior: float, errors: Floats, weights: Floats) -> float:
    """Return the variance of errors, ``prior`` counting as :data:`PRIOR_ERRORS` of them.

    Of the errors the 80th percentile of their size counts, which is what the band has to hold: a single
    great error (a school that moved) does not widen all bands.
    """
    if not errors.size:
        return prior
    known = float(weights.sum())
    order = np.argsort(np.abs(errors), kind="stable")
    reached = (np.cumsum(weights[order]) - weights[order] / 2) / weights.sum()
    seen = float(np.interp(0.8, reached, np.abs(errors)[order])) / Z_80
    return (PRIOR_ERRORS * prior + known * seen**2) / (PRIOR_ERRORS + known)
