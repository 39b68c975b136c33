"""Distance decay functions: weights of walking distances."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from layoutplan.arrays import FloatArray

Decay = Callable[[FloatArray], FloatArray]
"""Function from walking metres to weights of the same shape, usually from 1 at 0 m to 0 beyond reach."""


def within_m(limit_m: float) -> Decay:
    """Return the binary decay of the original 2SFCA: weight 1 up to ``limit_m`` (inclusive), 0 beyond.

    Parameters
    ----------
    limit_m
        Catchment distance, walking metres.

    Returns
    -------
    Decay
        Function from metres to weights of the same shape.

    Examples
    --------
    >>> within_m(500)(np.array([0.0, 500.0, 500.1])).tolist()
    [1.0, 1.0, 0.0]
    """
    return steps_m((limit_m, 1.0))


def steps_m(*steps: tuple[float, float]) -> Decay:
    """Return a stepwise decay: one weight per distance zone, as in the E2SFCA of Luo and Qi.

    Parameters
    ----------
    steps
        Pairs of a zone's outer limit in metres (inclusive) and its weight, in increasing order of the limits.
        The weight beyond the last limit is 0.

    Returns
    -------
    Decay
        Function from metres to weights of the same shape.

    Raises
    ------
    ValueError
        If no zone is given or the limits do not increase strictly.

    Notes
    -----
    Luo & Qi 2009, doi:10.1016/j.healthplace.2009.06.002.

    Examples
    --------
    >>> steps_m((250, 1), (400, 0.68), (500, 0.22))(np.array([250.0, 251.0, 500.0, 501.0])).tolist()
    [1.0, 0.68, 0.22, 0.0]
    """
    limits = np.array([limit for limit, _ in steps], dtype=np.float64)
    if not len(limits) or (np.diff(limits) <= 0).any():
        raise ValueError("zones need limits that rise")
    weights = np.array([*(weight for _, weight in steps), 0.0], dtype=np.float64)
    return lambda metres: weights[np.searchsorted(limits, metres, side="left")]


def gaussian_m(limit_m: float) -> Decay:
    """Return a Gaussian decay that falls from 1 at 0 m to 0 at ``limit_m``, as in the E2SFCA of Dai.

    ``W(d) = (exp(-½(d/d0)²) - exp(-½)) / (1 - exp(-½))`` up to ``d0 = limit_m``, else 0.

    Parameters
    ----------
    limit_m
        Catchment distance ``d0``, walking metres; above 0.

    Returns
    -------
    Decay
        Function from metres to weights of the same shape.

    Notes
    -----
    Dai 2010, doi:10.1016/j.healthplace.2010.06.012.

    Examples
    --------
    >>> gaussian_m(500)(np.array([0.0, 250.0, 500.0, 900.0])).round(6).tolist()
    [1.0, 0.701367, 0.0, 0.0]
    """
    edge = math.exp(-0.5)

    def weigh(metres: FloatArray) -> FloatArray:
        share = np.minimum(metres / limit_m, 1.0)
        return np.asarray((np.exp(-0.5 * share**2) - edge) / (1.0 - edge))

    return weigh
