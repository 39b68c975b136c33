"""Progression ratios of the district: from grade to grade and year to year, and what to go on with."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.enrolment.breaks import find_breaks
from layoutplan.enrolment.history import History

MOST_RATIO: Final = 3.0
"""A ratio above this, or below its inverse, is a change of what is counted, not of pupils; it is left out."""

_OUTLIER: Final = 3.0  # spreads from the median at which a yearly ratio is cut off
_MAD_TO_SPREAD: Final = 1.4826  # median absolute deviation to standard deviation, of a normal
_STEADY: Final = 0.01  # standard deviation of a ratio that is not chance of single pupils


def recency(years: int, *, half_life: float) -> FloatArray:
    """Return weights of consecutive years, oldest first: 1 for the newest, halved every ``half_life`` years.

    Parameters
    ----------
    years
        Number of years.
    half_life
        Years after which the weight is halved.

    Returns
    -------
    FloatArray
        Shape (years,).

    Examples
    --------
    >>> recency(3, half_life=1.0).tolist()
    [0.25, 0.5, 1.0]
    """
    return np.asarray(0.5 ** (np.arange(years)[::-1] / half_life), dtype=float)


def log_ratios(history: History) -> FloatArray:
    """Return the logarithms of the district's progression ratios.

    Row ``g``, column ``t``: pupils of grade ``g`` in year ``t + 1`` over those of the feeding grade in year
    ``t``.

    Parameters
    ----------
    history
        Past enrolment.

    Returns
    -------
    FloatArray
        Grades × (years − 1). nan without a feeding grade, where a count is missing or zero, where the ratio
        is beyond :data:`MOST_RATIO`, and in a temporary break
        (:func:`~layoutplan.enrolment.breaks.find_breaks`).
    """
    totals = history.totals
    ratios = np.full((totals.shape[0], max(totals.shape[1] - 1, 0)), np.nan)
    for grade in range(len(history.grades)):
        feeder = history.feeder(grade)
        if feeder is not None:
            ratios[grade] = _logs(totals[grade, 1:]) - _logs(totals[feeder, :-1])
    for one in find_breaks(history):
        if one.left_out:
            ratios[history.stage_rows(one.stage), one.at - 1] = np.nan
    return np.where(np.abs(ratios) <= math.log(MOST_RATIO), ratios, np.nan)


def _logs(values: FloatArray) -> FloatArray:
    """Return logarithms, nan for what is not positive."""
    return np.log(np.where(np.nan_to_num(values) > 0, values, np.nan))


def pooled_ratios(history: History, *, half_life: float, drawn: float) -> FloatArray:
    """Return the log ratio of each grade for the forecast.

    Pupils who progressed over pupils of the feeding grade, both summed over the years with weights that
    favour recent ones. The ratio of a grade within its stage is shrunk toward that of the whole stage as if
    ``drawn`` further pupils had followed the stage, because ratios of small districts are mostly noise.
    Outlying years are winsorised at three robust standard deviations from the weighted median.

    Parameters
    ----------
    history
        Past enrolment.
    half_life
        Years after which the weight of a year is halved.
    drawn
        Weight of the stage's ratio, pupils.

    Returns
    -------
    FloatArray
        One per grade; nan without a feeding grade.
    """
    ratios = log_ratios(history)
    found = np.full(len(history.grades), np.nan)
    weights = recency(ratios.shape[1], half_life=half_life)
    came, might = np.zeros_like(ratios), np.zeros_like(ratios)
    for grade in range(len(history.grades)):
        feeder = history.feeder(grade)
        known = np.isfinite(ratios[grade])
        if feeder is None or not known.any():
            continue
        below = np.where(known, np.nan_to_num(history.totals[feeder, :-1]), 0.0)
        held = np.zeros_like(below)
        held[known] = _held(ratios[grade][known], weights[known], pupils=below[known])
        might[grade], came[grade] = below * weights, below * np.exp(held) * weights
    for stage in history.stages:
        rows = [row for row in history.stage_rows(stage) if row in history.climbs]
        size = might[rows].sum()
        common = came[rows].sum() / size if size > 0 else 1.0
        for row in history.stage_rows(stage):
            prior = drawn if row in rows else 0.0
            if might[row].sum() > 0:
                found[row] = math.log((came[row].sum() + prior * common) / (might[row].sum() + prior))
            elif row in rows:
                found[row] = math.log(common)
    return found


def _held(values: FloatArray, weights: FloatArray, *, pupils: FloatArray) -> FloatArray:
    """Return ratios with outliers cut off; the median is weighted, so that a lasting change is none."""
    order = np.argsort(values, kind="stable")
    passed = np.cumsum(weights[order])
    middle = float(values[order][np.searchsorted(passed, passed[-1] / 2)])
    chance = np.sqrt(_STEADY**2 + 1.0 / np.maximum(pupils, 1.0))
    reach = _OUTLIER * np.maximum(_MAD_TO_SPREAD * float(np.median(np.abs(values - middle))), chance)
    return np.clip(values, middle - reach, middle + reach)
