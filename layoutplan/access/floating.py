"""Floating catchment area methods: seats per pupil within reach, allowing for competing demand.

:func:`two_step_access` computes both 2SFCA and E2SFCA, which differ only in the decay function
(:mod:`layoutplan.access.decay`). Each step is one product with the sparse weight matrix.
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
    """Return the seats per pupil within reach of each origin (2SFCA, E2SFCA).

    Step 1 divides the seats of each school by the weighted pupils in its catchment, step 2 sums these ratios
    over the schools in reach of each origin: ``R_j = S_j / Σ_k P_k W(d_kj)``, ``A_i = Σ_j R_j W(d_ij)``. The
    sum of pupils × access equals the seats of all schools that have pupils in reach.

    Parameters
    ----------
    pairs
        Walks from homes to schools, in metres, known at least to the distance where the decay reaches 0.
    pupils
        Pupils of each origin, fractions allowed; a Series must have the origins' index.
    seats
        Seats of each destination; a Series must have the destinations' index.
    decay
        Weight of a walk: ``within_m(500)`` for 2SFCA, ``steps_m(…)`` or ``gaussian_m(500)`` for E2SFCA.

    Returns
    -------
    pandas.Series
        Index of the origins; 0 where no school is in reach. A school without pupils in reach contributes 0.

    Raises
    ------
    ValueError
        If pupils or seats do not match the pairs, are negative or not finite.

    Notes
    -----
    Luo & Wang 2003, doi:10.1068/b29120; Luo & Qi 2009, doi:10.1016/j.healthplace.2009.06.002; Dai 2010,
    doi:10.1016/j.healthplace.2010.06.012.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point
    >>> from layoutplan.access import within_m
    >>> from layoutplan.travel import walk_matrix
    >>> homes = gpd.GeoSeries([Point(0, 0), Point(0, 300)], index=["u1", "u2"])
    >>> school = gpd.GeoSeries([Point(0, 100)], index=["s1"])
    >>> pairs = walk_matrix(homes, school, limit_m=500, network=None)
    >>> two_step_access(pairs, pupils=[100, 50], seats=[180], decay=within_m(500)).to_dict()
    {'u1': 1.2, 'u2': 1.2}
    """
    wanted, offered = _amounts(pairs, pupils, seats)
    weights = weigh(pairs, decay)
    return _series(pairs, weights @ per_pupil(offered, weights.T @ wanted))


def three_step_access(
    pairs: WalkMatrix, *, pupils: npt.ArrayLike, seats: npt.ArrayLike, decay: Decay
) -> pd.Series[float]:
    """Return the seats per pupil within reach of each origin, with competition between schools (3SFCA).

    As :func:`two_step_access`, but the demand of an origin is divided among the schools in its reach by a
    selection weight: ``G_ij = W_ij / Σ_l W_il``, ``R_j = S_j / Σ_k G_kj P_k W_kj``,
    ``A_i = Σ_j G_ij R_j W_ij``. As in 2SFCA, the sum of pupils × access equals the seats of all schools with
    demand in reach.

    Parameters
    ----------
    pairs, pupils, seats, decay
        As in :func:`two_step_access`.

    Returns
    -------
    pandas.Series
        Index of the origins; 0 where no school is in reach.

    Raises
    ------
    ValueError
        If pupils or seats do not match the pairs, are negative or not finite.

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
    """Return the decay weights of all pairs as a sparse matrix.

    Parameters
    ----------
    pairs
        Walks from origins to destinations, in metres.
    decay
        Function from metres to weights.

    Returns
    -------
    scipy.sparse.csr_array
        Shape ``(origins, destinations)``, with the sparsity pattern of ``pairs``.
    """
    weights = decay(pairs.metres.astype(np.float64))
    shape = (len(pairs.origins), len(pairs.destinations))
    return sparse.csr_array((weights, pairs.indices, pairs.indptr), shape=shape)


def per_pupil(seats: FloatArray, claims: FloatArray) -> FloatArray:
    """Return the seats per weighted pupil; 0 where there is no demand.

    Parameters
    ----------
    seats
        Seats, schools or schools × years.
    claims
        Weighted pupils in reach of each school, the same shape.

    Returns
    -------
    numpy.ndarray
        The ratio, the same shape.
    """
    return np.divide(seats, claims, out=np.zeros_like(seats), where=claims > 0)


def _amounts(pairs: WalkMatrix, pupils: npt.ArrayLike, seats: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    return (
        as_amounts(pupils, pairs.origins, name="pupils"),
        as_amounts(seats, pairs.destinations, name="seats"),
    )


def as_amounts(values: npt.ArrayLike, index: pd.Index[Any], *, name: str) -> FloatArray:
    """Return values as a validated float array in the order of ``index``.

    Parameters
    ----------
    values
        One value per entry of ``index``; a Series must have exactly this index.
    index
        Ids of the origins or destinations.
    name
        Name of the argument, used in the error message.

    Returns
    -------
    numpy.ndarray
        Shape ``(len(index),)``.

    Raises
    ------
    ValueError
        If the shape or the index of a Series does not match, or a value is negative or not finite.
    """
    if isinstance(values, pd.Series) and not values.index.equals(index):
        raise ValueError(f"{name} must have the index of the pairs")
    found = np.asarray(values, dtype=np.float64)
    if found.shape != (len(index),) or not np.isfinite(found).all() or (found < 0).any():
        raise ValueError(f"{name} must be flat, one for each place, finite and not negative")
    return found


def _series(pairs: WalkMatrix, values: npt.ArrayLike) -> pd.Series[float]:
    return pd.Series(np.asarray(values, dtype=np.float64), index=pairs.origins, name="seats_per_pupil")
