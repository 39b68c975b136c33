"""Array types and integer helpers of the generator."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from layoutplan.arrays import FloatArray, IntArray

Flags: TypeAlias = npt.NDArray[np.bool_]


def whole_parts(weights: FloatArray, *, total: int) -> IntArray:
    """Split ``total`` into integers proportional to ``weights`` by largest remainder.

    Parameters
    ----------
    weights
        Non-negative, shape (n,), not all zero.
    total
        Sum of the parts.

    Returns
    -------
    IntArray
        Shape (n,). Of equal remainders the first is rounded up, so the result is deterministic.

    Examples
    --------
    >>> whole_parts(np.array([1.0, 1.0, 2.0]), total=5).tolist()
    [1, 1, 3]
    """
    exact = weights * (total / weights.sum())
    parts: IntArray = np.floor(exact).astype(np.int64)
    missing = total - int(parts.sum())
    largest = np.argsort(-(exact - parts), kind="stable")[:missing]
    parts[largest] += 1
    return parts


def ragged_ranges(starts: IntArray, ends: IntArray) -> tuple[IntArray, IntArray]:
    """Return the integers of several ranges in one array, with the range of each.

    Parameters
    ----------
    starts, ends
        The ranges ``start … end - 1``, shape (ranges,).

    Returns
    -------
    values
        The integers of all ranges, in order.
    owner
        Index of the range of each.
    """
    lengths = np.maximum(ends - starts, 0)
    owner = np.repeat(np.arange(len(starts)), lengths)
    first = np.repeat(np.cumsum(lengths) - lengths, lengths)
    return np.arange(int(lengths.sum())) - first + np.repeat(starts, lengths), owner
