"""Gaps, merged grades and stray zeros in past counts: what can be mended, and how it is said."""

from __future__ import annotations

from typing import Final

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.errors import FaultLog, Severity

LONGEST_GAP: Final = 2
"""Years a count may be missing and still be filled; a longer silence is a closing and an opening."""


def mend(counts: FloatArray, *, log: FaultLog, places: tuple[str, ...]) -> FloatArray:
    """Return the counts with stray zeros made null, short gaps filled and merged grades split.

    * A zero is a count where the place had pupils in the grade the year before or after; else it says that
      the grade is not taught, and becomes null.
    * A count missing for up to :data:`LONGEST_GAP` years between two known ones of the place and grade is
      interpolated (geometric in the pupils, so that a steady ratio stays steady). A longer silence is left.
    * A count missing in the last year alone, in a place that counts the grades below and above it, is that of
      the grade below a year before.
    * Where the missing grade's pupils were evidently counted with a grade beside it (that one is nearer to
      the sum of both estimates than to its own), the count is split in proportion to the estimates.

    Parameters
    ----------
    counts
        places × grades × years, nan for no count.
    log
        Receives a notice or a warning for each kind of repair, and for what is left missing.
    places
        Ids, to name in the notices.
    """
    mended = _without_stray_zeros(counts)
    at_end = _carried_up(mended)
    estimates = np.where(np.isnan(at_end), _interpolated(mended), at_end)
    gaps = np.isnan(mended) & ~np.isnan(estimates)
    merged = np.zeros_like(gaps)
    for step in (-1, 1):
        mended, split = _split_merged(mended, gaps & ~merged, step=step)
        merged |= split
    filled = gaps & ~merged
    mended = np.where(filled, estimates, mended)
    ends = filled & ~np.isnan(at_end)
    said = {
        "history_grades_merged": merged,
        "history_gaps_filled": filled & ~ends,
        "history_last_filled": ends,
        "history_gaps_left": _silences(mended) & np.isnan(counts),
    }
    for code, cells in said.items():
        if cells.any():
            named = [place for place, one in zip(places, cells, strict=True) if one.any()]
            mild: Severity = "warning" if cells is ends else "notice"
            log.add(code, severity=mild, table="enrolment_history", rows=named, count=int(cells.sum()))
    return mended


def _carried_up(counts: FloatArray) -> FloatArray:
    """Return estimates for grades of the last year missing between two that are not; nan elsewhere."""
    estimates = np.full_like(counts, np.nan)
    if counts.shape[2] < 2:  # noqa: PLR2004  there is no year before
        return estimates
    last, before = counts[:, :, -1], counts[:, :, -2]
    beside = (last[:, :-2] > 0) & (last[:, 2:] > 0)
    missing = np.isnan(last[:, 1:-1]) & (before[:, 1:-1] > 0) & beside
    below = np.where(before[:, :-2] > 0, before[:, :-2], before[:, 1:-1])
    estimates[:, 1:-1, -1] = np.where(missing, below, np.nan)
    return estimates


def _silences(counts: FloatArray) -> BoolArray:
    """Return which counts are missing between two known ones of the same place and grade."""
    known = ~np.isnan(counts)
    before = np.logical_or.accumulate(known, axis=2)
    after = np.logical_or.accumulate(known[:, :, ::-1], axis=2)[:, :, ::-1]
    return np.asarray(~known & before & after)


def _without_stray_zeros(counts: FloatArray) -> FloatArray:
    """Return the counts with zeros beside no positive count made null."""
    positive = np.nan_to_num(counts) > 0
    before = np.zeros_like(positive)
    after = np.zeros_like(positive)
    before[:, :, 1:] = positive[:, :, :-1]
    after[:, :, :-1] = positive[:, :, 1:]
    return np.where((counts == 0) & ~before & ~after, np.nan, counts)


def _interpolated(counts: FloatArray) -> FloatArray:
    """Return estimates for the short gaps between two counts of the same place and grade; nan elsewhere."""
    estimates = np.full_like(counts, np.nan)
    years = counts.shape[2]
    for length in range(LONGEST_GAP, 0, -1):  # a shorter gap's estimate replaces a longer one's
        for start in range(1, years - length):
            before, after = counts[:, :, start - 1], counts[:, :, start + length]
            silent = np.isnan(counts[:, :, start : start + length]).all(axis=2)
            between = silent & ~np.isnan(before) & ~np.isnan(after)
            for step in range(length):
                weight = (step + 1) / (length + 1)
                both = (before > 0) & (after > 0)
                with np.errstate(divide="ignore", invalid="ignore"):
                    curved = np.exp((1 - weight) * np.log(before) + weight * np.log(after))
                value = np.where(both, curved, (1 - weight) * before + weight * after)
                estimates[:, :, start + step] = np.where(between, value, estimates[:, :, start + step])
    return estimates


def _split_merged(counts: FloatArray, gaps: BoolArray, *, step: int) -> tuple[FloatArray, BoolArray]:
    """Split counts that hold the missing grade's pupils too; ``step`` says which neighbour holds them.

    Returns the counts, and which gaps were filled so.
    """
    neighbour = np.full_like(counts, np.nan)
    lower, upper = (slice(None, -1), slice(1, None))
    to, of = (lower, upper) if step > 0 else (upper, lower)
    neighbour[:, to] = counts[:, of]
    own = _around(counts)
    beside = np.full_like(counts, np.nan)
    beside[:, to] = own[:, of]
    together = own + beside
    with np.errstate(invalid="ignore"):
        held = gaps & (np.abs(neighbour - together) < np.abs(neighbour - beside))
        share = np.where(held, own / together, 0.0)
    split = counts.copy()
    split[held] = (neighbour * share)[held]
    taken = np.zeros_like(counts)
    taken[:, of] = np.where(held, neighbour * share, 0.0)[:, to]
    return split - taken, held


def _around(counts: FloatArray) -> FloatArray:
    """Return the mean of a cell's counts a year before and after (in the last year: before); else nan."""
    around = np.full_like(counts, np.nan)
    around[:, :, 1:-1] = (counts[:, :, :-2] + counts[:, :, 2:]) / 2
    around[:, :, 1:][:, :, -1:] = counts[:, :, :-1][:, :, -1:]
    return around
