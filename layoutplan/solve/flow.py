"""Place pupils in seats: serve the most, then walk the least. Minimum-cost flow.

The two aims are kept in exact order by the algorithm (OR-Tools ``SimpleMinCostFlow``: maximum flow first,
then the cheapest flow of that value), not by a penalty that might be too small.

Pupils are fractions here (forecast demand), flows are integers there: both sides count in parts of
``1 / scale`` pupil, ``scale`` a power of two, so that going there and back is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from ortools.graph.python import min_cost_flow

from layoutplan.errors import DefectError
from layoutplan.solve.outcome import Outcome

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_COST_PARTS_PER_M: Final = 10  # walking is compared to the decimetre
_LARGEST_SCALE: Final = 2**30  # parts of a pupil: finer than 1e-9
_LARGEST_TOTAL: Final = 2**61  # every sum inside the solver stays below this, far inside 64 bits
_SEAT_TOLERANCE: Final = 5e-7  # seats a rounding remainder may overrun

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
class Placement:
    """Pupils placed in seats.

    Attributes
    ----------
    pupils
        Pupils placed on each arc, in the order the arcs were given.
    served, unserved
        Per origin; ``served + unserved`` are the origin's pupils.
    filled
        Pupils placed at each destination.
    metres
        Pupil-metres walked in all, recomputed from ``pupils`` and not the solver's word.
    outcome
        ``OPTIMAL``; anything else is raised.
    """

    pupils: FloatArray
    served: FloatArray
    unserved: FloatArray
    filled: FloatArray
    metres: float
    outcome: Outcome


def assign_pupils(
    *,
    origin: npt.ArrayLike,
    destination: npt.ArrayLike,
    metres: npt.ArrayLike,
    pupils: npt.ArrayLike,
    seats: npt.ArrayLike,
) -> Placement:
    """Place pupils in seats within reach: serve the most pupils, then walk the fewest pupil-metres.

    Parameters
    ----------
    origin, destination
        For each arc (a pair within reach) its origin, a position in ``pupils``, and its destination, a
        position in ``seats``.
    metres
        Walking metres of each arc; compared to the decimetre.
    pupils
        Pupils of each origin, fractions allowed.
    seats
        Seats of each destination, fractions allowed.

    Returns
    -------
    Placement
        With ``Σ_j x_ij + unserved_i = pupils_i`` to 1e-9 and ``Σ_i x_ij ≤ seats_j`` to 1e-6. Without arcs,
        pupils or seats nobody is served.

    Raises
    ------
    ValueError
        If a number is negative or not finite, or an arc points outside.
    DefectError
        If the solver fails: with checked input it cannot.

    Notes
    -----
    The same arrays give the same placement. Where several placements serve as many for the same walk, which
    of them is returned depends on the order of the rows; the totals do not.

    Examples
    --------
    Ten pupils, two schools of six seats: the nearer fills first.

    >>> placed = assign_pupils(
    ...     origin=[0, 0], destination=[0, 1], metres=[900.0, 300.0], pupils=[10.0], seats=[6.0, 6.0]
    ... )
    >>> placed.pupils.tolist(), placed.unserved.tolist(), placed.metres
    ([4.0, 6.0], [0.0], 5400.0)
    """
    tail = np.asarray(origin, dtype=np.int64)
    head = np.asarray(destination, dtype=np.int64)
    walk = np.asarray(metres, dtype=np.float64)
    wanted = np.asarray(pupils, dtype=np.float64)
    offered = np.asarray(seats, dtype=np.float64)
    _check(tail, head, walk, wanted, offered)

    kept = np.flatnonzero((wanted[tail] > 0) & (offered[head] > 0))
    flows = np.zeros(len(tail))
    if len(kept):
        flows[kept] = _solve(tail[kept], head[kept], walk[kept], wanted, offered)
    return _placement(flows, tail=tail, head=head, walk=walk, wanted=wanted, offered=offered)


def _check(tail: IntArray, head: IntArray, walk: FloatArray, wanted: FloatArray, offered: FloatArray) -> None:
    """Raise ``ValueError`` on arrays that make no sense."""
    if not (tail.shape == head.shape == walk.shape and tail.ndim == 1):
        raise ValueError("origin, destination and metres must be flat and equally long")
    for name, values in (("metres", walk), ("pupils", wanted), ("seats", offered)):
        if values.ndim != 1 or not np.isfinite(values).all() or (values < 0).any():
            raise ValueError(f"{name} must be flat, finite and not negative")
    for name, ends, count in (("origin", tail, len(wanted)), ("destination", head, len(offered))):
        if len(ends) and (ends.min() < 0 or ends.max() >= count):
            raise ValueError(f"an arc's {name} points outside")


def _solve(
    tail: IntArray, head: IntArray, walk: FloatArray, wanted: FloatArray, offered: FloatArray
) -> FloatArray:
    """Return the pupils on each arc; every arc has pupils at one end and seats at the other."""
    costs = np.rint(walk * _COST_PARTS_PER_M).astype(np.int64)
    scale = _scale(total=max(float(wanted.sum()), 1.0), longest=int(costs.max()))
    supply = _whole_parts(wanted * scale)
    # More seats than there are pupils are never used; capping them keeps the integers small.
    demand = np.floor(np.minimum(offered, wanted.sum()) * scale).astype(np.int64)
    solver = min_cost_flow.SimpleMinCostFlow()
    sinks = head + len(wanted)
    capacity = np.minimum(supply[tail], demand[head])
    arcs = solver.add_arcs_with_capacity_and_unit_cost(tail, sinks, capacity, costs)
    nodes = np.arange(len(wanted) + len(offered), dtype=np.int64)
    solver.set_nodes_supplies(nodes, np.concatenate([supply, -demand]))
    outcome = _STATUS.get(solver.solve_max_flow_with_min_cost(), Outcome.FAILED)
    if outcome is not Outcome.OPTIMAL:
        raise DefectError(f"the flow of {len(tail)} arcs ended as {outcome}")
    parts = np.asarray(solver.flows(arcs), dtype=np.int64)
    return _give_back_remainders(parts, supply, scale, tail=tail, head=head, wanted=wanted, offered=offered)


def _scale(*, total: float, longest: int) -> int:
    """Return the parts a pupil is counted in: the largest power of two that keeps all sums in 64 bits."""
    scale = _LARGEST_SCALE
    while scale > 1 and total * scale * (longest + 1) > _LARGEST_TOTAL:
        scale //= 2
    return scale


def _whole_parts(parts: FloatArray) -> IntArray:
    """Round so that the total stays: the largest remainders are rounded up (Hamilton's method)."""
    whole = np.floor(parts)
    missing = round(float((parts - whole).sum()))
    whole[np.argsort(whole - parts, kind="stable")[:missing]] += 1
    return whole.astype(np.int64)


def _give_back_remainders(
    parts: IntArray,
    supply: IntArray,
    scale: int,
    *,
    tail: IntArray,
    head: IntArray,
    wanted: FloatArray,
    offered: FloatArray,
) -> FloatArray:
    """Return pupils from parts; what rounding added or cut off is settled at each origin's fullest school.

    Origins served in full get their exact pupils back. Should a school overrun by that, the remainders it
    received stay unserved there: each is less than one part of a pupil.
    """
    flows = np.asarray(parts / scale, dtype=np.float64)
    served = np.bincount(tail, weights=parts, minlength=len(wanted))
    remainder = np.where(served >= supply, wanted - supply / scale, 0.0)
    order = np.lexsort((-parts, tail))
    fullest = order[np.flatnonzero(np.diff(tail[order], prepend=-1))]
    change = remainder[tail[fullest]]
    filled = np.bincount(head, weights=flows, minlength=len(offered))
    filled += np.bincount(head[fullest], weights=change, minlength=len(offered))
    overrun = filled > offered + _SEAT_TOLERANCE
    change[overrun[head[fullest]] & (change > 0)] = 0.0
    flows[fullest] = np.maximum(flows[fullest] + change, 0.0)
    return flows


def _placement(
    flows: FloatArray,
    *,
    tail: IntArray,
    head: IntArray,
    walk: FloatArray,
    wanted: FloatArray,
    offered: FloatArray,
) -> Placement:
    """Sum the flows up, and hold them against the laws.

    Sums are NumPy's own, not BLAS's: the same on every machine, and quick where cores are shared.
    """
    served = np.minimum(np.bincount(tail, weights=flows, minlength=len(wanted)), wanted)
    filled = np.bincount(head, weights=flows, minlength=len(offered))
    if len(flows) and (flows.min() < 0 or (filled > offered + 1e-6).any()):
        raise DefectError("a placement fills more seats than there are")
    return Placement(
        pupils=flows,
        served=served,
        unserved=wanted - served,
        filled=np.asarray(filled, dtype=np.float64),
        metres=float((flows * walk).sum()),
        outcome=Outcome.OPTIMAL,
    )
