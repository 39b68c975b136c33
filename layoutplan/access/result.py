"""Access: how near schools are, how many seats a pupil can reach, and how unevenly."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from layoutplan.arrays import FloatArray


@dataclass(frozen=True)
class Access:
    """Access to schools under one plan. Each frame is a result table of the data dictionary.

    ``units``: table ``access``, one row a unit, stage and year. ``coverage``: pupils with a school and with a
    seat within the service radius, of the city and of each district. ``gaps``: table ``access_gaps``, the
    areas whose pupils have none, worst first. ``inequality``: table ``access_inequality``. ``places``: table
    ``access_by_place``, every year of catchments, districts and the city.
    """

    units: pd.DataFrame
    coverage: pd.DataFrame
    gaps: pd.DataFrame
    inequality: pd.DataFrame
    places: pd.DataFrame


@dataclass(frozen=True)
class StageAccess:
    """One stage in one year: arrays, one entry a unit of the city, in their order.

    Attributes
    ----------
    radius_m
        The service radius in force.
    demand
        Pupils who need a seat.
    near, seated
        Those of them with a school, and with a seat, within the radius.
    nearest_m, several_m
        Walk to the nearest school with seats that count, and mean walk to the nearest few; null where there
        are none.
    schools
        Schools within the radius.
    two_step, enhanced, three_step
        Seats per pupil within reach: 2SFCA, and E2SFCA and 3SFCA with a Gaussian decay.
    """

    stage: str
    year: int
    radius_m: float
    demand: FloatArray
    near: FloatArray
    seated: FloatArray
    nearest_m: FloatArray
    several_m: FloatArray
    schools: FloatArray
    two_step: FloatArray
    enhanced: FloatArray
    three_step: FloatArray
