"""How many pupils can have a seat at all, whoever walks how far; and which pupils and seats decide it."""

from __future__ import annotations

from typing import Final

import numpy as np
from ortools.graph.python import max_flow

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.errors import DefectError
from layoutplan.solve import checks

_MOST_PARTS: Final = 2**52  # in all: a sum of so many is exact


def bottlenecks(
    *,
    origin: IntArray,
    destination: IntArray,
    pupils: FloatArray,
    seats: FloatArray,
    share: FloatArray | None = None,
) -> tuple[BoolArray, BoolArray]:
    """Return the smallest and the largest set of origins that limits how many pupils are served.

    The pupils served are those of all other origins and the seats of the destinations that these reach; with
    other seats they are never more than that.

    By maximum flow (Ford and Fulkerson 1956, https://doi.org/10.4153/CJM-1956-045-5): the smallest set is
    what unserved pupils reach by chains of moves, the largest what reaches no free seat by any.

    Parameters
    ----------
    origin, destination
        Ends of each arc, positions in ``pupils`` and ``seats``.
    pupils, seats
        Of each origin and destination, fractions allowed, none negative; counted in parts so small that all
        of them together are still counted exactly.
    share
        Of each destination the share of every origin's pupils that may go there, 0 to 1; all without it.

    Raises
    ------
    DefectError
        If the arrays are not as above (:mod:`layoutplan.solve.checks`), or the solver fails: with such input
        it can not.

    Examples
    --------
    Ten pupils for six seats; five for eight.

    >>> small, large = bottlenecks(origin=np.array([0, 1]), destination=np.array([0, 1]),
    ...                            pupils=np.array([10.0, 5.0]), seats=np.array([6.0, 8.0]))
    >>> small.tolist(), large.tolist()
    ([True, False], [True, False])
    """
    flow, _, _ = _solved(origin=origin, destination=destination, pupils=pupils, seats=seats, share=share)
    origins, nodes = len(pupils), len(pupils) + len(seats) + 2
    near, far = np.zeros(nodes, dtype=bool), np.ones(nodes, dtype=bool)
    near[np.asarray(flow.get_source_side_min_cut(), dtype=np.int64)] = True
    far[np.asarray(flow.get_sink_side_min_cut(), dtype=np.int64)] = False
    return near[:origins], far[:origins]


def most_placed(
    *, origin: IntArray, destination: IntArray, pupils: FloatArray, seats: FloatArray
) -> FloatArray:
    """Return the pupils on each arc when as many as possible have a seat; arguments as :func:`bottlenecks`.

    Examples
    --------
    >>> most_placed(origin=np.array([0, 1]), destination=np.array([0, 1]),
    ...             pupils=np.array([10.0, 5.0]), seats=np.array([6.0, 8.0])).tolist()
    [6.0, 5.0]
    """
    flow, used, scale = _solved(origin=origin, destination=destination, pupils=pupils, seats=seats)
    placed = np.zeros(len(origin))
    between = np.arange(len(pupils), len(pupils) + len(used), dtype=np.int32)
    placed[used] = np.asarray(flow.flows(between), dtype=np.float64) / scale
    return placed


def _solved(
    *,
    origin: IntArray,
    destination: IntArray,
    pupils: FloatArray,
    seats: FloatArray,
    share: FloatArray | None = None,
) -> tuple[max_flow.SimpleMaxFlow, IntArray, float]:
    """Return the solved flow, which arcs are in it, and its scale.

    Its arcs are first those from the source, then between, then to the sink. Arcs to a destination without
    seats are left out: nobody goes there, and no chain of moves leads through it.
    """
    pupils, seats = checks.amounts("pupils", pupils), checks.amounts("seats", seats)
    origins, destinations = len(pupils), len(seats)
    origin = checks.places("origins", origin, below=origins)
    destination = checks.places("destinations", destination, below=destinations, count=len(origin))
    if share is not None:
        share = checks.shares("shares", share, count=destinations)
    scale = 2.0 ** np.floor(np.log2(_MOST_PARTS / max(1.0, float(pupils.sum()))))
    source, sink = origins + destinations, origins + destinations + 1
    wanted = np.rint(pupils * scale).astype(np.int64)
    # More seats than there are pupils are never used.
    room = np.rint(np.minimum(seats, pupils.sum() + 1.0) * scale).astype(np.int64)
    used = np.flatnonzero(room[destination] > 0)
    tail, head = origin[used], destination[used]
    # Without shares an arc between is never full: only pupils and seats may limit.
    through = wanted[tail] + 1
    if share is not None:
        part = share[head]
        through = np.where(part < 1.0, np.rint(wanted[tail] * part).astype(np.int64), through)
    flow = max_flow.SimpleMaxFlow()
    flow.add_arcs_with_capacity(
        np.concatenate([np.full(origins, source), tail, origins + np.arange(destinations)]).astype(np.int32),
        np.concatenate([np.arange(origins), origins + head, np.full(destinations, sink)]).astype(np.int32),
        np.concatenate([wanted, through, room]),
    )
    status = flow.solve(source, sink)
    if status != flow.OPTIMAL:
        raise DefectError(f"the maximum flow of {origins} origins ended with {status}")
    return flow, used, float(scale)
