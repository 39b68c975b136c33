"""What a forecast has to beat: last year's pupils again, and plain means of three years' progression."""

from __future__ import annotations

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.enrolment.births import Births
from layoutplan.enrolment.district import source_of
from layoutplan.enrolment.history import History

_YEARS = 3


def last_value(history: History, *, horizon: int) -> tuple[FloatArray, FloatArray]:
    """Return the pupils of the origin again: the district's (grades × years) and the places' (first axis)."""
    district = np.repeat(np.nan_to_num(history.totals[:, -1:]), horizon, axis=1)
    places = np.repeat(np.nan_to_num(history.counts[:, :, -1:]), horizon, axis=2)
    return district, places


def three_year_mean(history: History, births: Births, *, horizon: int) -> tuple[FloatArray, FloatArray]:
    """Return pupils by the mean of the last three progression ratios, the district's and each place's own.

    Entry is the mean of the last three entries per birth (calendar year, the grade's age before), per pupil
    of the feeding grade, or per year, times what is to come. A place without a ratio of its own takes the
    district's. Places are not reconciled with the district.
    """
    total = history.totals[None]
    pooled = _ratios(history, total, births)
    own = _ratios(history, history.counts, births)
    progress = np.where(np.isnan(own), pooled, own)
    progress[:, list(history.entries)] = np.nan_to_num(own[:, list(history.entries)])
    district = _project(history, total, np.nan_to_num(pooled), births, horizon=horizon, district=None)
    places = _project(
        history, history.counts, np.nan_to_num(progress), births, horizon=horizon, district=district[0]
    )
    return district[0], places


def _ratios(history: History, counts: FloatArray, births: Births) -> FloatArray:
    """Return mean ratios of the last three years, parts × grades; nan without any."""
    found = np.full(counts.shape[:2], np.nan)
    for grade in range(len(history.grades)):
        divisor = _divisors(history, counts, grade, births)[:, -_YEARS:]
        came = counts[:, grade, -divisor.shape[1] :]
        known = ~np.isnan(came) & (np.nan_to_num(divisor) > 0)
        ratio = np.where(known, came, 0.0) / np.where(known, divisor, 1.0)
        some = known.sum(axis=1)
        found[:, grade] = np.where(some > 0, ratio.sum(axis=1) / np.maximum(some, 1), np.nan)
    return found


def _divisors(history: History, counts: FloatArray, grade: int, births: Births) -> FloatArray:
    """Return what a grade's pupils are divided by, parts (or one for all) × years."""
    past = np.full((1, len(history.years)), np.nan)
    if grade in history.climbs:
        before = counts[:, grade - 1, :-1]
        return np.concatenate([np.full((counts.shape[0], 1), np.nan), before], axis=1)
    source, feeder = source_of(history, births, grade), history.feeder(grade)
    if source == "births":
        age = history.grades[grade].age
        born = [births.of(year - age, born_before=0.0) for year in history.years]
        past[0] = [np.nan if value is None else value for value in born]
    elif source == "feeder" and feeder is not None:
        past[0, 1:] = history.totals[feeder, :-1]
    else:
        past[:] = 1.0
    return past


def _project(
    history: History,
    counts: FloatArray,
    ratios: FloatArray,
    births: Births,
    *,
    horizon: int,
    district: FloatArray | None,
) -> FloatArray:
    """Return parts × grades × years; entry fed by a stage follows the district's, ``None`` for itself."""
    now = np.nan_to_num(counts[:, :, -1])
    ahead = np.zeros((*now.shape, horizon))
    last = np.nan_to_num(history.totals[:, -1])
    for step in range(horizon):
        after = np.zeros_like(now)
        feeding = last if step == 0 else (ahead[0] if district is None else district)[:, step - 1]
        for grade in range(len(history.grades)):
            if grade in history.climbs:
                after[:, grade] = now[:, grade - 1] * ratios[:, grade]
                continue
            source, feeder = source_of(history, births, grade), history.feeder(grade)
            driver = 1.0
            if source == "births":
                born = history.origin + step + 1 - history.grades[grade].age
                driver = births.of(born, born_before=0.0) or 0.0
            elif source == "feeder" and feeder is not None:
                driver = float(feeding[feeder])
            after[:, grade] = ratios[:, grade] * driver
        after[counts.shape[0] > 1 and ~history.taught[:, :, -1].any(axis=1)] = 0.0
        ahead[:, :, step] = after
        now = after
    return ahead
