"""Lagrangian relaxation of the capacities: seat prices, a lower bound and reduced costs without an LP solver.

With prices ``p`` (schools, columns) of the capacity constraints, the relaxation separates by unit:

    L(p) = Σ_u min_j (c_uj + Σ_k p_jk d_uk) − Σ_jk p_jk s_jk  ≤  the minimum cost within capacity.

L is concave; a subgradient at ``p`` is load minus capacity. It is maximised by subgradient steps of Polyak's
length towards a target slightly above the best value (Held, Wolfe and Crowder 1974,
https://doi.org/10.1007/BF01580223). Computing time is proportional to the number of arcs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.solve.districting.compiled_arrays import compiled
from layoutplan.solve.districting.problem import DistrictingProblem

_PATIENCE: Final = 12
"""Steps without improvement after which the step length is reduced."""
_MIN_STEP: Final = 1e-6


@dataclass(frozen=True)
class LagrangianPrices:
    """Seat prices, with the bound and the reduced costs that they give.

    Attributes
    ----------
    price
        Price per pupil, shape (schools, columns), not negative.
    bound
        L(price), a lower bound of the cost within capacity.
    reduced
        Reduced cost of each arc: cost + price × demand, minus the smallest such value of its unit.
    regret
        Median over units of the difference between the second smallest and the smallest value: the unit of
        the annealing temperatures.
    """

    price: FloatArray
    bound: float
    reduced: FloatArray
    regret: float

    def bound_for_overload(self, overload: float) -> float:
        """Return a lower bound of the cost with overload: L(price) − highest price × overload.

        Parameters
        ----------
        overload
            Largest total overload of the solutions considered, pupils.

        Returns
        -------
        float
            Lower bound of their cost.
        """
        return self.bound - float(self.price.max(initial=0.0)) * overload


@compiled
def _evaluate(
    arcs: tuple[IntArray, IntArray, FloatArray], demand: FloatArray, price: FloatArray, load: FloatArray
) -> float:
    """Assign every unit to its cheapest school at these prices; write ``load``, return the total value."""
    first, school, cost = arcs
    total = 0.0
    load[:] = 0.0
    for unit in range(len(demand)):
        least, chosen = np.inf, -1
        for arc in range(first[unit], first[unit + 1]):
            value = cost[arc]
            for column in range(demand.shape[1]):
                value += price[school[arc], column] * demand[unit, column]
            if value < least:
                least, chosen = value, school[arc]
        total += least
        for column in range(demand.shape[1]):
            load[chosen, column] += demand[unit, column]
    return total


def lagrangian_prices(problem: DistrictingProblem, *, ceiling: float, rounds: int = 400) -> LagrangianPrices:
    """Return prices that approximately maximise L.

    Parameters
    ----------
    problem
        The problem.
    ceiling
        Largest price. It is needed where no districting is within capacity, since L then has no maximum.
    rounds
        Largest number of subgradient steps.

    Returns
    -------
    LagrangianPrices
        The best prices found, with bound and reduced costs.
    """
    price = np.zeros_like(problem.capacity)
    best_price, best, load = price.copy(), -np.inf, np.zeros_like(price)
    arcs = (problem.arc_first, problem.arc_school, problem.arc_cost)
    step, stalled = 1.0, 0
    direction = np.zeros_like(price)
    scale = 1e-3 * float(np.abs(problem.arc_cost).mean() * problem.units)
    for _ in range(rounds):
        value = _evaluate(arcs, problem.demand, price, load) - float((price * problem.capacity).sum())
        if value > best + 1e-9 * abs(value):
            best, best_price, stalled = value, price.copy(), 0
        else:
            stalled += 1
            if stalled == _PATIENCE:
                step, stalled, price = step / 1.8, 0, best_price.copy()
                direction[:] = 0.0
                continue
        direction = 0.6 * direction + (load - problem.capacity)
        slope = np.where((price <= 0) & (direction < 0), 0.0, direction)
        norm = float((slope**2).sum())
        if norm <= 0 or step < _MIN_STEP:
            break
        target = best - value + step * max(scale, 0.02 * abs(best))
        price = np.clip(price + target / norm * slope, 0.0, ceiling)
    return _prices(problem, best_price, best)


def _prices(problem: DistrictingProblem, price: FloatArray, bound: float) -> LagrangianPrices:
    unit = problem.arc_unit
    value = problem.arc_cost + (price[problem.arc_school] * problem.demand[unit]).sum(axis=1)
    starts = problem.arc_first[:-1]
    reduced = value - np.minimum.reduceat(value, starts)[unit]
    several = np.diff(problem.arc_first) > 1
    order = np.lexsort((reduced, unit))
    second = reduced[order][np.minimum(starts + 1, len(reduced) - 1)][several]
    regret = float(np.median(second)) if len(second) else 0.0
    if regret <= 0:
        positive = reduced[reduced > 0]
        regret = float(np.median(positive)) if len(positive) else 1.0
    return LagrangianPrices(price=price, bound=bound, reduced=reduced, regret=regret)


def price_ceiling(problem: DistrictingProblem) -> float:
    """Return a price of overload that exceeds what reassigning a pupil can save.

    Twenty times the 95th percentile over units of the difference between their dearest and cheapest arc, per
    pupil: cost then does not prevent a solution without overload.

    Parameters
    ----------
    problem
        The problem.

    Returns
    -------
    float
        Price per pupil; 1 if there are no pupils.
    """
    starts = problem.arc_first[:-1]
    spread = np.maximum.reduceat(problem.arc_cost, starts) - np.minimum.reduceat(problem.arc_cost, starts)
    pupils = problem.demand.max(axis=1)
    populated = pupils > 0
    if not populated.any():
        return 1.0
    return 20.0 * max(float(np.percentile(spread[populated] / pupils[populated], 95)), 1e-6)
