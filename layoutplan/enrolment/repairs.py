"""Gaps, merged grades and stray zeros in past counts: what can be mended, and how it is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.enrolment.last_year import estimate_last
from layoutplan.errors import FaultLog

LONGEST_GAP: Final = 2
"""Years a count may be missing and still be filled; a longer silence is a closing and an opening."""

_BEYOND: Final = 5.0  # times the counts about it: a count typed wrongly
_BEYOND_AT_END: Final = 8.0  # in the last year, where a school may also have taken in another
_FEW: Final = 5.0  # pupils below which a factor says nothing
_FEWEST_BESIDE: Final = 2
_HOLDS_BOTH: Final = 1.5  # times a missing grade's estimate: a count beside it that may hold its pupils too


@dataclass(frozen=True)
class Bounds:
    """Suppressed counts: what each lies between, places × grades × years; nan for a count."""

    low: FloatArray
    high: FloatArray


def mend(
    counts: FloatArray,
    *,
    stages: list[list[int]],
    log: FaultLog,
    places: tuple[str, ...],
    bounds: Bounds | None = None,
) -> tuple[FloatArray, BoolArray]:
    """Return the counts mended, and which of them are estimates.

    * A count five times all counts beside it (the grade a year before and after, its pupils a grade lower and
      higher), or a fifth, was typed wrongly and is missing; in the last year, where nothing follows, eight
      times. So is one with a single count beside it, where other grades of its place are of that year.
    * A zero is a count where the place had pupils in the grade the year before or after; else it says that
      the grade is not taught, and becomes null.
    * A count missing for up to :data:`LONGEST_GAP` years between two known ones of the place and grade is
      interpolated (geometric in the pupils, so that a steady ratio stays steady). A longer silence is left,
      unless the place counts both the grade below and the grade above in those years: then the grade is
      taught, and its counts are missing.
    * Counts missing in the last year are those of :func:`~layoutplan.enrolment.last_year.estimate_last`.
    * Where the missing grade's pupils were evidently counted with a grade beside it (that one is nearer to
      the sum of both estimates than to its own), the count is split in proportion to the estimates.
    * A suppressed count is estimated in the same way and kept within its bounds; without an estimate it is
      the figure given.

    Parameters
    ----------
    counts
        places × grades × years, nan for no count.
    stages
        The grades of each stage.
    log
        Receives a notice or a warning for each kind of repair, and for what is left missing.
    places
        Ids, to name in the notices.
    bounds
        Of suppressed counts.
    """
    given = counts
    if bounds is not None:
        counts = np.where(np.isnan(bounds.low), counts, np.nan)
    typed = _mistyped(counts)
    mended = _without_stray_zeros(np.where(typed, np.nan, counts))
    last, silent = estimate_last(mended, stages)
    estimates = _interpolated(mended)
    estimates = np.where(np.isnan(estimates), _between_grades(mended), estimates)
    at_end = np.full_like(counts, np.nan)
    at_end[:, :, -1] = last
    estimates = np.where(np.isnan(at_end), estimates, at_end)
    gaps = np.isnan(mended) & ~np.isnan(estimates)
    merged = np.zeros_like(gaps)
    for step in (-1, 1):
        mended, split = _split_merged(mended, gaps & ~merged & ~typed, step=step)
        merged |= split
    filled = gaps & ~merged
    mended = np.where(filled, estimates, mended)
    later = _interpolated(mended)  # short gaps before a last year that is now known
    filled |= np.isnan(mended) & ~np.isnan(later)
    mended = np.where(np.isnan(mended), later, mended)
    suppressed = np.zeros_like(gaps)
    if bounds is not None:
        suppressed = ~np.isnan(bounds.low)
        within = np.clip(np.where(np.isnan(mended), given, mended), bounds.low, bounds.high)
        mended = np.where(suppressed, within, mended)
    ends = filled & ~np.isnan(at_end) & ~suppressed
    said = {
        "history_mistyped": typed,
        "history_grades_merged": merged,
        "history_gaps_filled": filled & ~ends & ~typed & ~suppressed,
        "history_last_filled": ends & ~silent[:, None, None],
        "history_places_carried": ends & silent[:, None, None],
        "history_suppressed": suppressed,
        "history_gaps_left": _silences(mended) & np.isnan(counts) & ~typed,
    }
    for code, cells in said.items():
        if cells.any():
            _say(code, cells, mended, places=places, log=log)
    return mended, (filled | merged | suppressed) & ~np.isnan(mended)


_WARNINGS: Final = ("history_mistyped", "history_last_filled", "history_places_carried")


def _say(code: str, cells: BoolArray, counts: FloatArray, *, places: tuple[str, ...], log: FaultLog) -> None:
    """Say what was repaired: the places, how many counts, and how many pupils they are now."""
    named = [place for place, one in zip(places, cells, strict=True) if one.any()]
    pupils, everyone = float(np.nansum(counts[cells])), float(np.nansum(counts[:, :, -1]))
    log.add(
        code,
        severity="warning" if code in _WARNINGS else "notice",
        table="enrolment_history",
        rows=named,
        count=int(cells.sum()),
        places=len(named),
        pupils=pupils,
        share=pupils / everyone if everyone > 0 else 0.0,
    )


def _mistyped(counts: FloatArray) -> BoolArray:
    """Return which counts are beyond belief beside all those about them.

    At least two of these are known, or one where another grade of the place is beyond belief in that year.
    """
    places, grades, years = counts.shape
    beside = np.full((4, places, grades, years), np.nan)
    beside[0, :, :, 1:], beside[1, :, :, :-1] = counts[:, :, :-1], counts[:, :, 1:]
    beside[2, :, 1:, 1:], beside[3, :, :-1, :-1] = counts[:, :-1, :-1], counts[:, 1:, 1:]
    known = (np.nan_to_num(beside) > 0).sum(axis=0)
    most = np.nan_to_num(beside).max(axis=0)
    least = np.where(np.nan_to_num(beside) > 0, beside, np.inf).min(axis=0)
    factor = np.full(years, _BEYOND)
    factor[-1] = _BEYOND_AT_END
    value = np.nan_to_num(counts)
    beyond = value > factor * np.maximum(most, _FEW)
    much = beyond & (known >= _FEWEST_BESIDE)
    # a first grade has but one count beside it in the last year: it was typed with the others of its place
    much |= beyond & (known > 0) & much.any(axis=1, keepdims=True)
    around = (np.nan_to_num(beside[:2]) > 0).all(axis=0)
    little = (value > 0) & (value * _BEYOND < least) & (least >= _BEYOND * _FEW) & around
    return np.asarray(much | little)


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


def _between_grades(counts: FloatArray) -> FloatArray:
    """Return estimates for longer gaps of a grade whose neighbours the place counts; nan elsewhere.

    Not where a neighbour is half as large again as the estimate: it may hold the pupils of both.
    """
    estimates = np.full_like(counts, np.nan)
    positive = np.nan_to_num(counts) > 0
    silent = _silences(counts)
    silent[:, 1:-1] &= positive[:, :-2] & positive[:, 2:]
    silent[:, [0, -1]] = False
    for place, grade in np.argwhere(silent.any(axis=2)):
        known = np.flatnonzero(positive[place, grade])
        if known.size < _FEWEST_BESIDE:
            continue
        at = np.flatnonzero(silent[place, grade])
        value = np.exp(np.interp(at, known, np.log(counts[place, grade, known])))
        beside = np.maximum(counts[place, grade - 1, at], counts[place, grade + 1, at])
        estimates[place, grade, at] = np.where(beside < _HOLDS_BOTH * value, value, np.nan)
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
