"""Inequality of access: Gini, Theil within and between districts, and the mismatch of seats and pupils."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.arrays import FloatArray


@dataclass(frozen=True)
class Theil:
    """Theil's T index, decomposed: ``total = between + within``; nan where it is not defined."""

    total: float
    between: float
    within: float


def gini(values: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> float:
    """Return the weighted Gini coefficient: 0 for equal values, near 1 when one place holds everything.

    ``G = Σ_i Σ_k w_i w_k |x_i - x_k| / (2 μ)`` with weights normalised to sum to 1.

    Parameters
    ----------
    values
        Value of each place, shape ``(n,)``, for example seats per pupil; not negative.
    weights
        Weight of each place, shape ``(n,)``, for example its pupils; equal weights by default.

    Returns
    -------
    float
        nan where all weights are 0 or the mean is 0.

    Raises
    ------
    ValueError
        If a value or weight is negative or not finite, or their shapes differ.

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
    """Return Theil's T index and its decomposition into between-group and within-group inequality.

    ``T = Σ w_i (x_i/μ) ln(x_i/μ)`` with weights normalised to sum to 1; the between-group term replaces each
    value by the mean of its group. Values of 0 contribute 0.

    Parameters
    ----------
    values, weights
        As in :func:`gini`.
    groups
        Group of each place, for example its district; missing labels form one group. One group by default.

    Returns
    -------
    Theil
        nan in every field where all weights are 0 or the mean is 0.

    Raises
    ------
    ValueError
        If a value or weight is negative or not finite, or their shapes differ.

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
    """Return the index of dissimilarity between seats and pupils: ``½ Σ|s_i/S - p_i/P|``.

    It is the share of the seats that would have to move between areas to match the distribution of the
    pupils: 0 where each area's share of the seats equals its share of the pupils, 1 where no area has both.
    Also known as the Hoover index.

    Parameters
    ----------
    seats, pupils
        Seats and pupils of each area, shape ``(n,)``; finite, not negative.

    Returns
    -------
    float
        nan without seats or without pupils.

    Raises
    ------
    ValueError
        If a figure is negative or not finite, or the shapes differ.

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
    """Return ``x ln x``, with 0 at 0."""
    logs = np.log(relative, out=np.zeros_like(relative), where=relative > 0)
    return np.asarray(relative * logs)


def _filled(values: npt.ArrayLike, weights: npt.ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    """Return values and weights as validated arrays; weights default to 1."""
    x = np.asarray(values, dtype=np.float64)
    w = np.ones_like(x) if weights is None else np.asarray(weights, dtype=np.float64)
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("figures and their weights must be flat and equally many")
    if not (np.isfinite(x).all() and np.isfinite(w).all()) or (x < 0).any() or (w < 0).any():
        raise ValueError("figures and their weights must be finite and not negative")
    return x, w


def _checked(values: npt.ArrayLike, weights: npt.ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    """Return the values with positive weight and their normalised weights; empty if the mean is 0."""
    x, w = _filled(values, weights)
    x, w = x[w > 0], w[w > 0]
    if not len(x) or (w * x).sum() <= 0:
        return np.zeros(0), np.zeros(0)
    return x, w / w.sum()
