"""Coverage by distance (a school within the radius) and by seats (a seat within the radius)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.access.floating import as_amounts
from layoutplan.solve.flow import assign_pupils
from layoutplan.travel.matrix import WalkMatrix


def near_pupils(
    pairs: WalkMatrix, *, pupils: npt.ArrayLike, seats: npt.ArrayLike, radius_m: float
) -> pd.Series[float]:
    """Return, for each origin, the pupils who have a school within ``radius_m`` walking metres.

    Every school with more than 0 seats qualifies, whatever its capacity. The sum of the result divided by the
    sum of the pupils is the coverage by distance.

    Parameters
    ----------
    pairs
        Walks from homes to schools, in metres, known at least to ``radius_m``.
    pupils
        Pupils of each origin, shape ``(origins,)``; a Series must have the index of the origins.
    seats
        Seats of each destination, shape ``(destinations,)``; a Series must have the index of the
        destinations.
    radius_m
        Service radius, walking metres (inclusive).

    Returns
    -------
    pandas.Series
        Index of the origins: all pupils of the origin, or 0.

    Raises
    ------
    ValueError
        If pupils or seats do not match the pairs, are negative or not finite.
    """
    wanted = as_amounts(pupils, pairs.origins, name="pupils")
    offered = as_amounts(seats, pairs.destinations, name="seats")
    near = pairs.nearest(offered > 0).to_numpy() <= radius_m
    return pd.Series(np.where(near, wanted, 0.0), index=pairs.origins, name="pupils")


def seated_pupils(
    pairs: WalkMatrix, *, pupils: npt.ArrayLike, seats: npt.ArrayLike, radius_m: float
) -> pd.Series[float]:
    """Return, for each origin, the pupils who can be seated within ``radius_m`` simultaneously.

    Solves a transport problem on the pairs within the radius: the number of seated pupils is the maximum
    flow, and among the maximum flows one with the least total walking is returned. The total never exceeds
    that of :func:`near_pupils`. The sum of the result divided by the sum of the pupils is the coverage by
    seats.

    Parameters
    ----------
    pairs
        Walks from homes to schools, in metres, known at least to ``radius_m``.
    pupils
        Pupils of each origin, shape ``(origins,)``; a Series must have the index of the origins.
    seats
        Seats of each destination, shape ``(destinations,)``; a Series must have the index of the
        destinations.
    radius_m
        Service radius, walking metres (inclusive).

    Returns
    -------
    pandas.Series
        Index of the origins: pupils seated, between 0 and the origin's pupils.

    Raises
    ------
    ValueError
        If pupils or seats do not match the pairs, are negative or not finite.
    """
    wanted = as_amounts(pupils, pairs.origins, name="pupils")
    offered = as_amounts(seats, pairs.destinations, name="seats")
    near = pairs.keep((pairs.metres <= radius_m) & (offered[pairs.indices] > 0))
    placed = assign_pupils(
        origin=near.rows,
        destination=near.indices,
        metres=near.metres,
        pupils=wanted,
        seats=offered,
    )
    return pd.Series(placed.served, index=pairs.origins, name="pupils")
