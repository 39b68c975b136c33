"""Children of a stage by year of age: participation by age, and pupils by grade."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.city.city import City
from layoutplan.city.grades import ages_taught
from layoutplan.demand.cohorts import Cohorts, Migration
from layoutplan.standards.rules import Profile

_BY_AGE = "demand.participation_by_age"


def rates_by_age(stage: str, years: Sequence[int], profile: Profile) -> FloatArray | None:
    """Return the participation of each age of a stage, years × ages; ``None`` if the profile has none.

    Rule ``demand.participation_by_age`` gives one rate for each age, youngest first; in a year without it, or
    with another number of ages, every age takes part alike.

    Parameters
    ----------
    stage
        Stage.
    years
        Years of the result.
    profile
        Provides the rule.
    """
    ruled = [profile.at(year).numbers(_BY_AGE, stage) for year in years]
    ages = max(profile.at(year).grades(stage) for year in years)
    if not any(len(rates) == ages for rates in ruled):
        return None
    return np.array([rates if len(rates) == ages else (1.0,) * ages for rates in ruled], dtype=np.float64)


def children_by_age(
    stage: str, city: City, cohorts: Cohorts, profile: Profile, *, migration: Migration
) -> FloatArray:
    """Return the resident children of each age of a stage.

    Parameters
    ----------
    stage
        Stage.
    city
        Units and years.
    cohorts
        Resident children by cohort.
    profile
        Ages of the stage in each year.
    migration
        Net growth of a cohort, by age.

    Returns
    -------
    numpy.ndarray
        Ages (youngest first) × units × years; 0 for an age that a year's rules do not have.
    """
    spans = [profile.at(year).ages(stage) for year in city.years]
    found = np.zeros((max(last - first + 1 for first, last in spans), len(city.units), len(city.years)))
    for place, (year, (first, last)) in enumerate(zip(city.years, spans, strict=True)):
        for age in range(first, last + 1):
            found[age - first, :, place] = cohorts.children((age, age), year=year, migration=migration)
    return found


def is_partly_taught(stage: str, city: City, profile: Profile) -> bool:
    """Return whether some school teaches some grades of a stage only.

    Parameters
    ----------
    stage
        Stage.
    city
        Schools.
    profile
        Grades of the stage.
    """
    taught = ages_taught(city.schools, stage, profile.at(city.base_year))
    return not taught[city.schooling.are_taught(city.schools["school_type"], stage).to_numpy()].all()
