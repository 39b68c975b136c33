"""How unevenly access is shared: Gini, Theil within and between districts, seats against pupils."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.arrays import FloatArray


@dataclass(frozen=True)
class Theil:
    """Theil's T: ``total = between + within``; each null (nan) where it is not defined."""

    total: float
    between: float
    within: float


def gini(values: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> float:
    """Return the Gini coefficient: 0 where all have the same, towards 1 where one has everything.

    ``G = Σ_i Σ_k w_i w_k |x_i - x_k| / (2 μ)`` with weights as shares of their sum.

    Parameters
    ----------
    values
        What each place has, for example seats per pupil; not negative.
    weights
        How much each place counts, for example its pupils; default all the same.

    Returns
    -------
    float
        nan where nothing is weighed or the mean is 0.

    Raises
    ------
    ValueError
        If a value or weight is negative or not finite, or they are not equally many.

    Examples
    --------
    >>> round(gini([1, 2, 3, 4, 10]), 6)
    0.4
    """
    x, w = _checked(values, weights)
    if not len(x):
        return float("nan")
    order = np.argsort(x, kind="stable")
    x, w = x[order], w[order]
    below = np.cumsum(w) - w
    above = w.sum() - below - w
    return float((w * x * (below - above)).sum() / (w * x).sum())


def theil(
    values: npt.ArrayLike, weights: npt.ArrayLike | None = None, *, groups: npt.ArrayLike | None = None
) -> Theil:
    """Return Theil's T, and how much of it lies between groups and how much within them.

    ``T = Σ w_i (x_i/μ) ln(x_i/μ)``; between groups every place has its group's mean. Values of 0 add 0.

    Parameters
    ----------
    values, weights
        As in :func:`gini`.
    groups
        The group of each place (its district), a missing one being a group too; default one for all.

    Examples
    --------
    >>> round(theil([1, 2, 3, 4, 10]).total, 6)
    0.276364
    >>> theil([1, 1, 3, 3], groups=["a", "a", "b", "b"]).within
    0.0
    """
    _, weigh = _filled(values, weights)
    place = np.zeros(len(weigh), dtype=np.int64)
    if groups is not None:
        place = pd.factorize(np.asarray(groups, dtype=object), use_na_sentinel=False)[0].astype(np.int64)
    x, w = _checked(values, weights)
    if not len(x):
        return Theil(total=float("nan"), between=float("nan"), within=float("nan"))
    place = place[weigh > 0]
    mean = float((w * x).sum())
    size = np.bincount(place, weights=w)
    of_group = np.bincount(place, weights=w * x)
    held = np.divide(of_group, size, out=np.zeros_like(size), where=size > 0)
    between = float((size * _entropy(held / mean)).sum())
    own = held[place]
    relative = np.divide(x, own, out=np.zeros_like(x), where=own > 0)
    within = float((w * own / mean * _entropy(relative)).sum())
    return Theil(total=float((w * _entropy(x / mean)).sum()), between=between, within=within)


def mismatch(seats: npt.ArrayLike, pupils: npt.ArrayLike) -> float:
    """Return the share of the seats that stand in another area than the pupils: ``½ Σ|s_i/S - p_i/P|``.

    0 where every area has its share of the seats, 1 where all seats stand where nobody lives; nan without
    seats or pupils. Also known as the index of dissimilarity, or Hoover's.

    Examples
    --------
    >>> round(mismatch([450, 450], [300, 600]), 6)
    0.166667
    """
    s, p = _filled(seats, pupils)
    if s.sum() <= 0 or p.sum() <= 0:
        return float("nan")
    return float(np.abs(s / s.sum() - p / p.sum()).sum() / 2)


def _entropy(relative: FloatArray) -> FloatArray:
    """Return ``x ln x``, 0 at 0."""
    logs = np.log(relative, out=np.zeros_like(relative), where=relative > 0)
    return np.asarray(relative * logs)


def _filled(values: npt.ArrayLike, weights: npt.ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    """Return values and weights as arrays; weights of 1 where none are given."""
    x = np.asarray(values, dtype=np.float64)
    w = np.ones_like(x) if weights is None else np.asarray(weights, dtype=np.float64)
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("figures and their weights must be flat and equally many")
    if not (np.isfinite(x).all() and np.isfinite(w).all()) or (x < 0).any() or (w < 0).any():
        raise ValueError("figures and their weights must be finite and not negative")
    return x, w


def _checked(values: npt.ArrayLike, weights: npt.ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    """Return the values that weigh something, and their weights as shares; nothing if their mean is 0."""
    x, w = _filled(values, weights)
    x, w = x[w > 0], w[w > 0]
    if not len(x) or (w * x).sum() <= 0:
        return np.zeros(0), np.zeros(0)
    return x, w / w.sum()
