"""Propose what to do, where, when and for how much: one priced plan over the years (一张分年度计划)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.balance import Balance
from layoutplan.cards import Outlined
from layoutplan.dictionary import empty_frame, result_table
from layoutplan.errors import Fault, FaultLog
from layoutplan.hotspots import Hotspots
from layoutplan.layouts.layout import Layout
from layoutplan.layouts.project_rows import counting_projects
from layoutplan.outlook import Outlook
from layoutplan.siting.benefit import benefits
from layoutplan.siting.candidates import Sizing
from layoutplan.siting.demand_level import DemandLevel, demand_at, usable_level
from layoutplan.siting.lacking import LackingArea, lacking_areas, lacking_table
from layoutplan.siting.land_status import estate_of
from layoutplan.siting.measure_tables import (
    measure_years_table,
    measures_table,
    plan_costs_table,
    typed,
)
from layoutplan.siting.measures import BuildingPlan
from layoutplan.siting.next_best import NextBest, next_best
from layoutplan.siting.offers import not_offered
from layoutplan.siting.outcome_table import outcome_table
from layoutplan.siting.planned_layout import planned_layout
from layoutplan.siting.planning import plan_measures
from layoutplan.siting.programme_table import programme_table
from layoutplan.siting.promises import check_promises
from layoutplan.siting.proposals_table import proposals_table
from layoutplan.siting.relaxations import RelaxedLimit, relaxations, relaxations_table
from layoutplan.siting.remedies import remedies_table, remedy_totals
from layoutplan.siting.service import services
from layoutplan.study import Study
from layoutplan.texts import LANGUAGES, Language, money, text

_SEARCH_SHARE: Final = 0.8  # of the time; the rest compares alternatives
_LEAST_S: Final = 30.0  # for the relaxations, which are worth waiting for


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
        Result tables ``measures``, ``measure_years``, ``plan_programme``, ``plan_costs``, ``remedies``,
        ``remedy_totals``, ``plan_audit``, ``plan_lacking``, ``plan_relaxations`` and ``plan_zoned`` (empty
        where nothing was zoned).
    target_year
        Year that the plan is designed for.
    notes
        Warnings and notices.
    """

    proposals: gpd.GeoDataFrame
    outcome: pd.DataFrame
    layout: Layout
    tables: Mapping[str, pd.DataFrame]
    target_year: int
    notes: tuple[Fault, ...] = ()

    @property
    def lacks_seats(self) -> bool:
        """Whether areas lack seats even in the target year or later (table ``plan_lacking``).

        Shortages of earlier years, before something can open, are told and no reason to refuse a plan.
        """
        return bool((self.tables["plan_lacking"]["year"] >= self.target_year).any())


def propose(
    study: Study,
    balance: Balance,
    hotspots: Hotspots,
    outlook: Outlook,
    *,
    unzoned: Mapping[str, FloatArray] = MappingProxyType({}),
) -> Proposal:
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
    unzoned
        By stage, what a pupil who leaves the own catchment counts beyond the price of redrawing, a year,
        shape (catchments, years of the plan): :mod:`layoutplan.runs.zoned_plan` prices back with it.

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
    limit = settings.time_limit_s * _SEARCH_SHARE
    found = plan_measures(sized, balance, hotspots, time_limit_s=limit, unzoned=unzoned)
    until = begun + settings.time_limit_s
    beside, late = next_best(found, time_limit_s=max(until - time.monotonic(), 1.0))
    lacking = lacking_areas(found, balance.catchments)
    relaxed: tuple[RelaxedLimit, ...] = ()
    if lacking:
        relaxed, cut = relaxations(
            found, lacking, balance, hotspots, time_limit_s=max(until - time.monotonic(), _LEAST_S)
        )
        late |= cut
    told = Comparisons(beside, lacking, relaxed, late=late)
    return describe(sized, found, balance, told, level=level)


@dataclass(frozen=True)
class Comparisons:
    """Other plans computed beside the one chosen.

    Attributes
    ----------
    beside
        Next best alternative by measure id.
    lacking
        Areas that lack seats under the plan.
    relaxed
        What would have to give way, best first.
    late
        Whether time left something out.
    """

    beside: Mapping[str, NextBest] = field(default_factory=dict)
    lacking: tuple[LackingArea, ...] = ()
    relaxed: tuple[RelaxedLimit, ...] = ()
    late: bool = False


