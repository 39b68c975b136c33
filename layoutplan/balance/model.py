"""Seats and Balance: the values every plan is judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from layoutplan.errors import Fault


@dataclass(frozen=True)
class Seats:
    """Seats by school × stage × year, with the schools that offer them.

    Attributes
    ----------
    schools
        Schools of the city, those its committed projects open, and (in a proposed plan) those proposed:
        index ``school_id``, point geometry, columns ``name``, ``school_type``, ``ownership``,
        ``district_id``, ``status`` (``open``, ``committed``, ``proposed``), ``counts`` (seats serve demand).
    seats
        For each stage a frame, index ``school_id`` (the order of ``schools``), one integer column a year.
    catchment_schools
        Columns ``catchment_id``, ``stage``, ``school_id``: those of the city, and each new school added to
        the catchment of its stage that holds it.
    """

    years: tuple[int, ...]
    schools: gpd.GeoDataFrame
    seats: Mapping[str, pd.DataFrame]
    catchment_schools: pd.DataFrame
    notes: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Balance:
    """One plan judged. Each frame is a result table of the data dictionary (without its ``variant``).

    ``schools``, ``catchments``, ``districts``, ``city``: tables ``school_balance`` and so on, one row a
    thing, stage and year. ``units``: table ``unit_demand``. ``assignment``: table ``assignment``, the best
    possible placement of all pupils within reach.
    """

    schools: pd.DataFrame
    catchments: pd.DataFrame
    districts: pd.DataFrame
    city: pd.DataFrame
    units: pd.DataFrame
    assignment: pd.DataFrame
    notes: tuple[Fault, ...] = ()
