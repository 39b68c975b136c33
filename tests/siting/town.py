"""Make small random towns for the siting tests: points, pupils, schools, sites; walked in straight lines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from layoutplan.balance import Balance, evaluate
from layoutplan.city.city import City
from layoutplan.demand.demand import Demand
from layoutplan.dictionary import result_table
from layoutplan.hotspots.result import Hotspots
from layoutplan.plan import SitingSettings, SupplySettings
from layoutplan.siting import BuildingPlan, Proposal, plan_measures
from layoutplan.siting.next_best import next_best
from layoutplan.siting.propose import Comparisons, describe
from layoutplan.standards.rules import Profile
from layoutplan.study import Study
from layoutplan.texts import Language
from tests.small_city import CRS, SOUTH, WEST, YEARS, small_city, small_profile, small_rule
from tests.studies import study_of, with_plan

YEAR = 2030
REACH = {"primary": 1000.0, "junior": 1500.0}


@dataclass(frozen=True)
class Town:
    """Everything that siting is given."""

    study: Study
    balance: Balance
    hotspots: Hotspots

    def planned(self, *, lang: Language = "en", **settings: Any) -> tuple[BuildingPlan, Proposal]:
        """Plan with these settings, nearly exactly, and without generated places unless asked."""
        given = {
            "relative_gap": 1e-4,
            "min_pupils": 0.0,
            "generate_sites": False,
            "enlarge": False,
            **settings,
        }
        study = with_plan(self.study, lang=lang, sections={"siting": SitingSettings(**given)})
        plan = plan_measures(study, self.balance, self.hotspots, time_limit_s=60.0)
        beside, _ = next_best(plan, time_limit_s=10.0)
        return plan, describe(study, plan, self.balance, Comparisons(beside))

    def propose(self, *, lang: Language = "en", **settings: Any) -> Proposal:
        """Return the proposal alone."""
        return self.planned(lang=lang, **settings)[1]

    def judged(self, proposal: Proposal) -> Balance:
        """Evaluate the proposed layout by the code that evaluates today's."""
        return evaluate(self.study, proposal.layout)


def town(
    *,
    units: np.ndarray,
    pupils: dict[str, np.ndarray],
    schools: list[dict[str, Any]],
    sites: list[dict[str, Any]],
    hotspots: list[tuple[str, str, list[int]]] = (),
    profile: Profile | None = None,
    order: np.ndarray | None = None,
    boarding: bool = False,
) -> Town:
    """Return a town: ``units`` are coordinates in metres from the corner, ``pupils`` by stage.

    ``hotspots`` are (id, stage, positions of units). ``order`` shuffles the rows of the units. With
    ``boarding`` pupils may board in beds, in the upper half of primary and in junior.
    """
    names = np.array([f"U{number:03d}" for number in range(len(units))], dtype=object)
    order = np.arange(len(units)) if order is None else order
    index = pd.Index(names[order], name="unit_id")
    city = small_city(schools=tuple(schools), tables={"sites": sites})
    points = gpd.GeoSeries.from_xy(WEST + units[order, 0], SOUTH + units[order, 1], index=index, crs=CRS)
    frame = gpd.GeoDataFrame(
        {"area_id": index, "name": index, "district_id": None, "residents": 100.0},
        geometry=points,
        index=index,
    )
    city = replace(
        city,
        units=frame,
        areas=frame,
        population=pd.DataFrame(1.0, index=index, columns=range(18)),
        unit_catchments=pd.DataFrame({"primary": None, "junior": None}, index=index, dtype=object),
    )
    tables = {
        stage: pd.DataFrame(np.repeat(values[order, None], len(YEARS), axis=1), index=index, columns=[*YEARS])
        for stage, values in pupils.items()
    }
    demand = Demand(years=YEARS, children=MappingProxyType(tables), pupils=MappingProxyType(tables))
    grades = {"primary": 4.0, "junior": 1.0}
    rules = profile or small_profile(
        extra=tuple(small_rule("boarding.first_grade", stage, first) for stage, first in grades.items())
    )
    study = study_of(
        city, demand=demand, profile=rules, reach_m=REACH, supply=SupplySettings(boarding=boarding)
    )
    today = evaluate(study)
    return Town(study, today, _hotspots(city, hotspots, names, today))


def _hotspots(city: City, given: Any, names: np.ndarray, today: Balance) -> Hotspots:
    units = today.units[today.units["year"] == YEAR].set_index(["stage", "unit_id"])["short"]
    columns = [*result_table("hotspots").column_names]
    rows = [
        {
            "hotspot_id": name,
            "rank": rank,
            "name": f"Place {name}",
            "stage": stage,
            "year": YEAR,
            "pupils_short": 100.0,
            "geometry": city.units.geometry.loc[names[members]].union_all().convex_hull.buffer(50),
        }
        for rank, (name, stage, members) in enumerate(given, start=1)
    ]
    frame = gpd.GeoDataFrame(pd.DataFrame(rows, columns=[*columns, "geometry"]), geometry="geometry", crs=CRS)
    members = [
        {"unit_id": names[member], "stage": stage, "hotspot_id": name, "pupils": units[stage, names[member]]}
        for name, stage, positions in given
        for member in positions
    ]
    return Hotspots(
        hotspots=frame,
        areas=pd.DataFrame(columns=[*result_table("area_hotspots").column_names]),
        cells=gpd.GeoSeries(crs=CRS),
        members=pd.DataFrame(members, columns=["unit_id", "stage", "hotspot_id", "pupils"]),
    )


def random_town(seed: int, *, size: int = 12, schools: int = 3, sites: int = 3, **more: Any) -> Town:
    """Return a town of a seed: pupils with fractions, schools too small, beds, sites of several areas."""
    random = np.random.default_rng(seed)
    pupils = {
        stage: np.round(random.gamma(1.0, scale, size), 2) * (random.random(size) > 0.2)
        for stage, scale in (("primary", 150.0), ("junior", 80.0))
    }
    campuses = [
        {
            "school_id": f"S{number}",
            "name": f"School {number}",
            "school_type": "nine_year" if number % 3 == 2 else "primary",
            "ownership": "public",
            "x": float(random.uniform(0, 3000)),
            "y": float(random.uniform(0, 3000)),
            "seats_primary": float(random.integers(100, 400)),
            "seats_junior": float(random.integers(100, 300)) if number % 3 == 2 else None,
            "boarding_beds": 60 * (1 + (seed + number) % 5),
        }
        for number in range(schools)
    ]
    places = [
        {
            "site_id": f"L{number}",
            "name": f"Site {number}",
            "x": float(random.uniform(0, 3000)),
            "y": float(random.uniform(0, 3000)),
            "area_m2": float(random.choice([12_000, 20_000, 30_000, 60_000])),
        }
        for number in range(sites)
    ]
    given = {
        "units": random.uniform(0, 3000, (size, 2)),
        "pupils": pupils,
        "schools": campuses,
        "sites": places,
    }
    return town(**{**given, **more})
