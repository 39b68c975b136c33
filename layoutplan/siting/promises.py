"""Check a plan against everything that was promised (逐项复核), without the solver: table ``plan_audit``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.dictionary import empty_frame, result_table
from layoutplan.errors import DefectError
from layoutplan.layouts.school_land import is_education_land, least_m2, net_areas
from layoutplan.siting.candidates import estate_years
from layoutplan.siting.existing import CONVERT_PRICE
from layoutplan.siting.measures import NEW, BuildingPlan, Measure
from layoutplan.siting.model import places_beside
from layoutplan.siting.thresholds import FEW_LEFT, cost_a_pupil, pupils_a_year, without_seat_by

_ROUNDING: Final = 1e-6


@dataclass(frozen=True)
class Promise:
    """A limit of a plan: its name, the limit, and the figure of the plan that is nearest to it.

    ``least`` says that the figure must not be smaller, else that it must not be larger.
    """

    limit: str
    most: float
    found: float
    unit: str
    least: bool = False

    @property
    def kept(self) -> bool:
        """Whether the plan keeps it."""
        slack = _ROUNDING * max(1.0, abs(self.most))
        return self.found >= self.most - slack if self.least else self.found <= self.most + slack


def check_promises(plan: BuildingPlan) -> pd.DataFrame:
    """Return result table ``plan_audit``.

    Money, land, sizes, years and pupils are recomputed from the measures, the profile and the tables of the
    city; only limits that the plan or the profile states are listed.

    Parameters
    ----------
    plan
        The plan.

    Raises
    ------
    DefectError
        If the plan breaks one.
    """
    parts = (_money, _schools, _land, _building, _giving_up, _pupils)
    promises = [promise for part in parts for promise in part(plan)]
    broken = [one for one in promises if not one.kept]
    if broken:
        raise DefectError(
            f"the plan breaks {', '.join(f'{one.limit} ({one.found} / {one.most})' for one in broken)}"
        )
    table = result_table("plan_audit")
    rows = [
        {
            "limit": one.limit,
            "sense": "least" if one.least else "most",
            "promised": one.most,
            "found": one.found,
            "unit": one.unit,
            "kept": one.kept,
        }
        for one in promises
    ]
    return pd.DataFrame(rows, columns=[*table.column_names]).astype(empty_frame(table).dtypes.to_dict())


def _lasting(plan: BuildingPlan) -> list[Measure]:
    return [one for one in plan.measures if one.lasts]


def _money(plan: BuildingPlan) -> Iterator[Promise]:
    """Yield the limits of money, and the prices: capital from the seats, payment before the opening."""
    study = plan.model.places.study
    settings, standards = study.plan.siting, study.profile.at(study.target_year)
    by_year = sum((one.capital for one in plan.measures), np.zeros(len(plan.years)))
    if settings.budget_a_year is not None and plan.model.by_cost:
        yield Promise("budget_a_year", settings.budget_a_year, float(by_year.max(initial=0.0)), "currency")
    if settings.budget is not None and plan.model.by_cost:
        yield Promise("budget", settings.budget, float(by_year.sum()), "currency")
    lasting = _lasting(plan)
    if not lasting:
        return
    if plan.model.by_cost:
        priced = 0.0
        for one in lasting:
            seats = zip(plan.model.stages, one.seats.max(axis=1), strict=True)
            key = CONVERT_PRICE if one.kind == "convert" else "cost.per_seat"
            priced += sum(count * standards.number(key, stage) for stage, count in seats if count > 0)
            priced += one.option.land_cost if one.option is not None else 0.0
        yield Promise("capital_as_priced", priced, float(by_year.sum()), "currency")
        yield Promise("capital_as_priced", priced, float(by_year.sum()), "currency", least=True)
        prices = plan.model.places.prices
        waits = []
        for one in lasting:
            lead = prices.lead(
                "build" if one.kind in NEW else "convert" if one.kind == "convert" else "enlarge"
            )
            paid = np.flatnonzero(one.capital > 0)
            waits += [one.first_year - int(paid[0]) - lead] if len(paid) else []
        if waits:
            yield Promise("lead_years", 0.0, float(min(waits)), "years", least=True)


def _schools(plan: BuildingPlan) -> Iterator[Promise]:
    """Yield the limits of the number of new schools."""
    settings = plan.model.places.study.plan.siting
    opened = np.zeros(len(plan.years))
    for one in _lasting(plan):
        opened[one.first_year] += one.kind in NEW
    if settings.new_schools_a_year is not None:
        yield Promise("new_schools_a_year", settings.new_schools_a_year, float(opened.max()), "schools")
    if settings.max_new_schools is not None:
        yield Promise("max_new_schools", settings.max_new_schools, float(opened.sum()), "schools")
    sites = [
        one.candidate.site_id for one in _lasting(plan) if one.candidate is not None and one.candidate.is_new
    ]
    if sites:
        yield Promise("schools_on_a_site", 1.0, float(pd.Series(sites).value_counts().max()), "schools")


def _land(plan: BuildingPlan) -> Iterator[Promise]:
    """Yield land against the norm, the size of schools, and the year in which land is free."""
    study = plan.model.places.study
    standards, areas = study.profile.at(study.target_year), _areas(plan)
    shares, sizes, waits = [], [], []
    for one in _lasting(plan):
        if one.candidate is None or one.option is None:
            continue
        seats = _whole_school(plan, one)
        area, least = areas.get(one.candidate.school_id), least_m2(standards, seats)
        if area is not None and np.isfinite(area) and least is not None:
            shares.append(least / max(area, _ROUNDING))
        if standards.find("school_size.cap", one.option.school_type) is not None:
            sizes.append(sum(seats.values()) / standards.number("school_size.cap", one.option.school_type))
        if one.candidate.available_year is not None:
            waits.append(plan.years[one.first_year] - one.candidate.available_year)
    if shares:
        yield Promise("least_land", 1.0, max(shares), "share")
    if sizes:
        yield Promise("school_size_cap", 1.0, max(sizes), "share")
    if waits:
        yield Promise("land_available", 0.0, float(min(waits)), "years", least=True)
    yield from _status(plan)


def _status(plan: BuildingPlan) -> Iterator[Promise]:
    """Yield the zoning of the land, and schools of estates against the year in which residents move in."""
    study = plan.model.places.study
    prices, city = plan.model.places.prices, study.city
    on_sites = [one for one in _lasting(plan) if one.candidate is not None and one.candidate.origin == "site"]
    if not on_sites:
        return
    sites = city.tables["sites"]
    ids = (sites["site_id"] if "site_id" in sites.columns else sites.index.to_series()).astype(str)
    rows = sites.set_axis(pd.Index(ids), axis=0)
    if study.plan.siting.education_land_only:
        other = sum(not is_education_land(rows)[str(_site_id(one))] for one in on_sites)
        yield Promise("education_land", 0.0, float(other), "schools")
    occupied, late = estate_years(city), []
    for one in on_sites:
        row = rows.loc[str(_site_id(one))]
        year = occupied.get(str(row["housing_id"]))
        if year is not None:
            free = float(plan.years[0] if pd.isna(row["available_year"]) else row["available_year"])
            lead = prices.lead("convert" if one.kind == "convert" else "build")
            soonest = max(float(plan.years[0] + lead), free, float(year))
            late.append(plan.years[one.first_year] - soonest)
    if late:
        yield Promise("with_estate", 0.0, max(late), "years")


def _site_id(measure: Measure) -> str | None:
    return None if measure.candidate is None else measure.candidate.site_id


def _giving_up(plan: BuildingPlan) -> Iterator[Promise]:
    """Yield what closing and shrinking promise: nobody loses a seat, and the successor is open first."""
    losing = [one for one in plan.measures if one.lost.any()]
    if losing:
        most = max(without_seat_by(plan, one) for one in losing)
        yield Promise("without_seat_by_closing", FEW_LEFT, most, "pupils")
        yield Promise("temporary_for_closed", 0.0, _temporary_beside(plan, losing), "classes")
    waits = []
    for one in plan.measures:
        if one.kind != "close" or one.candidate is None:
            continue
        name = plan.model.places.study.plan.siting.close[one.candidate.school_id]
        if name:
            stages = np.flatnonzero(one.lost.any(axis=1)).tolist()
            waits.append(one.first_year - max(_first_seats(plan, name, stage) for stage in stages))
    if waits:
        yield Promise("successor_first", 0.0, min(waits), "years", least=True)


def _temporary_beside(plan: BuildingPlan, losing: list[Measure]) -> float:
    """Return the most temporary classes in a year at schools where pupils of seats given up could go."""
    most = 0.0
    for one in losing:
        for stage, year in np.argwhere(one.lost > 0).tolist():
            market = plan.model.problem.markets[plan.model.market_number(stage, year)]
            beside = set(places_beside(market, one.place).tolist())
            here = (other for other in plan.measures if other.kind == "temporary" and other.place in beside)
            classes = sum(
                float(other.classes[year]) for other in here if other.stage == plan.model.stages[stage]
            )
            most = max(most, classes)
    return most


def _first_seats(plan: BuildingPlan, name: str, stage: int) -> float:
    """Return the year from which a school or site has seats of a stage to the end; infinite for none."""
    places, numbers = plan.model.places, []
    schools = places.study.today.seats.schools.index
    if name in schools:
        numbers.append(int(schools.get_indexer(pd.Index([name]))[0]))
    for at, one in enumerate(places.candidates):
        if name in (one.school_id, one.site_id):
            numbers.append(places.schools + at)
    first = float("inf")
    for year in reversed(range(len(plan.years))):
        seats = plan.today_seats(plan.model.market_number(stage, year)) + plan.state_seats(stage, year)
        if not (seats[numbers] > 0).any():
            break
        first = float(year)
    return first


def _areas(plan: BuildingPlan) -> Mapping[str, float]:
    """Return the land of each place where the plan builds, as the tables state it, by school id."""
    city = plan.model.places.study.city
    sites = city.tables.get("sites")
    known: dict[str, float] = {}
    net: Mapping[str, float] = {}
    if sites is not None and len(sites):
        frame = gpd.GeoDataFrame(sites, geometry="geometry", crs=city.crs)
        ids = frame["site_id"] if "site_id" in frame.columns else frame.index.to_series()
        net = dict(zip(ids.astype(str), net_areas(frame).astype(float), strict=True))
    for one in _lasting(plan):
        if one.candidate is None:
            continue
        if one.candidate.origin == "site":
            known[one.candidate.school_id] = net[str(one.candidate.site_id)]
        elif one.candidate.origin == "school" and "site_area_m2" in city.schools.columns:
            areas = pd.Series(city.schools["site_area_m2"]).astype(float)
            at = int(areas.index.get_indexer(pd.Index([one.candidate.school_id]))[0])
            known[one.candidate.school_id] = float(areas.to_numpy(dtype=np.float64)[at])
    return known


def _whole_school(plan: BuildingPlan, one: Measure) -> dict[str, float]:
    """Return the seats by stage of the school that a measure makes or enlarges, in the target year."""
    study = plan.model.places.study
    seats = dict(zip(plan.model.stages, (float(count) for count in one.seats.max(axis=1)), strict=True))
    if one.candidate is not None and one.candidate.origin == "school":
        lost = dict(zip(plan.model.stages, one.lost.max(axis=1), strict=True))
        for stage, frame in study.today.seats.seats.items():
            now = float(frame[study.target_year].astype(float)[one.candidate.school_id])
            seats[stage] = seats.get(stage, 0.0) + now - float(lost.get(stage, 0.0))
    return {stage: count for stage, count in seats.items() if count > 0}


def _building(plan: BuildingPlan) -> Iterator[Promise]:
    """Yield what measures must place and may cost, and the temporary classes of a school."""
    study = plan.model.places.study
    settings, prices, lasting = study.plan.siting, plan.model.places.prices, _lasting(plan)
    if lasting:
        fewest = min(pupils_a_year(one) for one in lasting)
        yield Promise("min_pupils", settings.min_pupils, fewest, "pupils", least=True)
        if settings.max_cost_per_pupil is not None and plan.model.by_cost:
            dearest = max(cost_a_pupil(one) for one in lasting)
            yield Promise("max_cost_per_pupil", settings.max_cost_per_pupil, dearest, "currency")
    classes: dict[int, FloatArray] = {}
    for one in plan.measures:
        if one.kind == "temporary":
            classes[one.place] = classes.get(one.place, np.zeros(len(plan.years))) + one.classes
    if classes:
        most = max(float(of_school.max()) for of_school in classes.values())
        yield Promise("temporary_classes", prices.temporary_classes, most, "classes")


def _pupils(plan: BuildingPlan) -> Iterator[Promise]:
    """Yield seats against pupils at every place, and the farthest way against the limit of its stage."""
    problem, model = plan.model.problem, plan.model
    over, far = 0.0, 0.0
    for number, market in enumerate(problem.markets):
        placed = plan.found.figures.placements[number]
        over = max(over, float((placed.filled - plan.seats(number)).max(initial=0.0)))
        ways = model.arcs(market.stage, market.year)
        limit = model.places.bus_limit_m(model.stages[market.stage])
        far = max(far, float(ways.metres[placed.pupils > _ROUNDING].max(initial=0.0)) / limit)
    yield Promise("pupils_above_seats", 0.0, max(over - 2.0**-6, 0.0), "pupils")
    yield Promise("farthest_way", 1.0, far, "share")
