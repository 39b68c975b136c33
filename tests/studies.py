"""Studies of a city made in memory, walked in straight lines: what every stage of a run takes.

A study is made by the defaults of a plan, :func:`~layoutplan.plan.default_plan`; a test says what differs::

    study = study_of(small_city(), reach_m={"primary": 1000.0}, siting=SitingSettings(budget=1e6))
    balance = evaluate(study)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from layoutplan.city.city import City
from layoutplan.demand import Demand, estimate_demand
from layoutplan.layouts import TODAY, Layout, Seats, WalkSettings, Zoning, current_supply
from layoutplan.plan import DemandSettings, Plan, Settings, SupplySettings, default_plan
from layoutplan.standards import Profile
from layoutplan.study import Study
from layoutplan.texts import Language
from layoutplan.travel import Network, WalkMatrix
from tests.small_city import DETOUR, small_profile, straight_pairs


def plan_of(
    city: City,
    *,
    profile: Profile | None = None,
    target_year: int | None = None,
    lang: Language = "en",
    seed: int = 0,
    demand_settings: DemandSettings | None = None,
    **sections: Settings,
) -> Plan:
    """Return a plan of defaults for the city's stages and years.

    Parameters
    ----------
    profile
        By default that of the tests.
    target_year
        By default the last year of the city.
    demand_settings
        Section ``demand``; studies have a demand of their own by that name.
    sections
        Other sections by name: ``siting=SitingSettings(budget=1e6)``.
    """
    plan = default_plan(
        "cn-national", stages=city.stages, base_year=city.base_year, horizon_year=city.years[-1], lang=lang
    )
    heads = {"seed": seed, "target_year": target_year or city.years[-1]}
    return replace(
        plan,
        general=plan.general.model_copy(update=heads),
        profile=profile or small_profile(),
        demand=demand_settings or plan.demand,
        **sections,
    )


def study_of(
    city: City,
    *,
    demand: Demand | None = None,
    seats: Seats | None = None,
    zoning: Zoning | None = None,
    walks: WalkMatrix | None = None,
    network: Network | None = None,
    reach_m: Mapping[str, float] | None = None,
    **plan: Any,
) -> Study:
    """Return the study of a city; what is not given is computed as a run does.

    Parameters
    ----------
    demand
        By default that of the city's residents.
    seats, zoning
        Today's; by default those of the city's schools, projects and catchments.
    walks
        From the city's units to the schools of ``seats``; by default straight lines times the detour factor,
        up to 5 km.
    network
        Streets; walks must be given with them.
    reach_m
        Longest placement distances; by default those of the profile.
    plan
        As for :func:`plan_of`.
    """
    of = plan_of(city, **plan)
    own, own_zoning = current_supply(city, of.profile, of.supply) if seats is None else (seats, None)
    zoning = zoning or own_zoning or zoning_of(city)
    standards = of.profile.at(city.base_year)
    return Study(
        plan=of,
        city=city,
        demand=demand or estimate_demand(city, of.profile, of.demand, ownership=of.supply.ownership),
        today=Layout(
            id=TODAY,
            title={"zh": "现状", "en": "Today"},
            seats=own,
            zoning=zoning,
            walks=walks or straight_pairs(city.units.geometry, own.schools.geometry),
        ),
        walking=WalkSettings(network, of.travel.snap_limit_m, of.travel.detour_factor or DETOUR),
        reach_m=reach_m or {stage: standards.reach_m(stage) for stage in city.stages},
    )


def with_plan(
    study: Study,
    *,
    profile: Profile | None = None,
    sections: Mapping[str, Settings] | None = None,
    **heads: Any,
) -> Study:
    """Return the same study with another profile, other sections or keys of ``[plan]`` (``lang``, …)."""
    plan = replace(
        study.plan,
        general=study.plan.general.model_copy(update=heads),
        profile=profile or study.plan.profile,
        **(sections or {}),
    )
    return replace(study, plan=plan)


def zoning_of(city: City) -> Zoning:
    """Return the catchments of a city as they are, without those its projects join."""
    return Zoning(city.catchments, city.unit_catchments, city.catchment_schools)


def supply_of(
    city: City, *, profile: Profile | None = None, settings: SupplySettings | None = None
) -> tuple[Seats, Zoning]:
    """Return today's seats and catchments of a city."""
    return current_supply(city, profile or small_profile(), settings or SupplySettings())


def layout_of(
    study: Study,
    *,
    id: str = "other",  # noqa: A002  the name of the field
    seats: Seats | None = None,
    zoning: Zoning | None = None,
    walks: WalkMatrix | None = None,
) -> Layout:
    """Return today's layout with other seats, catchments or walks; straight walks to other schools."""
    today = study.today
    if seats is not None and walks is None:
        walks = straight_pairs(study.city.units.geometry, seats.schools.geometry)
    return replace(
        today,
        id=id,
        seats=today.seats if seats is None else seats,
        zoning=zoning or today.zoning,
        walks=today.walks if walks is None else walks,
    )
