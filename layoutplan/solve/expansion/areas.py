"""Areas of a market: neighbouring regions, so that inequalities can speak of a part of the city alone.

An inequality of a whole metropolis is tight only where all its parts are as they were when it was found. One
of an area is tight as often as that area is, so that the number of rounds grows little with the city. It
counts the seats at its border as if nobody else used them, and is therefore weaker there.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.sparse import coo_matrix

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.solve.expansion.problem import Market

AREA: Final = 12
"""Regions of an area."""
LARGE: Final = 50_000
"""Arcs of a market that is divided."""


def area_of_regions(market: Market, *, size: int = AREA) -> IntArray:
    """Return the area of each region: regions whose pupils share most places, about ``size`` together.

    Parameters
    ----------
    market
        The market.
    size
        Most regions of an area.

    Returns
    -------
    IntArray
        Shape (regions,), from 0; all 0 where the market is not large, or no larger than two areas.
    """
    count = market.regions
    label = np.zeros(count, dtype=np.int64)
    if len(market.origin) < LARGE or count <= 2 * size:
        return label
    shared = _shared(market)
    left = np.ones(count, dtype=bool)
    label[:] = -1
    area = 0
    while left.any():
        ties = np.where(left, shared @ left.astype(np.float64), np.inf)
        seed = int(np.argmin(ties))
        members = [seed]
        left[seed] = False
        pull = shared[seed].copy()
        while len(members) < size and left.any():
            best = int(np.argmax(np.where(left, pull, -1.0)))
            if pull[best] <= 0:
                break
            members.append(best)
            left[best] = False
            pull += shared[best]
        label[members] = area
        area += 1
    return label


def _shared(market: Market) -> FloatArray:
    """Return how much regions have to do with each other: the places that pupils of both can reach."""
    region = market.region[market.origin]
    ones = np.ones(len(region))
    reach = coo_matrix(
        (ones, (region, market.destination)), shape=(market.regions, len(market.seats))
    ).tocsr()
    reach.data[:] = 1.0
    shared: FloatArray = (reach @ reach.T).toarray()
    np.fill_diagonal(shared, 0.0)
    return shared
