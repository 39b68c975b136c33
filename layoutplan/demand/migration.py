"""Migration by age: as the plan states it, else read off the residents and the births of their years."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.city.city import City
from layoutplan.demand.births import recorded_births
from layoutplan.demand.cohorts import STILL, Migration
from layoutplan.errors import FaultLog
from layoutplan.plan.settings import DemandSettings
from layoutplan.standards.rules import Profile

_FEWEST_AGES: Final = 4
"""Ages with residents and births from which a pattern is read."""
_LARGEST_GROWTH: Final = 0.1
"""Yearly growth of a cohort beyond which births and residents are taken to be of different places."""
_SMOOTHED: Final = 3
"""Ages averaged: residents by single age and births by calendar year disagree by a few per cent."""


def net_migration(city: City, profile: Profile, settings: DemandSettings, *, log: FaultLog) -> Migration:
    """Return the net growth of a cohort by migration, by age.

    Sources in order of precedence:

    1. ``settings.migration_rate``, alike at every age;
    2. residents ÷ births: the residents of age ``a`` over the births of their cohort, ``s(a)``, say how many
       have come or gone by that age, and ``s(a + 1) / s(a)`` how many do so within a year, if migration goes
       on as it has been; its logarithm is averaged over three ages, and ages that the births do not reach
       grow as the mean of those they do. Births to come are multiplied by ``s(0)``, read off the three
       youngest ages. It needs four ages, in units with births in all these years;
    3. no migration, with a notice.

    Parameters
    ----------
    city
        Population by unit and age, ``tables["births"]`` and the base year.
    profile
        Share of a cohort born in the previous calendar year.
    settings
        ``[demand]`` of the plan.
    log
        Receives a notice of what was assumed, and a warning where births and residents do not fit.

    Returns
    -------
    Migration
        The same for all units.
    """
    ratios = residents_per_birth(city, profile)
    if settings.migration_rate is not None:
        _compare(ratios, settings.migration_rate, log)
        return Migration((settings.migration_rate,))
    if len(ratios) < _FEWEST_AGES:
        log.add("migration_unknown", severity="notice", table="births")
        return STILL
    steps = _smoothed(np.diff(np.log(ratios.to_numpy(dtype=float))))
    yearly = np.expm1(steps)
    if np.abs(yearly).max() > _LARGEST_GROWTH:
        log.add(
            "migration_unlikely",
            severity="warning",
            table="births",
            growth=float(yearly[np.abs(yearly).argmax()]),
        )
        return STILL
    first, last, mean = int(ratios.index[0]), int(ratios.index[-1]), float(np.expm1(steps.mean()))
    log.add(
        "migration_by_age",
        severity="notice",
        table="births",
        first=first,
        last=last,
        low=float(ratios.iloc[0]),
        high=float(ratios.iloc[-1]),
        mean=mean,
    )
    at_birth = _youngest_level(ratios, steps) / (1.0 + mean) ** first
    return Migration((*[mean] * first, *map(float, yearly), mean), at_birth=at_birth)


def _youngest_level(ratios: pd.Series[float], steps: FloatArray) -> float:
    """Return the residents per birth of the youngest age, as the three youngest ages say together."""
    logs = np.log(ratios.to_numpy(dtype=float))[:_SMOOTHED]
    grown = np.concatenate([[0.0], np.cumsum(steps)])[: len(logs)]
    return float(np.exp(np.mean(logs - grown)))


def residents_per_birth(city: City, profile: Profile) -> pd.Series[float]:
    """Return the residents of each age at the base year over the births of their cohort.

    Parameters
    ----------
    city
        Population by unit and age, ``tables["births"]`` and the base year.
    profile
        Share of a cohort born in the previous calendar year.

    Returns
    -------
    pandas.Series
        Index: consecutive ages from the youngest with residents, as far as births reach without a gap; empty
        where residents are given in bands of ages or births are not. Units outside the places of the births
        table are left out of both.
    """
    births = recorded_births(city)
    base, before = city.base_year, profile.at(city.base_year).born_before
    found: dict[int, float] = {}
    for age in map(int, city.population.columns):
        column = f"age_{age}"
        if column not in city.areas or not city.areas[column].notna().any():
            continue  # read off a band of ages, whose years share a smooth profile
        years = [base - age, *([base - age - 1] if before > 0 else [])]
        if not set(years) <= set(births.columns):
            if found:
                break
            continue
        known = births[years].notna().all(axis=1).to_numpy()
        born = births.loc[known, years].sum().to_numpy(dtype=float) @ [1.0 - before, before][: len(years)]
        people = float(city.population.loc[known, age].sum())
        if born <= 0 or people <= 0:
            if found:
                break
            continue
        found[age] = people / float(born)
    return pd.Series(found, dtype=float)


def _smoothed(steps: FloatArray) -> FloatArray:
    """Return running means over three values, over two at both ends."""
    weights = np.ones(min(_SMOOTHED, len(steps)))
    counted = np.convolve(np.ones_like(steps), weights, mode="same")
    return np.asarray(np.convolve(steps, weights, mode="same") / counted)


def _compare(ratios: pd.Series[float], rate: float, log: FaultLog) -> None:
    """Record how the stated growth compares with what residents and births say, at the last age known."""
    if len(ratios) < _FEWEST_AGES:
        return
    first, last = int(ratios.index[0]), int(ratios.index[-1])
    log.add(
        "migration_beside_births",
        severity="notice",
        table="births",
        first=first,
        last=last,
        observed=float(ratios.iloc[-1] / ratios.iloc[0]),
        stated=(1.0 + rate) ** (last - first),
    )
