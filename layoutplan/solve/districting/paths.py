"""Arcs that no plan within limits can use, because of the units on the way.

A unit belongs to a school's district only with a path of units from the school's own unit, all of them in the
district. So an arc can be left out if every such path has too many pupils for the seats, or if the reduced
costs along every path sum to more than a plan may cost above the bound.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from layoutplan.arrays import FloatArray
from layoutplan.solve.districting.problem import DistrictingProblem, Marks

_shortest: Any = dijkstra  # its stub knows no sparse array with one start
_HAIR = 1e-9
"""Added to every step, in shares of the limit: SciPy may take a zero for no edge."""


def within(problem: DistrictingProblem, usable: Marks, weight: FloatArray, *, limit: FloatArray) -> Marks:
    """Return the usable arcs with a path whose weights sum to at most the school's limit.

    Parameters
    ----------
    weight
        Per arc, not negative.
    limit
        (schools,).
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
        hair = _HAIR * max(float(limit[school]), _HAIR)
        part: Any = csr_array(graph[units][:, units])
        part.data = weight[mine][part.indices] + hair
        length = np.asarray(
            _shortest(part, indices=int(start[0]), limit=float(limit[school]) + hair * len(units))
        )
        length = length + weight[mine[start[0]]]
        kept[mine[length <= limit[school] + hair * (len(units) + 1)]] = True
    return kept


def within_seats(problem: DistrictingProblem, usable: Marks, *, overload: float) -> Marks:
    """Return the usable arcs that some district with at most this overload can use."""
    for column in range(problem.demand.shape[1]):
        pupils = problem.demand[problem.arc_unit, column]
        usable = within(problem, usable, pupils, limit=problem.capacity[:, column] + overload)
    return usable


def within_slack(problem: DistrictingProblem, usable: Marks, reduced: FloatArray, *, slack: float) -> Marks:
    """Return the usable arcs of plans that cost at most ``slack`` more than the bound of ``reduced``."""
    limit = np.full(problem.schools, max(slack, 0.0) * (1 + 1e-6) + 1e-9)  # below 0 by rounding alone
    return within(problem, usable, np.maximum(reduced, 0.0), limit=limit)
