"""Schools (or areas) in the district: their own progression, and their shares of entry."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.enrolment.choices import TRIED_HORIZONS, Effects, Shares, Trials, try_choices
from layoutplan.enrolment.district import MOST_RATIO, log_ratios
from layoutplan.enrolment.history import History
from layoutplan.enrolment.smoothing import recency

_OUTLIER: Final = 3.0  # robust spreads at which a place's year (a neighbour closed, a class moved) is cut off
_MAD_TO_SPREAD: Final = 1.4826
_NOBODY: Final = 1e-9  # pupils; less is nobody
_ROUNDS: Final = 20  # of an iteration that is near its end after five


@dataclass(frozen=True)
class Moves:
    """Pupils who went up a grade in their place, beside those expected by the district's ratio of the year.

    Attributes
    ----------
    observed, expected
        places × grades × (years − 1), 0 where a transition was not seen in the place or is beyond belief
        (:data:`~layoutplan.enrolment.district.MOST_RATIO`).
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
    """Return every place's moves up a grade of its own, year by year."""
    counts = history.counts
    shape = (counts.shape[0], counts.shape[1], max(counts.shape[2] - 1, 0))
    observed, expected = np.zeros(shape), np.zeros(shape)
    ratios = np.exp(log_ratios(history))
    beyond = 0
    for grade in history.climbs:
        hoped = counts[:, grade - 1, :-1] * ratios[grade]
        came = counts[:, grade, 1:]
        known = ~np.isnan(hoped) & ~np.isnan(came) & (np.nan_to_num(hoped) > 0)
        close = np.where(known, came, 1.0) <= MOST_RATIO * np.where(known, hoped, 1.0)
        close &= (MOST_RATIO * np.where(known, came, 1.0) >= np.where(known, hoped, 1.0)) | (came == 0)
        beyond += int((known & ~close).sum())
        observed[:, grade] = np.where(known & close, came, 0.0)
        expected[:, grade] = np.where(known & close, hoped, 0.0)
    return Moves(observed, expected, beyond, history.typical_size)


def effects_of(moves: Moves, *, choice: Effects) -> tuple[FloatArray, FloatArray]:
    """Return how many more pupils of a place go up than of its district, and how far to believe it.

    Empirical Bayes in two steps, with ``n`` the recency-weighted pupils expected and ``k`` the credibility ×
    the typical size: the place's mean log ratio × n ÷ (n + k); then, about it, each grade's own
    ln((observed + k) ÷ (expected + k)).

    Returns
    -------
    effects
        Log factors on the district's ratios, places × grades.
    credibility
        n ÷ (n + k) of each place, 0 to 1.
    """
    places, grades, years = moves.observed.shape
    if math.isinf(choice.credibility) or not years:
        return np.zeros((places, grades)), np.zeros(places)
    prior = choice.credibility * moves.size
    weights = recency(years, half_life=choice.half_life)
    yearly = np.nan_to_num(moves.yearly)
    pupils = np.where(np.isnan(moves.yearly), 0.0, moves.expected.sum(axis=1)) * weights
    seen = pupils.sum(axis=1)
    mean = (pupils * yearly).sum(axis=1) / (seen + prior)
    observed = moves.observed @ weights
    expected = (moves.expected * np.exp(yearly)[:, None, :]) @ weights
    return mean[:, None] + np.log((observed + prior) / (expected + prior)), seen / (seen + prior)


