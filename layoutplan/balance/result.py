"""Result type of the evaluation of a layout."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from layoutplan.cards import Outlined
from layoutplan.errors import Fault


@dataclass(frozen=True, repr=False)
class Balance(Outlined):
    """Evaluation of one layout. Each frame is a result table of the data dictionary, columns in order.

    ``schools``, ``catchments``, ``districts`` and ``units`` end with a column ``geometry`` in the city's CRS,
    so that a part of them can be mapped at once::

        balance.catchments.query("stage == 'junior' and year == 2030").explore("shortfall")

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

    schools: gpd.GeoDataFrame
    catchments: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame
    city: pd.DataFrame
    units: gpd.GeoDataFrame
    assignment: pd.DataFrame
    zoned_city: pd.DataFrame
    zoned_catchments: pd.DataFrame
    zoned_schools: pd.DataFrame
    notes: tuple[Fault, ...] = ()
