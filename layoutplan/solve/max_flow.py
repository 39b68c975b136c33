"""Maximum number of pupils with a seat, whatever the walking distance, and its minimum cuts."""

from __future__ import annotations

from typing import Final

import numpy as np
from ortools.graph.python.max_flow import SimpleMaxFlow

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.errors import DefectError
from layoutplan.solve import checks

_MOST_PARTS: Final = 2**52  # units in total: their sum is exact in a float


def bottlenecks(
    *,
    origin: IntArray,
    destination: IntArray,
    pupils: FloatArray,
    seats: FloatArray,
    share: FloatArray | None = None,
) -> tuple[BoolArray, BoolArray]:
    """Return the smallest and the largest set of origins on the source side of a minimum cut.

    For such a set, the number of pupils served equals the pupils of all other origins plus the seats of the
    destinations within reach of the set; with other seats the same expression is an upper bound.

    Computed by maximum flow (Ford and Fulkerson 1956, https://doi.org/10.4153/CJM-1956-045-5): the smallest
    set is reached from unserved pupils along augmenting chains; the largest set is every origin from which no
    chain leads to a free seat.

    Parameters
    ----------
    origin, destination
        Ends of each arc, positions in ``pupils`` and ``seats``, shape (arcs,).
    pupils, seats
        Pupils of each origin, seats of each destination; fractions allowed, none negative. They are counted
        in units small enough for the total to be exact.
    share
        For each destination, the share of every origin's pupils that may go there, 0 to 1; ``None``: all may.

    Returns
    -------
    smallest, largest
        Whether each origin belongs to the set, shape (origins,).

    Raises
    ------
    DefectError
        If the arrays are not as above (:mod:`layoutplan.solve.checks`), or the solver fails, which valid
        input rules out.

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


def max_flow(*, origin: IntArray, destination: IntArray, pupils: FloatArray, seats: FloatArray) -> FloatArray:
    """Return the pupils on each arc of a maximum flow, which serves as many pupils as possible.

    Parameters
    ----------
    origin, destination, pupils, seats
        As in :func:`bottlenecks`.

    Returns
    -------
    FloatArray
        Pupils on each arc, shape (arcs,).

    Raises
    ------
    DefectError
        As :func:`bottlenecks`.

    Examples
    --------
    >>> max_flow(origin=np.array([0, 1]), destination=np.array([0, 1]),
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
) -> tuple[SimpleMaxFlow, IntArray, float]:
    """Return the solved flow, the positions of the arcs it contains, and its units per pupil.

    Its arcs are ordered: source to origins, origins to destinations, destinations to sink. Arcs to a
    destination without seats are omitted: they carry no flow, and no augmenting chain passes through them.
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
    # Seats beyond the number of pupils are never used.
    room = np.rint(np.minimum(seats, pupils.sum() + 1.0) * scale).astype(np.int64)
    used = np.flatnonzero(room[destination] > 0)
    tail, head = origin[used], destination[used]
    # Without shares, arcs from origins to destinations must never be saturated.
    through = wanted[tail] + 1
    if share is not None:
        part = share[head]
        through = np.where(part < 1.0, np.rint(wanted[tail] * part).astype(np.int64), through)
    flow = SimpleMaxFlow()
    flow.add_arcs_with_capacity(
        np.concatenate([np.full(origins, source), tail, origins + np.arange(destinations)]).astype(np.int32),
        np.concatenate([np.arange(origins), origins + head, np.full(destinations, sink)]).astype(np.int32),
        np.concatenate([wanted, through, room]),
    )
    status = flow.solve(source, sink)
    if status != flow.OPTIMAL:
        raise DefectError(f"the maximum flow of {origins} origins ended with {status}")
    return flow, used, float(scale)
