"""Polish a plan: leave out, make smaller or put off what can be without loss, until nothing can."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Final

import numpy as np

from layoutplan.solve.expansion.inequalities import ExpansionChoice
from layoutplan.solve.expansion.paths import barred_units, smaller_paths, states_of
from layoutplan.solve.expansion.search import ExpansionSearch, PricedPlan
from layoutplan.solve.expansion.unit_choice import choose_units

_EXTRA_S: Final = 5.0  # time of its own, since a plan that was cut short needs it most
_SHARE: Final = 0.3  # of the work left
_BETTER: Final = 1e-9
_ROUNDING: Final = 1e-6


def polish(search: ExpansionSearch) -> None:
    """Improve the best plan of a search by smaller ones, units chosen anew for each.

    Parameters
    ----------
    search
        A search with a best plan, which is replaced by better ones.
    """
    if not search.objective.counts_money:
        return
    search.until = max(search.until, time.monotonic() + _EXTRA_S)
    search.work.share(_SHARE)
    _trim(search)
    improved = True
    while improved and search.best is not None:
        improved = False
        problem = search.objective.capacities.problem
        for _, moves in smaller_paths(problem, search.best.moves):
            before = search.best.value
            if search.ended:
                return
            if not problem.needs.met(states_of(problem, moves)).all():
                continue
            _with_units(search, moves)
            if search.best.value < before - _BETTER * abs(before):
                _trim(search)
                improved = True
                break


def _with_units(search: ExpansionSearch, moves: np.ndarray) -> None:
    """Try a plan of given moves: with the units there are, then with units chosen for it."""
    best = search.best
    if best is None:
        return
    problem = search.objective.capacities.problem
    states = states_of(problem, moves)
    units = np.where(barred_units(problem, states, best.choice.units), 0.0, best.choice.units)
    choice = ExpansionChoice(states, units)
    plan, _ = search.price(moves, choice)
    search.keep(plan)
    if len(problem.units.most) and search.best is best:
        choose_units(search, moves, like=best)


def _trim(search: ExpansionSearch) -> None:
    """Leave out units that save less than they cost, one after the other."""
    best = search.best
    if best is None or not search.objective.counts_money:
        return
    rows = search.objective.capacities.problem.units
    for market in np.unique(rows.market[best.choice.units > 0]):
        best = _trimmed(search, best, int(market))
    search.best = best


def _trimmed(search: ExpansionSearch, plan: PricedPlan, market: int) -> PricedPlan:
    """Return the plan with the units of a market that save less than they cost left out.

    A seat taken away costs at least its price, so only units whose seats are priced below their cost are
    tried.
    """
    objective = search.objective
    rows, priced = objective.capacities.problem.units, objective.priced[market]
    now = search.flow(priced, objective.capacities.supply(market, plan.choice))
    kept: set[int] = set()
    while True:
        least = rows.seats * now.prices[rows.place]
        used = (rows.market == market) & (plan.choice.units > 0) & (least <= rows.cost + _ROUNDING)
        tried = [int(row) for row in np.flatnonzero(used) if int(row) not in kept]
        if not tried or search.ended:
            return plan
        row = max(tried, key=lambda one: rows.cost[one] - least[one])
        units = plan.choice.units.copy()
        units[row] -= 1
        choice = ExpansionChoice(plan.choice.states, units)
        then = search.flow(priced, objective.capacities.supply(market, choice))
        more = float(then.unserved.sum() - now.unserved.sum())
        limit = objective.most_unserved
        worse = then.cost - now.cost - rows.cost[row]
        if limit is None:
            worse += more * float(objective.weights.unserved[market])
        if worse > 0 or (limit is not None and more > 0 and plan.unserved + more > limit):
            kept.add(row)
            continue
        now = then
        plan = replace(plan, choice=choice, value=plan.value + float(worse), unserved=plan.unserved + more)
