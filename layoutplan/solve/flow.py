"""Assign pupils to seats by minimum-cost flow: maximum pupils served, then minimum walking distance.

Demand may be fractional (forecasts), whereas flows are integers: both sides are counted in units of
``1 / scale`` pupil, where ``scale`` is a power of two, so that the conversion back is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.errors import DefectError
from layoutplan.solve import checks
from layoutplan.solve.locality import neighbours_together
from layoutplan.solve.outcome import Outcome
from layoutplan.solve.prices import seat_prices
from layoutplan.solve.sifting import sift
from layoutplan.solve.transport import Transport, solve_transport, unserved_cost

_COST_PARTS_PER_M: Final = 10  # costs are in decimetres
_LARGEST_SCALE: Final = 2**30  # units per pupil: finer than 1e-9
_PUPIL_TOLERANCE: Final = 1e-6  # pupils: smaller amounts are rounding errors
_SEAT_TOLERANCE: Final = 5e-7  # seats: largest excess accepted from rounding
_SIFTED_FROM: Final = 20_000  # arcs: smaller problems are solved as fast without sifting
_ARRANGED_FROM: Final = 100_000  # arcs: smaller problems fit into the processor's cache


@dataclass(frozen=True)
class Placement:
    """Pupils assigned to seats.

    Attributes
    ----------
    pupils
        Pupils on each arc, in the order of the arcs given, shape (arcs,).
    served, unserved
        Pupils with and without a seat, by origin; ``served + unserved`` equals the origin's pupils.
    filled
        Pupils assigned to each destination.
    metres
        Total walking, pupil-metres, recomputed from ``pupils`` and not taken from the solver.
    served_per_seat, saved_m_per_seat
        Marginal value of one more seat at each destination: additional pupils served (0 or 1), and the
        reduction of total walking in metres (negative where serving one more pupil adds walking). Given for
        destinations without seats too; both 0 where a destination has a spare seat.
    outcome
        Always ``OPTIMAL``; any other outcome raises an error.
    """

    pupils: FloatArray
    served: FloatArray
    unserved: FloatArray
    filled: FloatArray
    metres: float
    served_per_seat: FloatArray
    saved_m_per_seat: FloatArray
    outcome: Outcome


def assign_pupils(
    *,
    origin: npt.ArrayLike,
    destination: npt.ArrayLike,
    metres: npt.ArrayLike,
    pupils: npt.ArrayLike,
    seats: npt.ArrayLike,
    like: Placement | None = None,
) -> Placement:
    """Assign pupils to seats within reach: maximise pupils served, then minimise pupil-metres walked.

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
    like
        Placement of a similar problem with the same destinations, for example of the year before: saves
        time on a large problem and changes no total.

    Returns
    -------
    Placement
        With ``Σ_j x_ij + unserved_i = pupils_i`` to 1e-9 and ``Σ_i x_ij ≤ seats_j`` to 1e-6. Without arcs,
        pupils or seats no pupil is served.

    Raises
    ------
    DefectError
        If a number is negative, not finite or too large, an arc has no such end, or the solver fails, which
        valid input rules out.

    Notes
    -----
    The same arrays give the same placement. If several placements are optimal, the order of the rows decides
    which one is returned; the totals do not depend on it.

    Examples
    --------
    Ten pupils, two schools of six seats: the nearer school fills first.

    >>> placed = assign_pupils(
    ...     origin=[0, 0], destination=[0, 1], metres=[900.0, 300.0], pupils=[10.0], seats=[6.0, 6.0]
    ... )
    >>> placed.pupils.tolist(), placed.unserved.tolist(), placed.metres
    ([4.0, 6.0], [0.0], 5400.0)
    """
    wanted, offered = checks.amounts("pupils", pupils), checks.amounts("seats", seats)
    tail = checks.places("origins", origin, below=len(wanted))
    head = checks.places("destinations", destination, below=len(offered), count=len(tail))
    walk = checks.amounts("metres", metres, count=len(tail))
    costs = checks.whole_costs(walk, parts=_COST_PARTS_PER_M, carried=float(wanted.sum()))
    loss = unserved_cost(costs, len(offered))
    near = None if like is None else _prices(like, loss)
    flows, prices = np.zeros(len(tail)), np.zeros(len(offered), dtype=np.int64)
    scale = _scale(wanted, offered, longest=int(costs.max(initial=0)))
    supply = _whole_parts(wanted * scale)
    # Seats beyond the number of pupils are never used; the cap keeps the integers small.
    # One spare seat is kept, so that rounding does not give a positive price to the last seat.
    room = np.floor(np.minimum(offered, wanted.sum() + 1.0) * scale).astype(np.int64)
    kept = np.flatnonzero((supply[tail] > 0) & (room[head] > 0))
    if len(kept):
        tails, heads = tail[kept], head[kept]
        parts, prices = _solve(tails, heads, costs[kept], supply, room, loss=loss, near=near)
        flows[kept] = _restore_remainders(
            parts, supply, scale, tail=tails, head=heads, wanted=wanted, offered=offered
        )
    return _placement(
        flows,
        _with_closed_prices(prices, flows, tail=tail, head=head, costs=costs, wanted=wanted, loss=loss),
        loss,
        tail=tail,
        head=head,
        walk=walk,
        wanted=wanted,
        offered=offered,
    )


def seat_values(
    *,
    origin: npt.ArrayLike,
    destination: npt.ArrayLike,
    metres: npt.ArrayLike,
    flows: npt.ArrayLike,
    pupils: npt.ArrayLike,
    served_per_seat: npt.ArrayLike,
    saved_m_per_seat: npt.ArrayLike,
) -> tuple[FloatArray, FloatArray]:
    """Return the marginal value of one more seat at every destination, placed or not.

    Parameters
    ----------
    origin, destination, metres, pupils
        As in :func:`assign_pupils`; destinations without seats are included.
    flows
        Pupils on each arc in an optimal placement.
    served_per_seat, saved_m_per_seat
        Marginal values of that placement, as in :class:`Placement`; 0 for destinations it did not include.

    Returns
    -------
    served_per_seat
        Additional pupils served by one more seat, 0 or 1, shape (destinations,).
    saved_m_per_seat
        Reduction of total walking by one more seat, metres, shape (destinations,).

    Raises
    ------
    DefectError
        If a number is negative, not finite or too large, or an arc has no such end.
    """
    wanted = checks.amounts("pupils", pupils)
    known, saved = np.asarray(served_per_seat, np.float64), np.asarray(saved_m_per_seat, np.float64)
    tail = checks.places("origins", origin, below=len(wanted))
    head = checks.places("destinations", destination, below=len(known), count=len(tail))
    walk = checks.amounts("metres", metres, count=len(tail))
    costs = checks.whole_costs(walk, parts=_COST_PARTS_PER_M, carried=float(wanted.sum()))
    loss = unserved_cost(costs, len(known))
    prices = _with_closed_prices(
        np.rint(known * loss + saved * _COST_PARTS_PER_M).astype(np.int64),
        checks.amounts("flows", flows, count=len(tail)),
        tail=tail,
        head=head,
        costs=costs,
        wanted=wanted,
        loss=loss,
    )
    return _split_prices(prices, loss)


def _solve(
    tail: IntArray,
    head: IntArray,
    costs: IntArray,
    supply: IntArray,
    room: IntArray,
    *,
    loss: int,
    near: IntArray | None,
) -> tuple[IntArray, IntArray]:
    """Return the flow on each arc in units and the price of every seat; every origin of an arc has supply.

    The solver needs arcs grouped by origin, without empty origins; for speed destinations are renumbered.
    The results are returned in the original order.
    """
    if len(tail) < _ARRANGED_FROM:
        order, number = np.argsort(tail, kind="stable"), np.arange(len(room))
    else:
        order, number = neighbours_together(tail, head, costs, destinations=len(room))
    origin, by_number = tail[order], np.argsort(number)
    is_first = np.diff(origin, prepend=-1) != 0
    problem = Transport(
        tail=np.cumsum(is_first, dtype=np.int64) - 1,
        head=number[head[order]],
        cost=costs[order],
        pupils=supply[origin[is_first]],
        seats=room[by_number],
        loss=loss,
    )
    if near is None or len(tail) < _SIFTED_FROM:
        flow = solve_transport(problem)
        prices = seat_prices(problem, flow)
    else:
        flow, prices = sift(problem, near[by_number])
    parts = np.empty_like(flow)
    parts[order] = flow
    return parts, prices[number]


def _prices(placement: Placement, loss: int) -> IntArray:
    """Return the seat prices of a placement as integers; the inverse of :func:`_split_prices`."""
    whole = placement.served_per_seat * loss + placement.saved_m_per_seat * _COST_PARTS_PER_M
    return np.maximum(np.rint(whole), 0.0).astype(np.int64)


def _with_closed_prices(
    prices: IntArray,
    flows: FloatArray,
    *,
    tail: IntArray,
    head: IntArray,
    costs: IntArray,
    wanted: FloatArray,
    loss: int,
) -> IntArray:
    """Return prices with those of destinations without seats: the largest saving of a pupil moving there."""
    paid = np.full(len(wanted), loss, dtype=np.int64)
    used = np.flatnonzero(flows > 0)
    paid[tail[used]] = costs[used] + prices[head[used]]
    placed = np.bincount(tail, weights=flows, minlength=len(wanted))
    paid[placed < wanted - _PUPIL_TOLERANCE] = loss
    paid[wanted <= _PUPIL_TOLERANCE] = 0
    found = prices.copy()
    np.maximum.at(found, head, paid[tail] - costs)
    return found


def _scale(wanted: FloatArray, offered: FloatArray, *, longest: int) -> int:
    """Return the units per pupil: the largest power of two for which all sums fit into 64 bits.

    Whole pupils and seats are counted as such, which is exact and faster to solve.
    """
    if (wanted == np.rint(wanted)).all() and (offered == np.rint(offered)).all():
        return 1
    total = max(float(wanted.sum()), 1.0)
    scale = _LARGEST_SCALE
    while scale > 1 and total * scale * (longest + 1) > checks.LARGEST_TOTAL:
        scale //= 2
    return scale


def _whole_parts(parts: FloatArray) -> IntArray:
    """Round to integers and keep the total: the largest remainders are rounded up (Hamilton's method)."""
    whole = np.floor(parts)
    missing = round(float((parts - whole).sum()))
    whole[np.argsort(whole - parts, kind="stable")[:missing]] += 1
    return whole.astype(np.int64)


def _restore_remainders(
    parts: IntArray,
    supply: IntArray,
    scale: int,
    *,
    tail: IntArray,
    head: IntArray,
    wanted: FloatArray,
    offered: FloatArray,
) -> FloatArray:
    """Return pupils from units; the rounding remainder of an origin is added to its largest flow.

    An origin served in full gets its exact number of pupils back. If a destination would exceed its seats by
    that, the remainders it received stay unserved: each is less than one unit.
    """
    flows = np.asarray(parts / scale, dtype=np.float64)
    used = np.flatnonzero(parts > 0)
    order = used[np.lexsort((-parts[used], tail[used]))]
    fullest = order[np.flatnonzero(np.diff(tail[order], prepend=-1))]
    placed = np.bincount(tail[used], weights=parts[used], minlength=len(wanted))
    remainder = np.where(placed >= supply, wanted - supply / scale, 0.0)
    change = remainder[tail[fullest]]
    filled = np.bincount(head[used], weights=flows[used], minlength=len(offered))
    filled += np.bincount(head[fullest], weights=change, minlength=len(offered))
    overrun = filled > offered + _SEAT_TOLERANCE
    change[overrun[head[fullest]] & (change > 0)] = 0.0
    flows[fullest] = np.maximum(flows[fullest] + change, 0.0)
    return flows


def _placement(
    flows: FloatArray,
    prices: IntArray,
    loss: int,
    *,
    tail: IntArray,
    head: IntArray,
    walk: FloatArray,
    wanted: FloatArray,
    offered: FloatArray,
) -> Placement:
    """Aggregate the flows and check that no destination exceeds its seats.

    Sums use NumPy, not BLAS: the result is the same on every machine, and no BLAS threads compete for cores.
    """
    served = np.minimum(np.bincount(tail, weights=flows, minlength=len(wanted)), wanted)
    filled = np.bincount(head, weights=flows, minlength=len(offered))
    if len(flows) and (flows.min() < 0 or (filled > offered + 1e-6).any()):
        raise DefectError("a placement fills more seats than there are")
    more, saved_m = _split_prices(prices, loss)
    return Placement(
        pupils=flows,
        served=served,
        unserved=wanted - served,
        filled=np.asarray(filled, dtype=np.float64),
        metres=float((flows * walk).sum()),
        served_per_seat=more,
        saved_m_per_seat=saved_m,
        outcome=Outcome.OPTIMAL,
    )


def _split_prices(prices: IntArray, loss: int) -> tuple[FloatArray, FloatArray]:
    """Return prices split into additional pupils served and metres saved."""
    more = np.rint(prices / loss)
    return more, (prices - more.astype(np.int64) * loss) / _COST_PARTS_PER_M
