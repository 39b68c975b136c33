"""Schools (or areas) in the district: their own progression, and their shares of entry."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.enrolment.history import NOBODY, History
from layoutplan.enrolment.ratios import MOST_RATIO, log_ratios, recency

_OUTLIER: Final = 3.0  # robust spreads at which a place's year (a neighbour closed, a class moved) is cut off
_MAD_TO_SPREAD: Final = 1.4826

EFFECTS_HALF_LIFE: Final = 4.0
"""Years after which a move of pupils in a place counts half."""

EFFECTS_CREDIBILITY: Final = 8.0
"""Pupils, in grades of typical size, at which half of what is seen of a place's progression is believed."""

SHARES_HALF_LIFE: Final = 2.0
"""Years after which a place's share of entry counts half."""

SHARES_CREDIBILITY: Final = 1.0
"""The same as :data:`EFFECTS_CREDIBILITY`, of a place's share of entry."""
_NEAR: Final = 2  # grades from an entry grade on whose pupils say how a place draws now
_ROUNDS: Final = 20  # of an iteration that is near its end after five


@dataclass(frozen=True)
class Moves:
    """Pupils who went up a grade in their place, beside those expected by the district's ratio of the year.

    Attributes
    ----------
    observed, expected
        places × grades × (years − 1), 0 where a transition was not seen in the place or is beyond belief
        (:data:`~layoutplan.enrolment.ratios.MOST_RATIO`).
    beyond
        How many transitions were beyond belief.
    size
        Pupils of a typical grade, the unit of credibility.
    """

    observed: FloatArray
    expected: FloatArray
    beyond: int
    size: float

    @cached_property
    def yearly(self) -> FloatArray:
        """Log of observed over expected pupils of a place and year, outliers reined in; nan without any."""
        observed, expected = self.observed.sum(axis=1), self.expected.sum(axis=1)
        seen = (observed > 0) & (expected > 0)
        logs = np.where(seen, np.log(np.where(seen, observed, 1) / np.where(seen, expected, 1)), np.nan)
        if not seen.any():
            return logs
        reach = _OUTLIER * _MAD_TO_SPREAD * float(np.median(np.abs(logs[seen])))
        return np.clip(logs, -reach, reach) if reach > 0 else logs


def moves_of(history: History) -> Moves:
    """Return the observed and expected progressions within every place, year by year.

    Parameters
    ----------
    history
        Past enrolment.

    Returns
    -------
    Moves
        Expected pupils are those of the grade below times the district's ratio; implausible pairs are left
        out and counted.
    """
    counts = history.counts
    shape = (counts.shape[0], counts.shape[1], max(counts.shape[2] - 1, 0))
    observed, expected = np.zeros(shape), np.zeros(shape)
    ratios = np.exp(log_ratios(history))
    beyond = 0
    for grade in history.rises:
        hoped = counts[:, grade - 1, :-1] * ratios[grade]
        came = counts[:, grade, 1:]
        known = ~np.isnan(hoped) & ~np.isnan(came) & (np.nan_to_num(hoped) > 0)
        close = np.where(known, came, 1.0) <= MOST_RATIO * np.where(known, hoped, 1.0)
        close &= (MOST_RATIO * np.where(known, came, 1.0) >= np.where(known, hoped, 1.0)) | (came == 0)
        beyond += int((known & ~close).sum())
        observed[:, grade] = np.where(known & close, came, 0.0)
        expected[:, grade] = np.where(known & close, hoped, 0.0)
    return Moves(observed, expected, beyond, history.typical_size)


def effects_of(moves: Moves) -> tuple[FloatArray, FloatArray]:
    """Return the log factor of each place on the district's ratios, and its credibility.

    Empirical Bayes in two steps, with ``n`` the recency-weighted expected pupils and ``k`` the credibility
    constant × the typical size: the place's mean log ratio × n ÷ (n + k); then, around it, each grade's own
    ln((observed + k) ÷ (expected + k)).

    Parameters
    ----------
    moves
        Progressions within places.

    Returns
    -------
    effects : FloatArray
        Log factors, places × grades.
    credibility : FloatArray
        n ÷ (n + k) of each place, 0 to 1.
    """
    places, grades, years = moves.observed.shape
    if not years:
        return np.zeros((places, grades)), np.zeros(places)
    prior = EFFECTS_CREDIBILITY * moves.size
    weights = recency(years, half_life=EFFECTS_HALF_LIFE)
    yearly = np.nan_to_num(moves.yearly)
    pupils = np.where(np.isnan(moves.yearly), 0.0, moves.expected.sum(axis=1)) * weights
    seen = pupils.sum(axis=1)
    mean = (pupils * yearly).sum(axis=1) / (seen + prior)
    observed = moves.observed @ weights
    expected = (moves.expected * np.exp(yearly)[:, None, :]) @ weights
    return mean[:, None] + np.log((observed + prior) / (expected + prior)), seen / (seen + prior)


