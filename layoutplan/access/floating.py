"""Floating catchments: seats per pupil that a place can reach, others' claims on them counted.

One function gives the plain two-step measure (2SFCA) and the enhanced one (E2SFCA); they differ in the decay
(:mod:`layoutplan.access.decay`) alone. Every step is one product with the sparse matrix of weights.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from layoutplan.access.decay import Decay
from layoutplan.arrays import FloatArray
from layoutplan.travel.matrix import WalkMatrix


def two_step_access(
    pairs: WalkMatrix, *, pupils: npt.ArrayLike, seats: npt.ArrayLike, decay: Decay
) -> pd.Series[float]:
    """Return the seats per pupil within reach of every origin (2SFCA, E2SFCA).

    First each school's seats are divided by the pupils who can reach it, then each origin sums what it can
    reach: ``R_j = S_j / Σ_k P_k W(d_kj)``, ``A_i = Σ_j R_j W(d_ij)``. Pupils times access sum to the seats of
    the schools that any pupil reaches.

    Parameters
    ----------
    pairs
        Walks from homes to schools, known as far as the decay looks.
    pupils
        Pupils of each origin, fractions allowed; a Series must have the origins' index.
    seats
        Seats of each destination; a Series must have the destinations' index.
    decay
        Weight of a walk: ``within_m(500)`` for 2SFCA, ``steps_m(…)`` or ``gaussian_m(500)`` for E2SFCA.

    Returns
    -------
    pandas.Series
        Index of the origins; 0 where no school is in reach. A school that no pupil reaches offers nothing.

    Raises
    ------
    ValueError
        If pupils or seats do not belong to the pairs, are negative or not finite.

    Notes
    -----
    Luo & Wang 2003, doi:10.1068/b29120; Luo & Qi 2009, doi:10.1016/j.healthplace.2009.06.002; Dai 2010,
    doi:10.1016/j.healthplace.2010.06.012.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point
    >>> from layoutplan.access import within_m
    >>> from layoutplan.travel import walking_pairs
    >>> homes = gpd.GeoSeries([Point(0, 0), Point(0, 300)], index=["u1", "u2"])
    >>> school = gpd.GeoSeries([Point(0, 100)], index=["s1"])
    >>> pairs = walking_pairs(homes, school, limit_m=500, network=None)
    >>> two_step_access(pairs, pupils=[100, 50], seats=[180], decay=within_m(500)).to_dict()
    {'u1': 1.2, 'u2': 1.2}
    """
    wanted, offered = _amounts(pairs, pupils, seats)
    weights = weigh(pairs, decay)
    return _series(pairs, weights @ per_pupil(offered, weights.T @ wanted))


def three_step_access(
    pairs: WalkMatrix, *, pupils: npt.ArrayLike, seats: npt.ArrayLike, decay: Decay
) -> pd.Series[float]:
    """Return the seats per pupil within reach of every origin when a choice halves the claim (3SFCA).

    As :func:`two_step_access`, but a pupil with several schools in reach claims each only in part:
    ``G_ij = W_ij / Σ_l W_il``, ``R_j = S_j / Σ_k G_kj P_k W_kj``, ``A_i = Σ_j G_ij R_j W_ij``. Pupils times
    access do *not* sum to the seats here.

    Notes
    -----
    Wan, Zou & Sternberg 2012, doi:10.1080/13658816.2011.624987.
    """
    wanted, offered = _amounts(pairs, pupils, seats)
    weights = weigh(pairs, decay)
    total = weights @ np.ones(weights.shape[1])
    chosen = weights.copy()
    chosen.data = weights.data**2 / np.repeat(np.where(total > 0, total, 1.0), np.diff(weights.indptr))
    return _series(pairs, chosen @ per_pupil(offered, chosen.T @ wanted))


def weigh(pairs: WalkMatrix, decay: Decay) -> sparse.csr_array:
    """Return the weights of all pairs: origins × destinations."""
    weights = decay(pairs.metres.astype(np.float64))
    shape = (len(pairs.origins), len(pairs.destinations))
    return sparse.csr_array((weights, pairs.indices, pairs.indptr), shape=shape)


def per_pupil(seats: FloatArray, claims: FloatArray) -> FloatArray:
    """Return seats per claiming pupil; 0 where nobody claims."""
    return np.divide(seats, claims, out=np.zeros_like(seats), where=claims > 0)


def _amounts(pairs: WalkMatrix, pupils: npt.ArrayLike, seats: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    return (
        as_amounts(pupils, pairs.origins, name="pupils"),
        as_amounts(seats, pairs.destinations, name="seats"),
    )


def as_amounts(values: npt.ArrayLike, index: pd.Index[Any], *, name: str) -> FloatArray:
    """Return values as an array in the order of ``index``.

    Raises
    ------
    ValueError
        If they are not one for each entry of ``index`` (a Series: not its index), negative or not finite.
    """
    if isinstance(values, pd.Series) and not values.index.equals(index):
        raise ValueError(f"{name} must have the index of the pairs")
    found = np.asarray(values, dtype=np.float64)
    if found.shape != (len(index),) or not np.isfinite(found).all() or (found < 0).any():
        raise ValueError(f"{name} must be flat, one for each place, finite and not negative")
    return found


def _series(pairs: WalkMatrix, values: npt.ArrayLike) -> pd.Series[float]:
    return pd.Series(np.asarray(values, dtype=np.float64), index=pairs.origins, name="seats_per_pupil")
