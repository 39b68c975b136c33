"""Who has a school near, and who has a seat near: not the same."""

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
    """Return the pupils of every origin who have a school within ``radius_m`` walking metres.

    A school counts if it has seats, however few. Their sum over the sum of the pupils is coverage by
    distance.
    """
    wanted = as_amounts(pupils, pairs.origins, name="pupils")
    offered = as_amounts(seats, pairs.destinations, name="seats")
    near = pairs.nearest(offered > 0).to_numpy() <= radius_m
    return pd.Series(np.where(near, wanted, 0.0), index=pairs.origins, name="pupils")


def seated_pupils(
    pairs: WalkMatrix, *, pupils: npt.ArrayLike, seats: npt.ArrayLike, radius_m: float
) -> pd.Series[float]:
    """Return the pupils of every origin who can all have a seat within ``radius_m`` at the same time.

    The most pupils that seats within the radius can take, a maximum flow; of several ways to seat as many,
    one with the least walking. Never more than :func:`near_pupils`. Their sum over the sum of the pupils is
    coverage by seats.
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
