"""Local Moran's I: clusters of high or low values, and spatial outliers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.hotspots.sampling import sample_places

CLASSES: Final = ("high_high", "low_high", "low_low", "high_low")
"""Value and mean of the neighbours, each above the mean or not; quadrants in the usual order."""


@dataclass(frozen=True)
class LocalMoran:
    """Local Moran's I of every place.

    Attributes
    ----------
    score
        I of each place; nan where all values are equal or a place has no neighbours.
    p
        Two-sided pseudo p value by conditional permutation; nan where there is no score.
    quadrant
        Position in :data:`CLASSES`; -1 where there is no score.
    """

    score: FloatArray
    p: FloatArray
    quadrant: IntArray


def local_moran(
    values: npt.ArrayLike, weights: sparse.csr_array, *, permutations: int, seed: int
) -> LocalMoran:
    r"""Return local Moran's I with class and pseudo p value by conditional permutation.

    .. math:: I_i = \frac{(n - 1) z_i \sum_j w_{ij} z_j}{\sum_j z_j^2}

    with :math:`z` the deviations from the mean and :math:`w` the weights of the other places,
    row-standardised. For p, the value of a place is fixed and the values of its neighbours are drawn from all
    other places without replacement; p is twice the smaller of the shares of draws that are at least as high,
    or as low, with the observed value counted as a draw, and at most 1.

    Parameters
    ----------
    values
        One finite number per place, shape ``(n,)``.
    weights
        Binary, shape ``(n, n)``; the diagonal is ignored.
    permutations
        Number of permutations; the smallest p is 2 / (permutations + 1).
    seed
        The same seed, values and weights in the same order give the same p.

    Returns
    -------
    LocalMoran
        Arrays of shape ``(n,)``.

    Raises
    ------
    ValueError
        If shapes do not match or a value is not finite.

    References
    ----------
    Anselin, L. (1995). Local indicators of spatial association: LISA. Geographical Analysis 27(2), 93-115.
    https://doi.org/10.1111/j.1538-4632.1995.tb00338.x

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import sparse
    >>> row = sparse.csr_array(np.eye(4, k=1) + np.eye(4, k=-1))
    >>> found = local_moran([9.0, 8.0, 1.0, 0.0], row, permutations=99, seed=1)
    >>> found.score.round(3).tolist(), [CLASSES[place] for place in found.quadrant]
    ([0.727, 0.081, 0.081, 0.727], ['high_high', 'high_high', 'low_low', 'low_low'])
    """
    x = np.asarray(values, dtype=np.float64)
    n = x.size
    if x.ndim != 1 or weights.shape != (n, n):
        raise ValueError(f"{x.shape} values do not fit weights of shape {weights.shape}")
    if not np.isfinite(x).all():
        raise ValueError("every value must be finite")
    others = _others(weights)
    count = np.diff(others.indptr)
    known = (count > 0) & (n > 0 and np.ptp(x) > 0)
    z = x - x.mean() if n else x
    around = np.asarray(others @ z)
    with np.errstate(invalid="ignore", divide="ignore"):
        score = (n - 1) * z * around / count / (z**2).sum()
    slack = _rounding(z)
    high = z > slack
    quadrant = np.where(around > slack * count, np.where(high, 0, 1), np.where(high, 3, 2))
    p = np.full(n, np.nan)
    for neighbours in np.unique(count[known]):
        here = np.flatnonzero(known & (count == neighbours))
        draws = sample_places(n, int(neighbours), permutations=permutations, seed=seed)
        p[here] = _two_sided(z, around[here], here, draws)
    return LocalMoran(
        score=np.where(known, score, np.nan), p=p, quadrant=np.where(known, quadrant, -1).astype(np.int64)
    )


def _others(weights: sparse.csr_array) -> sparse.csr_array:
    """Return the weights without the diagonal."""
    entries = weights.tocoo()
    row, column = entries.coords
    off = row != column
    kept = (entries.data[off], (row[off], column[off]))
    return sparse.csr_array(kept, shape=weights.shape)


def _rounding(z: FloatArray) -> float:
    """Return what a deviation may be off by rounding: so much above the mean is not above it."""
    return 1e-9 * float(np.abs(z).max(initial=0.0))


def _two_sided(z: FloatArray, around: FloatArray, places: IntArray, draws: IntArray) -> FloatArray:
    """Return p of places with the same number of neighbours.

    All places share the samples. Where a sample contains the place itself, the spare replaces it, which makes
    it a sample of the other places.
    """
    sums = z[draws[:, :-1]].sum(axis=1)
    ranked = np.sort(sums)
    slack = _rounding(z) * draws.shape[1]
    above = len(sums) - np.searchsorted(ranked, around - slack, side="left")
    below = np.searchsorted(ranked, around + slack, side="right")
    position = np.full(len(z), -1, dtype=np.int64)
    position[places] = np.arange(len(places))
    row, column = np.nonzero(position[draws[:, :-1]] >= 0)
    at = position[draws[row, column]]
    before = sums[row]
    after = before - z[draws[row, column]] + z[draws[row, -1]]
    for found, sign in ((above, 1.0), (below, -1.0)):
        change = (sign * after >= sign * around[at] - slack).astype(np.int64)
        change -= sign * before >= sign * around[at] - slack
        np.add.at(found, at, change)
    smaller = np.minimum(above, below)
    return np.asarray(np.minimum(2.0 * (smaller + 1) / (len(sums) + 1), 1.0))
