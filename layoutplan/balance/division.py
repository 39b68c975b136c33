"""Division of the seats of shared schools among the catchments that they serve.

Seats are divided so that utilisation is as even as the links allow, and no catchment lacks a seat that
another one it shares a school with has to spare. Formally: find the set of catchments with the fewest seats
per pupil, counting every school that serves any of them; these catchments share those seats in proportion to
their demand; remove both and repeat (lexicographically optimal flow, Megiddo 1974,
https://doi.org/10.1007/BF01585506). The set is found by minimum cuts (Dinkelbach's method). The pupils
without a seat are then as few as any division leaves.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.balance.measures import sums
from layoutplan.solve.max_flow import bottlenecks

_TOLERANCE: Final = 1e-7  # pupils per pupil of the component: rounding of the flow


def divide_seats(links: pd.DataFrame, seats: FloatArray, demand: FloatArray) -> FloatArray:
    """Return the seats of each catchment in every year.

    Parameters
    ----------
    links
        Columns ``catchment`` and ``school``, positions, without duplicates.
    seats
        Counted seats, schools × years.
    demand
        Pupils, catchments × years.

    Returns
    -------
    numpy.ndarray
        Catchments × years. The sums over years equal the seats of the schools that serve a catchment. A
        school whose catchments have no demand divides its seats equally.

    Examples
    --------
    A (240 seats) and B (480) serve the first catchment (480 pupils), B alone the second (240):

    >>> links = pd.DataFrame({"catchment": [0, 0, 1], "school": [0, 1, 1]})
    >>> divide_seats(links, np.array([[240.0], [480.0]]), np.array([[480.0], [240.0]])).ravel().tolist()
    [480.0, 240.0]
    """
    catchment, school = links["catchment"].to_numpy(np.int64), links["school"].to_numpy(np.int64)
    found = _in_proportion(catchment, school, seats, demand)
    for chosen in _mixed(catchment, school, catchments=len(demand), schools=len(seats)):
        own, own_schools = np.unique(catchment[chosen]), np.unique(school[chosen])
        at = np.searchsorted(own, catchment[chosen])
        to = np.searchsorted(own_schools, school[chosen])
        for year in range(demand.shape[1]):
            found[own, year] = _levelled(at, to, seats[own_schools, year], demand[own, year])
    return found


def _in_proportion(
    catchment: IntArray, school: IntArray, seats: FloatArray, demand: FloatArray
) -> FloatArray:
    """Divide each school's seats in proportion to demand: right where each catchment has one school."""
    weight = demand[catchment]
    total = sums(weight, school, count=len(seats))[school]
    partners = np.bincount(school, minlength=len(seats))[school][:, None]
    share = np.divide(
        weight, total, out=np.broadcast_to(1.0 / partners, weight.shape).copy(), where=total > 0
    )
    return sums(seats[school] * share, catchment, count=len(demand))


def _mixed(catchment: IntArray, school: IntArray, *, catchments: int, schools: int) -> list[IntArray]:
    """Return the links of each group in which a catchment of several schools shares one of them."""
    ends = (catchment, school + catchments)
    graph = csr_array((np.ones(len(catchment), dtype=np.int8), ends), shape=(catchments + schools,) * 2)
    _, part = connected_components(graph, directed=False)
    several = np.bincount(catchment, minlength=catchments)[catchment] > 1
    shared = np.bincount(school, minlength=schools)[school] > 1
    of = part[catchment]
    both = np.intersect1d(of[several], of[shared])
    return [np.flatnonzero(of == one) for one in both]


def _levelled(at: IntArray, to: IntArray, seats: FloatArray, demand: FloatArray) -> FloatArray:
    """Divide the seats of one group in one year; ``at`` and ``to`` are the ends of each link."""
    found = np.zeros(len(demand))
    left, free = demand > 0, np.ones(len(seats), dtype=bool)
    while True:
        open_ = left[at] & free[to]
        if not open_.any():
            break
        tight, level = _tightest(at[open_], to[open_], seats, demand)
        used = np.zeros(len(seats), dtype=bool)
        used[to[open_ & tight[at]]] = True
        found[tight] = level * demand[tight]
        left &= ~tight
        free &= ~used
    idle = free[to]  # schools whose catchments have no demand
    count = np.bincount(to[idle], minlength=len(seats))
    np.add.at(found, at[idle], seats[to[idle]] / count[to[idle]])
    return found


def _tightest(at: IntArray, to: IntArray, seats: FloatArray, demand: FloatArray) -> tuple[np.ndarray, float]:
    """Return the catchments with the fewest seats per pupil, over all sets of them, and that ratio."""
    here, schools = np.unique(at), np.unique(to)
    tight = np.zeros(len(demand), dtype=bool)
    tight[here] = True
    level = float(seats[schools].sum() / demand[here].sum())
    while level > 0:
        smallest, _ = bottlenecks(
            origin=np.searchsorted(here, at),
            destination=np.searchsorted(schools, to),
            pupils=level * demand[here],
            seats=seats[schools],
        )
        if not smallest.any():
            break
        lacking = np.zeros(len(demand), dtype=bool)
        lacking[here[smallest]] = True
        reached = np.unique(to[lacking[at]])
        ratio = float(seats[reached].sum() / demand[lacking].sum())
        if ratio >= level * (1 - _TOLERANCE):
            break
        tight, level = lacking, ratio
    return tight, level
