"""The transport problem in whole numbers, and the one call of OR-Tools that solves it.

The two aims, serve the most and then walk the least, are kept in exact order by the algorithm (OR-Tools
``SimpleMinCostFlow``: maximum flow first, then the cheapest flow of that value), not by a penalty that might
be too small.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from ortools.graph.python import min_cost_flow

from layoutplan.arrays import IntArray
from layoutplan.errors import DefectError
from layoutplan.solve.checks import LARGEST_TOTAL, places, whole_amounts
from layoutplan.solve.outcome import Outcome

_STATUS: Final = {
    min_cost_flow.SimpleMinCostFlow.OPTIMAL: Outcome.OPTIMAL,
    min_cost_flow.SimpleMinCostFlow.FEASIBLE: Outcome.FEASIBLE,
    min_cost_flow.SimpleMinCostFlow.INFEASIBLE: Outcome.NO_PLAN_EXISTS,
    min_cost_flow.SimpleMinCostFlow.NOT_SOLVED: Outcome.NO_PLAN_FOUND,
    min_cost_flow.SimpleMinCostFlow.UNBALANCED: Outcome.FAILED,
    min_cost_flow.SimpleMinCostFlow.BAD_RESULT: Outcome.FAILED,
    min_cost_flow.SimpleMinCostFlow.BAD_COST_RANGE: Outcome.FAILED,
    min_cost_flow.SimpleMinCostFlow.BAD_CAPACITY_RANGE: Outcome.FAILED,
}
"""OR-Tools' words in ours. A status not listed here is ``FAILED``."""


@dataclass(frozen=True)
class Transport:
    """Pupils of origins, seats of destinations, arcs between them; all whole numbers.

    Attributes
    ----------
    tail, head, cost
        For each arc its origin (ascending; every origin has an arc), its destination, its cost per pupil.
    pupils, seats
        Of each origin and destination.
    loss
        What a pupil who is not placed costs: more than any chain of moves of others can (:func:`loss_of`).
        The solver does not need it, prices do.
    """

    tail: IntArray
    head: IntArray
    cost: IntArray
    pupils: IntArray
    seats: IntArray
    loss: int

    @cached_property
    def starts(self) -> IntArray:
        """The first arc of each origin, and the number of arcs."""
        return np.searchsorted(self.tail, np.arange(len(self.pupils) + 1)).astype(np.int64)

    def least(self, values: IntArray) -> IntArray:
        """Return the least of a value of the arcs at each origin."""
        if not len(self.pupils):
            return np.zeros(0, dtype=np.int64)
        return np.minimum.reduceat(values, self.starts[:-1])

    def placed(self, flow: IntArray) -> IntArray:
        """Return the pupils placed of each origin."""
        return sum_by_place(self.tail, flow, len(self.pupils))

    def filled(self, flow: IntArray) -> IntArray:
        """Return the pupils placed at each destination."""
        return sum_by_place(self.head, flow, len(self.seats))


def loss_of(cost: IntArray, destinations: int) -> int:
    """Return a cost above that of any chain of moves.

    A chain visits a destination at most once, so it costs less than (destinations + 1) × the dearest arc,
    a quarter of this.
    """
    return 4 * (destinations + 1) * (int(cost.max(initial=0)) + 1)


def sum_by_place(place: IntArray, amounts: IntArray, size: int) -> IntArray:
    """Return the sums of whole amounts by place, exact whatever their size."""
    sums = np.zeros(size, dtype=np.int64)
    np.add.at(sums, place, amounts)
    return sums


def check_transport(problem: Transport) -> None:
    """Raise :class:`DefectError` unless a transport problem is one that the solver can take."""
    whole_amounts("pupils", problem.pupils)
    whole_amounts("seats", problem.seats)
    tail = places("origins of arcs", problem.tail, below=len(problem.pupils))
    places("destinations of arcs", problem.head, below=len(problem.seats), count=len(tail))
    whole_amounts("costs", problem.cost, count=len(tail))
    if (np.diff(tail) < 0).any():
        raise DefectError("arcs are not grouped by origin")
    if not 0 <= problem.loss < LARGEST_TOTAL:
        raise DefectError(f"a loss of {problem.loss} is out of range")


def solve_transport(problem: Transport) -> IntArray:
    """Return the flow on each arc that places the most pupils and, of those flows, costs the least.

    Raises
    ------
    DefectError
        If the problem is not one it can take (:mod:`layoutplan.solve.checks`), or it fails: with numbers in
        its range it cannot.
    """
    check_transport(problem)
    if not len(problem.tail):
        return np.zeros(0, dtype=np.int64)
    solver = min_cost_flow.SimpleMinCostFlow()
    sinks = problem.head + len(problem.pupils)
    capacity = np.minimum(problem.pupils[problem.tail], problem.seats[problem.head])
    arcs = solver.add_arcs_with_capacity_and_unit_cost(problem.tail, sinks, capacity, problem.cost)
    nodes = np.arange(len(problem.pupils) + len(problem.seats), dtype=np.int64)
    solver.set_nodes_supplies(nodes, np.concatenate([problem.pupils, -problem.seats]))
    outcome = _STATUS.get(solver.solve_max_flow_with_min_cost(), Outcome.FAILED)
    if outcome is not Outcome.OPTIMAL:
        raise DefectError(f"the flow of {len(problem.tail)} arcs ended as {outcome}")
    return np.asarray(solver.flows(arcs), dtype=np.int64)
