"""The order in which a solver meets origins and destinations: neighbours together.

The optimum does not depend on it. But a solver goes from a node to its neighbours, over and over: where these
stand together in memory too, it waits less (``benchmarks/assignment.py``: ``ours`` against ``bare``).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import reverse_cuthill_mckee

from layoutplan.arrays import IntArray


def neighbours_together(
    tail: IntArray, head: IntArray, cost: IntArray, *, destinations: int
) -> tuple[IntArray, IntArray]:
    """Return the order of the arcs, and the new number of every destination.

    Destinations are neighbours where an origin has them as its nearest two; they are numbered by reverse
    Cuthill-McKee (1969, https://doi.org/10.1145/800195.805928). Origins follow their nearest two; the arcs
    of each stand together, in the order given.

    Parameters
    ----------
    tail, head, cost
        For each arc its origin, its destination and its cost.

    Examples
    --------
    The first origin links the destinations 0 and 2, the second 1 and 2: so 2 comes to stand between them.

    >>> tail, head, cost = np.array([0, 0, 1, 1]), np.array([0, 2, 1, 2]), np.array([5, 3, 9, 1])
    >>> order, number = neighbours_together(tail, head, cost, destinations=3)
    >>> int(number[2])
    1
    """
    by_origin = np.argsort(tail, kind="stable")
    first = np.flatnonzero(np.diff(tail[by_origin], prepend=-1))
    arcs = np.diff(first, append=len(tail))
    nearest, second = _least_two(cost[by_origin], first, arcs)
    nearest, second = head[by_origin[nearest]], head[by_origin[second]]
    number = _numbered(nearest, second, destinations)
    origins = np.lexsort((number[second], number[nearest]))
    starts, counts = first[origins], arcs[origins]
    ahead = np.arange(len(tail)) - np.repeat(np.cumsum(counts) - counts, counts)
    return by_origin[np.repeat(starts, counts) + ahead], number


def _least_two(cost: IntArray, first: IntArray, arcs: IntArray) -> tuple[IntArray, IntArray]:
    """Return the cheapest arc of each origin, and the cheapest of the others (the same where it has one)."""
    nearest = _least(cost, first, arcs)
    others = cost.copy()
    others[nearest[arcs > 1]] = cost.max(initial=0) + 1
    return nearest, _least(others, first, arcs)


def _least(cost: IntArray, first: IntArray, arcs: IntArray) -> IntArray:
    """Return the first of the cheapest arcs of each origin."""
    least = np.flatnonzero(cost == np.repeat(np.minimum.reduceat(cost, first), arcs))
    return least[np.searchsorted(least, first)]


def _numbered(one: IntArray, other: IntArray, count: int) -> IntArray:
    """Return numbers for ``count`` things so that those linked (``one[i]`` with ``other[i]``) are close."""
    links = sparse.csr_matrix((np.ones(2 * len(one)), (np.r_[one, other], np.r_[other, one])), (count, count))
    number = np.empty(count, dtype=np.int64)
    number[reverse_cuthill_mckee(links, symmetric_mode=True)] = np.arange(count)
    return number
