"""The district as a whole: progression ratios, entry, and the choices both rest on."""

from __future__ import annotations

import math
from functools import cache, partial
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.enrolment.births import Births
from layoutplan.enrolment.choices import (
    TRIED_HORIZONS,
    Ageing,
    Choices,
    Entry,
    EntrySource,
    Trials,
    try_choices,
)
from layoutplan.enrolment.history import History
from layoutplan.enrolment.smoothing import credible, recency, steady_mean, steady_slope

MOST_RATIO: Final = 3.0
"""A ratio above this, or below its inverse, is a change of what is counted, not of pupils; it is left out."""

_FEWEST_YEARS: Final = 2  # of births and entry side by side, for a birth-to-entry ratio
_YOUNG: Final = ("kindergarten", "primary")  # stages entered from home rather than from the stage below


def log_ratios(history: History) -> FloatArray:
    """Return the logarithms of the district's progression ratios, grades × (years − 1).

    Row ``g``, column ``t``: pupils of grade ``g`` in year ``t + 1`` over those of the feeding grade in year
    ``t``. nan where there is no feeder, a count is missing or zero, or the ratio is beyond
    :data:`MOST_RATIO`.
    """
    totals = history.totals
    ratios = np.full((totals.shape[0], totals.shape[1] - 1), np.nan)
    for grade in range(len(history.grades)):
        feeder = history.feeder(grade)
        if feeder is not None:
            ratios[grade] = _logs(totals[grade, 1:]) - _logs(totals[feeder, :-1])
    return np.where(np.abs(ratios) <= math.log(MOST_RATIO), ratios, np.nan)


def _logs(values: FloatArray) -> FloatArray:
    """Return logarithms, nan for what is not positive."""
    return np.log(np.where(np.nan_to_num(values) > 0, values, np.nan))


def climbing(history: History, ratios: FloatArray, *, choice: Ageing, spread: float) -> FloatArray:
    """Return the log ratios to go on with, one a grade; 0 for entry grades.

    A ratio is the district's common growth of all cohorts plus the grade's own deviation. Both are means
    with recent years weighing more (the deviation's half-life twice as long). The common growth is shrunk
    toward 0 by its own uncertainty, the deviations toward none by how little they differ from each other.

    Parameters
    ----------
    history
        For the pupils that weigh the grades; its years end where ``ratios`` end.
    ratios
        From :func:`log_ratios`, grades × (years − 1).
    choice
        Half-life and doubt.
    spread
        Standard deviation of a district's total from one year to the next, expected beforehand.
    """
    going = np.zeros(len(history.grades))
    rows = list(history.climbs)
    if not rows or not ratios.shape[1]:
        return going
    seen = ratios[rows]
    known = ~np.isnan(seen)
    pupils = np.where(known, np.nan_to_num(history.totals[[row - 1 for row in rows], :-1]), 0.0)
    size = pupils.sum(axis=0)
    common = np.where(
        size > 0, (pupils * np.nan_to_num(seen)).sum(axis=0) / np.where(size > 0, size, 1), np.nan
    )
    years = seen.shape[1]
    mean, variance = steady_mean(common, recency(years, half_life=choice.half_life), spread=spread)
    of_grade = spread * math.sqrt(len(rows))
    weights = recency(years, half_life=2 * choice.half_life)
    own = np.array([steady_mean(row - common, weights, spread=of_grade) for row in seen])
    between = float(np.mean(own[:, 0] ** 2))
    within = float(np.mean(own[:, 1]))
    signal = max(between - within, 0.0)
    believed = signal / (signal + within)
    going[rows] = credible(mean, variance, doubt=choice.doubt) + believed * own[:, 0]
    return going


def source_of(history: History, births: Births, grade: int) -> EntrySource:
    """Return what an entry grade is forecast from.

    Births for kindergarten and primary, and for any stage nobody reports the feeding grade of; else the
    feeding grade; else, without either, the grade's own recent entry.
    """
    totals = history.totals
    age = history.grades[grade].age
    known = [births.of(year - age, born_before=births.born_before) for year in history.years]
    side_by_side = sum(
        value is not None and value > 0 and np.nan_to_num(count) > 0
        for value, count in zip(known, totals[grade], strict=True)
    )
    feeder = history.feeder(grade)
    fed = feeder is not None and bool(np.isfinite(log_ratios(history)[grade]).any())
    if side_by_side >= _FEWEST_YEARS and (not fed or history.grades[grade].stage in _YOUNG):
        return "births"
    return "feeder" if fed else "own"


def entry_drivers(
    history: History, births: Births, grade: int, *, source: EntrySource, choice: Entry, ahead: int
) -> FloatArray:
    """Return the source of an entry grade by year: the history's years and ``ahead`` more.

    Births of the cohort; the feeding grade a year before (nan for the years ahead but the first, which only
    the forecast knows); or 1 throughout for own entry.
    """
    years = [*history.years, *range(history.origin + 1, history.origin + 1 + ahead)]
    if source == "births":
        age = history.grades[grade].age
        values = [births.of(year - age, born_before=choice.born_before) for year in years]
        return np.array([math.nan if value is None else value for value in values])
    driver = np.full(len(years), 1.0 if source == "own" else math.nan)
    feeder = history.feeder(grade)
    if source == "feeder" and feeder is not None:
        driver[1 : len(history.years) + 1] = history.totals[feeder][: len(driver) - 1]
    return driver


