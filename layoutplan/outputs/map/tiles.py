"""Basemap tiles: from one host, in their own datum. Without them the page makes no request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layoutplan.city.datum import from_wgs84
from layoutplan.plan.settings import Datum

_DEGREES = "EPSG:4326"


@dataclass(frozen=True, slots=True)
class Tiles:
    """Source of a basemap.

    Attributes
    ----------
    address
        URL with ``{z}``, ``{x}`` and ``{y}`` (or ``{-y}``, rows counted from the south) of Web Mercator
        tiles.
    attribution
        Owner of the tiles, as shown on the map.
    datum
        Datum the tiles are drawn in.
    """

    address: str
    attribution: str
    datum: Datum = "wgs84"


def drawn_in(tables: Mapping[str, pd.DataFrame], datum: Datum) -> dict[str, pd.DataFrame]:
    """Return the tables with every geometry shifted to where a map in ``datum`` shows it.

    GCJ-02 tiles show a place some hundred metres from its WGS 84 longitude and latitude; what is drawn over
    them must be shifted alike. Nothing changes for WGS 84 and CGCS2000.

    Parameters
    ----------
    tables
        Result tables and layers by name.
    datum
        Datum of the basemap.

    Returns
    -------
    dict[str, DataFrame]
        The tables, with their CRS and all else unchanged.
    """
    return {
        name: _moved(table, datum)
        if datum == "gcj02" and isinstance(table, gpd.GeoDataFrame) and table.crs and len(table)
        else table
        for name, table in tables.items()
    }


def _moved(table: gpd.GeoDataFrame, datum: Datum) -> gpd.GeoDataFrame:
    def shift(points: np.ndarray) -> np.ndarray:
        return np.column_stack(from_wgs84(points[:, 0], points[:, 1], datum=datum))

    degrees = table.geometry.to_crs(_DEGREES)
    moved = gpd.GeoSeries(shapely.transform(degrees.to_numpy(), shift), index=table.index, crs=_DEGREES)
    return table.set_geometry(moved.to_crs(table.crs))
