"""Reduction of overload by a search that does not regard the costs.

Where the search leaves overload that is not proven unavoidable, costs may stand in the way: far assignments
pay for overload only at prices that the search raises by and by. The phase replaces the cost of every arc by
pupils × steps from the own unit, which depends on the graph alone. Its result is the same whatever the costs
are: no costs leave more overload than it does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.solve.districting.budget import Budget
from layoutplan.solve.districting.problem import DistrictingProblem
from layoutplan.solve.districting.rounds import run_cold_starts, run_rounds
from layoutplan.solve.districting.search import Search, start_search

_NOBODY: Final = 1e-3
"""Demand that a unit without pupils counts as, as a share of the mean."""


def reduce_overload(search: Search, *, share: float, known: IntArray | None) -> None:
    """Search for less overload with costs of the graph alone, and continue all tasks from what is found.

    Parameters
    ----------
    search
        The search; updated in place.
    share
        Share of the remaining time and work that the phase may use.
    known
        A connected solution, or ``None``.
    """
    outer = search.budget
    inner = Budget(outer.remaining_s * share, outer.remaining_work * share, outer.cores, outer.clock)
    problem = search.context.problem
    phase = start_search(replace(problem, arc_cost=_steps(problem)), inner, seed=search.seed, known=known)
    if phase is None:
        return

    phase.least_overload = search.least_overload
    run_cold_starts(phase)
    run_rounds(phase, share=1.0, cores=outer.cores, stop=lambda: phase.has_least_overload)
    outer.spent += inner.spent
    found = search.context.evaluate(phase.best.assignment, search.best.price)
    if search.record(found, "overload phase"):
        search.current = [search.best] * len(search.current)


def _steps(problem: DistrictingProblem) -> FloatArray:
    """Return for every arc the pupils of its unit times the steps from the school's own unit."""
    graph = csr_array(
        (np.ones(len(problem.edge_to), dtype=np.int8), problem.edge_to, problem.edge_first),
        shape=(problem.units, problem.units),
    )
    order = np.argsort(problem.arc_school, kind="stable")
    ends = np.searchsorted(problem.arc_school[order], np.arange(problem.schools + 1))
    steps = np.zeros(len(problem.arc_cost))
    for school in range(problem.schools):
        arcs = order[ends[school] : ends[school + 1]]
        units = problem.arc_unit[arcs]
        subgraph: Any = graph[units][:, units]
        start = int(np.flatnonzero(units == problem.own[school])[0])
        steps[arcs] = _depth(subgraph, start)
    pupils = problem.demand.sum(axis=1)
    weight = np.maximum(pupils, _NOBODY * max(float(pupils.mean()), _NOBODY))
    return np.asarray(weight[problem.arc_unit] * steps)


def _depth(graph: Any, start: int) -> FloatArray:  # noqa: ANN401  a sparse array
    """Return the number of steps from one unit to every other; units that it does not reach are far."""
    order, before = breadth_first_order(graph, start)
    depth = np.full(graph.shape[0], float(graph.shape[0]))
    depth[start] = 0.0
    for unit in order[1:]:
        depth[unit] = depth[before[unit]] + 1.0
    return depth
