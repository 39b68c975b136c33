"""Means of few, noisy, drifting figures: the newest weigh most, outliers are reined in, small ones shrunk."""

from __future__ import annotations

from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray

PRIOR_YEARS: Final = 2.0
"""How many years of data the spread assumed beforehand is worth, beside the spread seen."""

_OUTLIER: Final = 3.0  # spreads from the median at which a yearly figure is cut off
_FEWEST_FOR_SLOPE: Final = 3
_MAD_TO_SPREAD: Final = 1.4826  # median absolute deviation to standard deviation, of a normal


def recency(years: int, *, half_life: float) -> FloatArray:
    """Return weights of consecutive years, oldest first: the newest 1, half as much every ``half_life``.

    Examples
    --------
    >>> recency(3, half_life=1.0).tolist()
    [0.25, 0.5, 1.0]
    """
    return np.asarray(0.5 ** (np.arange(years)[::-1] / half_life), dtype=float)


def steady_mean(values: FloatArray, weights: FloatArray, *, spread: float) -> tuple[float, float]:
    """Return the weighted mean of yearly figures and the variance of that mean.

    A figure further from the weighted median than three spreads (the larger of the robust spread seen and
    ``spread``) is cut off there, so that a year's break does not pass for a trend. The variance of a single
    year is the one seen, with ``spread``² counted as :data:`PRIOR_YEARS` more years.

    Parameters
    ----------
    values
        One a year, nan where there is none.
    weights
        Positive, of the same length.
    spread
        Standard deviation of a single year expected beforehand.

    Returns
    -------
    mean, variance
        ``0`` and ``spread``² without values.
    """
    known = ~np.isnan(values)
    if not known.any():
        return 0.0, spread**2
    weight = weights[known]
    held = _held(values[known], weights[known], spread=spread)
    mean = float(weight @ held / weight.sum())
    size = float(weight.sum() ** 2 / (weight**2).sum())
    return mean, _yearly_variance(held - mean, weight, size=size, spread=spread) / size


def steady_slope(values: FloatArray, weights: FloatArray, *, spread: float) -> tuple[float, float]:
    """Return the yearly trend of figures, as far as it stands out, and how old their weighted mean is.

    The weighted least-squares slope, outliers cut off as in :func:`steady_mean`, shrunk by
    :func:`credible`.

    Returns
    -------
    slope, age
        Per year; years from the weighted mean of the years to the last. ``0, 0`` for less than three values.
    """
    known = ~np.isnan(values)
    if known.sum() < _FEWEST_FOR_SLOPE:
        return 0.0, 0.0
    years, weight = np.arange(len(values))[known] - (len(values) - 1.0), weights[known]
    held = _held(values[known], weights[known], spread=spread)
    size = float(weight.sum() ** 2 / (weight**2).sum())
    middle = float(weight @ years / weight.sum())
    reach = float(weight @ (years - middle) ** 2)
    mean = float(weight @ held / weight.sum())
    slope = float(weight @ ((years - middle) * (held - mean))) / reach
    left = held - mean - slope * (years - middle)
    variance = _yearly_variance(left, weight, size=size, spread=spread) * float(weight.sum()) / (reach * size)
    return credible(slope, variance, doubt=1.0), -middle


def _held(values: FloatArray, weights: FloatArray, *, spread: float) -> FloatArray:
    """Return values with outliers cut off; the median is weighted, so that a lasting change is none."""
    order = np.argsort(values, kind="stable")
    passed = np.cumsum(weights[order])
    middle = float(values[order][np.searchsorted(passed, passed[-1] / 2)])
    reach = _OUTLIER * max(_MAD_TO_SPREAD * float(np.median(np.abs(values - middle))), spread)
    return np.clip(values, middle - reach, middle + reach)


def _yearly_variance(left: FloatArray, weight: FloatArray, *, size: float, spread: float) -> float:
    """Return the variance of a single year, from what is left of each and what was expected beforehand."""
    around = float(weight @ left**2 / weight.sum())
    return (PRIOR_YEARS * spread**2 + size * around) / (PRIOR_YEARS + size)


def credible(value: float, variance: float, *, doubt: float) -> float:
    """Return a mean shrunk toward 0 by how little it stands out: × v² / (v² + doubt × variance).

    ``doubt`` 0 leaves it as it is. Bühlmann's credibility with the squared mean as the signal.

    Examples
    --------
    >>> credible(0.03, 0.0001, doubt=0.0), round(credible(0.01, 0.0001, doubt=1.0), 4)
    (0.03, 0.005)
    """
    signal = value**2
    return value if doubt == 0 or signal == 0 else value * signal / (signal + doubt * variance)
