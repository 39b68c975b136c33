"""How many pupils can have a seat at all, whoever walks how far; and which pupils and seats decide it."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from ortools.graph.python import max_flow

from layoutplan.errors import DefectError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_MOST_PARTS: Final = 2**52  # in all: a sum of so many is exact


def bottlenecks(
    *, origin: IntArray, destination: IntArray, pupils: FloatArray, seats: FloatArray
) -> tuple[Mask, Mask]:
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

    Raises
    ------
    DefectError
        If the solver fails: with such input it can not.

    Examples
    --------
    Ten pupils for six seats; five for eight.

    >>> small, large = bottlenecks(origin=np.array([0, 1]), destination=np.array([0, 1]),
    ...                            pupils=np.array([10.0, 5.0]), seats=np.array([6.0, 8.0]))
    >>> small.tolist(), large.tolist()
    ([True, False], [True, False])
    """
    origins, destinations = len(pupils), len(seats)
    scale = 2.0 ** np.floor(np.log2(_MOST_PARTS / max(1.0, float(pupils.sum()))))
    # An arc between is never full: only pupils and seats may limit.
    source, sink = origins + destinations, origins + destinations + 1
    wanted = np.rint(pupils * scale).astype(np.int64)
    # More seats than there are pupils are never used.
    room = np.rint(np.minimum(seats, pupils.sum() + 1.0) * scale).astype(np.int64)
    flow = max_flow.SimpleMaxFlow()
    flow.add_arcs_with_capacity(
        np.concatenate([np.full(origins, source), origin, origins + np.arange(destinations)]).astype(
            np.int32
        ),
        np.concatenate([np.arange(origins), origins + destination, np.full(destinations, sink)]).astype(
            np.int32
        ),
        np.concatenate([wanted, wanted[origin] + 1, room]),
    )
    status = flow.solve(source, sink)
    if status != flow.OPTIMAL:
        raise DefectError(f"the maximum flow of {origins} origins ended with {status}")
    near, far = np.zeros(sink + 1, dtype=bool), np.ones(sink + 1, dtype=bool)
    near[np.asarray(flow.get_source_side_min_cut(), dtype=np.int64)] = True
    far[np.asarray(flow.get_sink_side_min_cut(), dtype=np.int64)] = False
    return near[:origins], far[:origins]
