"""Make the model of a study and search it: the plan, without what is said about it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.balance import Balance
from layoutplan.hotspots import Hotspots
from layoutplan.siting.candidates import Sizing
from layoutplan.siting.markets import SitingPlaces, sellable_seats
from layoutplan.siting.measures import BuildingPlan
from layoutplan.siting.model import SitingModel, siting_model
from layoutplan.siting.offers import offers
from layoutplan.siting.prices import prices_of
from layoutplan.siting.thresholds import restated, states_below, without
from layoutplan.solve.expansion import ExpansionEffort, ExpansionLimits, solve_expansion
from layoutplan.study import Study

_LEAST_S: Final = 5.0  # of a search for the rest, after a measure was given up
_AGAIN: Final = 25.0  # work an arc of that search


def plan_measures(
    study: Study,
    balance: Balance,
    hotspots: Hotspots,
    *,
    time_limit_s: float,
    relative_gap: float | None = None,
    unzoned: Mapping[str, FloatArray] = MappingProxyType({}),
) -> BuildingPlan:
    """Return the plan of a study.

    Parameters
    ----------
    study
        Demand, today's layout and the limits of ``[siting]``.
    balance, hotspots
        Of today's layout: indicative places are generated where pupils lack seats in any year, in hotspots
        first.
    time_limit_s
        Time of the search, seconds.
    relative_gap
        Gap at which the search stops; ``None``: that of ``[siting]``.
    unzoned
        What pupils count who leave their catchment, beyond the price of redrawing
        (:class:`~layoutplan.siting.prices.Prices`).

    Returns
    -------
    BuildingPlan
        Model, plan and measures. Every school built or enlarged meets ``min_pupils`` and
        ``max_cost_per_pupil``: one that does not is given up and the rest searched again.
    """
    gap = study.plan.siting.relative_gap if relative_gap is None else relative_gap
    begun = time.monotonic()
    model = model_of(study, balance, hotspots, unzoned=unzoned)
    effort = ExpansionEffort(time_limit_s, gap)
    first = found = BuildingPlan(model, solve_expansion(model.problem, effort))
    while len(forbidden := states_below(found)):
        model = without(found, forbidden).model
        left = max(time_limit_s - (time.monotonic() - begun), _LEAST_S)
        plan = solve_expansion(model.problem, replace(effort, time_limit_s=left, work_an_arc=_AGAIN))
        found = BuildingPlan(model, restated(plan, first.found))
    return found


def model_of(
    study: Study,
    balance: Balance,
    hotspots: Hotspots,
    *,
    last_year: int | None = None,
    unzoned: Mapping[str, FloatArray] = MappingProxyType({}),
) -> SitingModel:
    """Return the model of a study.

    Parameters
    ----------
    study, balance, hotspots
        As for :func:`plan_measures`.
    last_year
        Last year that is planned for; ``None``: the last of the study.
    unzoned
        As for :func:`plan_measures`.
    """
    settings, last = study.plan.siting, study.years[-1] if last_year is None else last_year
    years = tuple(year for year in study.years if study.base_year < year <= last)
    wanted = settings.stages or study.stages
    stages = tuple(stage for stage in study.stages if stage in wanted)
    standards = study.profile.at(study.target_year)
    sizing = Sizing(standards, stages)
    prices = replace(prices_of(standards, stages), unzoned=unzoned)
    new, grown = offers(study, balance, hotspots, sizing)
    places = SitingPlaces(study, new, _sellers(study, tuple(prices.purchased_seat), years), prices, years)
    return siting_model(places, grown, stages, _limits(study, len(years)))


def _sellers(study: Study, stages: tuple[str, ...], years: tuple[int, ...]) -> np.ndarray:
    """Return the positions of the schools with spare seats to sell in a stage that has a price."""
    spare = np.zeros(len(study.today.seats.schools))
    for stage in stages:
        if stage in study.today.seats.seats:
            for year in years:
                spare += sellable_seats(study, stage, year)
    return np.flatnonzero(spare > 0).astype(np.int64)


def _limits(study: Study, years: int) -> ExpansionLimits:
    settings = study.plan.siting

    def most(value: float | None) -> float:
        return np.inf if value is None else float(value)

    return ExpansionLimits(
        spent=np.full(years, most(settings.budget_a_year)),
        opened=np.full(years, most(settings.new_schools_a_year)),
        spent_in_all=most(settings.budget),
        opened_in_all=most(settings.max_new_schools),
    )
