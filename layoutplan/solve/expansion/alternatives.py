"""What other moves would cost: units chosen anew, moves as given."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.solve.expansion.audit import audit_plan
from layoutplan.solve.expansion.inequalities import Capacities, ExpansionChoice
from layoutplan.solve.expansion.master import Weights
from layoutplan.solve.expansion.paths import states_of
from layoutplan.solve.expansion.pricing import PricedMarket, rounded_market
from layoutplan.solve.expansion.problem import Expansion
from layoutplan.solve.expansion.search import ExpansionSearch, Objective


@dataclass(frozen=True)
class Alternatives:
    """Prices plans beside the one found.

    Attributes
    ----------
    problem
        The problem.
    units
        Units of the plan found, tried first.
    relative_gap
        Gap at which the choice of units stops.
    """

    problem: Expansion
    units: FloatArray
    relative_gap: float = 0.01

    @cached_property
    def _search(self) -> ExpansionSearch:
        problem = replace(self.problem, markets=tuple(rounded_market(one) for one in self.problem.markets))
        loss = np.full(len(problem.markets), 50.0 * float(problem.loss.max(initial=1.0)))
        priced = tuple(
            PricedMarket(market, market.cost, float(lost))
            for market, lost in zip(problem.markets, loss, strict=True)
        )
        unit = max(float(np.abs(problem.moves.cost).max(initial=0.0)), 1.0)
        objective = Objective(Capacities(problem), priced, Weights(1.0, loss, 0.0, unit))
        return ExpansionSearch(objective, self.relative_gap, until=0.0)

    def cost(self, moves: FloatArray, *, time_limit_s: float) -> tuple[float, float]:
        """Return the cost of a plan and its pupils without a seat, with units chosen for its moves.

        Parameters
        ----------
        moves
            Whether each move is made.
        time_limit_s
            Time for the choice of units.

        Returns
        -------
        cost, unserved
            Recomputed by the audit.
        """
        search, problem = self._search, self._search.objective.capacities.problem
        search.until, search.best = time.monotonic() + time_limit_s, None
        start = ExpansionChoice(states_of(problem, moves), self.units)
        plan, cuts = search.price(moves, start)
        search.cuts.extend(cuts)
        search.keep(plan)
        search.choose_units(moves)
        best = search.best or plan
        found = audit_plan(problem, best.moves, best.choice)
        return found.cost, float(found.unserved.sum())