def entry_ratios(
    entering: FloatArray, drivers: FloatArray, *, choice: Entry, spread: float, ahead: int
) -> FloatArray:
    """Return the log of entry over driver^pull for the years ahead; past ratios beyond belief are left out.

    The mean of past ratios, recent ones weighing more; with a ``trend`` also their drift, damped: the next
    year keeps ``trend`` of it, the year after ``trend``² …
    """
    ratio = _logs(entering) - choice.pull * _logs(drivers)
    if np.isfinite(ratio).any():
        ratio = np.where(np.abs(ratio - np.nanmedian(ratio)) <= math.log(MOST_RATIO), ratio, np.nan)
    weights = recency(len(ratio), half_life=choice.half_life)
    level = steady_mean(ratio, weights, spread=spread)[0]
    if choice.trend == 0:
        return np.full(ahead, level)
    slope, age = steady_slope(ratio, weights, spread=spread)
    return level + slope * (age + np.cumsum(choice.trend ** np.arange(1, ahead + 1)))


def project_district(
    history: History, births: Births, choices: Choices, *, horizon: int, spread: float
) -> FloatArray:
    """Return the district's pupils, grades × ``horizon`` years after the origin."""
    ratios = np.exp(climbing(history, log_ratios(history), choice=choices.ageing, spread=spread))
    years = len(history.years)
    levels, drivers = {}, {}
    for grade in history.entries:
        choice, source = choices.entries[grade], choices.sources[grade]
        drivers[grade] = entry_drivers(
            history, births, grade, source=source, choice=choice, ahead=max(horizon, 1)
        )
        levels[grade] = entry_ratios(
            history.totals[grade],
            drivers[grade][:years],
            choice=choice,
            spread=grade_spread(history, grade, spread=spread),
            ahead=horizon,
        )
    now = np.nan_to_num(history.totals[:, -1])
    ahead = np.zeros((len(history.grades), horizon))
    for step in range(horizon):
        after = np.zeros_like(now)
        for grade in range(len(history.grades)):
            if grade in levels:
                feeder = history.feeder(grade)
                fed = choices.sources[grade] == "feeder" and feeder is not None
                driver = now[feeder] if fed else drivers[grade][years + step]
                after[grade] = math.exp(levels[grade][step]) * driver ** choices.entries[grade].pull
            else:
                after[grade] = now[grade - 1] * ratios[grade]
        ahead[:, step] = after
        now = after
    return ahead


def grade_spread(history: History, grade: int, *, spread: float) -> float:
    """Return the spread of one grade, if a stage's grades vary alike and apart: × √(grades)."""
    return spread * math.sqrt(len(history.stage_rows(history.grades[grade].stage)))


def ageing_trials(history: History, *, spread: float) -> Trials[Ageing]:
    """Return how far off each ageing was for the pupils already at school."""
    ratios = log_ratios(history)
    pasts = [history.until(year) for year in history.years]

    def errors(choice: Ageing, place: int) -> FloatArray:
        going = climbing(pasts[place], ratios[:, :place], choice=choice, spread=spread)
        return _survivor_errors(history, place, going)[None]

    return try_choices(Ageing(), errors, worth=np.ones(len(history.years)), least=2)


def _survivor_errors(history: History, place: int, going: FloatArray) -> FloatArray:
    """Return |ln(forecast ÷ actual)| ÷ √h of the pupils who were at school in year ``place``, by horizon."""
    now, errors = history.totals[:, place], np.full(len(TRIED_HORIZONS), np.nan)
    climbs = list(history.climbs)
    for step in range(1, max(TRIED_HORIZONS) + 1):
        if place + step >= len(history.years) or not climbs:
            break
        after = np.full_like(now, np.nan)
        after[climbs] = now[[grade - 1 for grade in climbs]] * np.exp(going[climbs])
        actual = history.totals[:, place + step]
        both = ~np.isnan(after) & ~np.isnan(actual)
        if step in TRIED_HORIZONS and after[both].sum() > 0 and actual[both].sum() > 0:
            error = abs(math.log(after[both].sum() / actual[both].sum())) / math.sqrt(step)
            errors[TRIED_HORIZONS.index(step)] = error
        now = after
    return errors


def entry_trials(
    history: History, births: Births, grade: int, *, source: EntrySource, spread: float
) -> Trials[Entry]:
    """Return how far off each entry rule was for one entry grade."""
    of_grade = grade_spread(history, grade, spread=spread)
    entering = history.totals[grade]
    horizons = np.array(TRIED_HORIZONS)
    default = Entry(born_before=births.born_before)

    @cache
    def drivers_of(born_before: float) -> FloatArray:
        choice = Entry(born_before=born_before)
        return entry_drivers(history, births, grade, source=source, choice=choice, ahead=0)

    def errors(choice: Entry, place: int) -> FloatArray:
        found = np.full((1, len(horizons)), np.nan)
        steps = horizons[place + horizons < len(entering)]
        if not len(steps):
            return found
        drivers = drivers_of(choice.born_before)
        past = slice(place + 1)
        going = entry_ratios(
            entering[past], drivers[past], choice=choice, spread=of_grade, ahead=int(steps[-1])
        )
        hoped = going[steps - 1] + choice.pull * _logs(drivers[place + steps])
        found[0, : len(steps)] = np.abs(hoped - _logs(entering[place + steps])) / np.sqrt(steps)
        return found

    worth = np.ones(len(history.years))
    applies = partial(_applies, default=default, source=source)
    return try_choices(default, errors, worth=worth, least=2, among=applies)


def _applies(choice: Entry, *, default: Entry, source: EntrySource) -> bool:
    """Say whether a rule makes sense for a source: only births have a cut-off and can be followed in part."""
    follows = (choice.pull, choice.born_before) == (default.pull, default.born_before)
    return source == "births" or follows
