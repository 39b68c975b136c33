"""What each measure adds (按建设次序的贡献): pupils with a seat, in the order in which measures begin."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.siting.measures import BuildingPlan, Measure
from layoutplan.solve.flow import assign_pupils


def benefits(plan: BuildingPlan) -> dict[str, FloatArray]:
    """Return the pupils that each measure adds by year when measures begin one after the other.

    Buses come first, since they reach seats there are; then measures in the order of their first year, of
    one year in the order of their kinds and ids; last those that give up seats. The
    parts add up to what the plan adds in all, except for
    redrawing, which moves pupils and adds none.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    dict
        By measure id, shape (years,).
    """
    added = {one.id: np.zeros(len(plan.years)) for one in plan.measures}
    stages = range(len(plan.model.stages))
    for number in stages:
        for year in range(len(plan.years)):
            for name, gain in _of_market(plan, number, year).items():
                added[name][year] += gain
    return added


def in_order(measures: Sequence[Measure]) -> list[Measure]:
    """Return measures in the order in which they are added up.

    Parameters
    ----------
    measures
        The measures, in the order of their kinds.
    """
    return sorted(measures, key=lambda one: (one.gives_up, one.kind != "bus", one.first_year))


def _of_market(plan: BuildingPlan, stage: int, year: int) -> dict[str, float]:
    """Return what the measures add in one stage and year."""
    model = plan.model
    number = model.market_number(stage, year)
    market, ways = model.problem.markets[number], model.arcs(stage, year)
    seats = market.seats.copy()
    first = model.places.schools + len(model.places.candidates)
    seats[first:] = 0.0
    by_bus = False
    before = _served(plan, number, ~ways.bus, seats)
    found = {}
    for one in in_order(plan.measures):
        if one.kind == "redraw" or (one.kind == "bus" and not one.pupils[stage].any()):
            continue
        if one.kind == "bus":
            by_bus = True
        elif one.net[stage, year] != 0:
            place = one.place
            if one.kind == "purchase":
                place = first + int(np.flatnonzero(model.places.sellers == one.place)[0])
            seats[place] += one.net[stage, year]
        else:
            continue
        after = _served(plan, number, np.ones(len(ways.bus), dtype=bool) if by_bus else ~ways.bus, seats)
        found[one.id] = after - before
        before = after
    return found


def _served(plan: BuildingPlan, number: int, usable: BoolArray, seats: FloatArray) -> float:
    market = plan.model.problem.markets[number]
    placed = assign_pupils(
        origin=market.origin[usable],
        destination=market.destination[usable],
        metres=np.zeros(int(usable.sum())),
        pupils=market.pupils,
        seats=seats,
    )
    return float(placed.served.sum())
