"""Audit a districting: recompute its figures and check its constraints, independently of the search."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.solve.districting.problem import DistrictingProblem


@dataclass(frozen=True)
class DistrictingAudit:
    """Recomputed figures of a districting, and its violations of constraints.

    Attributes
    ----------
    cost
        Sum of the costs of the arcs used; inf if one is forbidden.
    overload
        Pupils above capacity, shape (schools, columns).
    components
        Number of connected components of each district, shape (schools,); 1 is required, 0 means that the
        district has no unit.
    forbidden
        Units assigned to a school that they have no arc to, or to none.
    broken_locks
        Units assigned to a school other than the one they are locked to.
    missing_own
        Schools whose own unit is assigned to another school.
    """

    cost: float
    overload: FloatArray
    components: IntArray
    forbidden: IntArray
    broken_locks: IntArray
    missing_own: IntArray

    @property
    def holds(self) -> bool:
        """Whether every constraint but capacity holds; capacity is in :attr:`overload`."""
        broken = len(self.forbidden) + len(self.broken_locks) + len(self.missing_own)
        return broken == 0 and bool((self.components == 1).all())


def audit(problem: DistrictingProblem, assignment: IntArray) -> DistrictingAudit:
    """Recompute a districting from problem and assignment alone.

    Parameters
    ----------
    problem
        The problem.
    assignment
        School of each unit, shape (units,); -1 for none.

    Returns
    -------
    DistrictingAudit
        Recomputed figures and violations.
    """
    cost = problem.cost_of(assignment)
    start, end = problem.edge_from, problem.edge_to
    inside = assignment[start] == assignment[end]
    graph = csr_array(
        (np.ones(int(inside.sum()), dtype=np.int8), (start[inside], end[inside])),
        shape=(problem.units, problem.units),
    )
    _, component = connected_components(graph, directed=False)
    placed = assignment >= 0
    pairs = np.unique(np.stack([assignment[placed], component[placed]]), axis=1)
    return DistrictingAudit(
        cost=float(cost.sum()),
        overload=np.maximum(problem.load_of(assignment) - problem.capacity, 0.0),
        components=np.bincount(pairs[0], minlength=problem.schools),
        forbidden=np.flatnonzero(~np.isfinite(cost)),
        broken_locks=np.flatnonzero((problem.locked >= 0) & (assignment != problem.locked)),
        missing_own=np.flatnonzero(assignment[problem.own] != np.arange(problem.schools)),
    )
