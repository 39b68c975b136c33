"""The transport problem in integers, solved by OR-Tools.

The two objectives, pupils served first and walking second, are lexicographic by algorithm (OR-Tools
``SimpleMinCostFlow``: maximum flow, then the cheapest flow of that value), not by a penalty that might be too
small.
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
"""Outcome for each status of OR-Tools; a status not listed is ``FAILED``."""


@dataclass(frozen=True)
class Transport:
    """A transport problem: pupils of origins, seats of destinations, arcs between them; all integers.

    Attributes
    ----------
    tail, head, cost
        Origin, destination and cost per pupil of each arc, shape (arcs,). ``tail`` is ascending, and every
        origin has an arc.
    pupils, seats
        Pupils of each origin, seats of each destination.
    loss
        Cost of an unserved pupil, larger than the cost of any chain of moves (:func:`unserved_cost`). The
        solver does not use it; prices do.
    most
        Most pupils on each arc, shape (arcs,); ``None`` for no limit.
    """

    tail: IntArray
    head: IntArray
    cost: IntArray
    pupils: IntArray
    seats: IntArray
    loss: int
    most: IntArray | None = None

    @cached_property
    def starts(self) -> IntArray:
        """Position of the first arc of each origin, followed by the number of arcs; shape (origins + 1,)."""
        return np.searchsorted(self.tail, np.arange(len(self.pupils) + 1)).astype(np.int64)

    def least(self, values: IntArray) -> IntArray:
        """Return the minimum of an arc value at each origin.

        Parameters
        ----------
        values
            One value per arc, shape (arcs,).

        Returns
        -------
        IntArray
            Shape (origins,).
        """
        if not len(self.pupils):
            return np.zeros(0, dtype=np.int64)
        return np.minimum.reduceat(values, self.starts[:-1])

    def placed(self, flow: IntArray) -> IntArray:
        """Return the pupils served at each origin.

        Parameters
        ----------
        flow
            Flow on each arc, shape (arcs,).

        Returns
        -------
        IntArray
            Shape (origins,).
        """
        return sum_by_place(self.tail, flow, len(self.pupils))

    def filled(self, flow: IntArray) -> IntArray:
        """Return the pupils assigned to each destination.

        Parameters
        ----------
        flow
            Flow on each arc, shape (arcs,).

        Returns
        -------
        IntArray
            Shape (destinations,).
        """
        return sum_by_place(self.head, flow, len(self.seats))


def unserved_cost(cost: IntArray, destinations: int) -> int:
    """Return a cost of an unserved pupil that exceeds the cost of any chain of moves.

    A chain visits a destination at most once, so it costs less than (destinations + 1) × the largest arc
    cost, a quarter of the value returned.

    Parameters
    ----------
    cost
        Cost of each arc, shape (arcs,).
    destinations
        Number of destinations.

    Returns
    -------
    int
        The loss, in units of cost.
    """
    return 4 * (destinations + 1) * (int(cost.max(initial=0)) + 1)


def sum_by_place(place: IntArray, amounts: IntArray, size: int) -> IntArray:
    """Return sums of integers by position, exact for any size.

    Parameters
    ----------
    place
        Position of each amount, 0 to ``size - 1``.
    amounts
        The amounts, of the shape of ``place``.
    size
        Number of positions.

    Returns
    -------
    IntArray
        Shape (size,).
    """
    sums = np.zeros(size, dtype=np.int64)
    np.add.at(sums, place, amounts)
    return sums


def check_transport(problem: Transport) -> None:
    """Check that a transport problem satisfies the solver's requirements.

    Parameters
    ----------
    problem
        The problem to check.

    Raises
    ------
    DefectError
        If an amount is negative, not whole or too large, an arc has no such end, the arcs are not grouped by
        origin, or the loss is out of range.
    """
    whole_amounts("pupils", problem.pupils)
    whole_amounts("seats", problem.seats)
    tail = places("origins of arcs", problem.tail, below=len(problem.pupils))
    places("destinations of arcs", problem.head, below=len(problem.seats), count=len(tail))
    whole_amounts("costs", problem.cost, count=len(tail))
    if problem.most is not None:
        whole_amounts("limits of arcs", problem.most, count=len(tail))
    if (np.diff(tail) < 0).any():
        raise DefectError("arcs are not grouped by origin")
    if not 0 <= problem.loss < LARGEST_TOTAL:
        raise DefectError(f"a loss of {problem.loss} is out of range")


def solve_transport(problem: Transport) -> IntArray:
    """Return the maximum flow of least cost.

    Parameters
    ----------
    problem
        The transport problem.

    Returns
    -------
    IntArray
        Flow on each arc, shape (arcs,).

    Raises
    ------
    DefectError
        If the problem is invalid (:mod:`layoutplan.solve.checks`) or the solver fails, which valid input
        rules out.
    """
    check_transport(problem)
    if not len(problem.tail):
        return np.zeros(0, dtype=np.int64)
    solver = min_cost_flow.SimpleMinCostFlow()
    sinks = problem.head + len(problem.pupils)
    capacity = np.minimum(problem.pupils[problem.tail], problem.seats[problem.head])
    if problem.most is not None:
        capacity = np.minimum(capacity, problem.most)
    arcs = solver.add_arcs_with_capacity_and_unit_cost(problem.tail, sinks, capacity, problem.cost)
    nodes = np.arange(len(problem.pupils) + len(problem.seats), dtype=np.int64)
    solver.set_nodes_supplies(nodes, np.concatenate([problem.pupils, -problem.seats]))
    outcome = _STATUS.get(solver.solve_max_flow_with_min_cost(), Outcome.FAILED)
    if outcome is not Outcome.OPTIMAL:
        raise DefectError(f"the flow of {len(problem.tail)} arcs ended as {outcome}")
    return np.asarray(solver.flows(arcs), dtype=np.int64)
