"""Result type of the hotspot analysis."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from layoutplan.cards import Outlined


@dataclass(frozen=True, repr=False)
class Hotspots(Outlined):
    """Clusters of pupils without a seat within reach, for one year.

    Attributes
    ----------
    hotspots
        Result table ``hotspots`` with polygons in the city's CRS, ranked; empty where no pupil is unserved.
    areas
        Result table ``area_hotspots``: Gi* and local Moran's I of every area (or cell) and stage.
    cells
        Polygons (or points) of ``areas``, index ``area_id``, in the city's CRS.
    members
        Columns ``unit_id``, ``stage``, ``hotspot_id``, ``pupils`` (short): the units of each hotspot, in the
        order of the hotspots and, within a hotspot, of ``City.units``. A unit is in at most one hotspot per
        stage.
    """

    hotspots: gpd.GeoDataFrame
    areas: pd.DataFrame
    cells: gpd.GeoSeries
    members: pd.DataFrame
