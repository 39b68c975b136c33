"""Result type of the access measures."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.cards import Outlined


@dataclass(frozen=True, repr=False)
class Access(Outlined):
    """Access to schools under one layout. Each frame is a result table of the data dictionary.

    Attributes
    ----------
    units
        Table ``access``: one row per unit, stage and year.
    coverage
        Table ``coverage``: pupils with a school and with a seat within the service radius, for the city and
        each district.
    gaps
        Table ``access_gaps``: areas with pupils who have no seat within the radius, largest number first.
    inequality
        Table ``access_inequality``: one row per stage and year.
    places
        Table ``access_by_place``: catchments, districts and the city in every year.
    """

    units: pd.DataFrame
    coverage: pd.DataFrame
    gaps: pd.DataFrame
    inequality: pd.DataFrame
    places: pd.DataFrame


@dataclass(frozen=True)
class StageAccess:
    """Measures of one stage in one year: arrays of shape ``(units,)``, in the order of the city's units.

    Attributes
    ----------
    stage, year
        Stage and year measured.
    radius_m
        Service radius in force, metres.
    demand
        Pupils who need a seat.
    near, seated
        The part of the demand with a school, and with a seat, within the radius on foot.
    near_circle
        The part of the demand with a school within the radius in a straight line.
    nearest_m, several_m
        Walk to the nearest school with counted seats, and mean walk to the nearest few, metres; nan where
        there are none (or not so many).
    schools
        Number of schools within the radius.
    two_step, enhanced, three_step
        Seats per pupil within reach: 2SFCA (binary decay), and E2SFCA and 3SFCA with Gaussian decay.
    """

    stage: str
    year: int
    radius_m: float
    demand: FloatArray
    near: FloatArray
    near_circle: FloatArray
    seated: FloatArray
    nearest_m: FloatArray
    several_m: FloatArray
    schools: FloatArray
    two_step: FloatArray
    enhanced: FloatArray
    three_step: FloatArray
