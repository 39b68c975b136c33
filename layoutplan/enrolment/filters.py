"""Levels and damped trends of short, noisy yearly series, followed year by year (Kalman filter)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray

_OUTLIER: Final = 3.0  # standard deviations of a surprise at which it is cut off
_FIRST: Final = 4.0  # variance of the level before the first figure, as a multiple of that figure's noise


@dataclass(frozen=True, slots=True)
class Motion:
    """How a level is believed to move: standard deviations of a year's steps of the logarithm.

    ``level`` is the step of the level itself, ``slope`` that of its trend; of the trend ``damping`` is left a
    year later (Gardner and McKenzie 1985, doi:10.1287/mnsc.31.10.1237).
    """

    level: float
    slope: float = 0.0
    damping: float = 0.0


def followed(
    values: FloatArray, noise: FloatArray, *, motion: Motion, start: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Return the level and the trend of series after their last year.

    The Kalman filter of a local level with a damped trend. A surprise beyond three standard deviations is cut
    off there, so that one year typed wrongly or lived through once moves the level little; a second one to
    the same side in the year after is no accident, and the level starts again from it.

    Parameters
    ----------
    values
        Series × years, nan for no figure.
    noise
        Variance of each figure about its level, the same shape.
    start
        Level believed before the first figure, a variance of ``motion.level``² × 16 about it; without it the
        first figure.

    Returns
    -------
    level, slope
        One a series; 0 without any figure and without a start.
    """
    count = values.shape[0]
    if values.shape[1] == 0:
        return np.zeros(count) if start is None else start.copy(), np.zeros(count)
    known = ~np.isnan(values)
    first = np.where(known.any(axis=1), known.argmax(axis=1), 0)
    rows = np.arange(count)
    begin = np.nan_to_num(values[rows, first])
    level = begin if start is None else start.copy()
    wide = noise[rows, first] * _FIRST if start is None else np.full(count, 16.0 * motion.level**2)
    slope = np.zeros(count)
    # the covariance of level and slope, entry by entry
    ll, ls, ss = wide, np.zeros(count), np.full(count, 4.0 * motion.slope**2)
    before = np.zeros(count)  # the side of a surprise cut off the year before
    for year in range(values.shape[1]):
        if year:
            level, slope = level + motion.damping * slope, motion.damping * slope
            ll = ll + 2 * motion.damping * ls + motion.damping**2 * ss + motion.level**2
            ls = motion.damping * ls + motion.damping**2 * ss
            ss = motion.damping**2 * ss + motion.slope**2
        here = known[:, year]
        total = ll + noise[:, year]
        reach = _OUTLIER * np.sqrt(total)
        seen = np.where(here, np.nan_to_num(values[:, year]) - level, 0.0)
        side = np.where(np.abs(seen) > reach, np.sign(seen), 0.0)
        lasting = (side != 0) & (side == before)
        before = np.where(here, np.where(lasting, 0.0, side), before)
        surprise = np.clip(seen, -reach, reach)
        gain_level, gain_slope = np.where(here, ll / total, 0.0), np.where(here, ls / total, 0.0)
        level = np.where(lasting, level + seen, level + gain_level * surprise)
        slope = np.where(lasting, 0.0, slope + gain_slope * surprise)
        ll = np.where(lasting, noise[:, year], ll - gain_level * ll)
        ls, ss = np.where(lasting, 0.0, ls - gain_level * ls), ss - np.where(lasting, 0.0, gain_slope * ls)
    return level, slope


def extended(level: FloatArray, slope: FloatArray, *, motion: Motion, horizon: int) -> FloatArray:
    """Return the level of future years, in which the trend is damped.

    Parameters
    ----------
    level, slope
        Level and trend of each series at the origin, shape (series,).
    motion
        Parameters of the filter; ``damping`` is the share of the trend that remains from year to year.
    horizon
        Number of years.

    Returns
    -------
    FloatArray
        Series × years.

    Examples
    --------
    >>> extended(np.zeros(1), np.ones(1), motion=Motion(0.0, 0.1, damping=0.5), horizon=3).tolist()
    [[0.5, 0.75, 0.875]]
    """
    kept = np.cumsum(motion.damping ** np.arange(1.0, horizon + 1.0))
    return level[:, None] + slope[:, None] * kept
