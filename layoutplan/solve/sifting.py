"""Solve large transport problems exactly through a sequence of small ones (sifting).

With optimal seat prices (:mod:`layoutplan.solve.prices`) every origin uses the destination of least cost plus
price; approximate prices identify origins with one competitive destination. Those origins are *settled*: they
are fixed to it and removed from the problem. Only the others are solved, with their competitive arcs. The
flow found has prices of its own; by linear duality it is optimal for the whole problem if and only if no arc
is cheaper at these prices than what its origin pays. Otherwise the cheaper arcs are added and the restricted
problem is solved again. In the worst case all arcs are added, so an optimum is always reached.

Starting prices come from a similar problem, such as that of the previous year. (Sifting: Bixby, Gregory,
Lustig, Marsten and Shanno 1992, Operations Research 40(5), https://doi.org/10.1287/opre.40.5.885.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutplan.arrays import BoolArray, IntArray
from layoutplan.solve import checks
from layoutplan.solve.prices import seat_prices
from layoutplan.solve.transport import Transport, check_transport, solve_transport, sum_by_place

# Parameters of the restricted problems; none of them changes the optimum.
_CLOSE: Final = 300  # decimetres: an arc is competitive within this margin of the cheapest
_FEW: Final = 0.002  # share of arcs added: with fewer, prices are accurate enough to restart
_RESTARTS: Final = 2


@dataclass(frozen=True)
class _Part:
    """A restricted problem: the ``arcs`` that may be used and the origins that are ``open``.

    The other origins are settled: they use their only arc or, without one, stay unserved.
    """

    arcs: BoolArray
    open: BoolArray


def sift(problem: Transport, prices: IntArray) -> tuple[IntArray, IntArray]:
    """Return an optimal flow and its seat prices.

    Parameters
    ----------
    problem
        Any transport problem; worthwhile from some ten thousand arcs.
    prices
        Seat prices of a similar problem, shape (destinations,); they affect run time, not the optimum.

    Returns
    -------
    flow
        Flow on each arc, whole units, shape (arcs,).
    prices
        Seat prices of that flow, shape (destinations,).

    Raises
    ------
    DefectError
        If the problem or the prices are invalid (:mod:`layoutplan.solve.checks`).
    """
    check_transport(problem)
    prices = checks.prices(prices, count=len(problem.seats))
    part = _choose(problem, prices)
    restarts = _RESTARTS
    while True:
        part = _loosened(problem, part)
        flow, prices = _solve_part(problem, part)
        joining = _cheaper(problem, part, flow, prices)
        if not (joining.arcs.any() or joining.open.any()):
            return flow, prices
        if restarts and joining.arcs.mean() < _FEW:
            part, restarts = _choose(problem, prices), restarts - 1
        else:
            part = _Part(arcs=part.arcs | joining.arcs, open=part.open | joining.open)


def _choose(problem: Transport, prices: IntArray) -> _Part:
    """Return each origin's competitive arcs; origins with more than one alternative are open.

    Staying unserved counts as an alternative.
    """
    dear = problem.cost + prices[problem.head]
    limit = np.minimum(problem.least(dear), problem.loss) + _CLOSE
    arcs = dear <= limit[problem.tail]
    choices = np.add.reduceat(arcs, problem.starts[:-1], dtype=np.int64) + (limit >= problem.loss)
    return _Part(arcs=arcs, open=choices > 1)


def _loosened(problem: Transport, part: _Part) -> _Part:
    """Return the restricted problem with all arcs of settled origins of overfull destinations added."""
    while True:
        settled = np.flatnonzero(part.arcs & ~part.open[problem.tail])
        load = sum_by_place(problem.head[settled], problem.pupils[problem.tail[settled]], len(problem.seats))
        overfull = settled[(load > problem.seats)[problem.head[settled]]]
        if not len(overfull):
            return part
        freed = np.zeros(len(problem.pupils), dtype=bool)
        freed[problem.tail[overfull]] = True
        part = _Part(arcs=part.arcs | freed[problem.tail], open=part.open | freed)


def _solve_part(problem: Transport, part: _Part) -> tuple[IntArray, IntArray]:
    """Return the optimal flow of the restricted problem, on all arcs, and its seat prices."""
    settled = np.flatnonzero(part.arcs & ~part.open[problem.tail])
    flow = np.zeros(len(problem.tail), dtype=np.int64)
    flow[settled] = problem.pupils[problem.tail[settled]]
    arcs = np.flatnonzero(part.arcs & part.open[problem.tail])
    origins, tail = np.unique(problem.tail[arcs], return_inverse=True)
    rest = Transport(
        tail=tail.astype(np.int64),
        head=problem.head[arcs],
        cost=problem.cost[arcs],
        pupils=problem.pupils[origins],
        seats=problem.seats - problem.filled(flow),
        loss=problem.loss,
    )
    flow[arcs] = solve_transport(rest)
    return flow, seat_prices(rest, flow[arcs])


def _cheaper(problem: Transport, part: _Part, flow: IntArray, prices: IntArray) -> _Part:
    """Return the excluded arcs that are cheaper than what their origin pays, and the origins to open.

    Those are the origins of these arcs, and settled origins that pay more than the loss of an unserved pupil.
    """
    dear = problem.cost + prices[problem.head]
    paid = np.full(len(problem.pupils), problem.loss, dtype=np.int64)
    used = np.flatnonzero(flow > 0)
    paid[problem.tail[used]] = dear[used]
    paid[problem.placed(flow) < problem.pupils] = problem.loss
    joining = (dear < paid[problem.tail]) & ~part.arcs
    origins = (paid > problem.loss) & ~part.open
    origins[problem.tail[joining]] = True
    return _Part(arcs=joining, open=origins)