def shares_of(history: History, grade: int) -> FloatArray:
    """Return the share of every place in a grade's future pupils.

    The recency-weighted share, shrunk toward the place's present share of the grade and the one above. Years
    in which other places taught the grade are made comparable (:func:`_drawing_power`): a school that opens
    takes its share from those that taught the grade before.

    Parameters
    ----------
    history
        Past enrolment.
    grade
        Position of the grade.

    Returns
    -------
    FloatArray
        Shape (places,), sum 1 if any place teaches the grade; 0 where it is not taught at the origin.
    """
    taught = history.taught[:, grade]
    counts = np.nan_to_num(history.counts[:, grade])
    weights = recency(counts.shape[1], half_life=SHARES_HALF_LIFE)
    stage = history.stage_rows(history.grades[grade].stage)
    rows = [row for row in stage if grade <= row < grade + _NEAR]
    now, everywhere = history.counts[:, rows, -1], np.nan_to_num(history.totals[rows, -1])
    size = np.nansum(now, axis=1) / np.maximum((~np.isnan(now) * everywhere).sum(axis=1), 1e-12)
    power = np.where(taught[:, -1], _drawing_power(counts, taught, weights), 0.0)
    own = power / power.sum() if power.sum() > 0 else size
    seen = counts @ weights
    prior = SHARES_CREDIBILITY * history.typical_size
    share = np.where(taught[:, -1], (seen * own + prior * size) / (seen + prior), 0.0)
    total = share.sum()
    return np.asarray(share / total if total > 0 else share)


def _drawing_power(counts: FloatArray, taught: BoolArray, weights: FloatArray) -> FloatArray:
    """Return the figures whose proportions, among the places of each year, best give that year's counts.

    Luce's choice model, where each year has its own set of places, by the MM algorithm of Hunter (2004,
    doi:10.1214/aos/1079120141): power = Σ w·count ÷ Σ w·(all that year) ÷ (power of the places that year).
    """
    all_counts = counts.sum(axis=0) * weights
    seen = counts @ weights
    base = taught @ all_counts
    power = np.where(base > 0, seen / np.where(base > 0, base, 1.0), 0.0)
    for _ in range(_ROUNDS):
        of_year = power @ taught
        base = taught @ np.where(of_year > 0, all_counts / np.where(of_year > 0, of_year, 1.0), 0.0)
        power = np.where(base > 0, seen / np.where(base > 0, base, 1.0), 0.0)
    return np.asarray(power)


def rake(parts: FloatArray, totals: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Scale parts to control totals, in proportion; where all parts are nobody, share the total out evenly.

    The law: sums of the raked parts are the totals, and raking again changes nothing, both within
    :data:`~layoutplan.enrolment.history.NOBODY`. A total of nobody leaves nobody in any part.

    Parameters
    ----------
    parts
        Parts (first axis) × any further axes; not negative.
    totals
        The further axes.

    Returns
    -------
    raked, factors
        Parts whose sums are the totals; what they were multiplied by (nan where nothing was to scale).

    Examples
    --------
    >>> raked, factors = rake(np.array([[30.0], [10.0]]), np.array([50.0]))
    >>> raked.ravel().tolist(), factors.tolist()
    ([37.5, 12.5], [1.25])
    """
    sums, wanted = parts.sum(axis=0), np.where(totals > NOBODY, totals, 0.0)
    some = sums > NOBODY
    factors = np.where(some, wanted / np.where(some, sums, 1.0), np.nan)
    even = np.broadcast_to(wanted / max(parts.shape[0], 1), parts.shape)
    return np.where(some, parts * np.nan_to_num(factors), even), factors
