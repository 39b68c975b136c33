"""Tables of the city that no field of it holds: births, projects, housing and the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import pandas as pd
import pyproj

from layoutplan.city.given import GivenTable
from layoutplan.dictionary import empty_frame, input_tables
from layoutplan.standards import Schooling

_OWN_FIELDS: Final = ("schools", "units", "catchments", "districts", "dwellings")
_TOLD_BY_ROW: Final = ("births", "enrolment_history")  # later stages report their rows: labels are kept


def other_tables(
    spatial: Mapping[str, gpd.GeoDataFrame],
    given: Mapping[str, GivenTable],
    crs: pyproj.CRS,
    schooling: Schooling,
) -> dict[str, pd.DataFrame]:
    """Return the tables of the dictionary that are no fields of the city, empty if not given.

    Parameters
    ----------
    spatial
        Clean tables with shapes, in the working CRS.
    given
        Tables of the plan that could be read.
    crs
        Working CRS.
    schooling
        Stages of the columns.

    Returns
    -------
    dict of str to pandas.DataFrame
        By name, in the order of the dictionary.
    """
    made: dict[str, pd.DataFrame] = {}
    for name, table in input_tables(schooling).items():
        if name in _OWN_FIELDS:
            continue
        if name in spatial:
            frame: pd.DataFrame = spatial[name].reset_index(drop=True)
        elif name in given:
            own = given[name].frame
            frame = own if name in _TOLD_BY_ROW else own.reset_index(drop=True)
        else:
            frame = empty_frame(table)
        if table.geometry != "none" and name not in spatial:
            plain = frame.drop(columns="geometry", errors="ignore")
            frame = gpd.GeoDataFrame(plain, geometry=[None] * len(plain), crs=crs)
        made[name] = _with_area(frame) if name == "sites" else frame
    return made


def _with_area(sites: pd.DataFrame) -> pd.DataFrame:
    """Fill the area of sites that do not state it from their polygons."""
    measured = gpd.GeoSeries(sites["geometry"]).area
    known = sites["area_m2"].fillna(measured.where(measured > 0))
    return sites.assign(area_m2=known)
