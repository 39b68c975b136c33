"""Members weighed by their past errors: the district's forecast, now and as of past years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.enrolment.births import Births
from layoutplan.enrolment.history import History
from layoutplan.enrolment.members import MEMBERS, member_forecasts
from layoutplan.enrolment.prior import PRIOR, Prior

MOST_ORIGINS: Final = 12
"""Past years forecast from, the latest ones."""

_LEAST_YEARS: Final = 2  # of history before a past year is forecast from
_PRIOR_ERRORS: Final = 3.0  # how many past errors the prior is worth
_POWER: Final = 8.0  # weights go by (mean error)^-power
_KEPT: Final = 0.8  # of the worth of an error a year later
_OTHER_HORIZON: Final = 0.5  # worth of an error at another horizon, a year away; half of that two years away
_SMALLEST: Final = 1e-4  # a hundredth of a percent: smaller errors are alike
_FEWEST_FOR_BIAS: Final = 4
_STEADY: Final = 3.0  # standard errors from which on a mean past error counts as a bias
_BIAS_NOISE: Final = 0.015  # standard deviation of a year's error believed beforehand, worth as many errors:
_BIAS_PRIOR: Final = 4.0


@dataclass(frozen=True)
class Combined:
    """The district's forecast from one origin.

    Attributes
    ----------
    pupils
        grades × years ahead.
    weights
        For each stage, members × years ahead; columns sum to 1. The order is that of ``members``.
    bias
        For each stage, by year ahead: the log of actual ÷ forecast that past forecasts steadily had, which
        the forecast has been corrected by; mostly 0.
    errors
        For each stage, past origins × years ahead: ln(actual ÷ forecast) of what the same rule, knowing no
        more than the past year, would have forecast; nan beyond the origin.
    past
        The same forecasts, grades × years ahead for each past origin, keyed by its year.
    """

    members: tuple[str, ...]
    pupils: FloatArray
    weights: Mapping[str, FloatArray]
    bias: Mapping[str, FloatArray]
    errors: Mapping[str, FloatArray]
    past: Mapping[int, FloatArray]


def combine(history: History, births: Births, *, horizon: int, prior: Prior = PRIOR) -> Combined:
    """Return the weighted mean of the members, with weights from their errors in the past.

    Bates and Granger (1969, doi:10.1057/jors.1969.103), for each stage and horizon: every member is run again
    from each past year, on what was known then. A member's score is the mean of its absolute log errors over
    those of all members, where errors h years ahead count 1 ÷ h (they overlap), those of other
    horizons and older ones (four fifths a year) less, and the prior as three; its weight is
    score^-8. Where the weighted forecast was off to one side by more
    than three standard errors, it is moved back by the part beyond (James and Stein's positive part), else
    not at all.

    Parameters
    ----------
    prior
        Mean errors of the members over those of all, by horizon, seen in other districts.
    """
    last = len(history.years) - 1
    origins = [*range(max(_LEAST_YEARS - 1, last - MOST_ORIGINS), last), last]
    runs = []
    for at in origins:
        year = history.years[at]
        found = member_forecasts(
            history.until(year), births.until(year) if at < last else births, horizon=horizon
        )
        runs.append(np.array([found[name] for name in MEMBERS]))
    members = np.array(runs)  # origins × members × grades × horizons
    pupils = np.zeros((len(origins), len(history.grades), horizon))
    weights, bias, errors = {}, {}, {}
    for stage in history.stages:
        rows = history.stage_rows(stage)
        actual = _actual(history, rows, origins, horizon=horizon)
        hoped = members[:, :, rows].sum(axis=2)
        both = (hoped > 0) & (actual > 0)[:, None]
        off = np.where(
            both, np.log(np.where(both, actual[:, None] / np.where(hoped > 0, hoped, 1.0), 1.0)), np.nan
        )
        known = _known(origins, horizon=horizon)
        chosen = np.array([_weights(off[:at], known[at, :at], prior) for at in range(len(origins))])
        plain = np.einsum("omh,omgh->ogh", chosen, members[:, :, rows])
        total = plain.sum(axis=1)
        plain_off = np.where(
            (total > 0) & (actual > 0),
            np.log(np.where(actual > 0, actual, 1.0) / np.where(total > 0, total, 1.0)),
            np.nan,
        )
        moved = np.array([_steady_bias(plain_off[:at], known[at, :at]) for at in range(len(origins))])
        pupils[:, rows] = plain * np.exp(moved)[:, None]
        weights[stage], bias[stage] = chosen[-1], moved[-1]
        errors[stage] = (plain_off - moved)[:-1]
    past = {history.years[at]: pupils[row] for row, at in enumerate(origins[:-1])}
    return Combined(MEMBERS, pupils[-1], weights, bias, errors, past)


def _actual(history: History, rows: list[int], origins: list[int], *, horizon: int) -> FloatArray:
    """Return what came, origins × years ahead; nan beyond the history, or where a grade is not counted."""
    totals = history.totals[rows].sum(axis=0)
    found = np.full((len(origins), horizon), np.nan)
    for row, at in enumerate(origins):
        ahead = totals[at + 1 : at + 1 + horizon]
        found[row, : len(ahead)] = ahead
    return found


def _known(origins: list[int], *, horizon: int) -> np.ndarray:
    """Return which outcomes each origin knows: origins × earlier origins × years ahead."""
    at = np.array(origins)
    return at[None, :, None] + np.arange(1, horizon + 1) <= at[:, None, None]


def _weights(off: FloatArray, known: np.ndarray, prior: Prior) -> FloatArray:
    """Return members × horizons from the errors (origins × members × horizons) known."""
    horizons = known.shape[-1]
    size = np.where(known[:, None], np.abs(off), np.nan)
    believed = prior.of(horizons)
    sums, worth = np.zeros((believed.shape[0], horizons)), np.zeros(horizons)
    for step in range(horizons):
        usable = np.isfinite(size[:, :, step]).all(axis=1) if size.size else np.zeros(0, dtype=bool)
        age = np.maximum(len(size) - np.flatnonzero(usable) - step - 1.0, 0.0)
        fresh = _KEPT**age
        worth[step] = fresh.sum() / (step + 1)
        if usable.any():
            own = fresh @ size[usable][:, :, step]
            sums[:, step] = (own + _SMALLEST) / (own.mean() + _SMALLEST)
    apart = np.abs(np.subtract.outer(np.arange(horizons), np.arange(horizons)))
    lent = np.where(apart == 0, 1.0, _OTHER_HORIZON / np.maximum(apart, 1)) * worth
    score = (_PRIOR_ERRORS * believed + sums @ lent.T) / (_PRIOR_ERRORS + lent.sum(axis=1))
    weight = score**-_POWER
    return np.asarray(weight / weight.sum(axis=0))


def _steady_bias(off: FloatArray, known: np.ndarray) -> FloatArray:
    """Return by years ahead the log error to correct for; 0 where past errors had no steady side."""
    found = np.zeros(known.shape[-1])
    for step in range(len(found)):
        seen = off[known[:, step], step] if len(off) else np.empty(0)
        seen = seen[np.isfinite(seen)]
        if seen.size < _FEWEST_FOR_BIAS:
            continue
        mean = float(seen.mean())
        around = float(((seen - mean) ** 2).sum()) + _BIAS_PRIOR * _BIAS_NOISE**2 * (step + 1)
        of_mean = around / (seen.size - 1 + _BIAS_PRIOR) / max(seen.size / (step + 1), 1.0)
        found[step] = mean * max(0.0, 1.0 - _STEADY**2 * of_mean / max(mean**2, _SMALLEST**2))
    return found
