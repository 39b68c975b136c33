"""Propose what to do, where, when and for how much: one priced plan over the years (一张分年度计划)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from layoutplan.balance import Balance
from layoutplan.cards import Outlined
from layoutplan.errors import Fault, FaultLog
from layoutplan.hotspots import Hotspots
from layoutplan.layouts.layout import Layout
from layoutplan.outlook import Outlook
from layoutplan.siting.benefit import benefits
from layoutplan.siting.candidates import Sizing
from layoutplan.siting.demand_level import DemandLevel, demand_at, usable_level
from layoutplan.siting.markets import SitingPlaces, sellable_seats
from layoutplan.siting.measure_tables import (
    measure_years_table,
    measures_table,
    plan_costs_table,
    typed,
)
from layoutplan.siting.measures import BuildingPlan
from layoutplan.siting.model import siting_model
from layoutplan.siting.next_best import NextBest, next_best
from layoutplan.siting.offers import offers
from layoutplan.siting.outcome_table import outcome_table
from layoutplan.siting.planned_layout import planned_layout
from layoutplan.siting.prices import prices_of
from layoutplan.siting.proposals_table import proposals_table
from layoutplan.siting.remedies import remedies_table, remedy_totals
from layoutplan.solve.expansion import ExpansionEffort, ExpansionLimits, solve_expansion
from layoutplan.study import Study

_SEARCH_SHARE: Final = 0.8  # of the time; the rest compares alternatives


@dataclass(frozen=True, repr=False)
class Proposal(Outlined):
    """The plan over the years, and the layout with it.

    Attributes
    ----------
    proposals
        Result table ``proposals``: schools built and enlarged, points in the city's CRS; may be empty.
    outcome
        Result table ``siting_outcome``: each step with bound, gap and audit.
    layout
        The planned layout: seats by year, catchments, and walks to all schools.
    tables
        Result tables ``measures``, ``measure_years``, ``plan_costs``, ``remedies`` and ``remedy_totals``.
    notes
        Warnings and notices.
    """

    proposals: gpd.GeoDataFrame
    outcome: pd.DataFrame
    layout: Layout
    tables: Mapping[str, pd.DataFrame]
    notes: tuple[Fault, ...] = ()


def propose(study: Study, balance: Balance, hotspots: Hotspots, outlook: Outlook) -> Proposal:
    """Return the plan for the demand level of the plan file, ``demand_level`` in ``[siting]``.

    All stages and all years after the base year are decided together: redrawing, buses, purchased seats,
    temporary classes, enlargements, new schools on known land and at indicative places. In this order:
    fewest pupil-years without a seat, least discounted cost, least walking within half a per cent of that
    cost. What lasts is built and what passes is bridged because that costs less, not by a rule afterwards.

    Parameters
    ----------
    study
        Demand, today's layout, and the limits of ``[siting]``; prices and sizes are the profile's in the
        target year.
    balance, hotspots
        Of today's layout.
    outlook
        Quantiles of demand by catchment and area.

    Returns
    -------
    Proposal
        With the planned layout. Where nothing is needed or possible, today's seats.

    Raises
    ------
    DefectError
        If the audit contradicts the search.
    """
    level = usable_level(outlook, study.plan.siting.demand_level)
    sized = replace(study, demand=demand_at(study, outlook, level=level))
    settings = study.plan.siting
    begun = time.monotonic()
    found = plan_measures(sized, balance, hotspots, time_limit_s=settings.time_limit_s * _SEARCH_SHARE)
    left = max(settings.time_limit_s - (time.monotonic() - begun), 1.0)
    beside, late = next_best(found, time_limit_s=left)
    return describe(sized, found, balance, beside=beside, level=level, late=late)


def plan_measures(study: Study, balance: Balance, hotspots: Hotspots, *, time_limit_s: float) -> BuildingPlan:
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

    Returns
    -------
    BuildingPlan
        Model, plan and measures.
    """
    settings, years = study.plan.siting, tuple(year for year in study.years if year > study.base_year)
    wanted = settings.stages or study.stages
    stages = tuple(stage for stage in study.stages if stage in wanted)
    standards = study.profile.at(study.target_year)
    sizing, prices = Sizing(standards, stages), prices_of(standards, stages)
    new, grown = offers(study, balance, hotspots, sizing)
    places = SitingPlaces(study, new, _sellers(study, tuple(prices.purchased_seat), years), prices, years)
    model = siting_model(places, grown, stages, _limits(study, len(years)))
    effort = ExpansionEffort(time_limit_s, settings.relative_gap)
    return BuildingPlan(model, solve_expansion(model.problem, effort))


def describe(
    study: Study,
    plan: BuildingPlan,
    balance: Balance,
    *,
    beside: Mapping[str, NextBest] | None = None,
    level: DemandLevel = "expected",
    late: bool = False,
) -> Proposal:
    """Return a plan with its layout, tables and notes.

    Parameters
    ----------
    study
        The study that was planned for.
    plan
        The plan.
    balance
        Of today's layout.
    beside
        Next best alternatives that were computed.
    level
        Level of the demand.
    late
        Whether time ended the comparison with alternatives.

    Returns
    -------
    Proposal
        The proposal.
    """
    added = benefits(plan)
    remedies = remedies_table(plan, balance.catchments)
    tables = {
        "measures": measures_table(plan, added, beside or {}),
        "measure_years": measure_years_table(plan),
        "plan_costs": plan_costs_table(plan),
        "remedies": typed(remedies, "remedies"),
        "remedy_totals": typed(remedy_totals(remedies), "remedy_totals"),
    }
    return Proposal(
        proposals=proposals_table(plan, added, beside or {}),
        outcome=outcome_table(plan),
        layout=planned_layout(study, plan),
        tables=MappingProxyType(tables),
        notes=_notes(study, plan, level, late=late or plan.found.late),
    )


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


def _notes(study: Study, plan: BuildingPlan, level: DemandLevel, *, late: bool) -> tuple[Fault, ...]:
    """Return the warnings and notices for readers of the plan."""
    log, wanted = FaultLog(), study.plan.siting.demand_level
    built = [one for one in plan.measures if one.candidate is not None]
    generated = sum(one.kind == "build_indicative" for one in built)
    if generated:
        log.add("siting_generated", severity="warning", count=generated)
    unknown = sum(one.candidate is not None and one.candidate.site_area_m2 is None for one in built)
    if unknown:
        log.add("siting_land_unknown", severity="warning", count=unknown)
    if not plan.model.by_cost:
        log.add("siting_unpriced", severity="warning")
    if level != wanted:
        log.add("siting_level_undrawn", severity="warning", level=wanted)
    if late:
        log.add("siting_time_limit", severity="warning", seconds=study.plan.siting.time_limit_s)
    left = float(plan.found.figures.unserved.sum())
    if left >= 1.0:
        stage, year = _worst(plan)
        log.add("siting_left", severity="warning", pupils=round(left), stage=stage, year=year)
    return log.notes


def _worst(plan: BuildingPlan) -> tuple[str, int]:
    """Return stage (its id) and year with the most pupils without a seat."""
    number = int(np.argmax(plan.found.figures.unserved))
    market = plan.model.problem.markets[number]
    return plan.model.stages[market.stage], plan.years[market.year]
