"""Elimination of arcs that no sufficiently good solution can use, by shortest paths from the own units.

A unit belongs to a school's district only together with a path of units from the school's own unit. An arc
can therefore be eliminated if on every such path the pupils exceed the seats, or the reduced costs sum to
more than the gap between the best solution and the bound.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.solve.districting.problem import DistrictingProblem

_dijkstra: Any = dijkstra  # the stub does not accept a sparse array with a single source
_EPSILON: Final = 1e-9
"""Added to every edge length, as a share of the limit: SciPy may treat a zero as a missing edge."""


def arcs_within_limit(
    problem: DistrictingProblem, usable: BoolArray, weight: FloatArray, *, limit: FloatArray
) -> BoolArray:
    """Return the usable arcs with a path whose weights sum to at most the limit of the school.

    Parameters
    ----------
    problem
        The problem.
    usable
        Arcs that may be used, shape (arcs,).
    weight
        Weight of each arc, not negative, shape (arcs,); a path sums those of its units' arcs to the school.
    limit
        Largest sum for each school, shape (schools,).

    Returns
    -------
    BoolArray
        Mask of the remaining arcs, shape (arcs,).
    """
    arcs = np.flatnonzero(usable)
    order = arcs[np.argsort(problem.arc_school[arcs], kind="stable")]
    ends = np.searchsorted(problem.arc_school[order], np.arange(problem.schools + 1))
    graph = csr_array(
        (np.ones(len(problem.edge_to)), problem.edge_to, problem.edge_first),
        shape=(problem.units, problem.units),
    )
    kept = np.zeros_like(usable)
    for school in range(problem.schools):
        mine = order[ends[school] : ends[school + 1]]
        units = problem.arc_unit[mine]
        start = np.flatnonzero(units == problem.own[school])
        if not len(start):
            continue
        epsilon = _EPSILON * max(float(limit[school]), _EPSILON)
        subgraph: Any = csr_array(graph[units][:, units])
        subgraph.data = weight[mine][subgraph.indices] + epsilon
        length = np.asarray(
            _dijkstra(subgraph, indices=int(start[0]), limit=float(limit[school]) + epsilon * len(units))
        )
        length = length + weight[mine[start[0]]]
        kept[mine[length <= limit[school] + epsilon * (len(units) + 1)]] = True
    return kept


def arcs_within_capacity(problem: DistrictingProblem, usable: BoolArray, *, overload: float) -> BoolArray:
    """Return the usable arcs that a district with at most a given overload can use.

    Parameters
    ----------
    problem
        The problem.
    usable
        Arcs that may be used, shape (arcs,).
    overload
        Largest total overload, pupils.

    Returns
    -------
    BoolArray
        Mask of the remaining arcs, shape (arcs,).
    """
    for column in range(problem.demand.shape[1]):
        pupils = problem.demand[problem.arc_unit, column]
        usable = arcs_within_limit(problem, usable, pupils, limit=problem.capacity[:, column] + overload)
    return usable


def arcs_within_slack(
    problem: DistrictingProblem, usable: BoolArray, reduced: FloatArray, *, slack: float
) -> BoolArray:
    """Return the usable arcs of solutions that cost at most ``slack`` more than the bound of ``reduced``.

    Parameters
    ----------
    problem
        The problem.
    usable
        Arcs that may be used, shape (arcs,).
    reduced
        Reduced costs of the relaxation that gives the bound, shape (arcs,); negative ones count as 0.
    slack
        Difference between the best known cost and the bound.

    Returns
    -------
    BoolArray
        Mask of the remaining arcs, shape (arcs,).
    """
    slack = max(slack, 0.0)  # negative only by rounding
    limit = np.full(problem.schools, slack * (1 + 1e-6) + 1e-9)
    return arcs_within_limit(problem, usable, np.maximum(reduced, 0.0), limit=limit)
