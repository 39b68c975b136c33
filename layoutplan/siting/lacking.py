"""Where seats stay lacking under a plan (缺学位区域): by area, stage and year, whichever placement was found.

A pool of homes and full schools (:mod:`layoutplan.balance.pools`) lacks a number of seats that no placement
changes. Pools that lack fewer seats than a measure must place pupils (``min_pupils``) are left out: no
measure was allowed for them. What a pool lacks is laid on its homes by the shortage of their own catchments,
and summed by catchment; homes without one by district.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.balance.pools import find_pools
from layoutplan.dictionary import result_table
from layoutplan.siting.measures import BuildingPlan

_ONE_MORE: Final = 0.5
_FEW: Final = 1e-6
_PUPIL: Final = 1.0

AreaLevel = Literal["catchment", "district", "city"]


@dataclass(frozen=True)
class LackingArea:
    """An area that lacks seats of a stage in a year.

    Attributes
    ----------
    stage
        Stage id.
    year
        School year.
    level, area_id, name
        Kind of the area; its id (``city`` for the whole city), and its name, ``None`` if it has none.
    pupils
        Pupils who live in the part of the area that is concerned.
    lacking
        How many of them have no seat.
    """

    stage: str
    year: int
    level: AreaLevel
    area_id: str
    name: str | None
    pupils: float
    lacking: float


def lacking_areas(plan: BuildingPlan, catchments: pd.DataFrame) -> tuple[LackingArea, ...]:
    """Return the areas that lack seats under a plan, those that lack most first.

    Parameters
    ----------
    plan
        The plan.
    catchments
        Result table ``catchment_balance`` of today's layout: shortage of the own catchments.
    """
    found = [
        area
        for stage in range(len(plan.model.stages))
        for year in range(len(plan.years))
        for area in _of_market(plan, catchments, stage, year)
    ]
    return tuple(sorted(found, key=lambda one: (-round(one.lacking, 6), one.stage, one.year, one.area_id)))


def lacking_table(areas: tuple[LackingArea, ...]) -> pd.DataFrame:
    """Return result table ``plan_lacking``.

    Parameters
    ----------
    areas
        The areas.
    """
    names = [*result_table("plan_lacking").column_names]
    return pd.DataFrame([vars(area) for area in areas], columns=names)


def _of_market(plan: BuildingPlan, catchments: pd.DataFrame, stage: int, year: int) -> Iterator[LackingArea]:
    model = plan.model
    number = model.market_number(stage, year)
    placed, market = plan.found.figures.placements[number], model.problem.markets[number]
    if placed.unserved.sum() < _PUPIL:
        return
    used = placed.pupils > _FEW
    pools = find_pools(
        (market.origin, market.destination),
        (market.origin[used], market.destination[used]),
        unserved=placed.unserved,
        full=(placed.served_per_seat > _ONE_MORE) & (placed.filled > _FEW),
    )
    least = max(model.places.study.plan.siting.min_pupils, _PUPIL)
    told = np.append(pools.totals(placed.unserved) >= least, values=False)[pools.of_home]
    laid = pools.laid(placed.unserved, market.pupils, own=_own_share(plan, catchments, stage, year))
    laid = np.where(told, laid, 0.0)
    study, name = model.places.study, model.stages[stage]
    group = model.ways[stage].group
    demand = study.demand.pupils[name][plan.years[year]].to_numpy(dtype=float)
    held = np.bincount(group, weights=demand, minlength=len(laid))
    rate = np.divide(laid, held, out=np.zeros_like(laid), where=held > 0)
    homes = pd.DataFrame({"pupils": demand, "lacking": demand * rate[group]}, index=study.city.units.index)
    yield from _by_area(plan, homes[told[group]], stage, year)


def _own_share(plan: BuildingPlan, catchments: pd.DataFrame, stage: int, year: int) -> FloatArray:
    """Return the share of each group's pupils who lack a seat of their own catchment; nan without one."""
    model = plan.model
    own = catchments[(catchments["stage"] == model.stages[stage]) & (catchments["year"] == plan.years[year])]
    own = own.set_index("catchment_id").reindex(model.places.catchments(model.stages[stage]))
    demand = own["demand"].astype(float)
    share = (own["shortfall"].astype(float) / demand.where(demand > 0)).fillna(0.0).to_numpy()
    return np.append(share, np.nan)[model.ways[stage].home]


def _by_area(plan: BuildingPlan, homes: pd.DataFrame, stage: int, year: int) -> Iterator[LackingArea]:
    """Yield the sums of homes by catchment, else by district, else for the whole city."""
    study, name = plan.model.places.study, plan.model.stages[stage]
    zoning, city = study.today.zoning, study.city
    held = zoning.held(name).reindex(homes.index)
    district = city.units["district_id"].reindex(homes.index)
    area = held.where(held.notna(), district)
    areas: list[tuple[AreaLevel, pd.Series, pd.DataFrame | None]] = [
        ("catchment", held.notna(), zoning.catchments),
        ("district", held.isna() & district.notna(), city.districts),
        ("city", area.isna(), None),
    ]
    for kind, those, frame in areas:
        for area_id, row in (
            homes[those].groupby(area[those].fillna("").astype(str), sort=True).sum().iterrows()
        ):
            if row["lacking"] <= _FEW:
                continue
            label = None if frame is None else frame["name"].get(area_id)
            yield LackingArea(
                stage=name,
                year=plan.years[year],
                level=kind,
                area_id=str(area_id) or kind,
                name=None if label is None or pd.isna(label) else str(label),
                pupils=float(row["pupils"]),
                lacking=float(row["lacking"]),
            )
