"""Hotspots: the value this stage hands on."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd


@dataclass(frozen=True)
class Hotspots:
    """Clusters of pupils without a seat in reach, of one year.

    Attributes
    ----------
    hotspots
        Result table ``hotspots`` with polygons in the city's CRS, ranked; empty where nobody is unserved.
    areas
        Result table ``area_hotspots``: Gi* and local Moran of every area (or cell) and stage.
    cells
        The polygons (or points) of ``areas``, index ``area_id``, in the city's CRS.
    members
        Columns ``unit_id``, ``stage``, ``hotspot_id``: the units of each hotspot, in the order of the
        hotspots and, inside one, of ``City.units``. A unit is in at most one hotspot of a stage.
    """

    hotspots: gpd.GeoDataFrame
    areas: pd.DataFrame
    cells: gpd.GeoSeries
    members: pd.DataFrame
