"""Whom each measure serves (服务对象): catchments or estates of the pupils placed by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.siting.measures import BuildingPlan, Measure

_MOST: Final = 3
_FEW: Final = 1e-6


@dataclass(frozen=True)
class Service:
    """Where the pupils of a measure live.

    Attributes
    ----------
    areas
        Names of at most three catchments, those with most pupils first; in stages without catchments, of
        residential units.
    catchment_id
        The catchment with most of its pupils over the years, the one that the measure is for; ``None`` in
        stages without catchments.
    """

    areas: tuple[str, ...]
    catchment_id: str | None


def services(plan: BuildingPlan, names: Mapping[str, str]) -> dict[str, Service]:
    """Return whom the measures serve.

    Parameters
    ----------
    plan
        The plan.
    names
        Names of catchments by id; one without a name is called by its id.

    Returns
    -------
    dict
        By measure id.
    """
    rows = [
        (one.id, *area, pupils)
        for number in range(len(plan.model.stages))
        for year in range(len(plan.years))
        for one, areas in _of_market(plan, number, year)
        for area, pupils in areas.items()
    ]
    frame = pd.DataFrame(rows, columns=["measure", "catchment_id", "unit", "pupils"])
    units = plan.model.places.study.city.units
    called = dict(zip(units.index.astype(str), _names(units), strict=True))
    frame["name"] = [
        names.get(catchment, catchment) if catchment else called[unit]
        for catchment, unit in zip(frame["catchment_id"], frame["unit"], strict=True)
    ]
    found = {}
    for measure, own in frame.groupby("measure"):
        by_name = own.groupby("name")["pupils"].sum().round(3).reset_index()
        ranked = by_name.sort_values(["pupils", "name"], ascending=[False, True], kind="stable")
        by_catchment = own[own["catchment_id"] != ""].groupby("catchment_id")["pupils"].sum().round(3)
        main = None if by_catchment.empty else str(by_catchment.idxmax())
        found[str(measure)] = Service(tuple(ranked["name"].iloc[:_MOST]), main)
    return found


def _names(units: pd.DataFrame) -> list[str]:
    ids = units.index.astype(str)
    if "name" not in units:
        return [*ids]
    return [str(one) if pd.isna(name) else str(name) for one, name in zip(ids, units["name"], strict=True)]


def _of_market(
    plan: BuildingPlan, stage: int, year: int
) -> Iterator[tuple[Measure, dict[tuple[str, str], float]]]:
    """Yield each measure that acts in a market with its pupils by catchment, or by unit without one."""
    model = plan.model
    ways, number = model.arcs(stage, year), model.market_number(stage, year)
    pupils = plan.found.figures.placements[number].pupils
    home = model.ways[stage].home
    ids = [str(one) for one in model.places.catchments(model.stages[stage])]
    for one in plan.measures:
        if one.pupils[stage, year] <= _FEW:
            continue
        weights = pupils * _share(plan, one, ways_place=ways.place, number=number)
        if one.kind in ("redraw", "bus", "purchase"):
            weights = np.where(_mask(one, ways.outside, ways.bus, ways.sold), weights, 0.0)
        by_group = np.bincount(ways.unit, weights=weights, minlength=len(home))
        by_catchment = np.bincount(home[home >= 0], weights=by_group[home >= 0], minlength=len(ids))
        areas = {(ids[at], ""): float(by_catchment[at]) for at in np.flatnonzero(by_catchment > _FEW)}
        yield one, areas | _by_unit(plan, stage, year, np.where(home < 0, by_group, 0.0))


def _mask(one: Measure, outside: BoolArray, bus: BoolArray, sold: BoolArray) -> BoolArray:
    return {"redraw": outside, "bus": bus}.get(one.kind, sold)


def _share(plan: BuildingPlan, one: Measure, *, ways_place: IntArray, number: int) -> FloatArray:
    """Return the share of the pupils on each way whom a measure places."""
    if one.kind in ("redraw", "bus"):
        return np.ones(len(ways_place))
    places = plan.model.places
    place = one.place
    if one.kind == "purchase":
        place = places.schools + len(places.candidates) + int(np.flatnonzero(places.sellers == place)[0])
        return np.asarray(ways_place == place, dtype=np.float64)
    filled = plan.filled.temporary if one.kind == "temporary" else plan.filled.built
    return np.asarray(np.where(ways_place == place, filled[number, ways_place], 0.0), dtype=np.float64)


def _by_unit(plan: BuildingPlan, stage: int, year: int, by_group: FloatArray) -> dict[tuple[str, str], float]:
    """Return the pupils of groups divided among their units by demand."""
    if not by_group.any():
        return {}
    ways, study = plan.model.ways[stage], plan.model.places.study
    demand = study.demand.pupils[plan.model.stages[stage]][plan.years[year]].to_numpy(dtype=np.float64)
    whole = np.bincount(ways.group, weights=demand, minlength=len(by_group))
    shares = np.divide(by_group, whole, out=np.zeros(len(by_group)), where=whole > 0)
    pupils = shares[ways.group] * demand
    ids = study.city.units.index.astype(str)
    return {("", str(ids[at])): float(pupils[at]) for at in np.flatnonzero(pupils > _FEW)}