def shares_of(history: History, grade: int, *, choice: Shares) -> FloatArray:
    """Return every place's share of a grade's pupils to go on with; 0 where it is not taught at the origin.

    The recency-weighted share, shrunk toward the place's share of all pupils in the stage's grades it
    teaches. Years in which other places taught the grade too, or fewer did, are made comparable
    (:func:`_drawing_power`): a school that opens takes its share from those that were there. The shares sum
    to 1 if any place teaches the grade.
    """
    taught = history.taught[:, grade]
    counts = np.nan_to_num(history.counts[:, grade])
    weights = recency(counts.shape[1], half_life=choice.half_life)
    rows = history.stage_rows(history.grades[grade].stage)
    now, everywhere = history.counts[:, rows, -1], np.nan_to_num(history.totals[rows, -1])
    size = np.nansum(now, axis=1) / np.maximum((~np.isnan(now) * everywhere).sum(axis=1), 1e-12)
    power = np.where(taught[:, -1], _drawing_power(counts, taught, weights), 0.0)
    own = power / power.sum() if power.sum() > 0 else size
    seen = counts @ weights
    prior = choice.credibility * history.typical_size
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
    """Scale parts to control totals, in proportion; where all parts are 0, share the total out evenly.

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
    sums = parts.sum(axis=0)
    some = sums > _NOBODY
    factors = np.where(some, totals / np.where(some, sums, 1.0), np.nan)
    even = np.broadcast_to(totals / max(parts.shape[0], 1), parts.shape)
    return np.where(some, parts * np.nan_to_num(factors), even), factors


def effects_trials(history: History) -> Trials[Effects]:
    """Return how far off each rule of effects was for places, given the district's true totals."""
    moves = [moves_of(history.until(year)) for year in history.years]

    def errors(choice: Effects, place: int) -> FloatArray:
        effects, _ = effects_of(moves[place], choice=choice)
        return _climb_errors(history, place, np.exp(effects))[None]

    return try_choices(Effects(), errors, worth=_places_open(history), least=2)


def _places_open(history: History) -> FloatArray:
    """Return how many places teach any grade, by year."""
    return np.asarray(history.taught.any(axis=1).sum(axis=0), dtype=float)


def _climb_errors(history: History, place: int, ratios: FloatArray) -> FloatArray:
    """Return the weighted error ÷ √h of the places' pupils who were there in year ``place``, by horizon."""
    now, errors = history.counts[:, :, place], np.full(len(TRIED_HORIZONS), np.nan)
    climbs = list(history.climbs)
    for step in range(1, max(TRIED_HORIZONS) + 1):
        if place + step >= len(history.years) or not climbs:
            break
        after = np.full_like(now, np.nan)
        after[:, climbs] = now[:, [grade - 1 for grade in climbs]] * ratios[:, climbs]
        actual = history.counts[:, :, place + step]
        both = ~np.isnan(after) & ~np.isnan(actual)
        raked, _ = rake(np.where(both, after, 0.0), np.where(both, actual, 0.0).sum(axis=0))
        total = np.where(both, actual, 0.0).sum()
        if total > 0 and step in TRIED_HORIZONS:
            by_place = np.where(both, raked - np.nan_to_num(actual), 0.0).sum(axis=1)
            error = float(np.abs(by_place).sum() / total) / math.sqrt(step)
            errors[TRIED_HORIZONS.index(step)] = error
        now = np.where(both, raked, np.nan)
    return errors


def shares_trials(history: History) -> Trials[Shares]:
    """Return how far off each rule of entry shares was, given the district's true entry."""
    pasts = [history.until(year) for year in history.years]

    def errors(choice: Shares, place: int) -> FloatArray:
        found = np.full((len(history.entries), len(TRIED_HORIZONS)), np.nan)
        for row, grade in enumerate(history.entries):
            share = shares_of(pasts[place], grade, choice=choice)
            for column, step in enumerate(TRIED_HORIZONS):
                if place + step < len(history.years):
                    error = _share_error(history, grade, place + step, share)
                    found[row, column] = error / math.sqrt(step)
        return found

    return try_choices(Shares(), errors, worth=_places_open(history), least=1)


def _share_error(history: History, grade: int, place: int, share: FloatArray) -> float:
    """Return the weighted error of shares in a year, over the places that were and are there."""
    actual = history.counts[:, grade, place]
    both = (share > 0) & ~np.isnan(actual)
    total = float(actual[both].sum())
    if total <= 0:
        return math.nan
    return float(np.abs(share[both] / share[both].sum() * total - actual[both]).sum() / total)
