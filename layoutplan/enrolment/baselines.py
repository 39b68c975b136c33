"""What a forecast has to beat: last year's pupils again, and plain means of three years' progression."""

from __future__ import annotations

from typing import Final

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.enrolment.births import Births
from layoutplan.enrolment.history import History

_YEARS: Final = 3
_FEWEST_YEARS: Final = 2  # of births and entry side by side, for a birth-to-entry ratio


def last_value(history: History, *, horizon: int) -> tuple[FloatArray, FloatArray]:
    """Return the counts of the origin for every later year.

    Parameters
    ----------
    history
        Past enrolment.
    horizon
        Number of years.

    Returns
    -------
    district, places : FloatArray
        Pupils, grades × years, and places × grades × years; 0 where not counted.
    """
    district = np.repeat(np.nan_to_num(history.totals[:, -1:]), horizon, axis=1)
    places = np.repeat(np.nan_to_num(history.counts[:, :, -1:]), horizon, axis=2)
    return district, places


def three_year_mean(history: History, births: Births, *, horizon: int) -> tuple[FloatArray, FloatArray]:
    """Return the forecast by the mean of the last three progression ratios, of district and places.

    A grade fed by the grade below is the pupils of that grade times the mean ratio of the last three years. A
    first grade is the mean of the last three years' pupils or, where births are known, of the pupils per
    birth (calendar year, the grade's age earlier), times the births of the cohort. First grades of the
    district are those of its grade sequence; those of a place are the grades it teaches at the origin without
    the grade below. A place keeps the grades that it teaches at the origin. A ratio that a place has not
    shown is the district's. Places are not reconciled with the district.

    Parameters
    ----------
    history
        Past enrolment.
    births
        Births known at the origin.
    horizon
        Number of years.

    Returns
    -------
    district, places : FloatArray
        Pupils, grades × years, and places × grades × years.
    """
    total = history.totals[None]
    district = _projected(history, total, births, horizon=horizon)
    places = _projected(history, history.counts, births, horizon=horizon)
    return district[0], places


def _projected(history: History, counts: FloatArray, births: Births, *, horizon: int) -> FloatArray:
    """Return parts × grades × years; the parts are the whole district alone, or its places."""
    taught = np.nan_to_num(counts[:, :, -1]) > 0
    ratios, fed = _ratios(history, counts, taught)
    fed[:, [grade for grade in history.entries if followed_births(history, births, grade)]] = False
    pooled, _ = _ratios(history, history.totals[None], np.nan_to_num(history.totals[None, :, -1]) > 0)
    ratios = np.where(np.isnan(ratios), np.nan_to_num(pooled, nan=1.0), ratios)
    entering = np.stack(
        [
            _entering(history, counts[:, grade], grade, births, horizon=horizon)
            for grade in range(len(history.grades))
        ],
        axis=1,
    )
    now = np.nan_to_num(counts[:, :, -1])
    ahead = np.zeros((*now.shape, horizon))
    for step in range(horizon):
        after = entering[:, :, step].copy()
        for grade in range(1, len(history.grades)):
            up = now[:, grade - 1] * ratios[:, grade]
            after[:, grade] = np.where(fed[:, grade], up, after[:, grade])
        now = np.where(taught, after, 0.0)
        ahead[:, :, step] = now
    return ahead


def _ratios(history: History, counts: FloatArray, taught: BoolArray) -> tuple[FloatArray, BoolArray]:
    """Return mean ratios of the last three years, parts × grades (nan without any), and where they apply."""
    found = np.full(counts.shape[:2], np.nan)
    fed = np.zeros(counts.shape[:2], dtype=bool)
    for grade in range(1, len(history.grades)):
        if history.feeder(grade) is None:
            continue
        fed[:, grade] = taught[:, grade] & taught[:, grade - 1]
        before, came = counts[:, grade - 1, :-1][:, -_YEARS:], counts[:, grade, 1:][:, -_YEARS:]
        known = (np.nan_to_num(before) > 0) & (np.nan_to_num(came) > 0)
        ratio = np.where(known, np.nan_to_num(came) / np.where(known, before, 1.0), 0.0)
        some = known.sum(axis=1)
        found[:, grade] = np.where(some > 0, ratio.sum(axis=1) / np.maximum(some, 1), np.nan)
    return found, fed


def _entering(
    history: History, pupils: FloatArray, grade: int, births: Births, *, horizon: int
) -> FloatArray:
    """Return the pupils of a first grade by year ahead, parts × years."""
    age, years = history.grades[grade].age, history.years[-_YEARS:]
    born = np.array([births.of(year - age, born_before=0.0) or np.nan for year in years])
    ahead = [
        births.of(history.origin + step - age, born_before=0.0) or np.nan for step in range(1, horizon + 1)
    ]
    recent = pupils[:, -_YEARS:]
    by_births = followed_births(history, births, grade) and np.isfinite(ahead).all()
    per = recent / born if by_births else recent
    known = np.isfinite(per)
    mean = np.where(known, np.nan_to_num(per), 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.asarray(mean[:, None] * (np.array(ahead) if by_births else np.ones(horizon)))


def followed_births(history: History, births: Births, grade: int) -> bool:
    """Return whether a grade is entered by children who were not enrolled before, with known births.

    Births are known if at least two years have both births and entries.

    Parameters
    ----------
    history
        Past enrolment.
    births
        Births known at the origin.
    grade
        Position of the grade.

    Returns
    -------
    bool
        Whether its entries can be forecast from births.
    """
    fed = history.feeder(grade) is not None
    if grade in history.climbs or (fed and history.grades[grade].stage not in history.from_home):
        return False
    age = history.grades[grade].age
    both = sum(
        bool(births.of(year - age, born_before=births.born_before)) and np.nan_to_num(count) > 0
        for year, count in zip(history.years, history.totals[grade], strict=True)
    )
    return int(both) >= _FEWEST_YEARS
