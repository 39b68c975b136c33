"""Prices of seats: the transport relaxation by Lagrangian duality, without a linear program.

With prices ``p`` (schools, columns) of capacity, the relaxation splits into units:

    L(p) = Σ_u min_j (c_uj + Σ_k p_jk d_uk) − Σ_jk p_jk s_jk  ≤  the least cost of any plan within capacity.

L is concave; the subgradient at ``p`` is load minus capacity. Steps are Polyak's, towards a target a little
above the best value (Held, Wolfe and Crowder 1974, https://doi.org/10.1007/BF01580223). The work is
proportional to the arcs, so a metropolis costs seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from layoutplan.arrays import FloatArray
from layoutplan.solve.districting.arrays import compiled
from layoutplan.solve.districting.problem import DistrictingProblem

_PATIENCE: Final = 12
"""Steps without a better value after which the step is shortened."""
_SHORTEST: Final = 1e-6


@dataclass(frozen=True)
class Prices:
    """Prices of seats and what follows from them.

    Attributes
    ----------
    price
        (schools, columns), not negative.
    bound
        L(price).
    reduced
        Per arc: c + price × demand, less the least of its unit; 0 is where the unit would go.
    regret
        Median over the units of the second best less the best arc: the scale of a search's temperature.
    """

    price: FloatArray
    bound: float
    reduced: FloatArray
    regret: float

    def bound_with(self, overload: float) -> float:
        """Return a bound for plans with at most so much overload: L(price) − highest price × overload."""
        return self.bound - float(self.price.max(initial=0.0)) * overload


@compiled
def _priced(
    arcs: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]],
    demand: npt.NDArray[np.float64],
    price: npt.NDArray[np.float64],
    load: npt.NDArray[np.float64],
) -> float:
    """Send every unit to its cheapest school at these prices; fill ``load`` and return the sum."""
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


def seat_prices(problem: DistrictingProblem, *, ceiling: float, rounds: int = 400) -> Prices:
    """Return prices that nearly maximise L, none above ``ceiling``.

    A ceiling is needed where no plan is within capacity: L has no maximum there.
    """
    price = np.zeros_like(problem.capacity)
    best_price, best, load = price.copy(), -np.inf, np.zeros_like(price)
    arcs = (problem.arc_first, problem.arc_school, problem.arc_cost)
    step, stalled = 1.0, 0
    direction = np.zeros_like(price)
    scale = 1e-3 * float(np.abs(problem.arc_cost).mean() * problem.units)
    for _ in range(rounds):
        value = _priced(arcs, problem.demand, price, load) - float((price * problem.capacity).sum())
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
        if norm <= 0 or step < _SHORTEST:
            break
        target = best - value + step * max(scale, 0.02 * abs(best))
        price = np.clip(price + target / norm * slope, 0.0, ceiling)
    return _prices(problem, best_price, best)


def _prices(problem: DistrictingProblem, price: FloatArray, bound: float) -> Prices:
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
    return Prices(price=price, bound=bound, reduced=reduced, regret=regret)


def price_ceiling(problem: DistrictingProblem) -> float:
    """Return a price of overload above what a shift can save for a pupil.

    Twenty times the 95th percentile over units of (dearest − cheapest arc) per pupil: a plan that has room
    elsewhere is not kept from it by cost.
    """
    starts = problem.arc_first[:-1]
    spread = np.maximum.reduceat(problem.arc_cost, starts) - np.minimum.reduceat(problem.arc_cost, starts)
    pupils = problem.demand.max(axis=1)
    some = pupils > 0
    if not some.any():
        return 1.0
    return 20.0 * max(float(np.percentile(spread[some] / pupils[some], 95)), 1e-6)
