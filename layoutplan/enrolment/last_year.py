"""Counts missing in the last year, from which a forecast starts: silent ones told from pupils gone."""

from __future__ import annotations

from typing import Final

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray

_ABSORBED: Final = (
    0.5  # share of the pupils missing from which on others, having so many more, have taken them
)
_NOISE: Final = 0.03  # standard deviation of what the others have, as a share of it
_SURE: Final = 2.0  # standard deviations that make a difference visible
_MOST_RATIO: Final = 1.5  # beyond it a ratio is of classes that moved
_SHRUNK: Final = 0.5  # a place with less than this share of its largest year was closing


def estimate_last(counts: FloatArray, stages: list[list[int]]) -> tuple[FloatArray, BoolArray]:
    """Return estimates of counts missing in the last year; nan where none is missing, or pupils are gone.

    Missing is a grade that the place had the year before (or two years before, where the place counts other
    grades of the stage now) and does not count now; a zero is a count. The estimate is the grade below a year
    before times the stage's last ratio; in a first grade it is the grade a year before.

    Whether such pupils are missing or have gone is read from the others of the stage: if they have more than
    expected by half of the pupils missing, they have taken them. Where the pupils missing are too few to show
    among the others (two standard deviations of 3 %), a grade between two counted ones is missing; a whole
    place is missing if it is at least as large as the median place and was not closing (half of its largest
    year), else it has closed; a first or last grade has ended.

    Parameters
    ----------
    counts
        places × grades × years.
    stages
        The grades of each stage.

    Returns
    -------
    estimates
        places × grades.
    silent
        Places all of whose counts in a stage are such estimates.
    """
    estimates = np.full(counts.shape[:2], np.nan)
    silent = np.zeros(counts.shape[0], dtype=bool)
    if counts.shape[2] < 2:  # noqa: PLR2004  there is no year before
        return estimates, silent
    for rows in stages:
        found, gone = _of_stage(counts[:, rows])
        estimates[:, rows] = found
        silent |= gone
    return estimates, silent


def _of_stage(counts: FloatArray) -> tuple[FloatArray, BoolArray]:
    now, before = counts[:, :, -1], counts[:, :, -2]
    older = counts[:, :, -3] if counts.shape[2] > 2 else np.full_like(now, np.nan)  # noqa: PLR2004
    reports = np.asarray(~np.isnan(now).all(axis=1))
    last = np.where(np.isnan(before) & reports[:, None], older, before)
    missing = np.isnan(now) & (np.nan_to_num(last) > 0)
    nothing = np.full_like(now, np.nan)
    if not missing.any():
        return nothing, np.zeros(len(now), dtype=bool)
    hoped = _hoped(last, counts[:, :, :-1])
    expected = float(hoped[~missing].sum())
    between = np.zeros_like(missing)
    between[:, 1:-1] = missing[:, 1:-1] & (np.nan_to_num(now[:, :-2]) > 0) & (np.nan_to_num(now[:, 2:]) > 0)
    open_ = missing & ~between
    size = hoped[open_].sum()
    excess = np.nansum(now) - expected
    if size <= _SURE * _NOISE * max(expected, 1.0):
        kept = between | (open_ & ~reports[:, None] & _going(counts)[:, None])
    else:
        kept = between if excess >= _ABSORBED * size else missing
    return np.where(kept, hoped, np.nan), np.asarray(~reports & kept.any(axis=1))


def _hoped(last: FloatArray, past: FloatArray) -> FloatArray:
    """Return what each cell would have: the grade below a year before, times the stage's last ratio."""
    hoped = np.nan_to_num(last)
    for grade in range(1, last.shape[1]):
        below, came = past[:, grade - 1, :-1][:, -1:], past[:, grade, -1:]
        both: BoolArray = np.asarray((np.nan_to_num(below) > 0) & (np.nan_to_num(came) > 0))
        ratio = came[both].sum() / below[both].sum() if both.any() else 1.0
        usual = 1.0 / _MOST_RATIO <= ratio <= _MOST_RATIO
        up = np.nan_to_num(last[:, grade - 1]) * (ratio if usual else 1.0)
        taught = np.nan_to_num(last[:, grade]) > 0
        hoped[:, grade] = np.where(taught & (up > 0), up, hoped[:, grade])
    return hoped


def _going(counts: FloatArray) -> BoolArray:
    """Return which places are no smaller than the median and were not closing."""
    sizes = np.nansum(counts[:, :, :-1], axis=1)
    last = sizes[:, -1]
    median = float(np.median(last[last > 0])) if (last > 0).any() else 0.0
    return np.asarray((last >= median) & (last >= _SHRUNK * sizes.max(axis=1)) & (last > 0))
