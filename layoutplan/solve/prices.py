"""Prices of seats: the marginal value of one more seat at each destination, from an optimal flow.

The price of a destination is the reduction of the total cost by one more seat there. An unserved pupil takes
the seat, or a pupil moves there from a more expensive seat, which another pupil then takes, and so on. The
price is the saving of the best such chain: a shortest path in the residual graph of the flow. It is computed
among destinations only: the step from one destination to another is the cheapest move of a pupil placed at
the first. Ahuja, Magnanti and Orlin (1993), Network Flows, ch. 9.
"""

from __future__ import annotations

import numpy as np

from layoutplan.arrays import IntArray
from layoutplan.errors import DefectError
from layoutplan.solve.transport import Transport


def seat_prices(problem: Transport, flow: IntArray) -> IntArray:
    """Return the price of every destination in an optimal flow; 0 where a seat is spare.

    An unserved pupil costs :attr:`Transport.loss`, so a price above half of it means that one more pupil
    would be served.

    Parameters
    ----------
    problem
        The transport problem.
    flow
        Optimal flow on each arc, whole units, shape (arcs,).

    Returns
    -------
    IntArray
        Price of every destination in units of cost, shape (destinations,).

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
    """Return the least cost of moving a pupil from one destination (source) to another (target).

    One value per pair of destinations, sorted by target.
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
    pair, step = np.divmod(np.sort(pair * span + (step - least)), span)  # by pair, the cheapest step first
    first = np.flatnonzero(np.diff(pair, prepend=-1))
    target, source = np.divmod(pair[first], max(len(problem.seats), 1))
    moved = source != target
    return source[moved], target[moved], (step[first] + least)[moved]
