"""Large transport problems, solved to the same optimum through small ones.

With the right prices of seats (:mod:`layoutplan.solve.prices`) every origin goes where cost + price is least;
prices that are nearly right tell which origins have no close second choice. Those are *settled*: put where
they belong and left out. Only the others are given to the solver, with their close choices. The flow found
has prices of its own, and by linear duality it is optimal for the whole problem if and only if no arc
anywhere is cheaper at these prices than what its origin uses. Otherwise the arcs that are cheaper join, and
the smaller problem is solved again; in the end all arcs may have joined, so an optimum is always reached.

Prices to begin with come from a similar problem, as that of the year before. (Sifting: Bixby, Gregory,
Lustig, Marsten and Shanno 1992, Operations Research 40(5), https://doi.org/10.1287/opre.40.5.885.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from layoutplan.arrays import IntArray
from layoutplan.solve import checks
from layoutplan.solve.prices import seat_prices
from layoutplan.solve.transport import Transport, check_transport, solve_transport, sum_by_place

Marks = npt.NDArray[np.bool_]

# How the work is divided; none of these changes the optimum.
_CLOSE: Final = 300  # decimetres walked: a choice no dearer than this is close
_FEW: Final = 0.002  # share of the arcs that join: with fewer the prices are nearly right
_RESTARTS: Final = 2


@dataclass(frozen=True)
class _Part:
    """The part of a problem that is solved: ``arcs`` that may be used, origins that are ``open``.

    The others are settled: on their only arc, or, without one, not placed.
    """

    arcs: Marks
    open: Marks


def sift(problem: Transport, prices: IntArray) -> tuple[IntArray, IntArray]:
    """Return an optimal flow, as :func:`~layoutplan.solve.transport.solve_transport` does, and its prices.

    Parameters
    ----------
    problem
        Any; worth it from some ten thousand arcs.
    prices
        Of the seats in a similar problem; they save time and do not change the optimum.
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
    """Return each origin's close choices; open are the origins that have more than one.

    Not being placed is a choice too.
    """
    dear = problem.cost + prices[problem.head]
    limit = np.minimum(problem.least(dear), problem.loss) + _CLOSE
    arcs = dear <= limit[problem.tail]
    choices = np.add.reduceat(arcs, problem.starts[:-1], dtype=np.int64) + (limit >= problem.loss)
    return _Part(arcs=arcs, open=choices > 1)


def _loosened(problem: Transport, part: _Part) -> _Part:
    """Return the part with the settled origins of overfull destinations open to all their arcs."""
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
    """Return the flow of the whole problem that is best within the part, and its prices."""
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
    """Return the arcs outside the part that are cheaper than what their origin uses, and their origins.

    Settled origins whose seat is worth more than placing them are among the origins.
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
