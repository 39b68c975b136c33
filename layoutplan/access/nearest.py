"""How many schools are near, and how near the first few are. The nearest alone is ``WalkMatrix.nearest``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layoutplan.travel.matrix import WalkMatrix


def mean_of_nearest(pairs: WalkMatrix, *, k: int) -> pd.Series[float]:
    """Return the mean walk of every origin to its ``k`` nearest destinations, metres.

    Infinite where fewer than ``k`` are known; ``k = 1`` is ``pairs.nearest()``.

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
    """Return how many destinations lie within ``limit_m`` walking metres (inclusive) of every origin."""
    near = np.flatnonzero(pairs.metres <= limit_m)
    counts = np.diff(np.searchsorted(near, pairs.indptr)).astype(np.float64)
    return pd.Series(counts, index=pairs.origins, name="destinations")
