"""Demand from residents by age: a cohort projection with births, migration and new dwellings."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.city.city import City
from layoutplan.demand.births import births_by_unit, births_level
from layoutplan.demand.by_age import children_by_age, is_partly_taught, rates_by_age
from layoutplan.demand.cohorts import Cohorts, Migration
from layoutplan.demand.demand import Demand
from layoutplan.demand.estates import Estates, new_estates
from layoutplan.demand.migration import net_migration
from layoutplan.demand.shares import participation, resolve_public_share
from layoutplan.demand.streams import Streams, stage_streams
from layoutplan.demand.systems import check_system_shares, system_share
from layoutplan.errors import FaultLog
from layoutplan.plan.settings import DemandSettings
from layoutplan.standards.rules import Profile

COUNTED_OWNERSHIP: Final = ("public", "inclusive")
_PARTS: Final = ("children", "pupils", "unborn", "of_migrants", "of_estates")
_NEGLIGIBLE: Final = 1e-9  # children
_YOUNG_AGES: Final = 3
"""Number of young ages averaged to one single year: one age alone is noisy in a small unit."""


def estimate_demand(
    city: City,
    profile: Profile,
    settings: DemandSettings,
    *,
    ownership: Collection[str] = COUNTED_OWNERSHIP,
    counting: pd.DataFrame | None = None,
) -> Demand:
    """Return the pupils who need a counted seat, by unit, stage and year.

    Ages are completed years at the start of the school year (1 September). Residents of age ``a`` in year
    ``t`` are those of age ``a − (t − base)`` at the base year, grown by migration
    (:func:`~layoutplan.demand.migration.net_migration`). Children not born by then, or younger than the given
    population covers, come from births (:func:`~layoutplan.demand.births.births_by_unit`): a share of the
    children of age 0 in year ``t`` was born in calendar year ``t − 1``
    (:attr:`~layoutplan.standards.Standards.born_before`: with the cut-off on
    31 August a third, September to December), the rest in ``t``. Mortality is neglected. The children of
    dwellings first occupied after the base year (:func:`~layoutplan.demand.estates.new_estates`) are added;
    :func:`~layoutplan.demand.streams.stage_streams` describes how double counting is avoided and how migrant
    children are separated.

    Then, by stage and year: children = residents of the stage's ages (from the profile, for that year);
    pupils = children × participation × public share, and where the city has several school systems × the
    share of the stage's own (:func:`~layoutplan.demand.systems.system_share`). Where the profile states
    participation by age (``demand.participation_by_age``), that of a unit follows from the ages of its
    children.

    Parameters
    ----------
    city
        ``population`` by unit and age, ``tables["births"]`` and ``["housing"]``, enrolment of ``schools``.
    profile
        Stage ages, yields and ramps of housing; participation and public share where the plan states none.
    settings
        ``[demand]`` of the plan: births, migration, participation, public share, new dwellings and migrant
        children.
    ownership
        Ownerships whose seats count; used to derive the public share from enrolment.
    counting
        Schools × years: whether each school counts, where projects change that; ``None`` uses ``ownership``.

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
    check_residents(city, profile, log=log)
    cohorts = grow_cohorts(city, profile, settings, log=log)
    estates = new_estates(city, profile.at(city.base_year), settings, log=log)
    migration = net_migration(city, profile, settings, log=log)
    cohorts = cohorts.born_later(migration.at_birth, youngest=_youngest(city))
    parts: dict[str, dict[str, pd.DataFrame]] = {name: {} for name in _PARTS}
    shares, bounds, by_age = {}, {}, {}
    ends = _children_at_bounds(city, profile, settings, estates, migration)
    for stage in city.stages:
        takes_part = participation(stage, city.years, stated=settings.participation, profile=profile, log=log)
        weights = None
        rates = None if stage in settings.participation else rates_by_age(stage, city.years, profile)
        if rates is not None or is_partly_taught(stage, city, profile):
            children = children_by_age(stage, city, cohorts, profile, migration=migration)
            taking = children if rates is None else children * rates.T[:, None, :]
            if is_partly_taught(stage, city, profile):
                by_age[stage] = taking
            if rates is not None:
                weights, takes_part = _weights(children, taking, rates, takes_part)
        streams = stage_streams(
            stage,
            city=city,
            cohorts=cohorts,
            estates=estates,
            taking_part=np.array(takes_part, dtype=np.float64),
            profile=profile,
            settings=settings,
            migration=migration,
            log=log,
        )
        _note_growth(stage, streams, city, log)
        of_system = system_share(stage, city, profile)
        is_public = resolve_public_share(
            stage,
            city=city,
            stated=settings.public_share,
            profile=profile,
            ownership=ownership,
            residents=float((streams.total * of_system)[:, 0].sum() * takes_part[city.base_year]),
            log=log,
            counting=counting,
        )
        shares[stage] = is_public
        base = city.base_year
        _warn_of_nobody(stage, streams, of_age=float(takes_part[base]), need=float(is_public[base]), log=log)
        need = (takes_part * is_public).to_numpy(dtype=float) * of_system
        by_unit = need if weights is None else need * weights
        if stage in ends:
            bounds[stage] = (_frame(ends[stage][0] * by_unit, city), _frame(ends[stage][1] * by_unit, city))
            _warn_of_suppressed(stage, streams.total * by_unit, bounds[stage], log)
        parts["children"][stage] = _frame(streams.total, city)
        parts["pupils"][stage] = _frame(streams.total * by_unit, city)
        parts["unborn"][stage] = _frame(streams.unborn * by_unit, city)
        parts["of_estates"][stage] = _frame(streams.estates * by_unit, city)
        if streams.migrants is not None:
            parts["of_migrants"][stage] = _frame(streams.migrants * by_unit, city)
    return Demand(
        years=city.years,
        **{name: MappingProxyType(frames) for name, frames in parts.items()},
        by_age=MappingProxyType(by_age),
        bounds=MappingProxyType(bounds),
        public_share=MappingProxyType(shares),
        estates=None if estates.table.empty else estates,
        notes=log.notes,
        lang=city.lang,
    )


