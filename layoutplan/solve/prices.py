"""What one more seat is worth: prices of destinations from an optimal flow.

The price of a destination is how much cheaper everything becomes with one more seat there: a pupil without a
seat takes it, or somebody moves there from a dearer place, whose seat another takes, and so on. It is the
cheapest such chain, a shortest path in the residual graph of the flow, found among the destinations alone:
from one to another leads the pupil placed at the first who moves to the second for least. Ahuja, Magnanti
and Orlin (1993), Network Flows, ch. 9.
"""

from __future__ import annotations

import numpy as np

from layoutplan.arrays import IntArray
from layoutplan.errors import DefectError
from layoutplan.solve.transport import Transport


def seat_prices(problem: Transport, flow: IntArray) -> IntArray:
    """Return the price of every destination in an optimal flow; 0 where a seat is to spare.

    A pupil not placed costs :attr:`Transport.loss`, so a price above half of it means: one pupil more is
    placed.

    Raises
    ------
    DefectError
        If the flow is not optimal.
    """
    source, target, step = _moves(problem, flow)
    gain = np.zeros(len(problem.seats), dtype=np.int64)
    lacking = (problem.placed(flow) < problem.pupils)[problem.tail]
    np.maximum.at(gain, problem.head[lacking], problem.loss - problem.cost[lacking])
    if not len(target):
        return gain
    first = np.flatnonzero(np.diff(target, prepend=-1))
    ends = target[first]
    for _ in range(len(problem.seats) + 1):
        better = np.maximum(gain[ends], np.maximum.reduceat(gain[source] - step, first))
        if (better == gain[ends]).all():
            return gain
        gain[ends] = better
    raise DefectError("a flow that is not optimal has no prices")


def _moves(problem: Transport, flow: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Return what a pupil's move costs from a destination (source) to another (target), each pair once.

    Sorted by target.
    """
    used = np.flatnonzero(flow > 0)
    origin = problem.tail[used]
    count = problem.starts[origin + 1] - problem.starts[origin]
    of = np.repeat(np.arange(len(used)), count)
    ahead = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    arc = problem.starts[origin][of] + ahead
    step = problem.cost[arc] - problem.cost[used][of]
    pair = problem.head[arc] * len(problem.seats) + problem.head[used][of]
    least = int(step.min(initial=0))
    span = int(step.max(initial=0)) - least + 1
    pair, step = np.divmod(np.sort(pair * span + (step - least)), span)  # by pair, the least step first
    first = np.flatnonzero(np.diff(pair, prepend=-1))
    target, source = np.divmod(pair[first], max(len(problem.seats), 1))
    moved = source != target
    return source[moved], target[moved], (step[first] + least)[moved]
