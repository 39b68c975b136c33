"""Number of schools within a distance, and mean walk to the k nearest; see also ``WalkMatrix.nearest``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layoutplan.travel.matrix import WalkMatrix


def mean_of_nearest(pairs: WalkMatrix, *, k: int) -> pd.Series[float]:
    """Return the mean walk of each origin to its ``k`` nearest destinations, metres.

    Parameters
    ----------
    pairs
        Walks from origins to destinations, in metres, nearest first within an origin.
    k
        Number of destinations; ``k = 1`` equals ``pairs.nearest()``.

    Returns
    -------
    pandas.Series
        Index of the origins, metres; infinite where fewer than ``k`` destinations are stored.

    Raises
    ------
    ValueError
        If ``k`` is less than 1.
    """
    if k < 1:
        raise ValueError("k must be 1 or more")
    enough = np.diff(pairs.indptr) >= k
    metres = np.full(len(pairs.origins), np.inf)
    first = pairs.indptr[:-1][enough]
    metres[enough] = pairs.metres[first[:, None] + np.arange(k)].mean(axis=1, dtype=np.float64)
    return pd.Series(metres, index=pairs.origins, name="metres")


def count_within(pairs: WalkMatrix, limit_m: float) -> pd.Series[float]:
    """Return the number of destinations within ``limit_m`` of each origin.

    Parameters
    ----------
    pairs
        Walks from origins to destinations, in metres.
    limit_m
        Longest walk, metres (inclusive).

    Returns
    -------
    pandas.Series
        Index of the origins; whole numbers as floats.
    """
    near = np.flatnonzero(pairs.metres <= limit_m)
    counts = np.diff(np.searchsorted(near, pairs.indptr)).astype(np.float64)
    return pd.Series(counts, index=pairs.origins, name="destinations")
