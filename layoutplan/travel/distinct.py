"""Distinct integers and distinct pairs of integers, by sorting."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from layoutplan.arrays import IntArray


def distinct(values: npt.NDArray[np.integer]) -> IntArray:
    """Return the distinct values, ascending.

    The values are sorted: ``np.unique`` hashes from NumPy 2.3 on, which takes far longer where most of
    millions of values differ (https://github.com/numpy/numpy/pull/31970).

    Parameters
    ----------
    values
        Integers of any shape.

    Returns
    -------
    numpy.ndarray of int64
        Distinct values in ascending order, shape (k,).

    Examples
    --------
    >>> distinct(np.array([7, 3, 7])).tolist()
    [3, 7]
    """
    ordered = np.sort(values.astype(np.int64, copy=False), axis=None)
    fresh = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=fresh[1:])
    return ordered[fresh]


def distinct_pairs(
    first: npt.NDArray[np.integer], second: npt.NDArray[np.integer]
) -> tuple[IntArray, IntArray]:
    """Return the distinct pairs of two arrays, ordered by the first value, then the second.

    Parameters
    ----------
    first, second
        Non-negative integers, each of shape (n,).

    Returns
    -------
    tuple of numpy.ndarray of int64
        First and second values of the distinct pairs, each of shape (k,).

    Examples
    --------
    >>> [side.tolist() for side in distinct_pairs(np.array([1, 0, 1]), np.array([2, 5, 2]))]
    [[0, 1], [5, 2]]
    """
    size = int(second.max(initial=0)) + 1
    keys = distinct(first.astype(np.int64) * size + second)
    return keys // size, keys % size