def _weights(
    children: FloatArray, taking: FloatArray, rates: FloatArray, named: pd.Series[float]
) -> tuple[FloatArray, pd.Series[float]]:
    """Return the participation of each unit relative to the city's, and the city's by year.

    Both follow from participation by age; where a unit has no children, its weight is 1.
    """
    whole, part = children.sum(axis=(0, 1)), taking.sum(axis=(0, 1))
    city = np.divide(part, whole, out=rates.mean(axis=1), where=whole > 0)
    expected, ones = children.sum(axis=0) * city, np.ones(children.shape[1:])
    of_unit = np.divide(taking.sum(axis=0), expected, out=ones, where=expected > 0)
    return of_unit, pd.Series(city, index=named.index)


def _frame(values: FloatArray, city: City) -> pd.DataFrame:
    return pd.DataFrame(values, index=city.units.index, columns=[*city.years])


def _children_at_bounds(
    city: City, profile: Profile, settings: DemandSettings, estates: Estates, migration: Migration
) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Return the children of each stage with suppressed counts at their least and largest, units × years.

    Both ends of the population are projected like the population itself, births included. Of a single unit
    the first may be the larger: births of the whole city go to other units then.
    """
    if city.population_bounds is None:
        return {}
    quiet = FaultLog()
    ends = []
    for side in city.population_bounds:
        people = side.reindex(city.population.index).fillna(city.population)
        at_end = replace(city, population=people, population_bounds=None)
        own = grow_cohorts(at_end, profile, settings, log=quiet)
        ends.append((at_end, own.born_later(migration.at_birth, youngest=_youngest(at_end))))
    found = {}
    for stage in city.stages:
        takes_part = participation(
            stage, city.years, stated=settings.participation, profile=profile, log=quiet
        )
        one, other = (
            stage_streams(
                stage,
                city=at_end,
                cohorts=cohorts,
                estates=estates,
                taking_part=np.array(takes_part, dtype=np.float64),
                profile=profile,
                settings=settings,
                migration=migration,
                log=quiet,
            ).total
            for at_end, cohorts in ends
        )
        if np.abs(one - other).sum() > _NEGLIGIBLE:
            found[stage] = (one, other)
    return found


def _warn_of_suppressed(
    stage: str, pupils: FloatArray, bounds: tuple[pd.DataFrame, pd.DataFrame], log: FaultLog
) -> None:
    """Warn of suppressed counts with the demand of the base year that they leave possible."""
    low, high = sorted(float(side.iloc[:, 0].sum()) for side in bounds)
    log.add(
        "demand_suppressed",
        severity="warning",
        table="demand",
        stage=stage,
        pupils=float(pupils[:, 0].sum()),
        low=low,
        high=high,
    )


def _warn_of_nobody(stage: str, streams: Streams, *, of_age: float, need: float, log: FaultLog) -> None:
    """Warn of a participation or public share of 0 that leaves the children of a stage without demand."""
    children = float(streams.total[:, 0].sum())
    if children > 0 and of_age * need <= 0:
        log.add(
            "demand_wiped_out",
            severity="warning",
            table="demand",
            stage=stage,
            children=children,
            participation=of_age,
            share=need,
        )


def _note_growth(stage: str, streams: Streams, city: City, log: FaultLog) -> None:
    """Record the children of new dwellings by origin, and how many of them the city had already."""
    brought = streams.estates.sum(axis=0)
    if not brought.any():
        return
    place = int(np.argmax(brought))
    log.add(
        "estates_in_migration",
        severity="notice",
        table="housing",
        stage=stage,
        year=city.years[place],
        children=float(brought[place]),
        outside=float(streams.origins.outside[place]),
        within=float(streams.origins.within[place]),
        born=float(streams.origins.born[place]),
        taken=float(streams.origins.in_migration[place]),
        births=float(streams.origins.in_births[place]),
    )


def grow_cohorts(city: City, profile: Profile, settings: DemandSettings, *, log: FaultLog) -> Cohorts:
    """Return the cohorts required by every stage and year of the plan.

    Ages below the youngest age with residents anywhere in the city are treated as missing: their cohorts are
    filled from births, as are cohorts born later.

    Parameters
    ----------
    city
        Population by unit and age, births, base year, stages and years.
    profile
        Stage ages, and the share of a cohort born in the previous calendar year.
    settings
        ``[demand]`` of the plan; see :func:`~layoutplan.demand.births.births_by_unit`.
    log
        Receives notices and warnings.

    Returns
    -------
    Cohorts
        Units in the order of ``city.units``.

    Raises
    ------
    InputError
        If the births table refers to different kinds of places.
    """
    base, population = city.base_year, city.population
    youngest = _youngest(city)
    ages = [age for age in map(int, population.columns) if age >= youngest]
    known = population[ages[::-1]].to_numpy(dtype=float)  # columns: cohorts base - oldest … base - youngest
    last_known, last_needed = base - youngest, _last_cohort(city, profile)
    if last_needed > last_known:
        if youngest > 0:
            log.add("young_ages_filled", severity="notice", table="units", age=youngest)
        young = population[ages[:_YOUNG_AGES]].mean(axis=1).astype(float)
        births = births_by_unit(
            city, settings, years=range(last_known, last_needed + 1), young_children=young, log=log
        ).to_numpy()
        before = profile.at(base).born_before
        entering = before * births[:, :-1] + (1.0 - before) * births[:, 1:]
        known = np.concatenate([known, entering], axis=1)
    return Cohorts(base_year=base, first=base - ages[-1], sizes=known)


def _youngest(city: City) -> int:
    """Return the youngest age with residents anywhere in the city."""
    ages = [int(age) for age in city.population.columns]
    return min((age for age in ages if city.population[age].sum() > 0), default=ages[0])


def _last_cohort(city: City, profile: Profile) -> int:
    """Return the birth school year of the last cohort required by the plan."""
    return max(year - profile.at(year).ages(stage)[0] for stage in city.stages for year in city.years)


def check_residents(city: City, profile: Profile, *, log: FaultLog) -> None:
    """Check that the population and births support a demand estimate for every stage and year.

    Errors: a stage with ages beyond the age columns of the population; a births table that is needed and
    refers to different kinds of places. Warning: a stage whose oldest ages have no residents.

    Parameters
    ----------
    city
        Population by unit and age, births, stages and years.
    profile
        Stage ages.
    log
        Receives all faults.

    Raises
    ------
    InputError
        With every fault in ``log``, if any is an error.
    """
    _check_ages(city, profile, log)
    check_system_shares(city, profile, log=log)
    if not city.tables["births"].empty and _last_cohort(city, profile) > city.base_year - _youngest(city):
        births_level(city, log)
    log.raise_if_errors()


def _check_ages(city: City, profile: Profile, log: FaultLog) -> None:
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
