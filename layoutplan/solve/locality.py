"""Reorder origins and destinations of a flow problem so that neighbours are adjacent in memory.

The optimum does not depend on the order. A solver repeatedly visits a node's neighbours, and finds them in
the processor's cache more often where they are stored together (``benchmarks/assignment.py``: ``ours``
against ``bare``).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import reverse_cuthill_mckee

from layoutplan.arrays import IntArray


def neighbours_together(
    tail: IntArray, head: IntArray, cost: IntArray, *, destinations: int
) -> tuple[IntArray, IntArray]:
    """Return an order of the arcs and new numbers of the destinations with neighbours close to each other.

    Two destinations are neighbours if they are the nearest two of an origin; they are numbered by the reverse
    Cuthill-McKee algorithm (Cuthill and McKee 1969, https://doi.org/10.1145/800195.805928). Origins are
    sorted by the numbers of their nearest two; the arcs of an origin stay together, in the order given.

    Parameters
    ----------
    tail, head, cost
        Origin, destination and cost of each arc, shape (arcs,).
    destinations
        Number of destinations.

    Returns
    -------
    order
        Positions of the arcs in the new order, shape (arcs,).
    number
        New number of every destination, shape (destinations,).

    Examples
    --------
    The first origin links destinations 0 and 2, the second 1 and 2, so 2 is placed between them.

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
    """Return the cheapest and the second cheapest arc of each origin (the same if it has one arc only)."""
    nearest = _least(cost, first, arcs)
    others = cost.copy()
    others[nearest[arcs > 1]] = cost.max(initial=0) + 1
    return nearest, _least(others, first, arcs)


def _least(cost: IntArray, first: IntArray, arcs: IntArray) -> IntArray:
    """Return the first of the cheapest arcs of each origin."""
    least = np.flatnonzero(cost == np.repeat(np.minimum.reduceat(cost, first), arcs))
    return least[np.searchsorted(least, first)]


def _numbered(one: IntArray, other: IntArray, count: int) -> IntArray:
    """Return numbers for ``count`` items; linked items (``one[i]``, ``other[i]``) get close numbers."""
    links = sparse.csr_matrix((np.ones(2 * len(one)), (np.r_[one, other], np.r_[other, one])), (count, count))
    number = np.empty(count, dtype=np.int64)
    number[reverse_cuthill_mckee(links, symmetric_mode=True)] = np.arange(count)
    return number
