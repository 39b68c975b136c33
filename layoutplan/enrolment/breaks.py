"""Years in which all grades of a stage broke with others: a pandemic, a policy, a merged district."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.enrolment.history import History

_SPREADS: Final = 4.0  # robust standard deviations of the other years
_LEAST: Final = 0.04  # and at least so much
_FEWEST: Final = 4  # years of ratios, below which none is unusual
_MAD_TO_SPREAD: Final = 1.4826


@dataclass(frozen=True, slots=True)
class Break:
    """A stage's pupils who went up a grade, in one year against the median of the others.

    Attributes
    ----------
    at
        Position of the year in ``History.years``.
    size
        Log of the year's ratio over the median.
    left_out
        Whether the ratios of the year are left out: it passed. A break that the next year shares is a new
        level and counts; one in the last year counts until it is known to have passed.
    """

    stage: str
    at: int
    size: float
    left_out: bool


def find_breaks(history: History) -> tuple[Break, ...]:
    """Return the years whose progression ratios deviate strongly from those of the other years.

    A break is a year in which the ratio of all pupils who progress within the stage differs from the median
    over all years by more than four robust standard deviations, and by more than 4 %.

    Parameters
    ----------
    history
        Past enrolment.

    Returns
    -------
    tuple of Break
        By year, then stage; none for stages with too few years.
    """
    found = []
    for stage in history.stages:
        rows = [row for row in history.stage_rows(stage) if row in history.climbs]
        if not rows or len(history.years) <= _FEWEST:
            continue
        ratios = _common(history, rows)
        known = ratios[np.isfinite(ratios)]
        if known.size < _FEWEST:
            continue
        middle = float(np.median(known))
        reach = max(_SPREADS * _MAD_TO_SPREAD * float(np.median(np.abs(known - middle))), _LEAST)
        off = np.nan_to_num(ratios - middle)
        for at in np.flatnonzero(np.abs(off) > reach):
            last = at == len(off) - 1
            lasting = not last and off[at + 1] * np.sign(off[at]) > reach / 2
            before = at > 0 and off[at - 1] * np.sign(off[at]) > reach / 2
            found.append(Break(stage, int(at) + 1, float(off[at]), not (last or lasting or before)))
    return tuple(sorted(found, key=lambda one: (one.at, one.stage)))


def _common(history: History, rows: list[int]) -> FloatArray:
    """Return the log ratio of all pupils going up within a stage, year by year."""
    below = history.totals[[row - 1 for row in rows], :-1]
    came = history.totals[rows, 1:]
    both = (np.nan_to_num(below) > 0) & (np.nan_to_num(came) > 0)
    before, after = (np.where(both, figures, 0.0).sum(axis=0) for figures in (below, came))
    some = before > 0
    return np.where(some, np.log(np.where(some, after, 1.0) / np.where(some, before, 1.0)), np.nan)
