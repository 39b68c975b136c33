"""What other moves would cost: units chosen anew, moves as given."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.solve.expansion.effort import Work, arcs_of
from layoutplan.solve.expansion.inequalities import Capacities, ExpansionChoice
from layoutplan.solve.expansion.master import Weights
from layoutplan.solve.expansion.paths import barred_units, states_of
from layoutplan.solve.expansion.pricing import PricedMarket, rounded_market
from layoutplan.solve.expansion.problem import Expansion
from layoutplan.solve.expansion.search import ExpansionSearch, Objective, PricedPlan
from layoutplan.solve.expansion.solve import CHAIN, ExpansionPlan
from layoutplan.solve.expansion.unit_choice import choose_units


@dataclass(frozen=True)
class Alternatives:
    """Prices plans beside the one found.

    Attributes
    ----------
    problem
        The problem.
    found
        The plan found; its units stay in the markets where an alternative has the same seats.
    relative_gap
        Share of its cost from the bound at which the choice of the other units stops.
    work_an_arc
        Work for each arc of the markets, all plans together.
    """

    problem: Expansion
    found: ExpansionPlan
    relative_gap: float = 0.01
    work_an_arc: float = 15.0

    @property
    def _loss(self) -> float:
        """Cost of a pupil without a seat, dearer than any chain of arcs."""
        return CHAIN * float(self.problem.loss.max(initial=1.0))

    @cached_property
    def _search(self) -> ExpansionSearch:
        problem = replace(self.problem, markets=tuple(rounded_market(one) for one in self.problem.markets))
        loss = np.full(len(problem.markets), self._loss)
        priced = tuple(
            PricedMarket(market, market.cost, float(lost))
            for market, lost in zip(problem.markets, loss, strict=True)
        )
        unit = max(float(np.abs(problem.moves.cost).max(initial=0.0)), 1.0)
        objective = Objective(Capacities(problem), priced, Weights(1.0, loss, 0.0, unit))
        work = Work(self.work_an_arc * arcs_of(problem))
        return ExpansionSearch(objective, self.relative_gap, until=0.0, work=work)

    @property
    def ended(self) -> bool:
        """Whether the work is done: units are no longer chosen anew."""
        return self._search.work.left <= 0

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
            By the flows of the search, which the audit of a plan repeats.
        """
        search, problem = self._search, self._search.objective.capacities.problem
        search.until, search.best = time.monotonic() + time_limit_s, None
        of = self.found
        like = PricedPlan(of.moves, ExpansionChoice(of.states, of.units), of.figures.cost, np.inf)
        states = states_of(problem, moves)
        units = np.where(barred_units(problem, states, of.units), 0.0, of.units)
        plan, _ = search.price(moves, ExpansionChoice(states, units))
        search.keep(plan)
        choose_units(search, moves, like=like, within=self.relative_gap * abs(of.figures.cost))
        best = search.best or plan
        return best.value - float(self._loss * best.unserved), best.unserved
