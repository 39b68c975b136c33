"""Demand from residents by age: children move up a year at a time, births fill the young end."""

from __future__ import annotations

from collections.abc import Collection
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from layoutplan.config.settings import DemandSettings
from layoutplan.demand.births import births_by_unit
from layoutplan.demand.cohorts import Cohorts
from layoutplan.demand.model import Demand
from layoutplan.demand.shares import participation, public_share
from layoutplan.errors import FaultLog
from layoutplan.inputs.city import City
from layoutplan.standards.model import Profile

COUNTED_OWNERSHIP: Final = ("public", "inclusive")
_YOUNG_AGES: Final = (
    3  # years of age whose mean stands for one young year: one alone is noisy in a small unit
)
_BORN_THE_YEAR_BEFORE: Final = (
    4 / 12
)  # of the children of age 0 on 1 September: those born September-December


def estimate_demand(
    city: City,
    profile: Profile,
    settings: DemandSettings,
    *,
    ownership: Collection[str] = COUNTED_OWNERSHIP,
) -> Demand:
    """Return the pupils who need a seat that counts, by unit, stage and year.

    Ages are completed years at the start of the school year (1 September). Residents of age ``a`` in year
    ``t`` are those of age ``a − (t − base)`` at the base year × ``(1 + migration_rate)^(t − base)``. Those
    not born then, or too young to be in the population given, come from births
    (:func:`~layoutplan.demand.births.births_by_unit`): the children of age 0 in year ``t`` are a third of
    the births of calendar year ``t − 1`` (September to December) and two thirds of those of ``t``. Deaths
    are neglected.

    Then, stage by stage and year by year: children = residents of the stage's ages (the profile's, of that
    year); pupils = children × participation × public share.

    Parameters
    ----------
    city
        ``population`` by unit and age, ``tables["births"]``, enrolment of ``schools``.
    profile
        Stage ages, and participation and public share where the plan states none.
    settings
        Births, migration, participation and public share of the plan.
    ownership
        Ownerships whose seats count, for the public share seen in enrolment.

    Returns
    -------
    Demand
        Frames of zeros for a city without units or residents. ``notes`` lists every assumption made.

    Raises
    ------
    InputError
        If a stage has ages the population does not hold, or the births table mixes kinds of places.
    """
    log = FaultLog()
    _check_ages(city, profile, log)
    cohorts = grow_cohorts(city, profile, settings, log=log)
    children, pupils = {}, {}
    for stage in city.stages:
        values = [
            cohorts.children(profile.at(year).ages(stage), year=year, migration_rate=settings.migration_rate)
            for year in city.years
        ]
        shape = (len(city.years), len(city.units))
        children[stage] = pd.DataFrame(
            np.array(values, dtype=float).reshape(shape).T, index=city.units.index, columns=[*city.years]
        )
        takes_part = participation(stage, city.years, stated=settings.participation, profile=profile, log=log)
        is_public = public_share(
            stage,
            city=city,
            stated=settings.public_share,
            profile=profile,
            ownership=ownership,
            residents=float(children[stage][city.base_year].sum() * takes_part[city.base_year]),
            log=log,
        )
        pupils[stage] = children[stage].mul(takes_part * is_public, axis=1)
    return Demand(
        years=city.years,
        children=MappingProxyType(children),
        pupils=MappingProxyType(pupils),
        notes=log.notes,
    )


def grow_cohorts(city: City, profile: Profile, settings: DemandSettings, *, log: FaultLog) -> Cohorts:
    """Return the cohorts every stage and year of the plan draws on.

    Ages younger than the youngest with residents anywhere in the city count as not given: their cohorts are
    filled from births, like the later ones.
    """
    base, population = city.base_year, city.population
    every_age = [int(age) for age in population.columns]
    youngest = min((age for age in every_age if population[age].sum() > 0), default=every_age[0])
    ages = [age for age in every_age if age >= youngest]
    known = population[ages[::-1]].to_numpy(dtype=float)  # columns: cohorts base - oldest … base - youngest
    last_known = base - youngest
    last_needed = max(
        (year - profile.at(year).ages(stage)[0] for stage in city.stages for year in city.years),
        default=last_known,
    )
    if last_needed > last_known:
        if youngest > 0:
            log.add("young_ages_filled", severity="notice", table="units", age=youngest)
        young = population[ages[:_YOUNG_AGES]].mean(axis=1).astype(float)
        births = births_by_unit(
            city, settings, years=range(last_known, last_needed + 1), young_children=young, log=log
        ).to_numpy()
        entering = _BORN_THE_YEAR_BEFORE * births[:, :-1] + (1 - _BORN_THE_YEAR_BEFORE) * births[:, 1:]
        known = np.concatenate([known, entering], axis=1)
    return Cohorts(base_year=base, first=base - ages[-1], sizes=known)


def _check_ages(city: City, profile: Profile, log: FaultLog) -> None:
    """Refuse stages whose ages the population cannot hold; warn of those whose oldest ages are empty."""
    columns = city.population.columns
    oldest = int(columns.max())
    oldest_present = int(max(columns[city.population.sum(axis=0) > 0], default=oldest))
    for stage in city.stages:
        last = max(profile.at(year).ages(stage)[1] for year in city.years)
        if last > oldest:
            log.add("stage_too_old", table="units", stage=stage, last=last, oldest=oldest)
        elif last > oldest_present:
            log.add(
                "stage_partly_empty",
                severity="warning",
                table="units",
                stage=stage,
                last=last,
                oldest=oldest_present,
            )
    log.raise_if_errors()
