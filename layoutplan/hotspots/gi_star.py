"""Getis-Ord Gi* statistic of local clustering, with p values and false discovery rate."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse, special

from layoutplan.arrays import FloatArray
from layoutplan.hotspots.sampling import sample_places


def gi_star(values: npt.ArrayLike, weights: sparse.csr_array) -> FloatArray:
    r"""Return the standardised Gi* statistic of every place.

    .. math:: z_i = \frac{\sum_j w_{ij} x_j - \bar x \sum_j w_{ij}}
              {s \sqrt{[n \sum_j w_{ij}^2 - (\sum_j w_{ij})^2] / (n - 1)}}

    with :math:`s` the standard deviation with divisor :math:`n` and :math:`j` including :math:`i`.

    Parameters
    ----------
    values
        One finite number per place, shape ``(n,)``; or ``(n, k)``: k variables, tested separately.
    weights
        Shape ``(n, n)``, usually binary, with each place its own neighbour.

    Returns
    -------
    numpy.ndarray
        The shape of ``values``; nan where the statistic is undefined: all values equal, or a place that
        neighbours all places.

    Raises
    ------
    ValueError
        If shapes do not match or a value is not finite.

    References
    ----------
    Ord, J. K. and Getis, A. (1995). Local spatial autocorrelation statistics. Geographical Analysis 27(4),
    286-306. https://doi.org/10.1111/j.1538-4632.1995.tb00912.x

    Examples
    --------
    Three places in a row, all the shortage at one end:

    >>> import numpy as np
    >>> from scipy import sparse
    >>> row = sparse.csr_array(np.array([[1.0, 1, 0], [1, 1, 1], [0, 1, 1]]))
    >>> gi_star([9.0, 0.0, 0.0], row).round(3).tolist()
    [0.707, nan, -1.414]
    """
    x = np.asarray(values, dtype=np.float64)
    n = len(x)
    if x.ndim not in (1, 2) or weights.shape != (n, n):
        raise ValueError(f"{x.shape} values do not fit weights of shape {weights.shape}")
    if not np.isfinite(x).all():
        raise ValueError("every value must be finite")
    if x.size == 0:
        return np.full(x.shape, np.nan)
    column = (n, *([1] * (x.ndim - 1)))
    total = np.asarray(weights.sum(axis=1), dtype=np.float64).reshape(column)
    squares = np.asarray(weights.power(2).sum(axis=1), dtype=np.float64).reshape(column)
    spread = np.clip(n * squares - total**2, 0.0, None) / max(n - 1, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (weights @ x - x.mean(axis=0) * total) / (x.std(axis=0) * np.sqrt(spread))
    return np.where((spread > 0) & (np.ptp(x, axis=0) > 0), z, np.nan)


def one_sided_p(z: npt.ArrayLike) -> FloatArray:
    """Return the upper-tail p value of a standard normal score.

    Parameters
    ----------
    z
        Scores of any shape.

    Returns
    -------
    numpy.ndarray
        Probability of a score at least as high without clustering, the same shape; nan where the score is.

    Examples
    --------
    >>> one_sided_p([0.0, 1.6448536, float("nan")]).round(4).tolist()
    [0.5, 0.05, nan]
    """
    return np.asarray(special.ndtr(-np.asarray(z, dtype=np.float64)), dtype=np.float64)


def permutation_p(
    values: npt.ArrayLike, weights: sparse.csr_array, *, permutations: int, seed: int
) -> FloatArray:
    """Return the one-sided pseudo p value of Gi* of every place, by permutation.

    Without clustering the sum over a place and its neighbours is as that of as many places drawn from all of
    them without replacement. No distribution is assumed: shortages are skewed, with zeros in most places.

    Parameters
    ----------
    values
        One finite number per place, shape ``(n,)``.
    weights
        Binary, shape ``(n, n)``, with each place its own neighbour.
    permutations
        Number of samples; the smallest p is 1 / (permutations + 1).
    seed
        The same seed, values and weights in the same order give the same p.

    Returns
    -------
    numpy.ndarray
        Share of samples with a sum at least as high, the observed one counted as a sample; nan where Gi* is
        not defined.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import sparse
    >>> row = sparse.csr_array(np.eye(6, k=1) + np.eye(6) + np.eye(6, k=-1))
    >>> permutation_p([9.0, 8.0, 0.0, 0.0, 0.0, 0.0], row, permutations=999, seed=1).round(1).tolist()
    [0.1, 0.2, 0.8, 1.0, 1.0, 1.0]
    """
    x = np.asarray(values, dtype=np.float64)
    p = np.full(x.shape, np.nan)
    known = np.isfinite(gi_star(x, weights))
    held = np.diff(weights.indptr)
    sums = np.asarray(weights @ x)
    for count in np.unique(held[known]):
        here = known & (held == count)
        drawn = x[sample_places(len(x), int(count) - 1, permutations=permutations, seed=seed)].sum(axis=1)
        slack = 1e-9 * np.abs(x).max() * count  # tolerance for rounding of sums
        above = permutations - np.searchsorted(np.sort(drawn), sums[here] - slack, side="left")
        p[here] = (above + 1) / (permutations + 1)
    return p


def false_discovery(p: npt.ArrayLike) -> FloatArray:
    """Return Benjamini-Hochberg q values: the lowest false discovery rate at which each test is rejected.

    ``q <= alpha`` rejects the same tests as the step-up rule ``p_(k) <= k alpha / n`` for
    ``k <= max{k : p_(k) <= k alpha / n}``. Tests with p = nan are not counted in ``n``.

    Parameters
    ----------
    p
        P values, shape ``(n,)``; or ``(n, k)``: each column is a separate family of tests.

    Returns
    -------
    numpy.ndarray
        Q values, the same shape; nan where p is.

    References
    ----------
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal
    Statistical Society B 57(1), 289-300. https://doi.org/10.1111/j.2517-6161.1995.tb02031.x

    Examples
    --------
    >>> false_discovery([0.01, 0.04, 0.03, float("nan")]).round(3).tolist()
    [0.03, 0.04, 0.04, nan]
    """
    given = np.asarray(p, dtype=np.float64)
    if given.ndim > 1:
        columns = [false_discovery(column) for column in given.T]
        return np.column_stack(columns) if columns else given.copy()
    tested = np.isfinite(given)
    q = np.full(given.shape, np.nan)
    if tested.any():
        q[tested] = _step_up(given[tested])
    return q


def _step_up(p: FloatArray) -> FloatArray:
    order = np.argsort(p)
    bounds = p[order] * (p.size / np.arange(1, p.size + 1))
    q = np.empty_like(p)
    q[order] = np.minimum.accumulate(bounds[::-1])[::-1]
    return np.clip(q, 0.0, 1.0)
