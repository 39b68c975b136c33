"""What answers each shortage (缺口对策): every catchment's shortage by remedy, and the city's waterfall.

A catchment's shortage is that of today's layout (committed projects included), demand above its own seats.
The pupils of the catchment whom the plan places elsewhere than in today's seats of their own schools are
counted by where they sit: at a neighbour's school (redraw), by bus, in purchased seats, temporary classes,
enlarged or new schools, or nowhere. The shortage is divided in these proportions, so that its parts add up
to it; pupils who stay in their own school because another catchment of a shared school gives way count as
redrawn.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.siting.measures import SERVING, BuildingPlan
from layoutplan.texts import other_language, text

LEFT: Final = "none"
"""Remedy of pupils for whom the plan has no seat."""
REMEDIES: Final = (*SERVING, LEFT)


def remedies_table(plan: BuildingPlan, catchments: pd.DataFrame) -> pd.DataFrame:
    """Return result table ``remedies``.

    Parameters
    ----------
    plan
        The plan.
    catchments
        Result table ``catchment_balance`` of today's layout.

    Returns
    -------
    DataFrame
        One row per catchment, stage and year with a shortage.
    """
    model, lang = plan.model, plan.model.places.study.lang
    short = catchments[catchments["shortfall"] > _FEW]
    names = catchments.drop_duplicates("catchment_id").set_index("catchment_id")["name"]
    costs = _unit_costs(plan)
    rows = []
    for number, stage in enumerate(model.stages):
        ids = model.places.catchments(stage)
        own = short[short["stage"] == stage]
        for position, year in enumerate(plan.years):
            placed = _by_catchment(plan, number, position)
            gross = own[own["year"] == year].set_index("catchment_id")["shortfall"]
            for catchment, shortfall in gross.items():
                at = int(ids.get_indexer(pd.Index([catchment]))[0])
                parts = _divided(placed[:, at] if at >= 0 else np.zeros(len(REMEDIES)), float(shortfall))
                main = REMEDIES[int(np.argmax(parts))]
                rows.append(
                    {
                        "stage": stage,
                        "year": year,
                        "catchment_id": catchment,
                        "name": names.get(catchment),
                        "shortfall": float(shortfall),
                        **dict(zip(REMEDIES, parts, strict=True)),
                        "main": main,
                        "cost": float((parts[:-1] * costs[number, position]).sum()),
                        "reason": text(f"siting.remedy.{main}", lang),
                        "reason_translated": text(f"siting.remedy.{main}", other_language(lang)),
                    }
                )
    columns = ["stage", "year", "catchment_id", "name", "shortfall", *REMEDIES, "main", "cost"]
    return pd.DataFrame(rows, columns=[*columns, "reason", "reason_translated"])


def remedy_totals(remedies: pd.DataFrame, plan: BuildingPlan) -> pd.DataFrame:
    """Return result table ``remedy_totals``: the waterfall of the city by stage and year.

    Parameters
    ----------
    remedies
        Result table ``remedies``.
    plan
        The plan.

    Returns
    -------
    DataFrame
        Shortage, and what is left of it after each remedy in order; the last is what the plan leaves of it.
        Pupils without a seat beyond that (too far from one, or in no catchment) stand beside it.
    """
    sums = remedies.groupby(["stage", "year"], sort=False)[["shortfall", *REMEDIES, "cost"]].sum()
    left = sums["shortfall"].to_numpy(dtype=float)
    for kind in SERVING:
        left = left - sums[kind].to_numpy(dtype=float)
        sums[f"after_{kind}"] = np.maximum(left, 0.0)
    sums["left"] = sums[LEFT]
    beyond = [_unserved(plan, str(stage), int(year)) for stage, year in sums.index] - sums["left"]
    sums["left_beyond"] = beyond.clip(lower=0.0)
    kept = ["shortfall", *(f"after_{kind}" for kind in SERVING), "left", "left_beyond", "cost"]
    return sums[kept].reset_index()


def _unserved(plan: BuildingPlan, stage: str, year: int) -> float:
    """Return the pupils of a stage and year for whom the plan has no seat."""
    number = plan.model.market_number(plan.model.stages.index(stage), plan.years.index(year))
    return float(plan.found.figures.placements[number].unserved.sum())


def _by_catchment(plan: BuildingPlan, stage: int, year: int) -> FloatArray:
    """Return the pupils of each catchment by remedy, those in their own today's seats left out.

    Shape (remedies, catchments).
    """
    model = plan.model
    number = model.market_number(stage, year)
    ways, placement = model.arcs(stage, year), plan.found.figures.placements[number]
    home = model.ways[stage].home
    pupils = placement.pupils
    catchment = home[ways.unit]
    known = catchment >= 0
    count = len(model.places.catchments(model.stages[stage]))
    found = np.zeros((len(REMEDIES), count))

    def add(remedy: str, amount: FloatArray) -> None:
        np.add.at(found[REMEDIES.index(remedy)], catchment[known], amount[known])

    existing = pupils * plan.filled.existing[number, ways.place]
    add("purchase", np.where(ways.sold, pupils, 0.0))
    old = np.where(ways.sold, 0.0, existing)
    add("bus", np.where(ways.bus, old, 0.0))
    add("redraw", np.where(ways.outside & ~ways.bus, old, 0.0))
    add("temporary", pupils * plan.filled.temporary[number, ways.place])
    built = pupils * plan.filled.built[number, ways.place]
    kind_of = np.full(model.places.count, -1)
    for one in plan.measures:
        if one.lasts:
            kind_of[one.place] = REMEDIES.index(one.kind)
    for kind in ("convert", "enlarge", "build", "build_indicative"):
        add(kind, np.where(kind_of[ways.place] == REMEDIES.index(kind), built, 0.0))
    lost = placement.unserved
    inside = home >= 0
    np.add.at(found[REMEDIES.index(LEFT)], home[inside], lost[inside])
    return found


def _divided(placed: FloatArray, shortfall: float) -> FloatArray:
    """Return a shortage divided by what the plan does for the pupils; what stays counts as redrawn."""
    parts = np.asarray(placed * min(shortfall / max(float(placed.sum()), _FEW), 1.0), dtype=np.float64)
    parts[REMEDIES.index("redraw")] += max(shortfall - float(parts.sum()), 0.0)
    return parts


def _unit_costs(plan: BuildingPlan) -> FloatArray:
    """Return the running cost of each kind a pupil and year, shape (stages, years, kinds); 0 without pupils.

    Capital is not in it: it is paid once and stands in table ``measure_years``.
    """
    stages, years = len(plan.model.stages), len(plan.years)
    paid, pupils = np.zeros((years, len(SERVING))), np.zeros((years, len(SERVING)))
    for one in plan.measures:
        if not one.gives_up:
            paid[:, SERVING.index(one.kind)] += one.running
            pupils[:, SERVING.index(one.kind)] += one.pupils.sum(axis=0)
    each = np.divide(paid, pupils, out=np.zeros_like(paid), where=pupils > _FEW)
    return np.repeat(each[None], stages, axis=0)


_FEW: Final = 1e-6
