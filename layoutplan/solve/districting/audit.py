"""What a districting promises, recomputed from the plan and the problem alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.solve.districting.problem import DistrictingProblem


@dataclass(frozen=True)
class DistrictingAudit:
    """Recomputed figures of a plan, and the places where it breaks a constraint.

    Attributes
    ----------
    cost
        Sum of the arcs used; inf if one is forbidden.
    overload
        (schools, columns): pupils above capacity.
    parts
        (schools,): connected parts of each district; 1 is right, 0 is a district without units.
    forbidden, moved_locks
        Units on an arc that does not exist (or on none); units not at the school they are locked to.
    without_own
        Schools whose own unit belongs to another.
    """

    cost: float
    overload: FloatArray
    parts: IntArray
    forbidden: IntArray
    moved_locks: IntArray
    without_own: IntArray

    @property
    def holds(self) -> bool:
        """Whether every constraint but capacity holds; capacity is in :attr:`overload`."""
        broken = len(self.forbidden) + len(self.moved_locks) + len(self.without_own)
        return broken == 0 and bool((self.parts == 1).all())


def audit(problem: DistrictingProblem, assignment: IntArray) -> DistrictingAudit:
    """Recompute a plan: ``assignment`` is (units,), the school of each unit."""
    cost = problem.cost_of(assignment)
    start, end = problem.edge_from, problem.edge_to
    inside = assignment[start] == assignment[end]
    graph = csr_array(
        (np.ones(int(inside.sum()), dtype=np.int8), (start[inside], end[inside])),
        shape=(problem.units, problem.units),
    )
    _, part = connected_components(graph, directed=False)
    placed = assignment >= 0
    pairs = np.unique(np.stack([assignment[placed], part[placed]]), axis=1)
    return DistrictingAudit(
        cost=float(cost.sum()),
        overload=np.maximum(problem.load_of(assignment) - problem.capacity, 0.0),
        parts=np.bincount(pairs[0], minlength=problem.schools),
        forbidden=np.flatnonzero(~np.isfinite(cost)),
        moved_locks=np.flatnonzero((problem.locked >= 0) & (assignment != problem.locked)),
        without_own=np.flatnonzero(assignment[problem.own] != np.arange(problem.schools)),
    )
