"""Result type of the evaluation of a layout."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from layoutplan.errors import Fault


@dataclass(frozen=True)
class Balance:
    """Evaluation of one layout. Each frame is a result table of the data dictionary, columns in order.

    Attributes
    ----------
    schools, catchments, districts, city
        Tables ``school_balance``, ``catchment_balance``, ``district_balance`` and ``city_balance``: one row
        per entity, stage and year.
    units
        Table ``unit_demand``: one row per unit, stage and year. Texts are categorical to save memory.
    assignment
        Table ``assignment``: the optimal placement of all pupils within reach. Texts are categorical.
    zoned_city, zoned_catchments, zoned_schools
        Tables ``zoned_city``, ``zoned_catchment`` and ``zoned_school``: everyone at a school of the own
        catchment.
    notes
        Warnings about the walking distances.
    """

    schools: pd.DataFrame
    catchments: pd.DataFrame
    districts: pd.DataFrame
    city: pd.DataFrame
    units: pd.DataFrame
    assignment: pd.DataFrame
    zoned_city: pd.DataFrame
    zoned_catchments: pd.DataFrame
    zoned_schools: pd.DataFrame
    notes: tuple[Fault, ...] = ()
