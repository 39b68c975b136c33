"""The arrays that compiled code works on, and how it is compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile with Numba, and keep the machine code on disk where a folder for it can be written.

    The code goes to ``__pycache__`` beside this file, else to the user's cache folder, or to
    ``NUMBA_CACHE_DIR``; where none can be written, every process compiles anew (some seconds).
    """
    try:
        made = numba.njit(nogil=True, cache=True, error_model="numpy")(function)
    except RuntimeError:  # "cannot cache function: no locator available"
        made = numba.njit(nogil=True, error_model="numpy")(function)
    return cast("Function", made)


class Net(NamedTuple):
    """What does not change in a search: graph, arcs, demand, capacity; prices used to choose starts."""

    edge_first: npt.NDArray[np.int64]
    edge_from: npt.NDArray[np.int64]
    edge_to: npt.NDArray[np.int64]
    arc_first: npt.NDArray[np.int64]
    arc_school: npt.NDArray[np.int64]
    arc_cost: npt.NDArray[np.float64]
    demand: npt.NDArray[np.float64]
    capacity: npt.NDArray[np.float64]
    code: npt.NDArray[np.uint64]


class State(NamedTuple):
    """A plan under change: districts, their members as linked lists, loads, prices of overload, the best."""

    district: npt.NDArray[np.int64]
    paid: npt.NDArray[np.float64]
    load: npt.NDArray[np.float64]
    price: npt.NDArray[np.float64]
    head: npt.NDArray[np.int64]
    after: npt.NDArray[np.int64]
    before: npt.NDArray[np.int64]
    key: npt.NDArray[np.uint64]
    fixed: npt.NDArray[np.bool_]
    sums: npt.NDArray[np.float64]  # cost, overload, best cost, best overload
    best: npt.NDArray[np.int64]
    stale: npt.NDArray[np.int64]  # units whose best district may differ, their number last
    is_stale: npt.NDArray[np.bool_]
    seen: npt.NDArray[np.int64]  # stamps of the connectivity search, the last stamp last
    queue: npt.NDArray[np.int64]
    chain: npt.NDArray[np.int64]
    late: npt.NDArray[np.int64]  # how often each school and column was overloaded when looked at
    random: npt.NDArray[np.uint64]


class Run(NamedTuple):
    """How a run cools, and what it looks at.

    Temperature falls from ``hot`` to ``cold`` geometrically. A proposal is a chain with probability
    ``chains``. Every ``look`` proposals overload is counted; a price rises where it is seen in more than
    ``share`` of the looks, up to ``ceiling``. From the share ``pooled_from`` of the run on, districts of
    plans that cost at most ``pooled_factor`` times the best are pooled.
    """

    hot: float
    cold: float
    chains: float
    look: int
    share: float
    ceiling: float
    pooled_from: float
    pooled_factor: float


class Pool(NamedTuple):
    """Districts met: school, cost, units; found again by the key of their units."""

    table: npt.NDArray[np.int64]
    key: npt.NDArray[np.uint64]
    school: npt.NDArray[np.int64]
    cost: npt.NDArray[np.float64]
    first: npt.NDArray[np.int64]
    units: npt.NDArray[np.int64]
    filled: npt.NDArray[np.int64]