def describe(
    study: Study,
    plan: BuildingPlan,
    balance: Balance,
    told: Comparisons = Comparisons(),
    *,
    level: DemandLevel = "expected",
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
    told
        Other plans computed.
    level
        Level of the demand.

    Returns
    -------
    Proposal
        The proposal.
    """
    added = benefits(plan)
    remedies = remedies_table(plan, balance.catchments)
    named = balance.catchments.dropna(subset="name").drop_duplicates("catchment_id")
    served = services(plan, named.set_index("catchment_id")["name"].to_dict())
    measures, years = measures_table(plan, added, told.beside, served), measure_years_table(plan)
    tables = {
        "measures": measures,
        "measure_years": years,
        "plan_programme": programme_table(measures, years, study.lang),
        "plan_costs": plan_costs_table(plan),
        "remedies": typed(remedies, "remedies"),
        "remedy_totals": typed(remedy_totals(remedies, plan), "remedy_totals"),
        "plan_audit": check_promises(plan),
        "plan_lacking": typed(lacking_table(told.lacking), "plan_lacking"),
        "plan_relaxations": relaxations_table(told.relaxed, study.lang),
        "plan_zoned": empty_frame(result_table("plan_zoned")),
    }
    return Proposal(
        proposals=proposals_table(plan, added, told.beside),
        outcome=outcome_table(plan),
        layout=planned_layout(study, plan),
        tables=MappingProxyType(tables),
        target_year=study.target_year,
        notes=_notes(study, plan, level, told),
    )


def _notes(study: Study, plan: BuildingPlan, level: DemandLevel, told: Comparisons) -> tuple[Fault, ...]:
    """Return the warnings and notices for readers of the plan."""
    log, wanted = FaultLog(), study.plan.siting.demand_level
    built = [one for one in plan.measures if one.lasts]
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
    if told.late or plan.found.late:
        log.add("siting_time_limit", severity="warning", seconds=study.plan.siting.time_limit_s)
    budget, committed = study.plan.siting.budget, committed_cost(study)
    if budget is not None and budget < committed:
        log.add(
            "siting_budget_committed",
            severity="warning",
            **_amounts("budget", budget, study),
            **_amounts("committed", committed, study),
        )
    for refused in not_offered(study, Sizing(study.profile.at(study.target_year), plan.model.stages)):
        log.add(f"siting_not_offered_{refused.why}", severity="warning", key=refused.key, id=refused.id)
    _note_estates(plan, log)
    _note_left(plan, told, log)
    return log.notes


def _note_estates(plan: BuildingPlan, log: FaultLog) -> None:
    """Record schools of estates that can not open with them, and those that the plan leaves out (三同时)."""
    places = plan.model.places
    opened = {one.candidate.school_id: one.first_year for one in plan.measures if one.candidate and one.lasts}
    for one in places.candidates:
        estate = estate_of(places.study.city, one)
        if estate is None or not one.options:
            continue
        name, year = estate
        first = opened.get(one.school_id)
        if first is None:
            log.add("siting_estate_without", severity="warning", site=one.name, estate=name, year=year)
        elif (opens := plan.years[first]) > year:
            log.add(
                "siting_estate_late", severity="warning", site=one.name, estate=name, year=year, opens=opens
            )


def committed_cost(study: Study) -> float:
    """Return what the projects that count still cost after the base year, as far as their cost is stated.

    Parameters
    ----------
    study
        The study.
    """
    projects = study.city.tables.get("projects")
    if projects is None or not len(projects):
        return 0.0
    rows = counting_projects(projects, study.plan.supply)
    rows = rows[rows["opening_year"].astype(float) > study.base_year]
    left = rows["cost"].astype(float) - rows["paid"].astype(float).fillna(0.0)
    return float(left.clip(lower=0.0).sum())


def _note_left(plan: BuildingPlan, told: Comparisons, log: FaultLog) -> None:
    """Record what stays without a seat: the area that lacks most, and what would have to give way."""
    left = float(plan.found.figures.unserved.sum())
    if told.lacking:
        worst = told.lacking[0]
        log.add(
            "siting_lacking",
            severity="warning",
            area=worst.name
            or (worst.area_id if worst.level != "city" else plan.model.places.study.city.name),
            seats=round(worst.lacking),
            stage=worst.stage,
            year=worst.year,
            pupils=round(left),
        )
        if told.relaxed:
            best = told.relaxed[0]
            log.add(
                "siting_relaxation",
                severity="warning",
                **_in_each(
                    "lever", lambda lang: text(f"report.codes.plan_relaxations_lever.{best.lever}", lang)
                ),
                now=_figure(best.now),
                needed=_figure(best.needed),
                unserved=round(best.unserved),
            )
        elif not told.late:
            log.add("siting_no_relaxation", severity="warning")
    elif left >= 1.0:
        stage, year = _worst(plan)
        log.add("siting_left", severity="warning", pupils=round(left), stage=stage, year=year)


def _amounts(name: str, amount: float, study: Study) -> dict[str, str]:
    """Return an amount of money as placeholders of each language."""
    return _in_each(name, lambda lang: money(amount, study.profile.currency, lang))


def _in_each(name: str, say: Callable[[Language], str]) -> dict[str, str]:
    """Return a word as placeholders of each language: ``name_en`` and ``name_zh``."""
    return {f"{name}_{lang}": say(lang) for lang in LANGUAGES}


def _figure(value: float) -> str:
    return f"{value:,.0f}" if np.isfinite(value) else "–"


def _worst(plan: BuildingPlan) -> tuple[str, int]:
    """Return stage (its id) and year with the most pupils without a seat."""
    number = int(np.argmax(plan.found.figures.unserved))
    market = plan.model.problem.markets[number]
    return plan.model.stages[market.stage], plan.years[market.year]
